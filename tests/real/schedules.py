#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The learning-rate schedulers of PyTorch and Hugging Face, against what lossdog makes of their rates.

schedules.py LOSSDOG [--keep DIR] [NAME...]

Each scheduler runs for 2,000 and 10,000 steps; its rates are printed every step,
every 10 and every 50, in two formats.  The family must be told, and nothing said of
these rates that is worth a warning: they are what was meant.  Then some are used
wrongly, and that must be said.  TAP.
"""
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
    from torch.optim import lr_scheduler as S
except ImportError:
    print("ok 1 - schedulers of PyTorch # SKIP no torch\n1..1")
    sys.exit(0)
try:
    from transformers import optimization as T
except ImportError:
    T = None
warnings.filterwarnings("ignore")

PEAK = 3e-4
TURNS = (1, 10, 50)
FORMATS = ("%.3e", "%.8f")


def warm(o, n, make):
    """A linear warm-up of a twentieth of the steps in front of another scheduler."""
    w = n // 20
    return S.SequentialLR(o, [S.LinearLR(o, 1e-3, 1.0, w), make(o, n - w)], [w])


def by_hand(f):
    return lambda o, n: S.LambdaLR(o, lambda t: f(t, n))


def expo_warm_cosine(t, n):
    w = n // 10
    return 0.01 ** (1 - t / w) if t < w else (1 + math.cos(math.pi * (t - w) / (n - w))) / 2


# name, family, scheduler of n steps
FAMILIES = [
    ("constant", "constant", lambda o, n: S.ConstantLR(o, 1.0, 1)),
    ("linear", "linear", lambda o, n: S.LinearLR(o, 1.0, 0.0, n)),
    ("warm linear", "linear", lambda o, n: warm(o, n, lambda o, m: S.LinearLR(o, 1.0, 1e-9, m))),
    ("cosine", "cosine", lambda o, n: S.CosineAnnealingLR(o, n)),
    ("cosine to a tenth", "cosine", lambda o, n: S.CosineAnnealingLR(o, n, PEAK / 10)),
    ("cosine to a seventh", "cosine", lambda o, n: S.CosineAnnealingLR(o, n, PEAK / 7)),
    ("warm cosine", "cosine", lambda o, n: warm(o, n, S.CosineAnnealingLR)),
    ("exponentially warm cosine", "cosine", by_hand(expo_warm_cosine)),
    ("square", "polynomial", lambda o, n: S.PolynomialLR(o, n, 2.0)),
    ("power 0.9", "polynomial", lambda o, n: S.PolynomialLR(o, n, 0.9)),
    ("exponential", "exponential", lambda o, n: S.ExponentialLR(o, 0.01 ** (1 / n))),
    ("Noam", "inverse-sqrt", by_hand(lambda t, n: min((t + 1) / 500, (500 / (t + 1)) ** 0.5))),
    ("step", "step", lambda o, n: S.StepLR(o, n // 4, 0.1)),
    ("milestones", "step", lambda o, n: S.MultiStepLR(o, [n * 3 // 10, n * 6 // 10, n * 8 // 10], 0.1)),
    ("one-cycle", "one-cycle", lambda o, n: S.OneCycleLR(o, PEAK, n)),
    ("one-cycle in lines", "one-cycle", lambda o, n: S.OneCycleLR(o, PEAK, n, anneal_strategy="linear")),
    ("cyclic", "cyclic", lambda o, n: S.CyclicLR(o, PEAK / 10, PEAK, n // 10)),
    ("restarts", "cosine-restarts", lambda o, n: S.CosineAnnealingWarmRestarts(o, n // 5)),
    ("longer restarts", "cosine-restarts", lambda o, n: S.CosineAnnealingWarmRestarts(o, n // 15, 2)),
    # few drops, or drops at even distances, are what a step schedule makes as well
    ("plateau", "plateau|step", lambda o, n: S.ReduceLROnPlateau(o, patience=n // 20, factor=0.5)),
]
if T:
    for name, family in (("linear", "linear"), ("cosine", "cosine"), ("polynomial", "linear"),
                         ("constant_with_warmup", "constant"), ("inverse_sqrt", "inverse-sqrt")):
        FAMILIES.append(("HF " + name, family, lambda o, n, name=name: T.get_scheduler(name, o, n // 20, n)))
    FAMILIES += [
        ("HF cosine_with_restarts", "cosine-restarts",
         lambda o, n: T.get_cosine_with_hard_restarts_schedule_with_warmup(o, n // 20, n, 4)),
        ("HF cosine_with_min_lr", "cosine",
         lambda o, n: T.get_cosine_with_min_lr_schedule_with_warmup(o, n // 20, n, min_lr=PEAK / 10)),
    ] + [("HF wsd " + tail, "wsd",
          lambda o, n, tail=tail: T.get_wsd_schedule(o, n // 20, n // 10, num_stable_steps=n - n // 20 - n // 10,
                                                     decay_type=tail)) for tail in ("linear", "cosine", "1-sqrt")]

# name, rule, scheduler of n steps as it should not be used; calls of step() per step
WRONG = [
    ("stepped by each of four processes", "lr-ends-early", lambda o, n: S.LinearLR(o, 1.0, 0.0, n), 4),
    ("of one epoch of two", "lr-ends-early", lambda o, n: S.LinearLR(o, 1.0, 0.0, n // 2), 1),
    ("a cosine of a quarter", "lr-ends-early", lambda o, n: S.SequentialLR(o, [
        S.CosineAnnealingLR(o, n // 4), S.ConstantLR(o, 1e-6, 10 * n)], [n // 4]), 1),
    ("of twice the run", "lr-ends-late", lambda o, n: S.CosineAnnealingLR(o, 2 * n), 1),
]


def rates(make, n, calls=1):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK, momentum=0.9)
    s, rng, best = make(o, n), random.Random(n), 2.0
    for t in range(n):
        yield o.param_groups[0]["lr"]
        o.step()
        if isinstance(s, S.ReduceLROnPlateau):
            best -= rng.random() < 12 / n and 0.01
            s.step(best + 0.005 * rng.random())
            continue
        for _ in range(calls):
            s.step()


def findings(lossdog, path):
    said = subprocess.run([lossdog, "check", "--replay", "--json", path], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True).stdout
    for line in said.splitlines():
        f = json.loads(line)
        if f.get("rule", "").startswith("lr-") and f.get("state") != "resolved":
            yield f["rule"], f["severity"], f["summary"]


class Test:
    def __init__(self, argv):
        self.keep = argv.pop(argv.index("--keep") + 1) if "--keep" in argv else None
        self.lossdog = os.path.abspath(argv[1])
        self.names = [a for a in argv[2:] if a != "--keep"]
        self.n = 0
        self.where = self.keep or tempfile.mkdtemp()

    def ok(self, good, name, *why):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        for line in () if good else why:
            print("#", line)

    def logs(self, name, rate, turn):
        rng = random.Random(name)
        n = len(rate)
        for form in FORMATS:
            path = os.path.join(self.where, f"{name}.{n}.{turn}.{form[2:]}.log".replace(" ", "-"))
            with open(path, "w") as log:
                for t in range(0, n, turn):
                    log.write(f"step {t}/{n} loss {1 + 1 / (1 + t * 0.01) + 0.01 * rng.random():.4f} lr {form % rate[t]}\n")
            yield path, form

    def right(self, name, family, make):
        for turn in TURNS:
            wrong = []
            for n in (2000, 10000):
                for path, form in self.logs(name, list(rates(make, n)), turn):
                    said = list(findings(self.lossdog, path))
                    if not any(r == "lr-schedule" and re.match(f"schedule: ({family}),", s) for r, _, s in said):
                        wrong.append(f"{n} steps as {form}: {[s for r, _, s in said if r == 'lr-schedule']}")
                    wrong += [f"{n} steps as {form}: {f}" for f in said if f[1] in ("warning", "critical")]
            self.ok(not wrong, f"{name} every {turn}: {family}", *wrong)

    def wrong(self, name, rule, make, calls):
        for turn in TURNS:
            missed = [path for path, _ in self.logs(name, list(rates(make, 10000, calls)), turn)
                      if not any(r == rule for r, _, _ in findings(self.lossdog, path))]
            self.ok(not missed, f"{name} every {turn}: {rule}", *missed)

    def all(self):
        for row in FAMILIES:
            if not self.names or row[0] in self.names:
                self.right(*row)
        for row in WRONG:
            if not self.names or row[0] in self.names:
                self.wrong(*row)
        print(f"1..{self.n}")


Test(sys.argv[:]).all()
