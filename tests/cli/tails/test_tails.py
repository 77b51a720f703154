"""The end of the response, not of the body: what a proxy does behind the last event costs no figure."""

import json
import pathlib
import socket
import struct
import time

import openpyxl
import pytest
from support.bench import CONFIG
from support.endpoint import content, event, finish

HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
STOP = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
USAGE = event(choices=[], usage={"prompt_tokens": 10, "completion_tokens": 2})
DONE = b"data: [DONE]\n\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


END = chunk(b"")

POLICY = pathlib.Path(__file__).parents[3] / "configs" / "qualification.yaml"


def answer(*ends, behind, ended=None):
    """A response of two tokens that ends by `ends`; then behind(connection) does what it does. When it
    has ended is noted in `ended`, by the request's index."""
    def say(request, connection):
        connection.sendall(HEAD + chunk(content("a")))
        time.sleep(0.02)
        connection.sendall(chunk(content("b") + b"".join(ends)))
        if ended is not None:
            ended[request["index"]] = time.monotonic_ns()
        behind(connection)
    return say


def late(connection):
    time.sleep(0.3)
    connection.sendall(END)


def apart(connection):
    """The body's last bytes in a packet of their own, as many servers send them. Whether they left in time is noted:
    a client waits two milliseconds for them."""
    before = time.monotonic()
    time.sleep(0.0002)
    connection.sendall(END)
    apart.late += time.monotonic() - before > 0.001


def silence(connection):
    time.sleep(3)


def comments(connection):
    for _ in range(30):
        connection.sendall(chunk(b": still here\n\n"))
        time.sleep(0.1)


def reset(connection):
    time.sleep(0.3)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def codes(responses):
    return [(r["error_code"], r["error_msg"]) for r in responses]


def between(responses):
    """From each response's end to the next request, in seconds."""
    return [(b["sent_monotonic_ns"] - a["done_monotonic_ns"]) / 1e9
            for a, b in zip(responses, responses[1:])]


@pytest.mark.parametrize("ends", [(STOP, USAGE, DONE), (USAGE,)], ids=["done", "usage"])
@pytest.mark.parametrize("behind", [late, silence, comments, reset], ids=lambda b: b.__name__)
def test_what_comes_behind_the_end_costs_nothing(endpoint, project, behind, ends):
    ended = {}
    server = endpoint(answer(*ends, behind=behind, ended=ended))
    project.setup(["m,10,2,6,1,,,"], CONFIG + "connection: {tail_grace: 0.6}\n")
    run = project.run(address=server.address)
    (responses,), (summary,) = run.responses, run.summaries
    assert codes(responses) == [(None, "")] * 6
    least = 0.3 if behind in (late, reset) else 0.6
    known = [(ended[k] - r["sent_monotonic_ns"]) / 1e9 for k, r in enumerate(responses)]
    for r, known_s in zip(responses, known):
        assert r["client_end_to_end_latency_s"] < known_s + least / 2
        assert r["client_body_end_s"] - r["client_end_to_end_latency_s"] >= 0.9 * least
        assert r["client_time_per_output_token_s"] < known_s + least / 2
    # The place is free at the response's end; the connection is not used while its body is open.
    assert sum(gap < 0.25 for gap in between(responses)) == 5
    assert summary["wall_time_s"] < sum(known) + 6 * least / 2
    assert "after their responses: a proxy closes late" in flags(run)


def flags(run):
    heading, (line,) = run.table()
    return line[heading.index("flags")] if "flags" in heading else ""


def test_a_body_whose_last_bytes_come_apart_keeps_its_connection(endpoint, project):
    server, apart.late = endpoint(answer(STOP, USAGE, DONE, behind=apart)), 0
    project.setup(["m,10,2,12,2,,,"], CONFIG + "connection: {reuse: always}\n")
    run = project.run(address=server.address)
    assert codes(run.responses[0]) == [(None, "")] * 12
    assert sum(r["new_connection"] for r in run.responses[0]) <= 3 + apart.late
    assert len(server.sockets) <= 5 + apart.late


def test_a_finish_behind_which_nothing_came_keeps_its_place_for_the_grace(endpoint, project):
    """Usage may be on its way yet."""
    server = endpoint(answer(STOP, behind=silence))
    project.setup(["m,10,2,3,1,,,"], CONFIG + "connection: {tail_grace: 0.5}\n")
    (responses,) = project.run(address=server.address).responses
    assert codes(responses) == [(None, "")] * 3
    assert all(gap >= 0.49 for gap in between(responses))
    assert all(r["client_end_to_end_latency_s"] < 0.4 for r in responses)


def test_usage_that_comes_late_is_the_end(endpoint, project):
    def behind(connection):
        time.sleep(0.2)
        connection.sendall(chunk(USAGE) + END)

    (only,), = project_run(endpoint, project, answer(STOP, behind=behind))
    assert only["number_output_tokens_source"] == "server"
    assert only["client_end_to_end_latency_s"] >= 0.2


def project_run(endpoint, project, say):
    project.setup(["m,10,2,1,1,,,"])
    return project.run(address=endpoint(say).address).responses


def test_an_end_before_the_response_is_none(endpoint, project):
    """A reset or a body that breaks off before it fails as it did."""
    def say(request, connection):
        connection.sendall(HEAD + chunk(content("a")))
        reset(connection)

    project.setup(["m,10,2,2,1,,,"])
    (responses,) = project.run(address=endpoint(say).address, expect=3).responses
    assert {r["error_code"] for r in responses} == {"connection_reset"}


def test_runs_of_other_definitions_are_told_apart(endpoint, project, browser):
    server = endpoint(answer(STOP, USAGE, DONE, behind=lambda connection: connection.sendall(END)))
    project.setup(["m,10,2,3,1,,,"])
    old, new = (project.run(address=server.address) for _ in range(2))
    assert new.manifest["definitions"] == 2
    names = [str(run.folder.relative_to(project.folder)) for run in (old, new)]
    assert "definitions" not in project.call("report", *names).stderr
    del old.manifest["definitions"]
    old.manifest["status"] = "interrupted"
    (old.folder / "manifest.json").write_text(json.dumps(old.manifest))
    project.write("configs/qualification.yaml", POLICY.read_text())
    said = f"{old.folder.name} has definitions 1 of the figures, and {new.folder.name} has 2"
    for command in ("report", "compare"):
        done = project.call(command, *names, "--output", command)
        assert f"note: {said}" in done.stderr, done.stderr
        (book,), (page,) = (list((project.folder / command).glob(ending)) for ending in ("*.xlsx", "*.html"))
        steps = openpyxl.load_workbook(book)["Steps"].iter_rows(values_only=True)
        assert any(str(line[0]).startswith(said) for line in steps)
        browser.open(page)
        assert said in browser.one("#overview").text
    done = project.call("run", "--resume", names[0], address=server.address)
    assert done.returncode == 0, done.stderr
    assert json.loads((old.folder / "manifest.json").read_text())["definitions"] == "1 and 2"
    done = project.call("report", names[0])
    assert f"note: {old.folder.name} has definitions 1 and 2 of the figures: by 1" in done.stderr
