"""Files that drafts name: written to the disk as they come, under names of the server's own."""

import base64
import json
import os
import pathlib
import re
import socket
import threading
import time

import pytest
from starting import CONFIG, at, draft, start, wait_for_state, wait_until
from support.endpoint import content, finish, stream

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
MOST = 256 << 20


@pytest.fixture
def opened(serve):
    workbench = serve()
    assert workbench.enter().status == 200
    return workbench


def upload(workbench, kind, name, body, **headers):
    return workbench.ask("POST", f"/api/v1/uploads?kind={kind}&name={name}", body, X_Coebench=workbench.secret,
                         Origin=f"http://{workbench.host}", **headers)


def kept(project):
    folder = project.folder / "out" / ".workbench" / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_gets_a_name_of_the_servers_own(opened, project):
    reply = upload(opened, "dataset", "My%20Prompts.JSONL", b'{"prompt":"a"}\n')
    told = reply.json()
    assert reply.status == 201 and told["bytes"] == 15 and re.fullmatch(r"[0-9a-f]{32}\.jsonl", told["name"])
    assert pathlib.Path(told["reference"]).read_bytes() == b'{"prompt":"a"}\n'
    assert told["reference"] == str(project.folder / "out" / ".workbench" / "uploads" / told["name"])
    assert os.stat(told["reference"]).st_mode & 0o777 == 0o600
    assert upload(opened, "dataset", "a.jsonl", b"x").json()["name"] != upload(opened, "dataset", "a.jsonl", b"x").json()["name"]


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "a%00b.png", "a.p%2fng", "a.", "..", "a.%2e%2e",
                                  "%ff%fe.png", "a.toolongending", "a%0d%0ax.png"])
def test_tricks_with_names_lead_nowhere(opened, project, name):
    reply = upload(opened, "image", name, PNG)
    assert reply.status == 201
    (own,) = kept(project)
    assert re.fullmatch(r"[0-9a-f]{32}(\.png)?", own) and reply.json()["name"] == own


@pytest.mark.parametrize("query, words", [("", "kind:"), ("kind=x&name=a", "kind:"), ("kind=image", "name:"),
                                          ("kind=image&name=", "name:"), (f"kind=image&name={'a' * 300}", "name:")])
def test_what_is_not_said_is_refused(opened, project, query, words):
    reply = opened.ask("POST", f"/api/v1/uploads?{query}", b"x", X_Coebench=opened.secret, Origin=f"http://{opened.host}")
    assert reply.status == 400 and words in reply.json()["error"]
    wait_until(lambda: kept(project) == [], "the part stays")


def test_an_empty_file_is_refused(opened, project):
    assert upload(opened, "image", "a.png", b"").status == 400
    wait_until(lambda: kept(project) == [], "the part stays")


def connect(workbench, name, *headers):
    connection = socket.create_connection(("127.0.0.1", workbench.port), timeout=120)
    head = [f"POST /api/v1/uploads?kind=trace&name={name} HTTP/1.1", f"Host: {workbench.host}",
            f"Origin: http://{workbench.host}", f"X-Coebench: {workbench.secret}", *headers]
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
    return connection


def resident(workbench):
    for line in pathlib.Path(f"/proc/{workbench.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    raise AssertionError


def test_a_large_file_is_never_held_in_memory(opened, project):
    before, size, piece = resident(opened), 200 << 20, b"0123456789abcdef" * 65536
    with connect(opened, "large.jsonl", f"Content-Length: {size}") as connection:
        for _ in range(size // len(piece)):
            connection.sendall(piece)
        reply = connection.recv(65536)
    assert reply.startswith(b"HTTP/1.1 201") and b'"bytes":%d' % size in reply
    assert resident(opened) - before < 32 << 20
    (own,) = kept(project)
    assert (project.folder / "out" / ".workbench" / "uploads" / own).stat().st_size == size


def test_what_is_too_large_is_refused_before_it_comes(opened, project):
    with connect(opened, "large.jsonl", f"Content-Length: {MOST + 1}") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")
    assert kept(project) == []


def test_what_does_not_say_how_large_it_is_is_counted(opened, project):
    piece = b"x" * (1 << 20)
    chunk = b"%x\r\n" % len(piece) + piece + b"\r\n"
    with connect(opened, "large.jsonl", "Transfer-Encoding: chunked") as connection:
        with pytest.raises(OSError):
            for _ in range(MOST // len(piece) + 64):
                connection.sendall(chunk)
            assert connection.recv(65536) == b""
            raise ConnectionResetError
    wait_until(lambda: kept(project) == [], "the part stays")
    with connect(opened, "small.jsonl", "Transfer-Encoding: chunked") as connection:
        connection.sendall(chunk + b"0\r\n\r\n")
        assert b'"bytes":%d' % len(piece) in connection.recv(65536)


def test_what_breaks_off_leaves_nothing(opened, project):
    with connect(opened, "a.jsonl", "Content-Length: 1000000") as connection:
        connection.sendall(b"x" * 500000)
        wait_until(lambda: kept(project), "nothing comes")
    wait_until(lambda: kept(project) == [], "the part stays")
    assert opened.api("GET", "/queue").status == 200


def test_slow_uploads_hold_up_nobody(opened):
    slow = [connect(opened, "a.jsonl", "Content-Length: 1000000") for _ in range(20)]
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.05):
            for connection in slow:
                connection.sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        for _ in range(20):
            assert opened.api("GET", "/queue").status == 200
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
        for connection in slow:
            connection.close()


def test_a_folder_that_leads_elsewhere_is_not_followed(opened, project):
    elsewhere = project.folder / "elsewhere"
    elsewhere.mkdir()
    own = project.folder / "out" / ".workbench"
    own.mkdir(exist_ok=True)
    (own / "uploads").symlink_to(elsewhere)
    reply = upload(opened, "image", "a.png", PNG)
    assert reply.status == 507 and reply.json()["error"]
    wait_until(lambda: list(elsewhere.iterdir()) == [], "the part stays")


def test_a_data_set_with_pictures_is_run(serve, project, endpoint):
    bodies = []

    def answer(request, _):
        bodies.append(request["body"])
        return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

    workbench = serve(environment=project.environment(None, None))
    workbench.enter()
    at(workbench, endpoint(answer).address)
    picture = upload(workbench, "image", "a.png", PNG).json()["reference"]
    lines = json.dumps({"prompt": "what is this", "image_path": picture}) + "\n"
    data = upload(workbench, "dataset", "set.jsonl", lines.encode()).json()["reference"]
    config = CONFIG + f"prompt: {{source: dataset, dataset: {json.dumps(data)}}}\n"
    rows = ["m,,4,1,1,,,N/A"]
    told = workbench.api("POST", "/plan", draft(rows, config)).json()
    assert told["sound"], told["faults"]
    made = start(workbench, rows=rows, config=config, name="pictured")
    wait_for_state(workbench, made["id"], "done")
    assert any(base64.b64encode(PNG).decode() in json.dumps(body) for body in bodies)
