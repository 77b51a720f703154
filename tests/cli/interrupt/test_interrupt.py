"""Ctrl-C and SIGTERM leave complete files and their own exit codes."""

import signal
import time

import pytest
from support.bench import Run
from support.endpoint import content, finish, stream


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("sent, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_requests_in_flight_end(endpoint, project, sent, code):
    def answer(request, connection):
        time.sleep(0.5)
        return stream(content("a"), finish(completion_tokens=1))

    server = endpoint(answer)
    project.setup(["m,10,1,50,2,,,", "m,10,1,50,2,,,"])
    process = project.start("run", "config.yaml", address=server.address)
    wait_for(lambda: len(server.requests) >= 3)
    process.send_signal(sent)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, out + err
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    (responses,) = run.responses
    assert len(responses) == len(server.requests)
    assert all(r["error_code"] is None for r in responses)
    assert run.summaries[0]["step_end"] == "interrupted"
    assert run.manifest["status"] == "interrupted"
    assert len(run.table()[1]) == 1


def test_a_second_signal_cancels(endpoint, project):
    def answer(request, connection):
        time.sleep(15)

    server = endpoint(answer)
    project.setup(["m,10,1,4,2,,,"])
    process = project.start("run", "config.yaml", address=server.address)
    wait_for(lambda: len(server.requests) == 2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130, out + err
    (folder,) = project.run_folders()
    codes = [r["error_code"] for r in Run(folder, project.folder / "books").responses[0]]
    assert codes == ["cancelled", "cancelled"]
