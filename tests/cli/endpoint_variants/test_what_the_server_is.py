"""Before a run's first row its server says what it is: kept in the manifest, compared, and never at a
price."""

import http.server
import json
import threading
import time

import openpyxl
import pytest
from support.bench import KEY, NO_VERDICT
from support.endpoint import content, finish, stream

BODY = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2)).split(b"\r\n\r\n", 1)[1]


class Server:
    """Answers GETs from a table of path to (status, JSON), each after `slow` seconds; POSTs with a stream, once
    `ready` says so."""

    def __init__(self, pages, header="plain/1", slow=None, ready=lambda: True, refusal=503):
        outer = self
        self.asked, self.pages, self.slow, self.ready = [], pages, slow or {}, ready

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version, sys_version = header, ""

            def version_string(self):
                return header

            def say(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                outer.asked.append(("GET", self.path, time.monotonic(), None))
                time.sleep(outer.slow.get(self.path, 0))
                page = outer.pages.get(self.path)
                status, body = page() if callable(page) else page or (404, {"error": "no"})
                self.say(status, body if isinstance(body, bytes) else json.dumps(body).encode())

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append(("POST", self.path, time.monotonic(), body))
                if outer.ready():
                    self.say(200, BODY, "text/event-stream")
                else:
                    self.say(refusal, b'{"error":"loading"}')

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1"

    def gets(self, path):
        return [one for one in self.asked if one[:2] == ("GET", path)]

    def posts(self):
        return [one[3] for one in self.asked if one[0] == "POST"]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve():
    started = []

    def start(*how, **more):
        started.append(Server(*how, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def models(owner, *names):
    return 200, {"object": "list", "data": [{"id": name, "owned_by": owner, "created": time.time()} for name in names]}


KNOWN = {
    "vLLM": ({"/v1/models": models("vllm", "m"), "/version": (200, {"version": "0.9.1"})}, "uvicorn", "version",
             {"version": "0.9.1"}),
    "llama.cpp": ({"/v1/models": models("llamacpp", "m"), "/props": (200, {"build_info": "b1", "total_slots": 1})},
                  "llama.cpp", "props", {"build_info": "b1", "total_slots": 1}),
    "nobody knows": ({"/v1/models": models("somebody", "m"), "/version": (200, {"version": "7"}),
                      "/props": (200, {"a": 1})}, "nginx", None, None),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_it_says_stands_in_the_manifest(serve, project, name):
    pages, header, member, told = KNOWN[name]
    server = serve(pages, header)
    project.setup(["m,40,2,3,1,,,"])
    run = project.run(address=server.address)
    kept = run.manifest["server"]
    assert kept["header"] == header and [m["id"] for m in kept["models"]["data"]] == ["m"]
    assert set(kept) == {"header", "models"} | ({member} if member else set())
    if member:
        assert kept[member] == told
    assert {one[1] for one in server.asked if one[0] == "GET"} <= {"/v1/models", f"/{member}"}, "nothing else is asked"


def test_secrets_are_struck_out_of_it(serve, project):
    escaped = b'{"data":[{"id":"m","owned_by":"vllm","key":"%s","tenant":"%s"}]}' % (
        KEY.encode(), "".join("\\u%04x" % ord(c) for c in KEY).encode())
    server = serve({"/v1/models": (200, escaped), "/version": (200, {"key": KEY})}, f"echo {KEY}")
    project.setup(["m,40,2,3,1,,,"])
    run = project.run(address=server.address)
    kept = run.manifest["server"]
    assert set(kept["version"]["key"]) == set(kept["models"]["data"][0]["tenant"]) == {"*"}
    for path in run.folder.iterdir():
        assert KEY.encode() not in path.read_bytes()


def test_it_is_no_larger_than_64_kib(serve, project):
    server = serve({"/v1/models": models("vllm", *[f"m{i}" + "ü" * 400 for i in range(500)]),
                    "/version": (200, {"version": "0.9.1", "more": ["x" * 900] * 100})}, "s" * 5000)
    project.setup(["m,40,2,3,1,,,"])
    run = project.run(address=server.address)
    kept = run.manifest["server"]
    assert kept["models"].startswith('{"object":"list"') and kept["models"].endswith("…")
    assert len(json.dumps(kept, indent=1, ensure_ascii=False).encode()) <= 64 << 10


@pytest.mark.parametrize("slow", ["/v1/models", "/version"])
def test_a_silent_endpoint_costs_one_connect_timeout_once(serve, project, slow):
    server = serve({"/v1/models": models("vllm", "m"), "/version": (200, {})}, slow={slow: 60})
    project.setup([f"m,40,2,{n},1,,," for n in (3, 4, 5)])
    run = project.run("--set", "connection.connect_timeout=1", address=server.address)
    assert [s["results_num_completed_requests"] for s in run.summaries] == [3, 4, 5]
    silent = slow == "/v1/models"
    assert run.process.stderr.count("got no response within connection.connect_timeout") == silent
    assert len(server.gets("/v1/models")) == (1 if silent else 4)
    assert len(server.gets("/version")) == (0 if silent else 1)
    assert ("models" in run.manifest["server"]) == (not silent)


def test_one_that_falls_silent_later_is_told_once(serve, project):
    server = serve({"/v1/models": models("vllm", "m")})
    listed = server.pages["/v1/models"]
    calls = []

    def page():
        calls.append(1)
        if len(calls) > 2:
            time.sleep(60)
        return listed

    server.pages["/v1/models"] = page
    project.setup([f"m,40,2,{n},1,,," for n in (3, 4, 5, 6)])
    run = project.run("--set", "connection.connect_timeout=1", address=server.address)
    assert [s["results_num_completed_requests"] for s in run.summaries] == [3, 4, 5, 6]
    assert len(calls) == 3, "one to see what it is, one for the first row, one in vain"
    assert run.process.stderr.count("got no response within connection.connect_timeout") == 1


def test_compare_lists_what_differs_and_is_no_gate(serve, project, browser):
    policy = "checks:\n  - rows: '*'\n    limits: {client_ttft_s_p50: {max: 60}}\n"
    project.setup(["m,40,2,40,1,,,"])
    project.write("policy.yaml", policy)
    runs = []
    for version in ("0.9.1", "0.9.2"):
        server = serve({"/v1/models": models("vllm", "m"), "/version": (200, {"version": version})}, f"uvicorn {version}")
        runs.append(project.run(address=server.address))
    done = project.call("compare", str(runs[0].folder), str(runs[1].folder), "--policy", "policy.yaml",
                        "--output", "compared")
    where = done.stdout.split("What the server reports of itself, baseline → candidate:\n")
    assert len(where) == 2, done.stdout + done.stderr
    assert "  header: uvicorn 0.9.1 → uvicorn 0.9.2\n" in where[1]
    assert "  version.version: 0.9.1 → 0.9.2\n" in where[1]
    assert "created" not in where[1], "what is new with every question tells nothing"
    assert "server." not in where[0] and "waited_s" not in done.stdout
    (made,) = (project.folder / "compared").glob("*.json")
    assert {d["key"] for d in json.loads(made.read_text())["server_differences"]} == {"header", "version.version"}
    (made,) = (project.folder / "compared").glob("*.md")
    where = made.read_text().split("\nWhat the server reports of itself, baseline → candidate:\n\n")
    assert "- header: uvicorn 0.9.1 → uvicorn 0.9.2\n" in where[1]
    assert "- version.version: 0.9.1 → 0.9.2\n" in where[1]
    assert "\nWhat else differs, baseline → candidate:\n\n" in where[0]
    (made,) = (project.folder / "compared").glob("*.xlsx")
    cells = [[cell for cell in line if cell is not None]
             for line in openpyxl.load_workbook(made)["Qualification"].iter_rows(values_only=True)]
    below = cells[cells.index(["What their servers report of themselves, which is not a gate"]):]
    assert ["header", "uvicorn 0.9.1", "uvicorn 0.9.2"] in below and ["version.version", "0.9.1", "0.9.2"] in below
    (made,) = (project.folder / "compared").glob("*.html")
    browser.open(made)
    said = browser.one("#verdict").text.split("What the server reports of itself, baseline → candidate")
    assert "header\nuvicorn 0.9.1 → uvicorn 0.9.2" in said[1] and "version.version\n0.9.1 → 0.9.2" in said[1]


# --- wait_ready -----------------------------------------------------------------------------------


def later(count, page):
    """Says 503 `count` times."""
    left = [count]

    def say():
        left[0] -= 1
        return page if left[0] < 0 else (503, {"error": "loading"})
    return say


def test_it_waits_for_health(serve, project):
    server = serve({"/v1/models": models("x", "a", "b"), "/health": later(2, (200, {}))})
    project.setup(["a,40,2,3,1,,,", "b,40,2,3,1,,,"])
    run = project.run("--set", "wait_ready=60", address=server.address)
    assert len(server.gets("/health")) == 3 and len(server.posts()) == 6, "no model was asked for a token"
    assert "GET /health returns 200" in run.process.stderr and "ready after" in run.process.stderr
    ready = run.manifest["ready"]
    assert ready["by"] == "health" and ready["waited_s"] >= 1
    first = next(one for one in server.asked if one[0] == "POST")
    assert first[2] > server.gets("/health")[-1][2]


@pytest.mark.parametrize("rows, order, model", [
    (["a", "b", "c"], [], "c"), (["a", "b"], ["--order", "reverse"], "a"), (["a"], [], "a")])
def test_without_health_the_model_visited_last_is_asked_for_a_token(serve, project, rows, order, model):
    left = [2]

    def ready():
        left[0] -= 1
        return left[0] < 0

    server = serve({"/v1/models": models("x", "m")}, ready=ready)
    project.setup([f"{row},40,2,3,1,,," for row in rows])
    run = project.run("--set", "wait_ready=60", *order, address=server.address)
    before = server.posts()[:3]
    assert [(b["model"], b["max_tokens"]) for b in before] == [(model, 1)] * 3
    assert len(server.posts()) == 3 + 3 * len(rows)
    assert f"'{model}' responded with one token" in run.process.stderr
    assert run.manifest["ready"]["by"] == "token" and run.manifest["ready"]["model"] == model
    assert run.summaries[0]["predecessor_step_index"] is None
    assert [s["results_num_requests_started"] for s in run.summaries] == [3] * len(rows)


def test_an_endpoint_that_never_is(project, serve):
    server = serve({"/health": lambda: (503, {"error": "loading"})})
    project.setup(["a,40,2,3,1,,,"])
    done = project.call("run", "config.yaml", *NO_VERDICT, "--set", "wait_ready=1", address=server.address)
    assert done.returncode == 3 and not server.posts()
    assert "the endpoint was not ready in time (wait_ready: 1 s): GET /health returns HTTP 503" in done.stderr


def test_one_that_refuses_the_key_is_not_waited_for(project, serve):
    server = serve({}, refusal=401, ready=lambda: False)
    project.setup(["a,40,2,3,1,,,"])
    done = project.call("run", "config.yaml", *NO_VERDICT, "--set", "wait_ready=600", address=server.address)
    assert done.returncode == 3 and len(server.posts()) == 1
    assert "the endpoint was not ready and refuses requests (wait_ready: 600 s): HTTP 401" in done.stderr


def test_ctrl_c_ends_the_wait(serve, project):
    import signal
    server = serve({"/health": lambda: (503, {})})
    project.setup(["a,40,2,3,1,,,"])
    process = project.start("run", "config.yaml", "--set", "wait_ready=600", address=server.address)
    while not server.gets("/health"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130 and not server.posts()
    (folder,) = project.run_folders()
    assert json.loads((folder / "manifest.json").read_text())["status"] == "interrupted"


def test_a_silent_health_ends_with_ctrl_c_too(serve, project):
    import signal
    server = serve({}, slow={"/health": 120})
    project.setup(["a,40,2,3,1,,,"])
    process = project.start("run", "config.yaml", "--set", "wait_ready=600", "--set", "connection.connect_timeout=120",
                            address=server.address)
    while not server.gets("/health"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize("rows, settings, refused", [
    (["a"], ["--order", "rotate"], True), (["a", "a"], ["--set", "probe.steady=2"], True),
    (["a"], ["--order", "rotate", "--passes", "2"], False), (["a", "b"], ["--order", "rotate"], False), (["a"], [], False)])
def test_a_study_of_one_pass_of_one_model_is_refused(project, rows, settings, refused):
    project.setup([f"{row},{40 + i},2,3,1,,," for i, row in enumerate(rows)])
    done = project.call("plan", "config.yaml", "--offline", "--set", "wait_ready=5", *settings,
                        address="http://127.0.0.1:1/v1")
    assert (done.returncode == 2) == refused, done.stderr
    assert ("wait_ready: may load the only model before its one visit" in done.stderr) == refused


def test_plan_counts_the_request_it_may_send(project):
    project.setup(["a,40,2,3,1,,,", "b,40,2,3,1,,,"])
    done = project.call("plan", "config.yaml", "--offline", "--set", "wait_ready=90", address="http://127.0.0.1:1/v1")
    assert ("wait_ready: before the first row up to 90 s, until GET /health returns 200; where there is none, 1 request "
            "more, of 1 token, to 'b'") in done.stdout
