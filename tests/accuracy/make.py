# SPDX-License-Identifier: MIT
"""Makes the logs of the cases that are not in the cache yet.

A log depends on its script, on kit.py and on its options, whose hash names its folder.  Frameworks are loaded
once in a process that forks for each run; a run is a process of its own, with both outputs in one file.
"""
import hashlib
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 60  # seconds of CPU for one run
FRAMEWORKS = {"keras_fit": "keras", "hf": "transformers", "lightning_fit": "lightning", "xgb": "xgboost",
              "lgbm": "lightgbm", "mlp": "sklearn.neural_network"}


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("LOSSDOG_ACCURACY") or os.path.join(base, "lossdog-accuracy")


def read(*path):
    with open(os.path.join(HERE, *path), "rb") as f:
        return f.read()


KIT = read("kit.py")


def place(case, seed):
    """Where a case's log is: CACHE/SCRIPT-HASH/CASE.SEED.log"""
    parts = [KIT, read("scripts", case.script + ".py"), json.dumps(case.options, sort_keys=True).encode()]
    h = hashlib.sha256(b"\0".join(parts)).hexdigest()[:10]
    return os.path.join(cache(), case.script, f"{case.name}.{h}.{seed}.log")


def truth(log):
    try:
        with open(log[:-4] + ".json") as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def ready(log):
    return "exit" in truth(log)


def missing(cases, seeds):
    return [(c, s) for c in cases for s in range(1, seeds + 1) if not c.live and not ready(place(c, s))]


def child(case, seed, log):
    """Runs one training in this process, which ends with it."""
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import kit
    status = 0
    try:
        importlib.import_module("scripts." + case.script).main(kit.Run(dict(case.options), seed, log[:-4] + ".part"))
    except SystemExit as e:
        status = int(e.code or 0)
    except BaseException as e:
        # As the interpreter would have printed it, without this file's own frame.
        traceback.print_exception(type(e), e, e.__traceback__.tb_next)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run(case, seed):
    log = place(case, seed)
    os.makedirs(os.path.dirname(log), exist_ok=True)
    part = log[:-4] + ".part"
    if os.path.exists(part):
        os.unlink(part)
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        child(case, seed, log)
    status = os.waitpid(pid, 0)[1]
    told = {}
    if os.path.exists(part):
        with open(part) as f:
            told = json.load(f)
        os.unlink(part)
    told.update(exit=os.waitstatus_to_exitcode(status), seconds=round(time.monotonic() - start, 2), case=case.name,
                options=case.options, seed=seed)
    with open(log[:-4] + ".json.new", "w") as f:
        json.dump(told, f)
    os.rename(log[:-4] + ".json.new", log[:-4] + ".json")
    shutil.copy(os.path.join(HERE, "scripts", case.script + ".py"), os.path.dirname(log))
    return told


def main(argv):
    """make.py SEEDS [SCRIPT[:CASE]...]"""
    from cases import CASES
    os.nice(10)
    seeds, names = int(argv[0]), argv[1:]
    chosen = [c for c in CASES if not names or c.script in names or c.script + ":" + c.name in names]
    todo = missing(chosen, seeds)
    if not todo:
        return 0
    os.environ.update(KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="1", PYTHONWARNINGS="ignore",
                      TOKENIZERS_PARALLELISM="false")
    sys.path.insert(0, HERE)
    import kit  # noqa: F401 (torch, once for all)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for i, (case, seed) in enumerate(sorted(todo, key=lambda t: FRAMEWORKS.get(t[0].script, ""))):
        if case.script in FRAMEWORKS:
            importlib.import_module(FRAMEWORKS[case.script])
        told = run(case, seed)
        print(f"{i + 1}/{len(todo)} {case.script} {case.name} seed {seed}: {told['seconds']} s, status {told['exit']}",
              file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
