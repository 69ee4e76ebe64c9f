# SPDX-License-Identifier: MIT
"""A run that stops and is resumed from its checkpoint, into the same log; well, or badly."""
import copy

from kit import State, Text
from scripts.window import quick


class Say:
    def train(self, s):
        speed = s.task.size * s.task.context / s.last_step
        print(f"step {s.step}/{s.steps} | loss {s.loss:.4f} | lr {s.shown_lr:.4e} | gnorm {s.grad_norm:.3f} | {speed:.0f} tok/s")

    def val(self, s, r):
        print(f"step {s.step}/{s.steps} | val_loss {r['loss']:.4f}")

    def save(self, s):
        print(f"saved checkpoint at step {s.step}")


def main(run):
    say = Say()
    tell = lambda name, *a: getattr(say, name, lambda *_: None)(*a)
    task = quick(Text(run, context=20))
    s = State(run, task, steps=900, lr=5e-3, log=10, evaluate=150, save=100, step_time=0.3)
    run.options = {**run.options, "fault": None}
    full, s.steps_now = s.steps, run.get("break_at", 430)
    saved = {}
    while s.step < full:
        kept = s.steps
        s.steps = min(s.step // 100 * 100 + 100, full)
        if s.step < s.steps_now <= s.steps:
            s.steps = s.steps_now
        bound, s.steps = s.steps, kept
        limit(s, bound, tell)
        if s.step % 100 == 0:
            saved = {"model": copy.deepcopy(s.model.state_dict()), "opt": copy.deepcopy(s.opt.state_dict()),
                     "step": s.step, "sched": s.sched_steps}
        if s.step == s.steps_now:
            s.steps_now = -1
            run.clock.run(300)
            print(f"Resuming from checkpoint at step {saved['step']}")
            begin_again(run, s, saved)


def limit(s, bound, tell):
    """Trains up to a step, while the printed plan stays."""
    while s.step < bound:
        s.train_step()
        s.tick()
        if s.step % s.log == 0:
            tell("train", s)
        if s.step % s.evaluate == 0:
            tell("val", s, s.val())
        if s.step % s.save == 0:
            tell("save", s)


def begin_again(run, s, saved):
    kind = run.get("resume")
    if kind != "well":
        run.fault()
    s.model.load_state_dict(saved["model"])
    s.opt.load_state_dict(saved["opt"])
    s.step, s.sched_steps = saved["step"], saved["sched"]
    if kind == "lr-jump":  # the schedule's state was not saved
        s.sched_steps = s.warmup
        s.lr_times = 8.0
    if kind == "lr-restart":
        s.sched_steps = 0
    if kind == "weights-lost":
        fresh = s.task.model()
        s.model.load_state_dict(fresh.state_dict())
    if kind == "half-lost":
        import torch
        with torch.no_grad():
            for p in s.model.parameters():
                p += 0.25 * p.std() * torch.randn(p.shape) if p.numel() > 1 else 0
    if kind == "repeated":  # the data begin anew: batches that the model has seen very often
        s.task.g.manual_seed(run.seed)
        fair, few = s.get_batch, []
        for _ in range(8):
            few.append(fair())
        s.get_batch = lambda: few[s.step % 8] if s.step < saved["step"] + 200 else fair()
