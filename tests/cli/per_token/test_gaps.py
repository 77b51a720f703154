"""Inter-token times per token where the server counts in each chunk, with `ask_usage: each`: every gap
÷ the tokens that came with it, computed again from the responses."""

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
    """Sends chunk after chunk, 20 ms between them, with the count so far in each where that is asked for."""
    def answer(request, connection):
        counts = COUNTS[request["index"] % len(COUNTS)]
        asked = request["body"]["stream_options"].get("continuous_usage_stats", False)
        assert asked == each
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        parts = [chunk(i, so_far, each) for i, so_far in enumerate(itertools.accumulate(counts))]
        for part in [*parts, finish(prompt_tokens=40, completion_tokens=sum(counts))]:
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            time.sleep(0.02)
        connection.sendall(b"0\r\n\r\n")
    return answer


def gaps_per_token(response):
    """A chunk that came in one read with others belongs to their moment."""
    gaps, tokens = response["client_inter_token_latencies_s"], response["client_chunk_output_tokens"]
    together = set(response["client_coalesced_chunks"])
    moments = []
    for i, (gap, count) in enumerate(zip(gaps, tokens)):
        if i in together:
            moments[-1] = [moments[-1][0] + gap, moments[-1][1] + count]
        else:
            moments.append([gap, count])
    return [gap / count for gap, count in moments[1:]]


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
    values = [value for r in responses for value in gaps_per_token(r)]
    assert values
    for percent in arithmetic.QUANTILES:
        assert summary[f"{KEY}quantiles_p{percent}"] == pytest.approx(arithmetic.quantile(values, percent), rel=1e-6)
    assert summary[KEY + "mean"] == pytest.approx(sum(values) / len(values), rel=1e-6)
    assert summary[KEY + "min"] == pytest.approx(min(values), rel=1e-6)
    assert summary[KEY + "max"] == pytest.approx(max(values), rel=1e-6)


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
