"""Switches on nodes as unruly as the world: loads that vary, requests that are slow for another reason, models
that are unloaded when idle. What is told is held against the node's own record of that very run."""

import json
import statistics

import pytest
from support.bench import CONFIG, HEADER

BUNDLE = """\
node: {hbm_gb: HBM, ddr_to_hbm_gb_per_s: 200, switch_overhead_s: 0.05NODE}
noise: {jitter: 0.02NOISE}
experts:
"""
EXPERT = """\
  - {{name: {0}, weight_gb: 10, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
"""
LOAD_S = 0.05 + 10 / 200


@pytest.fixture
def studied(simulate, project):
    """studied(noise, node, arguments) runs three rows on such a node: switching.json, and of each step the
    load that its first request waited for."""
    def run(noise="", node="", *arguments, hbm=15):
        project.setup([f"{model},200,2,6,1,,," for model in "abc"], CONFIG, HEADER)
        bundle = (BUNDLE.replace("HBM", str(hbm)).replace("NODE", node).replace("NOISE", noise)
                  + "".join(map(EXPERT.format, "abc")))
        simulator = simulate(project.write("bundle.yaml", bundle))
        done = project.run(*arguments, address=simulator.address)
        study = json.loads((done.folder / "switching.json").read_text())
        lines = sorted(map(json.loads, simulator.truth.open()), key=lambda line: line["index"])
        return study, [lines[6 * i]["switch_s"] for i in range(len(study["steps"]))], done
    return run


def test_what_loads_vary_by_is_in_every_interval(studied):
    """The cost is the mean of this run's loads, and the interval holds the mean of all loads there may be."""
    study, loads, run = studied(", load_spread: 0.3", "", "--order", "all-pairs", "--passes", "3",
                              "--seed", "7")
    assert 0.15 < study["variation"]["share"] < 0.6
    assert study["variation"]["degrees_of_freedom"] > 10
    for row in study["rows"]:
        own = [load for step, load in zip(study["steps"], loads)
               if step["row"] == row["row"] and not step["left_out"]]
        assert row["visits_paid"] == len(own) and min(own) > 0
        assert row["cost_s"] == pytest.approx(statistics.mean(own), abs=0.003)
        assert row["cost_high_s"] - row["cost_s"] > 0.05 * row["cost_s"]
        assert row["order_p"] * 3 > 0.01, "loads vary whatever ran before"
    held = [row["cost_low_s"] < LOAD_S < row["cost_high_s"] for row in study["rows"]]
    assert sum(held) >= 2
    assert "costs vary by" in run.process.stdout


def test_one_visit_says_that_more_is_not_known(studied):
    study, loads, run = studied(", load_spread: 0.3", "", "--passes", "1")
    assert study["variation"] is None
    assert all("one_visit" in row["flags"] for row in study["rows"])
    assert "how much the cost varies is not known" in run.process.stdout
    for step, load in zip(study["steps"], loads):
        assert step["estimate_s"] == pytest.approx(load, abs=0.004)


def test_models_that_are_unloaded_when_idle_are_no_memory_of_nothing(studied):
    """All fit, but each has left when its turn comes again: no capacity is claimed that would hold them."""
    study, loads, run = studied("", ", idle_unload_s: 1.5", "--order", "rotate", "--passes", "2",
                                "--set", "time_delay=1.7", hbm=100)
    assert all(load > 0 for load in loads)
    assert all(row["visits_paid"] == row["visits_measured"] for row in study["rows"])
    assert "all 3 rows stay" not in run.process.stdout
