#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh PYTHON [NAME...]: makes the sample logs again (all, when none is named).
# PYTHON needs torch, tqdm, transformers, accelerate, keras, xgboost, lightgbm, lightning.
set -eu
python=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore
export PYTHONUNBUFFERED PYTHONWARNINGS

make() # LOG SCRIPT [ARGUMENTS]
{
	log=$1
	shift
	case " $names " in
	"  " | *" $log "*) ;;
	*) return 0 ;;
	esac
	echo "$log"
	script=$1
	shift
	# As "python train.py 2>&1 | tee log" has it: a pipe, both streams.
	"$python" "$here/$script" "$@" 2>&1 </dev/null | cat >"$here/../$log.log"
}

names="$*"
make pytorch-nan pytorch_nan.py
make pytorch-healthy pytorch_healthy.py
make hf-trainer-overfit hf_trainer_overfit.py
make keras-healthy keras_fit.py
make keras-overfit keras_fit.py overfit
make xgboost-healthy xgboost_train.py
make xgboost-overfit xgboost_train.py overfit
make lightgbm-healthy lightgbm_train.py
make lightning-healthy lightning_fit.py
