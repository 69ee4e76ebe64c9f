# SPDX-License-Identifier: MIT
"""lightgbm.train with its log of evaluations."""
import numpy as np

from scripts.xgb import data


def main(run):
    import lightgbm as lgb
    n = run.get("n", 2000)
    x, y = data(run, n, run.get("noise", 0.3))
    if run.get("classes"):
        y = (y > 0).astype(float)
    if run.get("labels") == "shuffled":
        y = np.random.RandomState(run.seed).permutation(y)
    if run.get("from_start"):
        run.fault()
    if run.get("constant"):
        x[:] = 1.0
    train = lgb.Dataset(x[:n], y[:n])
    val = train.create_valid(x[n:], y[n:])
    p = {"objective": "binary" if run.get("classes") else "regression", "learning_rate": run.get("eta", 0.06),
         "num_leaves": run.get("leaves", 15), "num_threads": 1, "seed": run.seed, "verbosity": run.get("verbosity", 1)}
    calls = [lgb.log_evaluation(run.get("every", 1))]
    if run.get("early"):
        calls.append(lgb.early_stopping(run.get("early")))

    def put(env):
        if env.iteration == run.get("at", -1):
            run.fault()
            raise RuntimeError("Check failed: (best_split_info.left_count) > (0)")
    lgb.train(p, train, run.get("rounds", 200), [train, val], ["training", "valid_1"], callbacks=calls + [put])
