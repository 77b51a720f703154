"""`make check BUSY=8`: the loops that the suite runs beside run, are that many, and are ended."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BUSY = REPOSITORY / "tests" / "tools" / "busy"


def children(pid):
    """The loops that a process runs, by their ids."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and b"busy-loop" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            pass
    return found


def cpu(pid):
    return sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))


def is_there(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("ends", ["itself", signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=str)
def test_the_loops_end_with_the_command(ends):
    process = subprocess.Popen([BUSY, "3", "sh", "-c", "read line; exit 7"], stdin=subprocess.PIPE)
    until(lambda: len(children(process.pid)) == 3)
    loops = children(process.pid)
    until(lambda: all(cpu(loop) > 0 for loop in loops))
    if ends == "itself":
        process.communicate(b"end\n")
        assert process.returncode == 7
    else:
        process.send_signal(ends)
        process.wait(60)
        process.stdin.close()  # before, it would be the command's own end
        assert process.returncode == (-9 if ends == signal.SIGKILL else 143)
    until(lambda: not any(map(is_there, loops)))


def test_the_suite_itself_can_run_in_a_background():
    """There a shell has programs ignore SIGINT: the tests that send one would wait in vain."""
    inside = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib",
              f"--rootdir={REPOSITORY}/tests/cli", __file__, "-k", "loops_end_with_the_command"]
    done = subprocess.run(inside, capture_output=True, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert "4 passed" in done.stdout, done.stdout


def test_without_any_it_is_the_command():
    done = subprocess.run([BUSY, "0", "sh", "-c", "echo said; exit 3"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"said\n", b"")


def test_check_runs_beside_them():
    said = subprocess.run(["make", "-n", "check", "BUSY=8"], cwd=REPOSITORY, capture_output=True, text=True,
                          env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    assert "tests/tools/busy 8 tests/tools/run-tests" in said.stdout, said.stderr
