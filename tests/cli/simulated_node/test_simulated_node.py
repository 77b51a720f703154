"""The simulated node as a client meets it: what its bundle file asks for happens, the ground truth
tells it, and the same seed tells the same again."""

import json
import time
import urllib.request

import pytest

NODE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 2000, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     template_tokens: 8, tokenizer: subwords,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""

NOISE = """\
noise: {jitter: 0.2, stall_probability: 0.2, stall_s: 0.03, network_delay_s: 0.025, warmup_s: 0.05,
        prefix_cache: true}
"""

PROMPT = "the wonderful bundle of models " * 10  # 5 words in 6 pieces


def ask(simulator, prompt=PROMPT, tokens=20):
    """One whole answer: its usage, and how long it took."""
    body = {"model": "a", "max_tokens": tokens, "messages": [{"role": "user", "content": prompt}]}
    request = urllib.request.Request(simulator.address + "/chat/completions",
                                     json.dumps(body).encode(),
                                     {"Authorization": "Bearer demo-key"})
    begin = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        said = json.load(answer)
    return said, time.monotonic() - begin


def truths(simulator):
    return [json.loads(line) for line in simulator.truth.open()]


def test_noise_follows_from_the_seed_and_stands_in_usage_and_truth(simulate, project):
    bundle = project.write("bundle.yaml", NOISE + NODE)
    one, other = simulate(bundle), simulate(bundle)
    for simulator in (one, other):
        for _ in range(3):
            said, took_s = ask(simulator)
            assert took_s >= said["usage"]["total_latency"] + 2 * 0.025
    assert len(truths(one)) == 3
    for truth, again in zip(truths(one), truths(other)):
        for key in ("id", "prefill_s", "stall_s", "time_to_first_token_s", "total_latency_s"):
            assert truth[key] == again[key]
    first, second, third = truths(one)
    assert len({t["prefill_s"] for t in (first, second, third)}) == 3
    assert first["switch_s"] == pytest.approx(0.005 + 20 / 2000) and not first["hit"]
    assert [t["warmup_s"] for t in (first, second, third)] == [0.05, 0, 0]
    for truth in (first, second, third):
        parts = sum(truth[part] for part in ("switch_s", "warmup_s", "prefill_s", "stall_s"))
        assert truth["time_to_first_token_s"] == pytest.approx(parts)


def test_known_prompts_are_cached_and_usage_says_so(simulate, project):
    simulator = simulate(project.write("bundle.yaml", "noise: {prefix_cache: true}\n" + NODE))
    prompts = (PROMPT, PROMPT, PROMPT + "and more", "other " + PROMPT)
    for prompt, cached in zip(prompts, (0, 64, 64, 0)):  # 8 of the template and 6 × 10: 4 blocks
        usage = ask(simulator, prompt)[0]["usage"]
        assert usage["prompt_tokens"] == 8 + 60 + len(prompt[len(PROMPT):].split())
        assert usage["prompt_tokens_details"]["cached_tokens"] == cached
    for truth, computed in zip(truths(simulator), (68, 4, 6, 69)):
        assert truth["prompt_tokens"] - truth["cached_tokens"] == computed
        assert truth["prefill_s"] == pytest.approx(computed / 20000)


def test_the_truth_tells_the_moment_each_token_left(simulate, project):
    bundle = project.write("bundle.yaml", "noise: {network_delay_s: 0.01}\n" + NODE)
    project.setup(["a,100,30,6,3,,,"])
    simulator = simulate(bundle)
    run = project.run(address=simulator.address)
    told = truths(simulator)
    assert sorted(t["index"] for t in told) == list(range(6))
    members = {}
    for truth in told:
        members.setdefault(truth["batch"], []).append(truth)
        assert truth["configuration"] == f"a-4k-BS{truth['batch_size']}"
        moments = truth["token_ns"]
        assert len(moments) == truth["completion_tokens"] == 30
        assert moments == sorted(moments)
        assert (moments[0], moments[-1]) == (truth["first_token_ns"], truth["last_token_ns"])
        assert truth["batch_started_ns"] == (truth["arrived_ns"] + 10_000_000
                                             + round(truth["queue_s"] * 1e9))
        ready = truth["batch_started_ns"] + truth["time_to_first_token_s"] * 1e9
        for k, moment in enumerate(moments):  # never before it is due, whatever the load here
            assert moment >= ready + k * 1e6 + 10_000_000 - 2
    for batch in members.values():
        assert all(truth["members"] == len(batch) for truth in batch)
    server = sorted(r["server_ttft_s"] for r in run.responses[0])
    assert server == sorted(t["time_to_first_token_s"] for t in told)
    first_sent = min(t["first_token_ns"] - t["arrived_ns"] for t in told) / 1e9
    assert min(r["client_ttft_s"] for r in run.responses[0]) >= first_sent
