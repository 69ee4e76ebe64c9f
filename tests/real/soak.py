#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many trainings for a long time, with rotations and restarts: each line once.

    soak.py [--lossdog PATH] [--seconds 600] [--writers 50] [--seed N]

Each writer adds lines to a log of its own, in bursts and pauses, and rotates
it now and then as logrotate and people do.  `lossdog watch` follows them all,
is ended and started again, and hands out samples; at the end each step of each
writer must have come out exactly once.  Memory, descriptors and CPU are told.
"""

import argparse
import collections
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROTATIONS = 6
SETTLE = 15.0   # seconds for all lines to come out at the end


class Writer(threading.Thread):
    """One training, and whoever rotates its log."""

    def __init__(self, path, seed, until):
        super().__init__()
        self.path, self.until, self.step = path, until, 0
        self.random = random.Random(seed)
        self.open()

    def open(self):
        self.out = open(self.path, "ab", buffering=0)

    def line(self):
        self.step += 1
        text = b"step %d/1000000 | loss: %.4f | lr: 1.0e-03\n" % (self.step, 2 / (1 + self.step / 50))
        if self.random.random() < 0.1:   # in two halves
            self.out.write(text[:17])
            time.sleep(0.01)
            text = text[17:]
        self.out.write(text)

    def shift(self):
        for i in range(ROTATIONS, 0, -1):
            for end in "", ".gz":
                name = f"{self.path}.{i}{end}"
                if os.path.exists(name):
                    os.rename(name, f"{self.path}.{i + 1}{end}")
        for end in "", ".gz":
            if os.path.exists(f"{self.path}.{ROTATIONS + 1}{end}"):
                os.unlink(f"{self.path}.{ROTATIONS + 1}{end}")

    def rename(self):
        self.shift()
        os.rename(self.path, self.path + ".1")
        for _ in range(self.random.randrange(3)):
            self.line()                  # the old descriptor is still in use
        self.open()

    def copytruncate(self):
        self.shift()
        shutil.copyfile(self.path, self.path + ".1")
        os.truncate(self.path, 0)

    def compress(self):
        """Of the one before the newest, as `delaycompress` does, once it has been read."""
        name = self.path + ".2"
        if os.path.exists(name):
            with open(name, "rb") as plain, gzip.open(name + ".gz", "wb") as packed:
                shutil.copyfileobj(plain, packed)
            shutil.copystat(name, name + ".gz")
            os.unlink(name)

    def run(self):
        while time.time() < self.until:
            for _ in range(self.random.randrange(1, 40)):
                self.line()
            time.sleep(self.random.uniform(0.05, 2))
            if self.random.random() < 0.03:
                self.random.choice([self.rename, self.copytruncate, self.compress])()
        self.out.close()


class Watch:
    """lossdog watch, ended and started again."""

    def __init__(self, lossdog, folder):
        self.command = [lossdog, "watch", "--plain", "--state-dir", folder + "/state", "--to",
                        f"jsonl={folder}/samples", folder + "/logs"]
        self.said = open(folder + "/said", "ab")
        self.starts, self.peak, self.cpu, self.fds = 0, 0, 0.0, 0

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.said, stderr=self.said)
        self.starts += 1

    def look(self):
        base = f"/proc/{self.process.pid}"
        with open(base + "/status", encoding="ascii") as f:
            self.peak = max([self.peak] + [int(l.split()[1]) for l in f if l.startswith("VmHWM")])
        self.fds = max(self.fds, len(os.listdir(base + "/fd")))

    def stop(self):
        self.look()
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            at = f.read().rsplit(")", 1)[1].split()
        self.cpu += (int(at[11]) + int(at[12])) / os.sysconf("SC_CLK_TCK")
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def came_out(folder):
    times = collections.defaultdict(collections.Counter)
    with open(folder + "/samples", encoding="utf-8") as f:
        for line in f:
            s = json.loads(line)
            if s["metric"] == "train/loss":
                times[os.path.basename(s["run"])][s["step"]] += 1
    return times


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--lossdog", default=os.environ.get("LOSSDOG", "build/lossdog"))
    p.add_argument("--seconds", type=float, default=600)
    p.add_argument("--writers", type=int, default=50)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    chance = random.Random(o.seed)
    folder = tempfile.mkdtemp(prefix="lossdog-soak.")
    os.mkdir(folder + "/logs")
    until = time.time() + o.seconds
    writers = [Writer(f"{folder}/logs/run{i}.log", o.seed * 1000 + i, until) for i in range(o.writers)]
    watch = Watch(os.path.abspath(o.lossdog), folder)
    watch.start()
    for w in writers:
        w.start()
    while time.time() < until:
        time.sleep(min(chance.uniform(3, 40), max(0.1, until - time.time())))
        watch.look()
        if chance.random() < 0.5:
            watch.stop()
            time.sleep(chance.uniform(0, 2))
            watch.start()
    for w in writers:
        w.join()
    time.sleep(SETTLE)
    watch.stop()
    times = came_out(folder)
    lines = sum(w.step for w in writers)
    lost = twice = 0
    for w in writers:
        seen = times[os.path.basename(w.path)]
        gone = [s for s in range(1, w.step + 1) if seen[s] == 0]
        more = [s for s in range(1, w.step + 1) if seen[s] > 1]
        lost, twice = lost + len(gone), twice + len(more)
        if gone or more:
            print(f"# {w.path}: lost {gone[:5]}, twice {more[:5]}")
    print(f"# {o.writers} writers, {o.seconds:.0f} s, {lines} lines, {watch.starts} starts: "
          f"{lost} lost, {twice} twice; {watch.peak} KB, {watch.fds} descriptors, {watch.cpu:.1f} s of CPU")
    bad = lost + twice > 0
    if not bad:
        shutil.rmtree(folder)
    print("not ok 1 - each line once" if bad else "ok 1 - each line once")
    return bad


if __name__ == "__main__":
    sys.exit(main())
