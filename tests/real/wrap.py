#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares a command under a wrapper with the bare command.

wrap.py WRAPPER [ARGS...]: "WRAPPER ARGS... CMD" is held against "CMD": bytes,
status, signals, job control, terminals.  Prints TAP.  WRAP_BYTES is the size of
the large output (default 200 MB).
"""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

WRAP = sys.argv[1:]
BYTES = int(os.environ.get("WRAP_BYTES", "200000000"))
PY = sys.executable
n = 0
bad = 0


def ok(good, name, note=""):
    global n, bad
    n += 1
    if not good:
        bad += 1
    print("%s %d - %s" % ("ok" if good else "not ok", n, name), flush=True)
    if not good and note:
        for line in str(note).splitlines()[-20:]:
            print("# " + line[:300])


def same(name, got, want):
    ok(got == want, name, "got  %r\nwant %r" % (got, want))


def plain(cmd, data=None, **more):
    """Status and both outputs, through pipes; our own words taken out of stderr."""
    p = subprocess.run(cmd, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=120, **more)
    return p.returncode, p.stdout, p.stderr


def both(name, cmd, data=None, **more):
    bare = plain(cmd, data, **more)
    ours = plain(WRAP + cmd, data, **more)
    same(name + ": status", ours[0], bare[0])
    same(name + ": stdout", ours[1], bare[1])
    ok(ours[2].startswith(bare[2]), name + ": stderr",
       "got  %r\nwant %r" % (ours[2][:300], bare[2][:300]))


def sh(text):
    return ["sh", "-c", text]


def py(text, *args):
    return [PY, "-c", text] + list(args)


# --- bytes and status ---

def test_status():
    for code in (0, 1, 2, 42, 86, 125, 126, 127, 128, 130, 255):
        same("exit status %d" % code, plain(WRAP + sh("exit %d" % code))[0], code)
    same("not found", plain(WRAP + ["/no/such/command"])[0], 127)
    same("not executable", plain(WRAP + ["/etc/passwd"])[0], 126)


def test_own_death():
    """A fatal signal of the command is ours."""
    for number in range(1, 32):
        if number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP,
                      signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH):
            continue
        cmd = py("import os,resource;resource.setrlimit(resource.RLIMIT_CORE,(0,0));"
                 "os.kill(os.getpid(),int(os.sys.argv[1]))", str(number))
        if number in (signal.SIGPIPE, signal.SIGXFSZ):
            cmd = py("import os,signal;n=int(os.sys.argv[1]);signal.signal(n,signal.SIG_DFL);"
                     "os.kill(os.getpid(),n)", str(number))
        same("dies of signal %d" % number, plain(WRAP + cmd)[0], plain(cmd)[0])


def test_bytes():
    every = bytes(range(256)) * 300
    both("every byte value", py("import os;os.write(1,bytes(range(256))*300)"))
    both("input", ["cat"], every)
    both("both outputs", sh("for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"))
    both("no final newline", sh("printf 'no newline'; printf 'none here' >&2; exit 3"))
    both("no output", ["true"])
    both("64 MiB line", py("import os\nfor i in range(64): os.write(1,b'x'*(1<<20))"))


def test_order():
    cmd = sh("for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done")
    res = []
    for c in (cmd, WRAP + cmd):
        p = subprocess.run(c, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        res.append(p.stdout)
    ok(res[1].startswith(res[0]), "2>&1 keeps the order", res[1][:300])


def test_large():
    cmd = py("import os\nn=int(os.sys.argv[1])\nb=bytes(range(256))*4096\n"
             "while n>0:\n n-=os.write(1,b[:n])", str(BYTES))
    sums = []
    for c in (cmd, WRAP + cmd):
        a = subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        b = subprocess.run(["cksum"], stdin=a.stdout, stdout=subprocess.PIPE)
        a.stdout.close()
        a.wait()
        sums.append(b.stdout)
    same("%d bytes of output" % BYTES, sums[1], sums[0])


def test_environment():
    cmd = py("import os,sys\n"
             "print(sorted(k for k in os.environ if not k.startswith(('PYTHONUNB','LOSSDOG'))))\n"
             "print(os.getcwd(), os.umask(0))\n"
             "print([f for f in os.listdir('/proc/self/fd') if int(f)>2])\n"
             "import signal\n"
             "print([int(s) for s in signal.Signals if signal.getsignal(s)==signal.SIG_IGN])\n"
             "print(open('/proc/self/status').read().split('SigBlk')[1].split()[1:6])")
    both("environment, descriptors, signal mask", cmd)

    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    bare = plain(cmd, preexec_fn=ignore)
    same("ignored signals stay ignored", plain(WRAP + cmd, preexec_fn=ignore)[1], bare[1])
    r, w = os.pipe()
    os.set_inheritable(w, True)
    subprocess.run(WRAP + sh("echo through >&%d" % w), pass_fds=[w],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(w)
    same("inherited descriptors", os.read(r, 100), b"through\n")
    os.close(r)


def test_closed():
    both("closes its stdout", sh("exec >&-; echo gone >&2; exit 4"))
    both("closes both and works on", sh("exec >&- 2>&-; sleep 0.3; exit 5"))
    both("O_NONBLOCK on its stdout", py(
        "import os,fcntl\n"
        "fcntl.fcntl(1,fcntl.F_SETFL,fcntl.fcntl(1,fcntl.F_GETFL)|os.O_NONBLOCK)\n"
        "os.write(1,b'hello\\n')"))
    # a reader that has gone must not kill the command
    a = subprocess.Popen(WRAP + sh("for i in $(seq 2000); do echo $i; done; sleep 0.2; exit 9"),
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    a.stdout.readline()
    a.stdout.close()
    same("a gone reader does not end the command", a.wait(), 9)


def test_full_disk():
    with open("/dev/full", "w") as full:
        p = subprocess.run(WRAP + sh("echo lost; sleep 0.1; exit 6"), stdout=full,
                           stderr=subprocess.PIPE)
    same("full disk: the command's status", p.returncode, 6)


def test_flags():
    """What we were given keeps its flags."""
    r, w = os.pipe()
    before = fcntl.fcntl(w, fcntl.F_GETFL), fcntl.fcntl(w, 1032)
    subprocess.run(WRAP + ["echo", "x"], stdout=w, stderr=subprocess.DEVNULL)
    same("flags and size of our pipes", (fcntl.fcntl(w, fcntl.F_GETFL), fcntl.fcntl(w, 1032)),
         before)
    os.close(r)
    os.close(w)


# --- what stays behind ---

def test_daemon():
    with tempfile.TemporaryDirectory() as d:
        out = os.path.join(d, "out")
        with open(out, "wb") as f:
            t = time.time()
            p = subprocess.run(WRAP + sh("(sleep 3; echo late) & echo early"), stdout=f,
                               stderr=subprocess.DEVNULL)
            took = time.time() - t
        ok(p.returncode == 0 and took < 2.9, "does not wait for what stays behind", took)
        same("output before", open(out).read(), "early\n")
        time.sleep(3.3 - took if took < 3.3 else 0)
        same("what stays behind is not killed by us", open(out).read(), "early\nlate\n")
        # the same through a pipe: it must not die of SIGPIPE
        mark = os.path.join(d, "mark")
        a = subprocess.Popen(WRAP + sh("(sleep 2.5; echo x; echo y; echo alive >%s) & exit 0" % mark),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        same("status with something left behind", a.wait(), 0)
        same("its output still comes", a.stdout.read(), b"x\ny\n")
        time.sleep(0.1)
        ok(os.path.exists(mark), "and it lives")
        both("a daemon", sh("setsid sh -c 'sleep 0.2' </dev/null >/dev/null 2>&1 & echo started"))


def test_zombies():
    a = subprocess.Popen(WRAP + sh("for i in 1 2 3 4 5; do (sh -c 'sleep 0.1 &' &); done; sleep 0.8; "
                                   "ps -eo ppid,stat,comm; exit 0"),
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = a.communicate()[0].decode()
    left = [l for l in out.splitlines() if re.match(r"\s*%d\s+Z" % a.pid, l)]
    ok(not left, "no zombies", left)


# --- signals from outside ---

CATCH = (
    "import os,signal,sys,time\n"
    "def f(n,_):\n os.write(1,b'%d\\n'%n)\n"
    "for n in range(1,65):\n"
    " if n in (9,17,19,32,33): continue\n"
    " try: signal.signal(n,f)\n"
    " except (OSError,ValueError): pass\n"
    "os.write(1,b'ready\\n')\n"
    "t=time.time()+float(sys.argv[1])\n"
    "while time.time()<t: time.sleep(0.05)\n")


def test_forward():
    """Every signal that can be caught arrives, once."""
    a = subprocess.Popen(WRAP + py(CATCH, "3.5"), stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    a.stdout.readline()
    sent = [s for s in list(range(1, 32)) + [34, 64]
            if s not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)]
    for number in sent:
        os.kill(a.pid, number)
        time.sleep(0.06)
    got = [int(x) for x in a.stdout.read().split()]
    same("each signal once", sorted(got), sorted(sent))
    same("status after them", a.wait(), 0)


def test_forward_fatal():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT,
                   signal.SIGALRM, signal.SIGSEGV):
        a = subprocess.Popen(WRAP + sh("ulimit -c 0; echo ready; exec sleep 10"),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        a.stdout.readline()
        time.sleep(0.1)
        os.kill(a.pid, number)
        same("signal %d from outside ends both" % number, a.wait(), -number)


def test_group():
    """The whole process group of the command gets it, each process once."""
    text = CATCH.replace("b'%d\\n'%n", "b'%d %s\\n'%(n,sys.argv[2].encode())")
    a = subprocess.Popen(WRAP + sh("trap '' TERM USR1; \"$0\" -c \"$1\" 2 a & \"$0\" -c \"$1\" 2 b & wait")
                         [:3] + [PY, text], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    a.stdout.readline()
    a.stdout.readline()
    os.kill(a.pid, signal.SIGUSR1)
    got = sorted(l for l in a.communicate()[0].decode().splitlines())
    same("each process of the group once", got, ["10 a", "10 b"])


def test_ignores_term():
    a = subprocess.Popen(WRAP + sh("trap '' TERM; echo ready; sleep 1; exit 11"),
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    a.stdout.readline()
    os.kill(a.pid, signal.SIGTERM)
    same("ignores SIGTERM: no kill timer", a.wait(), 11)


# --- the analyser ---

def children(pid, comm):
    found = []
    for p in os.listdir("/proc"):
        if not p.isdigit():
            continue
        try:
            stat = open("/proc/%s/stat" % p).read()
        except OSError:
            continue
        name = stat[stat.index("(") + 1:stat.rindex(")")]
        if int(stat[stat.rindex(")") + 2:].split()[1]) == pid and name == comm:
            found.append(int(p))
    return found


def with_analyser(name, number, size, want_words):
    cmd = py("import os,time\nprint('ready',flush=True)\ntime.sleep(0.5)\n"
             "b=(b'x'*99+b'\\n')*1000\n"
             "for i in range(%d): os.write(1,b)\nos._exit(13)" % (size // 100000))
    with tempfile.TemporaryFile() as err:
        a = subprocess.Popen(WRAP + cmd, stdout=subprocess.PIPE, stderr=err)
        a.stdout.readline()
        pids = children(a.pid, "lossdog-analyse")
        ok(len(pids) == 1, name + ": there is an analyser", pids)
        for pid in pids:
            os.kill(pid, number)
        total = 0
        while True:
            b = a.stdout.read(1 << 20)
            if not b:
                break
            total += len(b)
        same(name + ": all bytes", total, size)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except OSError:
                pass
        same(name + ": status", a.wait(), 13)
        err.seek(0)
        words = err.read().decode()
        ok(want_words is None or words.count(want_words) == 1, name + ": said once", words)


def test_analyser():
    with_analyser("kill -9 the analyser", signal.SIGKILL, 20000000, "the analysis died (signal 9)")
    with_analyser("SIGSTOP the analyser", signal.SIGSTOP, 50000000, None)


def test_blocked_reader():
    """A reader that does not read blocks the command, as without us, and loses nothing."""
    cmd = py("import os\nb=b'0123456789abcdef'*4096\nfor i in range(100): os.write(1,b)")
    a = subprocess.Popen(WRAP + cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    time.sleep(1.0)
    ok(a.poll() is None, "a blocked reader blocks")
    os.kill(a.pid, signal.SIGCONT)
    total = len(a.stdout.read())
    same("and loses nothing", total, 16 * 4096 * 100)
    same("blocked reader: status", a.wait(), 0)
    # signals go through while it is blocked
    a = subprocess.Popen(WRAP + cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    os.kill(a.pid, signal.SIGTERM)
    t = time.time()
    time.sleep(0.2)
    a.stdout.read()
    same("a signal while blocked", a.wait(), -signal.SIGTERM)


# --- terminals ---

class Term:
    """A command on a pseudo terminal of its own session."""

    def __init__(self, cmd, rows=33, cols=101, redirect=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            if redirect:
                redirect()
            try:
                os.execvp(cmd[0], cmd)
            finally:
                os._exit(127)
        self.out = b""

    def read(self, timeout=0.2):
        end = time.time() + timeout
        while time.time() < end:
            if select.select([self.fd], [], [], max(0, end - time.time()))[0]:
                try:
                    b = os.read(self.fd, 65536)
                except OSError as e:
                    if e.errno == errno.EIO:
                        return False
                    raise
                if not b:
                    return False
                self.out += b
        return True

    def wait_for(self, text, timeout=10):
        end = time.time() + timeout
        while text not in self.out and time.time() < end:
            if not self.read(0.05):
                break
        return text in self.out

    def send(self, data):
        os.write(self.fd, data)

    def size(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def finish(self, timeout=15):
        end = time.time() + timeout
        while time.time() < end:
            more = self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0.1) and select.select([self.fd], [], [], 0)[0]:
                    pass
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            if not more:
                time.sleep(0.02)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return "timeout"


def on_terminal(cmd, drive=None, **more):
    t = Term(cmd, **more)
    if drive:
        drive(t)
    status = t.finish()
    return status, t.out


def both_on_terminal(name, cmd, drive=None, **more):
    bare = on_terminal(cmd, drive, **more)
    ours = on_terminal(WRAP + cmd, drive, **more)
    same(name + ": status", ours[0], bare[0])
    ok(ours[1].startswith(bare[1]), name + ": bytes",
       "got  %r\nwant %r" % (ours[1][:400], bare[1][:400]))


TTY = ("import os,sys,fcntl,termios,struct\n"
       "print([os.isatty(i) for i in range(3)])\n"
       "for i in range(3):\n"
       " print(i, struct.unpack('HHHH',fcntl.ioctl(i,termios.TIOCGWINSZ,b'\\0'*8))[:2]"
       " if os.isatty(i) else None)\n"
       "print(os.get_terminal_size() if os.isatty(1) else None)\n")


def test_terminal():
    both_on_terminal("is a terminal", py(TTY))
    both_on_terminal("colours and bars", py(
        "import sys,time\n"
        "for i in range(20):\n"
        " sys.stderr.write('\\r\\x1b[32m%3d%%\\x1b[0m'%(5*i)); sys.stderr.flush(); time.sleep(0.01)\n"
        "print()\nprint('tab\\tand \\x07 bell')"))
    both_on_terminal("a line of input", py("x=input('name? ')\nprint('hello',x)"),
                     lambda t: (t.wait_for(b"name? "), t.send(b"world\n")))
    both_on_terminal("end of input", ["cat"],
                     lambda t: (time.sleep(0.3), t.send(b"abc\n"), t.wait_for(b"abc\r\nabc\r\n"),
                                t.send(b"\x04")))
    both_on_terminal("raw keys", py(
        "import sys,tty,termios,os\nold=termios.tcgetattr(0)\ntty.setraw(0)\n"
        "os.write(1,b'raw')\nk=os.read(0,1)\ntermios.tcsetattr(0,termios.TCSADRAIN,old)\nprint(k)"),
        lambda t: (t.wait_for(b"raw"), t.send(b"\x03")))
    both_on_terminal("pdb", py("import pdb\nx=5\npdb.set_trace()\nprint('after')"),
                     lambda t: (t.wait_for(b"(Pdb) "), t.send(b"p x*2\n"), t.wait_for(b"10"),
                                t.send(b"c\n")))

    def modes(t):
        t.wait_for(b"set")
        t.modes = None
        for i in range(50):
            time.sleep(0.02)
            t.modes = termios.tcgetattr(t.fd)[3] & (termios.ECHO | termios.ICANON)
            if t.modes == 0:
                break
        t.send(b"q")
    for c in (False, True):
        cmd = py("import termios,os,tty\nt=termios.tcgetattr(1)\nold=list(t)\n"
                 "t[3]&=~(termios.ECHO|termios.ICANON)\ntermios.tcsetattr(1,termios.TCSANOW,t)\n"
                 "print('set',flush=True)\nprint(os.read(0,1))\ntermios.tcsetattr(1,termios.TCSANOW,old)")
        t = Term(WRAP + cmd if c else cmd)
        modes(t)
        t.finish()
        same("modes set on its output (%s)" % ("wrapped" if c else "bare"), t.modes, 0)


def test_redirected():
    """Streams that are redirected stay so, the others stay a terminal."""
    for name, which in (("stdout", (1,)), ("stderr", (2,)), ("both", (1, 2)), ("stdin", (0,))):
        res = []
        for wrapped in (False, True):
            with tempfile.NamedTemporaryFile() as f:
                def redirect():
                    fd = os.open(f.name, os.O_RDWR | os.O_APPEND)
                    for i in which:
                        os.dup2(fd, i)
                cmd = py(TTY.replace("print(", "print(end='',*[],file=sys.stderr) or print("))
                status, out = on_terminal((WRAP if wrapped else []) + cmd, redirect=redirect)
                res.append((status, out, open(f.name, "rb").read()))
        ok(res[0][0] == res[1][0] and res[1][1].startswith(res[0][1]) and
           res[1][2].startswith(res[0][2]), "%s redirected on a terminal" % name,
           "got  %r\nwant %r" % (res[1], res[0]))


def test_winch():
    cmd = py("import os,signal,time,fcntl,termios,struct\n"
             "def f(*_):\n os.write(1,b'%d %d\\n'%struct.unpack('HHHH',fcntl.ioctl(1,termios.TIOCGWINSZ,b'\\0'*8))[:2])\n"
             "signal.signal(signal.SIGWINCH,f)\nos.write(1,b'ready\\n')\n"
             "t=time.time()+1.2\nwhile time.time()<t: time.sleep(0.05)")

    def drive(t):
        t.wait_for(b"ready")
        t.size(20, 50)
        time.sleep(0.4)
        t.size(21, 51)
    both_on_terminal("window size", cmd, drive)


KEYS = ("import os,signal,time\n"
        "def f(n,_):\n os.write(1,b'got %d\\n'%n)\n"
        "signal.signal(signal.SIGINT,f)\nsignal.signal(signal.SIGQUIT,f)\nos.write(1,b'ready\\n')\n"
        "t=time.time()+1.5\nwhile time.time()<t: time.sleep(0.05)")


def test_keys():
    both_on_terminal("Ctrl-C, twice, and Ctrl-\\", py(KEYS),
                     lambda t: (t.wait_for(b"ready"), t.send(b"\x03"), time.sleep(0.3), t.send(b"\x03"),
                                time.sleep(0.3), t.send(b"\x1c")))
    both_on_terminal("Ctrl-C ends it", sh("echo ready; exec sleep 10"),
                     lambda t: (t.wait_for(b"ready"), time.sleep(0.1), t.send(b"\x03")))


def job(wrapped, cmd, drive):
    """An interactive shell with job control on a terminal, and what it prints."""
    with tempfile.TemporaryDirectory() as d:
        script = os.path.join(d, "w")
        with open(script, "w") as f:
            f.write("#!/bin/sh\nexec \"$@\"\n")
        os.chmod(script, 0o755)
        t = Term(["env", "PS1=$ ", "TERM=dumb", "bash", "--norc", "--noprofile", "--noediting", "-i"])
        t.wait_for(b"$ ")
        words = (WRAP if wrapped else []) + cmd
        line = " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)
        t.out = b""
        drive(t, line)
        t.send(b"exit\n")
        t.read(0.3)
        t.send(b"exit\n")
        t.finish(5)
        return t.out


TICK = ("import time,os,signal\n"
        "signal.signal(signal.SIGCONT,lambda *_:os.write(1,b'cont\\n'))\n"
        "os.write(1,b'ready\\n')\nt=time.time()\n"
        "for i in range(8): time.sleep(0.1)\nos.write(1,b'do'+b'ne\\n')")


def test_jobs():
    if not os.path.exists("/bin/bash"):
        return

    def stop_and_fg(t, line):
        t.send(line.encode() + b"\n")
        t.wait_for(b"ready\r\n")
        t.send(b"\x1a")
        t.wait_for(b"Stopped")
        t.send(b"jobs\n")
        t.wait_for(b"$ ")
        time.sleep(1.2)
        t.early = b"done\r\n" in t.out
        t.send(b"fg\n")
        t.wait_for(b"done\r\n")
        t.send(b"echo st=$?\n")
        t.wait_for(b"st=0\r\n")
        stop_and_fg.res = (b"Stopped" in t.out, t.early, t.out.count(b"cont\r\n"),
                           b"done\r\n" in t.out, b"st=0\r\n" in t.out)
    res = []
    for w in (False, True):
        out = job(w, py(TICK), stop_and_fg)
        res.append(stop_and_fg.res)
    same("Ctrl-Z and fg", res[1], res[0])
    ok(res[0] == (True, False, 1, True, True), "the comparison means something", res[0])

    def twice(t, line):
        t.send(line.encode() + b"\n")
        t.wait_for(b"? ")
        t.send(b"\x1a")
        t.wait_for(b"Stopped")
        t.send(b"fg\n")
        time.sleep(0.5)
        t.send(b"one\n")
        t.wait_for(b"<one>\r\n")
        t.send(b"\x1a")
        t.read(0.7)
        n = t.out.count(b"Stopped")
        t.send(b"fg\n")
        time.sleep(0.5)
        t.send(b"two\n")
        t.wait_for(b"<two>\r\n")
        t.send(b"echo st=$?\n")
        t.wait_for(b"st=7\r\n")
        twice.res = (n, b"<one>\r\n" in t.out, b"<two>\r\n" in t.out, b"st=7\r\n" in t.out)
    res = []
    for w in (False, True):
        job(w, py("import os\nprint('<'+input('? ')+'>')\nprint('<'+input()+'>')\nos._exit(7)")
            if False else py("import os\nprint('<'+input('? ')+'>',flush=True)\n"
                             "print('<'+input()+'>',flush=True)\nos._exit(7)"), twice)
        res.append(twice.res)
    same("Ctrl-Z while it reads, twice", res[1], res[0])

    def background(t, line):
        t.send(line.encode() + b" &\n")
        t.wait_for(b"ready\r\n")
        t.send(b"echo prompt\n")
        t.wait_for(b"prompt\r\n")
        t.wait_for(b"done\r\n")
        t.send(b"wait; echo st=$?\n")
        t.wait_for(b"st=0\r\n")
        background.res = (b"done\r\n" in t.out, b"st=0\r\n" in t.out)
    res = []
    for w in (False, True):
        job(w, py(TICK), background)
        res.append(background.res)
    same("in the background", res[1], res[0])

    def reads_in_background(t, line):
        t.send(line.encode() + b" &\n")
        time.sleep(0.7)
        t.send(b"\n")
        t.wait_for(b"Stopped", 3)
        t.send(b"fg\n")
        time.sleep(0.4)
        t.send(b"late\n")
        t.wait_for(b"<late>\r\n")
        reads_in_background.res = (b"Stopped" in t.out, b"<late>\r\n" in t.out)
    res = []
    for w in (False, True):
        job(w, py("print('<'+input()+'>')"), reads_in_background)
        res.append(reads_in_background.res)
    same("reads in the background", res[1], res[0])

    def kill_job(t, line):
        t.send(line.encode() + b" &\n")
        t.wait_for(b"ready\r\n")
        t.send(b"kill -INT %1\n")
        t.wait_for(b"got 2\r\n")
        t.send(b"wait; echo st=$?\n")
        t.wait_for(b"st=0\r\n")
        kill_job.res = t.out.count(b"got 2\r\n")
    res = []
    for w in (False, True):
        job(w, py(KEYS), kill_job)
        res.append(kill_job.res)
    same("kill %1 arrives once", res, [1, 1])

    def pager(t, line):
        t.send(line.encode() + b" | sh -c 'stty -echo </dev/tty; read x </dev/tty; echo \"key <$x>\"; "
               b"stty echo </dev/tty; cat'\n")
        time.sleep(0.7)
        t.send(b"k\n")
        t.wait_for(b"key <k>\r\n", 4)
        t.wait_for(b"done\r\n", 4)
        pager.res = (b"key <k>\r\n" in t.out, b"done\r\n" in t.out)
    res = []
    for w in (False, True):
        job(w, py(TICK), pager)
        res.append(pager.res)
    same("a pager beside it gets its keys", res[1], res[0])


def test_log():
    if os.environ.get("WRAP_LOG") is None:
        return
    with tempfile.TemporaryDirectory() as d:
        log = os.path.join(d, "log")
        opt = [w.replace("LOG", log) for w in os.environ["WRAP_LOG"].split()]
        cmd = sh("for i in 1 2 3; do echo line $i; sleep 0.1; done; exit 3")
        p = subprocess.run(WRAP[:-1] + opt + WRAP[-1:] + cmd if WRAP[-1] == "--" else opt + cmd,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        same("--log: output", p.stdout, b"line 1\nline 2\nline 3\n")
        same("--log: file", open(log, "rb").read(), b"line 1\nline 2\nline 3\n")
        same("--log: status", p.returncode, 3)
        mark = os.path.join(d, "mark")
        cmd = sh("echo ready; sleep 1; echo on; echo on; echo alive >%s" % mark)
        a = subprocess.Popen(WRAP[:-1] + opt + WRAP[-1:] + cmd, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        a.stdout.readline()
        os.kill(a.pid, signal.SIGKILL)
        a.wait()
        time.sleep(1.6)
        ok(os.path.exists(mark), "--log: the command survives kill -9 of its keeper")
        ok(open(log).read().endswith("ready\non\non\n"), "--log: and its output is kept")


def test_line_below():
    """--status: what it draws is taken away again, the command's bytes are all there."""
    if os.environ.get("WRAP_LOG") is None:
        return
    cmd = py("import sys,time\n"
             "for i in range(20):\n"
             " print('step %d/20 loss: %.3f lr: 0.1' % (i, 1/(i+1)), flush=True); time.sleep(0.08)\n"
             "sys.stdout.write('half '); sys.stdout.flush(); time.sleep(0.8); print('a line')")
    bare = on_terminal(cmd)
    status, out = on_terminal(WRAP[:-1] + ["--status", "--"] + cmd)
    ok(b"| step 1" in out and b"| loss 0." in out, "--status: shows step and loss", out[:600])
    clean = re.sub(rb"lossdog: [^\r\n]*\r\r\x1b\[K", b"", out)
    same("--status: status", status, bare[0])
    ok(clean.startswith(bare[1]), "--status: the command's bytes are untouched", clean[:600])


def finish(names):
    """Runs every test_ function of a module; WRAP_ONLY chooses by a part of the name."""
    only = os.environ.get("WRAP_ONLY")
    for name, f in list(names.items()):
        if name.startswith("test_") and (only is None or only in name):
            try:
                f()
            except Exception:
                ok(False, name + " ran", traceback.format_exc())
    print("1..%d" % n)
    sys.exit(bad != 0)


if __name__ == "__main__":
    if not WRAP or plain(WRAP + ["true"])[0] != 0:
        print("1..1\nnot ok 1 - the wrapper runs")
        sys.exit(1)
    finish(globals())
