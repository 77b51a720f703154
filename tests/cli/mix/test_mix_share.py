"""Members that share their places: which one sends next is drawn here again, by the generator's published form, and
the node's own log tells what came and how much of it at once."""

import json

import pytest
from support.bench import CONFIG, HEADER

SHARE = HEADER + ",mix,share"
MASK = (1 << 64) - 1
NODE = """\
node: {hbm_gb: 60, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.002}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 10, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{{tokens: 4096, batch_sizes: [1, 4]}}]}}
""" for name in "abc")


def splitmix(state):
    state = state + 0x9E3779B97F4A7C15 & MASK
    z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return state, z ^ z >> 31


def draw_unit(*key):
    """The first draw of xoshiro256**, its state filled by splitmix64 from the key, in [0, 1)."""
    mixed, state = 0, []
    for number in key:
        _, mixed = splitmix(mixed ^ number)
    for _ in range(2):
        mixed, word = splitmix(mixed)
        state.append(word)
    times5 = state[1] * 5 & MASK
    return ((times5 << 7 | times5 >> 57) * 9 & MASK) / 2**11 // 1 / 2**53


def drawn(models, shares, count, seed, step=0):
    sequence = []
    for k in range(count):
        left = draw_unit(0x6D656D626572, seed, step, k) * sum(shares)
        for model, share in zip(models, shares):
            if left < share:
                break
            left -= share
        sequence.append(model)
    return sequence


def measure(simulate, project, rows, *arguments, config=CONFIG, header=SHARE, expect=0):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(rows, config, header=header)
    run = project.run(*arguments, address=simulator.address, expect=expect)
    simulator.close()
    return run, [json.loads(line) for line in simulator.truth.open()]


def most_at_once(truth):
    edges = sorted([(one["arrived_ns"], 1) for one in truth] + [(one["last_token_ns"], -1) for one in truth])
    level = most = 0
    for _, step in edges:
        level += step
        most = max(most, level)
    return most


@pytest.mark.parametrize("threads", [1, 3])
def test_places_go_to_members_by_share(simulate, project, threads):
    rows = ["a,40,20,90,4,,,,day,6", "b,40,20,,,,,,day,3", "c,40,20,,,,,,day,1"]
    run, truth = measure(simulate, project, rows, "--seed", "7", "--set", f"threads={threads}")
    sequence = drawn("abc", (6, 3, 1), 90, 7)
    assert [summary["num_requests"] for summary in run.summaries] == [sequence.count(model) for model in "abc"]
    assert {model: sum(one["model"] == model for one in truth) for model in "abc"} == \
        {model: sequence.count(model) for model in "abc"}
    assert most_at_once(truth) == 4
    assert [summary["share"] for summary in run.summaries] == pytest.approx([0.6, 0.3, 0.1])
    assert [summary["mix_requests"] for summary in run.summaries] == [90] * 3
    assert all(summary["num_concurrent_requests"] == 4 for summary in run.summaries)
    assert len({r["response_id"] for responses in run.responses for r in responses}) == 90


def test_with_one_place_members_come_exactly_as_drawn(simulate, project):
    rows = ["a,40,5,60,1,,,,day,2", "b,40,5,,,,,,day,1"]
    run, truth = measure(simulate, project, rows, "--seed", "11", config=CONFIG + "passes : 2\n")
    came = [one["model"] for one in sorted(truth, key=lambda one: one["arrived_ns"])]
    assert came[:60] == drawn("ab", (2, 1), 60, 11) and came[60:] == drawn("ab", (2, 1), 60, 11, step=2)
    heading, lines = run.table()
    assert [line[heading.index("share")] for line in lines] == pytest.approx([2 / 3, 1 / 3] * 2)


def test_all_members_end_when_the_time_is_up(simulate, project):
    rows = ["a,40,20,,3,,,,day,99,2", "b,40,20,,,,,,day,1,"]
    run, truth = measure(simulate, project, rows, "--seed", "3", header=SHARE + ",duration_s")
    starts = [one["arrived_ns"] for one in truth]
    assert 1e9 < max(starts) - min(starts) < 3e9
    came = [one["model"] for one in sorted(truth, key=lambda one: one["arrived_ns"])]
    sequence = drawn("ab", (99, 1), len(came) + 3, 3)
    # the three places that were free as time ran out had their members already
    assert 0 <= sequence.count("a") - came.count("a") <= 3 and 0 <= sequence.count("b") - came.count("b") <= 3
    assert [summary["step_end"] for summary in run.summaries] == ["done"] * 2


def test_what_a_member_leaves_is_the_others(simulate, project):
    """No model of that name: the member ends by max_consecutive_errors, and its places are not lost."""
    rows = ["a,40,20,120,3,,,,day,1", "nobody,40,20,,,,,,day,1"]
    run, truth = measure(simulate, project, rows, "--seed", "5", expect=3)
    sequence = drawn(("a", "nobody"), (1, 1), 120, 5)
    assert run.summaries[0]["results_num_completed_requests"] == sequence.count("a")
    assert run.summaries[1]["step_end"] == "stopped early" and run.summaries[1]["results_num_completed_requests"] == 0
    assert len(run.responses[1]) < sequence.count("nobody")


def test_plan_counts_what_is_drawn_in_sum(project):
    project.setup(["a,40,20,90,4,,,,day,2", "b,40,20,,,,,,day,1"], header=SHARE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    assert "mix day 66.7 %" in done.stdout and "mix day 33.3 %" in done.stdout and " 90 requests," in done.stdout
