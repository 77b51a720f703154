"""A failed request is a record, a failed row stays in the workbook, and nothing is sent twice."""

import json
import resource
import shutil
import socket
import struct
import time

import pytest
from support.bench import CONFIG, KEY
from support.endpoint import OK, content, event, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection):
    connection.shutdown(socket.SHUT_RDWR)


def reset_in_the_middle(connection):
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    part = content("a")
    connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    time.sleep(0.1)
    reset(connection)


CASES = {
    "an error status": (lambda c: plain(429, b'{"error":{"message":"slow down"}}'), 429, "slow down"),
    "a status with text": (lambda c: plain(503, b"<html>maintenance"), 503, "maintenance"),
    "an error inside the stream": (
        lambda c: stream(content("a"), event(error={"message": "lost the node"})),
        "stream_error", "lost the node"),
    "nothing said": (lambda c: stream(event(choices=[{"delta": {"content": ""}}]), finish()),
                     "empty_answer", ""),
    "no end": (lambda c: stream(content("a")), "truncated", ""),
    "a body cut short": (
        lambda c: (c.sendall(OK + b"Content-Length: 500\r\n\r\n" + content("a")), hang_up(c))[0],
        "truncated", ""),
    "no JSON": (lambda c: stream(b"data: {oops\n\n", finish()), "bad_stream", "{oops"),
    "no stream": (lambda c: plain(200, b'{"answer":"a"}'), "bad_stream", '{"answer":"a"}'),
    "a trailer that is no header": (
        lambda c: OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\n: a\n\r\n0\r\nno header\r\n\r\n", "bad_stream", ""),
    "a reset before any byte": (lambda c: reset(c), "connection_reset", ""),
    "a reset in the middle": (lambda c: reset_in_the_middle(c), "connection_reset", ""),
    "a close before any byte": (lambda c: hang_up(c), "connection_reset", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failure_is_a_record_with_code_and_reason(endpoint, project, name):
    fail, code, reason = CASES[name]

    def answer(request, connection):
        return fail(connection) if request["index"] == 1 else GOOD

    server = endpoint(answer)
    project.setup(["m,10,2,4,1,,,"])
    run = project.run(address=server.address)
    (responses,) = run.responses
    assert [r["error_code"] for r in responses] == [None, code, None, None]
    assert reason in responses[1]["error_msg"] and responses[1]["error_msg"]
    assert "switching_time" not in responses[1]
    assert len(server.requests) == 4, "each request reached the server exactly once"
    quoted = code if isinstance(code, int) else f"'{code}'"
    assert run.summaries[0]["results_error_code_frequency"] == f"{{{quoted}: 1}}"
    assert run.summaries[0]["results_num_completed_requests"] == 3


def test_a_partial_answer_keeps_what_was_measured(endpoint, project):
    project.setup(["m,10,2,2,1,,,"])
    run = project.run(address=endpoint(lambda r, c: stream(content("a"))).address, expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "truncated" and r["client_ttft_s"] > 0


def test_a_row_that_failed_wholly_stays_in_the_workbook(simulate, demo_bundle, project):
    project.setup(["No-Such-Model,10,2,3,1,,,", "Meta-Llama-3.1-8B-Instruct,10,2,3,1,,,"])
    run = project.run(address=simulate(demo_bundle).address, expect=3)
    heading, lines = run.table()
    first, second = (dict(zip(heading, line)) for line in lines)
    assert first["model"] == "No-Such-Model" and first["number_errors"] == 3
    assert first["error_code_frequency"] == "{404: 3}" and first["num_completed_requests"] == 0
    assert second["num_completed_requests"] == 3


def test_a_wrong_key_fails_each_request_and_is_found_nowhere(simulate, demo_bundle, project):
    project.setup(["Meta-Llama-3.1-8B-Instruct,10,2,3,1,,,"])
    run = project.run(address=simulate(demo_bundle).address, expect=3, key="wrong-secret-zyxw")
    assert run.summaries[0]["results_error_code_frequency"] == "{401: 3}"
    said = run.process.stdout + run.process.stderr
    for path in project.folder.rglob("*"):
        if path.is_file():
            assert b"zyxw" not in path.read_bytes(), path
    assert "zyxw" not in said


def test_nobody_listening_is_told(project):
    project.setup(["m,10,2,2,1,,,"])
    with socket.socket() as holder:  # nothing listens, and nobody else can
        holder.bind(("127.0.0.1", 0))
        run = project.run(address="http://127.0.0.1:%d/v1" % holder.getsockname()[1], expect=3)
    assert [r["error_code"] for r in run.responses[0]] == ["connection_refused"] * 2


def test_a_host_that_nobody_knows_is_told(project):
    """No name server is asked for a name with an empty part."""
    project.setup(["m,10,2,2,1,,,"])
    run = project.run(address="http://a..b/v1", expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "dns_error"
        assert "check the address's host name, and this machine's DNS (getent hosts NAME)" in r["error_msg"]


def test_timeout_ends_a_row_and_counts_what_was_in_flight(endpoint, project):
    def answer(request, connection):
        if request["index"] < 2:
            return GOOD
        time.sleep(8)

    project.setup(["m,10,2,9,2,,,", "m,10,2,1,1,,,"], CONFIG.replace("timeout : 60", "timeout : 1"))
    started = time.monotonic()
    run = project.run(address=endpoint(answer).address, expect=3)
    assert time.monotonic() - started < 8
    # The server counts by arrival, so which two of the first wave it answered is its choice.
    codes = [r["error_code"] for r in run.responses[0]]
    assert codes.count(None) == 2 and codes.count("timeout") == 2 and len(codes) == 4
    assert run.summaries[0]["step_end"] == "timed out"
    assert run.summaries[0]["results_num_requests_started"] == 4


def test_an_idle_answer_ends_by_idle_timeout(endpoint, project):
    def answer(request, connection):
        connection.sendall(OK + b"Content-Length: 999\r\n\r\n" + content("a"))
        time.sleep(5)

    project.setup(["m,10,2,1,1,,,"])
    run = project.run("--set", "connection.idle_timeout=1.5", address=endpoint(answer).address,
                      expect=3)
    (only,) = run.responses[0]
    assert only["error_code"] == "idle_timeout" and only["client_ttft_s"] > 0


def test_a_dead_reused_connection_is_reset_not_sent_again(endpoint, project):
    """libcurl would silently send again on a new connection; the first send must be what counts."""
    def answer(request, connection):
        if request["index"] == 0:
            return GOOD
        reset(connection)

    server = endpoint(answer)
    project.setup(["m,10,2,3,1,,,"])
    run = project.run(address=server.address)
    assert [r["error_code"] for r in run.responses[0]] == [None] + ["connection_reset"] * 2
    assert len(server.requests) == 3


def test_server_names_and_their_aliases(endpoint, project):
    aliases = {"prompt_tokens_count": 11, "prompt_tokens": 99, "completion_tokens": 2,
               "total_tokens": 13, "time_to_first_response": 0.25, "model_execution_time": 0.5,
               "throughput_after_first_token": 44.0, "batch_size_used": 4,
               "acceptance_rate": 9.5, "prompt_tokens_details": {"cached_tokens": 6}}
    server = endpoint(lambda r, c: stream(content("a"), event(choices=[], usage=None),
                                          finish(**aliases)))
    project.setup(["m,10,2,2,1,,,"])
    (only, _), = project.run(address=server.address).responses
    assert only["server_number_input_tokens"] == 11 and only["server_number_total_tokens"] == 13
    assert only["server_ttft_s"] == 0.25 and only["server_end_to_end_latency_s"] == 0.5
    assert only["server_output_token_per_s_per_request"] == 44.0
    assert only["server_total_tokens_per_s_per_request"] == 26.0
    assert only["batch_size_used"] == 4 and only["acceptance_rate"] == 9.5
    assert only["cached_tokens"] == 6


def test_reasoning_counts_as_the_first_token_and_an_empty_role_chunk_does_not(endpoint, project):
    def answer(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n")
        for pause, part in ((0, event(choices=[{"delta": {"role": "assistant", "content": ""}}])),
                            (0.2, event(choices=[{"delta": {"reasoning": "hm"}}])),
                            (0.2, content("a")), (0, finish(completion_tokens=2))):
            time.sleep(pause)
            connection.sendall(part)
        hang_up(connection)

    project.setup(["m,10,2,1,1,,,"])
    (only,), = project.run(address=endpoint(answer).address).responses
    assert 0.19 < only["client_ttft_s"] < only["client_ttft_content_s"] - 0.15
    assert len(only["client_inter_token_latencies_s"]) == 2


def test_events_of_one_read_share_its_arrival_and_are_marked(endpoint, project):
    server = endpoint(lambda r, c: stream(*[content(f"w{i}") for i in range(5)],
                                          finish(completion_tokens=5)))
    project.setup(["m,10,5,1,1,,,"])
    (only,), = project.run(address=server.address).responses
    assert only["client_inter_token_latencies_s"][1:] == [0, 0, 0, 0]
    assert only["client_coalesced_chunks"] == [1, 2, 3, 4]
    assert only["client_output_token_per_s_per_request"] == pytest.approx(
        5 / only["client_end_to_end_latency_s"])


def test_the_key_goes_in_the_header_and_nowhere_else(endpoint, project):
    server = endpoint(lambda r, c: GOOD)
    project.setup(["m,10,2,1,1,,,"])
    project.run(address=server.address)
    (request,) = server.requests
    assert request["headers"]["authorization"] == f"Bearer {KEY}"
    assert request["headers"]["accept-encoding"] == "identity"
    assert "expect" not in request["headers"]
    assert KEY not in json.dumps(request["body"])


def test_results_that_cannot_be_written_end_the_run(endpoint, project):
    project.setup(["m,10,2,1,1,,,"])
    project.write("out", "a file where the folder should be")
    done = project.call("run", "config.yaml", address=endpoint(lambda r, c: GOOD).address)
    assert done.returncode == 2
    assert "'out' is not a folder" in done.stderr and "folder" in done.stderr


@pytest.mark.parametrize("parallel", [False, True])
def test_a_full_disk_ends_the_run_and_the_journal_keeps_whole_lines(endpoint, project, parallel):
    def fill_up():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))

    project.setup(["m,10,2,5000,4,,,", "n,10,2,5000,4,,,"],
                  CONFIG.replace("concurrency_enabled : False", f"concurrency_enabled : {parallel}"))
    server = endpoint(lambda request, connection: GOOD)
    done = project.call("run", "config.yaml", address=server.address, before=fill_up)
    assert done.returncode == 2, done.stderr
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("coebench: ")]
    assert "journal.jsonl: cannot be written: File too large" in told
    (folder,) = project.run_folders()
    assert told.endswith(f"; what was measured so far is in out/{folder.name}/journal.jsonl; "
                         f"'coebench run --resume out/{folder.name}' resumes it")
    journal = (folder / "journal.jsonl").read_text()
    assert 50000 < len(journal) <= 60000
    assert journal.endswith("\n")
    kept = [json.loads(line) for line in journal.splitlines()]
    assert len([line for line in kept if "request" in line]) > 20
    assert len(server.requests) < 2500, "it went on sending what could not be kept"
    assert sorted(p.name for p in folder.iterdir()) == ["journal.jsonl", "manifest.json"]


def test_a_workbook_whose_temporary_files_do_not_fit_is_told(endpoint, project):
    """The library that writes it would leave one that cannot be read. The page fits."""
    project.setup(["m,10,2,400,8,,,"])
    server = endpoint(lambda request, connection: GOOD)
    run = project.run(address=server.address)
    page = run.workbook.with_suffix(".html").stat().st_size

    def leave_little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (page + 20_000, page + 20_000))

    done = project.call("report", str(run.folder), "--output", "made", before=leave_little_room)
    assert done.returncode == 2, done.stderr
    assert (f"coebench: made/consolidated_results_{run.folder.name}.xlsx: cannot be written: no room in /tmp: "
            "File too large") in done.stderr
    assert not list((project.folder / "made").iterdir())


def test_a_workbook_that_cannot_be_written_is_told_by_its_own_name(endpoint, project):
    """The library would name a temporary file besides."""
    def take_folder_away(request, connection):
        shutil.rmtree(project.folder / "books", ignore_errors=True)
        return GOOD

    project.setup(["m,10,2,1,1,,,"])
    done = project.call("run", "config.yaml", address=endpoint(take_folder_away).address)
    assert done.returncode == 2, done.stderr
    (folder,) = project.run_folders()
    assert (f"coebench: books/consolidated_results_{folder.name}.xlsx: cannot be written: "
            "No such file or directory; what was measured so far is in ") in done.stderr
    assert ".part-" not in done.stderr and "[ERROR]" not in done.stderr
