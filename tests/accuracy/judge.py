# SPDX-License-Identifier: MIT
"""Runs lossdog over logs and holds what it says against what is known of them."""
import bisect
import json
import math
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor

import make
from cases import HALF, KINDS

LOUD = {"warning": 2, "critical": 3}
AT_END = {"ended-without-marker", "ended-early", "hang-suspected", "startup-stall", "quiet"}
LEVEL = {"info": 0, "notice": 1, "warning": 2, "critical": 3}


def objects(command, timeout=120):
    try:
        out = subprocess.run(command, capture_output=True, timeout=timeout).stdout
    except subprocess.TimeoutExpired:
        return None
    found = []
    for line in out.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            pass
    return found


def findings(lossdog, log):
    """What fired, in its order, or None when lossdog did not end."""
    got = objects([lossdog, "check", "--replay", "--json", "--no-state", log])
    return None if got is None else [f for f in got if f.get("state", "firing") == "firing" and "rule" in f]


def samples(lossdog, log):
    return objects([lossdog, "export", log]) or []


def quantile(values, q):
    v = sorted(values)
    return v[min(int(q * len(v)), len(v) - 1)] if v else None


def wilson(k, n, z=1.96):
    """The 95 % interval of a proportion."""
    if not n:
        return 0.0, 1.0
    p, d = k / n, 1 + z * z / n
    middle, half = (p + z * z / (2 * n)) / d, z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    return max(0.0, middle - half), min(1.0, middle + half)


class Log:
    """One log of a case: its series, the line of its fault, what was said."""

    def __init__(self, lossdog, case, seed, path):
        self.case, self.seed, self.path = case, seed, path
        self.half = HALF[case.script]
        self.kind = KINDS[case.kind] if case.kind else None
        self.truth = make.truth(path)
        self.samples = samples(lossdog, path)
        self.found = findings(lossdog, path)
        self.dead = self.found is None
        self.found = self.found or []
        with open(path, "rb") as f:
            text = f.read()
        self.lines = text.count(b"\n") + (not text.endswith(b"\n"))
        self.onset = self.where(text)

    def where(self, text):
        """The line after which the fault can be seen."""
        if not self.kind:
            return None
        if self.kind.unit == "evals" and self.truth.get("onset") is None:
            val = [s for s in self.samples if s["metric"] in ("val/loss", "val/rmse", "val/l2", "val/logloss")
                   and s["value"] is not None]
            return min(val, key=lambda s: s["value"])["line"] if val else 0
        return text.count(b"\n", 0, self.truth.get("onset") or 0)

    def points(self, prefix):
        """The lines on which a metric was printed."""
        return sorted({s["line"] for s in self.samples if s["metric"].startswith(prefix) and "line" in s})

    def window(self):
        """How long after the fault a finding still counts; of many evaluations (rounds of boosting) a quarter."""
        return max(self.kind.window, len(self.points("val/")) // 4) if self.kind.unit == "evals" else self.kind.window

    def rate(self):
        """How often the loss is printed: every step, every few, or rarer."""
        steps = [s["step"] for s in self.samples if s["metric"].startswith("train/") and "step" in s]
        gaps = [b - a for a, b in zip(steps, steps[1:]) if b > a]
        gap = statistics.median(gaps) if gaps else 0
        return "every step" if gap == 1 else "every 2 to 20" if 1 < gap <= 20 else "rarer" if gap else "no steps"

    def delay(self, line):
        """From the fault to a finding, in what the kind counts in."""
        if self.kind.unit == "seconds":
            return round(self.time(line) - self.time(self.onset))
        lines = self.points("val/" if self.kind.unit == "evals" else "train/") or self.points("")
        return bisect.bisect_right(lines, line) - bisect.bisect_right(lines, self.onset)

    def time(self, line):
        """The log's time at a line, by its stamps or its step times; 0 when it has none."""
        t = [s["time"] for s in self.samples if "time" in s and s["line"] <= line]
        return t[-1] if t else 0

    def is_after(self, rule, line):
        """Nothing comes after the last line, but the end, and silence."""
        return line > self.onset or self.onset == 0 or line == self.onset and rule in AT_END

    def verdict(self):
        """Fills in: hit (the first right finding), heard (delay of the first of any severity), first (the first loud one
        after the fault), false."""
        self.hit, self.heard, self.first, self.false = None, None, None, []
        for f in self.found:
            line, level = f.get("line") or self.lines, LEVEL[f["severity"]]
            after = self.kind is not None and self.is_after(f["rule"], line)
            if after and f["rule"] in self.kind.rules:
                late = self.delay(line)
                if self.heard is None and late <= self.window():
                    self.heard = late
                if self.hit is None and level >= LEVEL[self.kind.least] and late <= self.window():
                    self.hit = {"rule": f["rule"], "severity": f["severity"], "line": line, "delay": late}
            if level >= 2 and after and self.first is None:
                self.first = f["rule"]
            if level >= 2 and not (after and (f["rule"] in self.kind.rules or f["rule"] in self.kind.also)):
                self.false.append(f)
        return self


def logs(lossdog, cases, seeds):
    """Those of the cases that are made, two at a time."""
    paths = [(c, s, make.place(c, s)) for c in cases for s in range(1, seeds + 1)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda t: Log(lossdog, *t).verdict(), [t for t in paths if make.ready(t[2])]))
