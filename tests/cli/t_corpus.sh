#!/bin/sh
# SPDX-License-Identifier: MIT
# The checked facts of real logs, where they are at hand.
. "$SRCDIR/tests/cli/tap.sh"

shared=$SRCDIR/../shared
case $BUILDDIR in
*sanitizers*) shared=/nowhere ;; # the plain build has told; the slow one would run into time limits
esac
if [ -f "$shared/tools/facts.py" ]; then
	# The floor is what holds today; it only ever rises.
	run env BAR=0.97 python3 "$shared/tools/facts.py" "$LOSSDOG" "$shared/corpus"
	sed 's/^/# /' out
	is "the series of the corpus are read" "$status" 0
else
	skip "the series of the corpus are read" "the corpus is not here, or this is not the plain build"
fi

done_testing
