#!/bin/sh
# SPDX-License-Identifier: MIT
# Peak memory: a long log through the filter, one line of 64 MiB, many profiles.
. "$(dirname "$0")/lib.sh"

# The largest resident set of the command, in MB; of its own process alone.
peak() # COMMAND...
{
	perl -e '
		my $pid = fork // die;
		if (!$pid) { open STDOUT, ">", "/dev/null"; open STDERR, ">", "/dev/null"; exec @ARGV or exit 127; }
		my $max = 0;
		while (1) {
			open my $f, "<", "/proc/$pid/status" or last;
			while (<$f>) { $max = $1 if /^VmHWM:\s+(\d+)/ && $1 > $max }
			use POSIX ":sys_wait_h";
			last if waitpid($pid, WNOHANG) > 0;
			select undef, undef, undef, 0.01;
		}
		printf "%.1f\n", $max / 1024;' "$@"
}

echo "Peak memory in MB, and the most that it may be"
log=$(log_of megatron)
row "$BENCH_MB MB of metric lines through the filter" "$(peak sh -c "exec '$LOSSDOG' --quiet <'$log'")" 1 16
row "$BENCH_MB MB of metric lines, check --replay" "$(peak "$LOSSDOG" check --replay --json "$log")" 1 16
head -c 67108864 /dev/zero | tr '\0' 'x' >"$BENCH_DIR/line.log"
row "one line of 64 MiB" "$(peak sh -c "exec '$LOSSDOG' --quiet <'$BENCH_DIR/line.log'")" 1 16
