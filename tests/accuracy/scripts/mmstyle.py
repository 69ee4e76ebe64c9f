# SPDX-License-Identifier: MIT
"""Regression in the columns of OpenMMLab's runner."""
from kit import Regression, fit


class Say:
    def __init__(self, run):
        self.clock = run.clock

    def train(self, s):
        e, b = divmod(s.step - 1, s.epoch_steps)
        day = self.clock.stamp("%m/%d %H:%M:%S")
        print(f"{day} - mmengine - INFO - Epoch(train)  [{e + 1}][{b + 1:3d}/{s.epoch_steps}]  lr: {s.shown_lr:.4e}  "
              f"eta: 0:10:00  time: {s.last_step:.4f}  data_time: {s.last_data:.4f}  memory: 1201  "
              f"grad_norm: {s.grad_norm:.4f}  loss: {s.loss:.4f}")

    def val(self, s, r):
        day = self.clock.stamp("%m/%d %H:%M:%S")
        print(f"{day} - mmengine - INFO - Epoch(val) [{s.step // s.epoch_steps}][20/20]    mse: {r['loss']:.4f}  "
              f"data_time: 0.0102  time: 0.0405")

    def save(self, s):
        day = self.clock.stamp("%m/%d %H:%M:%S")
        print(f"{day} - mmengine - INFO - Saving checkpoint at {s.step // s.epoch_steps} epochs")


def main(run):
    task = Regression(run, batch=32, n=3200)
    fit(run, task, Say(run), steps=run.get("epochs", 24) * 100, log=run.get("log", 10), evaluate=100, lr=3e-3,
        family="step", warmup=50, step_time=0.34, data_time=0.006, save=400)
