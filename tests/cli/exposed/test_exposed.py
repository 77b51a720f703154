"""A run under way, shown to who watches by `--metrics-listen`: read by the published Prometheus client, and held
against the run's own responses."""

import http.client
import re
import signal
import socket
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.bench import NO_VERDICT, Run, completed
from support.endpoint import content, finish, plain, stream

TTFT = "gen_ai_server_time_to_first_token_seconds"
DURATION = "gen_ai_client_operation_duration_seconds"
PER_TOKEN = "gen_ai_server_time_per_output_token_seconds"
TOKENS = "gen_ai_client_token_usage"
DELAY = "coebench_schedule_delay_seconds"


class Watched:
    """A run that is shown at a port that the kernel picked."""

    def __init__(self, project, address, *options, command="run"):
        self.project = project
        self.process = project.start(command, "config.yaml", *NO_VERDICT, "--metrics-listen", "0", *options,
                                     address=address)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line.startswith("metrics:"):
                break
        found = re.fullmatch(r"metrics:  http://127\.0\.0\.1:(\d+)/metrics\n", said[-1])
        assert found, "".join(said)
        self.port = int(found[1])

    def ask(self, method="GET", path="/metrics", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text

    def families(self):
        response, text = self.ask()
        assert response.status == 200
        return {family.name: family for family in text_string_to_metric_families(text)}

    def until(self, holds):
        """The families once they are as `holds` wants them."""
        deadline = time.monotonic() + 100
        while not holds(families := self.families()):
            assert time.monotonic() < deadline, families
            time.sleep(0.05)
        return families

    def end(self, expect=0):
        output, errors = self.process.communicate(timeout=120)
        assert self.process.returncode == expect, output + errors
        (folder,) = self.project.run_folders()
        return Run(folder, self.project.folder / "books")


def value(families, family, ending="", **labels):
    """The sum over the samples that have these labels."""
    if family not in families:
        return 0
    return sum(sample.value for sample in families[family].samples
               if sample.name == family + ending and labels.items() <= sample.labels.items())


def count_and_sum(families, family, **labels):
    return value(families, family, "_count", **labels), value(families, family, "_sum", **labels)


def answer(number=0):
    return stream(content("a"), content("b"), content("c"), finish(prompt_tokens=10 + number, completion_tokens=3))


@pytest.fixture
def gated(endpoint):
    """gated(reply, hold_from) is an endpoint that responds by `reply(number)`, from 1, and holds requests from that
    number on until the gate opens."""
    gate = threading.Event()

    def start(reply, hold_from):
        def respond(request, connection):
            number = request["index"] + 1
            if number >= hold_from:
                assert gate.wait(200)
            return reply(number)

        return endpoint(respond).address, gate

    yield start
    gate.set()


def test_what_is_shown_is_what_the_run_s_own_responses_say(gated, project):
    address, gate = gated(lambda number: plain(500, b"broken") if number in (3, 7) else answer(number), 21)
    project.setup(["a,10,3,20,1,,,", '"b ""x\\",10,3,1,1,,,'])
    watched = Watched(project, address, "--name", "shown")
    families = watched.until(lambda shown: value(shown, "coebench_requests_in_flight", step="2") == 1)
    gate.set()
    run = watched.end()

    good = completed(run.responses[0])
    assert len(run.responses[0]) == 20 and len(good) == 18
    assert value(families, DURATION, "_count", error_type="500", gen_ai_request_model="a") == 2
    assert value(families, DURATION, "_count", coebench_part="load", gen_ai_operation_name="chat",
                 gen_ai_provider_name="sncloud") == 20
    duration = sum(r["client_end_to_end_latency_s"] for r in good)
    labels = {"error_type": "500"}
    assert value(families, DURATION, "_sum") - value(families, DURATION, "_sum", **labels) == pytest.approx(
        duration, rel=1e-9)
    for family, metric in (TTFT, "client_ttft_s"), (PER_TOKEN, "client_time_per_output_token_s"):
        assert count_and_sum(families, family) == (18, pytest.approx(sum(r[metric] for r in good), rel=1e-9))
    assert count_and_sum(families, TOKENS, gen_ai_token_type="output") == (18, 54)
    assert count_and_sum(families, TOKENS, gen_ai_token_type="input") == (
        18, sum(r["number_input_tokens"] for r in good))
    assert count_and_sum(families, DELAY)[0] == 20

    # 11 to 30 tokens of a prompt: each bucket holds those at most its bound.
    inputs = [r["number_input_tokens"] for r in good]
    buckets = {sample.labels["le"]: sample.value for sample in families[TOKENS].samples
               if sample.name.endswith("_bucket") and sample.labels["gen_ai_token_type"] == "input"}
    assert len(buckets) == 15
    for bound, below in buckets.items():
        assert below == sum(tokens <= float(bound) for tokens in inputs), bound

    assert value(families, "coebench_steps_ended", "_total") == 1 and value(families, "coebench_run_steps") == 2
    (info,) = families["coebench_run_info"].samples
    assert info.labels["run"] == "shown" and info.labels["endpoint"] == address
    (under_way,) = families["coebench_requests_in_flight"].samples
    assert under_way.labels == {"step": "2", "gen_ai_request_model": 'b "x\\', "input_tokens": "10",
                                "output_tokens": "3"}
    assert {families[name].type for name in (TTFT, DURATION, PER_TOKEN, TOKENS, DELAY)} == {"histogram"}


def test_probe_warm_up_and_cool_down_have_parts_of_their_own(gated, project):
    address, gate = gated(lambda number: answer(), 13)
    project.setup(["a,10,3,5,1,,,,3,2", "b,10,3,1,1,,,,,"],
                  header="model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"
                         "qps_distribution,multimodal_img_size,warmup_requests,cooldown_requests")
    watched = Watched(project, address, "--set", "probe={steady: 1}")
    families = watched.until(lambda shown: value(shown, "coebench_steps_ended", "_total") == 1)
    gate.set()
    run = watched.end()
    shown = {part: value(families, TTFT, "_count", coebench_part=part, gen_ai_request_model="a")
             for part in ("probe", "warmup", "load", "cooldown")}
    assert shown == {"probe": 2, "warmup": 3, "load": 5, "cooldown": 2}
    time_s = run.responses[0][0]["switching_time"]
    assert value(families, "coebench_switching_time_seconds", gen_ai_request_model="a") == (time_s or 0)


def test_a_search_is_shown_too(gated, project):
    address, gate = gated(lambda number: answer(), 4)
    project.setup(["a,10,3,20,1,,,"])
    watched = Watched(project, address, "--set", "slo={client_ttft_s: 0.001}", "--set", "search={budget_s: 60}",
                      command="search")
    families = watched.until(lambda shown: value(shown, TTFT, "_count") > 0)
    assert "coebench_run_steps" not in families, "nobody knows how many there will be"
    gate.set()
    watched.process.send_signal(signal.SIGINT)
    watched.process.communicate(timeout=120)


def test_only_get_and_head_of_metrics_are_responded_to(gated, project):
    address, gate = gated(lambda number: answer(), 1)
    project.setup(["a,10,3,1,1,,,"])
    watched = Watched(project, address)
    head, nothing = watched.ask("HEAD")
    got, text = watched.ask()
    assert head.status == got.status == 200 and nothing == "" and text.startswith("# HELP coebench_run_info")
    assert got.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for path in "/", "/metric", "/metrics/", "//metrics", "/../metrics", "/metrics%2f":
        assert watched.ask(path=path)[0].status == 404, path
    assert watched.ask(path="/metrics?name=x")[0].status == 200
    for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
        refused, _ = watched.ask(method, body=b"x" * 100000 if method == "POST" else None)
        assert refused.status == 405 and refused.headers["Allow"] == "GET, HEAD", method
    gate.set()
    watched.end()


def test_clients_that_are_slow_or_speak_no_http_hold_up_nobody(gated, project):
    address, gate = gated(lambda number: answer(), 1)
    project.setup(["a,10,3,30,2,,,"])
    watched = Watched(project, address)
    slow = [socket.create_connection(("127.0.0.1", watched.port)) for _ in range(12)]
    for i, one in enumerate(slow):
        one.sendall((b"", b"GET /metrics HTTP/1.1\r\nHost: ", b"\x16\x03\x01\x00\xff", b"GET " + b"a" * 7000)[i % 4])
    assert value(watched.families(), "coebench_requests_in_flight") <= 2
    with socket.create_connection(("127.0.0.1", watched.port)) as huge:
        huge.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n\r\n")
        huge.settimeout(60)
        assert huge.recv(100).split()[1] in (b"413", b"414", b"431"), "more than a head may have"
    gate.set()
    run = watched.end()  # they are open still
    assert len(completed(run.responses[0])) == 30
    for one in slow:
        one.close()


def test_a_port_that_is_taken_is_told_before_anything_is_sent(endpoint, project):
    sent = []
    address = endpoint(lambda request, connection: sent.append(1) or answer()).address
    project.setup(["a,10,3,5,1,,,"])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = project.call("run", "config.yaml", "--metrics-listen", str(port), address=address)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"coebench: cannot listen on 127.0.0.1:{port} for who watches: Address already in use; give another port, "
        "or 0 for one that is free")
    assert not sent and not project.run_folders()


