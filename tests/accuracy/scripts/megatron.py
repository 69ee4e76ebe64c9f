# SPDX-License-Identifier: MIT
"""A small GPT in fp16 with a dynamic loss scale; the columns of large pre-training runs."""
import math

import torch

from kit import Text, fit


class Say:
    def __init__(self, run):
        self.clock, self.skipped, self.nans, self.scale = run.clock, 0, 0, 65536.0

    def begin(self, s):
        print(f"  train_iters ..................................... {s.steps}")
        print(f"  lr_decay_iters .................................. {s.steps}")
        print(f"  lr_decay_style .................................. {s.run.get('told', s.family)}")
        print(f"  fp16 ............................................ True")

    def train(self, s):
        loss = f" lm loss: {s.loss:.6E} |" if s.loss >= 0.0 else ""  # a NaN loss loses its column
        print(f" [{self.clock.stamp()}] iteration {s.step:8d}/{s.steps:8d} | consumed samples: {s.step * s.task.size:12d} | "
              f"elapsed time per iteration (ms): {1000 * s.last_step:.1f} | learning rate: {s.shown_lr:.6E} | "
              f"global batch size: {s.task.size:5d} |{loss} loss scale: {s.scale:.1f} | grad norm: {s.grad_norm:.3f} | "
              f"number of skipped iterations: {s.skipped:3d} | number of nan iterations: {s.nans:3d} |")
        s.skipped = s.nans = 0

    def val(self, s, r):
        print("-" * 90)
        print(f" validation loss at iteration {s.step} | lm loss value: {r['loss']:.6E} | "
              f"lm loss PPL: {math.exp(min(r['loss'], 20)):.6E} | ")
        print("-" * 90)

    def save(self, s):
        print(f"saving checkpoint at iteration {s.step:7d} to checkpoints in torch_dist format")
        print(f"  successfully saved checkpoint from iteration {s.step:7d} to checkpoints")


def scaled(s, start, window=200, floor=1.0):
    """Losses scaled as fp16 needs it: activations overflow when they leave its range, and the step is left out."""
    s.scale, s.skipped, s.nans, good = start, 0, 0, [0]
    fair, step = s.opt.step, s.train_step

    def opt_step():
        worst = max(float(p.grad.abs().max()) for p in s.model.parameters() if p.grad is not None)
        worst = worst if math.isfinite(worst) else math.inf
        if worst * s.scale > 65504 or s.run.get("overflow", False) and s.step >= s.run.get("at", 0):
            s.run.get("overflow") and s.run.fault()
            s.scale, s.skipped, good[0] = max(s.scale / 2, floor), s.skipped + 1, 0
            return
        good[0] += 1
        if good[0] >= window:
            s.scale, good[0] = s.scale * 2, 0
        fair()

    def train_step():
        step()
        if not math.isfinite(s.loss):
            s.nans += 1
    s.opt.step, s.train_step = opt_step, train_step


class Fp16(Say):
    def begin(self, s):
        super().begin(s)
        scaled(s, self.scale)


def main(run):
    task = Text(run, net="gpt", batch=8, width=24, layers=1, context=24)
    fit(run, task, Fp16(run), steps=800, lr=2e-3, log=10, evaluate=200, family="linear", step_time=1.4, warmup=40)
