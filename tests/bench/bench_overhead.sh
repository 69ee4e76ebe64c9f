#!/bin/sh
# SPDX-License-Identifier: MIT
# A PyTorch loop under lossdog run, against the bare loop.  BENCH_PYTHON is a
# Python that has torch, BENCH_SECONDS how long the loop takes.
. "$(dirname "$0")/lib.sh"

BENCH_PYTHON=${BENCH_PYTHON:-python3}
export BENCH_PYTHON
"$BENCH_PYTHON" -c 'import torch' 2>/dev/null ||
	{ echo "$BENCH_PYTHON has no torch (BENCH_PYTHON names one that has): nothing measured"; exit 0; }
"$BENCH_PYTHON" "$here/wrapping.py" overhead "$here/loop.py"
