# SPDX-License-Identifier: MIT
"""Logs of others, read in place, with what is known of each in NAME.facts.json beside it."""
import json
import os

from judge import LOUD, findings


def facts(top):
    for folder, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            log = os.path.join(folder, name[:-len(".facts.json")] + ".log")
            if name.endswith(".facts.json") and os.path.exists(log):
                with open(os.path.join(folder, name)) as f:
                    yield log, json.load(f)


def aliases(corpus):
    try:
        with open(os.path.join(corpus, "..", "tools", "aliases.json")) as f:
            return json.load(f)
    except OSError:
        return {}


def ids(names, alias):
    return {i for n in names for i in [n] + alias.get(n, [])}


def loud(lossdog, log):
    """Each rule that fired as a warning or worse, with the line at which it first did, in order."""
    got = {}
    for f in findings(lossdog, log) or []:
        if f["severity"] in LOUD:
            got.setdefault(f["rule"], f.get("line") or 0)
    return got


def faults(lossdog, corpus):
    """Recall, delays in lines, false alarms and whether the root came first, on the logs of faults."""
    alias = aliases(corpus)
    r = {"wanted": 0, "hit": 0, "delays": [], "missed": [], "files": 0, "false": [], "roots": 0, "root_first": 0,
         "by_finding": {}}
    for log, f in facts(os.path.join(corpus, "faults")):
        r["files"] += 1
        name, got = os.path.relpath(log, corpus), loud(lossdog, log)
        right = set()
        for e in f.get("expected", []):
            wanted = ids([e["finding"]] + e.get("accept", []), alias)
            right |= wanted
            at = [got[i] for i in wanted if i in got]
            slack = max(e.get("tolerance_lines", 0), 200, (f.get("lines") or 0) // 4)
            ok = bool(at) and (not e.get("line") or min(at) <= e["line"] + slack)
            if e.get("optional") and not ok:
                continue
            r["wanted"] += 1
            n = r["by_finding"].setdefault(e["finding"], [0, 0])
            n[1] += 1
            if ok:
                r["hit"] += 1
                n[0] += 1
                if e.get("line"):
                    r["delays"].append(min(at) - e["line"])
            else:
                r["missed"].append((name, e["finding"], sorted(got)))
        root(r, f, got, alias)
        banned = ids(f.get("must_not", []), alias) - right
        if f.get("category") == "healthy-tricky":
            banned = set(got) - right
        bad = sorted(banned & set(got))
        if bad:
            r["false"].append((name, bad))
    return r


def root(r, f, got, alias):
    """With several events to be told, the first that is told is to be the first that happened."""
    def names(e):
        return ids([e["finding"]] + e.get("accept", []), alias)
    events = [e for e in f.get("expected", []) if e.get("line") and not (e.get("optional") and not names(e) & set(got))]
    if len(events) < 2 or not got:
        return
    start = min(e["line"] for e in events)
    r["roots"] += 1
    r["root_first"] += min(got, key=got.get) in {i for e in events if e["line"] == start for i in names(e)}


def healthy(lossdog, corpus):
    """What is said of logs that nobody marks as faulty: per rule and per framework."""
    r = {"files": 0, "critical": [], "warning": [], "rules": {}, "frameworks": {}}
    for log, f in facts(corpus):
        name = os.path.relpath(log, corpus)
        if name.startswith("faults" + os.sep) or f.get("health") not in ("healthy", None):
            continue
        r["files"] += 1
        framework = name.split(os.sep)[0]
        n = r["frameworks"].setdefault(framework, [0, 0])
        n[0] += 1
        said = [x for x in findings(lossdog, log) or [] if x["severity"] in LOUD]
        n[1] += bool(said)
        for level in LOUD:
            rules = sorted({x["rule"] for x in said if x["severity"] == level})
            if rules:
                r[level].append((name, rules))
        for rule in {x["rule"] for x in said}:
            r["rules"][rule] = r["rules"].get(rule, 0) + 1
    return r
