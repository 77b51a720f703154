"""Ctrl-C and SIGTERM leave complete files and their own exit codes."""

import signal
import socket
import threading
import time

import pytest
from support.bench import Run
from support.endpoint import OK, content, finish, stream


def wait_for(condition):
    deadline = time.monotonic() + 100
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
        time.sleep(90)

    server = endpoint(answer)
    project.setup(["m,10,1,4,2,,,"])
    process = project.start("run", "config.yaml", "--set", "stop_grace=100", address=server.address)
    wait_for(lambda: len(server.requests) == 2)
    process.send_signal(signal.SIGINT)
    wait_for(lambda: "stopping:" in process.stderr.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    (folder,) = project.run_folders()
    codes = [r["error_code"] for r in Run(folder, project.folder / "books").responses[0]]
    assert codes == ["cancelled", "cancelled"]


# --- At several moments ---------------------------------------------------------------------------


def held(request, connection):
    """Nothing, for longer than anybody waits."""
    time.sleep(60)


def half(request, connection):
    """Begins to answer, then the same."""
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for part in (content("a"), content("b")):
        connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    time.sleep(60)


def quick(request, connection):
    return stream(content("a"), finish(completion_tokens=1))


def first_of_each_row_held(request, connection):
    return quick(request, connection) if request["index"] < 2 else held(request, connection)


# Moment: rows, how the endpoint answers, settings, what is there when the signal comes (requests
# and lines on stderr), then how each step that began ended and its requests' codes.
MOMENTS = {
    "before the first answer":
        (["m,10,1,9,3,,,"], held, [], 3, "1/1 m", [("interrupted", ["cancelled"] * 3)]),
    "in the middle of answers":
        (["m,10,9,9,2,,,"], half, [], 2, "1/1 m", [("interrupted", ["cancelled"] * 2)]),
    "between rows":
        (["m,10,1,2,1,,,"] * 2, quick, ["time_delay=60"], 2, "1/2 m 10→1 c=1: done",
         [("done", [None, None])]),
    "while the server settles":
        (["m,10,1,2,2,,,"] * 2, held, ["timeout=3", "settle=60"], 2, "1/2 m 10→1 c=2: timed out",
         [("timed out", ["timeout"] * 2)]),
    "in the second row":
        (["m,10,1,2,1,,,"] * 3, first_of_each_row_held, [], 3, "2/3 m",
         [("done", [None, None]), ("interrupted", ["cancelled"])]),
    "rows beside each other":
        (["m,10,1,2,1,,,"] * 3, held, ["concurrency_enabled=true", "max_workers=2"], 2, "2/3 m",
         [("interrupted", ["cancelled"])] * 2),
    "in open loop, ahead of the next send":
        (["m,10,1,9,,0.01,,"], quick, [], 1, "1/1 m", [("interrupted", [None])]),
}


class Told:
    """Reads what a process says on stderr while it runs."""

    def __init__(self, process):
        self.process, self.said = process, ""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stderr:
            self.said += line

    def end(self):
        code = self.process.wait(100)
        self.thread.join(10)
        out = self.process.stdout.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, out + self.said


@pytest.mark.parametrize("sent, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", MOMENTS)
def test_files_are_complete_whenever_the_signal_comes(endpoint, project, moment, sent, code):
    rows, answer, settings, requests, line, steps = MOMENTS[moment]
    server = endpoint(answer)
    project.setup(rows)
    more = [word for one in ["stop_grace=0.2", *settings] for word in ("--set", one)]
    told = Told(project.start("run", "config.yaml", *more, address=server.address))
    wait_for(lambda: len(server.requests) >= requests and line in told.said)
    time.sleep(0.1)  # so that a half answer has come, and a pause has begun
    told.process.send_signal(sent)
    ended, said = told.end()
    assert ended == code, said
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert run.manifest["status"] == "interrupted"
    assert [(s["step_end"], [r["error_code"] for r in responses])
            for s, responses in zip(run.summaries, run.responses)] == steps
    assert sum(map(len, run.responses)) == len(server.requests)
    assert len(run.table()[1]) == len(steps)
    if steps[-1][0] == "interrupted" and answer is not quick:
        assert "stopping: no more is sent; waiting up to 0.2 s for " in said
    if "time_delay=60" in settings or "settle=60" in settings:
        assert "stopped between rows" in said
    if len(steps) < len(rows):
        left = len(rows) - len(steps)
        assert f"{left} of {len(rows)} steps {'was' if left == 1 else 'were'} not run" in said
    if answer is half:
        assert all(r["client_ttft_s"] > 0 for r in run.responses[0])


def test_a_signal_while_connections_are_opened_sends_nothing(project):
    project.setup(["m,10,1,4,2,,,"])
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        told = Told(project.start("run", "config.yaml",
                                  address="http://127.0.0.1:%d/v1" % deaf.getsockname()[1]))
        first, _ = deaf.accept()
        first.recv(4096)  # the GET that asks what the server is
        first.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection, _ = deaf.accept()
        first.close()
        connection.recv(4096)  # the GET that opens it, never answered
        told.process.send_signal(signal.SIGINT)
        code, said = told.end()
        connection.close()
    assert code == 130, said
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert run.responses == [[]] and run.summaries[0]["step_end"] == "interrupted"
