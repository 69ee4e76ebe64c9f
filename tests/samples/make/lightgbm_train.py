"""lightgbm.train with evaluation of both sets every 5 rounds and early stopping."""
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(4)
x = rng.normal(size=(5000, 12))
y = x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * rng.normal(size=5000)
train = lgb.Dataset(x[:4000], y[:4000])
valid = train.create_valid(x[4000:], y[4000:])
lgb.train({"objective": "regression", "metric": ["l2", "l1"], "learning_rate": 0.05,
           "num_leaves": 31, "num_threads": 2, "seed": 4},
          train, 400, [train, valid], ["training", "valid_1"],
          callbacks=[lgb.log_evaluation(5), lgb.early_stopping(20)])
