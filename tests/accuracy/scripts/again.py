# SPDX-License-Identifier: MIT
"""A run killed and started again with its whole banner, appended to one file, with its epochs; well, or badly."""
import copy

import torch

from kit import Digits, State


def line(run, text):
    print(f"{run.clock.stamp()} | INFO     | train:main:{57 + len(text) % 40} - {text}")


def banner(run, s):
    line(run, f"config: {{'lr': {s.lr}, 'epochs': {s.steps // s.epoch_steps}, 'batch_size': {s.task.size}, "
              f"'scheduler': '{s.family}', 'seed': {run.seed}}}")
    line(run, f"model has {sum(p.numel() for p in s.model.parameters())} parameters")


def main(run):
    task = Digits(run, net="cnn", batch=16, dropout=0.1)
    s = State(run, task, steps=16 * task.epoch_steps, lr=2e-3, warmup=0, log=10)
    banner(run, s)
    saved, broken = None, False
    while s.step < s.steps:
        s.train_step()
        s.tick()
        if s.step % s.log == 0:
            line(run, f"epoch {s.step // s.epoch_steps} step {s.step} train_loss {s.loss:.4f} lr {s.shown_lr:.3e} "
                      f"grad_norm {s.grad_norm:.3f}")
        if s.step % s.epoch_steps == 0:
            r = s.val()
            line(run, f"epoch {s.step // s.epoch_steps} val_loss {r['loss']:.4f} val_acc {r['accuracy']:.4f}")
            line(run, f"checkpoint written to runs/exp/ckpt_{s.step}.pt")
            saved = copy.deepcopy((s.model.state_dict(), s.opt.state_dict())), s.step, s.sched_steps
        if not broken and s.step == 6 * s.epoch_steps + 40:
            broken = True
            run.clock.run(900)
            begin_again(run, s, saved)


def begin_again(run, s, saved):
    banner(run, s)
    kind = run.get("resume")
    if kind != "well":
        run.fault()
    (weights, opt), step, sched = saved
    line(run, f"resumed from runs/exp/ckpt_{step}.pt")
    s.model.load_state_dict(weights)
    s.opt.load_state_dict(opt)
    s.step, s.sched_steps = step, sched
    if kind == "lr-restart":
        s.sched_steps, s.lr = 0, s.lr * 3
    if kind == "weights-lost":
        s.model.load_state_dict(s.task.model().state_dict())
    if kind == "not-strict":  # half of the layers were not in the checkpoint
        fresh = s.task.model().state_dict()
        with torch.no_grad():
            for name, p in s.model.named_parameters():
                if name.startswith("3") or name.startswith("7"):
                    p.copy_(fresh[name])
