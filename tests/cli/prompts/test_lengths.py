"""Prompts have the length that the server counts, without a tokenizer of ours."""

import json
import os
import re

import pytest
from support.bench import CONFIG, completed
from support.endpoint import content, finish, stream

BUNDLE = """\
node: {{hbm_gb: 1000, ddr_to_hbm_gb_per_s: 1000000, eviction: none}}
noise: {{prefix_cache: {cache}}}
experts:
"""
EXPERT = """\
  - name: {name}
    weight_gb: 0.001
    template_tokens: {template}
    tokenizer: {tokenizer}
    prefill_tokens_per_s: 10000000
    decode_tokens_per_s: 10000
    tiers: [{{tokens: 200000, batch_sizes: [1, 4]}}]
"""
TOKENIZERS = {"a": ("words", 37), "b": ("subwords", 73)}
LENGTHS = [("a", 100), ("b", 1000), ("a", 4000), ("b", 100), ("b", 16000), ("a", 38)]
ROWS = [f"{model},{tokens},2,12,4,,," for model, tokens in LENGTHS]


@pytest.fixture
def node(simulate, tmp_path):
    def start(cache="false"):
        path = tmp_path / "bundle.yaml"
        path.write_text(BUNDLE.format(cache=cache) + "".join(
            EXPERT.format(name=name, tokenizer=tokenizer, template=template)
            for name, (tokenizer, template) in TOKENIZERS.items()))
        return simulate(path)
    return start


def errors(responses):
    return [r["server_number_input_tokens"] - r["asked_input_tokens"]
            for r in sorted(responses, key=lambda r: r["request_index"])]


def cache_of(project):
    (path,) = project.folder.glob("**/.calibration.json")
    return {(one["model"], one["kind"]): one
            for one in json.loads(path.read_text())["calibrations"]}


def expect_corrected(off, template):
    """The first requests left before an answer came: at most the four that go at once, and fewer where this
    machine let an answer come before the last of them was sent."""
    left = sum(error != 0 for error in off)
    assert 1 <= left <= 4
    assert off == [template] * left + [0] * (12 - left)


def counts_in_responses(request, connection):
    """One of several models, whose counting may load it: a run learns it from its rows' own responses."""
    body = request["body"]
    words = len(body["messages"][0]["content"].split())
    return stream(content("a"), content("b"),
                  finish(prompt_tokens=words + TOKENIZERS[body["model"]][1], completion_tokens=2))


def test_a_rows_own_answers_correct_it_and_the_next(endpoint, project):
    project.setup(ROWS)
    run = project.run(address=endpoint(counts_in_responses, models=[{"id": "a"}, {"id": "b"}]).address)
    first = errors(run.responses[0])
    template = TOKENIZERS["a"][1]
    expect_corrected(first, template)
    assert run.summaries[0]["prompt_error_tokens_max"] == template
    assert run.summaries[0]["num_prompts_off"] == sum(error != 0 for error in first)
    expect_corrected(errors(run.responses[1]), TOKENIZERS["b"][1])
    for responses, summary in list(zip(run.responses, run.summaries))[2:]:
        assert len(completed(responses)) == 12
        assert errors(responses) == [0] * 12, "known from the rows before"
        assert all(r["estimated_input_tokens"] == r["asked_input_tokens"] for r in responses)
        assert summary["prompt_error_tokens_max"] == summary["num_prompts_off"] == 0
    heading, rows = run.table()
    flags = [row[heading.index("flags")] for row in rows]
    assert re.fullmatch(r"(1 prompt missed its|\d prompts missed their) length \(by up to \+37 tokens\)", flags[0])
    assert flags[2:] == [None] * 4
    assert {model: one["overhead_tokens"] for (model, _), one in cache_of(project).items()} == \
        pytest.approx({"a": 37, "b": 73})


def test_what_was_learned_serves_the_next_run(node, project):
    project.setup(ROWS)
    simulator = node()
    project.run(address=simulator.address)
    again = project.run("--set", "threads=3", address=simulator.address)
    assert [errors(responses) for responses in again.responses] == [[0] * 12] * len(ROWS)


