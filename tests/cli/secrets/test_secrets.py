"""The key lives in one place and is sent to one host: whatever the server says of it, whatever goes
wrong, it is found nowhere else. And nobody's text climbs out of where it belongs."""

import http.server
import json
import os
import pathlib
import socket
import stat
import threading
import time
import zipfile

import openpyxl
import pytest
from support.bench import CONFIG, NO_VERDICT, Run
from support.endpoint import OK, content, event, finish, plain, stream

KEY = "sk-VERY-secret/0123456789abcdef"
HEADER_SECRET = "tenant-secret-987654321"
GOOD = stream(content("a"), finish(prompt_tokens=40, completion_tokens=1))

# A server that says the key again wherever it can.
ECHOES = {
    "an error page": plain(401, b"Bad key: Bearer " + KEY.encode() + b"!"),
    "a JSON error": plain(401, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()),
    "an error cut off": plain(401, b"x" * 470 + KEY.encode() + b"y" * 9000),
    "an error event": stream(content("a"), event(error={"message": f"{KEY} is over its quota"})),
    "no JSON": stream(content("a"), b"data: {" + KEY.encode() + b"\n\n", finish(completion_tokens=1)),
    "the answer": stream(content("you sent "), content(KEY), finish(completion_tokens=2)),
    "an id": stream(content("a"), event(id=KEY, choices=[], usage={"completion_tokens": 1})),
    "a finish reason": stream(content("a"), event(choices=[{"delta": {}, "finish_reason": KEY}])),
    "a place to go": b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/?key=" + KEY.encode()
                     + b"\r\nContent-Length: 0\r\n\r\n",
    "another header": plain(401, b"who is " + HEADER_SECRET.encode()),
}