@pytest.mark.parametrize("word", ["65536", "-1", "x", "80x", ""])
def test_what_is_no_port_is_refused(endpoint, project, word):
    project.setup(["a,10,3,5,1,,,"])
    address = endpoint(lambda request, connection: answer()).address
    done = project.call("run", "config.yaml", f"--metrics-listen={word}", address=address)
    assert done.returncode == 2 and not project.run_folders()
    assert f"--metrics-listen takes a port from 0 to 65535, not '{word}'" in done.stderr


def test_a_port_is_free_again_at_once(endpoint, project):
    address = endpoint(lambda request, connection: answer()).address
    project.setup(["a,10,3,3,1,,,"])
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    for name in "one", "two":
        done = project.call("run", "config.yaml", *NO_VERDICT, "--name", name, "--metrics-listen", str(port),
                            address=address)
        assert done.returncode == 0, done.stderr
        assert f"metrics:  http://127.0.0.1:{port}/metrics\n" in done.stderr


def test_rows_beside_each_other_are_all_shown_while_many_read(endpoint, project):
    address = endpoint(lambda request, connection: answer()).address
    project.setup([f"m{i},10,3,150,2,,," for i in range(4)])
    watched = Watched(project, address, "--set", "concurrency_enabled=true", "--set", "threads=2")
    stop, seen = threading.Event(), []

    def read():
        before = 0
        while not stop.is_set():
            try:
                families = watched.families()
            except (ConnectionError, http.client.HTTPException):
                break  # the run is over
            now = value(families, TTFT, "_count")
            seen.append(before <= now <= 600)
            before = now

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    run = watched.end()
    stop.set()
    for reader in readers:
        reader.join()
    assert seen and all(seen)
    assert [len(completed(responses)) for responses in run.responses] == [150] * 4
