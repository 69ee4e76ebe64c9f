#!/bin/sh
# SPDX-License-Identifier: MIT
# A log that grows between passes, and passes that are killed: the same findings as in one pass.
. "${SRCDIR:?}/tests/cli/tap.sh"

logs="$SRCDIR/tests/samples/*.log"
for f in faults/nan-loss/mxnet-ssd-smoothl1-nan.log nanogpt/order3-nan-from-start.log keras/fit-verbose2-overfit.log \
	gnmt/pytorch-gnmt-mlperf.log faults/divergence/caffenet-tanh-bs64-lr004.log; do
	[ -f "$SRCDIR/../shared/corpus/$f" ] && logs="$logs $SRCDIR/../shared/corpus/$f"
done

check() { "$LOSSDOG" check --state-dir "$PWD/state" "$@"; }
# The newest state of each finding, without when it was: "rule severity state step line".
newest()
{
	sed -n 's/^{"schema":1,"id":"\([^"]*\)","rule":"\([^"]*\)","severity":"\([^"]*\)","state":"\([^"]*\)".*/\1 \2 \3 \4 &/p' "$1" |
		sed 's/ {.*"step":\([0-9.e+]*\).*"line":\([0-9]*\).*/ step \1 line \2/; s/ {.*"line":\([0-9]*\).*/ line \1/; s/ {.*//' |
		awk '{ id = $1; $1 = ""; last[id] = $0 } END { for (i in last) print last[i] }' | sort
}
standing() { check --format table logs | sed -n 's/ *[0-9.]*[smhd]* *\([0-9.]*[smhd]*\)  \([^ ]*  [^ ]*\)$/ \2/p' | cut -c1-40; }
# grow LOG N: piece after piece onto logs/run.log, `after` behind each
grow()
{
	size=$(wc -c <"$1"); part=$((size / $2 + 1))
	for i in $(seq 0 $(($2 - 1))); do
		dd if="$1" bs=$part skip="$i" count=1 status=none >>logs/run.log
		$3 "$i"
	done
}
quietly() { check --json logs >>parts.json; }
killed()
{
	"$LOSSDOG" check --state-dir "$PWD/state" --json logs >>parts.json &
	pid=$!
	sleep "0.0$(($1 * 7 % 3))$(($1 * 3 % 10))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
}

for log in $logs; do
	name=$(basename "$log")
	rm -rf state logs; mkdir logs
	cp "$log" logs/run.log
	check --json logs >whole.json
	newest whole.json >whole; standing >stands
	rm -rf state logs; mkdir logs; : >parts.json
	grow "$log" 7 quietly
	newest parts.json >parts
	is "$name in pieces: the same findings" "$(cat parts)" "$(cat whole)"
	is "$name in pieces: it stands the same" "$(standing)" "$(cat stands)"
	rm -rf state logs; mkdir logs; : >parts.json
	grow "$log" 9 killed
	check --json logs >>parts.json
	newest parts.json >parts
	is "$name with killed passes: the same findings" "$(cat parts)" "$(cat whole)"
	is "$name with killed passes: it stands the same" "$(standing)" "$(cat stands)"
done

# A state of another build, and rubbish: a word, and it goes on.
if command -v sqlite3 >/dev/null; then
	sqlite3 state/lossdog.db "UPDATE watch_state SET state = x'676f6473736f6c00'"
	echo "step 1 loss 2" >>logs/run.log
	run check logs
	ok "a state that is damaged is dropped with a word" grep -q 'begin anew' err
	run check logs
	not "said once" grep -q 'begin anew' err
else
	skip "a damaged state" "sqlite3 is not installed"
fi
done_testing
