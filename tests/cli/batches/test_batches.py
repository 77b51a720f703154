"""What ran together is a batch, and a row's switch is that of the batch size it mostly runs at: real runs
held against the simulated node's own record."""

import ast
import collections
import concurrent.futures
import json

import pytest
from support.bench import Project, completed

# Three configurations fit. Rows of one length share size 1, and each loads its own larger size.
BUNDLE = """\
node: {hbm_gb: 340, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005, eviction: lru}
noise: {jitter: 0.02}
experts:
"""
EXPERT = """\
  - {name: %s, weight_gb: 100, prefill_overhead_s: 0.02, prefill_tokens_per_s: 400000, decode_tokens_per_s: 1000,
     tiers: [{tokens: 4096, batch_sizes: SIZES}, {tokens: 8192, batch_sizes: SIZES},
             {tokens: 16384, batch_sizes: SIZES}, {tokens: 32768, batch_sizes: SIZES}]}
"""
SIZES = "[1, 2, 4, 8, 16]"

# The shape of the kit's own switching studies.
SHAPE = [*(("big", tokens, c) for tokens in (3900, 8000) for c in (1, 3, 5, 9, 16)),
         *(("big", 16000, c) for c in (1, 3, 5)),
         ("middle", 8000, 1), ("middle", 32000, 1), ("small", 8000, 1), ("small", 16000, 1)]
WAVES = 5


def study(run):
    return json.loads((run.folder / "switching.json").read_text())


def truth_of_steps(simulator, run):
    """The node's lines of each step."""
    lines = sorted((json.loads(line) for line in simulator.truth.open()), key=lambda line: line["index"])
    steps = []
    for summary in run.summaries:
        count = summary["results_num_requests_started"]
        steps.append(lines[:count])
        lines = lines[count:]
    assert not lines
    return steps


def power_of_two(requests):
    return 1 << (requests - 1).bit_length()


KIT = []


@pytest.fixture
def kit(simulate, project):
    """The shape's rows once with as many requests as are in flight, and again with five times that. One run
    for all tests."""
    if KIT:
        return KIT
    bundle = BUNDLE + "".join(EXPERT % name for name in ("big", "middle", "small"))
    simulator = simulate(project.write("bundle.yaml", bundle.replace("SIZES", SIZES)), "--seed", "20")
    project.setup([f"{model},{tokens},20,{c * waves},{c},,," for waves in (1, WAVES) for model, tokens, c in SHAPE])
    run = project.run("--seed", "20", address=simulator.address)
    KIT.extend((run, truth_of_steps(simulator, run)))
    return KIT


def test_each_row_of_the_kits_shape_is_judged_by_what_it_loads(kit):
    run, truth = kit
    steps, found = study(run)["steps"], 0
    for step, own, (_, _, c) in list(zip(steps, truth, 2 * SHAPE))[len(SHAPE):]:
        ran = collections.Counter(line["batch_size"] for line in own)
        size, requests = ran.most_common(1)[0]
        assert 2 * requests > len(own), "so that the row has a representative size"
        first = min((line for line in own if line["batch_size"] == size), key=lambda line: line["batch_started_ns"])
        assert first["switch_s"] > 0, "every row must load what it mostly runs at"
        assert step["batch_size"] == size
        assert step["verdict"] == "detected", f"{c} in flight: {step['verdict']}"
        assert step["estimate_s"] == pytest.approx(first["switch_s"], rel=0.05)
        found += 1
    assert found == 17
    for step, responses, (_, _, c) in zip(steps, run.responses, SHAPE):
        assert len(responses) == c
        if max(r["sent_monotonic_ns"] for r in responses) < min(r["done_monotonic_ns"] for r in responses):
            assert step["verdict"] == "not measurable", "as many requests as are in flight tell nothing"


def test_what_is_told_of_batches_is_what_the_node_did(kit):
    run, truth = kit
    names, table = run.table()
    for summary, step, line, own in zip(run.summaries, study(run)["steps"], table, truth):
        column = dict(zip(names, line))
        told = ast.literal_eval(summary["request_batching_frequencies"])
        assert told == collections.Counter(entry["batch_size"] for entry in own)
        assert max(told) <= power_of_two(summary["num_concurrent_requests"])
        assert column["request_batching_frequencies"] == summary["request_batching_frequencies"]
        by_size = ast.literal_eval(step["switch_by_batch_size"] or "{}")
        assert (column["switch_by_batch_size"] or None) == step["switch_by_batch_size"]
        if step["verdict"] != "detected":
            continue
        assert by_size[step["batch_size"]] == pytest.approx(step["estimate_s"], abs=6e-5)
        assert set(by_size) <= set(told)
        for inside in step["inside"]:
            took = inside["estimate_s"] if inside["detected"] else None
            assert by_size[inside["batch_size"]] == (None if took is None else pytest.approx(took, abs=6e-5))


def test_the_range_at_the_largest_batch_is_the_kits_later_rule(kit):
    run, truth = kit
    names, table = run.table()
    at = names.index("switching_time_largest_batch_s")
    for summary, responses, line, own in zip(run.summaries, run.responses, table, truth):
        size = {entry["id"]: entry["batch_size"] for entry in own}
        largest = [r["server_ttft_s"] for r in completed(responses)
                   if size[r["response_id"]] == max(size.values())]
        assert summary["switching_time_largest_batch_s"] == pytest.approx(max(largest) - min(largest), abs=1e-12)
        assert line[at] == pytest.approx(summary["switching_time_largest_batch_s"], abs=1e-12)


def test_an_open_loop_row_of_equal_ttfts_is_judged(simulate, tmp_path, demo_bundle):
    """The demo's node is exact, so TTFTs are equal whether requests ran together or not."""
    seeds = range(1, 5)
    simulators = {seed: simulate(demo_bundle, "--seed", str(seed)) for seed in seeds}

    def judged(seed):
        project = Project(tmp_path / f"work-{seed}")
        project.setup(["Meta-Llama-3.1-8B-Instruct,1000,16,8,1,,,", "gpt-oss-120b,2000,128,20,,5,exponential,"])
        address = simulators[seed].address
        assert project.call("calibrate", "config.yaml", address=address).returncode == 0
        run = project.run("--seed", str(seed), address=address)
        return run, study(run)["steps"]

    with concurrent.futures.ThreadPoolExecutor() as together:
        done = list(together.map(judged, seeds))
    for run, steps in done:
        assert run.summaries[0]["request_batching_frequencies"] == "{1: 8}", "one at a time is no batch"
        assert steps[1]["verdict"] == "detected"
        assert steps[1]["estimate_s"] == pytest.approx(0.075, abs=5e-5)
        assert steps[1]["none_above_s"] is None
