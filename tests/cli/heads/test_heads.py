"""What the head of a response says: transfer codings that nobody asked for, and responses with several
heads, each of which stands for itself."""

import gzip
import socket
import threading
import zlib

import pytest
from support.bench import CONFIG
from support.endpoint import content, finish, stream

BODY = content("a") + content("b") + finish(prompt_tokens=10, completion_tokens=2)
GOOD = stream(BODY)
OK = b"HTTP/1.1 200 OK\r\n"


def chunked(data):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


# --- Transfer codings ---------------------------------------------------------------------------

CODED = {
    "gzip, chunked": chunked(gzip.compress(BODY)),
    "gzip": gzip.compress(BODY),
    "deflate, chunked": chunked(zlib.compress(BODY)),
    "x-gzip, chunked": chunked(gzip.compress(BODY)),
    "br, chunked": chunked(BODY),
    "lost, chunked": chunked(BODY),
}


@pytest.mark.parametrize("coding", CODED)
def test_a_transfer_coding_ends_the_request(endpoint, project, coding):
    def answer(request, connection):
        if request["index"] != 1:
            return GOOD
        connection.sendall(OK + b"Transfer-Encoding: %s\r\n\r\n" % coding.encode() + CODED[coding])
        connection.shutdown(socket.SHUT_WR)

    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(answer).address)
    codes = [r["error_code"] for r in run.responses[0]]
    assert codes == [None, "bad_stream", None, None], run.responses[0][1]["error_msg"]
    assert run.responses[0][1]["client_ttft_s"] is None
    if coding.split(",")[0] in ("gzip", "x-gzip", "deflate"):  # which libcurl knows
        assert f"compressed (Transfer-Encoding: {coding})" in run.responses[0][1]["error_msg"]


@pytest.mark.parametrize("coding", ["chunked", "Chunked", "identity, chunked"])
def test_chunked_is_no_packing(endpoint, project, coding):
    head = OK + b"Transfer-Encoding: %s\r\n\r\n" % coding.encode()
    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(lambda request, connection: head + chunked(BODY)).address)
    assert [r["error_code"] for r in run.responses[0]] == [None] * 4


def test_a_status_that_is_no_success_stays_the_code(endpoint, project):
    said = (b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
            + chunked(gzip.compress(b"busy")))
    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(lambda r, c: said if r["index"] == 1 else GOOD).address)
    assert [r["error_code"] for r in run.responses[0]] == [None, 503, None, None]


def test_a_packed_flood_costs_nothing(endpoint, project):
    """Of events that hold nothing, so that each is read: unpacked, a thousand times as large."""
    packed = gzip.compress(b'data: {"choices":[]}\n\n' * 1000000)
    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(
        lambda r, c: OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(packed)
        if r["index"] == 1 else GOOD).address)
    flooded = run.responses[0][1]
    assert flooded["error_code"] == "bad_stream" and flooded["http_status"] == 200


class Lists:
    """An endpoint whose list of models has a head of ours."""

    def __init__(self, head, body):
        self.said = head + body
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "http://127.0.0.1:%d/v1" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self.said)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.mark.parametrize("coding, code", [("gzip, chunked", 2), ("chunked", 0)])
def test_a_list_of_models_likewise(project, coding, code):
    listed = b'{"data":[{"id":"one"}]}'
    server = Lists(OK + b"Transfer-Encoding: %s\r\n\r\n" % coding.encode(),
                   chunked(gzip.compress(listed) if code else listed))
    project.setup(["m,10,2,4,1,,,"])
    done = project.call("rows", "config.yaml", address=server.address)
    server.close()
    assert done.returncode == code, done.stdout + done.stderr
    if code:
        assert "compressed (Transfer-Encoding: gzip, chunked)" in done.stderr
    else:
        assert "one" in done.stdout


# --- Several heads ------------------------------------------------------------------------------

EARLY = {
    "packed": b"Content-Encoding: br\r\n",
    "moved": b"Location: /elsewhere\r\n",
    "both, twice": b"Content-Encoding: br\r\n\r\nHTTP/1.1 103 Early\r\nContent-Encoding: zstd\r\n",
}


@pytest.mark.parametrize("name", EARLY)
def test_an_early_head_says_nothing_of_the_last(endpoint, project, name):
    said = b"HTTP/1.1 103 Early\r\n" + EARLY[name] + b"\r\n" + GOOD
    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(lambda request, connection: said).address)
    assert [r["error_code"] for r in run.responses[0]] == [None] * 4, run.responses[0][0]["error_msg"]
    assert [r["number_output_tokens"] for r in run.responses[0]] == [2] * 4


def test_the_last_head_says_how_long_to_wait(endpoint, project):
    early = b"HTTP/1.1 103 Early\r\nRetry-After: 3000\r\n\r\n"
    busy = early + b"HTTP/1.1 429 No\r\nContent-Length: 4\r\n\r\nbusy"
    project.setup(["m,10,2,4,1,,,"], CONFIG + "retry : {attempts: 1, max_wait: 0.1}\n")
    run = project.run(address=endpoint(lambda r, c: busy if r["index"] == 1 else GOOD).address)
    assert [r["error_code"] for r in run.responses[0]] == [None, 429, None, None, None]


def test_the_last_head_names_the_place(endpoint, project):
    early = b"HTTP/1.1 103 Early\r\nLocation: http://early/\r\n\r\n"
    moved = early + b"HTTP/1.1 308 Moved\r\nContent-Length: 0\r\n\r\n"
    project.setup(["m,10,2,2,1,,,"])
    run = project.run(address=endpoint(lambda r, c: moved).address, expect=3)
    for response in run.responses[0]:
        assert response["error_code"] == 308 and "http://early/" not in response["error_msg"]


def test_an_early_head_alone_is_no_response(endpoint, project):
    def answer(request, connection):
        if request["index"] != 1:
            return GOOD
        connection.sendall(b"HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-")
        connection.shutdown(socket.SHUT_RDWR)

    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(answer).address)
    assert [r["error_code"] for r in run.responses[0]] == [None, "connection_reset", None, None]
    assert "within the head" in run.responses[0][1]["error_msg"]


def test_many_early_heads_are_one_head(endpoint, project):
    """Each may forget what the last said, but not how much was said."""
    early = b"HTTP/1.1 103 Early\r\nX-A: b\r\n\r\n"

    def answer(request, connection):
        if request["index"] != 1:
            return GOOD
        for _ in range(100000):
            connection.sendall(early * 100)

    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=endpoint(answer).address)
    assert [r["error_code"] for r in run.responses[0]] == [None, "too_large", None, None]
