"""A key that a server repeats in another encoding is found nowhere either: every encoding, in every place where a
response holds a text, looked for in every place where something is written."""

import base64
import html
import http.server
import json
import pathlib
import re
import threading
import urllib.parse
import zipfile

import pytest
from support.bench import CONFIG, NO_VERDICT
from support.endpoint import content, finish, plain, stream

KEY = "sk-VERY/sec+ret7q2~Zx9Kp4WmR8vTn5Lc"
LEFT = 9  # letters of it that would give it away


def with_codes(text):
    return "".join(f"\\u{ord(c):04x}" for c in text)


# How a text is written inside a JSON string.
ENCODINGS = {
    "as it is": KEY,
    "escaped slashes": KEY.replace("/", "\\/"),
    "codes": with_codes(KEY),
    "a code here and there": "".join(with_codes(c) if i % 3 == 0 else c for i, c in enumerate(KEY)),
    "JSON in JSON": json.dumps(json.dumps({"sent": KEY}).replace("/", "\\/"))[1:-1],
    "of a URL": urllib.parse.quote(KEY, safe=""),
    "of a URL, all": "".join(f"%{ord(c):02x}" for c in KEY),
    "of a URL, twice": urllib.parse.quote(urllib.parse.quote(KEY, safe=""), safe=""),
    "of HTML": "".join(f"&#{ord(c)};" for c in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of the header": base64.b64encode(f"Bearer {KEY}".encode()).decode(),
    "base64 of a user and it": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"Bearer {KEY}".encode()).decode(),
    "base64, slashes escaped": base64.b64encode(f"Bearer {KEY}".encode()).decode().replace("/", "\\/"),
    "hexadecimal": KEY.encode().hex(),
}


def error_page(text, status=400):
    return plain(status, b'{"error": {"message": "bad key ' + text.encode() + b'"}}')


def member(name, text):
    """An event with a text member whose escapes stand as they are."""
    return ('data: {"%s": "%s", "choices": [], "usage": {"completion_tokens": 1}}\n\n' % (name, text)).encode()


def reason(text):
    return ('data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "%s"}]}\n\n' % text).encode()


def raw_content(text):
    return ('data: {"choices": [{"index": 0, "delta": {"content": "%s"}}]}\n\n' % text).encode()


# Where a response holds it. What is kept of each is cut somewhere.
PLACES = {
    "an error page": error_page,
    "an error page, at its cut": lambda text: error_page("x" * 480 + text + "y" * 9000),
    "a page that is no JSON": lambda text: plain(400, b"<p>" + text.encode() + b"</p>"),
    "no JSON, at its cut": lambda text: plain(400, b"x" * 240 + text.encode() + b"y" * 600),
    "a header": lambda text: b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/" + b"x" * 200 + text.encode()
                             + b"\r\nContent-Length: 0\r\n\r\n",
    "an error event": lambda text: stream(content("a"), b'data: {"error": {"message": "' + text.encode() + b'"}}\n\n'),
    "an event that is no JSON": lambda text: stream(content("a"), b"data: {" + text.encode() + b"\n\n"),
    "an id": lambda text: stream(content("a"), member("id", text)),
    "a finish reason": lambda text: stream(content("a"), reason(text)),
    "the text": lambda text: stream(raw_content("you sent " + text), finish(completion_tokens=2)),
    "a page instead of a stream": lambda text: plain(200, (
        '{"id": "%s", "choices": [{"message": {"content": "%s"}, "finish_reason": "%s"}], "usage": '
        '{"completion_tokens": 1, "prompt_tokens": 40}}' % (text, text, text)).encode()),
}


def parts_of(folder):
    """Whatever was written, a workbook by its parts."""
    for path in folder.rglob("*"):
        if not path.is_file() or path.name in (".env", "config.yaml"):
            continue
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path}:{name}", book.read(name)
        else:
            yield str(path), path.read_bytes()


def layers(written):
    """The text, and what it says behind its escapes."""
    for _ in range(4):
        yield written
        behind = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), written)
        behind = html.unescape(urllib.parse.unquote(behind.replace("\\/", "/").replace("\\\\", "\\")))
        if behind == written:
            return
        written = behind


def forms():
    yield KEY, LEFT
    yield KEY.encode().hex(), 2 * LEFT
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + KEY.encode() + b"\0" * 3).decode()
        yield coded[2 * offset:2 * offset + len(KEY)], LEFT


GIVES_AWAY = re.compile("|".join(re.escape(form[i:i + length]) for form, length in forms()
                                 for i in range(0, len(form) - length, 4)))


def expect_nowhere(where, written):
    for layer in layers(written.decode(errors="replace")):
        for text in (layer, layer.replace("-", "+").replace("_", "/")):
            found = GIVES_AWAY.search(text)
            assert not found, (where, text[max(0, found.start() - 80):][:200])


@pytest.mark.parametrize("place", PLACES)
def test_no_encoding_of_the_key_is_written(endpoint, project, place):
    rows = [f"m{i},40,2,1,1,,," for i in range(len(ENCODINGS))]
    answers = {f"m{i}": PLACES[place](text) for i, text in enumerate(ENCODINGS.values())}
    project.setup(rows, CONFIG + "save_llm_responses : True\n")
    server = endpoint(lambda request, connection: answers[request["body"]["model"]])
    process = project.start("run", "config.yaml", "--verbose", *NO_VERDICT, address=server.address, key=KEY)
    shown = [pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "comm")]
    out, err = process.communicate(timeout=120)
    assert process.returncode in (0, 3), err
    assert len(server.requests) == len(ENCODINGS)
    assert {r["headers"]["authorization"] for r in server.requests} == {f"Bearer {KEY}"}
    for i, text in enumerate([out, err]):
        expect_nowhere(("stdout", "stderr")[i], text if isinstance(text, bytes) else text.encode())
    for text in shown:
        expect_nowhere("the process list", text)
    written = dict(parts_of(project.folder))
    suffixes = {pathlib.Path(name.split(":")[0]).suffix for name in written}
    assert {".json", ".jsonl", ".xlsx", ".html"} <= suffixes, suffixes
    for name, text in written.items():
        expect_nowhere(name, text)
    (folder,) = project.run_folders()
    exported = project.call("export", f"out/{folder.name}", "--format", "kit", address=server.address, key=KEY)
    expect_nowhere("export", (exported.stdout + exported.stderr).encode())
    for name, text in parts_of(project.folder):
        expect_nowhere(name, text)


class Lists(http.server.BaseHTTPRequestHandler):
    """Lists models, and says the key in a header too."""

    protocol_version = "HTTP/1.1"

    def send(self, body, kind):
        self.send_response_only(200)
        self.send_header("Server", "x" * 240 + self.server.said)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(b'{"data": [{"id": "m-%s"}, {"id": "n"}]}' % self.server.said.encode(), "application/json")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send(content("a") + finish(completion_tokens=1), "text/event-stream")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_of_the_key_is_a_model(project, encoding):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    server.said = ENCODINGS[encoding]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    project.setup(["n,40,2,1,1,,,"])
    for command in (["rows", "config.yaml"], ["plan", "config.yaml"], ["run", "config.yaml", *NO_VERDICT]):
        done = project.call(*command, address=f"http://127.0.0.1:{server.server_port}/v1", key=KEY)
        assert done.returncode == 0, done.stderr
        assert command[0] != "rows" or "\nm" in done.stdout.replace("\"", "")
        expect_nowhere(command[0], (done.stdout + done.stderr).encode())
    for name, text in parts_of(project.folder):
        expect_nowhere(name, text)
    server.shutdown()
    server.server_close()
