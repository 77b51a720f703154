"""Servers that close their connections: what fails, how often each is asked, and what it costs.

The endpoint promises to keep each connection, as llama-server does, and closes it all the same."""

import json
import re
import socket
import struct
import time

import pytest
from support.bench import CONFIG, completed
from support.endpoint import content, finish

HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        b"Keep-Alive: timeout=5, max=100\r\n\r\n")
ANEW = "from now on each request has a new one"


def chunked(*events):
    return b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in (*events, b""))


GOOD = HEAD + chunked(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


def fin(connection):
    connection.shutdown(socket.SHUT_RDWR)


def rst(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait(seconds):
    """Sleeps end late; short waits are looked through."""
    until = time.monotonic() + seconds
    if seconds > 0.002:
        time.sleep(seconds)
    while time.monotonic() < until:
        pass


class Closing:
    """Closes a connection `after_s` behind each response but the first `keeps`, in the way `how`."""

    def __init__(self, after_s, how=fin, keeps=0):
        self.after_s, self.how, self.keeps = after_s, how, keeps
        self.late = 0  # closed so long behind the response that a client has to take it for kept

    def __call__(self, request, connection):
        began = time.monotonic()
        connection.sendall(GOOD)
        if request["index"] >= self.keeps:
            wait(self.after_s)
            self.how(connection)
            self.late += time.monotonic() - began > self.after_s + 0.01


def codes(run):
    return [r["error_code"] for responses in run.responses for r in responses]


def prompts(server):
    return [json.dumps(request["body"]["messages"]) for request in server.requests]


def reuse(mode):
    return CONFIG + f"connection: {{reuse: {mode}}}\n"


@pytest.mark.parametrize("how", [fin, rst], ids=lambda how: how.__name__)
@pytest.mark.parametrize("mode, most", [("never", 0), ("auto", 1)])
@pytest.mark.parametrize("places", [1, 4, 16])
def test_a_server_that_closes_at_once_costs_no_request(endpoint, project, places, mode, most, how):
    closing = Closing(0.00003, how)
    server = endpoint(closing)
    project.setup([f"m,10,2,400,{places},,,"], reuse(mode))
    run = project.run(address=server.address)
    failed = [code for code in codes(run) if code is not None]
    assert len(failed) <= most + closing.late * (mode != "never"), failed
    assert len(codes(run)) == len(server.requests) == 400
    assert len(set(prompts(server))) == 400, "a prompt was sent twice"
    said = run.process.stderr.count(ANEW)
    assert said == (mode == "auto"), run.process.stderr
    assert run.manifest["connection_reuse"] == "never"


@pytest.mark.parametrize("mode", ["never", "auto"])
def test_open_loop_requests_find_a_connection_open(endpoint, project, mode):
    """Connecting would be part of their latency, so it is done ahead; `plan` says by how many GETs."""
    server = endpoint(Closing(0.00003))
    project.setup(["m,10,2,60,,40,constant,"], reuse(mode))
    told = project.call("plan", "config.yaml", "--offline", address=server.address).stdout
    (most,) = re.findall(r"up to (\d+) GETs of (?:\S+)/models open the connections", told)
    assert int(most) == 60 and ("if the endpoint turns out" in told) == (mode == "auto")
    run = project.run(address=server.address)
    (responses,) = run.responses
    assert codes(run) == [None] * 60
    # One may leave while the first is looked at, and opens one itself.
    assert sum(r["new_connection"] for r in responses) <= (mode == "auto")
    assert sum(r["client_connect_s"] > 0 for r in responses) <= (mode == "auto")
    assert server.gets <= 60 + 1, "and one that asks what the server is"


@pytest.mark.parametrize("mode", ["auto", "always"])
def test_connections_that_live_are_used_again(endpoint, project, mode):
    server = endpoint(Closing(0, keeps=1000))
    project.setup(["m,10,2,40,1,,,", "n,10,2,40,1,,,"], reuse(mode))
    run = project.run(address=server.address)
    assert codes(run) == [None] * 80
    assert not any(r["new_connection"] for responses in run.responses for r in responses)
    assert len(server.sockets) == 3, "one for each row, and one that asks what the server is"
    assert ANEW not in run.process.stderr
    assert run.manifest["connection_reuse"] == "always"
    waits = [gap for responses in run.responses for gap in gaps(responses) if gap >= 0.02]
    assert len(waits) >= (3 if mode == "auto" else 0)
    first = gaps(run.responses[0])[:3]
    assert all((gap >= 0.02) == (mode == "auto") for gap in first) or mode == "always"
    # That a place waited so is not time that it stood empty.
    assert all(r["client_schedule_delay_s"] < 0.02 for r in run.responses[0][:4]) or mode == "always"


def gaps(responses):
    """From each request's end to the next one's start."""
    return [(after["sent_monotonic_ns"] - before["done_monotonic_ns"]) / 1e9
            for before, after in zip(responses, responses[1:])]


def test_plan_counts_no_openings_where_none_are_made(endpoint, project):
    server = endpoint(Closing(0))
    for row, config in (("m,10,2,60,1,,,", reuse("never")), ("m,10,2,60,,40,,", reuse("always")),
                        ("m,10,2,60,,40,,", CONFIG + "connection: {preconnect: no, reuse: never}\n")):
        project.setup([row], config)
        told = project.call("plan", "config.yaml", "--offline", address=server.address).stdout
        assert "open the connections" not in told


class Late:
    """Keeps each connection for 30 ms after a response, then ends it as `how` says, or asks once more
    on it: then it ends at once, before or within the head of the response."""

    def __init__(self, how, part=b"", learn=4):
        self.how, self.part, self.learn = how, part, learn
        self.served = {}

    def __call__(self, request, connection):
        count = self.served[connection] = self.served.get(connection, 0) + 1
        if request["index"] >= self.learn and count > 1:
            connection.sendall(self.part)
            self.how(connection)
        else:
            connection.sendall(GOOD)


@pytest.mark.parametrize("how", [fin, rst], ids=lambda how: how.__name__)
@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Ty"],
                         ids=["nothing", "mid-line", "mid-head"])
def test_one_dead_connection_teaches_as_much(endpoint, project, how, part):
    """By then connections had outlived their responses."""
    server = endpoint(Late(how, part))
    project.setup(["m,10,2,20,1,,,"])
    run = project.run(address=server.address)
    failed = [code for code in codes(run) if code is not None]
    assert len(failed) == 1, codes(run)
    assert len(server.requests) == 20 and len(set(prompts(server))) == 20
    assert run.process.stderr.count(ANEW) == 1
    assert [r["new_connection"] for r in run.responses[0]][5:] == [True] * 15
    assert run.manifest["connection_reuse"] == "never"


def test_a_handle_that_met_many_dead_connections_says_what_happened(endpoint, project):
    """libcurl counts them over all its requests, and says that it tried five times; each went once."""
    server = endpoint(lambda request, connection: rst(connection) if request["index"] % 2 else
                      connection.sendall(GOOD))
    project.setup(["m,10,2,24,1,,,"], reuse("always"))
    (responses,) = project.run(address=server.address).responses
    assert len(server.requests) == 24
    assert [r["error_code"] for r in responses] == [None, "connection_reset"] * 12
    for r in responses[1::2]:
        assert "tried" not in r["error_msg"] and "callback" not in r["error_msg"], r["error_msg"]


def idle_408(connection):
    """As proxies end a connection that was idle too long."""
    connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("how", [fin, rst, idle_408], ids=lambda how: how.__name__)
@pytest.mark.parametrize("row", ["m,10,2,6,,1,constant,", "m,10,2,6,1,,,"])
def test_connections_that_end_while_idle_fail_nothing(endpoint, project, row, how):
    """After 100 ms, and long before the next: between two open-loop requests, or in the wait for a retry."""
    def answer(request, connection):
        again = request["index"] % 2 == 0 and row.endswith(",1,,,")
        connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n" if again
                           else GOOD)
        time.sleep(0.1)
        if again or not row.endswith(",1,,,"):
            how(connection)

    server = endpoint(answer)
    project.setup([row], CONFIG + "retry: {attempts: 2, max_wait: 1}\n")
    run = project.run(address=server.address)
    assert set(codes(run)) <= {None, 503}
    assert sum(code is None for code in codes(run)) == 6


