"""HTTP/2, where it is asked for: requests share connections, and every record says so."""

import pytest
from h2.errors import ErrorCodes
from support.bench import CONFIG, completed
from support.certificate import make_certificate
from support.endpoint import content, finish, stream
from support.http2 import Http2Endpoint


@pytest.fixture
def http2(tmp_path, project):
    """http2(answer) starts an endpoint whose certificate the project's config trusts."""
    started = []
    certificate, key = make_certificate(tmp_path)

    def start(answer, rows, http="2"):
        project.setup(rows, CONFIG + f"connection: {{http: {http}, ca_file: {certificate}}}\n")
        started.append(Http2Endpoint(answer, certificate, key))
        return started[-1]

    yield start
    for one in started:
        one.close()


def answer(request):
    return [(0.02, content("a")), (0.02, content("b")), (0.02, finish(completion_tokens=2))]


@pytest.mark.parametrize("row, connections", [("m,10,2,60,8,,,", 1), ("m,10,2,140,70,,,", 2),
                                              ("m,10,2,20,,100,,", 1)])
def test_up_to_64_requests_share_a_connection(http2, project, row, connections):
    server = http2(answer, [row])
    run = project.run(address=server.address)
    (responses,) = run.responses
    asked = int(row.split(",")[3])
    assert len(completed(responses)) == asked == len(server.requests)
    assert {r["http_version"] for r in responses} == {"2"}
    assert server.connections == 1 + connections, "one to ask what the server is"
    assert run.summaries[0]["connections_opened_ahead"] == connections
    assert run.summaries[0]["client_connections_opened"] == 0
    assert all(len(r["client_inter_token_latencies_s"]) == 2 for r in responses)
    # What is read within 100 us of its first byte bears that one's moment, a control frame's too.
    assert min(r["client_ttft_s"] for r in responses) > 0.0199


@pytest.mark.parametrize("code", [ErrorCodes.REFUSED_STREAM, ErrorCodes.INTERNAL_ERROR], ids=lambda code: code.name)
def test_a_stream_that_is_refused_is_not_sent_again_unasked(http2, project, code):
    """libcurl sends a refused one again by itself."""
    server = http2(lambda request: code if request["index"] == 1 else answer(request), ["m,10,2,4,1,,,"])
    run = project.run(address=server.address)
    assert [r["error_code"] for r in run.responses[0]] == [None, "connection_reset", None, None], run.responses[0]
    assert len(server.requests) == 4, "each request reached the server exactly once"


def test_without_the_setting_it_is_1_1(endpoint, project):
    project.setup(["m,10,2,4,2,,,"])
    run = project.run(address=endpoint(
        lambda request, connection: stream(content("a"), finish(completion_tokens=1))).address)
    assert {r["http_version"] for r in run.responses[0]} == {"1.1"}


def test_it_needs_tls(project):
    project.setup(["m,10,2,4,2,,,"], CONFIG + "connection: {http: 2}\n")
    done = project.call("run", "config.yaml", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert "config.yaml:10: connection.http: HTTP/2 needs TLS" in done.stderr
