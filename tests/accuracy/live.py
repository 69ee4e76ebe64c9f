# SPDX-License-Identifier: MIT
"""Runs under lossdog run: killed, stopped, waiting.  Silence is judged by rules whose times are divided by 300."""
import os
import re
import subprocess
import tempfile

import judge
from cases import CASES

HERE = os.path.dirname(os.path.abspath(__file__))
FASTER = 300
UNIT = {"s": 1, "min": 60, "h": 3600}


def faster(text):
    """The rules about silence, as shipped, but each time divided."""
    def divide(m):
        return f"{float(m[1]) * UNIT[m[2]] / FASTER:g} s"
    kept = []
    for rule in re.split(r"(?m)^(?=- rule: )", text):
        if re.match(r"- rule: (quiet|hang-suspected|startup-stall)\n", rule):
            kept.append(re.sub(r"\b(\d+) (s|min|h)\b", divide, rule.split("\n  tests:")[0]) + "\n")
    return "".join(kept)


def rules_folder(folder):
    with open(os.path.join(HERE, "..", "..", "rules", "diagnostics", "time.yaml"), encoding="utf-8") as f:
        text = faster(f.read())
    os.makedirs(os.path.join(folder, "diagnostics"))
    with open(os.path.join(folder, "diagnostics", "faster.yaml"), "w", encoding="utf-8") as f:
        f.write(text)
    return folder


class Live(judge.Log):
    """The same, of a run that was watched while it ran."""

    def __init__(self, lossdog, case, seed, folder):
        self.case, self.seed, self.half, self.samples, self.dead = case, seed, "tune", [], False
        self.kind = judge.KINDS[case.kind] if case.kind else None
        self.path, said = os.path.join(folder, "log"), os.path.join(folder, "said")
        command = [lossdog, "run", "--json", "--no-state", "--rules", rules_folder(os.path.join(folder, "rules")), "--",
                   "python3", os.path.join(HERE, "scripts", "live.py"), case.options["fault"],
                   str(case.options.get("at", -1)), str(seed)]
        with open(self.path, "wb") as out, open(said, "wb") as err:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=120,
                                    check=False).returncode
        self.truth = {"exit": status}
        self.found = [f for f in judge.objects(["grep", "^{", said]) if f.get("state", "firing") == "firing" and "rule" in f]
        with open(self.path, "rb") as f:
            text = f.read()
        self.lines = text.count(b"\n")
        self.onset = case.options["at"] if self.kind else None
        for f in self.found:  # lines are counted in each of two streams; steps are not
            f["line"] = f.get("step", self.onset or 0)

    def is_after(self, rule, line):
        return line >= self.onset

    def delay(self, line):
        return line - self.onset


def logs(lossdog, options):
    out = []
    for case in CASES:
        for seed in range(1, min(options.seeds, 2) + 1):
            if case.live:
                with tempfile.TemporaryDirectory() as folder:
                    log = Live(lossdog, case, seed, folder)
                    out.append(log.verdict())
    return out
