#!/bin/sh
# SPDX-License-Identifier: MIT
# Each fuzz target over its seeds, then (a build with --enable-fuzzing) for
# FUZZ_SECONDS more.  A find is kept in $BUILDDIR/tests/fuzz/finds.
set -u
n=0
bad=0
cd "$BUILDDIR" || exit 1
mkdir -p tests/fuzz/finds

for t in "$SRCDIR"/tests/fuzz/fuzz_*.c; do
	name=$(basename "$t" .c)
	seeds=$SRCDIR/tests/fuzz/seeds/${name#fuzz_}
	work=$(mktemp -d)
	if [ "${FUZZ_SECONDS:-0}" -gt 0 ]; then
		timeout -k 5 $((FUZZ_SECONDS + 120)) "tests/fuzz/$name" -max_total_time="$FUZZ_SECONDS" \
			-timeout=20 -rss_limit_mb=1024 -max_len=65536 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix="tests/fuzz/finds/$name-" "$work" $([ -d "$seeds" ] && echo "$seeds") \
			>"$work.log" 2>&1
	else
		# shellcheck disable=SC2046
		timeout -k 5 120 "tests/fuzz/$name" $(find "$seeds" -type f 2>/dev/null) >"$work.log" 2>&1
	fi
	rc=$?
	n=$((n + 1))
	[ $rc -eq 0 ] || { bad=$((bad + 1)); printf 'not '; }
	echo "ok $n - $name"
	if [ $rc -ne 0 ]; then
		tail -n 30 "$work.log" | sed 's/^/# /'
	fi
	grep -h 'stat::number_of_executed_units' "$work.log" | sed 's/^/# /'
	rm -rf "$work" "$work.log"
done
echo "1..$n"
[ $bad -eq 0 ]
