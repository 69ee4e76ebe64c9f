# SPDX-License-Identifier: MIT
"""Digits by a convolutional network; medians and means over a window, as torchvision's references print."""
import statistics

from kit import Digits, fit


class Say:
    def __init__(self):
        self.window = {}

    def put(self, name, value):
        w = self.window.setdefault(name, [])
        w.append(value)
        return f"{statistics.median(w[-20:]):.4f} ({sum(w) / len(w):.4f})"

    def train(self, s):
        e, b = divmod(s.step - 1, s.epoch_steps)
        if b < s.log:
            self.window = {}
        left = int((s.epoch_steps - b) * s.last_step)
        print(f"Epoch: [{e}]  [{b:3d}/{s.epoch_steps}]  eta: 0:{left // 60:02d}:{left % 60:02d}  lr: {s.shown_lr:.6f}  "
              f"loss: {self.put('loss', s.loss)}  acc1: {self.put('acc', 100 * s.task.accuracy)}  "
              f"time: {s.last_step:.4f}  data: {s.last_data:.4f}")

    def val(self, s, r):
        print(f"Test:  Acc@1 {100 * r['accuracy']:.3f} loss {r['loss']:.4f}")


def main(run):
    task = Digits(run, net="cnn", train_size=run.get("train_size", 1400), dropout=run.get("dropout", 0.2), batch=16)
    fit(run, task, Say(), steps=run.get("epochs", 14) * task.epoch_steps, log=10, evaluate=task.epoch_steps, lr=0.02,
        optimiser="sgd", family="step", warmup=0, step_time=0.21, data_time=0.012)
