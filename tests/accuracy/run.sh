#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh LOSSDOG [OPTIONS of accuracy.py]: judges lossdog; make accuracy in the
# build folder does it.  The trainings need a Python with the frameworks:
# $ACCURACY_PYTHON, else a virtual environment in the user's cache, which is
# made when it is not there (a download of some 300 MB).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/lossdog-tests/venv
python=${ACCURACY_PYTHON:-$venv/bin/python}
lossdog=$1
shift
if [ ! -x "$python" ] && [ -z "${ACCURACY_PYTHON:-}" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install -q --extra-index-url https://download.pytorch.org/whl/cpu \
	    -r "$here/requirements.txt"
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec nice -n 10 python3 "$here/accuracy.py" "$lossdog" --python "$python" \
    --corpus "$here/../../../shared/corpus" "$@"
