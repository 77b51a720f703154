"""Clients that no honest server deserves, against `coebench simulate` over TLS: it serves others meanwhile, its
memory stays what it was, and it ends when it is told to."""

import http.client
import os
import re
import socket
import ssl as python_ssl
import struct
import threading

import pytest
from support import bench
from support.certificate import make_certificate
from support.measured import measurable
from support.raw_tls import TLS_1_2, TLS_1_3, Link, new_context, ssl

MEMORY_MOST_MIB = 256
BODY = b'{"model":"gpt-oss-120b","max_tokens":1000,"stream":true,"messages":[{"role":"user","content":"a"}]}'
POST = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-key\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY))
GET = b"GET /v1/models HTTP/1.1\r\nAuthorization: Bearer demo-key\r\n\r\n"
CLIENT = {version: new_context(ssl.TLS_client_method, version) for version in (TLS_1_2, TLS_1_3)}


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("pair"))


class Served:
    """The simulator, and a good client of its own."""

    def __init__(self, simulator, certificate):
        self.simulator = simulator
        self.port = int(simulator.address.rsplit(":", 1)[1].split("/")[0])
        self.trusting = python_ssl.create_default_context(cafile=certificate)

    def dial(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def link(self, version=TLS_1_3):
        link = Link(self.dial(), CLIENT[version], False)
        link.handshake()
        return link

    def check(self):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trusting)
        connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {bench.KEY}"})
        assert connection.getresponse().status == 200
        connection.close()

    def memory_mib(self):
        with open(f"/proc/{self.simulator.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024


@pytest.fixture
def served(simulate, demo_bundle, pair, monkeypatch):
    certificate, key = pair
    monkeypatch.setenv("ASAN_OPTIONS", measurable(os.environ)["ASAN_OPTIONS"])
    one = Served(simulate(demo_bundle, "--tls-certificate", certificate, "--tls-key", key), certificate)
    yield one
    if one.simulator.process.returncode is None:
        one.check()
        assert one.memory_mib() < MEMORY_MOST_MIB


def hello(name=None, protocols=None):
    """The first bytes of a client."""
    context = python_ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = python_ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    incoming, outgoing = python_ssl.MemoryBIO(), python_ssl.MemoryBIO()
    with pytest.raises(python_ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


# --- What is no handshake ---------------------------------------------------------------------------


def tell(served, data):
    """Sends it all, unless the simulator has had enough; what it says, until it ends the connection."""
    connection = served.dial()
    said = b""
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(1 << 16):
            said += part
    except OSError:
        pass
    connection.close()
    return said


def record(kind, body, version=b"\x03\x01"):
    return bytes([kind]) + version + len(body).to_bytes(2, "big") + body


def huge_hello(length):
    body = b"\x01" + length.to_bytes(3, "big") + b"\x03\x03" + 200_000 * b"r"
    return b"".join(record(22, body[i:i + 16384]) for i in range(0, min(len(body), length + 4), 16384))


NO_HANDSHAKES = {
    "HTTP in clear": POST,
    "noise": b"\x16\x03\x01\x02\x00" + bytes(range(256)) * 3,
    "SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + 64 * b"x",
    "empty records": 1000 * record(22, b""),
    "warnings": 1000 * record(21, b"\x01\x5a"),
    "changes of cipher": 1000 * record(20, b"\x01"),
    "data before a handshake": record(23, 1000 * b"x"),
    "a hello of 16 KiB": huge_hello(16384),
    "a hello of 128 KiB": huge_hello(131072),
    "a hello of 16 MiB": huge_hello(0xffffff),
    "a hello of nothing": record(22, b"\x01\x00\x00\x00"),
    "a request to renegotiate": record(22, 4000 * b"\x00\x00\x00\x00"),
    "two hellos": 2 * hello(),
    "a name of 64 KiB": hello(name="x" * 63 + ".example").replace(b"x" * 63, b"\xff\x00" + 61 * b"x"),
}


@pytest.mark.parametrize("name", NO_HANDSHAKES)
def test_what_is_no_handshake(served, name):
    for _ in range(20):
        assert b"HTTP/1.1 200" not in tell(served, NO_HANDSHAKES[name])


def test_bytes_by_chance(served):
    for length in range(1, 4000, 37):
        tell(served, os.urandom(length))


@pytest.mark.parametrize("name", ["nowhere.example", "localhost", "xn--fiqs8s", "127.0.0.1", "a" * 63 + ".b"])
def test_names_of_any_kind_are_served(served, name):
    assert tell(served, hello(name=name))[:1] == b"\x16", "a handshake"


@pytest.mark.parametrize("protocols", [["h2"], ["http/1.1"], ["h2", "http/1.1"], ["nonsense"], ["x" * 255],
                                       [f"protocol {i}" for i in range(400)]], ids=lambda protocols: protocols[0][:9])
def test_protocols_of_any_kind_are_served(served, protocols):
    """None is picked, which is HTTP/1.1."""
    assert tell(served, hello(protocols=protocols))[:1] == b"\x16", "a handshake"
    context = python_ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, python_ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    with context.wrap_socket(served.dial()) as connection:
        assert connection.selected_alpn_protocol() is None
        connection.sendall(GET)
        assert connection.recv(12) == b"HTTP/1.1 200"


# --- Clients that leave -----------------------------------------------------------------------------


@pytest.mark.parametrize("abrupt", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("moment", ["within the hello", "behind the hello", "within a response"])
def test_clients_that_vanish(served, moment, abrupt):
    first = hello()
    for i in range(100 if "hello" in moment else 6):
        if moment == "within a response":
            link = served.link(TLS_1_2 if i % 2 else TLS_1_3)
            link.send(POST)
            link.connection.recv(10)
            connection = link.connection
        else:
            connection = served.dial()
            connection.sendall(first[:1 + 5 * i] if moment == "within the hello" else first)
        if abrupt:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


# --- Handshakes that are begun and left at that ------------------------------------------------------


def test_half_handshakes_in_numbers_end_by_themselves(served):
    """200 that say nothing, 200 that stop within their hello, 200 behind it: each is closed, and a connection
    whose handshake was made stays, however long it is silent."""
    kept = served.link()
    first = hello()
    held = [served.dial() for _ in range(600)]
    for i, connection in enumerate(held):
        connection.sendall((b"", first[:7], first)[i // 200])
    served.check()
    for connection in held:
        try:
            while connection.recv(1 << 16):
                pass
        except ConnectionResetError:
            pass
    kept.send(GET)
    assert kept.read().startswith(b"HTTP/1.1 200")


# --- Without end ------------------------------------------------------------------------------------


def key_update(link):
    return link.key_update()


def key_update_asked_back(link):
    return link.key_update(asks=True)


def large_piece(link):
    return link.seal(16000 * b"x")


def small_requests(link):
    return link.seal(100 * GET)


FLOODS = {
    "key updates": (key_update, b"", TLS_1_3),
    "key updates that ask for one": (key_update_asked_back, b"", TLS_1_3),
    "hellos to renegotiate": (Link.hello_request, b"", TLS_1_2),
    "bytes behind a request that is refused": (large_piece, b"NONSENSE\r\n\r\n", TLS_1_3),
    "requests behind each other": (small_requests, b"", TLS_1_3),
}


@pytest.mark.parametrize("name", FLOODS)
def test_who_sends_without_end_has_a_turn_like_others(served, name):
    """Others are served, and SIGTERM is heard, while it goes on."""
    make, first, version = FLOODS[name]
    over = threading.Event()

    def flood():
        while not over.is_set():
            try:
                link = served.link(version)
                link.send(first)
                while not over.is_set() and link.raw(b"".join(make(link) for _ in range(50))):
                    pass
                link.close()
            except OSError:
                pass

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(5):
            served.check()
        assert served.memory_mib() < MEMORY_MOST_MIB
        served.simulator.process.terminate()
        assert served.simulator.process.wait(60) == 0
    finally:
        over.set()
