#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The 24 faults that a follower of logs must pass, played on real files.

    faults_follow.py [-v] [--lossdog PATH] [FOLLOWER...] [--only FAULT,...]

Each fault writes numbered lines as a training would, does to the file what
log rotation, people and file systems do, and then counts which lines came out
of the follower: every one exactly once is a pass.  FOLLOWER is lossdog, tail
(GNU tail -F) or mtail; without one, all that are installed are compared.
"""

import argparse
import collections
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE = 4.0   # seconds for all lines to come out
NOBODY = 65534
QUIET = 0.4      # seconds in which no more may come


class Follower:
    """A process that reads `path`; got() is every line number that came out."""

    def __init__(self, folder, path):
        self.folder, self.path, self.process = folder, path, None

    def start(self, again=False):
        raise NotImplementedError

    def got(self):
        raise NotImplementedError

    def spawn(self, argv, stdout):
        # Root may read everything, so that a permission could not be missing.
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.DEVNULL, **user)
        time.sleep(0.3)

    def stop(self, sig=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(sig)
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Lossdog(Follower):
    binary = "lossdog"

    def start(self, again=False):
        state = os.path.join(self.folder, "state")
        self.out = os.path.join(self.folder, "samples.jsonl")
        self.spawn([self.binary, "watch", "--plain", "--quiet", "--state-dir", state,
                    "--to", "jsonl=" + self.out, self.path], subprocess.DEVNULL)

    def got(self):
        steps = []
        if os.path.exists(self.out):
            with open(self.out) as f:
                for line in f:
                    try:
                        steps.append(int(json.loads(line)["step"]))
                    except (ValueError, KeyError):
                        pass
        return steps


class Tail(Follower):
    def start(self, again=False):
        self.out = os.path.join(self.folder, "out")
        with open(self.out, "ab") as f:
            self.spawn(["tail", "-q", "-s", "0.1", "-n", "0" if again else "+1", "-F", self.path], f)

    def got(self):
        return steps_in(open(self.out, "rb").read())


class Mtail(Follower):
    """Counts each step by a label; the figures are read over HTTP."""

    program = "counter seen by step\n/^step (?P<step>\\d+) loss/ {\n  seen[$step]++\n}\n"

    def start(self, again=False):
        self.before = self.got() if again else []
        progs = os.path.join(self.folder, "mtail")
        os.makedirs(progs, exist_ok=True)
        os.chmod(progs, 0o777)
        with open(os.path.join(progs, "seen.mtail"), "w") as f:
            f.write(self.program)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.spawn(["mtail", "--progs", progs, "--logs", self.path, "--address", "127.0.0.1",
                    "--port", str(self.port), "--log_dir", progs, "--poll_interval", "100ms",
                    "--poll_log_interval", "100ms"], subprocess.DEVNULL)
        time.sleep(0.7)

    def stop(self, sig=signal.SIGTERM):
        if self.process is not None:
            self.last = self.got()
        super().stop(sig)

    def got(self):
        if self.process is None:
            return getattr(self, "last", [])
        try:
            url = "http://127.0.0.1:%d/json" % self.port
            data = json.load(urllib.request.urlopen(url, timeout=2))
        except OSError:
            return list(self.before)
        steps = list(self.before)
        for metric in data:
            for value in metric.get("LabelValues") or []:
                steps += [int(value["Labels"][0])] * int(value["Value"]["Value"])
        return steps


def steps_in(data):
    steps = []
    for line in data.split(b"\n"):
        word = line.lstrip(b"\0").split()
        if len(word) == 4 and word[0] == b"step" and word[1].isdigit():
            steps.append(int(word[1]))
    return steps


class World:
    """A folder with a log, its writer and its follower."""

    def __init__(self, kind):
        self.folder = tempfile.mkdtemp(prefix="lossdog-faults.")
        self.logs = os.path.join(self.folder, "logs")
        os.mkdir(self.logs)
        self.path = os.path.join(self.logs, "train.log")
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.follower = kind(self.folder, self.path)
        self.next, self.lost_allowed = 1, set()
        self.file = None
        self.open()

    # the training
    def open(self, path=None, append=True):
        if self.file:
            self.file.close()
        self.file = open(path or self.path, "ab" if append else "r+b" if os.path.exists(
            path or self.path) else "wb", buffering=0)

    def line(self):
        self.next += 1
        return b"step %d loss 0.%04d\n" % (self.next - 1, (self.next * 7919) % 10000)

    def write(self, n=20, file=None):
        data = b"".join(self.line() for _ in range(n))
        (file or self.file).write(data)
        return data

    # what is done to its files
    def at(self, name):
        return os.path.join(self.logs, name)

    def shift(self):
        for i in range(8, 0, -1):
            for end in ("", ".gz"):
                if os.path.exists(self.at("train.log.%d%s" % (i, end))):
                    os.rename(self.at("train.log.%d%s" % (i, end)), self.at("train.log.%d%s" % (i + 1, end)))

    def rotate(self, reopen=True):
        self.shift()
        os.rename(self.path, self.at("train.log.1"))
        if reopen:
            self.open()

    def copytruncate(self):
        self.shift()
        shutil.copyfile(self.path, self.at("train.log.1"))
        os.truncate(self.path, 0)

    def compress(self, name):
        stat = os.stat(self.at(name))
        with open(self.at(name), "rb") as f, gzip.open(self.at(name + ".gz"), "wb") as g:
            g.write(f.read())
        os.utime(self.at(name + ".gz"), (stat.st_atime, stat.st_mtime))
        os.unlink(self.at(name))

    # the follower
    def pause(self):
        self.follower.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.follower.process.send_signal(signal.SIGCONT)

    def down(self, sig=signal.SIGTERM):
        self.follower.stop(sig)

    def up(self):
        self.follower.start(again=True)

    def missing(self):
        count = collections.Counter(self.follower.got())
        lost = [i for i in range(1, self.next) if count[i] == 0 and i not in self.lost_allowed]
        twice = [i for i in range(1, self.next) if count[i] > 1]
        return lost, twice

    def settle(self, patience=PATIENCE):
        end = time.time() + patience
        while time.time() < end:
            lost, twice = self.missing()
            if not lost:
                return
            time.sleep(0.05)

    def close(self):
        self.follower.stop(signal.SIGKILL)
        if self.file:
            self.file.close()
        subprocess.run(["chmod", "-R", "u+rwx", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


FAULTS = []


def fault(text):
    def add(f):
        FAULTS.append((f.__name__, text, f))
        return f
    return add


@fault("a file that grows, and nothing else")
def grows(w):
    for _ in range(5):
        w.write(50)
        time.sleep(0.05)


@fault("the file does not exist yet")
def late(w):
    w.down()
    os.unlink(w.path)
    w.up()
    time.sleep(0.3)
    w.open()
    w.write()


@fault("renamed, created anew; the writer goes on in the old one for a while")
def rename_create(w):
    w.write()
    w.settle()
    os.rename(w.path, w.at("train.log.1"))
    new = open(w.path, "ab", buffering=0)
    w.write()
    w.write(20, new)
    time.sleep(0.5)
    w.write()
    new.close()


@fault("renamed; the writer never opens the new name")
def rename_held(w):
    w.write()
    w.settle()
    w.rotate(reopen=False)
    for _ in range(4):
        time.sleep(0.4)
        w.write()


@fault("copied and truncated")
def copytruncate(w):
    w.write()
    w.settle()
    w.copytruncate()
    time.sleep(0.3)
    w.write()


@fault("lines that nobody has read yet, then copied and truncated")
def copytruncate_unread(w):
    w.write()
    w.settle()
    w.pause()
    w.write()
    w.copytruncate()
    w.resume()
    time.sleep(0.3)
    w.write()


@fault("truncated, and past its old length before the next look")
def truncated_outgrown(w):
    w.write(5)
    w.settle()
    w.pause()
    os.truncate(w.path, 0)
    w.write(200)
    w.resume()


@fault("rotated twice between two looks")
def twice(w):
    w.write()
    w.settle()
    w.pause()
    for _ in range(2):
        w.write()
        w.rotate()
        w.write()
    w.resume()


@fault("rotated while the follower is down")
def rotated_down(w):
    w.write()
    w.settle()
    w.down()
    w.write()
    w.rotate()
    w.write()
    w.up()


@fault("rotated twice while the follower is down")
def rotated_twice_down(w):
    w.write()
    w.settle()
    w.down()
    for _ in range(2):
        w.write()
        w.rotate()
        w.write()
    w.up()


@fault("copied and truncated while the follower is down")
def copytruncate_down(w):
    w.write()
    w.settle()
    w.down()
    w.write()
    w.copytruncate()
    w.write()
    w.up()


@fault("rotated and compressed while the follower is down")
def compressed_down(w):
    w.write()
    w.settle()
    w.down()
    w.write()
    w.rotate()
    w.write()
    w.compress("train.log.1")
    w.up()


@fault("killed with -9, and started again")
def killed(w):
    w.write()
    w.settle()
    time.sleep(6)
    w.down(signal.SIGKILL)
    w.write()
    w.up()


@fault("deleted and created: the same inode number again")
def inode_reuse(w):
    w.write()
    w.settle()
    w.down()
    w.file.close()
    w.file = None
    os.unlink(w.path)
    w.open()
    w.write(60)
    w.up()


@fault("written anew in place")
def rewritten(w):
    w.write(5)
    w.settle()
    w.pause()
    with open(w.path, "wb") as f:
        f.write(b"".join(w.line() for _ in range(30)))
    w.resume()
    time.sleep(0.3)
    w.write()


@fault("replaced by a copy of itself with more, as rsync does")
def mirrored(w):
    w.write()
    w.settle()
    for _ in range(3):
        with open(w.path, "rb") as f:
            data = f.read()
        with open(w.at(".train.log.tmp"), "wb") as f:
            f.write(data + b"".join(w.line() for _ in range(10)))
        os.rename(w.at(".train.log.tmp"), w.path)
        w.settle()


@fault("replaced by another file, whose first lines are the same")
def same_banner(w):
    banner = b"".join(b"# a banner that all runs print, line %d\n" % i for i in range(40))
    w.file.write(banner)
    w.write()
    w.settle()
    w.pause()
    w.rotate()
    w.file.write(banner)
    w.write()
    w.resume()


@fault("a symbolic link that is switched to the next run")
def symlink(w):
    w.down()
    w.file.close()
    os.unlink(w.path)
    w.open(w.at("run1.txt"))
    w.write()
    os.symlink("run1.txt", w.path)
    w.up()
    w.settle()
    w.write()
    w.settle()
    w.open(w.at("run2.txt"))
    w.write()
    os.symlink("run2.txt", w.at("next"))
    os.rename(w.at("next"), w.path)
    w.write()


@fault("a last line that is written in two halves")
def halves(w):
    w.write(3)
    line = w.line()
    w.file.write(line[:9])
    time.sleep(1)
    w.file.write(line[9:])
    w.write(3)


@fault("a writer without O_APPEND after a truncation: a hole of NULs")
def hole(w):
    w.open(append=False)
    w.write(40)
    w.settle()
    os.truncate(w.path, 0)
    time.sleep(0.5)
    w.write(40)


@fault("a file that is longer than what is written in it")
def preallocated(w):
    w.down()
    w.open(append=False)
    os.ftruncate(w.file.fileno(), 1 << 20)
    w.up()
    for _ in range(3):
        w.write()
        time.sleep(0.4)


@fault("no permission for a while")
def permission(w):
    w.write()
    w.settle()
    os.chmod(w.logs, 0)
    w.write()
    time.sleep(1)
    os.chmod(w.logs, 0o755)
    w.write()


@fault("its folder is moved away and made anew")
def folder(w):
    w.write()
    w.settle()
    os.rename(w.logs, w.logs + ".old")
    w.write()
    time.sleep(0.5)
    os.mkdir(w.logs)
    w.open()
    w.write()


@fault("deleted while the writer goes on, then made anew")
def deleted(w):
    w.write()
    w.settle()
    os.unlink(w.path)
    w.write()
    time.sleep(0.5)
    w.write()
    time.sleep(0.5)
    w.open()
    w.write()


def play(kind, run):
    w = World(kind)
    try:
        w.follower.start()
        run(w)
        w.settle()
        time.sleep(QUIET)
        return w.missing()
    finally:
        w.close()


def installed(names):
    kinds = {"lossdog": Lossdog, "tail": Tail, "mtail": Mtail}
    return [(n, kinds[n]) for n in names if n in kinds and
            (n == "lossdog" or shutil.which(n))]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("followers", nargs="*", default=["lossdog", "tail", "mtail"])
    p.add_argument("--lossdog", default=os.environ.get("LOSSDOG", "lossdog"))
    p.add_argument("--only", default="")
    p.add_argument("-v", action="store_true")
    o = p.parse_args()
    Lossdog.binary = os.path.abspath(o.lossdog) if os.path.exists(o.lossdog) else o.lossdog
    followers = installed(o.followers)
    faults = [f for f in FAULTS if not o.only or f[0] in o.only.split(",")]
    score = collections.Counter()
    print("%-20s %s  what is done" % ("fault", "  ".join("%-8s" % n for n, _ in followers)))
    for name, text, run in faults:
        row = []
        for follower, kind in followers:
            lost, twice = play(kind, run)
            score[follower] += not lost and not twice
            row.append("ok" if not lost and not twice else
                       "%s%s" % ("-%d " % len(lost) if lost else "", "+%d" % len(twice) if twice else ""))
            if o.v and (lost or twice):
                print("# %s %s: lost %s, twice %s" % (follower, name, lost[:10], twice[:10]))
        print("%-20s %s  %s" % (name, "  ".join("%-8s" % r for r in row), text), flush=True)
    print("%-20s %s  of %d; -n: lines lost, +n: lines that came twice" % (
        "score", "  ".join("%-8d" % score[n] for n, _ in followers), len(faults)))
    return 0 if score["lossdog"] == len(faults) or "lossdog" not in o.followers else 1


if __name__ == "__main__":
    sys.exit(main())
