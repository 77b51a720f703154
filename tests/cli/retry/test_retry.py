"""No request is sent again unasked; where it is asked for, every attempt is on record."""

import email.utils
import json
import time

import pytest
from support.bench import CONFIG, completed
from support.endpoint import content, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
RETRY = CONFIG + "retry : {attempts: 3, max_wait: 1}\n"


def busy(*headers):
    body = b'{"error":{"message":"slow down"}}'
    return (b"HTTP/1.1 429 Too Many\r\nContent-Length: %d\r\n" % len(body)
            + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body)


def prompt_of(request):
    return request["body"]["messages"][0]["content"]


class Failing:
    """Answers each prompt badly as often as `times(number)` says, then well."""

    def __init__(self, times, bad=lambda: busy()):
        self.times, self.bad, self.seen = times, bad, {}
        self.moments = []

    def __call__(self, request, connection):
        prompt = prompt_of(request)
        number, count = self.seen.setdefault(prompt, [len(self.seen), 0])
        self.seen[prompt][1] += 1
        self.moments.append((number, time.monotonic()))
        return self.bad() if count < self.times(number) else GOOD

    def waits(self, number):
        at = [moment for n, moment in self.moments if n == number]
        return [b - a for a, b in zip(at, at[1:])]


def test_nothing_is_sent_again_unasked(endpoint, project):
    server = endpoint(Failing(lambda number: 1))
    project.setup(["m,40,2,4,1,,,"])
    run = project.run(address=server.address, expect=3)
    assert len(server.requests) == 4
    assert [r["attempt"] for r in run.responses[0]] == [1] * 4
    assert run.summaries[0]["results_num_retries"] == 0
    assert [r["retry_wait_s"] for r in run.responses[0]] == [None] * 4


@pytest.mark.parametrize("row", ["m,40,2,6,2,,,", "m,40,2,6,,50,,"])
def test_each_attempt_is_a_record_and_figures_go_by_the_last(endpoint, project, row):
    server = endpoint(Failing(lambda number: {4: 2}.get(number, 0), lambda: busy(b"Retry-After: 0")))
    project.setup([row], RETRY)
    run = project.run(address=server.address)
    (responses,), (summary,) = run.responses, run.summaries
    assert len(server.requests) == len(responses) == 8
    assert len(completed(responses)) == 6
    again = [r for r in responses if r["request_index"] == [q["request_index"] for q in responses
                                                            if q["attempt"] == 3][0]]
    assert [(r["attempt"], r["error_code"]) for r in again] == [(1, 429), (2, 429), (3, None)]
    assert [r["retry_wait_s"] for r in again] == [0, 0, None]
    assert summary["results_num_requests_started"] == summary["results_num_completed_requests"] == 6
    assert summary["results_number_errors"] == 0
    assert summary["results_num_retries"] == 2
    assert summary["switching_verdict"] == "none" or summary["switching_time_documented_s"]
    prompts = [prompt_of(r) for r in server.requests]
    assert len(set(prompts)) == 6, "the same request, not another"
    heading, (line,) = run.table()
    assert line[heading.index("num_retries")] == 2
    assert "2 requests were sent again" in run.process.stdout


def test_a_request_that_fails_for_good_counts_once(endpoint, project):
    server = endpoint(Failing(lambda number: 9 if number == 3 else 0, lambda: busy(b"Retry-After: 0")))
    project.setup(["m,40,2,5,1,,,"], RETRY)
    run = project.run(address=server.address)
    (summary,) = run.summaries
    assert len(run.responses[0]) == 8
    assert summary["results_number_errors"] == 1
    assert summary["results_error_code_frequency"] == "{429: 1}"
    assert summary["results_num_requests_started"] == 5
    assert summary["results_num_retries"] == 3


def test_a_retried_first_request_makes_the_switch_not_measurable(endpoint, project):
    server = endpoint(Failing(lambda number: 1 if number == 0 else 0, lambda: busy(b"Retry-After: 0")))
    project.setup(["m,40,2,8,1,,,"], RETRY)
    run = project.run(address=server.address)
    (summary,) = run.summaries
    assert summary["switching_verdict"] == "first request was retried"
    assert summary["switching_time_documented_s"] is None
    study = json.loads((run.folder / "switching.json").read_text())
    assert "first request was retried" in json.dumps(study)
    assert "first request was retried" in run.process.stdout


@pytest.mark.parametrize("header, least, most", [
    (lambda: b"Retry-After: 0.6", 0.6, 1.2),
    (lambda: b"retry-after-ms: 400", 0.4, 1.0),
    (lambda: b"Date: %s\r\nRetry-After: %s" % tuple(
        email.utils.formatdate(1e9 + s, usegmt=True).encode() for s in (0, 1)), 1.0, 1.6),
    (lambda: b"X: y", 0.25, 0.95),  # nothing said: half a second, spread by half
], ids=["seconds", "milliseconds", "date", "unsaid"])
def test_the_server_says_how_long_to_wait(endpoint, project, header, least, most):
    failing = Failing(lambda number: 1 if number == 1 else 0, lambda: busy(header()))
    server = endpoint(failing)
    project.setup(["m,40,2,4,1,,,"], RETRY)
    run = project.run(address=server.address)
    (wait,) = failing.waits(1)
    assert least - 0.01 < wait < most + 1.5
    failed = [r for r in run.responses[0] if r["error_code"]]
    assert [r["retry_after_s"] for r in failed] == [None if header() == b"X: y" else pytest.approx(least)]
    assert failed[0]["retry_wait_s"] == pytest.approx(wait, abs=1.5)


