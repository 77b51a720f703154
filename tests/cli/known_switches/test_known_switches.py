"""At concurrency 1, with server TTFTs taken from the device model, the node's known switches appear,
and only those. The node is small enough to follow by hand: two of the three experts fit."""

import json

import pytest

BUNDLE = """\
node:
  hbm_gb: 50
  ddr_to_hbm_gb_per_s: 200
  switch_overhead_s: 0.005
  eviction: lru
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 24, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: c, weight_gb: 10, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""

LOAD = {"a": 0.005 + 20 / 200, "b": 0.005 + 24 / 200, "c": 0.005 + 10 / 200}

# What each visit costs by hand: 50 GB hold a+b (44) or c with one of them (30, 34), least recently
# used leaves first.
VISITS = [("a", True), ("b", True), ("a", False), ("b", False),
          ("c", True),   # a leaves: b is the more recent
          ("b", False), ("a", True),   # c leaves
          ("a", False), ("b", False)]


def test_each_switch_of_the_node_is_found_with_its_cost(simulate, project):
    bundle = project.write("bundle.yaml", BUNDLE)
    project.setup([f"{model},200,4,4,1,,," for model, _ in VISITS])
    simulator = simulate(bundle)
    run = project.run(address=simulator.address)
    for (model, switches), summary in zip(VISITS, run.summaries):
        assert summary["switching_source"] == "server"
        if switches:
            assert summary["switching_time_documented_s"] == pytest.approx(LOAD[model], abs=1e-9), model
        else:
            assert summary["switching_time_documented_s"] is None, model
            assert summary["switching_verdict"] == "none"
    hits = [json.loads(line)["hit"] for line in simulator.truth.open()]
    assert hits[::4] == [not switches for _, switches in VISITS]
