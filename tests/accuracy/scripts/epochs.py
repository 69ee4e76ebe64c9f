# SPDX-License-Identifier: MIT
"""Digits by a convolutional network; steps within epochs, and a line an epoch."""
from kit import Digits, fit


class Say:
    def __init__(self):
        self.sum, self.n = 0.0, 0

    def train(self, s):
        e, b = divmod(s.step - 1, s.epoch_steps)
        print(f"Epoch [{e + 1}/{s.steps // s.epoch_steps}], Step [{b + 1}/{s.epoch_steps}], Loss: {s.loss:.4f}, "
              f"Acc: {100 * s.task.accuracy:.2f}%")

    def val(self, s, r):
        print(f"Epoch {s.step // s.epoch_steps}: val_loss: {r['loss']:.4f}, val_acc: {100 * r['accuracy']:.2f}%, "
              f"lr: {s.shown_lr:.6f}")


def main(run):
    task = Digits(run, net=run.get("net", "cnn"), train_size=run.get("train_size", 1400), dropout=run.get("dropout", 0.0),
                  depth=run.get("depth", 2), act=run.get("act", "relu"), batch=run.get("batch", 32),
                  label_noise=run.get("label_noise", 0.0))
    epochs = run.get("epochs", 16)
    fit(run, task, Say(), steps=epochs * task.epoch_steps, log=run.get("log", 4), evaluate=task.epoch_steps,
        lr=2e-3, warmup=10)