def test_who_asks_for_too_long_is_not_asked_again(endpoint, project):
    server = endpoint(Failing(lambda number: 1 if number == 1 else 0, lambda: busy(b"Retry-After: 2")))
    project.setup(["m,40,2,4,1,,,"], RETRY)
    run = project.run(address=server.address)
    assert len(server.requests) == 4
    (failed,) = [r for r in run.responses[0] if r["error_code"]]
    assert (failed["retry_after_s"], failed["retry_wait_s"]) == (2, None)


def test_a_place_stays_taken_while_its_request_waits(endpoint, project):
    """So that the concurrency is what the row asks for."""
    failing = Failing(lambda number: 1 if number == 0 else 0, lambda: busy(b"Retry-After: 0.5"))
    server = endpoint(lambda r, c: time.sleep(0.02) or failing(r, c))
    project.setup(["m,40,2,40,1,,,"], RETRY)
    run = project.run(address=server.address)
    sent = sorted(r["sent_monotonic_ns"] for r in run.responses[0])
    assert sent[1] - sent[0] > 0.5e9, "nothing left meanwhile"


def test_only_what_is_named_is_sent_again(endpoint, project):
    server = endpoint(Failing(lambda number: 1, lambda: plain(500, b"{}")))
    project.setup(["m,40,2,3,1,,,"], CONFIG + "retry : {attempts: 1, on: [429, connection_reset]}\n")
    project.run(address=server.address, expect=3)
    assert len(server.requests) == 3


def test_a_code_that_is_none_is_told(project):
    project.setup(["m,40,2,3,1,,,"], CONFIG + "retry :\n  attempts: 1\n  on: [429, conection_reset, 99]\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2
    assert "retry.on: 'conection_reset' is not an error code; did you mean 'connection_reset'?" in done.stderr
    assert "retry.on: '99' is not an error code; write an HTTP status or a word" in done.stderr


def test_a_row_that_ends_while_requests_wait_ends_at_once(endpoint, project):
    server = endpoint(Failing(lambda number: 9, lambda: busy(b"Retry-After: 30")))
    project.setup(["m,40,2,4,2,,,"], RETRY.replace("timeout : 60", "timeout : 2").replace("max_wait: 1", "max_wait: 30"))
    began = time.monotonic()
    run = project.run(address=server.address, expect=3)
    assert time.monotonic() - began < 25
    assert run.summaries[0]["step_end"] == "timed out"
    assert run.summaries[0]["results_number_errors"] == len(server.requests) == 2


# --- An endpoint that fails everything ------------------------------------------------------------


@pytest.mark.parametrize("row, most, sent", [
    ("m,40,2,500,1,,,", 10, 10),
    ("m,40,2,500,8,,,", 10, 16),  # at least 2 x concurrency
    ("m,40,2,500,1,,,", 3, 3),
    ("m,40,2,30,1,,,", 0, 30),    # never
    ("m,40,2,5,1,,,", 10, 5),     # over before
])
def test_a_row_in_which_everything_fails_ends_early(endpoint, project, row, most, sent):
    server = endpoint(lambda request, connection: plain(503, b'{"error":{"message":"loading"}}'))
    project.setup([row, "n,40,2,2,1,,,"])
    run = project.run("--set", f"max_consecutive_errors={most}", address=server.address, expect=3)
    first, second = run.summaries
    assert sent <= first["results_num_requests_started"] <= sent + 8
    asked = int(row.split(",")[3])
    early = first["results_num_requests_started"] < asked
    assert early == (sent < asked)
    assert first["step_end"] == ("stopped early" if early else "done")
    assert second["results_num_requests_started"] == 2, "the batch goes on"
    if early:
        assert "stopped early, since all failed" in run.process.stderr + run.process.stdout
        assert "HTTP 503: loading" in run.process.stderr


def test_one_success_and_the_row_goes_on(endpoint, project):
    server = endpoint(lambda r, c: GOOD if r["index"] == 4 else plain(500, b"no"))
    project.setup(["m,40,2,40,1,,,"])
    run = project.run(address=server.address)
    assert run.summaries[0]["results_num_requests_started"] == 40


def test_attempts_that_are_repeated_do_not_count(endpoint, project):
    server = endpoint(Failing(lambda number: 3, lambda: busy(b"Retry-After: 0")))
    project.setup(["m,40,2,6,1,,,"], RETRY)
    run = project.run("--set", "max_consecutive_errors=2", address=server.address)
    assert run.summaries[0]["results_num_completed_requests"] == 6


def test_connections_that_fail_are_not_tried_again_at_once(project):
    project.setup(["m,40,2,40,4,,,"])
    began = time.monotonic()
    run = project.run("--set", "max_consecutive_errors=24", address="http://127.0.0.1:1/v1", expect=3)
    took = time.monotonic() - began
    (responses,) = run.responses
    assert {r["error_code"] for r in responses} == {"connection_refused"}
    assert all("check the address's host and port" in r["error_msg"] for r in responses)
    sent = sorted({round(r["started_monotonic_ns"] / 5e7) for r in responses})
    assert 24 <= len(responses) < 24 + 4 and len(sent) >= 5, "in waves, each later than the one before"
    assert took > 0.1 + 0.2 + 0.4 + 0.8 + 1.6
