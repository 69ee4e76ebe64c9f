#!/bin/sh
# SPDX-License-Identifier: MIT
# Much output through filter and run: complete, in bounded memory.  BENCH_LARGE=1e10 for the long way.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || { echo "python3 is not there: nothing measured"; exit 0; }
python3 "$here/wrapping.py" large