def content_of(path):
    """A file's bytes; of a workbook, those of all its parts."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    return path.read_bytes()


def expect_nowhere(project, process, secrets=(KEY, HEADER_SECRET)):
    for secret in secrets:
        for part in (secret, secret[:8]):
            assert part not in process.stdout + process.stderr
            for path in project.folder.rglob("*"):
                if path.is_file() and path.name not in (".env", "config.yaml"):
                    assert part.encode() not in content_of(path), path


@pytest.mark.parametrize("name", ECHOES)
def test_a_server_that_says_the_key_again(endpoint, project, name):
    config = CONFIG + ("save_llm_responses : True\nretry : {attempts: 1, max_wait: 0.01, on: [401]}\n"
                       f"connection : {{headers: {{X-Tenant: {HEADER_SECRET}}}}}\n")
    project.setup(["m,40,2,4,2,,,"], config)
    server = endpoint(lambda request, connection: ECHOES[name])
    done = project.call("run", "config.yaml", "--verbose", *NO_VERDICT, address=server.address, key=KEY)
    assert done.returncode in (0, 3), done.stderr
    assert {r["headers"]["authorization"] for r in server.requests} == {f"Bearer {KEY}"}
    assert {r["headers"]["x-tenant"] for r in server.requests} == {HEADER_SECRET}
    (folder,) = project.run_folders()
    for command in (["report", f"out/{folder.name}"], ["switching", f"out/{folder.name}"]):
        again = project.call(*command, address=server.address, key=KEY)
        expect_nowhere(project, again)
    expect_nowhere(project, done)


def test_what_other_commands_say_of_it(endpoint, project):
    project.setup(["m,40,2,4,2,,,"])
    answer = plain(401, f"no such key: {KEY}".encode())
    server = endpoint(lambda request, connection: answer)
    for command in (["plan", "config.yaml"], ["calibrate", "config.yaml"], ["rows", "config.yaml"]):
        done = project.call(*command, address=server.address, key=KEY)
        expect_nowhere(project, done)


def test_the_list_of_models_may_refuse_the_key(project):
    class Refuse(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            said = f"no such key: {KEY}".encode()
            self.send_response(403)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    project.setup(["m,40,2,4,2,,,"])
    for command in (["plan", "config.yaml"], ["rows", "config.yaml"]):
        done = project.call(*command, address=f"http://127.0.0.1:{server.server_port}/v1", key=KEY)
        assert "403" in done.stderr or "no such key" in done.stderr, done.stderr
        expect_nowhere(project, done)
    server.shutdown()
    server.server_close()


def test_the_process_does_not_show_it(endpoint, project):
    server = endpoint(lambda request, connection: time.sleep(0.3) or GOOD)
    project.setup(["m,40,2,4,1,,,"])
    process = project.start("run", "config.yaml", address=server.address, key=KEY)
    while not server.requests:
        time.sleep(0.01)
    for name in ("cmdline", "comm", "status"):
        assert KEY.encode() not in pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes()
    process.communicate(timeout=30)


def test_a_redirect_gets_no_key(endpoint, project):
    thief = endpoint(lambda request, connection: GOOD)
    server = endpoint(lambda request, connection: b"HTTP/1.1 307 Go\r\nLocation: %s/chat/completions\r\n"
                      b"Content-Length: 0\r\n\r\n" % thief.address.encode())
    project.setup(["m,40,2,4,1,,,"])
    run = project.run(address=server.address, expect=3, key=KEY)
    assert not thief.requests and not thief.gets
    assert all(r["error_code"] == 307 and thief.address in r["error_msg"] for r in run.responses[0])


# --- Where secrets may be written -----------------------------------------------------------------


@pytest.mark.parametrize("mode, told", [(0o644, True), (0o640, True), (0o600, False)])
def test_an_env_file_that_others_may_read_is_told(endpoint, project, mode, told):
    project.setup(["m,40,2,2,1,,,"])
    project.write(".env", f"SAMBANOVA_API_KEY={KEY}\n").chmod(mode)
    done = project.call("run", "config.yaml", *NO_VERDICT, key=None,
                        address=endpoint(lambda request, connection: GOOD).address)
    assert done.returncode == 0, done.stderr
    assert ("others on this machine may read it; 'chmod 600 .env' keeps it yours" in done.stderr) == told
    expect_nowhere(project, done)


@pytest.mark.parametrize("setting", [f"connection.headers={{X-Tenant: {HEADER_SECRET}}}",
                                     "connection.proxy=http://me:pass@127.0.0.1:1",
                                     f"connection={{headers: {{X-Tenant: {HEADER_SECRET}}}}}"])
def test_a_secret_is_not_taken_from_a_command_line(project, setting):
    project.setup(["m,40,2,2,1,,,"])
    done = project.call("run", "config.yaml", "--set", setting, address="http://127.0.0.1:1/v1")
    assert done.returncode == 2
    assert "may hold a secret, and others see a command line" in done.stderr
    assert HEADER_SECRET not in done.stderr and "pass@" not in done.stderr


@pytest.mark.parametrize("header, told", [
    ("Authorization: x", "'Authorization' is set by the program"),
    ("'bad name': x", "'bad name' is not the name of a header"),
    ('X-A: "a\\nb: c"', "'X-A' has a control character in its value"),
    ("X-A: ''", "'X-A' has no text for its value"),
])
def test_a_header_that_cannot_be_is_told(project, header, told):
    project.setup(["m,40,2,2,1,,,"], CONFIG + f"connection : {{headers: {{{header}}}}}\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2
    assert f"connection.headers: {told}" in done.stderr


# --- A proxy --------------------------------------------------------------------------------------


class Proxy:
    """Takes CONNECT alone, and keeps what it was told."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heads = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.tunnel, args=(connection,), daemon=True).start()

    def tunnel(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        self.heads.append(head.decode())
        host, port = head.split()[1].decode().split(":")
        other = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        threading.Thread(target=self.copy, args=(other, connection), daemon=True).start()
        self.copy(connection, other)

    @staticmethod
    def copy(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_proxy_sees_neither_key_nor_prompts(endpoint, project):
    proxy, server = Proxy(), endpoint(lambda request, connection: GOOD)
    project.setup(["m,40,2,6,2,,,"], CONFIG + "connection :\n"
                  f"  proxy: http://me:proxy-password@127.0.0.1:{proxy.port}\n  headers: {{X-T: {HEADER_SECRET}}}\n")
    done = project.call("run", "config.yaml", *NO_VERDICT, address=server.address, key=KEY)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == 6 and proxy.heads
    for head in proxy.heads:
        assert head.startswith("CONNECT 127.0.0.1:")
        assert KEY not in head and HEADER_SECRET not in head and "Proxy-Authorization: Basic" in head
    expect_nowhere(project, done, (KEY, HEADER_SECRET, "proxy-password"))
    assert not proxy.listener.close()


def test_proxies_of_the_environment_are_not_followed(endpoint, project, monkeypatch):
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server = endpoint(lambda request, connection: GOOD)
    project.setup(["m,40,2,2,1,,,"])
    project.run(address=server.address)


# --- Texts that would be something else -----------------------------------------------------------

HOSTILE = [
    "../../../../tmp/climbed",
    "=HYPERLINK(\"http://127.0.0.1:1\";\"a\")",
    "<img src=x onerror=alert(1)>",
    "\x1b]0;title\x07\x1b[31mred",
    "\u009b31mred",
    "+1+1",
    "@SUM(1)",
]


@pytest.mark.parametrize("model", HOSTILE)
def test_a_models_name_stays_a_text(endpoint, project, model):
    before = set(os.listdir("/tmp"))
    quoted = '"' + model.replace('"', '""') + '"'
    project.setup([f"{quoted},40,2,3,1,,,"])
    server = endpoint(lambda request, connection: GOOD)
    done = project.call("run", "config.yaml", *NO_VERDICT, "--verbose", address=server.address)
    if done.returncode == 2:
        assert "control character" in done.stderr and "\x1b" not in done.stderr and "\u009b" not in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert {r["body"]["model"] for r in server.requests} == {model}
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    for path in folder.iterdir():
        assert path.parent == folder and ".." not in path.name
    assert "climbed" not in set(os.listdir("/tmp")) - before
    for sheet in openpyxl.load_workbook(run.workbook).worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
    page = run.workbook.with_suffix(".html").read_text()
    assert "<img src=x" not in page
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("text", HOSTILE)
def test_a_servers_text_stays_a_text(endpoint, project, text):
    project.setup(["m,40,2,3,1,,,", "n,40,2,3,1,,,"], CONFIG + "save_llm_responses : True\n")

    def answer(request, connection):
        if request["body"]["model"] == "m":
            return plain(500, json.dumps({"error": {"message": text}}).encode())
        return stream(content(text), event(id=text, choices=[{"delta": {}, "finish_reason": text}],
                                           usage={"completion_tokens": 1}))

    done = project.call("run", "config.yaml", *NO_VERDICT, "--verbose", address=endpoint(answer).address)
    assert done.returncode == 3, done.stderr
    for bad in ("\x1b", "\u009b", "\x07"):
        assert bad not in done.stdout + done.stderr
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert [len(r) for r in run.responses] == [3, 3]
    for responses in run.responses:
        for r in responses:
            assert "\x1b" not in json.dumps([r["error_msg"], r["finish_reason"], r["response_id"]], ensure_ascii=False)
    for sheet in openpyxl.load_workbook(run.workbook).worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
    assert "<img src=x" not in run.workbook.with_suffix(".html").read_text()


def test_results_are_made_with_the_users_umask(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(["m,40,2,3,1,,,"])
    done = project.call("run", "config.yaml", *NO_VERDICT, address=server.address, before=lambda: os.umask(0o077))
    assert done.returncode == 0, done.stderr
    made = list((project.folder / "out").rglob("*")) + list((project.folder / "books").rglob("*"))
    assert len(made) > 5
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_nothing_is_written_elsewhere(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(["m,40,2,3,1,,,"])
    before = {p for p in project.folder.rglob("*")}
    project.run(address=server.address)
    new = {p.relative_to(project.folder).parts[0] for p in project.folder.rglob("*") if p not in before}
    assert new == {"out", "books"}
