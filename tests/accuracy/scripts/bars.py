# SPDX-License-Identifier: MIT
"""Digits with tqdm bars, as notebooks and small projects have them."""
import sys

from tqdm import tqdm

from kit import Digits, fit


class Say:
    def __init__(self):
        self.bar = None

    def train(self, s):
        e = (s.step - 1) // s.epoch_steps
        if (s.step - 1) % s.epoch_steps == 0:
            self.bar = tqdm(total=s.epoch_steps, desc=f"Epoch {e + 1}/{s.steps // s.epoch_steps}", ncols=110,
                            file=sys.stderr, mininterval=0)
        self.bar.set_postfix(loss=f"{s.loss:.4f}", lr=f"{s.shown_lr:.2e}", refresh=False)
        self.bar.update(1)

    def val(self, s, r):
        self.bar.close()
        print(f"Epoch {s.step // s.epoch_steps}: train loss {s.loss:.4f}, val loss {r['loss']:.4f}, "
              f"val acc {r['accuracy']:.4f}", flush=True)


def main(run):
    run.clock.install()
    task = Digits(run, net=run.get("net", "mlp"), train_size=run.get("train_size", 1400), dropout=run.get("dropout", 0.0),
                  act=run.get("act", "relu"), batch=32, depth=run.get("depth", 2))
    fit(run, task, Say(), steps=run.get("epochs", 14) * task.epoch_steps, log=1, evaluate=task.epoch_steps, lr=1e-3,
        warmup=0)
