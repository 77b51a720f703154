"""What servers tell of themselves while rows run. Of the simulated node it is held against the node's own log; the
texts are written and read by the published Prometheus client."""

import http.server
import json
import math
import re
import threading
import urllib.request

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from support.bench import CONFIG, completed
from support.endpoint import content, finish, stream

# A response of 20 tokens takes 70 ms; four wait for each other.
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 2000, decode_tokens_per_s: 400,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


class Told(http.server.ThreadingHTTPServer):
    """Serves what `text()` gives at any path, and keeps the headers it was asked with."""

    def __init__(self, text, status=200):
        self.text, self.status, self.asked = text, status, []
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.url = "http://127.0.0.1:%d/metrics" % self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(dict(self.headers.items()))
            body = self.server.text()
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass


@pytest.fixture
def tell():
    """tell(text) starts one; all are ended with the test."""
    started = []

    def start(*arguments):
        started.append(Told(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.shutdown()
        one.server_close()


def lines_of(run):
    (path,) = run.folder.glob("*_telemetry.jsonl")
    return [json.loads(line) for line in path.open()]


def source(url, **settings):
    return "--set", "telemetry=[" + json.dumps({"url": url, **settings}) + "]"


def answer(request, connection):
    return stream(content("a"), finish(prompt_tokens=10, completion_tokens=1))


# --- Against the node's own log -------------------------------------------------------------------


def test_figures_are_those_of_the_node_s_own_log(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["a,40,20,60,4,,,"])
    run = project.run(*source("auto", every_s=0.1), address=simulator.address)
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    (summary,) = run.summaries
    ids = {r["response_id"] for r in run.responses[0]}
    truth = [one for one in truth if one["id"] in ids]
    lines = lines_of(run)
    assert len(truth) == 60
    assert summary["telemetry_polls"] == len(lines) and summary["telemetry_failed_polls"] == 0

    seconds = (lines[-1]["at_monotonic_ns"] - lines[0]["at_monotonic_ns"]) / 1e9
    tokens = sum(one["completion_tokens"] for one in truth)
    assert summary["server_generated_tokens_per_s"] * seconds == pytest.approx(tokens)
    prompts = sum(one["prompt_tokens"] for one in truth)
    assert summary["server_prompt_tokens_per_s"] * seconds == pytest.approx(prompts)
    assert summary["server_prefix_hit_share"] == 0

    # At each look: those in a batch, and those that came and are in none yet; one may change meanwhile.
    for line in lines[1:-1]:
        at = line["at_monotonic_ns"]
        (running,) = (v for k, v in line["samples"].items() if k.startswith("vllm:num_requests_running"))
        (waiting,) = (v for k, v in line["samples"].items() if k.startswith("vllm:num_requests_waiting"))
        assert abs(running - sum(one["batch_started_ns"] <= at < one["last_token_ns"] for one in truth)) <= 1
        assert abs(waiting - sum(one["arrived_ns"] <= at < one["batch_started_ns"] for one in truth)) <= 1
    inner = [v for line in lines[1:-1] for k, v in line["samples"].items()
             if k.startswith("vllm:num_requests_waiting")]
    assert summary["server_waiting_mean"] == pytest.approx(sum(inner) / len(inner))
    assert summary["server_waiting_max"] == max(inner) <= 4

    # Its histogram observes as it sends; the log has the moment just before that.
    ttft = [(one["first_token_ns"] - one["arrived_ns"]) / 1e9 for one in truth]
    assert summary["server_histogram_ttft_s_count"] == 60
    assert summary["server_histogram_ttft_s_mean"] == pytest.approx(sum(ttft) / 60, abs=0.005)
    ranked = sorted(ttft)
    for name, rank in ("p50", 29), ("p99", 59):
        assert summary[f"server_histogram_ttft_s_{name}_low"] <= ranked[rank] + 0.005
        assert ranked[rank] - 0.005 <= summary[f"server_histogram_ttft_s_{name}_high"]
    queue = sum(one["queue_s"] for one in truth) / 60
    assert summary["server_queue_time_s_mean"] == pytest.approx(queue, rel=1e-6)
    prefill = sum(one["prefill_s"] for one in truth) / 60
    assert summary["server_prefill_time_s_mean"] == pytest.approx(prefill, rel=1e-6)

    heading, (row,) = run.table()
    assert row[heading.index("server_generated_tokens_per_s")] == pytest.approx(
        summary["server_generated_tokens_per_s"], rel=1e-12)
    assert "server_gpu_power_w_mean" not in heading, "what nobody told has no column"
    page = run.workbook.with_suffix(".html").read_text()
    told = re.findall(r'"key":"(\w+)","label":"[^"]*","told":true', page)
    assert told == [name for name in heading if name in told] and "server_generated_tokens_per_s" in told


def test_what_the_simulated_node_tells_is_read_by_prometheus_own_client(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["a,40,5,10,2,,,"])
    project.run(address=simulator.address)
    text = urllib.request.urlopen(simulator.address.removesuffix("/v1") + "/metrics").read().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    (tokens,) = families["vllm:generation_tokens"].samples
    assert families["vllm:generation_tokens"].type == "counter" and tokens.value == 50
    assert families["vllm:num_requests_running"].samples[0].value == 0
    buckets = [s for s in families["vllm:time_to_first_token_seconds"].samples if s.name.endswith("_bucket")]
    assert [b.value for b in buckets] == sorted(b.value for b in buckets) and buckets[-1].value == 10


# --- Against Prometheus' own client ----------------------------------------------------------------


def test_samples_are_those_that_prometheus_own_client_wrote(endpoint, project, tell):
    registry = CollectorRegistry()
    Gauge("odd", 'a "quoted"\nhelp', ["path"], registry=registry).labels('C:\\DIR\n"x"{},=é').set(1.5e-7)
    Gauge("bad", "no number", registry=registry).set(math.nan)
    Counter("grows", "a counter", ["kind"], registry=registry).labels("a").inc(3)
    Histogram("vllm:time_to_first_token_seconds", "ours", buckets=(0.1, 1), registry=registry).observe(0.5)
    told = tell(lambda: generate_latest(registry))
    project.setup(["m,10,1,5,1,,,"])
    run = project.run(*source(told.url, match=["odd", "bad", "grows_*", "vllm:*"]), address=endpoint(answer).address)
    expected = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            labels = ",".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in sample.labels.items())
            expected[sample.name + ("{" + labels + "}" if labels else "")] = sample.value
    for line in lines_of(run):
        assert line["source"] == told.url
        assert {k: None if v is None else pytest.approx(v) for k, v in line["samples"].items()} == {
            k: None if math.isnan(v) else v for k, v in expected.items()}


def test_only_what_matches_is_kept_and_figures_are_made_of_all(endpoint, project, tell):
    told = tell(lambda: b"vllm:num_requests_running 3\nother 1\nothers 2\n")
    project.setup(["m,10,1,5,1,,,"])
    address = endpoint(answer).address
    run = project.run(*source(told.url, match=["other"]), address=address)
    assert all(line["samples"] == {"other": 1} for line in lines_of(run))
    assert run.summaries[0]["server_running_mean"] == 3
    run = project.run(*source(told.url), "--name", "known", address=address)
    assert all(line["samples"] == {"vllm:num_requests_running": 3} for line in lines_of(run))


# --- Where it is asked -----------------------------------------------------------------------------


def test_the_key_goes_to_the_endpoint_s_own_origin_alone(endpoint, project, tell):
    other = tell(lambda: b"up 1\n")
    own = Told(lambda: b"up 1\n")
    asked = []

    class Both(Told.Handler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.headers["Authorization"])
            self.wfile.write(answer(None, None))

        def do_GET(self):
            if not self.path.startswith("/v1"):
                super().do_GET()
            else:
                self.wfile.write(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")

    own.RequestHandlerClass = Both
    project.setup(["m,10,1,5,1,,,"], CONFIG + "connection: {headers: {X-Team: secret-team}}\n")
    try:
        run = project.run("--set", f"telemetry=[{{url: auto}}, {{url: '{other.url}'}}]",
                          address=own.url.removesuffix("/metrics") + "/v1")
    finally:
        own.shutdown()
        own.server_close()
    assert len(completed(run.responses[0])) == 5
    assert own.asked and all(one.get("Authorization") == asked[0] for one in own.asked)
    assert all(one.get("X-Team") == "secret-team" for one in own.asked)
    assert other.asked and not any("Authorization" in one or "X-Team" in one for one in other.asked)


def test_a_source_that_fails_is_told_of_once_and_costs_nothing(endpoint, project, tell):
    refused = tell(lambda: b"no metrics", 503)
    project.setup(["m,10,1,5,1,,,", "m,10,1,6,1,,,"])
    run = project.run(*source(refused.url, every_s=0.1), address=endpoint(answer).address)
    assert [len(completed(responses)) for responses in run.responses] == [5, 6]
    assert run.process.stderr.count(refused.url) == 1 and "HTTP 503" in run.process.stderr
    for summary in run.summaries:
        assert summary["telemetry_polls"] == summary["telemetry_failed_polls"] >= 1
        assert not any(key.startswith("server_running") for key in summary)


def test_a_source_that_never_responds_holds_nobody_up(endpoint, project):
    held = threading.Event()

    class Silent(Told):
        pass

    silent = Silent(lambda: held.wait(60) and b"" or b"")
    project.setup(["m,10,1,5,1,,,"])
    try:
        run = project.run(*source(silent.url), address=endpoint(answer).address)
        assert not held.is_set() and len(completed(run.responses[0])) == 5
    finally:
        held.set()
        silent.shutdown()
        silent.server_close()


@pytest.mark.parametrize("setting, sentence", [
    ("[{url: 'ftp://h/metrics'}]", "telemetry: 'ftp://h/metrics' is not an address; write http://HOST:PORT/metrics"),
    ("[{url: 'http://me:word@h/metrics'}]", "the address holds a user or a password"),
    ("[{every_s: 2}]", "url"),
    ("sometimes", "telemetry"),
    ("[{url: auto, every_s: 0}]", "every_s"),
])
def test_what_cannot_be_asked_is_a_fault(project, setting, sentence):
    project.setup(["m,10,1,5,1,,,"])
    process = project.call("plan", "config.yaml", "--offline", "--set", f"telemetry={setting}",
                           address="http://127.0.0.1:9/v1")
    assert process.returncode == 2 and sentence in process.stderr
    assert "me:word" not in process.stderr


def test_none_is_none(endpoint, project):
    project.setup(["m,10,1,5,1,,,"])
    run = project.run("--set", "telemetry=none", address=endpoint(answer).address)
    assert not list(run.folder.glob("*_telemetry.jsonl"))
    assert not any(key.startswith("telemetry") for key in run.summaries[0])
