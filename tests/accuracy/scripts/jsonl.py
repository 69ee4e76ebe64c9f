# SPDX-License-Identifier: MIT
"""Regression by a small network; one JSON object a line."""
import json

from kit import Regression, fit


class Say:
    def begin(self, s):
        print(json.dumps({"config": {"lr": s.lr, "max_steps": s.steps, "lr_scheduler_type": s.run.get("told", s.family),
                                     "warmup_steps": s.warmup, "batch_size": s.task.size}}))

    def train(self, s):
        print(json.dumps({"step": s.step, "epoch": round(s.epoch, 3), "loss": round(s.loss, 6), "lr": s.shown_lr,
                          "grad_norm": round(s.grad_norm, 5), "step_time": round(s.last_step, 4),
                          "time": round(s.run.clock.now, 2)}))

    def val(self, s, r):
        print(json.dumps({"step": s.step, "val_loss": round(r["loss"], 6)}))


def main(run):
    task = Regression(run, batch=run.get("batch", 64), noise=run.get("noise_y", 0.1), n=run.get("n", 8000))
    fit(run, task, Say(), steps=2000, lr=4e-3, log=20, evaluate=200, family="cosine0", step_time=0.2)
