#!/bin/sh
# SPDX-License-Identifier: MIT
# The filter: bytes unchanged, findings and verdict on standard error, exit status.
. "$SRCDIR/tests/cli/tap.sh"

i=1
while [ $i -le 30 ]; do
	echo "step $i loss: 2.$i lr: 1e-4"
	i=$((i + 1))
done >healthy.log
{ cat healthy.log; echo "step 31 loss: nan lr: 1e-4"; } >nan.log

run sh -c '"$LOSSDOG" <nan.log'
ok "the bytes pass unchanged" cmp -s out nan.log
is "the filter exits 0 all the same" "$status" 0
ok "the finding is on standard error" grep -q 'nonfinite' err
ok "it names the line" grep -q ':31: critical' err
run sh -c '"$LOSSDOG" --fail-on critical <nan.log'
is "--fail-on critical" "$status" 2
run sh -c '"$LOSSDOG" --fail-on critical <healthy.log'
is "a healthy log does not fail" "$status" 0
not "and brings no finding" grep -q 'critical:' err
ok "but a verdict" grep -q 'train/loss' err
run sh -c '"$LOSSDOG" --quiet <nan.log'
not "--quiet swallows the bytes" test -s out
run sh -c '"$LOSSDOG" --quiet --json <nan.log'
ok "--quiet --json puts findings on standard output" grep -q '"rule":"nonfinite"' out
run sh -c '"$LOSSDOG" --to jsonl=s.jsonl <healthy.log'
is "samples go to a sink as they come" "$(grep -c '"metric":"train/loss"' s.jsonl)" 30
head -c 300000 /dev/urandom >random
run sh -c '"$LOSSDOG" <random'
ok "bytes that are no text pass as well" cmp -s out random
run sh -c 'printf "" | "$LOSSDOG"'
is "nothing at all" "$status" 0

if [ -d "$SRCDIR/../shared/corpus" ]; then
	bad=
	for f in "$SRCDIR"/../shared/corpus/*/*.log; do
		"$LOSSDOG" <"$f" 2>/dev/null | cmp -s - "$f" || bad="$bad $f"
	done
	is "every log of the corpus passes byte for byte" "$bad" ""
else
	skip "every log of the corpus passes byte for byte" "the corpus is not here"
fi

done_testing
