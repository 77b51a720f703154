"""An endpoint of 60 lines that does exactly what a test tells it to, byte by byte."""

import json
import socket
import threading

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def event(**chunk):
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def content(text):
    return event(choices=[{"index": 0, "delta": {"content": text}}])


def finish(**usage):
    return event(choices=[], usage=usage) + b"data: [DONE]\n\n"


def stream(*events):
    """A whole answer with a length, so that the connection stays usable."""
    body = b"".join(events)
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


def plain(status, body):
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


class Endpoint:
    """Calls answer(request, connection) for each POST; `request` has index, headers, body, raw. It sends
    by itself, or returns the bytes to send. GET /models lists `models`, none by default. A connection
    that is idle for `idle_s` is closed. It listens at `host`; `address` is for 127.0.0.1 alone."""

    def __init__(self, answer, idle_s=None, models=(), host="127.0.0.1", port=0):
        self.answer = answer
        self.models = json.dumps({"data": list(models)}).encode()
        self.idle_s = idle_s
        self.requests = []
        self.gets = 0
        self.after_get = lambda connection: None
        self.lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family)
        self.address = "http://127.0.0.1:%d/v1" % self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # out at once
            self.sockets.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def read_request(connection, data):
        """Reads until `data` holds a request; by hand, since a file object would keep a socket that
        a test closes open."""
        while b"\r\n\r\n" not in data:
            data += (more := connection.recv(65536))
            if not more:
                return None
        head, data = data.split(b"\r\n\r\n", 1)
        line, *headers = head.decode().split("\r\n")
        headers = {name.lower(): value.strip()
                   for name, value in (header.split(":", 1) for header in headers)}
        length = int(headers.get("content-length", 0))
        while len(data) < length:
            data += (more := connection.recv(65536))
            if not more:
                return None
        return line, headers, data[:length], data[length:]

    def serve(self, connection):
        rest = b""
        try:
            connection.settimeout(self.idle_s)
            while request := self.read_request(connection, rest):
                line, headers, body, rest = request
                if line.startswith("GET"):
                    self.gets += 1
                    connection.sendall(plain(200, self.models))
                    self.after_get(connection)
                    continue
                with self.lock:
                    request = {"index": len(self.requests), "line": line, "headers": headers,
                               "body": json.loads(body), "raw": body}
                    self.requests.append(request)
                said = self.answer(request, connection)
                if said:
                    connection.sendall(said)
        except OSError:
            if self.idle_s:
                connection.close()

    def close(self):
        self.listener.close()
        for one in self.sockets:
            one.close()
