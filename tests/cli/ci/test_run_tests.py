"""What tests/tools/run-tests counts of the unit tests that it runs beside each other."""

import pathlib
import shutil
import subprocess

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "run-tests"
PASSES = "echo '[ RUN      ] test_a'\necho '[       OK ] test_a'\necho '[       OK ] test_b'\n"
FAILS = ("echo '[       OK ] test_a'\necho '[  FAILED  ] test_b'\necho '[  PASSED  ] 1 test(s).'\n"
         "echo '[  FAILED  ] 1 test(s), listed below:'\necho '[  FAILED  ] test_b'\nexit 1\n")
CRASHES = "echo '[       OK ] test_a'\nkill -SEGV $$\n"


@pytest.mark.parametrize("tests, count, code", [
    ({"core/test_a": PASSES, "wire/test_b": PASSES}, "4 passed, 0 failed", 0),
    ({"core/test_a": PASSES, "core/test_b": FAILS, "core/test_c": PASSES}, "5 passed, 1 failed", 1),
    ({"core/test_a": CRASHES, "core/test_b": PASSES}, "3 passed, 1 failed", 1),
    ({"core/test_a": "exit 3\n"}, "0 passed, 1 failed", 1)])
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
        (own,) = [line for line in lines if line.startswith(f"{tmp_path}/unit/{name}: ")]
        failed = script != PASSES
        assert own.endswith(" 0 failed") != failed
    assert ("[  FAILED  ] test_b" in lines) == (FAILS in tests.values())  # what a failing one prints is shown
    assert any(line.startswith("unit tests: ") for line in lines)
