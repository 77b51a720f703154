""".ci/run tells where its minutes went, stops at what fails, and ends with the count of `make test`. Here
`make` is a script."""

import os
import pathlib
import re
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
MAKE = """#!/bin/sh
echo "make $*" >>"$CALLS"
case " $* " in
*" $FAILING "*) failed=2 ;;
esac
case " $* " in
*" test "* | *" check "*) echo "7 passed, ${failed:-0} failed" ;;
esac
[ -z "${failed:-}" ] || { echo "make: *** Error" >&2; exit 2; }
"""


def ci(folder, failing="nothing"):
    (folder / "bin").mkdir()
    (folder / "bin" / "make").write_text(MAKE)
    (folder / "bin" / "make").chmod(0o755)
    done = subprocess.run([REPOSITORY / ".ci" / "run"], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, env=dict(os.environ, PATH=f"{folder / 'bin'}:{os.environ['PATH']}",
                                                          CALLS=str(folder / "calls"), FAILING=failing,
                                                          TMPDIR=str(folder)))
    return done.returncode, done.stdout.splitlines(), (folder / "calls").read_text().splitlines()


def stages(lines):
    """Those told as they ended, and those of the summary."""
    ended = [re.fullmatch(r"== (.*): \d+ s", line) for line in lines]
    begin = lines.index("Where the minutes went:")
    summed = [re.fullmatch(r" *\d+ s  (.*)", line) for line in lines[begin + 1:]]
    return [m.group(1) for m in ended if m], [m.group(1) for m in summed if m]


def test_it_tells_the_seconds_of_each_stage_and_last_the_count(tmp_path):
    code, lines, calls = ci(tmp_path)
    assert code == 0
    ended, summed = stages(lines)
    assert len(ended) == len(calls) >= 12 and summed == [*ended, "all"]
    assert lines[-1] == "7 passed, 0 failed"
    assert calls[-1].startswith("make test ") and ended[-1] == "gcc: all tests"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "calls"]


@pytest.mark.parametrize("failing", ["lint", "check", "soak"])
def test_it_stops_at_what_fails_and_still_tells_the_minutes(tmp_path, failing):
    code, lines, calls = ci(tmp_path, failing)
    assert code == 2
    assert f" {failing}" in calls[-1]
    ended, summed = stages(lines)
    assert len(ended) == len(calls) and summed == [*ended, "all"]


def test_tests_that_fail_are_counted_last_all_the_same(tmp_path):
    code, lines, _ = ci(tmp_path, "test")
    assert code == 1
    assert lines[-1] == "7 passed, 2 failed"
    assert stages(lines)[1][-1] == "all"


def test_each_compiler_builds_once_for_all_that_its_build_serves(tmp_path):
    """No build folder is used with two sets of flags, and none is built that nothing runs."""
    _, _, calls = ci(tmp_path)
    flags, goals = {}, {}
    for call in calls:
        build = re.search(r"BUILD=(\S+)", call)
        if build:
            flags.setdefault(build.group(1), set()).add(call.split("BUILD=")[1])
            goals.setdefault(build.group(1), []).append(call.split(" BUILD=")[0])
    assert set(flags) == {"build/gcc", "build/sanitize"}
    for build, told in flags.items():
        assert len({re.sub(r" (KILLS|FULL|SOAK_SECONDS)=\d+", "", one) for one in told}) == 1, build
        assert goals[build][0] == "make -j2 built" and len(goals[build]) > 1
    assert any(" -O2 -g -Werror" in f" {one.split('CFLAGS=')[1]}" for one in flags["build/gcc"])
