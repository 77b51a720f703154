"""A short run of what `make crash-test` and `make soak` do at length."""

import pathlib
import subprocess

from support.bench import PROGRAM

ENDURANCE = pathlib.Path(__file__).resolve().parents[2] / "endurance"


def call(script, *arguments):
    build = pathlib.Path(PROGRAM).resolve().parent
    done = subprocess.run(["/usr/bin/python3", "-B", ENDURANCE / script, build, *arguments], text=True,
                          capture_output=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_runs_that_are_killed_lose_nothing():
    assert "nothing lost" in call("crash-test", "--kills", "4", "--full", "0")


def test_every_fault_is_accounted_for():
    assert "every one accounted for once" in call("soak", "--seconds", "10")
