"""An endpoint whose TLS does what a test says: messages behind the handshake, alerts, ends of every kind, any
protocol of ALPN. By OpenSSL's own library, whose calls Python's module does not show."""

import ctypes
import ctypes.util
import json
import re
import socket
import struct
import threading

from support.listening import Listening

ssl = ctypes.CDLL(ctypes.util.find_library("ssl"))
crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for library, names in ((ssl, "TLS_server_method TLS_client_method SSL_CTX_new SSL_new"),
                       (crypto, "BIO_new BIO_s_mem")):
    for name in names.split():
        getattr(library, name).restype = ctypes.c_void_p
ALPN_SELECT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p),
                               ctypes.POINTER(ctypes.c_ubyte), ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p)
TLS_1_2, TLS_1_3 = 0x0303, 0x0304
CTRL_MIN_VERSION, CTRL_MAX_VERSION, CTRL_RENEGOTIATIONS = 123, 124, 12
PEM = 1
PIECE = 1 << 16


def pointer(value):
    return ctypes.c_void_p(value)


def new_context(method, version=None):
    context = pointer(ssl.SSL_CTX_new(pointer(method())))
    if version:
        for control in (CTRL_MIN_VERSION, CTRL_MAX_VERSION):
            ssl.SSL_CTX_ctrl(context, control, version, None)
    return context


class Link:
    """One end of a connection. What TLS writes is collected by `sealed`, and leaves by `send`."""

    def __init__(self, connection, context, accepts):
        self.connection = connection
        self.session = pointer(ssl.SSL_new(context))
        self.came, self.leaves = (pointer(crypto.BIO_new(pointer(crypto.BIO_s_mem()))) for _ in range(2))
        ssl.SSL_set_bio(self.session, self.came, self.leaves)
        (ssl.SSL_set_accept_state if accepts else ssl.SSL_set_connect_state)(self.session)

    def feed(self, data):
        crypto.BIO_write(self.came, data, len(data))

    def more(self):
        """Takes in what comes; the other side's end is an OSError."""
        data = self.connection.recv(PIECE)
        if not data:
            raise OSError("closed")
        self.feed(data)

    def sealed(self):
        """What TLS has written since the last call."""
        out, room = b"", ctypes.create_string_buffer(PIECE)
        while (length := crypto.BIO_read(self.leaves, room, PIECE)) > 0:
            out += room.raw[:length]
        return out

    def flush(self):
        data = self.sealed()
        return not data or self.raw(data)

    def raw(self, data):
        """Bytes past TLS; false once the other side is gone."""
        try:
            self.connection.sendall(data)
            return True
        except OSError:
            return False

    def handshake(self):
        while (done := ssl.SSL_do_handshake(self.session)) != 1:
            self.flush()
            if ssl.SSL_get_error(self.session, done) != 2:
                raise OSError("no handshake")
            self.more()
        self.flush()

    def read(self):
        room = ctypes.create_string_buffer(PIECE)
        while (length := ssl.SSL_read(self.session, room, PIECE)) <= 0:
            self.flush()
            if ssl.SSL_get_error(self.session, length) != 2:
                raise OSError("closed")
            self.more()
        return room.raw[:length]

    def seal(self, data):
        """The records of these bytes."""
        ssl.SSL_write(self.session, data, len(data))
        return self.sealed()

    def send(self, data):
        return self.raw(self.seal(data))

    def key_update(self, asks=False):
        ssl.SSL_key_update(self.session, int(asks))
        ssl.SSL_do_handshake(self.session)
        return self.sealed()

    def ticket(self):
        ssl.SSL_new_session_ticket(self.session)
        ssl.SSL_do_handshake(self.session)
        return self.sealed()

    def hello_request(self):
        """What asks a client of TLS 1.2 for another handshake; from a client, another hello."""
        ssl.SSL_renegotiate(self.session)
        ssl.SSL_do_handshake(self.session)
        return self.sealed()

    def renegotiate(self):
        """Another handshake from end to end, asked for by the server."""
        count = self.renegotiations()
        self.raw(self.hello_request())
        while self.renegotiations() == count or ssl.SSL_in_init(self.session):
            self.more()
            ssl.SSL_read(self.session, ctypes.create_string_buffer(16), 16)
            self.flush()

    def renegotiations(self):
        return ssl.SSL_ctrl(self.session, CTRL_RENEGOTIATIONS, 0, None)

    def fatal_alert(self):
        """Our own TLS is fed nonsense, of which it tells the other side."""
        crypto.BIO_ctrl(self.came, 1, 0, None)  # forgets what it holds
        self.feed(b"\x17\x03\x03\x00\x20" + 32 * b"x")
        ssl.SSL_read(self.session, ctypes.create_string_buffer(16), 16)
        return self.sealed()

    def close_notify(self):
        ssl.SSL_shutdown(self.session)
        return self.sealed()

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def close(self):
        self.connection.close()


class RawTlsEndpoint:
    """attack(link, index) is called for each POST, or what is no HTTP/1, that came whole; GET is responded to.
    `version` is the only one spoken; `alpn`, if given, is what the server picks whatever was offered."""

    def __init__(self, attack, certificate, key, version=TLS_1_3, alpn=None):
        self.attack = attack
        self.context = new_context(ssl.TLS_server_method, version)
        assert ssl.SSL_CTX_use_certificate_chain_file(self.context, bytes(certificate)) == 1
        assert ssl.SSL_CTX_use_PrivateKey_file(self.context, bytes(key), PEM) == 1
        if alpn is not None:
            self.pick = ALPN_SELECT(self.picks(alpn))
            ssl.SSL_CTX_set_alpn_select_cb(self.context, self.pick, None)
        self.lock = threading.Lock()
        self.heard = threading.Event()
        self.posts = 0
        self.links = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "https://127.0.0.1:%d/v1" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def picks(alpn):
        room = ctypes.create_string_buffer(alpn, len(alpn) + 1)

        def pick(session, out, length, offered, offered_length, context):
            out[0] = ctypes.cast(room, ctypes.c_char_p)
            length[0] = len(alpn)
            return 0
        return pick

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            link = Link(connection, self.context, True)
            self.links.append(link)
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        try:
            link.handshake()
            while True:
                self.respond(link)
        except OSError:
            link.close()

    def respond(self, link):
        data = b""
        while b"\r\n\r\n" not in data:
            data += link.read()
        head, data = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while len(data) < int(length[1] if length else 0):
            data += link.read()
        if head.startswith(b"GET"):
            body = json.dumps({"data": []}).encode()
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            return
        with self.lock:
            index = self.posts
            self.posts += head.startswith(b"POST")
        self.heard.set()
        self.attack(link, index)

    def close(self):
        self.listener.close()
        for one in self.links:
            one.close()


class BareEndpoint(Listening):
    """attack(connection) is called for each connection once a first packet came; nothing else is said. What it
    opened stays open until the test ends."""

    def __init__(self, attack):
        self.attack = attack
        self.heard = threading.Event()
        self.listen()

    def serve(self, connection):
        try:
            connection.recv(PIECE)
            self.heard.set()
            self.attack(connection)
        except OSError:
            pass
