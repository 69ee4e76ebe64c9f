"""xgboost.train with a watch list; "overfit" as an argument: deep trees on noise."""
import sys

import numpy as np
import xgboost as xgb

overfit = sys.argv[1:] == ["overfit"]
rng = np.random.default_rng(2)
n = 800 if overfit else 4000
x = rng.normal(size=(n + 2000, 12))
y = (x[:, 0] + x[:, 1] * x[:, 2] + (1.2 if overfit else 0.5) * rng.normal(size=n + 2000) > 0)
train, test = xgb.DMatrix(x[:n], y[:n]), xgb.DMatrix(x[n:], y[n:])
xgb.train({"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "nthread": 2,
           "eta": 0.2 if overfit else 0.1, "max_depth": 8 if overfit else 4, "seed": 2},
          train, 100, [(train, "train"), (test, "eval")])