@pytest.mark.parametrize("how", [fin, rst, idle_408], ids=lambda how: how.__name__)
def test_the_first_request_of_a_row_never_finds_a_dead_connection(endpoint, project, how):
    """Where the endpoint closes those that were opened ahead, as soon as they were answered."""
    late = []

    def close(connection):
        began = time.monotonic()
        wait(0.00003)
        how(connection)
        if time.monotonic() - began > 0.01:  # a client takes it for kept
            late.append(connection)

    server = endpoint(lambda request, connection: GOOD)
    server.after_get = close
    project.setup([f"{name},10,2,2,2,,," for name in "abcdefghij"])
    run = project.run("--passes", "2", "--set", "connection.reuse=auto", address=server.address, expect=None)
    assert sum(code is not None for code in codes(run)) <= len(late)
    assert 40 - len(late) <= len(server.requests) <= 40


def test_what_was_learned_holds_for_a_resumed_run(endpoint, project):
    server = endpoint(Closing(0.00003))
    project.setup(["m,10,2,4,1,,,", "n,10,2,4,1,,,"])
    run = project.run(address=server.address)
    assert run.manifest["connection_reuse"] == "never"
    (run.folder / f"{run.names[1]}_summary.json").unlink()
    server.requests.clear()
    done = project.call("run", "--resume", str(run.folder.relative_to(project.folder)),
                        address=server.address)
    assert done.returncode == 0, done.stderr
    assert ANEW not in done.stderr, "it was said once"
    again = json.loads((run.folder / "manifest.json").read_text())
    assert again["connection_reuse"] == "never"
    name = next(step["name"] for step in again["steps"] if step["index"] == 1)
    responses = json.loads((run.folder / f"{name}_individual_responses.json").read_text())
    assert len(server.requests) == 4 and [r["new_connection"] for r in responses] == [True] * 4


@pytest.mark.parametrize("mode", ["auto", "never", "always"])
def test_connecting_is_outside_the_first_token(endpoint, project, mode):
    """Of a closed loop: the TTFT begins on an open connection."""
    server = endpoint(Closing(0.00003))
    project.setup(["m,10,2,8,2,,,"], CONFIG + f"connection: {{reuse: {mode}, preconnect: false}}\n")
    (responses,) = project.run(address=server.address, expect=0).responses
    for r in completed(responses):
        if r["new_connection"]:
            assert r["client_connect_s"] > 0
            sent, first = r["sent_monotonic_ns"], r["first_content_monotonic_ns"]
            assert r["client_ttft_s"] == pytest.approx((first - sent) / 1e9, abs=1e-6)


def test_http_2_shares_connections_and_takes_no_never(project):
    project.setup(["m,10,2,4,2,,,"], CONFIG + "connection: {http: 2, reuse: never}\n")
    done = project.call("run", "config.yaml", address="https://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert "config.yaml:10: connection.reuse: never is for HTTP/1.1" in done.stderr
