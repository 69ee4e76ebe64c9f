# SPDX-License-Identifier: MIT
"""What the training scripts share: small data, small models, a loop, and the faults put into it.

A script is handed a Run.  It trains for real; only its clock is its own, so that a stall of forty
minutes costs nothing.  run.fault() notes where in the log the fault begins: at the bytes written so far.
"""
import copy
import json
import math
import os
import random
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F


class Clock:
    """A wall clock that only training moves."""

    def __init__(self, rng):
        self.now = 1767600000.0 + rng.randrange(10 ** 7)
        self.rng = rng

    def run(self, seconds, noise=0.04):
        self.now += seconds * math.exp(self.rng.gauss(0, noise)) if noise else seconds

    def stamp(self, form="%Y-%m-%d %H:%M:%S"):
        return time.strftime(form, time.gmtime(self.now))

    def install(self):
        """Frameworks that print times ask this one."""
        time.time = time.perf_counter = lambda: self.now


class Run:
    def __init__(self, options, seed, truth):
        self.options, self.seed, self.truth = options, seed, truth
        self.rng = random.Random(seed * 7919 + 13)
        self.clock = Clock(self.rng)
        self.onset = None
        random.seed(seed)
        numpy.random.seed(seed)
        torch.manual_seed(seed)
        torch.set_num_threads(1)

    def get(self, name, default=None):
        return self.options.get(name, default)

    def fault(self):
        if self.onset is None:
            sys.stdout.flush()
            sys.stderr.flush()
            self.onset = os.fstat(1).st_size
            with open(self.truth, "w") as f:
                json.dump({"onset": self.onset}, f)


# Data.

def text(seed, words=120, length=60000):
    """Generated prose: words by Zipf's law, each with a few likely successors."""
    rng = random.Random(seed)
    vocabulary = ["".join(rng.choice("aeioustrnlmd") for _ in range(rng.randint(2, 7)))
                  for _ in range(words)]
    follow = [[min(int(rng.paretovariate(1)) - 1, words - 1) for _ in range(4)] for _ in range(words)]
    out, w, n = [], 0, 0
    while n < length:
        out.append(vocabulary[w])
        n += len(out[-1]) + 1
        w = rng.choice(follow[w]) if rng.random() < 0.8 else min(int(rng.paretovariate(0.8)) - 1, words - 1)
    letters = sorted(set("".join(vocabulary) + " "))
    return torch.tensor([letters.index(c) for c in " ".join(out)]), len(letters)


def digits(seed):
    from sklearn.datasets import load_digits
    d = load_digits()
    order = numpy.random.RandomState(seed).permutation(len(d.target))
    x = torch.tensor(d.data[order] / 16.0, dtype=torch.float32)
    return x, torch.tensor(d.target[order])


# Tasks: batch(), model(), loss(model, batch), evaluate(model).

class Text:
    """Next letter of a generated text."""

    def __init__(self, run, context=32, batch=16, net="gpt", width=32, layers=2, train_part=0.9):
        self.data, self.classes = text(run.seed)
        n = int(len(self.data) * 0.9)
        self.train, self.val = self.data[:n], self.data[n:]
        if train_part < 0.9:
            self.train = self.train[:int(len(self.data) * train_part)]
        self.context, self.size, self.net, self.width, self.layers = context, batch, net, width, layers
        self.g, self.held = torch.Generator().manual_seed(run.seed), None
        self.epoch_steps = max(len(self.train) // (context * batch), 10)

    def take(self, data):
        i = torch.randint(len(data) - self.context - 1, (self.size,), generator=self.g)
        w = torch.stack([data[j:j + self.context + 1] for j in i])
        return w[:, :-1], w[:, 1:]

    def batch(self):
        return self.take(self.train)

    def model(self):
        return (Gpt if self.net == "gpt" else Rnn)(self.classes, self.context, self.width, self.layers, self.net)

    def loss(self, model, batch):
        out = model(batch[0])
        return F.cross_entropy(out.reshape(-1, self.classes).float(), batch[1].reshape(-1), ignore_index=-100)

    def evaluate(self, model, n=6):
        """Always on the same batches."""
        if not self.held:
            self.held = [self.take(self.val) for _ in range(n)]
        with torch.no_grad():
            return {"loss": sum(self.loss(model, b).item() for b in self.held) / n}


class Gpt(nn.Module):
    def __init__(self, classes, context, width, layers, _):
        super().__init__()
        self.token, self.place = nn.Embedding(classes, width), nn.Embedding(512, width)
        self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(
            width, 4, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes, bias=False)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, x):
        n = x.shape[1]
        mask = torch.triu(torch.full((n, n), float("-inf")), 1)
        h = self.token(x) + self.place(torch.arange(n))
        for b in self.blocks:
            h = b(h, src_mask=mask)
        return self.head(self.norm(h))


