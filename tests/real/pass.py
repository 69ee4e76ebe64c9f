#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The filter against cat: bytes, ends, broken readers and broken analysers.

pass.py FILTER [ARGS...]: prints TAP.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

from wrap import WRAP as FILTER
from wrap import children, finish, ok, same

LINES = b"".join(b"step %d loss: 0.5\n" % i for i in range(50000))


def start(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more):
    return subprocess.Popen(FILTER, stdin=stdin, stdout=stdout, stderr=stderr, **more)


def all_of(data, **more):
    p = start(**more)
    out, err = p.communicate(data, timeout=60)
    return p.returncode, out, err.decode()


def test_bytes():
    for name, data in (("nothing", b""), ("lines", LINES), ("every byte", bytes(range(256)) * 5000),
                       ("no newline", b"x" * 3000000), ("NULs", b"\0" * 500000)):
        status, out, _ = all_of(data)
        ok(out == data, name + " passes unchanged")
        same(name + ": status", status, 3 if b"\0" in data else 0)
    with tempfile.TemporaryFile() as f:
        f.write(LINES)
        f.seek(0)
        p = start(stdin=f)
        ok(p.communicate()[0] == LINES, "a file passes unchanged")


def test_at_once():
    p = start(stderr=subprocess.DEVNULL)
    os.write(p.stdin.fileno(), b"partial")
    t = time.time()
    same("half a line is passed at once", os.read(p.stdout.fileno(), 100), b"partial")
    ok(time.time() - t < 1, "really at once", time.time() - t)
    p.stdin.close()
    p.wait()


def test_reader_gone():
    p = start(stdin=subprocess.PIPE)
    p.stdin.write(LINES[:1000])
    p.stdin.flush()
    p.stdout.read(100)
    p.stdout.close()
    broke = False
    try:
        for i in range(200):
            os.write(p.stdin.fileno(), LINES[:50000])
    except BrokenPipeError:
        broke = True
    ok(broke, "whoever writes to us learns that the reader has gone")
    err = p.stderr.read().decode()
    ok("lossdog:" in err, "the verdict comes all the same", err)
    same("and no failure", p.wait(), 0)


def test_full_disk():
    with open("/dev/full", "wb") as full:
        status, _, err = all_of(LINES, stdout=full)
    same("full disk: status", status, 3)
    ok(err.count("No space left on device") == 1, "full disk: said once with the reason", err)
    ok("%d bytes were not written" % len(LINES) in err, "full disk: counted", err)


