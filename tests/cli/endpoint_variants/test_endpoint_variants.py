"""Endpoints that want the same request in another dress: another name for a parameter, another header
for the key, a query in the address, another status or coding for a good stream."""

import json

import pytest
from support.bench import CONFIG, KEY, NO_VERDICT
from support.endpoint import content, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
BODY = GOOD.split(b"\r\n\r\n", 1)[1]


def prepare(project, settings=""):
    project.setup(["m,40,2,3,1,,,"], CONFIG + settings)


# --- Parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("settings, there, gone", [
    ("", {"max_tokens": 2, "stream_options": {"include_usage": True}}, ["max_completion_tokens"]),
    ("output_tokens_as: max_completion_tokens\n", {"max_completion_tokens": 2}, ["max_tokens"]),
    ("ask_usage: true\n", {"stream_options": {"include_usage": True}}, []),
    ("ask_usage: On\n", {"stream_options": {"include_usage": True}}, []),
    ("ask_usage: false\n", {"stream": True}, ["stream_options"]),
    ("ask_usage: no\n", {"stream": True}, ["stream_options"]),
    ("ask_usage: each\n", {"stream_options": {"include_usage": True, "continuous_usage_stats": True}}, []),
])
def test_what_is_asked(endpoint, project, settings, there, gone):
    server = endpoint(lambda request, connection: GOOD)
    prepare(project, settings)
    run = project.run(address=server.address)
    for request in server.requests:
        assert {name: request["body"].get(name) for name in there} == there
        assert not set(gone) & set(request["body"])
    if settings:
        key = settings.split(":")[0]
        assert str(run.manifest["settings"][key]).lower() in (
            settings.split(":")[1].strip().lower(), {"On": "true", "no": "false"}.get(settings.split(":")[1].strip()))


