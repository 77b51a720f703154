"""A run goes to OpenTelemetry: every figure of the workbook as a data point of its step, one span for each step, in
bodies that the published messages read whole; and nothing is told as sent that a service refused."""

import json
import pathlib
import subprocess

import pytest
from support import bench
from support.helpers import helper
from support.otlp_server import Server
from support.stand_in import measured_run, started_by

ROWS = ["Meta-Llama-3.1-8B-Instruct,100,4,3,1,,,", "gpt-oss-120b,100,4,3,2,,,", "no-such-model,100,4,2,1,,,"]
LABELS = ("--set", "labels.release=1.2", "--set", "labels.note=\"it's \\\"ours\\\" é\"")


@pytest.fixture
def collector():
    yield from started_by(Server)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run that all tests send; of its last row every request fails."""
    return measured_run(tmp_path_factory.mktemp("measured"), ROWS, LABELS, code=3)


def send(project, url, *runs, **environment):
    project.environment = lambda address, key=None: {**bench.Project.environment(project, None, None), **environment}
    try:
        return project.call("export", *(runs or ["out/first"]), "--to", f"otlp:{url}")
    finally:
        del project.environment


def read(server):
    """The bodies of both kinds, by the published messages."""
    lines = [f"{path.removeprefix('/v1/')} {body}\n" for path, body in server.bodies]
    assert all(line.count("\n") == 1 for line in lines)
    done = subprocess.run([helper("otlp") / "bin" / "python", pathlib.Path(__file__).parent / "read.py"],
                          input="".join(lines), text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    kinds = {"metrics": [], "traces": []}
    for one in json.loads(done.stdout):
        kinds[one["kind"]].append(one["body"])
    return kinds["metrics"], kinds["traces"]


def plain(attributes):
    """Keys with values; each key is there once."""
    found = {one["key"]: one["value"].get("stringValue", one["value"].get("intValue")) for one in attributes}
    assert len(found) == len(attributes) and None not in found.values()
    return found


def spans_of(bodies):
    return [span for body in bodies for resource in body["resourceSpans"] for scope in resource["scopeSpans"]
            for span in scope["spans"]]


def test_metrics_are_the_workbooks_figures(collector, measured):
    project, run = measured
    server = collector()
    done = send(project, server.address)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    metrics, _ = read(server)
    points, units = {}, {}
    for body in metrics:
        (resource,) = body["resourceMetrics"]
        about = plain(resource["resource"]["attributes"])
        assert about["service.name"] == "coebench" and about["coebench.run"] == "first"
        assert about["coebench.label.release"] == "1.2" and about["coebench.label.note"] == "it's \"ours\" é"
        for metric in resource["scopeMetrics"][0]["metrics"]:
            units[metric["name"]] = metric["unit"]
            assert metric["description"]
            for point in metric["gauge"]["dataPoints"]:
                step = int(plain(point["attributes"])["coebench.step"])
                assert point["timeUnixNano"] == f"{run.summaries[step]['timestamp']}000000000"
                assert points.setdefault((step, metric["name"]), point["asDouble"]) == point["asDouble"]
    assert units["coebench.server_ttft_s_p50"] == "s" and units["coebench.number_errors"] == "{requests}"
    assert units["coebench.server_output_token_per_s_p50"] == "{tokens}/s" and units["coebench.output_tokens_share"] == "1"
    heading, lines = run.table()
    compared = 0
    for step, line in enumerate(lines):
        for name, value in zip(heading, line):
            if name and isinstance(value, (int, float)):
                assert points.pop((step, f"coebench.{name}")) == pytest.approx(value, rel=1e-12), name
                compared += 1
    assert compared > 100 and not points
    assert [summary["step_index"] for summary in run.summaries] == list(range(len(ROWS)))


def test_each_step_is_a_span_of_the_run(collector, measured):
    project, run = measured
    server = collector()
    done = send(project, server.address)
    whole, *steps = spans_of(read(server)[1])
    assert done.stdout == f"otlp: {server.address}: trace {whole['traceId']}\n"
    settings = plain(whole["attributes"])
    assert whole["name"] == "run" and "parentSpanId" not in whole and settings["coebench.setting.timeout"] == "60"
    assert settings["coebench.status"] == run.manifest["status"] and settings["coebench.headline"]
    assert len({span["spanId"] for span in [whole, *steps]}) == len(ROWS) + 1
    for step, (span, summary) in enumerate(zip(steps, run.summaries, strict=True)):
        about = plain(span["attributes"])
        assert (span["traceId"], span["parentSpanId"]) == (whole["traceId"], whole["spanId"])
        assert about["coebench.step"] == str(step) and span["name"] == about["coebench.model"] == ROWS[step].split(",")[0]
        assert f"{span['name']} 100/4" in about["coebench.row"] and about["coebench.step_end"]
        start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert end == summary["timestamp"] * 10**9
        assert (end - start) / 1e9 == pytest.approx(summary["wall_time_s"], abs=1e-6)
        assert int(whole["startTimeUnixNano"]) <= start and end <= int(whole["endTimeUnixNano"])
    assert [span.get("status", {}).get("code") for span in steps] == [None, None, 2]
    assert "0 of 2 completed" in steps[2]["status"]["message"]


def test_what_is_sent_again_is_the_same(collector, measured):
    project, _ = measured
    server = collector()
    assert send(project, server.address + "/").returncode == send(project, server.address).returncode == 0
    first, again = server.bodies[:len(server.bodies) // 2], server.bodies[len(server.bodies) // 2:]
    assert first == again and [path for path, _ in first] == ["/v1/metrics", "/v1/traces"]


def test_runs_of_many_steps_go_in_several_bodies(collector, measured, tmp_path):
    """Each step is there once, with what the run has, whatever body it is in."""
    project, run = measured
    for at in range(12):
        copy = bench.another_run(run.folder, tmp_path / "more" / str(at))
        for path in copy.glob("*_summary.json"):
            step = json.loads(path.read_text())["step_index"]
            path.write_text(path.read_text().replace(f'"step_index": {step}', f'"step_index": {step + 3 * at}'))
    # One folder with the steps of all, and no manifest's list that would leave some out.
    many = tmp_path / "many"
    many.mkdir()
    for copy in sorted((tmp_path / "more").iterdir(), key=lambda path: int(path.name)):
        for path in copy.glob("*_summary.json"):
            path.rename(many / path.name)
    server = collector()
    done = send(project, server.address, str(many))
    assert done.returncode == 0, done.stderr
    metrics, traces = read(server)
    assert len(metrics) > 1 and len(traces) > 1
    ids = [span["spanId"] for span in spans_of(traces)]
    assert len(ids) == len(set(ids)) == 37
    names = [int(plain(point["attributes"])["coebench.step"]) for body in metrics
             for metric in body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
             if metric["name"] == "coebench.number_errors" for point in metric["gauge"]["dataPoints"]]
    assert sorted(names) == list(range(36))


# --- Who asks, and what is answered ----------------------------------------------------------------

def test_the_environment_says_where_and_who(collector, measured):
    project, _ = measured
    server = collector()
    headers = "x-scope=team%20one , Authorization=Bearer%20a-long-token,,"
    done = send(project, "", OTEL_EXPORTER_OTLP_ENDPOINT=server.address, OTEL_EXPORTER_OTLP_HEADERS=headers)
    assert done.returncode == 0, done.stderr
    for _, got in server.asked:
        assert got["x-scope"] == "team one" and got["Authorization"] == "Bearer a-long-token"
        assert got["Content-Type"] == "application/json"
    refusing = collector(answers={"/v1/metrics": (401, {"code": 16, "message": "no: Bearer a-long-token"})})
    done = send(project, refusing.address, OTEL_EXPORTER_OTLP_HEADERS=headers)
    assert done.returncode == 2 and done.stderr.startswith("coebench: out/first: OTLP answered HTTP 401: no: ")
    assert "a-long-token" not in done.stderr and len(refusing.asked) == 1


@pytest.mark.parametrize("headers", ["nothing", "=value-of-it", "a=b%0d%0aX: y-of-it", "ok=1,b"])
def test_headers_that_are_none_are_refused(collector, measured, headers):
    project, _ = measured
    server = collector()
    done = send(project, server.address, OTEL_EXPORTER_OTLP_HEADERS=headers)
    place = 2 if headers.startswith("ok") else 1
    assert done.returncode == 2 and f"entry {place} of OTEL_EXPORTER_OTLP_HEADERS is not taken" in done.stderr
    assert "of-it" not in done.stderr and not server.asked


@pytest.mark.parametrize("url, sentence", [
    ("", "no address is known; write otlp:http://HOST:4318, or set OTEL_EXPORTER_OTLP_ENDPOINT"),
    ("grpc://127.0.0.1:4317", "is no address; write http://HOST:PORT or https://HOST"),
    ("http://me:word@127.0.0.1:1", "holds a user or password, which others see"),
    ("http://127.0.0.1:1", "OTLP at http://127.0.0.1:1: "),
])
def test_addresses_that_cannot_be_are_refused(measured, url, sentence):
    project, _ = measured
    done = send(project, url)
    assert done.returncode == 2 and sentence in done.stderr and "word@" not in done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1


def test_it_asks_again_where_that_may_help_and_else_not(collector, measured):
    project, _ = measured
    busy = (503, {"message": "busy"})
    server = collector(failures=[busy, (429, {}), (502, {}), (504, {})])
    assert send(project, server.address).returncode == 0
    assert len(server.asked) == 6 and len(server.bodies) == 2
    for status in (400, 408, 500):
        refusing = collector(failures=[(status, {"message": "so it is"})])
        done = send(project, refusing.address)
        assert done.returncode == 2 and len(refusing.asked) == 1
        assert done.stderr == f"coebench: out/first: OTLP answered HTTP {status}: so it is\n"


@pytest.mark.parametrize("count", ["3", 3])
def test_what_is_taken_in_part_is_told(collector, measured, count):
    project, _ = measured
    part = {"partialSuccess": {"rejectedDataPoints": count, "errorMessage": "too old"}}
    server = collector(answers={"/v1/metrics": (200, part)})
    done = send(project, server.address)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("coebench: out/first: OTLP: the service refused 3 data points of one body at /v1/metrics: "
                           "too old\n")
    assert len(server.asked) == 1  # what is refused so is not sent again


def test_a_remark_is_no_refusal(collector, measured):
    project, _ = measured
    server = collector(answers={"/v1/traces": (202, {"partialSuccess": {"errorMessage": "slow down"}})})
    done = send(project, server.address)
    assert done.returncode == 0 and "OTLP: the service took all at /v1/traces, and says: slow down\n" in done.stdout


def test_a_service_may_have_one_kind_alone(collector, measured):
    project, _ = measured
    server = collector(answers={"/v1/traces": (404, {})})
    done = send(project, server.address)
    assert done.returncode == 0 and "OTLP: the service has no /v1/traces: no spans were sent\n" in done.stdout
    neither = collector(answers={"/v1/traces": (404, {}), "/v1/metrics": (404, {})})
    done = send(project, neither.address)
    assert (done.returncode, done.stdout) == (2, "") and "OTLP answered HTTP 404" in done.stderr


def test_many_runs_are_sent_and_a_broken_one_stops_none(collector, measured):
    project, run = measured
    bench.another_run(run.folder, project.folder / "out" / "second")
    server = collector()
    done = send(project, server.address, "out/none", "out/first", "out/second")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "out/none: " in done.stderr
    traces = {span["traceId"] for span in spans_of(read(server)[1])}
    assert len(traces) == 2 and done.stdout.count("otlp: ") == 2
