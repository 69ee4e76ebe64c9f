# SPDX-License-Identifier: MIT
"""What ended a run, as classes: lossdog's first loud finding, beside the two baselines that GPUAlert measures
itself against: keywords in any order, and the exit status alone.  (Its own ordered rules are not published.)
"""
import os
import re

import corpus
from judge import LOUD, findings

# A class, the lossdog rules that name it, the words a keyword matcher looks for, the exit status that says so.
CLASSES = {
    "memory": ("oom-", "oomkill- k8s-oom", r"out of memory|OutOfMemory|OOM|can't allocate memory|MemoryError|alloc_failed", ()),
    "collective": ("nccl- rdzv", "elastic-", r"nccl|gloo|watchdog|timeout|connection (closed|reset)|rendezvous", ()),
    "disk": ("disk-full quota ckpt-write stale-fs", "", r"no space left|disk quota|failed writing|errno 28", ()),
    "loader": ("worker- shm-full", "", r"dataloader worker|shared memory|bus error", ()),
    "ended": ("slurm- preempted sigterm-save killed-bare", "elastic-sigterm", r"cancelled|preempt|time limit|sigterm|killed", (137, 143, -9, -15)),
    "native": ("segv bus", "", r"segmentation fault|core dumped|aborted", (139, 134, -11, -6)),
    "gpu": ("cuda- xid ecc gpu-lost", "", r"cuda error|device-side assert|cudnn|xid|ecc error", ()),
    "error": ("traceback", "ended-without-marker", r"traceback|error:", (1,)),
    "none": ("", "", r"$^", (0,)),
}
# The corpus' categories and the cases' kinds as classes.
CATEGORY = {"oom": "memory", "nccl": "collective", "disk-full": "disk", "dataloader-death": "loader", "preempted": "ended",
            "healthy-tricky": "none"}
KIND = {"crash": "error", "memory": "memory", "disk": "disk", "checkpoint": "disk", "segv": "native", "worker": "loader",
        "worker-error": "error", None: "none"}


def class_of_rule(rule):
    for name, (first, also, _, _) in CLASSES.items():
        for part in (first + " " + also).split():
            if rule == part or part.endswith("-") and rule.startswith(part):
                return name
    return None


def by_findings(found):
    """The first loud finding that names what ended the run."""
    for f in found:
        name = class_of_rule(f["rule"])
        if f["severity"] in LOUD and name:
            return name
    return "none"


def by_keywords(text):
    counts = {name: len(re.findall(words, text, re.I)) for name, (_, _, words, _) in CLASSES.items()}
    best = max(counts, key=counts.get)
    return best if counts[best] else "none"


def by_status(status):
    for name, (_, _, _, statuses) in CLASSES.items():
        if status in statuses:
            return name
    return "error"


def read(path):
    with open(path, "rb") as f:
        return f.read().decode("utf-8", "replace")


def wild(lossdog, where):
    """(right class, {method: class}) of each log of the corpus that has one."""
    for log, f in corpus.facts(os.path.join(where, "faults")):
        name = CATEGORY.get(f.get("category"))
        if name:
            yield name, {"lossdog": by_findings(findings(lossdog, log) or []), "keywords": by_keywords(read(log))}


def made(logs):
    for g in logs:
        if g.case.kind in KIND and not g.case.live:
            yield KIND[g.case.kind], {"lossdog": by_findings(g.found), "keywords": by_keywords(read(g.path)),
                                      "exit status": by_status(g.truth["exit"])}


def score(pairs):
    """For each method: logs, right ones, macro-F1 over the classes that occur."""
    pairs, out = list(pairs), []
    for method in sorted({m for _, said in pairs for m in said}, key=lambda m: m != "lossdog"):
        got = [(want, said[method]) for want, said in pairs if method in said]
        f1 = []
        for name in sorted({w for w, _ in got}):
            hit = sum(w == s == name for w, s in got)
            all_ = sum(w == name for w, _ in got) + sum(s == name for _, s in got)
            f1.append(2 * hit / all_)
        out.append({"method": method, "logs": len(got), "right": sum(w == s for w, s in got),
                    "macro_f1": round(sum(f1) / len(f1), 3) if f1 else None, "classes": len(f1)})
    return out