@pytest.mark.parametrize("options, touched", [([], 0), (["--requests"], 4)])
def test_calibrate_knows_all_models_ahead(node, project, options, touched):
    project.setup(ROWS)
    simulator = node()
    done = project.call("calibrate", "config.yaml", *options, address=simulator.address)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    table = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [line[:3] for line in table] == [["a", "37", "1.000"], ["b", "73", "1.000"]]
    assert simulator.truth.read_text().count("\n") == touched
    run = project.run(address=simulator.address)
    assert [errors(responses) for responses in run.responses] == [[0] * 12] * len(ROWS)


def test_with_a_picture_the_text_alone_is_counted(node, project):
    project.setup(["a,500,2,4,1,,,", "a,50,2,12,4,,,small"])
    simulator = node()
    assert project.call("calibrate", "config.yaml", address=simulator.address).returncode == 0
    run = project.run(address=simulator.address)
    assert simulator.truth.read_text().count("\n") == 16, "no model was touched to calibrate"
    known = cache_of(project)
    picture = known["a", "small"]["overhead_tokens"]
    assert picture > 100 and known["a", ""]["overhead_tokens"] == 37
    assert [errors(responses) for responses in run.responses] == [[0] * 4, [picture] * 12]
    assert [s["prompt_error_tokens_max"] for s in run.summaries] == [0, 0]
    estimates = [r["estimated_input_tokens"]
                 for r in sorted(run.responses[1], key=lambda r: r["request_index"])]
    left = estimates.count(None)  # before a response came
    assert 1 <= left <= 4
    assert estimates == [None] * left + [50 + picture] * (12 - left), "what a picture takes nobody knows at first"


def test_calibrate_says_what_cannot_be_counted(endpoint, project):
    project.setup(["m,100,2,1,1,,,"])
    server = endpoint(lambda request, connection: stream(content("a"), finish()))
    done = project.call("calibrate", "config.yaml", address=server.address)
    assert done.returncode == 3
    assert "not counted: the response does not report how many tokens the prompt has" in done.stdout


@pytest.mark.parametrize("asked", [1, 36, 37])
def test_a_length_within_the_template_is_refused_with_the_number(node, project, asked):
    project.setup(["a,100,2,2,1,,,"])
    simulator = node()
    project.run(address=simulator.address)
    before = simulator.truth.read_text()
    project.setup([f"a,{asked},2,2,1,,,"])
    for command in "run", "plan":
        done = project.call(command, "config.yaml", address=simulator.address)
        assert done.returncode == 2
        assert f"rows.csv:2: input_tokens: {asked} cannot be met: without a word of text the " \
            "server counts 37 for 'a'" in done.stderr
    assert simulator.truth.read_text() == before
    done = project.run("--set", "prompt.count=content", address=simulator.address)
    assert errors(done.responses[0]) == [37, 37]


def test_the_text_alone_is_counted_where_that_is_asked(node, project):
    project.setup(ROWS)
    run = project.run("--set", "prompt.count=content", address=node().address)
    for (model, tokens), responses in zip(LENGTHS, run.responses):
        assert {r["server_number_input_tokens"] for r in responses} == \
            {tokens + TOKENIZERS[model][1]}
    assert [summary["prompt_error_tokens_max"] for summary in run.summaries[2:]] == [0] * 4


def test_a_new_template_is_learned_from_the_first_answer(node, project):
    """As after an update of the server: what the cache knows is no longer so."""
    project.setup(["a,1000,2,12,1,,,"])
    simulator = node()
    project.run(address=simulator.address)
    (path,) = project.folder.glob("**/.calibration.json")
    known = json.loads(path.read_text())
    known["calibrations"][0]["mean_tokens"] += 100
    path.write_text(json.dumps(known))
    run = project.run(address=simulator.address)
    assert errors(run.responses[0]) == [-100] + [0] * 11
    assert cache_of(project)["a", ""]["overhead_tokens"] == 37


def test_a_broken_cache_is_told_and_replaced(node, project):
    project.setup(["a,1000,2,4,1,,,"])
    simulator = node()
    project.run(address=simulator.address)
    (path,) = project.folder.glob("**/.calibration.json")
    path.write_text("{")
    done = project.call("run", "config.yaml", address=simulator.address)
    assert "warning: " in done.stderr and "delete it, and calibrate again" in done.stderr
    assert cache_of(project)["a", ""]["overhead_tokens"] == pytest.approx(37)