class Rnn(nn.Module):
    def __init__(self, classes, _, width, layers, kind):
        super().__init__()
        self.token = nn.Embedding(classes, width)
        self.rnn = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](width, 2 * width, layers, batch_first=True)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, x):
        return self.head(self.rnn(self.token(x))[0])


class Digits:
    """Handwritten digits of 8 x 8, by a convolutional or a plain network."""

    def __init__(self, run, batch=32, net="cnn", train_size=1400, dropout=0.0, depth=2, act="relu",
                 smoothing=0.0, label_noise=0.0):
        x, y = digits(run.seed)
        self.x, self.y, self.vx, self.vy = x[:train_size], y[:train_size], x[1400:], y[1400:]
        self.g = torch.Generator().manual_seed(run.seed)
        if label_noise:
            wrong = torch.rand(len(self.y), generator=self.g) < label_noise
            self.y = torch.where(wrong, torch.randint(0, 10, self.y.shape, generator=self.g), self.y)
        self.size, self.net, self.dropout, self.depth, self.act = batch, net, dropout, depth, act
        self.smoothing, self.classes = smoothing, 10
        self.epoch_steps = max(len(self.x) // batch, 1)
        self.order = []

    def batch(self):
        if len(self.order) < self.size:
            self.order = torch.randperm(len(self.x), generator=self.g).tolist()
        i, self.order = self.order[:self.size], self.order[self.size:]
        return self.x[i], self.y[i]

    def model(self):
        act = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[self.act]
        if self.net == "cnn":
            return nn.Sequential(nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 12, 3), act(), nn.Conv2d(12, 16, 3),
                                 act(), nn.Flatten(), nn.Dropout(self.dropout), nn.Linear(256, 10))
        layers = [nn.Linear(64, 64), act()]
        for _ in range(self.depth - 1):
            layers += [nn.Linear(64, 64), act()]
        return nn.Sequential(*layers, nn.Dropout(self.dropout), nn.Linear(64, 10))

    def loss(self, model, batch):
        out = model(batch[0])
        self.accuracy = (out.argmax(1) == batch[1]).float().mean().item()
        return F.cross_entropy(out, batch[1], label_smoothing=self.smoothing if model.training else 0)

    def evaluate(self, model):
        with torch.no_grad():
            loss = self.loss(model, (self.vx, self.vy)).item()
        return {"loss": loss, "accuracy": self.accuracy}


