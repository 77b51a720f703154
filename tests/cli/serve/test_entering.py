"""Who gets into the workbench: every route, with and without what it asks for."""

import json
import pathlib
import socket
import time

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
RUN = "0123456789abcdef"


def routes():
    """(method, path with places filled, its text) of the documented API and of the pages."""
    document = json.loads((REPOSITORY / "docs/workbench-api.json").read_text())
    return [(method.upper(), path.replace("{ID}", RUN).replace("{NAME}", "manifest.json"), about)
            for path, methods in document["paths"].items() for method, about in methods.items()]


ROUTES = routes()
LOCKED = [(method, path) for method, path, about in ROUTES if about.get("security") != []]


def body_for(method):
    return None if method == "GET" else b"{}"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    from workbench import Workbench
    folder = tmp_path_factory.mktemp("opened")
    (folder / "out").mkdir()
    workbench = Workbench(folder)
    assert workbench.enter().status == 200
    yield workbench
    assert workbench.close() == 0


def test_the_documented_api_is_that_of_the_program(project):
    said = project.call("manual", "--table", "routes").stdout
    told = {tuple(line.split("`")[1].split()) for line in said.splitlines()[2:]}
    document = json.loads((REPOSITORY / "docs/workbench-api.json").read_text())
    assert told == {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


@pytest.mark.parametrize("method, path", LOCKED)
def test_without_a_session_nothing_opens(opened, method, path):
    reply = opened.ask(method, path, body_for(method), Origin=f"http://{opened.host}")
    assert reply.status == (401 if path.startswith("/api") else 403)
    wrong = opened.ask(method, path, body_for(method), Origin=f"http://{opened.host}", Cookie=opened.cookie[:-1] + "x",
                       X_Coebench="0" * 32)
    assert wrong.status == reply.status


@pytest.mark.parametrize("method, path", [(m, p) for m, p, _ in ROUTES])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", None, "localhost.evil.example"])
def test_under_a_foreign_name_nothing_opens(opened, method, path, host):
    reply = opened.ask(method, path, body_for(method), Host=host, Origin=f"http://{opened.host}", Cookie=opened.cookie,
                       X_Coebench=opened.secret)
    assert reply.status in (400, 403) and b"secret" not in reply.body


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1"])
@pytest.mark.parametrize("method, path", [(m, p) for m, p, _ in ROUTES if m != "GET"])
def test_what_changes_something_comes_from_a_page_of_ours(opened, method, path, origin):
    reply = opened.ask(method, path, body_for(method), Origin=origin, Cookie=opened.cookie, X_Coebench=opened.secret)
    assert reply.status == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW", "POST", "DELETE"])
def test_other_methods_are_refused(opened, method):
    for path in {path for _, path, _ in ROUTES}:
        allowed = {m for m, p, _ in ROUTES if p == path}
        if method in allowed:
            continue
        reply = opened.ask(method, path, Origin=f"http://{opened.host}", Cookie=opened.cookie, X_Coebench=opened.secret)
        assert reply.status == 405 and set(reply.headers["Allow"].split(", ")) == allowed
        assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("path", ["/..", "/../etc/passwd", "/%2e%2e/etc/passwd", "/assets/../serve.c", "/assets/%2e%2e",
                                  "/assets/..%2fx", "/run/..", "/api/v1/runs/../../x", "/api", "//", "/runs%00", "/%ff",
                                  f"/api/v1/runs/{RUN}/files/..%2f..%2fetc%2fpasswd",
                                  f"/api/v1/runs/{RUN}/files/%2fetc%2fpasswd"])
def test_tricks_with_paths_lead_nowhere(opened, path):
    reply = opened.ask("GET", path, Cookie=opened.cookie, X_Coebench=opened.secret)
    assert reply.status in (400, 403, 404)
    assert b"root:" not in reply.body


def test_the_cookie_opens_pages_alone(opened):
    assert opened.ask("GET", "/runs", Cookie=opened.cookie).status == 200
    assert opened.ask("GET", "/api/v1/runs", Cookie=opened.cookie).status == 401
    assert opened.ask("GET", "/runs", X_Coebench=opened.secret).status == 403
    assert opened.ask("GET", f"/api/v1/runs/{RUN}/archive", Cookie=opened.cookie).status == 404
    assert opened.ask("GET", f"/api/v1/runs/{RUN}/archive", Cookie=opened.cookie,
                      Sec_Fetch_Site="cross-site").status == 401


def test_a_link_opens_once(serve):
    workbench = serve()
    first = workbench.link
    assert workbench.enter().status == 200
    assert workbench.enter().status == 403
    assert workbench.next_link() != first
    old = workbench.link
    workbench.next_link()
    fresh, workbench.link = workbench.link, old
    assert workbench.enter().status == 403
    workbench.link = fresh
    assert workbench.enter().status == 200


def test_what_replies_say_of_themselves(opened):
    shell = opened.page("/runs")
    assert shell.headers["Content-Security-Policy"] == ("default-src 'self'; img-src 'self' blob: data:; "
                                                        "frame-ancestors 'none'")
    reply = opened.api("GET", "/runs")
    assert reply.headers["Cache-Control"] == "no-store" and reply.headers["Content-Type"] == "application/json"
    for one in (shell, reply, opened.ask("GET", "/nothing")):
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in one.headers
    cookie = opened.ask("GET", "/enter").headers.get("Set-Cookie")
    assert cookie is None


def test_the_cookie_is_for_this_site_and_no_script(serve):
    words = serve().enter().headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} <= set(words)


