#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [-j JOBS] [-w WRAPPER] [TEST...]: runs tests (all, when none is named),
# several at a time, counts their TAP lines and ends with
#	N passed, N failed, N skipped
# TEST is a path below the project or the build: tests/unit/test_line,
# tests/cli/t_help.sh.  To be started in the build folder, where logs go to
# tests/log/.  WRAPPER stands before a unit test's name (valgrind ...).
set -u

here=$(dirname "$0")
SRCDIR=$(cd "$here/.." && pwd)
BUILDDIR=$(pwd)
LOSSDOG=$BUILDDIR/lossdog
LIMIT=${TEST_TIMEOUT:-300}
export SRCDIR BUILDDIR LOSSDOG LIMIT

# Where TEST is, or nothing.
find_test()
{
	for d in "$BUILDDIR" "$SRCDIR" .; do
		for e in "" .sh; do
			if [ -f "$d/$1$e" ]; then
				echo "$d/$1$e"
				return
			fi
		done
	done
}

# One test in its own folder and with a time limit; $log gets its output and exit status.
run_one()
{
	name=$1
	path=$(find_test "$name")
	log=$BUILDDIR/tests/log/$(echo "$name" | tr / _)
	dir=$(mktemp -d "${TMPDIR:-/tmp}/lossdog-test.XXXXXX") || exit 1
	mkdir "$dir/home"
	(
		cd "$dir/home/.." || exit 1
		HOME=$dir/home
		XDG_STATE_HOME=$HOME/state XDG_CONFIG_HOME=$HOME/config
		XDG_CACHE_HOME=$HOME/cache TERM=dumb LC_ALL=C.UTF-8
		export HOME XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME TERM LC_ALL
		unset NO_COLOR MAKEFLAGS MFLAGS
		case $path in
		'') echo "not ok 1 - $name exists"; echo 1..1; false ;;
		*.sh) timeout -k 5 "$LIMIT" sh "$path" ;;
		*) timeout -k 5 "$LIMIT" ${WRAPPER:-} "$path" ;;
		esac
	) >"$log.tap" 2>"$log.err" </dev/null
	echo "# exit $?" >>"$log.tap"
	chmod -R u+rwx "$dir" 2>/dev/null
	rm -rf "$dir"
	count "$name" "$log"
}

# TAP lines to counts; a test that dies or says less than its plan has one failure more.
count()
{
	awk -v name="$1" -v log_="$2" '
	/^ok .*# [Ss][Kk][Ii][Pp]/ { skipped++; next }
	/^ok / { passed++; next }
	/^not ok / { failed++; bad = bad "    " $0 "\n"; show = 1; next }
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1; next }
	/^# exit / { status = $3; next }
	/^#/ && show { bad = bad "      " $0 "\n"; next }
	{ show = 0 }
	END {
		if (!planned || plan != passed + failed + skipped ||
		    (status != 0 && failed == 0)) {
			failed++
			bad = bad "    it ended with status " status " after " \
			    passed + failed - 1 + skipped " of " \
			    (planned ? plan : "?") " tests\n"
			while ((getline line < (log_ ".err")) > 0 && n++ < 40)
				bad = bad "      " line "\n"
		}
		printf "%s %s (%d)\n%s", failed ? "FAIL" : "ok  ", name,
		    passed + failed + skipped, bad
		printf "%d %d %d\n", passed, failed, skipped > (log_ ".count")
	}' "$2.tap"
}

if [ "${1:-}" = --one ]; then
	run_one "$2"
	exit 0
fi

jobs=$(nproc 2>/dev/null || echo 2)
WRAPPER=
while getopts j:w: o; do
	case $o in
	j) jobs=$OPTARG ;;
	w) WRAPPER=$OPTARG ;;
	*) exit 3 ;;
	esac
done
shift $((OPTIND - 1))
export WRAPPER

if [ $# -eq 0 ]; then
	set -- $(cd "$SRCDIR" && ls tests/unit/test_*.c tests/check_*.sh tests/cli/t_*.sh \
	    tests/corpus/t_*.sh tests/fuzz/run_fuzz.sh 2>/dev/null | sed 's/\.c$//')
fi
mkdir -p tests/log
rm -f tests/log/*
printf '%s\n' "$@" | xargs -P "$jobs" -I '{}' sh "$0" --one '{}'
cat tests/log/*.count | awk '
	{ p += $1; f += $2; s += $3 }
	END {
		printf "%d passed, %d failed, %d skipped\n", p, f, s
		exit f > 0 || p == 0
	}'
