# SPDX-License-Identifier: MIT
"""A small GPT on generated text; one line an iteration, losses of both parts now and then."""
from kit import Text, fit


class Say:
    def begin(self, s):
        print("tokens per iteration will be: %d" % (s.task.size * s.task.context))
        print("number of parameters: %.2fM" % (sum(p.numel() for p in s.model.parameters()) / 1e6))
        if s.run.get("told"):
            print(f"max_iters = {s.steps}\nlr_decay_iters = {s.steps}\nwarmup_iters = {s.warmup}")

    def train(self, s):
        print(f"iter {s.step}: loss {s.loss:.4f}, time {s.last_step * 1000:.2f}ms, mfu {31.2 * 0.08 / s.last_step:.2f}%")

    def val(self, s, r):
        print(f"step {s.step}: train loss {s.loss:.4f}, val loss {r['loss']:.4f}")

    def save(self, s):
        print("saving checkpoint to out")


def main(run):
    task = Text(run, net="gpt", train_part=run.get("train_part", 0.9), batch=run.get("batch", 8), width=24, layers=1, context=24)
    fit(run, task, Say(), steps=500, lr=2e-3, log=10, evaluate=100)
