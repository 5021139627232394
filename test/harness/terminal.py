# A terminal with nobody before it, and a shell's job control. In: COLUMNS ROWS COMMAND..., and on stdin lines: type HEX,
# size COLUMNS ROWS, hangup. Out: JSON lines: pid; out, what it wrote, as hex; stopped; ended, with restored: whether the
# terminal's modes are what they were.
import fcntl
import json
import os
import select
import signal
import struct
import sys
import termios


def tell(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


columns, rows, *command = sys.argv[1:]
os.setsid()
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
resize(master, columns, rows)
before = termios.tcgetattr(slave)
# A shell has these from its terminal, too; a hang-up is for the command.
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)

ready, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.close(go)
    os.read(ready, 1)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 64)
    os.execvp(command[0], command)
os.setpgid(pid, pid)
os.tcsetpgrp(slave, pid)
os.close(go)
tell(pid=pid)

commands = b""
inputs = [master, sys.stdin.fileno()]
while True:
    readable, _, _ = select.select(inputs, [], [], 0.02)
    if master in readable:
        try:
            tell(out=os.read(master, 65536).hex())
        except OSError:
            inputs.remove(master)
    if sys.stdin.fileno() in readable:
        part = os.read(sys.stdin.fileno(), 65536)
        if part == b"":
            inputs.remove(sys.stdin.fileno())
        *lines, commands = (commands + part).split(b"\n")
        for line in lines:
            what, *words = line.decode().split()
            if what == "type":
                os.write(master, bytes.fromhex(words[0]))
            elif what == "size":
                resize(master, *words)
            elif what == "hangup":
                inputs.remove(master)
                os.close(slave)
                os.close(master)
    changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    if changed == 0:
        continue
    if os.WIFSTOPPED(status):
        # As a shell does: the terminal is ours until the job goes on.
        tell(stopped=os.WSTOPSIG(status), restored=termios.tcgetattr(slave) == before)
        continue
    while master in inputs and select.select([master], [], [], 0.1)[0]:
        tell(out=os.read(master, 65536).hex())
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    name = None if os.WIFEXITED(status) else signal.Signals(os.WTERMSIG(status)).name
    restored = termios.tcgetattr(slave) == before if master in inputs else None
    tell(ended=dict(code=code, signal=name, restored=restored))
    break
