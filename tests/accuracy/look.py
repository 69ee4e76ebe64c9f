# SPDX-License-Identifier: MIT
"""look.py LOSSDOG [SCRIPT[:CASE]...]: what was said of each run, and what was missed."""
import sys

import judge
from cases import CASES

lossdog, names = sys.argv[1], sys.argv[2:]
for c in CASES:
    if names and c.script not in names and f"{c.script}:{c.name}" not in names:
        continue
    for log in judge.logs(lossdog, [c], 5):
        said = [f"{f['severity'][0]}:{f['rule']}@{f.get('line')}" for f in log.found]
        state = "healthy" if not log.kind else "HIT %s +%d" % (log.hit["rule"], log.hit["delay"]) if log.hit else "MISSED"
        print(f"{c.script}:{c.name}.{log.seed} [{c.kind}] lines {log.lines} onset {log.onset} exit {log.truth['exit']}: {state}"
              + ("  FALSE " + " ".join(f["rule"] + "@" + str(f.get("line")) for f in log.false) if log.false else ""))
        print("      " + " ".join(said))
