#!/bin/sh
# SPDX-License-Identifier: MIT
# lossdog run held against the bare command.  WRAP_BYTES=10000000000 for the long way.
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
WRAP_LOG="--log LOG" exec python3 "$SRCDIR/tests/real/wrap.py" "$LOSSDOG" run --
