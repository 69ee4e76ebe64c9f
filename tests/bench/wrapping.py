#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What it costs to be watched, against the same without.

wrapping.py pass LOG        speed of the bytes' path, against tee /dev/null
wrapping.py latency         from a line being written to its finding
wrapping.py large           BENCH_LARGE bytes (default 10^9) through filter and run: all of them, in bounded memory
wrapping.py overhead LOOP   CPU and wall time of a training loop, against the bare loop
                            (LOOP is a Python script; BENCH_PYTHON runs it)

Whatever is compared alternates within one run.  BENCH_RUNS: how often.
"""
import ctypes
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

LOSSDOG = os.environ.get("LOSSDOG", "./lossdog")
NULL = subprocess.DEVNULL


def runs(default):
    return int(os.environ.get("BENCH_RUNS", default))


def row(what, ours, theirs, ratio, least=None, most=None):
    missed = (least is not None and ratio < least) or (most is not None and ratio > most)
    budget = "at least %g" % least if least is not None else "at most %g" % most
    print("%-52s %9.3f %9.3f %8.3f x  (%s)%s" % (what, ours, theirs, ratio, budget,
                                               "  MISSED" if missed else ""), flush=True)


# --- pass ---

def until_eof(fd):
    """Reads to the end; how many bytes."""
    total, buf = 0, bytearray(1 << 20)
    while True:
        n = os.readv(fd, [buf])
        if n == 0:
            return total
        total += n


def through(feed, command):
    """Seconds until the last byte has come out of command (fed by feed, if any)."""
    t = time.perf_counter()
    feeder = subprocess.Popen(feed, stdout=subprocess.PIPE) if feed else None
    p = subprocess.Popen(command, stdin=feeder.stdout if feeder else NULL, stdout=subprocess.PIPE, stderr=NULL)
    if feeder:
        feeder.stdout.close()
    n = until_eof(p.stdout.fileno())
    t = time.perf_counter() - t
    p.wait()
    if feeder:
        feeder.wait()
    return t, n


def bench_pass(log):
    size = os.path.getsize(log)
    cat = ["cat", log]
    ways = {
        "tee": (cat, ["tee", "/dev/null"]),
        "the filter": (cat, [LOSSDOG, "--no-state"]),
        "run": (None, [LOSSDOG, "run", "--no-state", "--"] + cat),
    }
    took = {k: [] for k in ways}
    for _ in range(runs(7)):
        for k, (feed, command) in ways.items():
            t, n = through(feed, command)
            if n != size:
                sys.exit("%s: %d bytes of %d" % (k, n, size))
            took[k].append(t)
    print("MB/s from the writer to the reader, and tee /dev/null in the same place")
    speed = {k: size / 1e6 / statistics.median(v) for k, v in took.items()}
    for k in list(ways)[1:]:
        row(k, speed[k], speed["tee"], speed[k] / speed["tee"], least=0.9)


# --- large ---

LINE = b"iteration 1234/ 1000000 | lm loss: 2.345678E+00 | grad norm: 0.617 | learning rate: 3.0E-04 |\n"


def parts_of(pid):
    """The wrapper and its own processes, by name: their peak resident sets in MB."""
    found = {}
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            status = open("/proc/%s/status" % p).read()
        except OSError:
            continue
        fields = dict(l.split(":\t", 1) for l in status.splitlines() if ":\t" in l)
        if fields["Name"].startswith("lossdog") and "VmHWM" in fields and \
           (int(p) == pid or int(fields["PPid"]) == pid):
            found[fields["Name"]] = int(fields["VmHWM"].split()[0]) / 1024
    return found


def take_in(p):
    """Count and checksum of what comes, and the peaks on the way."""
    fd, buf = p.stdout.fileno(), bytearray(1 << 20)
    total, crc, peak, looked = 0, 0, {}, 0.0
    while True:
        n = os.readv(fd, [buf])
        if n > 0:
            total += n
            crc = zlib.crc32(memoryview(buf)[:n], crc)
        if n == 0 and p.poll() is not None:
            return total, crc, peak
        if n == 0:
            time.sleep(0.2)
        if time.time() > looked + 0.5:
            looked = time.time()
            for k, v in parts_of(p.pid).items():
                peak[k] = max(v, peak.get(k, 0))


def bench_large():
    size = int(float(os.environ.get("BENCH_LARGE", "1e9")))
    crc, block, left = 0, LINE * 10000, size
    while left > 0:
        crc = zlib.crc32(block[:left], crc)
        left -= min(left, len(block))
    yes = "yes '%s' | head -c %d" % (LINE.decode().rstrip(), size)
    print("%d bytes: peak memory in MB of each process, the most that it may be" % size)
    for name in ("the filter", "run"):
        t = time.time()
        command = [LOSSDOG, "--no-state"] if name != "run" else [LOSSDOG, "run", "--no-state", "--", "sh", "-c", yes]
        feeder = subprocess.Popen(["sh", "-c", yes], stdout=subprocess.PIPE) if name != "run" else None
        p = subprocess.Popen(command, stdin=feeder.stdout if feeder else NULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        if feeder:
            feeder.stdout.close()
        total, got, peak = take_in(p)
        if feeder:
            feeder.wait()
        words = p.stderr.read().decode()
        if (total, got) != (size, crc):
            sys.exit("%s: %d bytes of %d, checksum %08x of %08x" % (name, total, size, got, crc))
        for k, v in sorted(peak.items()):
            row("%s: %s" % (name, k), v, 16, v / 16, most=1)
        lost = [l for l in words.splitlines() if "not analysed" in l]
        print("  (%.0f s; all bytes, checksum %08x; %s)" % (time.time() - t, got,
                                                          lost[0] if lost else "all analysed"), flush=True)


# --- latency ---

def findings_of(command, streams, pause):
    """Seconds from the write of a NaN of each rank to the line that tells its finding."""
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=NULL)
    w = p.stdin.fileno()
    for step in range(20):
        for rank in range(streams):
            os.write(w, b"[rank%d]: step %d loss: %.4f lr: 0.001\n" % (rank, step, 2 - step * 0.05))
    time.sleep(1.5)
    took = []
    for rank in range(streams):
        t = time.perf_counter()
        os.write(w, b"[rank%d]: step 20 loss: nan lr: 0.001\n" % rank)
        while b'"nonfinite"' not in p.stdout.readline():
            pass
        took.append(time.perf_counter() - t)
        time.sleep(pause)
    p.stdin.close()
    p.stdout.read()
    p.wait()
    return took


def percentile(v, q):
    return sorted(v)[min(len(v) - 1, int(q * len(v)))]


def first_line(command):
    """Seconds from the start of the command to its first line, which is passed before any rule is read."""
    t = time.perf_counter()
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=NULL)
    os.write(p.stdin.fileno(), b"step 1 loss: 2.5\n")
    p.stdout.readline()
    took = time.perf_counter() - t
    p.stdin.close()
    p.wait()
    return took


def bench_latency():
    print("milliseconds from the start to the first line through: p50, p99")
    for name, command in (("the filter", [LOSSDOG, "--no-state"]), ("cat", ["cat"])):
        took = [first_line(command) for _ in range(runs(100))]
        print("%-52s %9.3f %9.3f" % (name, percentile(took, 0.5) * 1e3, percentile(took, 0.99) * 1e3), flush=True)
    print("milliseconds from a line to its finding: p50, p99")
    for name, command in (("the filter", [LOSSDOG, "--no-state", "--quiet", "--json"]),
                          ("run", [LOSSDOG, "run", "--no-state", "--quiet", "--json", "--", "cat"])):
        took = findings_of(command, runs(500), 0.005)
        p99 = percentile(took, 0.99) * 1e3
        print("%-52s %9.3f %9.3f  (p99 at most 10)%s" % (name, percentile(took, 0.5) * 1e3, p99,
                                                        "  MISSED" if p99 > 10 else ""), flush=True)


# --- overhead ---

def reap_all():
    """CPU seconds of all that has ended below us, also of what had lost its parent."""
    cpu = 0.0
    while True:
        try:
            _, _, u = os.wait4(-1, 0)
        except ChildProcessError:
            return cpu
        cpu += u.ru_utime + u.ru_stime


def cost_of(command, own):
    """CPU and wall seconds of a command and all that it leaves behind, and CPU seconds besides the loop's own."""
    t = time.perf_counter()
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=NULL, stdin=NULL, env=dict(os.environ, BENCH_CPU=own))
    until_eof(p.stdout.fileno())
    _, status, u = os.wait4(p.pid, 0)
    wall = time.perf_counter() - t
    p.returncode = status
    if status != 0:
        sys.exit("%s: status %d" % (command, status))
    cpu = u.ru_utime + u.ru_stime + reap_all()
    with open(own) as f:
        return cpu, wall, cpu - float(f.read())


