"""One request cannot hold a row: it has a limit of its own, and only events show that it lives."""

import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, content, finish, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


def test_one_hung_request_costs_its_own_limit(endpoint, project):
    def answer(request, connection):
        if request["index"] == 12:
            time.sleep(20)
        time.sleep(0.02)
        return GOOD

    project.setup(["m,10,2,40,4,,,"], CONFIG + "request_timeout: 1.5\n")
    run = project.run(address=endpoint(answer).address)
    (responses,), (summary,) = run.responses, run.summaries
    assert sorted(str(r["error_code"]) for r in responses) == ["None"] * 39 + ["timeout"]
    (hung,) = (r for r in responses if r["error_code"])
    assert hung["error_msg"] == "request_timeout ended it"
    assert summary["step_end"] == "done"
    took = (hung["done_monotonic_ns"] - hung["started_monotonic_ns"]) / 1e9
    assert 1.5 <= took < 15
    assert summary["wall_time_s"] >= took
    # While all four places were in use, the others went on at their pace.
    begins = sorted(r["started_monotonic_ns"] for r in responses)
    ends = sorted(r["done_monotonic_ns"] for r in responses)
    full_s = (ends[-4] - begins[3]) / 1e9
    assert full_s < took
    assert summary["window_output_throughput_token_per_s"] == pytest.approx(
        2 * 39 / full_s, rel=0.15)
    assert (summary["window_output_throughput_token_per_s"]
            > 1.2 * summary["results_client_total_output_throughput"])
    heading, (line,) = run.table()
    assert line[heading.index("window_output_throughput_token_per_s")] == pytest.approx(
        summary["window_output_throughput_token_per_s"])


def test_an_open_loop_has_no_places(endpoint, project):
    project.setup(["m,10,2,4,,50,,"])
    (summary,) = project.run(address=endpoint(lambda request, connection: GOOD).address).summaries
    assert summary["window_output_throughput_token_per_s"] is None


@pytest.mark.parametrize("where, code", [("before", None), ("after", "idle_timeout")])
def test_comments_are_life_before_the_first_event_only(endpoint, project, where, code):
    """A load may take long, and some servers send comments meanwhile."""
    def comments(connection):
        for _ in range(10):
            time.sleep(0.2)
            connection.sendall(b": still there\n\n")

    def answer(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n")
        if where == "before":
            comments(connection)
        connection.sendall(content("a"))
        if where == "after":
            comments(connection)
        connection.sendall(content("b") + finish(prompt_tokens=10, completion_tokens=2))
        connection.shutdown(2)

    project.setup(["m,10,2,1,1,,,"], CONFIG + "connection: {idle_timeout: 1}\n")
    run = project.run(address=endpoint(answer).address, expect=3 if code else 0)
    (only,) = run.responses[0]
    assert only["error_code"] == code, only["error_msg"]
    assert (only["client_ttft_s"] > 1.9) == (where == "before")
