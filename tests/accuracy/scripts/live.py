#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""live.py FAULT AT SEED: logistic regression by hand that ends, stops or waits as FAULT says, at step AT.

Started by lossdog run, with real time: what happens to a process cannot be seen in a log.
"""
import math
import os
import random
import resource
import signal
import subprocess
import sys
import time

fault, at, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
steps, width, rate = 160, 12, 0.4
truth = [rng.gauss(0, 1) for _ in range(width)]
w = [0.0] * width


def batch(n=48):
    for _ in range(n):
        x = [rng.gauss(0, 1) for _ in range(width)]
        yield x, float(sum(a * b for a, b in zip(x, truth)) + rng.gauss(0, 0.3) > 0)


def step():
    loss, grad, n = 0.0, [0.0] * width, 0
    for x, y in batch():
        p = 1 / (1 + math.exp(-sum(a * b for a, b in zip(x, w))))
        p = min(max(p, 1e-9), 1 - 1e-9)
        loss -= y * math.log(p) + (1 - y) * math.log(1 - p)
        grad, n = [g + (p - y) * v for g, v in zip(grad, x)], n + 1
    for i in range(width):
        w[i] -= rate * grad[i] / n
    return loss / n


def put():
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "terminated":
        os.kill(os.getpid(), signal.SIGTERM)
    if fault == "aborted":
        os.abort()
    if fault == "exit":
        os._exit(3)
    if fault == "stopped":  # by somebody else, who lets it go on much later
        subprocess.Popen(["sh", "-c", f"sleep 25; kill -CONT {os.getpid()}"])
        os.kill(os.getpid(), signal.SIGSTOP)
    if fault == "spins":
        end = time.monotonic() + 25
        while time.monotonic() < end:
            pass
    if fault == "waits":
        time.sleep(25)
    if fault == "file-limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open(f"/tmp/lossdog-accuracy-{os.getpid()}.ckpt", "wb", buffering=0) as f:
            os.unlink(f.name)
            while True:
                if f.write(b"\0" * (1 << 15)) < 1 << 15:
                    raise OSError(27, "File too large")
    if fault == "child-killed":
        subprocess.run(["sh", "-c", "kill -9 $$"], check=True)
    if fault == "pauses":  # an evaluation
        print(f"Evaluating at step {i}", flush=True)
        time.sleep(3)
        print(f"step {i} val_loss {loss:.4f}", flush=True)


if fault == "no-start":
    print("Loading dataset", flush=True)
    time.sleep(12)
for i in range(1, steps + 1):
    loss = step()
    time.sleep(0.01)
    if i % 2 == 0:
        print(f"step {i}/{steps} train_loss {loss:.4f} lr {rate}", flush=True)
    if i == at:
        put()
print("Training complete.")
