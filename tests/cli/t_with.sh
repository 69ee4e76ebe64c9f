#!/bin/sh
# SPDX-License-Identifier: MIT
# --with: what a monitor writes beside a run stands in the run, at its time.
. "$SRCDIR/tests/cli/tap.sh"

# A log with times, one line in 10 seconds, and a monitor's table, one row in 5.
for i in 0 1 2 3 4 5; do
	printf '2024-11-24 10:00:%d0,000 - INFO - step %d loss: %d.5 data_time: 0.4 step_time: 0.5\n' $i $((i + 1)) $((9 - i))
done >train.log
{
	echo 'timestamp, index, utilization.gpu [%], memory.used [MiB]'
	echo '2024/11/24 09:59:58.000, 0, 99 %, 10 MiB'
	for i in 0 1 2 3 4 5; do
		echo "2024/11/24 10:00:${i}2.000, 0, 12 %, 500 MiB"
		echo "2024/11/24 10:00:${i}7.000, 0, 12 %, 500 MiB"
	done
} >gpu.csv
samples() { grep -c '"metric":"gpu/util"' "$1"; }

run "$LOSSDOG" export --with gpu.csv train.log
is "export: status" "$status" 0
is "rows before the first and after the last line are not of this run" "$(samples out)" 10
ok "a row has the position where the run stood" grep -q '"gpu/util","labels":{"gpu":"0"},"step":3,"time":1732442427,"value":0.12,"profile"' out
ok "and stands between its lines" sh -c 'grep -n "gpu/util\|train/loss" out | sed -n 4p | grep -q "train/loss.*\"step\":2"'

gzip -k gpu.csv
cp out plain
run "$LOSSDOG" export --with '{dir}/gpu.csv.gz' train.log
ok "compressed, and named after the log's folder" cmp -s out plain

printf 'step 1 loss: 2.5\nstep 2 loss: 2.4\n' >timeless.log
run "$LOSSDOG" export --with gpu.csv timeless.log
is "beside a log without times nothing is lost" "$(samples out)" 13
ok "and it is said where it stands" grep -q 'the log has no times' err
run "$LOSSDOG" export --with missing.csv train.log
is "a monitor that is missing is status 3" "$status" 3
ok "and is named" grep -q 'missing.csv' err
run "$LOSSDOG" export --with '{dri}/gpu.csv' train.log
is "an unknown word is status 3" "$status" 3
ok "with those that there are" grep -q '{dri} is none of' err
run "$LOSSDOG" run --no-state --with '{dir}/gpu.csv' -- true
is "run has no log whose folder could be meant" "$status" 125

# A rule over both.
mkdir -p rules/diagnostics
cat >rules/diagnostics/starved.yaml <<'E2'
rule: starved
severity: warning
title: the GPU waits
needs: {gpu: gpu/util, data: data_time, t: step_time}
each: gpu
min_points: 4
when: mean(gpu, 4) < 30% and last(data) > 50% * last(t)
summary: "GPU at {mean(gpu, 4):%}, {last(data):s} of {last(t):s} wait for data"
source: this test
tests:
- series: {gpu: "0.1x50", data: "0.4x50", t: "0.5x50"}
  expect: {severity: warning}
E2
run "$LOSSDOG" check --replay --rules rules --with gpu.csv train.log
ok "a rule sees both sides" grep -q 'GPU at 12%, 400ms of 500ms' out
is "and counts for the status" "$status" 1
run "$LOSSDOG" check --replay --rules rules train.log
not "without the monitor it is silent" grep -q 'GPU at' out

# Live: what was there before is not of this run; the head of the table is.
cat >work.sh <<'E2'
for i in 1 2 3 4 5 6; do
	echo "step $i loss: 1.5 data_time: 0.4 step_time: 0.5"
	echo "$(date '+%Y/%m/%d %H:%M:%S.%3N'), 0, 7 %, 500 MiB" >>live.csv
	sleep 0.2
done
E2
live() { head -n 2 gpu.csv >live.csv; }
live
run "$LOSSDOG" run --no-state --rules rules --with live.csv --to jsonl=live.jsonl -- sh work.sh
is "run: status" "$status" 0
is "run: rows of the run" "$(grep '"value":0.07' live.jsonl | grep -c gpu/util)" 6
not "run: not those before" grep -q '"value":0.99' live.jsonl
ok "run: the rule" grep -q 'GPU at 7%' err
live
run sh -c 'sh work.sh | "$LOSSDOG" -q --no-state --rules rules --with live.csv'
ok "filter: the rule" grep -q 'GPU at 7%' err

rm -f live.csv live.log
"$LOSSDOG" watch --plain --no-state --rules rules --with '{dir}/live.csv' ./live.log >watch.out 2>watch.err &
pid=$!
live
sh work.sh >live.log
i=0
while [ $i -lt 50 ] && ! grep -q 'GPU at 7%' watch.out; do
	echo "step 7 loss: 1.5 data_time: 0.4 step_time: 0.5" >>live.log
	sleep 0.2
	i=$((i + 1))
done
kill -TERM $pid
wait $pid
ok "watch: the rule" grep -q 'GPU at 7%' watch.out

live
sh work.sh >once.log
run "$LOSSDOG" check --state-dir st --rules rules --with '{dir}/live.csv' --to jsonl=once.jsonl once.log
echo "step 8 loss: 1.5" >>once.log
run "$LOSSDOG" check --state-dir st --rules rules --with '{dir}/live.csv' --to jsonl=once.jsonl once.log
is "check: over two passes each row of the run once" "$(grep '"value":0.07' once.jsonl | grep -c gpu/util)" 6

done_testing
