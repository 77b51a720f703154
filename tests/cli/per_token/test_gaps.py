"""Inter-token times per token where the server counts in each chunk, with `ask_usage: each`: every gap
÷ the tokens that came with it, computed again from the responses. Of a gap whose chunk was read late, or by a
timer of libcurl's, the response tells bounds, and figures lie between those of the bounds."""

import itertools
import time

import pytest
from support import arithmetic
from support.bench import CONFIG
from support.endpoint import event, finish

COUNTS = [[1, 3, 2, 4], [2, 2, 5], [1, 1, 1, 8, 1]]  # of the requests in turn: tokens of their chunks
KEY = "results_client_gap_per_token_s_"


def chunk(number, so_far, each):
    usage = {"usage": {"prompt_tokens": 40, "completion_tokens": so_far}} if each else {}
    return event(choices=[{"index": 0, "delta": {"content": f"text {number}"}}], **usage)


def respond(each):
    """Sends chunk after chunk, with the count so far in each where that is asked for, 23 ms between them: no
    multiple of that is 200 ms, when a timer of libcurl's may read them."""
    def answer(request, connection):
        counts = COUNTS[request["index"] % len(COUNTS)]
        asked = request["body"]["stream_options"].get("continuous_usage_stats", False)
        assert asked == each
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        parts = [chunk(i, so_far, each) for i, so_far in enumerate(itertools.accumulate(counts))]
        for part in [*parts, finish(prompt_tokens=40, completion_tokens=sum(counts))]:
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            time.sleep(0.023)
        connection.sendall(b"0\r\n\r\n")
    return answer


def gaps_per_token(response, end):
    """The least of them (`end` 1), or the most (2). A chunk that came in one read with others belongs to
    their moment."""
    gaps, tokens = list(response["client_inter_token_latencies_s"]), response["client_chunk_output_tokens"]
    for bounds in response["client_gap_bounds_s"]:
        gaps[bounds[0]] = bounds[end]
    together = set(response["client_coalesced_chunks"])
    moments = []
    for i, (gap, count) in enumerate(zip(gaps, tokens)):
        if i in together:
            moments[-1] = [moments[-1][0] + gap, moments[-1][1] + count]
        else:
            moments.append([gap, count])
    return [gap / count for gap, count in moments[1:]]


def lies_between(figure, low, high):
    """It is not given where its bounds are more than 5 % apart."""
    assert low * (1 - 1e-6) <= figure <= high * (1 + 1e-6) if figure is not None else high > 1.05 * low


def test_gaps_by_the_tokens_of_each_chunk(endpoint, project):
    server = endpoint(respond(True))
    project.setup(["m,40,16,6,1,,,"], CONFIG + "ask_usage: each\n")
    run = project.run(address=server.address)
    [responses], [summary] = run.responses, run.summaries
    for r in responses:
        assert r["error_code"] is None
        assert r["client_chunk_output_tokens"] in COUNTS
        assert sum(r["client_chunk_output_tokens"]) == r["number_output_tokens"]
        assert len(r["client_chunk_output_tokens"]) == len(r["client_inter_token_latencies_s"])
        assert r["client_request_output_token_per_s"] == pytest.approx(
            r["number_output_tokens"] / r["client_end_to_end_latency_s"], rel=1e-9)
    low, high = ([value for r in responses for value in gaps_per_token(r, end)] for end in (1, 2))
    assert low
    for percent in arithmetic.QUANTILES:
        lies_between(summary[f"{KEY}quantiles_p{percent}"], *(arithmetic.quantile(v, percent) for v in (low, high)))
    lies_between(summary[KEY + "mean"], sum(low) / len(low), sum(high) / len(high))
    lies_between(summary[KEY + "min"], min(low), min(high))
    lies_between(summary[KEY + "max"], max(low), max(high))


def test_they_are_columns_of_a_report(endpoint, project):
    server = endpoint(respond(True))
    project.setup(["m,40,16,3,1,,,"], CONFIG + "ask_usage: each\n")
    run = project.run(address=server.address)
    heading, [line] = run.table()
    row = dict(zip(heading, line))
    [summary] = run.summaries
    for column, key in (("p50", "quantiles_p50"), ("p99", "quantiles_p99"), ("mean", "mean"), ("max", "max")):
        assert row[f"client_gap_per_token_s_{column}"] == pytest.approx(summary[KEY + key], rel=1e-9)
    for column, key in (("p50", "quantiles_p50"), ("min", "min"), ("mean", "mean"), ("max", "max")):
        assert row[f"client_request_output_token_per_s_{column}"] == pytest.approx(
            summary[f"results_client_request_output_token_per_s_{key}"], rel=1e-9)


def test_there_are_none_without_counts(endpoint, project):
    server = endpoint(respond(False))
    project.setup(["m,40,16,3,1,,,"], CONFIG)
    run = project.run(address=server.address)
    assert all(r["client_chunk_output_tokens"] is None for r in run.responses[0])
    assert not [key for key in run.summaries[0] if "gap_per_token" in key]