def test_closed():
    for name, fd in (("standard input", 0), ("standard output", 1)):
        p = subprocess.run(FILTER, input=None, stdin=None if fd == 0 else subprocess.PIPE,
                           stdout=subprocess.PIPE if fd != 1 else None, stderr=subprocess.PIPE,
                           preexec_fn=lambda: os.close(fd))
        same("closed %s: status" % name, p.returncode, 3)
        ok(name.encode() in p.stderr and b"closed" in p.stderr, "closed %s: said" % name, p.stderr)
    fd = os.open("/tmp", os.O_RDONLY)
    p = subprocess.run(FILTER, stdin=fd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ok(p.returncode == 3 and b"directory" in p.stderr, "a directory as input", p.stderr)


def test_analyser(name="kill -9", number=signal.SIGKILL):
    p = start()
    os.write(p.stdin.fileno(), b"ready\n")
    p.stdout.read1(100)
    pids = children(p.pid, "lossdog-analyse")
    for _ in range(100):  # it takes its name a moment after the first bytes have passed
        if pids:
            break
        time.sleep(0.1)
        pids = children(p.pid, "lossdog-analyse")
    same(name + ": there is one analyser", len(pids), 1)
    for pid in pids:
        os.kill(pid, number)
    out, err = p.communicate(LINES * 5, timeout=60)
    same(name + ": all bytes", len(out), len(LINES) * 5)
    same(name + ": status", p.returncode, 3)
    # When the input has ended by the time it is noticed there is nothing left to pass.
    ok(err.count(b"died (signal 9)") == 1 and
       (b"output passes through, nothing is checked" in err or b"before its verdict" in err),
       name + ": said once", err)


def test_stopped_analyser():
    """It hangs: the bytes go to the spool, and come to it when it goes on."""
    p = start()
    os.write(p.stdin.fileno(), b"ready\n")
    p.stdout.read1(100)
    pids = children(p.pid, "lossdog-analyse")
    for _ in range(100):  # it takes its name a moment after the first bytes have passed
        if pids:
            break
        time.sleep(0.1)
        pids = children(p.pid, "lossdog-analyse")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    got = 0
    t = time.time()
    for i in range(200):
        os.write(p.stdin.fileno(), LINES[:50000])
        want = got + 50000
        while got < want:
            got += len(p.stdout.read1(1 << 20))
    ok(time.time() - t < 10, "the bytes flow while it is stopped", time.time() - t)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    _, err = p.communicate(timeout=60)
    same("it goes on where it was: status", p.returncode, 0)
    ok(b"not analysed" not in err and b"not checked: nothing" not in err, "nothing was lost", err[-300:])


def test_blocked_reader():
    p = start()
    total = len(LINES) * 20
    writer = os.fork()
    if writer == 0:
        p.stdout.close()
        for i in range(20):
            p.stdin.write(LINES)
        p.stdin.close()
        os._exit(0)
    p.stdin.close()
    time.sleep(0.7)
    same("a reader that does not read blocks the writer", os.waitpid(writer, os.WNOHANG)[0], 0)
    same("nothing is lost", len(p.stdout.read()), total)
    os.waitpid(writer, 0)
    p.stderr.read()
    same("blocked reader: status", p.wait(), 0)


def test_interrupts():
    p = start()
    os.write(p.stdin.fileno(), b"step 1 loss: 0.5\n")
    p.stdout.read1(100)
    p.send_signal(signal.SIGINT)
    time.sleep(0.2)
    os.write(p.stdin.fileno(), b"after\n")
    same("the first interrupt is left to the others", p.stdout.read1(100), b"after\n")
    out, err = p.communicate()
    same("and the end is as usual", p.returncode, 0)
    ok(b"lossdog:" in err, "with a verdict", err)
    p = start()
    os.write(p.stdin.fileno(), b"step 1 loss: 0.5\n")
    p.stdout.read1(100)
    p.send_signal(signal.SIGTERM)
    time.sleep(1.3)
    p.send_signal(signal.SIGINT)
    err = p.stderr.read()
    same("the second ends it", p.wait(), -signal.SIGINT)
    ok(b"interrupt again to end now" in err, "as was said", err)
    ok(b"lossdog: " in err.split(b"end now\n")[-1], "with a verdict", err)
    p.stdin.close()


def test_flags():
    import fcntl
    r, w = os.pipe()
    r2, w2 = os.pipe()
    before = [fcntl.fcntl(x, fcntl.F_GETFL) for x in (r, w2)]
    p = start(stdin=r, stdout=w2, stderr=subprocess.DEVNULL)
    os.write(w, b"x")
    os.read(r2, 1)
    same("flags of what we were given", [fcntl.fcntl(x, fcntl.F_GETFL) for x in (r, w2)], before)
    os.close(w)
    os.close(w2)
    same("end of file reaches the reader", os.read(r2, 1), b"")
    p.wait()


def own_memory(pid):
    return int(open("/proc/%d/status" % pid).read().split("RssAnon:")[1].split()[0])


def test_memory():
    """Constant, whatever goes through."""
    p = start(stderr=subprocess.DEVNULL)
    os.write(p.stdin.fileno(), b"ready\n")
    p.stdout.read1(100)
    before = own_memory(p.pid)
    for i in range(600):
        os.write(p.stdin.fileno(), b"x" * 50000)
        got = 0
        while got < 50000:
            got += len(p.stdout.read1(1 << 20))
    grown = own_memory(p.pid) - before
    p.stdin.close()
    p.wait()
    ok(grown < 512, "the keeper does not grow", "%d kB" % grown)


if __name__ == "__main__":
    finish(globals())