def test_nothing_secret_is_logged(serve):
    workbench = serve()
    token = workbench.link.split("#")[1]
    workbench.enter()
    workbench.ask("GET", f"/api/v1/runs?search={token}", X_Coebench=workbench.secret)
    workbench.close()
    log = workbench.log()
    assert "GET /api/v1/runs 200" in log
    for secret in (token, workbench.secret, workbench.cookie.split("=")[1]):
        assert secret not in log


def test_it_listens_on_this_machine_alone(serve, project):
    workbench = serve()
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert f"0100007F:{workbench.port:04X}" in listening
    assert f"00000000:{workbench.port:04X}" not in listening
    contained = pathlib.Path("/.dockerenv").exists() or pathlib.Path("/run/.containerenv").exists()
    for options, words in [(("--listen", "0.0.0.0", "--public-host", "a:1"), "containers")][contained:] + [
                           (("--listen", "0.0.0.0"), "belong together"),
                           (("--listen", "0.0.0.0", "--public-host", "a"), "NAME:PORT"), (("--port", "70000"), "65535"),
                           (("--port", str(workbench.port)), "cannot listen")]:
        done = project.call("serve", "out", *options)
        assert done.returncode == 2 and words in done.stderr
    assert project.call("serve", "nothing").returncode == 2


def test_under_a_public_name_the_others_are_foreign(serve):
    workbench = serve("--listen", "127.0.0.1", "--public-host", "bench.example:80", "--listen-anyway")
    assert "nothing is encrypted" in workbench.log()
    assert workbench.ask("GET", "/enter").status == 403
    assert workbench.ask("GET", "/enter", Host="bench.example:80").status == 200
    assert workbench.link.startswith("http://bench.example:80/enter#")


# --- Clients that cost something ------------------------------------------------------------------


def raw(workbench, data=b""):
    made = socket.create_connection(("127.0.0.1", workbench.port), timeout=60)
    made.sendall(data)
    return made


def test_many_idle_connections_keep_nobody_out(serve):
    workbench = serve()
    workbench.enter()
    idle = []
    try:
        for _ in range(10_000):
            idle.append(raw(workbench, b"GET / HT" if len(idle) % 2 else b""))
            if len(idle) > 400:
                idle.pop(0).close()
        assert workbench.api("GET", "/runs").status == 200
        assert workbench.page("/runs").status == 200
    finally:
        for one in idle:
            one.close()


def test_heads_that_are_too_long_or_none(serve):
    workbench = serve()
    for data in (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
                 b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
                 b"POST /api/v1/session HTTP/1.1\r\nHost: " + workbench.host.encode() + b"\r\nOrigin: http://"
                 + workbench.host.encode() + b"\r\nContent-Length: 99999999999\r\n\r\n"):
        with raw(workbench, data) as one:
            try:
                one.shutdown(socket.SHUT_WR)
                first = one.recv(4000)
            except OSError:  # it has closed, with some of this unread
                first = b""
            assert first == b"" or first.split()[1] in (b"400", b"403", b"404", b"413", b"414", b"431", b"505")
    raw(workbench, b"\x00\xff" * 500 + b"\r\n\r\n").close()
    assert workbench.enter().status == 200


def test_a_body_is_counted_as_it_comes(serve):
    workbench = serve()
    head = (f"POST /api/v1/session HTTP/1.1\r\nHost: {workbench.host}\r\nOrigin: http://{workbench.host}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n")
    with raw(workbench, head.encode()) as one:
        try:
            for _ in range(1000):
                one.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            ended = one.recv(100) == b""
        except (BrokenPipeError, ConnectionResetError):
            ended = True
    assert ended
    assert workbench.enter().status == 200


def test_it_ends_while_clients_are_there(serve):
    workbench = serve()
    workbench.enter()
    connections = [raw(workbench, b"GET /runs HTTP/1.1\r\n") for _ in range(50)]
    began = time.monotonic()
    assert workbench.close() == 0
    assert time.monotonic() - began < 60
    for one in connections:
        one.close()