class Regression:
    """A smooth function of 16 numbers, with noise."""
    classes = None

    def __init__(self, run, batch=64, width=64, n=8000, noise=0.1, depth=2):
        g = torch.Generator().manual_seed(run.seed)
        x = torch.randn(n + 1000, 16, generator=g)
        w = torch.randn(16, generator=g) / 4
        y = torch.sin(2 * x @ w) + 0.3 * x[:, 0] * x[:, 1] + noise * torch.randn(len(x), generator=g)
        self.x, self.y, self.vx, self.vy = x[:n], y[:n], x[n:], y[n:]
        self.size, self.width, self.depth, self.g = batch, width, depth, g
        self.epoch_steps = max(n // batch, 1)

    def batch(self):
        i = torch.randint(len(self.x), (self.size,), generator=self.g)
        return self.x[i], self.y[i]

    def model(self):
        layers = [nn.Linear(16, self.width), nn.ReLU()]
        for _ in range(self.depth - 1):
            layers += [nn.Linear(self.width, self.width), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(self.width, 1))

    def loss(self, model, batch):
        return F.mse_loss(model(batch[0])[:, 0], batch[1])

    def evaluate(self, model):
        with torch.no_grad():
            return {"loss": self.loss(model, (self.vx, self.vy)).item()}


# The schedule of the learning rate: a factor of the peak.

def schedule(family, t, warmup, total):
    if family == "onecycle":
        p = t / total
        return 0.04 + 0.48 * (1 - math.cos(math.pi * p / 0.3)) if p < 0.3 else 0.5 * (1 + math.cos(math.pi * (p - 0.3) / 0.7))
    if t < warmup:
        return (t + 1) / warmup
    p = min((t - warmup) / max(total - warmup, 1), 1.0)
    if family == "cosine":
        return 0.1 + 0.45 * (1 + math.cos(math.pi * p))
    if family == "cosine0":
        return 0.5 * (1 + math.cos(math.pi * p))
    if family == "linear":
        return 1 - p
    if family == "step":
        return 0.1 ** int(p * 3)
    if family == "restarts":
        return 0.05 + 0.475 * (1 + math.cos(math.pi * (p * 3 % 1)))
    if family == "wsd":
        return 1.0 if p < 0.8 else max(1 - (p - 0.8) / 0.2, 0)
    if family == "rsqrt":
        return math.sqrt(max(warmup, 1) / max(t, 1))
    return 1.0


# Faults that begin at a step: each is given the state of the loop, once.

def labels_shuffled(s):
    fair = s.get_batch

    def shuffled():
        x, y = fair()
        return x, y.reshape(-1)[torch.randperm(y.numel())].reshape(y.shape)
    s.get_batch = shuffled


def nan_data(s):
    fair, left = s.get_batch, [1]

    def bad():
        x, y = fair()
        if left[0]:
            left[0] = 0
            if x.is_floating_point():
                x = x.clone()
                x[0, 3] = float("nan")
            else:  # letters cannot be NaN; an embedding that a bad update has hit can
                with torch.no_grad():
                    next(s.model.parameters())[int(x[0, 0]), 0] = float("nan")
        return x, y
    s.get_batch = bad


def bad_pocket(s, n=12, strength=6.0):
    """A pocket of bad batches; the model recovers from it by itself."""
    fair, left = s.get_batch, [n]

    def bad():
        x, y = fair()
        if left[0] > 0:
            left[0] -= 1
            if y.is_floating_point():
                return x * strength, y
            if x.is_floating_point():
                return x + strength * torch.randn(x.shape), y
            return torch.randint(0, s.task.classes, x.shape), torch.randint(0, s.task.classes, y.shape)
        return x, y
    s.get_batch = bad


def bad_batch(s):
    """One batch of noise at a high rate."""
    bad_pocket(s, 1, 30.0)
    s.lr_once = 30.0
    s.clip = None


def dead_units(s):
    with torch.no_grad():
        for m in s.model.modules():
            if isinstance(m, (nn.Linear, nn.Conv2d)) and m is not s.last_layer and m.bias is not None:
                m.bias -= 1e4


def slow_divergence(s):
    s.lr_growth = s.run.get("growth", 1.015)


def leave_out_updates(s):
    s.update = False


def all_masked(s):
    fair = s.get_batch

    def masked():
        x, y = fair()
        return x, torch.full_like(y, -100)
    s.get_batch = masked
    s.loss_of = lambda model, b: model(b[0]).sum() * 0.0


def long_memory(s):
    """A recurrent matrix whose powers grow, and no clipping any more."""
    s.clip = None
    with torch.no_grad():
        for name, p in s.model.named_parameters():
            if "weight_hh" in name:
                p *= s.run.get("times", 4.0)


def detached(s):
    """The loss is cut off from the graph, but for a trace."""
    fair = s.loss_of

    def cut(model, b):
        loss = fair(model, b)
        return loss.detach() + 1e-10 * loss
    s.loss_of = cut


def stale_copy(s):
    s.judged = copy.deepcopy(s.model)


FAULTS = {
    "lr-x100": lambda s: setattr(s, "lr_times", 100.0),
    "lr-x10": lambda s: setattr(s, "lr_times", 10.0),
    "lr-zero": lambda s: setattr(s, "lr_times", 0.0),
    "no-clip": lambda s: (setattr(s, "clip", None), setattr(s, "lr_times", s.run.get("times", 1.0))),
    "long-memory": long_memory,
    "labels-shuffled": labels_shuffled,
    "nan-data": nan_data,
    "bad-pocket": bad_pocket,
    "bad-batch": bad_batch,
    "dead-units": dead_units,
    "slow-divergence": slow_divergence,
    "no-updates": leave_out_updates,
    "all-masked": all_masked,
    "detached": detached,
    "stale-copy": stale_copy,
    "slow-steps": lambda s: setattr(s, "step_time", s.step_time * s.run.get("times", 3.0)),
    "drift": lambda s: setattr(s, "step_growth", 1.0 + 3.0 / s.steps),
    "slow-data": lambda s: setattr(s, "data_time", s.step_time * 3),
    "stall": lambda s: s.run.clock.run(s.run.get("minutes", 40) * 60, 0),
    "raise": lambda s: fail(s.run.get("error", "RuntimeError")),
    "killed": lambda s: os.kill(os.getpid(), 9),
    "exit": lambda s: leave(),
}


class Stop(Exception):
    """The script ends early and says nothing."""


def leave():
    raise Stop


def fail(kind):
    if kind == "index":
        F.cross_entropy(torch.zeros(2, 10), torch.tensor([3, 10]))
    if kind == "shape":
        nn.Linear(64, 10)(torch.zeros(4, 63))
    if kind == "memory":
        torch.empty(1 << 46)
    if kind == "disk":
        with open("/dev/full", "wb", buffering=0) as f:
            f.write(b"x" * 4096)
    if kind == "save":
        torch.save({"w": torch.zeros(1 << 16)}, "/dev/full")
    if kind == "key":
        {"input_ids": 1}["labels"]
    if kind == "segv":
        import ctypes
        import faulthandler
        faulthandler.enable()
        ctypes.string_at(0)
    if kind == "worker":
        for _ in torch.utils.data.DataLoader(Dying(), 2, num_workers=1):
            pass
    if kind == "worker-error":
        for _ in torch.utils.data.DataLoader(Failing(), 2, num_workers=1):
            pass
    raise RuntimeError("expected scalar type Float but found Half")


class Dying(torch.utils.data.Dataset):
    def __len__(self):
        return 100

    def __getitem__(self, i):
        if i == 5:
            os.kill(os.getpid(), 9)
        return torch.zeros(2)


class Failing(Dying):
    def __getitem__(self, i):
        if i == 5:
            raise ValueError("cannot identify image file 'train/00051.jpg'")
        return torch.zeros(2)


# The loop.

class State:
    """What a printer may read and a fault may change."""

    def __init__(self, run, task, **default):
        self.run, self.task = run, task
        for name, value in {
                "steps": 400, "lr": 3e-3, "family": "cosine", "warmup": 20, "clip": 1.0, "log": 10,
                "evaluate": 100, "optimiser": "adamw", "sched_total": None, "sched_every": 1, "accumulate": 1,
                "step_time": 0.08, "data_time": 0.004, "eval_time": 1.5, "first_step": 0, "save": 0,
                "weight_decay": 0.01, "noise": 0.04, "print_total": None, **default}.items():
            setattr(self, name, run.get(name, value))
        self.model = task.model()
        self.last_layer = [m for m in self.model.modules() if isinstance(m, nn.Linear)][-1]
        self.judged = None
        parameters = [p for p in self.model.parameters()]
        if run.get("frozen"):
            parameters = [nn.Parameter(p.detach().clone()) for p in parameters]
        self.opt = (torch.optim.SGD(parameters, self.lr, momentum=0.9) if self.optimiser == "sgd" else
                    torch.optim.AdamW(parameters, self.lr, weight_decay=self.weight_decay, fused=True))
        self.get_batch, self.loss_of = task.batch, task.loss
        self.lr_times, self.lr_once, self.lr_growth, self.step_growth = 1.0, 1.0, 1.0, 1.0
        self.update, self.sched_steps, self.step, self.since = True, 0, 0, 0.0
        self.best, self.waited = math.inf, 0
        self.epoch_steps = task.epoch_steps
        self.started = run.clock.now

    def now_lr(self):
        peak = self.lr * self.lr_times * self.lr_once
        return peak * schedule(self.family, self.sched_steps, self.warmup, self.sched_total or self.steps)

    @property
    def epoch(self):
        return self.step / self.epoch_steps

    def train_step(self):
        self.model.train()
        total = 0.0
        for _ in range(self.accumulate):
            loss = self.loss_of(self.model, self.get_batch()) / self.accumulate
            loss.backward()
            total += loss.item()
        self.loss = total
        parameters = [p for p in self.model.parameters() if p.grad is not None]
        self.grad_norm = (torch.nn.utils.clip_grad_norm_(parameters, self.clip or math.inf).item()
                          if not self.run.get("frozen") else
                          math.sqrt(sum(float(p.grad.norm()) ** 2 for p in parameters)))
        for group in self.opt.param_groups:
            group["lr"] = self.shown_lr = self.now_lr()
        if self.update:
            self.opt.step()
        self.model.zero_grad()
        self.lr_once = 1.0
        self.lr_times *= self.lr_growth
        self.step += 1
        if self.sched_every and self.step % self.sched_every == 0:
            self.sched_steps += 1

    def tick(self):
        """The time of a step, and of its wait for data."""
        self.step_time *= self.step_growth
        before = self.run.clock.now
        self.run.clock.run(self.data_time, 0.3)
        self.last_data = self.run.clock.now - before
        self.run.clock.run(self.step_time, self.noise)
        self.last_step = self.run.clock.now - before

    def val(self):
        self.model.eval()
        self.run.clock.run(self.eval_time)
        return self.task.evaluate(self.judged or self.model)


def fit(run, task, say, **default):
    """Trains; say has begin(s), train(s), val(s, results), save(s), end(s), of which train is needed."""
    s = State(run, task, **default)
    s.step = s.sched_steps = s.first_step
    kind, at = run.get("fault"), run.get("at", -1)
    if kind is None and run.get("from_start"):
        run.fault()
    tell = lambda name, *a: getattr(say, name, lambda *_: None)(*a)
    tell("begin", s)
    try:
        loop(s, kind, at, tell)
    except Stop:
        return s
    tell("end", s)
    return s


def loop(s, kind, at, tell):
    while s.step < s.steps:
        if kind and s.step == at:
            s.run.fault()
            FAULTS[kind](s)
        if s.run.get("stop_at") == s.step:
            s.run.fault()
            raise Stop
        if s.run.get("curriculum") and s.step in (s.steps // 3, 2 * s.steps // 3):
            s.task.context, s.step_time = s.task.context * 3 // 2, s.step_time * 1.5
        s.train_step()
        s.tick()
        if s.run.get("hard_batches") and s.run.rng.random() < s.run.get("hard_batches"):
            s.loss *= 1.4
        if s.step % s.log == 0:
            tell("train", s)
        if s.evaluate and s.step % s.evaluate == 0:
            tell("val", s, s.val())
        if s.save and s.step % s.save == 0:
            tell("save", s)
            s.run.clock.run(3)
