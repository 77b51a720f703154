"""What tests/tools/run-tests counts of the tests that it runs, and which it runs again."""

import pathlib
import re
import shutil
import subprocess

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "run-tests"
PASSES = "echo '[ RUN      ] test_a'\necho '[       OK ] test_a'\necho '[       OK ] test_b'\n"
FAILS = ("echo '[       OK ] test_a'\necho '[  FAILED  ] test_b'\necho '[  PASSED  ] 1 test(s).'\n"
         "echo '[  FAILED  ] 1 test(s), listed below:'\necho '[  FAILED  ] test_b'\nexit 1\n")
ONCE = f"[ -e $0.ran ] || {{ touch $0.ran; false; }} || {{ {FAILS} }}\n{PASSES}"
CRASHES = "echo '[       OK ] test_a'\nkill -SEGV $$\n"


@pytest.mark.parametrize("tests, count, code", [
    ({"core/test_a": PASSES, "wire/test_b": PASSES}, "4 passed, 0 failed", 0),
    ({"core/test_a": PASSES, "core/test_b": FAILS, "core/test_c": PASSES}, "5 passed, 1 failed", 1),
    ({"core/test_a": CRASHES, "core/test_b": PASSES}, "3 passed, 1 failed", 1),
    ({"core/test_a": "exit 3\n"}, "0 passed, 1 failed", 1),
    ({"core/test_a": ONCE, "core/test_b": PASSES}, "4 passed, 0 failed", 0)])
def test_unit_tests_are_counted(tmp_path, tests, count, code):
    for name, script in tests.items():
        path = tmp_path / "unit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        path.with_suffix(".d").write_text("what make left there\n")
        source = tmp_path / "tests" / "unit" / f"{name}.c"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text("")
    moved = tmp_path / "unit" / "core" / "test_moved"  # what was built of a source that is elsewhere now
    moved.parent.mkdir(exist_ok=True)
    shutil.copy(path, moved)
    done = subprocess.run([TOOL, tmp_path, "unit"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1]) == (code, count), done.stdout + done.stderr
    for name, script in tests.items():
        own, *_ = [line for line in lines if line.startswith(f"{tmp_path}/unit/{name}: ")]
        failed = script != PASSES
        assert own.endswith(" 0 failed") != failed
    assert ("[  FAILED  ] test_b" in lines) == any(FAILS in one for one in tests.values())  # what a failing one prints is shown
    assert any(line.startswith("unit tests: ") for line in lines)


# Fails where `fails` says so of how often it ran.
COUNTED = """\
import pathlib
import re
def test_now_and_then():
    ran = pathlib.Path(__file__).with_suffix(".ran")
    times = len(ran.read_text()) if ran.exists() else 0
    ran.write_text("x" * (times + 1))
    assert times not in %s
"""
GOOD = "def test_good():\n    pass\n"


@pytest.mark.parametrize("fails, folders, told, code", [
    ((), 1, "passed, 0 failed", 0),
    ((0,), 1, "passed, 0 failed", 0),               # upset once
    ((0, 2), 1, "passed, 1 failed", 1),             # and again
    (range(9), 1, "passed, 1 failed", 1),
    ((0,), 4, "passed, 4 failed", 1),               # more than chance
])
def test_a_few_that_failed_are_run_again(tmp_path, fails, folders, told, code):
    text = TOOL.read_text()
    groups = [name for line in re.findall(r'^(?:apart|timed)="(.*)"$', text, re.M) for name in line.split()]
    for name in ["other", *groups]:
        folder = tmp_path / "tests" / "cli" / name
        folder.mkdir(parents=True)
        (folder / "test_good.py").write_text(GOOD)
    for i in range(folders):
        (tmp_path / "tests" / "cli" / "other" / f"test_counted_{i}.py").write_text(COUNTED % list(fails))
    (tmp_path / "tests" / "unit").mkdir()
    done = subprocess.run([TOOL, tmp_path], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    lines = done.stdout.splitlines()
    passed = 1 + len(groups) + (folders if code == 0 else 0)
    assert (done.returncode, lines[-1]) == (code, f"{passed} {told}"), done.stdout + done.stderr
    named = [line.partition(": ")[0] for line in lines if line.startswith(("UNSTEADY: ", "FAILED: "))]
    assert named == ([] if not fails else ["UNSTEADY"] if code == 0 else ["FAILED"] * folders)
