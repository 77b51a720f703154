"""coebench stop ends a run under way as Ctrl-C does, and reaches no other process."""

import json
import signal
import subprocess

import pytest
from run_pid.test_run_pid import RUN, held, wait_for  # noqa: F401: a fixture


def codes(folder):
    (file,) = folder.glob("*_individual_responses.json")
    return [response["error_code"] for response in json.loads(file.read_text())]


def test_a_run_ends_in_order_and_can_be_resumed(held, project):
    start, gate = held
    process = start(*RUN)
    folder = project.folder / "out" / "r"
    done = project.call("stop", "out/r")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout == f"asked: out/r (process {process.pid}) sends no more; requests in flight may end\n"
    wait_for(lambda: "stopping:" in process.stderr.readline())
    gate.set()
    out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err
    assert codes(folder) == [None], "what was in flight has ended, and no more was sent"
    assert json.loads((folder / "manifest.json").read_text())["status"] == "interrupted"
    again = start("run", "--resume", "out/r", *RUN[2:-2])
    out, err = again.communicate(timeout=100)
    assert again.returncode == 0, out + err


def test_cancel_is_a_second_ctrl_c(held, project):
    start, _ = held
    process = start(*RUN, "--set", "stop_grace=500")
    done = project.call("stop", "--cancel", "out/r")
    assert done.returncode == 0 and "cancels what is in flight" in done.stdout
    out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err
    assert codes(project.folder / "out" / "r") == ["cancelled"]


def test_it_can_wait_for_the_end(held, project):
    start, gate = held
    process = start(*RUN, "--set", "stop_grace=500")
    waiting = project.start("stop", "--wait", "out/r")
    wait_for(lambda: waiting.poll() is None and waiting.stdout.readline().startswith("asked: out/r"))
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.5)
    gate.set()
    out, err = waiting.communicate(timeout=100)
    assert (waiting.returncode, out, err) == (0, "ended: out/r\n", "")
    assert process.wait(100) == 130
    assert not (project.folder / "out" / "r" / "run.pid").exists()


def test_what_is_not_under_way_is_told(held, project):
    start, gate = held
    first = start(*RUN)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    left = project.folder / "out" / "r" / "run.pid"
    sleeper = subprocess.Popen(["sleep", "1000"])
    try:
        left.write_text(f"{sleeper.pid} {left.read_text().split()[1]}\n")
        for folder, why in [("out/r", "no run is under way here"), ("out", "no run is under way here"),
                            ("nowhere", "there is no such folder")]:
            done = project.call("stop", folder)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"coebench: {folder}: {why}")
            assert done.stderr.count("\n") == 1
        assert sleeper.poll() is None, "another process that has the number is left alone"
    finally:
        sleeper.kill()
        sleeper.wait()
    gate.set()
