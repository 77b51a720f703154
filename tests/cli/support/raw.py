"""Asking a server by hand, so that each byte and each moment of its answer is seen as it came."""

import json
import socket
import time

BUNDLE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000, switch_overhead_s: 0.2}
experts:
  - {name: one, weight_gb: 60, template_tokens: 5, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 500, tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: two, weight_gb: 60, template_tokens: 5, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 500, tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""


# For runs whose answers are so quick that a busy machine's lateness is much beside them.
PATIENT = [word for limit in ("read_lateness", "schedule_delay", "coalesced", "loop_cpu")
           for word in ("--set", f"health.{limit}=1")]


def chat(**changes):
    """The body of a question for five tokens, as it is sent to an OpenAI-compatible API."""
    return {"model": "one", "messages": [{"role": "user", "content": "a b c"}], "max_tokens": 5,
            "stream": True, "stream_options": {"include_usage": True}, **changes}


class Answer:
    """What came back: `head` and `body` as bytes, `chunks` as (moment, bytes) without their framing,
    all moments in seconds since the question was sent, and how it ended: "whole", "closed" (before
    it was whole), or "reset"."""

    def __init__(self, connection, began=None):
        self.connection = connection
        self.began = time.monotonic() if began is None else began
        self.raw, self.arrivals, self.chunks = b"", [], []
        self.end = "whole"
        self.head = self.body = b""
        self.status, self.headers = None, {}
        try:
            self.read()
        except ConnectionResetError:
            self.end = "reset"
        except EOFError:
            self.end = "closed"

    def more(self):
        part = self.connection.recv(1 << 20)
        if not part:
            raise EOFError
        self.raw += part
        self.arrivals.append((time.monotonic() - self.began, len(part)))

    def until(self, mark, start):
        while (at := self.raw.find(mark, start)) < 0:
            self.more()
        return at + len(mark)

    def upto(self, length):
        while len(self.raw) < length:
            self.more()

    def read(self):
        at = self.until(b"\r\n\r\n", 0)
        self.head = self.raw[:at]
        line, *fields = self.head.decode().split("\r\n")[:-2]
        self.status = int(line.split()[1])
        self.headers = {k.lower(): v.strip() for k, v in (f.split(":", 1) for f in fields)}
        if "content-length" in self.headers:
            self.upto(at + int(self.headers["content-length"]))
            self.body = self.raw[at:]
            return
        while True:
            start = self.until(b"\r\n", at)
            size = int(self.raw[at:start - 2], 16)
            self.upto(start + size + 2)
            chunk = self.raw[start:start + size]
            at = start + size + 2
            if not size:
                return
            self.chunks.append((self.arrivals[-1][0], chunk))
            self.body += chunk

    def json(self):
        return json.loads(self.body)

    def events(self):
        """The objects of a stream's data lines, [DONE] and comments left out."""
        lines = self.body.replace(b"\r\n", b"\n").split(b"\n")
        data = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        return [json.loads(d) for d in data if d != b"[DONE]"]

    def text(self, key="content"):
        return "".join(event["choices"][0]["delta"].get(key) or "" for event in self.events()
                       if event["choices"])


class Caller:
    """One connection to a simulator; further questions go over the same one."""

    def __init__(self, simulator):
        self.port = int(simulator.address.rsplit(":", 1)[1].split("/")[0])
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, body, path="/v1/chat/completions"):
        text = json.dumps(body).encode()
        self.sent = time.monotonic()  # no later than the simulator has it
        self.connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-key\r\nkey: demo-key\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (path.encode(), len(text), text))

    def ask(self, body, path="/v1/chat/completions"):
        self.send(body, path)
        return Answer(self.connection, self.sent)

    def close(self):
        self.connection.close()


def ask(simulator, body=None, path="/v1/chat/completions"):
    """One question on a connection of its own."""
    caller = Caller(simulator)
    try:
        return caller.ask(chat() if body is None else body, path)
    finally:
        caller.close()


def truth(simulator, count):
    """The ground truth's whole lines, once there are `count` of them."""
    deadline = time.monotonic() + 20
    while len(lines := simulator.truth.read_text().split("\n")[:-1]) < count:
        assert time.monotonic() < deadline, f"{len(lines)} lines of {count}"
        time.sleep(0.01)
    return [json.loads(line) for line in lines]
