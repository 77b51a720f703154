"""tests/tools/fresh-root leaves no root, mount or process behind, however it ends. Here debootstrap makes
a root of a shell and little more, without a network, and `make` in it is a script."""

import os
import re
import pathlib
import signal
import subprocess
import time
import uuid

import pytest

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "fresh-root"
IN_ROOT = ("sh", "env", "sleep", "touch")

DEBOOTSTRAP = """#!/bin/sh
set -eu
while [ "${1#--}" != "$1" ]; do shift; done
root=$2
mkdir -p "$root/etc/apt/apt.conf.d" "$root/proc" "$root/sys" "$root/dev/pts" "$root/dev/shm" "$root/root" "$root/srv" "$root/usr/bin"
for tool in %s; do
    cp "$(command -v $tool)" "$root/usr/bin/$tool"
    for library in $(ldd "$(command -v $tool)" | grep -o '/[^ ]*'); do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
done
[ -e "$root/bin" ] || ln -s usr/bin "$root/bin"
: >"$root/dev/null"
cp %s "$root/usr/bin/make"
""".strip() + "\n"


def heed_signals():
    """A shell cannot trap what was ignored when it began, as under nohup, or behind an &."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Run:
    """fresh-root under way, with a TMPDIR of its own; `in_root` is what `make` does."""

    def __init__(self, folder, in_root):
        self.mark = f"86400.{uuid.uuid4().int % 10**9}"
        self.temporary, stubs = folder / "tmp", folder / "stubs"
        self.temporary.mkdir()
        stubs.mkdir()
        script = folder / "make"
        script.write_text("#!/bin/sh\n" + in_root.replace("MARK", self.mark))
        self.put(stubs / "debootstrap", DEBOOTSTRAP % (" ".join(IN_ROOT), script))
        self.put(stubs / "git", '#!/bin/sh\ntar -c -f "${2#--output=}" -T /dev/null\n')
        script.chmod(0o755)
        environment = dict(os.environ, PATH=f"{stubs}:{os.environ['PATH']}", TMPDIR=str(self.temporary),
                           MIRROR="http://127.0.0.1:9/debian")
        self.process = subprocess.Popen([TOOL, "bookworm"], env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                        preexec_fn=heed_signals)

    @staticmethod
    def put(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def wait_until_under_way(self):
        until(lambda: list(self.temporary.glob("*/root/srv/under-way")), "make did not begin in the root")

    def processes(self):
        """Those of the root, by the one mark in their words, which no other process has."""
        found = []
        for words in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self.mark.encode() in words.read_bytes():
                    found.append(words.parent.name)
            except OSError:
                pass  # it just ended
        return found

    def mounts(self):
        found = []
        for table in pathlib.Path("/proc").glob("[0-9]*/mountinfo"):
            try:
                found += [line for line in table.read_text().splitlines() if str(self.temporary) in line]
            except OSError:
                pass
        return found


def until(holds, complaint, seconds=15):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


FOR_EVER = "sleep MARK &\ntouch /srv/under-way\nsleep MARK\n"

def expect_root_is_needed(run):
    said, _ = run.process.communicate(timeout=30)
    assert run.process.returncode == 1 and "only root" in said
    assert not list(run.temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL],
                         ids=lambda number: number.name)
def test_nothing_is_left_where_it_is_ended(tmp_path, number):
    run = Run(tmp_path, FOR_EVER)
    if os.geteuid() != 0:
        return expect_root_is_needed(run)
    run.wait_until_under_way()
    until(lambda: len(run.processes()) == 2 and run.mounts(), "what is to end is not there")
    run.process.send_signal(number)
    said, _ = run.process.communicate(timeout=30)
    assert run.process.returncode == (-9 if number == signal.SIGKILL else 128 + number), said
    until(lambda: not run.processes() and not run.mounts(), "processes or mounts are left")
    if number != signal.SIGKILL:  # by which nobody can clean up after himself
        assert not list(run.temporary.iterdir())


@pytest.mark.parametrize("code", [0, 7])
def test_nothing_is_left_where_it_ends_by_itself(tmp_path, code):
    run = Run(tmp_path, f"sleep MARK &\nexit {code}\n")
    if os.geteuid() != 0:
        return expect_root_is_needed(run)
    said, _ = run.process.communicate(timeout=30)
    assert run.process.returncode == (1 if code else 0), said
    assert re.search("make demo failed" if code else r"make demo \d+ s, then", said), said
    until(lambda: not run.processes() and not run.mounts(), "processes or mounts are left")
    assert not list(run.temporary.iterdir())
