# SPDX-License-Identifier: MIT
"""A model of letters that speaks through Python's logging, with time stamps."""
from kit import Text, fit
from scripts.window import quick


class Say:
    def __init__(self, run):
        self.clock = run.clock

    def line(self, text, level="INFO"):
        ms = int(self.clock.now * 1000) % 1000
        print(f"{self.clock.stamp()},{ms:03d} - {level} - {text}")

    def begin(self, s):
        self.line(f"Training for {s.steps} steps with {s.optimiser}, lr={s.lr}, scheduler={s.run.get('told', s.family)}")
        self.line(f"max_steps={s.steps} warmup_steps={s.warmup}")

    def train(self, s):
        speed = s.task.size * s.task.context / s.last_step
        self.line(f"step={s.step} loss={s.loss:.4f} lr={s.shown_lr:.3e} grad_norm={s.grad_norm:.3f} tokens_per_sec={speed:.0f}")

    def val(self, s, r):
        self.line(f"validation step={s.step} val_loss={r['loss']:.4f}")

    def save(self, s):
        self.line(f"Saved checkpoint to checkpoints/step_{s.step}.pt")

    def end(self, s):
        self.line("Training finished.")


def main(run):
    task = quick(Text(run, context=20, train_part=run.get("train_part", 0.9)))
    fit(run, task, Say(run), steps=1000, lr=6e-3, log=10, evaluate=100, step_time=0.3)
