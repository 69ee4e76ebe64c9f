#!/bin/sh
# SPDX-License-Identifier: MIT
# check over unchanged logs against find, its first pass on one core and on all, watch over quiet logs.
. "$(dirname "$0")/lib.sh"

files=${BENCH_FILES:-10000}
dir=$BENCH_DIR/many
state=$BENCH_DIR/state
# fastest COMMAND...: the least wall time of five
fastest()
{
	for _ in 1 2 3 4 5; do
		s=$(date +%s.%N); "$@" >/dev/null 2>&1; e=$(date +%s.%N)
		echo "$s $e"
	done | awk '{ t = $2 - $1; if (NR == 1 || t < m) m = t } END { printf "%.4f", m }'
}

mkdir -p "$dir"
rm -rf "$state"
awk -v n="$files" -v d="$dir" 'BEGIN { for (i = 0; i < n; i++) {
	f = sprintf("%s/g%02d", d, i % 100); if (i < 100) system("mkdir -p " f)
	f = f sprintf("/run%05d.log", i); for (s = 1; s <= 20; s++) printf "step %d/20 | loss %.4f\n", s, 2 / s >f
	print "Training completed" >f; close(f) } }'
sleep 1 # a log that was written just now is looked at again
"$LOSSDOG" check --state-dir "$state" "$dir" >/dev/null 2>&1
"$LOSSDOG" check --state-dir "$state" "$dir" >/dev/null 2>&1
echo "seconds for $files unchanged logs: lossdog check, the peer, the ratio"
row "find -printf" "$(fastest "$LOSSDOG" check --state-dir "$state" "$dir")" \
    "$(fastest find "$dir" -type f -printf '%s %T@ %i %p\n')" 1.5
echo "state of $files runs: $(du -sk "$state" | cut -f1) KB"

# The first pass, one process and one on each core.
rm -rf "$BENCH_DIR/big" "$state"; mkdir -p "$BENCH_DIR/big"
log=$(log_of megatron)
for i in 1 2 3 4; do cp "$log" "$BENCH_DIR/big/run$i.log"; done
echo "seconds for a first pass over $(du -sm "$BENCH_DIR/big" | cut -f1) MB: all cores, one, the ratio"
s=$(date +%s.%N); "$LOSSDOG" check --state-dir "$state" --jobs 1 "$BENCH_DIR/big" >/dev/null 2>&1
m=$(date +%s.%N); "$LOSSDOG" check --state-dir "$state.2" --jobs "$(nproc)" "$BENCH_DIR/big" >/dev/null 2>&1
e=$(date +%s.%N)
row "check --jobs $(nproc) against --jobs 1" "$(awk "BEGIN { print $e - $m }")" "$(awk "BEGIN { print $m - $s }")" \
    "$(awk "BEGIN { print 1.3 / $(nproc) }")"
rm -rf "$BENCH_DIR/big" "$state" "$state.2"

# Waking up: context switches of watch in ten quiet seconds, once its looks have become rare.
quiet=$BENCH_DIR/quiet
mkdir -p "$quiet"
for i in $(seq 1000); do printf 'step 1/9 | loss 2\nTraining completed\n' >"$quiet/run$i.log"; done
"$LOSSDOG" watch --plain --quiet --no-state "$quiet" >/dev/null 2>&1 &
pid=$!
wakes() { awk '/^voluntary_ctxt/ { print $2 }' "/proc/$pid/status"; }
sleep "${BENCH_SETTLE:-70}"
a=$(wakes); sleep 20; b=$(wakes)
echo "watch over 1000 quiet logs: $((b - a)) wake-ups in 20 seconds, $(find /proc/$pid/fd | wc -l) descriptors" \
    "($(awk '/VmRSS/ { print $2 }' /proc/$pid/status) KB)"
kill $pid
wait $pid 2>/dev/null
rm -rf "$dir" "$quiet"
