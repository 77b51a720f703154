"""run.pid: which process a run under way belongs to, as /proc tells it."""

import pathlib
import signal
import threading
import time

import pytest
from support.bench import NO_VERDICT
from support.endpoint import content, finish, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


def began(pid):
    """Field 22 of its stat: behind the name, which is in brackets, 20 further on."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def wait_for(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def held(endpoint, project):
    """held(*command) starts a run whose endpoint responds to nothing until `gate` is set."""
    gate = threading.Event()
    project.setup(["a,10,2,5,1,,,"])
    server = endpoint(lambda request, connection: gate.wait(200) and GOOD)

    def start(*command):
        before = len(server.requests)
        process = project.start(*command, address=server.address)
        wait_for(lambda: len(server.requests) > before)
        return process

    yield start, gate
    gate.set()


RUN = ("run", "config.yaml", *NO_VERDICT, "--name", "r")


@pytest.mark.parametrize("command", [RUN, ("search", *RUN[1:], "--set", "slo={client_ttft_s: 1000}")])
def test_it_is_there_as_long_as_the_run(held, project, command):
    start, gate = held
    process = start(*command)
    path = project.folder / "out" / "r" / "run.pid"
    assert path.read_text() == f"{process.pid} {began(process.pid)}\n"
    second = project.call("run", "--resume", "out/r", address="http://127.0.0.1:1/v1")
    assert second.returncode == 2
    assert f"wait for its end, or stop it (kill -INT {process.pid})" in second.stderr
    assert path.exists(), "it is not the second's to take away"
    process.send_signal(signal.SIGINT)
    gate.set()
    process.communicate(timeout=100)
    assert path.parent.exists() and not path.exists()


def test_one_that_was_killed_leaves_it_and_who_resumes_takes_its_place(held, project):
    start, gate = held
    first = start(*RUN)
    path = project.folder / "out" / "r" / "run.pid"
    first.kill()
    first.communicate()
    assert path.read_text().split()[0] == str(first.pid)
    second = start("run", "--resume", "out/r", *NO_VERDICT)
    assert path.read_text() == f"{second.pid} {began(second.pid)}\n"
    gate.set()
    out, err = second.communicate(timeout=100)
    assert second.returncode == 0, out + err
    assert not path.exists()
