#!/bin/sh
# SPDX-License-Identifier: MIT
# Speed of the bytes' path, against tee.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || { echo "python3 is not there: nothing measured"; exit 0; }
python3 "$here/wrapping.py" pass "$(log_of megatron)"
