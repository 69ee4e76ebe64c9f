#!/bin/sh
# SPDX-License-Identifier: MIT
# make accuracy's own arithmetic: a corpus of two logs, a cache of two runs, the rules of others.
. "$SRCDIR/tests/cli/tap.sh"

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SRCDIR/tests/accuracy
export PYTHONDONTWRITEBYTECODE PYTHONPATH

mkdir -p corpus/faults/nan corpus/pytorch
cp "$SRCDIR/tests/samples/pytorch-nan.log" corpus/faults/nan/one.log
cp "$SRCDIR/tests/samples/pytorch-healthy.log" corpus/pytorch/two.log
echo '{"lines": 84, "category": "nan-loss", "expected": [{"finding": "nonfinite", "line": 67}], "must_not": ["traceback"]}' \
    >corpus/faults/nan/one.facts.json
echo '{"health": "healthy"}' >corpus/pytorch/two.facts.json
run python3 "$SRCDIR/tests/accuracy/accuracy.py" "$LOSSDOG" --part corpus --corpus corpus --json
is "a corpus is judged" "$status" 0
is "recall, misses, false alarms" "$(python3 -c '
import json
r = json.load(open("out"))["corpus"]
print(r["faults"]["hit"], r["faults"]["wanted"], r["faults"]["delays"], r["faults"]["false"], r["healthy"]["files"])')" \
    "1 1 [0] [] 1"
sed -i 's/"nonfinite"/"gpu-lost"/' corpus/faults/nan/one.facts.json
run python3 "$SRCDIR/tests/accuracy/accuracy.py" "$LOSSDOG" --part corpus --corpus corpus
ok "what is not found is missed" grep -q 'missed faults/nan/one.log: gpu-lost' out

# Two runs as make.py leaves them: a script's log, and where in it the fault begins.
LOSSDOG_ACCURACY=$PWD/cache
export LOSSDOG_ACCURACY
cat >fill.py <<'END'
import json, os
import make
from cases import CASES
for script, name, fault in (("jsonl", "nan-in-data", 60), ("jsonl", "plain", None)):
    case = next(c for c in CASES if (c.script, c.name) == (script, name))
    log, onset = make.place(case, 1), None
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "w") as f:
        for i in range(1, 101):
            if i == fault:
                onset = f.tell()
            loss = float("nan") if fault and i > fault + 1 else 2 - i / 100
            f.write(json.dumps({"step": i, "loss": loss}) + "\n")
    json.dump({"exit": 0, **({"onset": onset} if fault else {})}, open(log[:-4] + ".json", "w"))
END
run python3 fill.py
is "a cache is filled" "$status" 0
run python3 "$SRCDIR/tests/accuracy/accuracy.py" "$LOSSDOG" --part runs --seeds 1 --json
is "runs are judged" "$(python3 -c '
import json
r = json.load(open("out"))["runs"]["judge"]
k = r["kinds"][0]
print(r["recall"], r["false"], k["fault"], k["delays"], k["first"])')" "[1, 1] [0, 1] nan [3] {'nonfinite': 1}"

run python3 -c '
import judge, peers
flat = [1.0 + 0.01 * (i % 3) for i in range(150)]
print([round(100 * x) for x in judge.wilson(0, 75)], [round(100 * x) for x in judge.wilson(75, 75)])
for rule in (peers.sigmas, peers.kill_loss_spike, peers.spike_detection, peers.spiky, peers.twice_minimum, peers.nonfinite):
    print(rule.__name__, len(rule(flat)), rule(flat + [20.0] * 6 + [None])[:1])'
is "the rules of others speak when their formulas say" "$(cat out)" "[0, 5] [95, 100]
sigmas 0 [150]
kill_loss_spike 0 [154]
spike_detection 0 [150]
spiky 0 [150]
twice_minimum 0 [154]
nonfinite 0 [156]"

done_testing
