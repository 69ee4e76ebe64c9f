#!/bin/sh
# SPDX-License-Identifier: MIT
# Hand-written training loops (tests/real/loops.py): at least nine of ten series of
# each, and nothing invented.  Forms whose Python modules are not there are skipped.
if ! command -v python3 >/dev/null; then
	echo "ok 1 - hand-written loops are read # SKIP no python3"
	echo "1..1"
	exit 0
fi
exec python3 "$SRCDIR/tests/real/loops.py" "$LOSSDOG"
