"""Gaps between chunks of a client that falls behind: each lies within the bounds it is given, and so
do the quantiles of all, by the moments at which the simulated bundle says that tokens left."""

import itertools
import json
import os

import pytest
from support import arithmetic
from support.bench import completed

BUNDLE = """\
node: {hbm_gb: 1000, ddr_to_hbm_gb_per_s: 1000000, eviction: none}
experts:
  - name: m
    weight_gb: 0.001
    prefill_overhead_s: 0.05
    prefill_tokens_per_s: 1000000000
    decode_tokens_per_s: 250
    tiers: [{tokens: 4096, batch_sizes: [64]}]
"""
STEM = "results_client_gap_s_"
SLACK_S = 0.0005  # from the simulator's look at the clock to the kernel's stamp


@pytest.fixture
def measured(simulate, project, tmp_path):
    """On one core, the client waits for the simulator, and packets for the client."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # the two processes inherit it
    try:
        (tmp_path / "paced.yaml").write_text(BUNDLE)
        simulator = simulate(tmp_path / "paced.yaml")
        project.setup(["m,10,50,128,64,,,"])
        run = project.run(address=simulator.address)
    finally:
        os.sched_setaffinity(0, cores)
    simulator.close()
    written = {one["id"]: one["token_ns"] for one in map(json.loads, simulator.truth.read_text().splitlines())}
    (responses,), (summary,) = run.responses, run.summaries
    assert len(completed(responses)) == 128
    return responses, summary, [written[r["response_id"]] for r in responses], run


def gaps_of(moments):
    return [(after - before) / 1e9 for before, after in itertools.pairwise(moments)]


def bounds_of(response):
    """Of each gap, what it lies between; without an entry of its own it is known."""
    wide = {entry: (low, high) for entry, low, high in response["client_gap_bounds_s"]}
    return [wide.get(i, (gap, gap)) for i, gap in enumerate(response["client_inter_token_latencies_s"])][1:]


def test_what_is_told_of_gaps_holds(measured):
    responses, summary, written, run = measured
    for response, moments in zip(responses, written):
        for true, (low, high) in zip(gaps_of(moments), bounds_of(response), strict=True):
            assert low - SLACK_S <= true <= high + SLACK_S
        mean = (moments[-1] - moments[0]) / 1e9 / (len(moments) - 1)
        assert response[arithmetic.GAP + "_low"] - SLACK_S <= mean <= response[arithmetic.GAP + "_high"] + SLACK_S
    true = [gap for moments in written for gap in gaps_of(moments)]
    told = [bounds for response in responses for bounds in bounds_of(response)]
    assert any(low < high for low, high in told), "the client did not fall behind"
    for percent in arithmetic.QUANTILES:
        low, high = (summary[f"{STEM}quantiles_p{percent}_{end}"] for end in ("low", "high"))
        assert low - SLACK_S <= arithmetic.quantile(true, percent) <= high + SLACK_S
        # The bounds are those of the least and the most gaps, up to the width of a bucket.
        least, most = (arithmetic.quantile([bounds[end] for bounds in told], percent) for end in (0, 1))
        assert least / 1.005 - 1e-6 <= low <= least + 1e-6 and most - 1e-6 <= high <= most * 1.005 + 1e-6
        point = summary[f"{STEM}quantiles_p{percent}"]
        assert (point is not None) == (high <= 1.05 * low)
        assert point is None or point == pytest.approx((low + high) / 2)
    heading, (line,) = run.table()
    row = dict(zip(heading, line))
    for percent in (50, 95, 99):
        for end in ("", "_low", "_high"):
            assert row.get(f"client_gap_s_p{percent}{end}") == pytest.approx(
                summary[f"{STEM}quantiles_p{percent}{end}"])