def test_no_two_prompts_begin_alike(endpoint, project):
    project.seeded = False
    project.setup(["m,40,1,30,4,,,", "m,40,1,30,,300,,", "n,5,1,30,4,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)))
    project.run(address=server.address)
    prompts = [one["body"]["messages"][0]["content"] for one in server.requests]
    assert len(prompts) == 90
    assert {len(prompt.split()) for prompt in prompts} == {40, 5}
    for words in 5, 6:
        assert len({tuple(prompt.split()[:words]) for prompt in prompts[:60]}) == 60
    assert len(set(prompts)) == 90
    project.run(address=server.address)
    second = [one["body"]["messages"][0]["content"] for one in server.requests[90:]]
    assert not {tuple(p.split()[:6]) for p in prompts} & {tuple(p.split()[:6]) for p in second}


def test_what_is_sent_follows_from_seed_and_place(endpoint, project):
    project.setup(["m,60,1,20,4,,,", "m,60,1,20,4,,,"])
    sent = []
    for options in (), ("--set", "threads=3"):
        server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)))
        run = project.run("--seed", "7", *options, address=server.address)
        sent.append(sorted(one["body"]["messages"][0]["content"] for one in server.requests))
        assert {r["prompt_words"] for responses in run.responses for r in responses} == {60}
    assert sent[0] == sent[1]


def test_repeat_sends_the_same_again_and_again(endpoint, project):
    project.setup(["m,60,1,20,4,,,", "m,50,1,20,4,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)))
    project.run("--set", "prompt.repeat=true", address=server.address)
    prompts = {one["body"]["messages"][0]["content"] for one in server.requests}
    long, short = sorted(prompts, key=len, reverse=True)
    assert long.startswith(short)


def test_a_cache_that_answers_unasked_is_flagged(endpoint, project):
    project.setup(["m,60,1,6,1,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(
        prompt_tokens=60, completion_tokens=1,
        prompt_tokens_details={"cached_tokens": 16 if r["index"] % 2 else 0})))
    run = project.run(address=server.address)
    assert run.summaries[0]["num_prompts_cached"] == 3
    heading, (row,) = run.table()
    assert row[heading.index("flags")] == "a cache knew part of 3 prompts"
    repeated = project.run("--set", "prompt.repeat=true", address=server.address)
    assert repeated.summaries[0]["num_prompts_cached"] == 0


def test_the_simulators_prefix_cache_knows_only_what_repeats(node, project):
    simulator = node(cache="true")
    project.setup(["a,1000,2,12,4,,,"])
    fresh = project.run(address=simulator.address).summaries[0]
    assert fresh["num_prompts_cached"] == 0 and fresh["results_cached_tokens_max"] == 32, \
        "two whole blocks of the template, no more"
    repeated = project.run("--set", "prompt.repeat=true", address=simulator.address).summaries[0]
    assert repeated["results_cached_tokens_max"] > 900


def test_answers_that_fall_short_are_flagged(endpoint, project):
    project.setup(["m,10,100,4,1,,,", "m,10,100,4,1,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(
        prompt_tokens=10, completion_tokens=96 if r["index"] < 4 else 94)))
    run = project.run(address=server.address)
    assert [s["output_tokens_share"] for s in run.summaries] == [0.96, 0.94]
    heading, rows = run.table()
    flags = [row[heading.index("flags")].split("; ") for row in rows]
    assert ["responses had 94 % of the tokens asked for" in those for those in flags] == [False, True]


def test_a_server_that_counts_nothing_teaches_nothing(endpoint, project):
    project.setup(["m,10,1,4,1,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)))
    run = project.run(address=server.address)
    assert run.summaries[0]["prompt_error_tokens_max"] is None
    assert run.summaries[0]["num_prompts_off"] == 0
    assert not list(project.folder.glob("**/.calibration.json"))


def test_the_tolerance_is_the_users_to_say(endpoint, project):
    project.setup(["m,1000,1,4,1,,,"])
    server = endpoint(lambda r, c: stream(content("a"), finish(
        prompt_tokens=1000 + r["index"] % 4, completion_tokens=1)))
    off = [project.run(*options, address=server.address).summaries[0]["num_prompts_off"]
           for options in ((), ("--set", "prompt.tolerance=0.5"), ("--set", "prompt.tolerance=2"))]
    assert off[0] == 0 and off[1] >= 2 and off[2] <= off[1]