def interval(ratios, times=10000):
    """The median and between what it lies with 95 %: the pairs drawn anew, many times."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(times))
    return statistics.median(ratios), medians[times // 40], medians[-times // 40]


def bench_overhead(loop):
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    bare = [os.environ.get("BENCH_PYTHON", sys.executable), loop]
    with tempfile.TemporaryDirectory() as d:
        watched = [LOSSDOG, "run", "--state-dir", d, "--"] + bare
        own = os.path.join(d, "own")
        for command in (bare, watched):
            cost_of(command, own)  # warm
        pairs = []
        for i in range(runs(20)):
            order = (bare, watched) if i % 2 == 0 else (watched, bare)
            pair = {id(c): cost_of(c, own) for c in order}
            pairs.append((pair[id(bare)], pair[id(watched)]))
    print("seconds of a PyTorch loop: watched, bare, the median of the ratios of %d pairs" % len(pairs))
    # the loop itself takes now more, now less: what is beside it does not depend on that
    for name, k, ratios in (
            ("CPU (user and system, all processes)", 0, [w[0] / b[0] for b, w in pairs]),
            ("wall time", 1, [w[1] / b[1] for b, w in pairs]),
            ("CPU beside the loop, on top of the loop's", 2, [1 + (w[2] - b[2]) / (b[0] - b[2]) for b, w in pairs])):
        ratio, low, high = interval(ratios)
        row(name, statistics.median(w[k] for _, w in pairs), statistics.median(b[k] for b, _ in pairs), ratio,
            most=1.01)
        print("  (95 %% confidence: %.4f to %.4f; all: %s)" % (low, high,
                                                             " ".join("%.3f" % r for r in sorted(ratios))))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    {"pass": bench_pass, "large": bench_large, "latency": bench_latency, "overhead": bench_overhead}[sys.argv[1]](*sys.argv[2:])
