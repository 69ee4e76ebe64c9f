#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What wrappers keep of a command's ways, as a table of yes and no.

wrap_table.py LOSSDOG: rows are what the bare command does, columns the
wrappers that are installed.  Each cell is a test; a row in which the bare
command fails would mean nothing and ends the program.  Status 1: one of
lossdog's cells is a no.
"""
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LOSSDOG = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "lossdog"
sys.argv = sys.argv[:1]

from wrap import CATCH, KEYS, TICK, TTY, Term, on_terminal, py, sh  # noqa: E402

WRAPPERS = {
    "bare": lambda c: c,
    "lossdog run": lambda c: [LOSSDOG, "run", "--no-state", "--"] + c,
    "script": lambda c: ["script", "-qec", shlex.join(c), "/dev/null"],
    "unbuffer": lambda c: ["unbuffer"] + c,
    "stdbuf": lambda c: ["stdbuf", "-oL"] + c,
    "tee": lambda c: ["sh", "-c", shlex.join(c) + " 2>&1 | tee /dev/null"],
    "timeout": lambda c: ["timeout", "1000"] + c,
    "dumb-init": lambda c: ["dumb-init"] + c,
    "tini": lambda c: ["tini", "--"] + c,
}
NULL = subprocess.DEVNULL
os.environ.pop("PYTHONUNBUFFERED", None)
os.environ.pop("LOSSDOG_RUN", None)


def result(cmd, data=b""):
    p = subprocess.run(cmd, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
    return p.returncode, p.stdout, p.stderr


def started(cmd, **more):
    """A command that has printed "ready"."""
    p = subprocess.Popen(cmd, stdin=NULL, stdout=subprocess.PIPE, stderr=NULL, **more)
    while b"ready" not in p.stdout.readline():
        pass
    return p


def exit_status(w):
    return all(result(w(sh("exit %d" % n)))[0] == n for n in (0, 1, 3, 86, 255))


def fatal_signal(w):
    return all(result(w(sh("ulimit -c 0; kill -%d $$" % n)))[0] == -n for n in (2, 6, 9, 11, 15))


def exact_bytes(w):
    every = bytes(range(256)) * 300
    return result(w(py("import os;os.write(1,bytes(range(256))*300)")))[1] == every


def apart(w):
    return result(w(sh("echo out; echo err >&2")))[1:] == (b"out\n", b"err\n") or \
        (w is WRAPPERS["lossdog run"] and result(w(sh("echo out; echo err >&2")))[1] == b"out\n" and
         result(w(sh("echo out; echo err >&2")))[2].startswith(b"err\n"))


def gets_input(w):
    return result(w(["cat"]), b"a\nb\n")[1] == b"a\nb\n"


def python_at_once(w):
    p = subprocess.Popen(w(py("import time\nprint('now')\ntime.sleep(1.5)")), stdin=NULL,
                         stdout=subprocess.PIPE, stderr=NULL)
    t = time.time()
    p.stdout.readline()
    early = time.time() - t < 1.2
    p.communicate()
    return early


def is_terminal(w):
    return on_terminal(w(py(TTY)))[1].startswith(b"[True, True, True]")


def no_bars_in_a_file(w):
    return result(w(py("import os;print(os.isatty(1))")))[1].strip() == b"False"


def terminal_bytes(w):
    cmd = sh("printf 'a\\nb\\033[1mc\\033[0m\\n\\rx\\n'")
    return on_terminal(w(cmd))[1].startswith(on_terminal(cmd)[1])


def window_size(w):
    cmd = py("import os,signal,time\nf=lambda *_:os.write(1,b'%dx%d\\n'%os.get_terminal_size(1))\n"
             "signal.signal(signal.SIGWINCH,f)\nos.write(1,b'ready\\n')\n"
             "t=time.time()+1\nwhile time.time()<t: time.sleep(0.05)")
    out = on_terminal(w(cmd), lambda t: (t.wait_for(b"ready"), time.sleep(0.2), t.size(20, 50)))[1]
    return out.count(b"50x20") == 1


def ctrl_c_once(w):
    out = on_terminal(w(py(KEYS)), lambda t: (t.wait_for(b"ready"), time.sleep(0.2), t.send(b"\x03")))[1]
    return out.count(b"got 2") == 1


def raw_keys(w):
    cmd = py("import sys,tty,termios,os\nold=termios.tcgetattr(0)\ntty.setraw(0)\n"
             "os.write(1,b'raw')\nk=os.read(0,1)\ntermios.tcsetattr(0,termios.TCSADRAIN,old)\nprint(k)")
    out = on_terminal(w(cmd), lambda t: (t.wait_for(b"raw"), time.sleep(0.2), t.send(b"\x03")))[1]
    return b"b'\\x03'" in out


def stop_and_fg(w):
    t = Term(["env", "PS1=$ ", "TERM=dumb", "bash", "--norc", "--noprofile", "--noediting", "-i"])
    t.wait_for(b"$ ")
    t.send(shlex.join(w(py(TICK))).encode() + b"\n")
    t.wait_for(b"ready\r\n", 3)
    t.send(b"\x1a")
    stopped = t.wait_for(b"Stopped", 2)
    t.send(b"fg\n")
    done = t.wait_for(b"done\r\n", 4)
    os.kill(t.pid, signal.SIGHUP)
    t.finish(2)
    return stopped and done


def signals_once(w):
    """A checkpoint's signal, sent to the wrapper's process as a scheduler does."""
    p = started(w(py(CATCH, "1.2")), start_new_session=True)
    os.kill(p.pid, signal.SIGUSR1)
    try:
        out = p.communicate(timeout=10)[0]
    finally:
        kill_group(p)
    return out.split() == [b"10"] and p.returncode == 0


def kill_group(p):
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except OSError:
        pass


def gone_reader(w):
    """The one that reads goes; the run goes on to its end."""
    with tempfile.TemporaryDirectory() as d:
        mark = os.path.join(d, "mark")
        p = started(w(sh("echo ready; sleep 0.3; for i in $(seq 500); do echo $i; done; sleep 0.1; "
                         "echo $i; : >%s" % mark)), start_new_session=True)
        p.stdout.close()
        try:
            p.wait(10)
        finally:
            kill_group(p)
        return os.path.exists(mark)


def left_behind(w):
    """Does not wait for a daemon that keeps the pipe, nor kill it."""
    with tempfile.TemporaryDirectory() as d:
        mark = os.path.join(d, "mark")
        t = time.time()
        p = subprocess.Popen(w(sh("(sleep 3; echo x; echo y; : >%s) & exit 0" % mark)), stdin=NULL,
                             stdout=subprocess.PIPE, stderr=NULL)
        p.wait(10)
        soon = time.time() - t < 2.8
        p.communicate()
        time.sleep(0.3)
        return soon and os.path.exists(mark)


# What a bare command cannot do itself, the wrapper adds.
ADDED = (python_at_once, gone_reader)
ROWS = {
    "exit status": exit_status,
    "fatal signals are the wrapper's own": fatal_signal,
    "every byte, unchanged": exact_bytes,
    "stdout and stderr apart": apart,
    "standard input": gets_input,
    "no terminal where there is none": no_bars_in_a_file,
    "a terminal where there is one": is_terminal,
    "the terminal's bytes": terminal_bytes,
    "window size": window_size,
    "Ctrl-C arrives once": ctrl_c_once,
    "raw keys": raw_keys,
    "Ctrl-Z and fg": stop_and_fg,
    "SIGUSR1 to the wrapper arrives once": signals_once,
    "does not wait for what stays behind": left_behind,
    "Python's output at once": python_at_once,
    "survives its reader": gone_reader,
}


def cell(check, wrapper):
    try:
        return bool(check(wrapper))
    except (subprocess.TimeoutExpired, OSError):
        return False


def main():
    there = [k for k, w in WRAPPERS.items() if k == "bare" or shutil.which(w(["true"])[0])]
    bad = 0
    print("%-38s" % "" + "".join("%-13s" % k for k in there))
    for name, check in ROWS.items():
        got = {k: cell(check, WRAPPERS[k]) for k in there}
        print("%-38s" % name + "".join("%-13s" % ("yes" if got[k] else "no") for k in there), flush=True)
        if not got["bare"] and check not in ADDED:
            sys.exit("the bare command fails at this: the row means nothing")
        bad += not got["lossdog run"]
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
