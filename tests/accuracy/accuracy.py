# SPDX-License-Identifier: MIT
"""accuracy.py LOSSDOG [--corpus DIR] [--python PYTHON] [--seeds N] [--part PART]... [--json]

How good the diagnoses are: on logs of faults, on healthy logs, on trainings made here, beside the rules of
others.  Trainings are kept as logs in ${XDG_CACHE_HOME:-~/.cache}/lossdog-accuracy and made when they are not
there (about half an hour); PYTHON needs what requirements.txt names.
"""
import argparse
import json
import os
import subprocess
import sys

import corpus
import events
import judge
import live
import make
import peers
from cases import CASES, KINDS, ROOTS
from judge import quantile, wilson

HERE = os.path.dirname(os.path.abspath(__file__))


def rate(k, n):
    """k of n with its interval."""
    if not n:
        return "-"
    low, high = wilson(k, n)
    return f"{k}/{n} {100 * k / n:.0f}% [{100 * low:.0f}..{100 * high:.0f}]"


def per_thousand(k, n):
    low, high = wilson(k, n)
    return f"{k}/{n} [{1000 * low:.0f}..{1000 * high:.0f} per 1000]" if n else "-"


def delays(values):
    return f"{quantile(values, 0.5)} / {quantile(values, 0.9)}" if values else "-"


