#!/bin/sh
# SPDX-License-Identifier: MIT
# export: JSON lines and CSV, plain and compressed, and what cannot be read.
. "$SRCDIR/tests/cli/tap.sh"

printf 'step 1 loss: 2.5 lr: 1e-4\nstep 2 loss: nan lr: 1e-4\n' >a.log

run "$LOSSDOG" export a.log
is "exit status" "$status" 0
ok "a sample has its metric, step, value and line" grep -q '"metric":"train/loss","step":1,"value":2.5,"line":1' out
ok "NaN is a string" grep -q '"value":"NaN","line":2' out
is "four samples" "$(wc -l <out)" 4
cp out plain.jsonl

gzip -k a.log
run "$LOSSDOG" export --run-name a.log a.log.gz
ok "a compressed log gives the same samples" cmp -s out plain.jsonl
run sh -c '"$LOSSDOG" export --run-name a.log - <a.log'
ok "standard input gives the same samples" cmp -s out plain.jsonl

run "$LOSSDOG" export --to csv a.log
is "CSV has a header" "$(head -n 1 out)" "run,metric,labels,step,epoch,time,value,unit,line,profile"
is "and a row a sample" "$(wc -l <out)" 5
run "$LOSSDOG" export --to csv=b.csv a.log
ok "into a file" test "$(wc -l <b.csv)" -eq 5

run "$LOSSDOG" export missing.log
is "a missing file is status 3" "$status" 3
ok "and is named" grep -q 'missing.log' err
run "$LOSSDOG" export .
is "a directory is status 3" "$status" 3
run "$LOSSDOG" export --to jsnl a.log
is "an unknown format is status 3" "$status" 3
ok "with the nearest name" grep -q 'did you mean "jsonl"' err
printf '\377\376s\000t\000e\000p\000' >utf16.log
run "$LOSSDOG" export utf16.log
is "UTF-16 is status 3" "$status" 3
ok "with what would be right" grep -q 'iconv' err
run sh -c '"$LOSSDOG" export a.log >/dev/full'
is "a full disk is status 3" "$status" 3
run "$LOSSDOG" export --profile nonsense a.log
is "an unknown profile is status 3" "$status" 3

done_testing
