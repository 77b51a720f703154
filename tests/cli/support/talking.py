"""`coebench chat` on a pseudo-terminal of its own, typed at and read from outside."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from support.bench import PROGRAM


class Talk:
    def __init__(self, project, address, *words, columns=200, **variables):
        self.master, slave = pty.openpty()
        modes = termios.tcgetattr(slave)
        modes[3] &= ~termios.ECHO
        modes[3] |= termios.NOFLSH  # else Ctrl-C throws away what nobody has read yet
        termios.tcsetattr(slave, termios.TCSANOW, modes)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = {**project.environment(address), "TERM": "dumb", **variables}
        self.process = subprocess.Popen(
            [PROGRAM, "chat", *words], cwd=project.folder, env=environment, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.said = ""

    def until(self, pattern, seconds=60):
        """What was written up to the first match of the pattern, which is taken; later calls see the rest."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said)):
            assert time.monotonic() < deadline, self.said
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.master, 65536).decode(errors="replace").replace("\r\n", "\n")
                except OSError:  # the program's side is closed
                    raise AssertionError(self.said) from None
        said, self.said = self.said[:found.end()], self.said[found.end():]
        return said

    def type(self, text):
        os.write(self.master, text.encode())

    def ask(self, line):
        """Types a line at the prompt; what came until the next prompt."""
        self.type(line + "\n")
        return self.until(r"(?m)^> ")

    def begin(self):
        return self.until(r"(?m)^> ")

    def end(self, seconds=60):
        """Ctrl-D; the exit code."""
        self.type("\x04")
        return self.leave(seconds)

    def leave(self, seconds=60):
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.said
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.master, 65536).decode(errors="replace").replace("\r\n", "\n")
                except OSError:
                    self.process.wait(seconds)
        os.close(self.master)
        return self.process.returncode
