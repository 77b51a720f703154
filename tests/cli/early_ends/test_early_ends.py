"""What no other row would survive ends the run after the first; what another row may survive does not."""

import http.server
import json
import socket
import threading

import pytest
from support.endpoint import content, finish, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2)).partition(b"\r\n\r\n")[2]


class Server(http.server.ThreadingHTTPServer):
    """GET /models has the status `listed`; a POST has that of its model in `statuses`, else 200."""

    daemon_threads = True

    def __init__(self, listed=200, **statuses):
        self.listed, self.statuses, self.posts = listed, statuses, []
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = "http://127.0.0.1:%d/v1" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(self.server.listed, "application/json", b'{"data": [{"id": "a"}]}')

    def do_POST(self):
        model = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        self.server.posts.append(model)
        status = self.server.statuses.get(model, 200)
        if status == 200:
            self.reply(200, "text/event-stream", GOOD)
        else:
            self.reply(status, "application/json", b'{"error": {"message": "not for you"}}')

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    servers = []

    def start(*arguments, **statuses):
        servers.append(Server(*arguments, **statuses))
        return servers[-1]

    yield start
    for one in servers:
        one.end()


@pytest.fixture
def closed():
    """An address at which nothing listens while the test runs: its port is bound."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield "http://127.0.0.1:%d/v1" % holder.getsockname()[1]


def rows(*models):
    return [f"{model},10,2,2,1,,," for model in models]


def test_a_refused_connection_ends_the_run_after_its_first_row(closed, project):
    project.setup(rows("a", "b", "c"))
    run = project.run("--set", "max_consecutive_errors=2", address=closed, expect=3)
    assert [summary["model"] for summary in run.summaries] == ["a"]
    last = run.process.stdout.splitlines()[-1]
    assert last.startswith(f"connection_refused: nothing listens at {closed} (2 of 2 requests). Open ")
    assert "no other row would fare better, so the run ends here" in run.process.stderr
    assert "2 of 3 steps were not run" in run.process.stdout
    assert run.manifest["status"] == "ended early"


def test_so_does_tls_with_a_server_that_has_none(server, project):
    project.setup(rows("a", "b"))
    address = server().address.replace("http:", "https:")
    run = project.run("--set", "max_consecutive_errors=2", address=address, expect=3)
    assert len(run.summaries) == 1
    assert run.process.stdout.splitlines()[-1].startswith(f"tls_error: no secure connection to {address} can be made")


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_the_list_refuses_too_ends_the_run_after_its_first_row(server, project, status):
    project.setup(rows("a", "b"))
    endpoint = server(status, a=status, b=status)
    run = project.run(address=endpoint.address, expect=3)
    assert set(endpoint.posts) == {"a"}
    assert run.process.stdout.splitlines()[-1].startswith(f"{status}: the endpoint ")
    assert "SAMBANOVA_API_KEY (2 of 2 requests). Open " in run.process.stdout.splitlines()[-1]


def test_where_the_list_is_open_a_second_model_has_to_say_so(server, project):
    project.setup(rows("a", "a", "b", "c"))
    endpoint = server(a=401, b=403, c=401)
    run = project.run(address=endpoint.address, expect=3)
    assert [summary["model"] for summary in run.summaries] == ["a", "a", "b"] and "c" not in endpoint.posts


def test_a_gateway_that_refuses_one_model_ends_its_row_alone(server, project):
    project.setup(rows("a", "b", "a"))
    run = project.run(address=server(a=401).address, expect=3)
    assert [summary["results_num_completed_requests"] for summary in run.summaries] == [0, 2, 0]
    assert run.manifest["status"] == "done"


def test_an_endpoint_that_has_served_may_come_back(server, project):
    """It is gone after its first row; each row tries again."""
    project.setup(rows("a", "b", "c"))
    endpoint = server()
    process = project.start("run", "config.yaml", "--no-progress", "--set", "max_consecutive_errors=2",
                            "--set", "time_delay=3", address=endpoint.address)
    for line in process.stderr:
        if line.startswith("1/3 a 10→2 c=1: done"):
            endpoint.end()
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3 and "not run" not in out and "3/3 c" in err


@pytest.mark.parametrize("arguments, code", [((), 2), (("--offline",), 0)])
def test_plan_refuses_what_would_end_a_run(closed, project, arguments, code):
    project.setup(rows("a"))
    done = project.call("plan", "config.yaml", *arguments, address=closed)
    assert done.returncode == code
    said = f"coebench: connection_refused: nothing listens at {closed}"
    assert (said in done.stderr) == (code == 2) and "warning: the endpoint's models" not in done.stderr


@pytest.mark.parametrize("status, code, words", [
    (401, 2, "coebench: 401: the endpoint refuses the key from SAMBANOVA_API_KEY"),
    (403, 2, "coebench: 403: the endpoint forbids this to the key from SAMBANOVA_API_KEY"),
    (404, 0, "warning: the endpoint's models cannot be listed"),
    (405, 0, "warning: the endpoint's models cannot be listed"),
    (500, 0, "warning: the endpoint's models cannot be listed"),
])
def test_plan_refuses_a_key_that_the_list_refuses(server, project, status, code, words):
    project.setup(rows("a"))
    done = project.call("plan", "config.yaml", address=server(status).address)
    assert done.returncode == code and words in done.stderr, done.stderr
