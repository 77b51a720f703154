"""TLS as no honest server speaks it. Whatever comes, the run ends by its own limits or by Ctrl-C, each request
has one record that says how it ended, what was cut off never counts as complete, and memory stays what it was."""

import json
import signal
import socket
import time

import pytest
from support.bench import CONFIG
from support.certificate import make_certificate, make_expired
from support.endpoint import OK, content, finish
from support.measured import run_measured
from support.raw_tls import PIECE, TLS_1_2, TLS_1_3, BareEndpoint, Link, RawTlsEndpoint

MEMORY_MOST_MIB = 256
MANY = 2000


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


HEAD = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(content("a"))
REST = chunk(content("b")) + chunk(finish(completion_tokens=2)) + chunk(b"")


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def attacked(project, pair):
    """attacked(start) runs two requests, or four, against the endpoint that start(certificate, key) begins, and
    returns their records."""
    started = []

    def run(start, pair=pair, authority=None, http="1.1", more="", requests=2):
        started.append(start(*pair))
        project.setup([f"m,10,2,{requests},2,,,"], CONFIG + "max_consecutive_errors: 1000\nconnection: {http: %s, "
                      "idle_timeout: 2, connect_timeout: 2, ca_file: %s%s}\n" % (http, authority or pair[0], more))
        code, said, memory_mib = run_measured(project, started[-1].address)
        assert code in (0, 3, 4), said
        assert memory_mib < MEMORY_MOST_MIB
        (folder,) = project.run_folders()
        (path,) = folder.glob("*_individual_responses.json")
        records = json.loads(path.read_text())
        assert len(records) == requests
        assert getattr(started[-1], "posts", 0) <= requests, "none was left twice"
        assert all((r["error_code"] is None) == (r["error_msg"] == "") for r in records), records
        return records

    yield run
    for one in started:
        one.close()


def codes(records):
    return {r["error_code"] for r in records}


# --- Behind the handshake ---------------------------------------------------------------------------


