# SPDX-License-Identifier: MIT
# For bench_*.sh: where things are, CPU times, a line of the table.

here=$(cd "$(dirname "$0")" && pwd)
LOSSDOG=${LOSSDOG:-$PWD/lossdog}
BENCH_DIR=${BENCH_DIR:-${TMPDIR:-/tmp}/lossdog-bench}
BENCH_MB=${BENCH_MB:-100}
mkdir -p "$BENCH_DIR"

# A log of logs.sh, made once.
log_of() # KIND
{
	f=$BENCH_DIR/$1-$BENCH_MB.log
	[ -s "$f" ] || { sh "$here/logs.sh" "$1" "$BENCH_MB" >"$f.new" && mv "$f.new" "$f"; }
	echo "$f"
}

# CPU seconds (user and system, children too) of a command, the best of three.
cpu() # COMMAND...
{
	best=
	for _ in 1 2 3; do
		t=$(perl -e '
			my $pid = fork // die;
			if (!$pid) {
				open STDOUT, ">", "/dev/null"; open STDERR, ">", "/dev/null";
				exec @ARGV or exit 127;
			}
			waitpid $pid, 0;
			my @t = times;
			printf "%.3f\n", $t[2] + $t[3];' "$@")
		best=$(echo "$t ${best:-$t}" | awk '{ print $1 < $2 ? $1 : $2 }')
	done
	echo "$best"
}

# One line: what, measured, the peer's, the ratio, the budget.
row() # WHAT OURS THEIRS BUDGET
{
	echo "$2 $3 $4" | awk -v what="$1" '{
		r = $1 / ($2 > 0.001 ? $2 : 0.001)
		printf "%-52s %9.3f %9.3f %8.2f x  (at most %s)%s\n", what, $1, $2, r, $3, r <= $3 ? "" : "  MISSED"
	}'
}