def table(head, rows):
    rows = [head] + [[str(c) for c in r] for r in rows]
    widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
    for i, r in enumerate(rows):
        print("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip())
        if i == 0:
            print("  ".join("-" * w for w in widths))
    print()


def by_kind(logs):
    """One row a kind of fault: recall and delay of any right rule, and which came first."""
    rows = []
    for name, kind in KINDS.items():
        mine = [g for g in logs if g.case.kind == name]
        hits = [g.hit for g in mine if g.hit]
        named = {}
        for h in hits:
            named[h["rule"]] = named.get(h["rule"], 0) + 1
        if mine:
            rows.append({"fault": name, "runs": len(mine), "hits": len(hits), "unit": kind.unit,
                         "delays": [h["delay"] for h in hits], "heard": [g.heard for g in mine if g.heard is not None],
                         "first": named})
    return rows


def by_rule(logs):
    """One row a rule: runs of which it told rightly and its delay, runs of which it spoke wrongly."""
    healthy = sum(not g.kind for g in logs)
    rows = []
    for rule in sorted({f["rule"] for g in logs for f in g.found}):
        right = {}  # run: delay of its first finding
        for g in logs:
            if g.kind and rule in g.kind.rules:
                lines = [f.get("line") or g.lines for f in g.found if f["rule"] == rule]
                lines = [n for n in lines if g.is_after(rule, n)]
                if lines:
                    right[g] = g.delay(lines[0])
        wrong = [g for g in logs if any(f["rule"] == rule for f in g.false)]
        named = [g for g in logs if g.kind and g.kind.rules[0] == rule]
        if right or wrong:
            rows.append({"rule": rule, "right": len(right), "delays": list(right.values()),
                         "named": sum(g in right for g in named), "wanted": len(named),
                         "false_healthy": sum(not g.kind for g in wrong), "healthy": healthy,
                         "false_faulty": sum(bool(g.kind) for g in wrong), "faulty": len(logs) - healthy})
    return rows


def by_rate(logs):
    """Rows for how often the loss is printed."""
    rows = []
    for rate in ("every step", "every 2 to 20", "rarer", "no steps"):
        mine = [g for g in logs if g.rate() == rate]
        faulty, healthy = [g for g in mine if g.kind], [g for g in mine if not g.kind]
        rows.append({"rate": rate, "recall": [sum(bool(g.hit) for g in faulty), len(faulty)],
                     "false": [sum(bool(g.false) for g in healthy), len(healthy)]})
    return rows


def root_first(logs):
    """Of the runs of which several things were said loudly, those in which the first was the right one."""
    many = [g for g in logs if g.kind and g.first and sum(f["severity"] in judge.LOUD for f in g.found) > 1]
    return sum(g.first in g.kind.rules or g.first in ROOTS & g.kind.also for g in many), len(many)


def runs_part(lossdog, options):
    if options.python:
        subprocess.run([options.python, os.path.join(HERE, "make.py"), str(options.seeds)],
                       env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False)
    logs = judge.logs(lossdog, [c for c in CASES if not c.live], options.seeds)
    if "live" in options.part:
        logs += live.logs(lossdog, options)
    return logs


def show_runs(logs):
    result = {}
    for half in ("tune", "judge"):
        mine = [g for g in logs if g.half == half]
        faulty, healthy = [g for g in mine if g.kind], [g for g in mine if not g.kind]
        wrong = [g for g in healthy if g.false]
        critical = [g for g in healthy if any(f["severity"] == "critical" for f in g.false)]
        k, n = root_first(mine)
        scripts = sorted({g.case.script for g in mine})
        print(f"== trainings, half {half}: {', '.join(scripts)}\n")
        print(f"recall {rate(sum(bool(g.hit) for g in faulty), len(faulty))} of {len({(g.case.script, g.case.name) for g in faulty})} runs x seeds")
        print(f"healthy runs with a warning or worse: {per_thousand(len(wrong), len(healthy))}; with a critical: "
              f"{per_thousand(len(critical), len(healthy))}")
        print(f"faulty runs with a wrong finding: {rate(sum(bool(g.false) for g in faulty), len(faulty))}")
        print(f"the right thing first, where several are said: {rate(k, n)}\n")
        rates = by_rate(mine)
        table(["loss printed", "recall", "healthy runs with a false alarm"],
              [[r["rate"], rate(*r["recall"]), per_thousand(*r["false"])] for r in rates])
        kinds = by_kind(mine)
        table(["fault", "recall", "delay (median / p90)", "first notice", "in", "rule that told"],
              [[r["fault"], rate(r["hits"], r["runs"]), delays(r["delays"]), delays(r["heard"]), r["unit"],
                " ".join(f"{k}:{v}" for k, v in sorted(r["first"].items(), key=lambda t: -t[1]))] for r in kinds])
        rules = by_rule(mine)
        table(["rule", "right", "of those it names", "delay", "false, healthy runs", "false, faulty runs"],
              [[r["rule"], r["right"], rate(r["named"], r["wanted"]), delays(r["delays"]),
                per_thousand(r["false_healthy"], r["healthy"]), f"{r['false_faulty']}/{r['faulty']}"] for r in rules])
        result[half] = {"recall": [sum(bool(g.hit) for g in faulty), len(faulty)], "false": [len(wrong), len(healthy)],
                        "critical": [len(critical), len(healthy)], "root_first": [k, n], "rates": rates, "kinds": kinds, "rules": rules}
    missed = [g for g in logs if g.kind and not g.hit]
    if missed:
        print("missed:", ", ".join(sorted({f"{g.case.script}:{g.case.name}.{g.seed}" for g in missed})), "\n")
    wrong = [g for g in logs if g.false]
    if wrong:
        print("wrong:", ", ".join(f"{g.case.script}:{g.case.name}.{g.seed} ({' '.join(sorted({f['rule'] for f in g.false}))})"
                                  for g in wrong), "\n")
    return result


def show_peers(logs):
    result = {}
    for half in ("tune", "judge"):
        rows = peers.compare([g for g in logs if g.half == half])
        print(f"== the rules of others on the same series, half {half}\n")
        table(["rule", "recall", "delay", "healthy runs with an alarm"],
              [[r["name"], rate(r["hits"], r["faults"]), delays(r["delays"]), rate(r["false"], r["healthy"])] for r in rows])
        result[half] = rows
    return result


def show_events(pairs, what):
    rows = events.score(pairs)
    print(f"== what ended a run, {what}\n")
    table(["by", "right", "macro-F1", "classes"],
          [[r["method"], rate(r["right"], r["logs"]), r["macro_f1"], r["classes"]] for r in rows])
    return rows


def show_corpus(lossdog, where):
    f, h = corpus.faults(lossdog, where), corpus.healthy(lossdog, where)
    print(f"== logs of faults: {f['files']} files\n")
    print(f"recall {rate(f['hit'], f['wanted'])}, delay in lines {delays(f['delays'])}, files with a false alarm "
          f"{rate(len(f['false']), f['files'])}, root first {rate(f['root_first'], f['roots'])}\n")
    table(["finding", "recall"], [[k, rate(*v)] for k, v in sorted(f["by_finding"].items())])
    for name, finding, got in f["missed"]:
        print(f"missed {name}: {finding}; said {' '.join(got) or 'nothing'}")
    for name, bad in f["false"]:
        print(f"false alarm {name}: {' '.join(bad)}")
    print(f"\n== healthy logs: {h['files']} files\n")
    both = {n for n, _ in h["critical"]} | {n for n, _ in h["warning"]}
    print(f"with a critical {rate(len(h['critical']), h['files'])}, with a warning or worse {rate(len(both), h['files'])}\n")
    table(["rule", "files"], [[k, rate(v, h["files"])] for k, v in sorted(h["rules"].items(), key=lambda t: -t[1])])
    table(["framework", "logs", "with an alarm"], [[k, *v] for k, v in sorted(h["frameworks"].items()) if v[1]])
    for level in ("critical", "warning"):
        for name, rules in h[level]:
            print(f"{level} {name}: {' '.join(rules)}")
    print()
    return {"faults": f, "healthy": h, "events": show_events(events.wild(lossdog, where), "logs of others")}


def arguments():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("lossdog")
    p.add_argument("--corpus")
    p.add_argument("--python", help="makes missing runs")
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--part", action="append", choices=["corpus", "runs", "live", "peers"])
    p.add_argument("--json", action="store_true")
    o = p.parse_args()
    o.part = o.part or ["corpus", "runs", "live", "peers"]
    return o


def main():
    o = arguments()
    out, result = sys.stdout, {}
    if o.json:
        sys.stdout = open(os.devnull, "w")
    if "corpus" in o.part and o.corpus and os.path.isdir(o.corpus):
        result["corpus"] = show_corpus(o.lossdog, o.corpus)
    if {"runs", "live", "peers"} & set(o.part):
        logs = runs_part(o.lossdog, o)
        if {"runs", "live"} & set(o.part):
            result["runs"] = show_runs(logs)
        if "peers" in o.part:
            result["peers"] = show_peers(logs)
            result["events"] = show_events(events.made(logs), "trainings made here")
    sys.stdout = out
    if o.json:
        json.dump(result, out, indent=1)
        print()


if __name__ == "__main__":
    main()
