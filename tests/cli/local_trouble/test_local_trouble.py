"""What this machine lacks is told as its own trouble: never as the endpoint's, and never as a
measurement."""

import errno
import pathlib
import socket
import subprocess
import threading

import pytest
from support.bench import CONFIG
from support.endpoint import content, finish, stream

SOURCE = pathlib.Path(__file__).with_name("fail_calls.c")
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
QUIET = ("--set", "connection.preconnect=false")


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    made = tmp_path_factory.mktemp("fail") / "fail_calls.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, SOURCE, "-ldl"], check=True)
    return made


@pytest.fixture
def fail(library, monkeypatch):
    def begin(call, error, each=1):
        for name, value in {"LD_PRELOAD": library, "FAIL_CALL": call, "FAIL_ERRNO": error, "FAIL_EACH": each}.items():
            monkeypatch.setenv(name, str(value))
    return begin


TROUBLE = [
    ("connect", errno.EADDRNOTAVAIL, "local_ports", "widen net.ipv4.ip_local_port_range"),
    ("socket", errno.EMFILE, "local_files", "raise 'ulimit -n'"),
    ("socket", errno.ENFILE, "local_files", "raise 'ulimit -n'"),
    ("connect", errno.ENETUNREACH, "local_network", "check its routes"),
    ("connect", errno.EHOSTUNREACH, "local_network", "check its routes"),
    ("socket", errno.ENOBUFS, "local_buffers", "ask for fewer connections"),
    ("socket", errno.ENOMEM, "local_buffers", "ask for fewer connections"),
    ("connect", errno.ENOBUFS, "local_buffers", "ask for fewer connections"),
]


@pytest.mark.parametrize("call, error, code, remedy", TROUBLE)
def test_what_this_machine_lacks_is_named_with_its_remedy(endpoint, project, fail, call, error, code, remedy):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(["m,40,2,3,1,,,"])
    fail(call, error)
    run = project.run(*QUIET, "--set", "retry.attempts=3", address=server.address, expect=3)
    assert not server.requests
    for r in run.responses[0]:
        assert (r["error_code"], r["attempt"]) == (code, 1), "not sent again unasked"
        assert remedy in r["error_msg"], r["error_msg"]
    summary = run.summaries[0]
    assert summary["results_error_code_frequency"] == f"{{'{code}': 3}}"
    assert summary["measurement_verdict"] == "invalid: client-limited"
    assert summary["wall_time_s"] > 0


@pytest.mark.parametrize("call", ["socket", "connect"])
def test_one_such_request_makes_a_row_invalid(endpoint, project, fail, call):
    """Each request has a connection of its own, and every fourth connection fails; the first asks what the
    server is."""
    server = endpoint(lambda request, connection: GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    project.setup(["m,40,2,8,1,,,"])
    fail(call, errno.EADDRNOTAVAIL if call == "connect" else errno.EMFILE, 4)
    run = project.run(*QUIET, address=server.address, expect=4)
    assert [r["error_code"] is None for r in run.responses[0]] == [True, True, False, True] * 2
    assert run.summaries[0]["measurement_verdict"] == "invalid: client-limited"
    assert run.summaries[0]["results_num_local_failures"] == 2
    assert "2 requests failed for want of this machine" in run.process.stdout


def test_it_is_sent_again_where_that_is_asked_for(endpoint, project, fail):
    server = endpoint(lambda request, connection: GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    project.setup(["m,40,2,8,1,,,"], CONFIG + "retry : {attempts: 3, max_wait: 0.01, on: [local_ports]}\n")
    fail("connect", errno.EADDRNOTAVAIL, 4)
    run = project.run(*QUIET, address=server.address, expect=4)
    assert run.summaries[0]["results_num_completed_requests"] == 8 == len(server.requests)
    assert run.summaries[0]["results_num_local_failures"] == run.summaries[0]["results_num_retries"] == 2
    assert run.summaries[0]["measurement_verdict"] == "invalid: client-limited", "attempts count too"


def test_a_refused_connection_is_still_the_endpoints(project):
    project.setup(["m,40,2,2,1,,,"])
    with socket.socket() as holder:  # nothing listens, and nobody else can
        holder.bind(("127.0.0.1", 0))
        run = project.run(*QUIET, address="http://127.0.0.1:%d/v1" % holder.getsockname()[1], expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "connection_refused"
    assert run.summaries[0]["results_num_local_failures"] == 0


def test_a_proxy_that_refuses_the_tunnel_is_no_reset(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=refuse, daemon=True).start()
    project.setup(["m,40,2,2,1,,,"], CONFIG + f"connection : {{proxy: 'http://127.0.0.1:{listener.getsockname()[1]}'}}\n")
    run = project.run(address=server.address, expect=3)
    listener.close()
    for r in run.responses[0]:
        assert r["error_code"] == "connection_refused", r["error_msg"]
        assert "403" in r["error_msg"] and "the proxy did not connect to the endpoint" in r["error_msg"]
    assert not server.requests
