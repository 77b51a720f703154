"""What a server may send is bounded by the plan: one that streams for ever, drips, or sends a page
without end is given up, and costs no memory."""

import resource
import socket
import threading
import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, content, finish, stream

GOOD = stream(content("a"), finish(prompt_tokens=40, completion_tokens=1))


def for_ever(connection, part, pause=0.0, most=1 << 30):
    sent = 0
    while sent < most:
        connection.sendall(part)
        sent += len(part)
        if pause:
            time.sleep(pause)


STREAM = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


ENDLESS = {
    "tokens": (STREAM, chunk(content("a") * 500), "more than 16 chunks for each token"),
    "one event": (STREAM + chunk(b'data: {"choices":'), chunk(b"[" * 65536), "an event of the response is larger"),
    "one line": (STREAM, chunk(b"x" * 65536), "an event of the response is larger"),
    "data lines of one event": (STREAM, chunk(b"data: [" + b"1" * 65530 + b"\n"), "larger than 16 MiB"),
    "data lines that are no JSON": (STREAM, chunk(b"data: " + b"x" * 65530 + b"\n"), "xxxxxxxx"),
    "comments": (STREAM, chunk(b": " + b"x" * 60000 + b"\n"), "larger than 16 MiB, and holds no event"),
    "events without content": (STREAM + chunk(content("a")), chunk(b'data: {"choices":[]}\n\n' * 3000),
                               "the events without content are larger than 16 MiB"),
    "deltas without content": (STREAM, chunk(content("") * 1000), "the events without content are larger than 16 MiB"),
    "keep-alives that are data": (STREAM + chunk(content("a")), chunk(b"data: : keep-alive\n\n" * 3000),
                                  "the events without content are larger than 16 MiB"),
    "an error page": (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"x" * 65536), "HTTP 500: xxx"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000, "head has more than 4,096 lines"),
    "long headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 1000 + b"\r\n", "head is larger than 256 KiB"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536, "a line of the response's head is larger than 100 KiB"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_given_up(endpoint, project, name):
    head, part, told = ENDLESS[name]

    def answer(request, connection):
        if request["index"] % 2 == 0:
            return GOOD
        connection.sendall(head)
        try:
            for_ever(connection, part)
        except OSError:
            connection.close()
            raise

    project.setup(["m,40,1,8,4,,,"], CONFIG + "save_llm_responses : True\n")
    began = time.monotonic()
    run = project.run("--set", "connection.preconnect=false", address=endpoint(answer).address)
    assert time.monotonic() - began < 40
    (responses,) = run.responses
    failed = [r for r in responses if r["error_code"] is not None]
    assert len(failed) == 4
    for r in failed:
        assert r["error_code"] == (
            500 if "500" in told else "bad_stream" if "xxx" in told else "too_large"), (r["error_code"], r["error_msg"])
        assert told in r["error_msg"]
    assert run.summaries[0]["client_resident_mb"] < 400


def endless_proxy(listener, head, part):
    """Answers CONNECT with a head that never ends."""
    while True:
        try:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(head)
            for_ever(connection, part, most=1 << 24)
        except OSError:
            if listener.fileno() < 0:
                return


@pytest.mark.parametrize("part", [b"X-A: " + b"b" * 1000 + b"\r\n", b"x" * 65536], ids=["headers", "one header"])
def test_a_proxy_whose_head_never_ends_is_given_up(endpoint, project, part):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=endless_proxy, args=(listener, b"HTTP/1.1 200 OK\r\nX: ", part), daemon=True).start()
        project.setup(["m,40,1,2,1,,,"], CONFIG + "connection :\n"
                      f"  preconnect: false\n  proxy: http://127.0.0.1:{listener.getsockname()[1]}\n")
        server = endpoint(lambda request, connection: GOOD)
        run = project.run(address=server.address, expect=3)
        listener.shutdown(socket.SHUT_RDWR)
    assert [r["error_code"] for r in run.responses[0]] == ["too_large"] * 2, run.responses[0]
    assert "too large" in run.responses[0][0]["error_msg"].lower()
    assert not server.requests


DRIPS = {
    "a body": (OK + b"Content-Length: 100000\r\n\r\n", b"d"),
    "a head": (b"HTTP/1.1 200 OK\r\nX-", b"a"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "an error page": (b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b"<"),
}


@pytest.mark.parametrize("name", DRIPS)
def test_what_comes_byte_by_byte_ends_by_idle_timeout(endpoint, project, name):
    head, part = DRIPS[name]

    def answer(request, connection):
        if request["index"] > 0:
            return GOOD
        connection.sendall(head)
        for_ever(connection, part, pause=0.05)

    project.setup(["m,40,1,3,1,,,"])
    began = time.monotonic()
    run = project.run("--set", "connection.idle_timeout=1.5", "--set", "connection.preconnect=false",
                      address=endpoint(answer).address)
    assert time.monotonic() - began < 20
    assert [r["error_code"] for r in run.responses[0]] == ["idle_timeout", None, None]


def test_comments_show_that_a_server_lives(endpoint, project):
    def answer(request, connection):
        connection.sendall(STREAM)
        for _ in range(24):
            connection.sendall(chunk(b": keep-alive\n\n"))
            time.sleep(0.1)
        return chunk(content("a") + finish(completion_tokens=1)) + b"0\r\n\r\n"

    project.setup(["m,40,1,1,1,,,"])
    run = project.run("--set", "connection.idle_timeout=1.5", address=endpoint(answer).address)
    assert run.responses[0][0]["error_code"] is None
    assert run.responses[0][0]["client_ttft_s"] > 2.3, "a comment is no token"


def test_many_at_once_share_what_events_may_take(endpoint, project):
    """64 unfinished events: 16 MiB each would be a GiB."""
    gate = threading.Barrier(64, timeout=60)

    def answer(request, connection):
        connection.sendall(STREAM + chunk(b'data: {"choices":'))
        gate.wait()
        try:
            for_ever(connection, chunk(b"[" * 65536), most=17 << 20)
        except OSError:
            connection.close()
            raise

    def little_memory():
        resource.setrlimit(resource.RLIMIT_DATA, (480 << 20, 480 << 20))

    project.setup(["m,40,1,64,64,,,"])
    done = project.call("run", "config.yaml", "--set", "connection.preconnect=false",
                        address=endpoint(answer).address, before=None if sanitized() else little_memory)
    assert done.returncode == 3, done.stderr
    assert "too_large × 64" in done.stderr + done.stdout


def sanitized():
    """A sanitizer keeps memory of its own."""
    from support.bench import PROGRAM
    return b"__asan_init" in open(PROGRAM, "rb").read()


@pytest.mark.parametrize("row, told", [
    ("m,40,1,1e13,1,,,", "num_requests"),
    ("m,40,1e13,1,1,,,", "output_tokens"),
    ("m,1e13,1,1,1,,,", "input_tokens"),
])
def test_a_slip_in_a_row_is_no_plan(project, row, told):
    project.setup([row])
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2 and told in done.stderr, done.stdout + done.stderr


def test_more_rows_than_a_run_may_have_are_told(project):
    project.setup(["m,40,1,1,1,,,"] * 263000)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2 and "262144" in done.stderr, done.stderr[-500:]
