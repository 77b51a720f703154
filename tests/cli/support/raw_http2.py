"""An endpoint that sends HTTP/2 frames as a test writes them, right or wrong. Frames are taken apart by a
library that is not the program's (python3-hyperframe, which python3-h2 brings), and nothing checks them."""

import json
import ssl
import struct
import threading

from hpack import Decoder

from support.listening import Listening

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
STATUS_200 = b"\x88"  # of HPACK's static table


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def number(value):
    return struct.pack(">I", value)


class RawHttp2Endpoint(Listening):
    """attack(send, stream, index) is called for each POST whose request is whole; it sends bytes with
    send(bytes), which is false once the program is gone. A GET is responded to as it should be.
    `settings` is the payload of the first SETTINGS."""

    def __init__(self, attack, certificate, key, settings=b""):
        self.attack, self.settings = attack, settings
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["h2"])
        self.lock = threading.Lock()
        self.posts = 0
        self.listen()

    @staticmethod
    def exactly(connection, length):
        data = b""
        while len(data) < length:
            part = connection.recv(length - len(data))
            if not part:
                raise OSError("closed")
            data += part
        return data

    def serve(self, connection):
        try:
            connection = self.context.wrap_socket(connection, server_side=True)
            self.exactly(connection, PREFACE)
            connection.sendall(frame(SETTINGS, payload=self.settings))
            self.frames(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def frames(self, connection):
        decoder, methods, lock = Decoder(), {}, threading.Lock()

        def send(data):
            try:
                with lock:
                    connection.sendall(data)
                return True
            except OSError:
                return False

        while True:
            head = self.exactly(connection, 9)
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            payload = self.exactly(connection, int.from_bytes(head[:3], "big"))
            if kind == SETTINGS and not flags & ACK:
                send(frame(SETTINGS, ACK))
            if kind == HEADERS:
                methods[stream] = dict(decoder.decode(payload))[":method"]
            if kind == DATA and payload:
                send(frame(WINDOW_UPDATE, 0, 0, number(len(payload))))
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                self.respond(send, stream, methods[stream])

    def respond(self, send, stream, method):
        if method == "GET":
            send(frame(HEADERS, END_HEADERS, stream, STATUS_200)
                 + frame(DATA, END_STREAM, stream, json.dumps({"data": []}).encode()))
            return
        with self.lock:
            index = self.posts
            self.posts += 1
        threading.Thread(target=self.attack, args=(send, stream, index), daemon=True).start()
