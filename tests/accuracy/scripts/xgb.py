# SPDX-License-Identifier: MIT
"""xgboost.train with both sets evaluated each round."""
import numpy as np


def data(run, n, noise, columns=12):
    r = np.random.RandomState(run.seed)
    x = r.normal(size=(n + 1000, columns))
    y = x[:, 0] + x[:, 1] * x[:, 2] + np.sin(2 * x[:, 3]) + noise * r.normal(size=n + 1000)
    return x, y


def main(run):
    import xgboost as xgb
    n = run.get("n", 2000)
    x, y = data(run, n, run.get("noise", 0.3))
    if run.get("classes"):
        y = (y > 0).astype(float)
    if run.get("labels") == "shuffled":
        y = np.random.RandomState(run.seed).permutation(y)
    if run.get("from_start"):
        run.fault()
    train, val = xgb.DMatrix(x[:n], y[:n]), xgb.DMatrix(x[n:], y[n:])
    p = {"max_depth": run.get("depth", 4), "eta": run.get("eta", 0.1), "nthread": 1, "seed": run.seed}
    if run.get("classes"):
        p.update(objective="binary:logistic", eval_metric=["logloss", "auc"])

    class Rate(xgb.callback.TrainingCallback):
        def before_iteration(self, model, epoch, log):
            if epoch == run.get("at", -1):
                run.fault()
                if run.get("fault") == "raise":
                    raise ValueError("feature_names mismatch: ['f0', 'f1'] ['f0']")
                model.set_param({"eta": run.get("new_eta", 2.5)})
            return False
    xgb.train(p, train, run.get("rounds", 150), [(train, "train"), (val, "eval")],
              early_stopping_rounds=run.get("early"), callbacks=[Rate()], verbose_eval=run.get("every", 1))
