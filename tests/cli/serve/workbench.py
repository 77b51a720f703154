"""`coebench serve` in a folder, on a port the kernel picks, and requests as a page of it sends them, or otherwise."""

import http.client
import json
import os
import signal
import subprocess
import time

from support.bench import PROGRAM


ROWS = ["a,20,4,3,1,,,N/A", "b,20,4,3,1,,,N/A"]
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


class Reply:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = response.headers

    def json(self):
        return json.loads(self.body)


class Workbench:
    def __init__(self, folder, *options, root="out", environment=None):
        self.folder = folder
        port_file = folder / "workbench-port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [PROGRAM, "serve", root, "--port-file", str(port_file), *options], cwd=folder, text=True,
            env=environment or dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=open(folder / "workbench-log", "w"))
        deadline = time.monotonic() + 60
        while not port_file.exists():
            assert self.process.poll() is None, (folder / "workbench-log").read_text()
            assert time.monotonic() < deadline, "the workbench did not start"
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.host = f"127.0.0.1:{self.port}"
        self.process.stdout.readline()
        self.link = self.process.stdout.readline().strip()
        self.cookie = self.secret = None
        self.expected = 0  # how it is to end

    def next_link(self):
        """As Enter in the terminal gives it."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.link = self.process.stdout.readline().strip()
        return self.link

    def ask(self, method, path, body=None, **headers):
        """One request, with just these headers beside Host; names with '_' for '-'."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            given["Content-Length"] = str(len(body))
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        try:
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def enter(self):
        """Redeems the link."""
        token = self.link.split("#")[1].encode()
        reply = self.ask("POST", "/api/v1/session", token, Origin=f"http://{self.host}")
        if reply.status == 200:
            self.secret = reply.json()["secret"]
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]
        return reply

    def page(self, path):
        """As a browser opens it."""
        return self.ask("GET", path, Cookie=self.cookie)

    def api(self, method, path, body=None):
        """As a page of it asks."""
        sent = None if body is None else json.dumps(body).encode()
        return self.ask(method, "/api/v1" + path, sent, Cookie=self.cookie, X_Coebench=self.secret,
                        Origin=f"http://{self.host}")

    def log(self):
        return (self.folder / "workbench-log").read_text()

    def close(self, how=signal.SIGTERM):
        if self.process.returncode is None:
            self.expected = -how if how == signal.SIGKILL else 0
            self.process.send_signal(how)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
        return self.process.returncode
