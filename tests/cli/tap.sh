# SPDX-License-Identifier: MIT
# Sourced by t_*.sh: . "$SRCDIR/tests/cli/tap.sh"
#
# A test runs in its own empty folder.  $LOSSDOG is the binary (absolute),
# $SRCDIR the project's root.  State and configuration of the user are out of
# reach: HOME and the XDG folders point into the test's folder.
#
#	run [COMMAND...]       sets $status; the output is in the files out and err
#	ok NAME COMMAND...     passes when COMMAND succeeds (test, grep, cmp, ...)
#	not NAME COMMAND...    passes when COMMAND fails
#	is NAME GOT WANT       passes when the texts are equal
#	skip NAME WHY          something that cannot be tested here
#	done_testing           the last line of the test

tap_n=0
tap_bad=0
status=0

run()
{
	status=0
	"$@" >out 2>err || status=$?
}

tap_line()
{
	tap_n=$((tap_n + 1))
	if [ "$1" = ok ]; then
		echo "ok $tap_n - $2"
	else
		tap_bad=$((tap_bad + 1))
		echo "not ok $tap_n - $2"
	fi
}

ok()
{
	tap_name=$1
	shift
	if "$@" >tap.log 2>&1; then
		tap_line ok "$tap_name"
	else
		tap_line bad "$tap_name"
		echo "# failed: $*"
		sed 's/^/#   /' tap.log
		if [ -s err ]; then
			echo "# err of the last run:"
			sed 's/^/#   /' err | head -n 20
		fi
	fi
}

not()
{
	tap_name=$1
	shift
	if "$@" >tap.log 2>&1; then
		tap_line bad "$tap_name"
		echo "# should have failed: $*"
	else
		tap_line ok "$tap_name"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		tap_line ok "$1"
	else
		tap_line bad "$1"
		echo "# got:"
		printf '%s\n' "$2" | sed 's/^/#   /' | head -n 40
		echo "# want:"
		printf '%s\n' "$3" | sed 's/^/#   /' | head -n 40
	fi
}

skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$tap_n"
	[ "$tap_bad" -eq 0 ] || exit 1
	exit 0
}
