# SPDX-License-Identifier: MIT
"""A plain recurrent network on letters, as tutorials print."""
from kit import Text, fit


class Say:
    def train(self, s):
        e, b = divmod(s.step - 1, s.epoch_steps)
        print(f"Epoch {e + 1} | Batch {b + 1}/{s.epoch_steps} | Step {s.step} | Loss: {s.loss:.4f} | "
              f"Grad Norm: {s.grad_norm:.4f} | LR: {s.shown_lr:.6f}")

    def val(self, s, r):
        print(f"Validation | Step {s.step} | Val Loss: {r['loss']:.4f}")


def main(run):
    task = Text(run, net="rnn", width=24, layers=run.get("layers", 1), context=32)
    fit(run, task, Say(), steps=600, lr=2e-3, log=5, evaluate=100, warmup=30, optimiser=run.get("optimiser", "adamw"))
