"""A stand-in for a service that takes OpenTelemetry's OTLP over HTTP: keeps what it gets, and answers what a test says."""

import http.server
import json

from support.stand_in import StandIn


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((self.path, dict(self.headers)))
        status, content = server.failures.pop(0) if server.failures else server.answers.get(self.path, (200, {}))
        if 200 <= status < 300:
            server.bodies.append((self.path, body.decode()))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(StandIn):
    """`failures`, (status, content), are what the next requests get instead of `answers` by path."""

    def __init__(self, answers=None, failures=()):
        self.asked, self.bodies = [], []
        super().__init__(Handler, answers=answers or {}, failures=list(failures), asked=self.asked, bodies=self.bodies)