def test_a_probe_asks_likewise(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    prepare(project, "output_tokens_as: max_completion_tokens\nask_usage: false\nprobe: {steady: 2}\n")
    project.run(address=server.address)
    assert len(server.requests) > 3
    for request in server.requests:
        assert "max_completion_tokens" in request["body"] and "stream_options" not in request["body"]


def test_counts_that_are_not_asked_for_are_counted_by_events(endpoint, project):
    server = endpoint(lambda request, connection: stream(content("a"), content("b"), b"data: [DONE]\n\n"))
    prepare(project, "ask_usage: false\n")
    run = project.run(address=server.address)
    for r in run.responses[0]:
        assert r["error_code"] is None and r["number_output_tokens"] == 2
        assert r["number_output_tokens_source"] == "events"


@pytest.mark.parametrize("settings, told", [
    ("output_tokens_as: tokens\n", "one of max_tokens, max_completion_tokens"),
    ("ask_usage: maybe\n", "one of true, false, each"),
    ("output_tokens_as: max_completion_tokens\nsampling_params: {max_completion_tokens: 3}\n",
     "sampling_params: 'max_completion_tokens' is set by the program"),
])
def test_what_cannot_be_asked_is_told(project, settings, told):
    prepare(project, settings)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2 and told in done.stderr


def error(message, **more):
    return json.dumps({"error": {"message": message, **more}}).encode()


REFUSALS = {
    "another name for tokens": (400, error("Unsupported parameter: 'max_tokens' is not supported with this model. "
                                           "Use 'max_completion_tokens' instead."), "",
                                "asks with 'max_tokens': output_tokens_as: max_completion_tokens"),
    "the older name": (400, error("Unknown field max_completion_tokens"), "output_tokens_as: max_completion_tokens\n",
                       "asks with 'max_completion_tokens': output_tokens_as: max_tokens"),
    "no stream_options": (422, b'{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}',
                          "", "asks with 'stream_options': ask_usage: false leaves it out"),
    "no usage in each chunk": (400, error("stream_options.continuous_usage_stats: unknown"), "ask_usage: each\n",
                               "ask_usage: true leaves it out"),
    "no ignore_eos": (400, error("Unrecognized request argument supplied: ignore_eos"), "ignore_eos: true\n",
                      "asks with 'ignore_eos': ignore_eos: false leaves it out"),
    "a sampling parameter": (422, error("min_p: extra fields not permitted"), "sampling_params: {min_p: 0.1}\n",
                             "asks with 'min_p': it is of sampling_params"),
    "named in a member": (400, error("bad request", param="ignore_eos"), "ignore_eos: true\n", "ignore_eos: false"),
    "a name that is part of another": (400, error("max_tokens_per_day reached"), "", None),
    "one that was not sent": (400, error("unknown field ignore_eos"), "ignore_eos: false\n", None),
    "another status": (429, error("too many max_tokens"), "", None),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_parameter_names_its_setting(endpoint, project, name):
    status, body, settings, hint = REFUSALS[name]
    server = endpoint(lambda request, connection: plain(status, body))
    prepare(project, settings)
    run = project.run(address=server.address, expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == status
        assert ("the request asks with" in r["error_msg"]) == (hint is not None), r["error_msg"]
        assert (hint or "") in r["error_msg"], r["error_msg"]


# --- The key's header -----------------------------------------------------------------------------


@pytest.mark.parametrize("name, sent", [("api-key", {"api-key": KEY}), ("X-Api-Key", {"x-api-key": KEY}),
                                        ("Authorization", {"authorization": KEY})])
def test_the_bare_key_in_a_header_of_its_own(endpoint, project, name, sent):
    server = endpoint(lambda request, connection: GOOD)
    prepare(project, f"connection: {{key_header: {name}}}\n")
    run = project.run(address=server.address)
    for request in server.requests:
        headers = {k: v for k, v in request["headers"].items() if KEY in v}
        assert headers == sent
    assert run.manifest["settings"]["connection"]["key_header"] == name


@pytest.mark.parametrize("connection, told", [
    ("key_header: 'bad name'", "'bad name' is not the name of a header"),
    ("key_header: Content-Type", "'Content-Type' is set by the program"),
    ("key_header: X-A, headers: {x-a: tenant}", "'X-A' appears in connection.headers too"),
])
def test_a_header_that_cannot_bear_the_key_is_told(project, connection, told):
    prepare(project, f"connection: {{{connection}}}\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2 and f"connection.key_header: {told}" in done.stderr


# --- A query in the address -----------------------------------------------------------------------

VERSION = "2024-10-21-preview"


class Recorder:
    """Keeps the lines of all requests of an endpoint, GET or POST."""

    def __init__(self, endpoint, answer):
        self.lines = []
        self.server = endpoint(answer)
        read = self.server.read_request

        def keep(connection, data):
            request = read(connection, data)
            if request:
                self.lines.append(request[0])
            return request

        self.server.read_request = keep


def nowhere(project, *outputs):
    for output in outputs:
        assert VERSION not in output and VERSION[:8] not in output
    for path in project.folder.rglob("*"):
        if path.is_file() and path.suffix != ".xlsx":
            assert VERSION[:8].encode() not in path.read_bytes(), path


@pytest.mark.parametrize("path, chat", [("/v1/chat/completions", "/v1/chat/completions"),
                                        ("/v1", "/v1/chat/completions"), ("/v1/", "/v1/chat/completions")])
def test_a_query_goes_with_every_request_and_is_shown_nowhere(endpoint, project, path, chat):
    recorder = Recorder(endpoint, lambda request, connection: stream(
        content(f"api {VERSION} "), content("b"), finish(prompt_tokens=40, completion_tokens=2)))
    root = recorder.server.address[:-len("/v1")]
    address = f"{root}{path}?api-version={VERSION}&code=abcd1234"
    prepare(project, "save_llm_responses: true\n")
    run = project.run(address=address)
    plan = project.call("plan", "config.yaml", address=address)
    calibrate = project.call("calibrate", "config.yaml", address=address)
    assert {line.split(" ")[1].split("?")[1] for line in recorder.lines} == {f"api-version={VERSION}&code=abcd1234"}
    assert f"POST {chat}?api-version={VERSION}&code=abcd1234 HTTP/1.1" in recorder.lines
    assert any(line.startswith("GET /v1/models?") for line in recorder.lines)
    shown = f"{root}{path.rstrip('/')}?api-version=*&code=*"
    assert f"endpoint: {shown}, from" in plan.stdout
    assert f"endpoint: {shown}, from" in run.process.stderr
    assert run.manifest["endpoint"]["address"] == shown
    nowhere(project, plan.stdout + plan.stderr, run.process.stdout + run.process.stderr,
            calibrate.stdout + calibrate.stderr)


@pytest.mark.parametrize("answer", [plain(404, f"no such version: {VERSION}".encode()),
                                    plain(400, json.dumps({"error": {"message": f"{VERSION} is bad"}}).encode()),
                                    b"HTTP/1.1 308 Go\r\nLocation: http://127.0.0.1:1/v1?api-version="
                                    + VERSION.encode() + b"\r\nContent-Length: 0\r\n\r\n"])
def test_a_server_that_repeats_the_query(endpoint, project, answer):
    server = endpoint(lambda request, connection: answer)
    prepare(project)
    address = f"{server.address}/chat/completions?api-version={VERSION}"
    run = project.run(address=address, expect=3)
    report = project.call("report", str(run.folder), address=address)
    nowhere(project, run.process.stdout + run.process.stderr, report.stdout + report.stderr)


def test_another_version_is_another_run(endpoint, project):
    """A resumed run goes by the address as it is shown: values are not kept, so they cannot be held against it."""
    server = endpoint(lambda request, connection: GOOD)
    prepare(project)
    run = project.run(address=f"{server.address}?api-version={VERSION}")
    done = project.call("run", "--resume", str(run.folder), *NO_VERDICT, address=f"{server.address}?other={VERSION}")
    assert done.returncode == 2 and "the endpoint's address" in done.stderr and VERSION not in done.stderr


# --- Statuses, media types and codings -------------------------------------------------------------


def response(status=200, headers=b"Content-Type: text/event-stream\r\n"):
    return b"HTTP/1.1 %d Said\r\n%sContent-Length: %d\r\n\r\n" % (status, headers, len(BODY)) + BODY


FINE = {
    "created": response(201),
    "not its own": response(203),
    "an octet stream": response(headers=b"Content-Type: application/octet-stream\r\n"),
    "plain text": response(headers=b"Content-Type: text/plain; charset=utf-8\r\n"),
    "JSON, it says": response(headers=b"Content-Type: application/json\r\n"),
    "no media type": response(headers=b""),
    **{f"coding {coding}": response(headers=b"Content-Encoding: %s\r\n" % coding.encode())
       for coding in ("identity", "none", "utf-8", "UTF-8", "", "binary")},
}


@pytest.mark.parametrize("name", FINE)
def test_a_good_stream_in_another_dress(endpoint, project, name):
    server = endpoint(lambda request, connection: FINE[name])
    prepare(project)
    run = project.run(address=server.address)
    for r in run.responses[0]:
        assert r["error_code"] is None, r["error_msg"]
        assert r["http_status"] == int(FINE[name][9:12])
        assert r["number_output_tokens"] == 2 and r["client_ttft_s"] > 0 and not r["non_streaming"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "identity, gzip"])
def test_a_registered_coding_is_refused(endpoint, project, coding):
    server = endpoint(lambda request, connection: response(headers=b"Content-Encoding: %s\r\n" % coding.encode()))
    prepare(project)
    run = project.run(address=server.address, expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "bad_stream" and f"(Content-Encoding: {coding})" in r["error_msg"]


@pytest.mark.parametrize("status", [202, 204, 206, 299])
def test_other_statuses_are_no_success(endpoint, project, status):
    server = endpoint(lambda request, connection: response(status) if status != 204 else
                      b"HTTP/1.1 204 No\r\n\r\n")
    prepare(project)
    run = project.run(address=server.address, expect=3)
    assert {r["error_code"] for r in run.responses[0]} == {status}


# --- Where it was asked for ------------------------------------------------------------------------


@pytest.mark.parametrize("path, hinted", [("/v1", False), ("", True), ("/api", True), ("/v1/chat/completions", False)])
def test_a_404_names_the_url(endpoint, project, path, hinted):
    server = endpoint(lambda request, connection: plain(404, b'{"detail":"Not Found"}'))
    prepare(project)
    root = server.address[:-len("/v1")]
    run = project.run(address=root + path, expect=3)
    asked = root + path + ("" if "chat" in path else "/chat/completions")
    for r in run.responses[0]:
        assert f"HTTP 404: Not Found; the request asked for {asked}" in r["error_msg"]
        assert ("its address has no /v1" in r["error_msg"]) == hinted
