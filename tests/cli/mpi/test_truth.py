"""What ranks sent and measured together, held against what the simulated bundle says that it got and did.

The bundle and rank 0 have one monotonic clock. A request was sent before the bundle had read it, and a token
left before it arrived, however busy the machine is: so each record's moments are bounded on both sides by the
bundle's, within the uncertainty that the record tells, and what an arrival may be off."""

import json

import pytest
from support.bench import CONFIG, NO_VERDICT, Run, completed
from support.mpi import RANKED, Ranked, ahead, end

BUNDLE = """\
node: {hbm_gb: 1000, ddr_to_hbm_gb_per_s: 1000000, eviction: none}
experts:
  - name: m
    weight_gb: 0.001
    prefill_overhead_s: 0.02
    prefill_tokens_per_s: 1000000
    decode_tokens_per_s: 1000
    tiers: [{tokens: 4096, batch_sizes: [64]}]
"""
ROWS = ["m,40,6,36,6,,,", "m,30,5,10,3,,,", "m,20,4,30,,60,exponential,"]
REQUESTS = [36, 10, 30]
PLACES = [6, 3, None]
# Beside the clocks' uncertainty, which is told: how far before its arrival a moment may lie, however long a process
# waits for its turn. The client takes what it reads within 100 µs of its look at the socket for one arrival
# (ARRIVAL_TOGETHER_NS), and trusts the kernel's stamp as long as the wall clock has moved by no more than 100 µs
# against the monotonic one since they were compared (stamp_holds).
SLACK_NS = 200_000


@pytest.fixture
def shared(project):
    ranked = Ranked(project)
    yield ranked.start
    ranked.close()


@pytest.fixture
def run_shared(simulate, project, shared, tmp_path):
    """run_shared(name, parts) runs ROWS against a bundle of its own: the run, and the truth by response id."""
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    project.setup(ROWS, CONFIG + "save_llm_responses: True\nseed: 7\nprompt: {count: content}\n")

    def start(name, parts):
        simulator = simulate(tmp_path / "bundle.yaml")
        words = ("run", "config.yaml", *NO_VERDICT, "--name", name)
        ranks = parts if isinstance(parts, int) else [(1, *part, RANKED, *words) for part in parts]
        end(shared(ranks, simulator.address, *words))
        simulator.close()
        truth = {one["id"]: one for one in map(json.loads, simulator.truth.read_text().splitlines())}
        return Run(project.folder / "out" / name, project.folder / "books"), truth

    return start


def prompts_of(run, step):
    lines = (run.folder / f"{run.names[step]}_response_texts.jsonl").read_text().splitlines()
    return {line["request_index"]: line["prompt"]["template"] for line in map(json.loads, lines)}


def got(run, truth):
    """What the bundle got, by step and request."""
    found = {}
    for step, responses in enumerate(run.responses):
        assert len(completed(responses)) == len(responses) == REQUESTS[step]
        prompts = prompts_of(run, step)
        for response in responses:
            true = truth[response["response_id"]]
            assert true["fault"] is None and not true["cancelled"]
            assert response["number_input_tokens"] == true["prompt_tokens"]
            assert response["number_output_tokens"] == true["completion_tokens"]
            found[step, response["request_index"]] = (
                prompts[response["request_index"]], true["prompt_tokens"], true["completion_tokens"])
    return found


def check_moments(run, truth):
    """Each lies where the bundle's own allow it, within what the record says."""
    for response in (one for responses in run.responses for one in responses):
        true, off_ns = truth[response["response_id"]], response.get("clock_uncertainty_s", 0) * 1e9
        assert response["sent_monotonic_ns"] <= true["arrived_ns"] + off_ns + SLACK_NS
        assert response["first_event_monotonic_ns"] >= true["first_token_ns"] - off_ns - SLACK_NS
        assert response["done_monotonic_ns"] >= true["last_token_ns"] - off_ns - SLACK_NS


def check_figures(run, truth):
    """A duration is its rank's own, and holds all that the bundle took."""
    for response in (one for responses in run.responses for one in responses):
        true = truth[response["response_id"]]
        for key, last in (("client_ttft_s", "first_token_ns"), ("client_end_to_end_latency_s", "last_token_ns")):
            assert response[key] * 1e9 >= true[last] - true["arrived_ns"] - SLACK_NS


def most_at_once(responses, truth):
    moments = [moment for r in responses for true in [truth[r["response_id"]]]
               for moment in ((true["arrived_ns"], 1), (true["last_token_ns"], -1))]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def schedule(run):
    """Of the open loop, by request: when it was to leave, after the first of them, and how far off that may be."""
    responses = sorted(run.responses[2], key=lambda r: r["request_index"])
    step_s = run.summaries[2].get("clock_uncertainty_s") or 0
    first = responses[0]
    return [((r["intended_monotonic_ns"] - first["intended_monotonic_ns"]) / 1e9,
             step_s + r.get("clock_uncertainty_s", 0)) for r in responses]


def test_what_is_sent_and_when_is_the_same_for_any_number_of_ranks(run_shared):
    sent, due = {}, {}
    for ranks in (1, 2, 4):
        run, truth = run_shared(f"r{ranks}", ranks)
        sent[ranks], due[ranks] = got(run, truth), schedule(run)
        assert len(sent[ranks]) == len(truth) == sum(REQUESTS), "and nothing else"
        check_moments(run, truth)
        check_figures(run, truth)
        for responses, places in zip(run.responses, PLACES):
            assert places is None or most_at_once(responses, truth) <= places
            assert {r.get("rank", 0) for r in responses} == set(range(min(ranks, places or ranks)))
    assert sent[1] == sent[2] == sent[4]
    for ranks in (2, 4):
        for (alone_s, _), (shared_s, off_s) in zip(due[1], due[ranks], strict=True):
            assert abs(shared_s - alone_s) <= off_s + 3e-6


def test_what_is_measured_on_skewed_clocks_lies_within_what_is_told(run_shared):
    """Each rank but rank 0 lives in a time namespace of its own, hours and months ahead."""
    run, truth = run_shared("r", [(), ahead(40_000), ahead(9_000_000)])
    got(run, truth)
    check_moments(run, truth)
    check_figures(run, truth)
    assert {r["rank"] for r in run.responses[0]} == {0, 1, 2}
