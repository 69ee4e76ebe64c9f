#!/bin/sh
# SPDX-License-Identifier: MIT
# From a line being written to its finding.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || { echo "python3 is not there: nothing measured"; exit 0; }
python3 "$here/wrapping.py" latency
