#!/bin/sh
# SPDX-License-Identifier: MIT
# The schedulers of PyTorch and Hugging Face (tests/real/schedules.py), where a Python has them:
# the one of make accuracy, or the first in PATH.
home=$(getent passwd "$(id -u)" | cut -d: -f6) # HOME is the test's own
for python in "${ACCURACY_PYTHON:-}" "$home/.cache/lossdog-tests/venv/bin/python" python3; do
	[ -n "$python" ] && "$python" -c 'import torch' 2>/dev/null &&
		exec "$python" "$SRCDIR/tests/real/schedules.py" "$LOSSDOG"
done
echo "ok 1 - the schedulers of PyTorch # SKIP no torch"
echo "1..1"
