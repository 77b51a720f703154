"""HTTP/2 as no honest server speaks it. Whatever comes, the run ends, each request has one record that
says how it ended, none was sent twice, and memory stays what it was."""

import json

import pytest
from support.bench import CONFIG
from support.certificate import make_certificate
from support.endpoint import content, finish
from support.measured import run_measured
from support.raw_http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PUSH_PROMISE,
                               RST_STREAM, SETTINGS, STATUS_200, WINDOW_UPDATE, RawHttp2Endpoint, frame, number)

REQUESTS = 6
MANY = 20_000
MEMORY_MOST_MIB = 256


def head(stream):
    return frame(HEADERS, END_HEADERS, stream, STATUS_200)


def good(stream):
    return head(stream) + frame(DATA, END_STREAM, stream, content("a") + content("b") + finish(completion_tokens=2))


def once(data):
    """Sends this, and nothing more."""
    return lambda send, stream, index: send(data(stream))


def flood(data, first=head):
    """Sends this many times, then a good end, as long as somebody is there."""
    def attack(send, stream, index):
        going = send(first(stream))
        for _ in range(MANY // 100):
            going = going and send(100 * data(stream))
        if going:
            send(frame(DATA, END_STREAM, stream, content("a") + content("b") + finish(completion_tokens=2)))
    return attack


def headers_without_end(send, stream, index):
    going = send(frame(HEADERS, 0, stream, STATUS_200))
    for _ in range(MANY):
        going = going and send(frame(CONTINUATION, 0, stream, 200 * b"\x00\x01a\x01b"))


def table_bomb(stream):
    """One long header, entered into the table once, and named again and again."""
    return (frame(HEADERS, END_HEADERS, stream, STATUS_200 + b"\x40\x01x\x7f\x81\x1e" + 4000 * b"y")
            + frame(HEADERS, END_HEADERS | END_STREAM, stream, 12000 * b"\xbe"))


CODES = {"connection_reset", "truncated", "bad_stream", "too_large", "timeout", "idle_timeout", "empty_answer",
         "connection_refused", "tls_error", "local_buffers"}
# What each sends, and whether requests may complete all the same.
ATTACKS = {
    "reset at once, refused": (once(lambda s: frame(RST_STREAM, 0, s, number(7))), False),
    "reset at once, cancelled": (once(lambda s: frame(RST_STREAM, 0, s, number(8))), False),
    "reset at once, no error": (once(lambda s: frame(RST_STREAM, 0, s, number(0))), False),
    "reset within the response": (once(lambda s: head(s) + frame(DATA, 0, s, content("a"))
                                       + frame(RST_STREAM, 0, s, number(2))), False),
    "the same stream reset 20,000 times": (flood(lambda s: frame(RST_STREAM, 0, s, number(8))), False),
    "goaway, this request unprocessed": (once(lambda s: frame(GOAWAY, 0, 0, number(0) + number(0))), False),
    "goaway with an error": (once(lambda s: frame(GOAWAY, 0, 0, number(s) + number(2))), False),
    "goaway, then the response": (once(lambda s: frame(GOAWAY, 0, 0, number(s) + number(0)) + good(s)), True),
    "goaway 20,000 times": (flood(lambda s: frame(GOAWAY, 0, 0, number(2**31 - 1) + number(0))), True),
    "goaway whose last stream grows": (once(lambda s: frame(GOAWAY, 0, 0, number(1) + number(0))
                                            + frame(GOAWAY, 0, 0, number(2**31 - 1) + number(0))), False),
    "a window past its most": (once(lambda s: head(s) + 2 * frame(WINDOW_UPDATE, 0, 0, number(2**31 - 1))), False),
    "a stream's window past its most": (once(lambda s: 2 * frame(WINDOW_UPDATE, 0, s, number(2**31 - 1))), False),
    "a window that grows by nothing": (once(lambda s: frame(WINDOW_UPDATE, 0, 0, number(0))), False),
    "windows by one byte, 20,000 times": (flood(lambda s: frame(WINDOW_UPDATE, 0, 0, number(1))), True),
    "more data than the window": (once(lambda s: head(s) + 4000 * frame(DATA, 0, s, 16384 * b":")), False),
    "empty data, 20,000 times": (flood(lambda s: frame(DATA, 0, s)), True),
    "padding and no data, 20,000 times": (flood(lambda s: frame(DATA, 8, s, b"\x10" + 16 * b"\0")), True),
    "pings, 20,000": (flood(lambda s: frame(PING, 0, 0, 8 * b"p")), True),
    "answers to no ping, 20,000": (flood(lambda s: frame(PING, ACK, 0, 8 * b"p")), True),
    "settings, 20,000": (flood(lambda s: frame(SETTINGS)), True),
    "settings of nonsense": (once(lambda s: frame(SETTINGS, 0, 0, b"\x00\x05" + number(1))), False),
    "settings of seven bytes": (once(lambda s: frame(SETTINGS, 0, 0, 7 * b"x")), False),
    "a push nobody asked for": (once(lambda s: frame(PUSH_PROMISE, END_HEADERS, s, number(2) + STATUS_200)), False),
    "a head without end": (headers_without_end, False),
    "a head out of the table": (once(table_bomb), False),
    "a head that names no entry": (once(lambda s: frame(HEADERS, END_HEADERS, s, b"\xff\xff\xff\xff\x0f")), False),
    "a continuation of nothing": (once(lambda s: frame(CONTINUATION, END_HEADERS, s, STATUS_200)), False),
    "data before the head": (once(lambda s: frame(DATA, 0, s, content("a"))), False),
    "data on stream 0": (once(lambda s: frame(DATA, 0, 0, content("a"))), False),
    "a response on a stream nobody opened": (once(lambda s: good(s + 1000)), False),
    "two heads": (once(lambda s: head(s) + good(s)), False),
    "a frame larger than may be": (once(lambda s: head(s) + frame(DATA, 0, s, (1 << 20) * b"x")), False),
    "frames of no known kind, 20,000": (flood(lambda s: frame(0xee, 0xff, s, b"what")), True),
    "no frames": (once(lambda s: 4096 * b"HTTP/1.1 200 OK\r\n\r\n"), False),
    "silence": (lambda send, stream, index: None, False),
}


@pytest.fixture
def attacked(tmp_path, project):
    """attacked(attack, settings) runs against one, and returns its records."""
    certificate, key = make_certificate(tmp_path)
    started = []

    def run(attack, settings=b""):
        started.append(RawHttp2Endpoint(attack, certificate, key, settings))
        project.setup([f"m,10,2,{REQUESTS},2,,,"], CONFIG + "max_consecutive_errors: 1000\nconnection: {http: 2, "
                      f"idle_timeout: 2, connect_timeout: 5, ca_file: {certificate}}}\n")
        code, said, memory_mib = run_measured(project, started[-1].address)
        assert code in (0, 3, 4), said
        assert memory_mib < MEMORY_MOST_MIB
        (folder,) = project.run_folders()
        (path,) = folder.glob("*_individual_responses.json")
        records = json.loads(path.read_text())
        assert started[-1].posts <= len(records) == REQUESTS, "none is lost, and none left twice"
        return records

    yield run
    for one in started:
        one.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_frames_that_no_honest_server_sends(attacked, name):
    attack, may_complete = ATTACKS[name]
    for r in attacked(attack):
        assert r["error_code"] in CODES | ({None} if may_complete else set()), r
        assert r["error_code"] is None or r["error_msg"]
        assert r["error_code"] != "local_buffers", r["error_msg"]


def test_a_window_that_takes_no_body(attacked):
    """The request cannot leave: it ends by the idle timeout, and others of the run do too."""
    records = attacked(once(good), settings=b"\x00\x04" + number(0))
    assert {r["error_code"] for r in records} == {"idle_timeout"}


def test_no_stream_may_be_opened(attacked):
    records = attacked(once(good), settings=b"\x00\x03" + number(0))
    assert all(r["error_code"] is None or r["error_msg"] for r in records)
