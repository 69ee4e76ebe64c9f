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
run "$LOSSDOG" check nowhere.log
is "a name that is nowhere and never was: not well" "$status" 3
ok "said" grep -q 'nowhere.log: there is no such file or directory' err
run "$LOSSDOG" check 'later-*.log'
is "a pattern may match later" "$status" 0
run "$LOSSDOG" check --replay nowhere.log
is "a missing log is unknown" "$status" 3

# What could not be looked at is counted and said.
{ echo "step 1 loss: 2"; head -c 200000 /dev/zero | tr '\0' a; echo; } >long.log
run "$LOSSDOG" check --replay long.log
ok "a line that is too long is said" grep -q '^lossdog: long.log: of 1 line longer than 16384 bytes' err
mkdir -p r/profiles
printf 'profile: b\nreads:\n- name: x\n  pattern: "loss(?<loss>(?:a+)+)+[0-9]b$"\n' >r/profiles/b.yaml
{ echo "step 1 loss: 2"; printf 'loss%060db\n' 0 | tr 0 a; } >back.log
run timeout 20 "$LOSSDOG" check --replay --unchecked --rules r back.log
is "a pattern that backtracks for ever ends" "$status" 0
ok "and is named" grep -q 'a pattern was given up 1 time because it takes too long (b/x)' err
ok "a reason stands once for all the checks it holds back" \
	test "$(grep -c 'not checked, too few points yet:' out)" -eq 1

run "$LOSSDOG" check --replay "$samples/pytorch-healthy.log"
ok "what was not checked is counted by what it lacks" grep -q '^  not checked: GPU and host ([0-9]*; they need --with' out
is "in lines that can be read" "$(grep -c 'not checked' out)" 2
run "$LOSSDOG" check --replay --unchecked "$samples/pytorch-healthy.log"
ok "and named when asked" grep -q 'not checked, no gpu/util printed: gpu-low-util' out

# The first stamps have no year, the next one has it: the run did not take 21 years.
printf '%s\n' 'W0522 00:52:15.130805 140546222774080 main.py:75] step 1 loss: 2.5' '2021-05-22 00:52:16.5: step 2 loss: 2.25' \
	'2021-05-22 00:52:36.5: step 3 loss: 2' >years.log
run "$LOSSDOG" check --replay years.log
ok "a stamp without a year does not count from 2000" grep -q ' 20s, 3 lines' out

# Another run to compare with: what is healthy alone is worse than it.
awk 'BEGIN { for (t = 0; t < 3000; t += 5) {
	l = 1 + 2 / (1 + t / 100) + (t * 7 % 11) / 400
	printf "step %d/3000 loss %.4f\n", t, l >"base.log"
	printf "step %d/3000 loss %.4f\n", t, l * (1 + 0.2 * t / 3000) >"slower.log" } }'
run "$LOSSDOG" check --replay --baseline base.log slower.log
ok "a run is compared with another one" grep -q 'notice: train/loss is .* in the run that it is compared with \[baseline-compare\]' out
run "$LOSSDOG" check --replay --baseline slower.log base.log
not "which it may be better than" grep -q baseline-compare out
run "$LOSSDOG" check --replay --baseline /dev/null base.log
is "one without samples is no use: status" "$status" 3
ok "and why" grep -q '^lossdog: --baseline: /dev/null has no samples' err

# A configuration is a declaration.
{ printf '%s\n' 'TrainingArguments(' 'learning_rate=5e-05,' 'lr_scheduler_type=SchedulerType.LINEAR,' \
	'max_steps=1000,' 'per_device_train_batch_size=8,' 'warmup_steps=0,' ')'
awk 'BEGIN { for (t = 10; t <= 500; t += 10) printf "step %d/1000 loss %.4f lr %.4e\n", t, 2 - t / 1000, 4e-4 * (1 - t / 1000) }'
} >scaled.log
run "$LOSSDOG" check --replay scaled.log
ok "the printed configuration declares the learning rate" \
	grep -q 'warning: the learning rate is 0.00038 at step 50, the declared schedule says 4.75e-05 \[lr-mismatch\]' out

done_testing
