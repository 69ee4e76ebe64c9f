#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU of the whole (all profiles, all rules) against what people use for one number.
. "$(dirname "$0")/lib.sh"

pattern='loss[^0-9]{0,4}[0-9.]+'
echo "CPU seconds for $BENCH_MB MB: lossdog check --replay, the peer, the ratio"
for kind in megatron dict sparse bars; do
	log=$(log_of $kind)
	ours=$(cpu "$LOSSDOG" check --replay --json "$log")
	if command -v pcre2grep >/dev/null; then
		row "$kind: pcre2grep -c, one pattern" "$ours" "$(cpu pcre2grep --buffer-size=1M -c "$pattern" "$log")" 1.0
	else
		echo "pcre2grep is not there: not compared"
	fi
	row "$kind: perl, one pattern" "$ours" \
	    "$(cpu perl -ne '$n++ if /loss[^0-9]{0,4}[0-9.]+/; END { print "$n\n" }' "$log")" 1.0
done

if command -v mtail >/dev/null; then
	cat >"$BENCH_DIR/megatron.mtail" <<'END'
gauge lm_loss
gauge iteration
/iteration\s+(?P<step>\d+)\/.*lm loss: (?P<loss>[0-9.]+E[-+][0-9]+)/ {
  iteration = $step
  lm_loss = float($loss)
}
END
	log=$(log_of megatron)
	# Its best case: 10 MB, for it needs most of a second for each.
	head -c 10000000 "$log" >"$BENCH_DIR/megatron-10.log"
	row "megatron, 10 MB: mtail -one_shot, one program" "$(cpu "$LOSSDOG" check --replay --json "$BENCH_DIR/megatron-10.log")" \
	    "$(cpu mtail -one_shot -progs "$BENCH_DIR/megatron.mtail" -logs "$BENCH_DIR/megatron-10.log" -port 0)" 0.02
else
	echo "mtail is not there: not compared"
fi

# More profiles: those shipped, and as many more as make 200.
have=$("$LOSSDOG" profiles list | grep -c .)
mkdir -p "$BENCH_DIR/more/profiles"
i=$have
while [ "$i" -lt 200 ]; do
	cat >"$BENCH_DIR/more/profiles/more$i.yaml" <<END
profile: more$i
title: profile number $i
reads:
- name: train
  pattern: 'trainer-$i says: round (?<step>\d+) of (?<steps>\d+): '
  pairs: {}
- name: validation
  pattern: 'judge-$i says: round (?<step>\d+): '
  phase: val
  pairs: {}
END
	i=$((i + 1))
done
for kind in megatron sparse; do
	log=$(log_of $kind)
	row "$kind: 200 profiles against $have" "$(cpu "$LOSSDOG" check --replay --json --rules "$BENCH_DIR/more" "$log")" \
	    "$(cpu "$LOSSDOG" check --replay --json "$log")" 1.2
done
row "start to finish of an empty log, against /bin/true" "$(cpu "$LOSSDOG" check --replay /dev/null)" "$(cpu true)" 10