def within(make, times=MANY):
    """So many messages of TLS between two parts of a good response."""
    def attack(link, index):
        going = link.send(HEAD)
        for _ in range(times // 100):
            going = going and link.raw(b"".join(make(link) for _ in range(100)))
        link.send(REST)
    return attack


def without_end(make):
    def attack(link, index):
        going = link.send(HEAD)
        while going:
            going = link.raw(b"".join(make(link) for _ in range(100)))
    return attack


def key_update(link):
    return link.key_update()


def key_update_asked_back(link):
    return link.key_update(asks=True)


def renegotiating(link, index):
    link.send(HEAD)
    for _ in range(20):
        link.renegotiate()
    link.send(REST)


def asked_and_left_alone(link, index):
    link.send(HEAD)
    link.raw(link.hello_request())
    while link.connection.recv(PIECE):
        pass


def bytes_alone(link, index):
    """Each byte of the response in a record of its own."""
    link.raw(b"".join(link.seal(bytes([byte])) for byte in HEAD + REST))


def head_and(data):
    def attack(link, index):
        link.send(HEAD)
        link.raw(data(link))
    return attack


def half_record(link):
    return link.seal(content("b"))[:9]


# What each sends, by which version, and how requests end: None is complete.
BEHIND = {
    "key updates": (within(key_update), TLS_1_3, {None}),
    "key updates that ask for one": (within(key_update_asked_back), TLS_1_3, {None}),
    "session tickets": (within(Link.ticket), TLS_1_3, {None}),
    "each byte in a record": (bytes_alone, TLS_1_3, {None}),
    "key updates without end": (without_end(key_update), TLS_1_3, {"idle_timeout"}),
    "key updates that ask for one without end": (without_end(key_update_asked_back), TLS_1_3, {"idle_timeout"}),
    "session tickets without end": (without_end(Link.ticket), TLS_1_3, {"idle_timeout"}),
    "half a record and silence": (head_and(half_record), TLS_1_3, {"idle_timeout"}),
    "a record that cannot be decrypted": (head_and(lambda link: b"\x17\x03\x03\x00\x20" + 32 * b"x"), TLS_1_3,
                                          {"connection_reset"}),
    "what is no record": (head_and(lambda link: 100 * b"no TLS"), TLS_1_3, {"connection_reset"}),
    "empty records": (head_and(lambda link: 1000 * b"\x17\x03\x03\x00\x00"), TLS_1_3, {"connection_reset"}),
    "changes of cipher": (head_and(lambda link: 1000 * b"\x14\x03\x03\x00\x01\x01"), TLS_1_3, {"connection_reset"}),
    "alerts in clear": (head_and(lambda link: 1000 * b"\x15\x03\x03\x00\x02\x01\x5a"), TLS_1_3, {"connection_reset"}),
    "renegotiations, all of them made": (renegotiating, TLS_1_2, {None}),
    "requests to renegotiate": (within(Link.hello_request), TLS_1_2, {None}),
    "requests to renegotiate without end": (without_end(Link.hello_request), TLS_1_2, {"idle_timeout"}),
    "a renegotiation that the server leaves alone": (asked_and_left_alone, TLS_1_2, {"idle_timeout"}),
}


@pytest.mark.parametrize("name", BEHIND)
def test_messages_behind_the_handshake(attacked, name):
    attack, version, expected = BEHIND[name]
    records = attacked(lambda *pair: RawTlsEndpoint(attack, *pair, version))
    assert codes(records) == expected, records
    assert {r["server_number_output_tokens"] for r in records if r["error_code"] is None} <= {2}


# --- Ends -------------------------------------------------------------------------------------------

FRAMING = {"chunked": (OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk),
           "of a length": (OK + b"Content-Length: 100000\r\n\r\n", bytes),
           "until the end": (OK + b"Connection: close\r\n\r\n", bytes)}
ENDS = {"no close_notify": lambda link: None, "close_notify": Link.close_notify, "an alert": Link.fatal_alert,
        "a reset": Link.reset}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("framing", FRAMING)
@pytest.mark.parametrize("moment", ["within the head", "within the stream", "behind the end mark"])
def test_ends(attacked, framing, end, moment):
    """Only a stream that is whole counts, and it does whatever becomes of its connection."""
    head, part = FRAMING[framing]
    sent = {"within the head": OK, "within the stream": head + part(content("a")),
            "behind the end mark": head + part(content("a")) + part(finish(completion_tokens=1))}[moment]

    def attack(link, index):
        link.send(sent)
        time.sleep(0.05)  # it is read before the end comes
        link.raw(ENDS[end](link) or b"")
        link.connection.close()

    records = attacked(lambda *pair: RawTlsEndpoint(attack, *pair), requests=4)
    # Bytes of ours that are unread when a connection is closed make a reset of it.
    abrupt = {"connection_reset"} if end in ("an alert", "a reset") else {"truncated", "connection_reset"}
    assert codes(records) <= ({None, "connection_reset"} if moment == "behind the end mark" and end == "a reset" else
                              {None} if moment == "behind the end mark" else
                              {"connection_reset"} if moment == "within the head" else abrupt), records


# --- Within the handshake ---------------------------------------------------------------------------


def record(kind, body):
    return bytes([kind]) + b"\x03\x03" + len(body).to_bytes(2, "big") + body


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def server_hello(extensions=b"\xff\x01\x00\x01\x00", cipher=b"\xc0\x2f", version=b"\x03\x03"):
    """By default: TLS 1.2, secure renegotiation, and a cipher that is offered."""
    body = version + 32 * b"r" + b"\x00" + cipher + b"\x00"
    return record(22, message(2, body + (len(extensions).to_bytes(2, "big") + extensions if extensions else b"")))


def say(data):
    return lambda connection: connection.sendall(data)


def say_without_end(data):
    def attack(connection):
        while True:
            connection.sendall(data)
    return attack


def byte_by_byte(connection):
    for byte in server_hello():
        connection.sendall(bytes([byte]))
        connection.settimeout(0.3)
        try:
            connection.recv(1)
        except TimeoutError:
            pass


HELLO_REQUESTS = 64 * record(22, 4000 * message(0, b""))
LATE = {"idle_timeout", "connect_timeout"}
NO_HANDSHAKE = {
    "silence": (lambda connection: None, LATE, ""),
    "byte by byte": (byte_by_byte, LATE, ""),
    "requests to renegotiate without end": (say_without_end(HELLO_REQUESTS), LATE, ""),
    "changes of cipher without end": (say_without_end(1000 * record(20, b"\x01")), {"tls_error"}, "unexpected message"),
    "warnings without end": (say_without_end(1000 * record(21, b"\x01\x5a")), {"tls_error"}, "too many warn alerts"),
    "empty records without end": (say_without_end(1000 * record(22, b"")), {"tls_error"}, "record too small"),
    "no secure renegotiation": (say(server_hello(extensions=b"") + record(22, message(14, b""))), {"tls_error"},
                                "unsafe legacy renegotiation disabled"),
    "a message of 16 MiB": (say(server_hello() + record(22, b"\x0b\xff\xff\xff" + 16000 * b"a")), {"tls_error"},
                            "excessive message size"),
    "certificates that are none": (say(server_hello() + record(22, message(
        11, (16003).to_bytes(3, "big") + (16000).to_bytes(3, "big") + 16000 * b"0"))), {"tls_error"}, ""),
    "SSL 3": (say(server_hello(version=b"\x03\x00")), {"tls_error"}, "unsupported protocol"),
    "a cipher that was not offered": (say(server_hello(cipher=b"\x00\x04")), {"tls_error"}, "unknown cipher returned"),
    "an alert": (say(record(21, b"\x02\x28")), {"tls_error"}, "alert handshake failure"),
    "an end": (lambda connection: connection.shutdown(socket.SHUT_RDWR), {"tls_error"}, ""),
    "what is no TLS": (say(100000 * b"x"), {"tls_error"}, "the port speaks no TLS: write http:// in the address"),
}


@pytest.mark.parametrize("name", NO_HANDSHAKE)
def test_handshakes_that_do_not_succeed(attacked, name):
    attack, expected, sentence = NO_HANDSHAKE[name]
    records = attacked(lambda certificate, key: BareEndpoint(attack))
    assert codes(records) <= expected, records
    for r in records:
        assert sentence in r["error_msg"] and r["error_msg"].count("; ") <= 1, r["error_msg"]
        assert "this machine's date" not in r["error_msg"], "no certificate was judged"


def good(link, index):
    link.send(HEAD + REST)


# --- Ctrl-C -----------------------------------------------------------------------------------------


class OneHandshake(RawTlsEndpoint):
    """The connection that asks what the server is goes well; on others there is no end of requests to renegotiate."""

    def serve(self, link):
        if link is self.links[0]:
            super().serve(link)
            return
        link.connection.recv(PIECE)
        self.heard.set()
        while link.raw(HELLO_REQUESTS):
            pass


@pytest.mark.parametrize("start", [
    lambda *pair: OneHandshake(good, *pair),
    lambda *pair: RawTlsEndpoint(without_end(key_update_asked_back), *pair),
], ids=["within the handshake", "within the stream"])
def test_ctrl_c_ends_a_run_whose_server_sends_without_end(pair, project, start):
    """No limit of the row is near."""
    server = start(*pair)
    project.setup(["m,10,2,4,2,,,"], CONFIG + "stop_grace: 0\nconnection: {connect_timeout: 3000, idle_timeout: 3000, "
                  f"ca_file: {pair[0]}}}\n")
    process = project.start("run", "config.yaml", address=server.address)
    try:
        assert server.heard.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
        server.close()
    assert process.returncode == 130, out + err


# --- ALPN -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("http", ["1.1", "2"])
@pytest.mark.parametrize("picked", [None, b"http/1.1", b"http/1.0", b"h2", b"spdy/3", b"nonsense", b"\x00\xff",
                                    255 * b"x"], ids=lambda picked: repr(picked)[:12])
def test_the_protocol_that_the_server_picks(attacked, picked, http):
    """None picked is HTTP/1.1, and what was not offered ends the handshake."""
    records = attacked(lambda *pair: RawTlsEndpoint(good, *pair, alpn=picked), http=http)
    if picked in (None, b"http/1.1"):
        assert codes(records) == {None} and {r["http_version"] for r in records} == {"1.1"}, records
    elif (picked, http) == (b"h2", "2"):  # which the server then does not speak
        assert codes(records) <= {"connection_reset", "bad_stream", "idle_timeout"}, records
    else:
        assert codes(records) == {"tls_error"} and {r["http_version"] for r in records} == {None}, records
        assert all("bad extension" in r["error_msg"] for r in records)


# --- Certificates -----------------------------------------------------------------------------------


def long_chain(folder, count):
    certificate, key = make_certificate(folder)
    chain = folder / "chain.pem"
    chain.write_bytes(count * certificate.read_bytes())
    return (chain, key), certificate


@pytest.mark.parametrize("count, expected", [(20, {None}), (500, {"tls_error"})])
def test_a_chain_of_many_certificates(attacked, tmp_path, count, expected):
    """OpenSSL takes 100 KiB of them."""
    pair, authority = long_chain(tmp_path, count)
    records = attacked(lambda *pair: RawTlsEndpoint(good, *pair), pair, authority)
    assert codes(records) == expected, records
    assert all(r["error_code"] is None or "excessive message size" in r["error_msg"] for r in records)


@pytest.mark.parametrize("insecure, expected", [(False, {"tls_error"}), (True, {None})])
@pytest.mark.parametrize("wrong", ["expired", "for another host", "self-signed"])
def test_a_wrong_certificate_is_taken_where_the_config_says_so_alone(attacked, tmp_path, wrong, insecure, expected):
    folder = tmp_path / "wrong"
    folder.mkdir()
    if wrong == "expired":
        certificate, key, authority = make_expired(folder)
    else:
        certificate, key = make_certificate(folder, "subjectAltName=DNS:another.example" if "host" in wrong else
                                            "subjectAltName=IP:127.0.0.1")
        authority = certificate if "host" in wrong else None
    if not authority:
        (folder / "other").mkdir()
        authority, _ = make_certificate(folder / "other")
    posts = []
    records = attacked(lambda *pair: RawTlsEndpoint(lambda link, index: (posts.append(1), good(link, index)), *pair),
                       (certificate, key), authority, more=", insecure: true" if insecure else "")
    assert codes(records) == expected, records
    assert len(posts) == (2 if insecure else 0), "nothing was sent, least of all the key"
    assert insecure or all("this machine's date" in r["error_msg"] for r in records), records
