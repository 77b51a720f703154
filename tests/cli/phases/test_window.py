"""TTFT and inter-token time while all places were in use, computed again from the requests."""

import statistics
import time

import pytest
from support.arithmetic import GAP, bounded, quantile
from support.bench import CONFIG, HEADER
from support.endpoint import OK, content, finish

TOKENS = 4


def slowly(request, connection):
    """A token each 10 ms; one response hangs alone at the end."""
    connection.sendall(OK + b"Connection: close\r\n\r\n")
    for _ in range(TOKENS):
        time.sleep(0.3 if request["index"] == 17 else 0.01)
        connection.sendall(content("x"))
    connection.sendall(finish(prompt_tokens=10, completion_tokens=TOKENS))
    connection.close()


def window_of(responses, places):
    """From the first moment at which all places are in use to the last."""
    turns = sorted([(r["started_monotonic_ns"], -1) for r in responses] + [(r["done_monotonic_ns"], 1) for r in responses])
    used, full = 0, []
    for at, by in turns:
        if used >= places:
            full.append(at)
        used -= by
        if used >= places:
            full.append(at)
    return full[0], full[-1]


def expect(summary, metric, values):
    for percent in (5, 25, 50, 75, 90, 95, 99):
        assert summary[f"window_{metric}_p{percent}"] == pytest.approx(quantile(values, percent))
    assert summary[f"window_{metric}_mean"] == pytest.approx(statistics.mean(values))
    assert (summary[f"window_{metric}_min"], summary[f"window_{metric}_max"]) == (min(values), max(values))
    assert summary[f"window_{metric}_stddev"] == pytest.approx(statistics.stdev(values))


def expect_gaps(summary, responses):
    """Gaps of responses that were read late are known within bounds."""
    statistics_of = {f"p{percent}": lambda values, percent=percent: quantile(values, percent)
                     for percent in (5, 25, 50, 75, 90, 95, 99)}
    for name, statistic in {**statistics_of, "mean": statistics.mean, "min": min, "max": max}.items():
        assert summary[f"window_{GAP}_{name}"] == pytest.approx(bounded(responses, statistic)[2])


@pytest.mark.parametrize("more", ["", ",,3,3"])
def test_a_hung_end_is_in_no_figure_of_the_window(endpoint, project, more):
    project.setup(["m,10,4,18,3,,," + more], CONFIG,
                  header=HEADER + (",duration_s,warmup_requests,cooldown_requests" if more else ""))
    run = project.run(address=endpoint(slowly).address)
    (responses,), (summary,) = run.responses, run.summaries
    begin, end = window_of(responses, 3)
    inside = [r for r in responses if begin <= r["sent_monotonic_ns"] + r["client_ttft_s"] * 1e9 <= end]
    assert len(inside) >= 10
    expect(summary, "client_ttft_s", [r["client_ttft_s"] for r in inside])
    full = [r for r in inside if r["done_monotonic_ns"] <= end]
    expect_gaps(summary, full)
    if not more:  # the last one hangs while no other runs
        assert bounded(full, max)[0] < 0.25 < bounded(responses, max)[1]
    heading, (line,) = run.table()
    told = dict(zip(heading, line))
    assert told["window_client_ttft_s_p50"] == pytest.approx(summary["window_client_ttft_s_p50"])
    assert told.get(f"window_{GAP}_mean") == pytest.approx(summary[f"window_{GAP}_mean"])


def test_an_open_loop_has_no_window(endpoint, project):
    project.setup(["m,10,4,6,,50,,"])
    run = project.run(address=endpoint(slowly).address)
    assert not [key for key in run.summaries[0] if key.startswith("window_client")]
    assert not [column for column in run.table()[0] if column and column.startswith("window_")]
