# SPDX-License-Identifier: MIT
"""scikit-learn's MLPClassifier with verbose=True."""
import warnings

from kit import digits


def main(run):
    from sklearn.neural_network import MLPClassifier
    warnings.filterwarnings("ignore")
    x, y = (a.numpy() for a in digits(run.seed))
    if run.get("labels") == "shuffled":
        run.fault()
        y = run.rng.sample(list(y), len(y))
    if run.get("from_start"):
        run.fault()
    n = run.get("n", 1400)
    MLPClassifier((run.get("width", 32),), learning_rate_init=run.get("lr", 1e-3), max_iter=run.get("epochs", 60),
                  solver=run.get("solver", "adam"), verbose=True, random_state=run.seed, tol=run.get("tol", 1e-4),
                  early_stopping=run.get("early", False), n_iter_no_change=1000, batch_size=64).fit(x[:n], y[:n])
