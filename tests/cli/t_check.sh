#!/bin/sh
# SPDX-License-Identifier: MIT
# check --replay: exit codes, JSON, what it says of a recording.
. "$SRCDIR/tests/cli/tap.sh"

samples=$SRCDIR/tests/samples

run "$LOSSDOG" check --replay "$samples/pytorch-nan.log"
is "a run that goes NaN is critical" "$status" 2
ok "by the right name" grep -q 'nonfinite' out
run "$LOSSDOG" check --replay --json "$samples/pytorch-nan.log"
ok "one JSON object a line" grep -q '^{"schema":1,.*"rule":"nonfinite","severity":"critical","state":"firing"' out
run "$LOSSDOG" check --replay "$samples/pytorch-healthy.log"
is "a healthy run is 0" "$status" 0
for f in keras-healthy lightning-healthy xgboost-healthy lightgbm-healthy; do
	run "$LOSSDOG" check --replay "$samples/$f.log"
	is "$f is 0" "$status" 0
done
run "$LOSSDOG" check --replay nowhere.log
is "a missing log is unknown" "$status" 3

done_testing
