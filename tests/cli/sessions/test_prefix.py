"""prefix_tokens: the system message that all of a row's requests have, by what servers were sent and by what
they counted."""

import json

import pytest
from support.bench import HEADER
from support.chat import DIALECTS, Chat, prepare

MORE = HEADER + ",prefix_tokens"
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)


def words(text):
    return len(text.split())


def systems(heard):
    return [[text for role, text in messages if role == "system"] for messages in heard]


@every
def test_a_row_has_one_system_message_and_prompts_of_their_length(endpoint, project, dialect):
    """Each message takes 4 tokens here, and the template 7: what calibrate learns of them holds from the
    first request on."""
    chat = Chat(dialect)
    server = endpoint(chat)
    prepare(project, dialect, server.address, ["m,100,2,6,2,,,,30", "m,100,2,3,1,,,,", "m,80,2,3,1,,,,45"], MORE)
    done = project.call("calibrate", "config.yaml", key=None)
    assert done.returncode == 0, done.stderr
    assert "behind a system message" in done.stdout and " 15 " in done.stdout
    del chat.heard[:]
    run = project.run("--passes", "2", key=None)
    steps = [chat.heard[at:at + count] for at, count in ((0, 6), (6, 3), (9, 3), (12, 6), (18, 3), (21, 3))]
    for step, tokens, prefix in zip(steps, (100, 100, 80) * 2, (30, 0, 45) * 2):
        assert {chat.tokens(messages) for messages in step} == {tokens}
        found = {tuple(texts) for texts in systems(step)}
        assert len(found) == 1  # the same for all of them
        assert [words(text) for text in found.pop()] == ([prefix] if prefix else [])
    # No two visits begin alike, and no two requests go on alike.
    assert len({messages[0][1] for step in (steps[0], steps[2], steps[3], steps[5]) for messages in step}) == 4
    users = [messages[-1][1].split()[:6] for messages in chat.heard]
    assert len({tuple(user) for user in users}) == len(users)
    for responses, summary in zip(run.responses, run.summaries):
        assert {r["server_number_input_tokens"] for r in responses} == {r["asked_input_tokens"] for r in responses}
        assert summary["num_prompts_off"] == 0
    assert [s.get("prefix_tokens") for s in run.summaries] == [30, None, 45] * 2
    assert [row.get("prefix_tokens") for row in run.manifest["rows"]] == [30, None, 45]
    heading, lines = run.table()
    at = heading.index("prefix_tokens")
    assert [line[at] for line in lines] == [30, None, 45] * 2


def test_two_tokens_a_word(endpoint, project):
    chat = Chat(DIALECTS[0], word=2)
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,215,2,4,1,,,,80"], MORE)
    assert project.call("calibrate", "config.yaml", key=None).returncode == 0
    del chat.heard[:]
    project.run(key=None)
    assert {words(messages[0][1]) for messages in chat.heard} == {40}
    assert {chat.tokens(messages) for messages in chat.heard} == {215}


def test_without_calibration_the_prefix_stays_and_later_prompts_fit(endpoint, project):
    chat = Chat(DIALECTS[0])
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,100,2,5,1,,,,30"], MORE)
    project.run(key=None)
    assert len({messages[0] for messages in chat.heard}) == 1 and words(chat.heard[0][0][1]) == 30
    assert [chat.tokens(messages) for messages in chat.heard] == [115, 100, 100, 100, 100]
    del chat.heard[:]
    project.run(key=None)  # what the first run learned, the second knows
    assert [chat.tokens(messages) for messages in chat.heard] == [100] * 5


@pytest.mark.parametrize("beyond, flagged", [(0, 0), (20, 5)])
def test_what_all_have_in_common_may_be_cached(endpoint, project, beyond, flagged):
    """Template and system message are 7 + 2 × 4 + 30 tokens; a cache that knows more knows the user's text."""
    chat = Chat(DIALECTS[0], cached=lambda tokens, messages: 45 + beyond)
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,100,2,5,1,,,,30"], MORE)
    project.call("calibrate", "config.yaml", key=None)
    run = project.run(key=None)
    assert run.summaries[0]["num_prompts_cached"] == flagged
    assert ("cache" in run.process.stdout) == (flagged > 0)


def test_a_node_caches_the_prefix(simulate, project):
    """By the node's own log: all but the first find the whole blocks of template and system message."""
    bundle = project.write("bundle.yaml", """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 1000}
noise: {prefix_cache: true}
experts:
  - {name: m, weight_gb: 1, prefill_tokens_per_s: 100000, decode_tokens_per_s: 10000, template_tokens: 10,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
""")
    simulator = simulate(bundle)
    project.setup(["m,500,2,6,1,,,,330", "m,500,2,3,1,,,,"], header=MORE)
    run = project.run(address=simulator.address)
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    assert [t["prompt_tokens"] for t in truth] == [500] * 9
    assert [t["cached_tokens"] for t in truth[:6]] == [0] + [(10 + 330) // 16 * 16] * 5
    assert max(t["cached_tokens"] for t in truth[6:]) < 16
    assert [s["num_prompts_cached"] for s in run.summaries] == [0, 0]
    assert [r["cached_tokens"] for r in run.responses[0]] == [t["cached_tokens"] for t in truth[:6]]


@pytest.mark.parametrize("source", ["sonnets", "prompts"])
def test_other_texts_stand_behind_it_too(endpoint, project, source):
    chat = Chat(DIALECTS[0])
    project.write("prompts.yaml", "default_prompt:\n  - name: story\n    template: Once upon a time there was\n")
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,200,2,4,1,,,,50"], MORE,
            f"prompt: {{source: {source}}}\n")
    project.run(key=None)
    assert {words(messages[0][1]) for messages in chat.heard} == {50}
    assert [chat.tokens(messages) for messages in chat.heard[1:]] == [200] * 3


def test_prompts_of_a_data_set_stand_behind_it(endpoint, project):
    chat = Chat(DIALECTS[0])
    project.write("mine.jsonl", '{"prompt": "one two"}\n{"prompt": "three"}\n')
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,,2,,1,,,,50,mine.jsonl"], MORE + ",dataset")
    project.run(key=None)
    assert [messages[1] for messages in chat.heard] == [("user", "one two"), ("user", "three")]
    assert {words(messages[0][1]) for messages in chat.heard} == {50}


def test_lengths_that_vary_leave_room_for_it(endpoint, project):
    chat = Chat(DIALECTS[0], template=0, message=0)
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,60,2,60,4,,,,50,20"],
            MORE + ",stddev_input_tokens")
    project.run(key=None)
    lengths = [chat.tokens(messages) for messages in chat.heard]
    assert min(lengths) >= 51 and max(lengths) > 70
    assert len({messages[0] for messages in chat.heard}) == 1


@pytest.mark.parametrize("api, url", [("openai-completions", "/v1"), ("tgi", ""),
                                      ("sambastudio", "/api/predict/generic/p/e")])
def test_a_dialect_of_one_text_refuses_it(project, api, url):
    variable = {"openai-completions": "OPENAI_API", "tgi": "TGI_API", "sambastudio": "SAMBASTUDIO"}[api]
    project.setup(["m,100,2,1,1,,,,30"], header=MORE, config=f"""\
model_configs_path : rows.csv
llm_api : {api}
output_files_dir : out
consolidated_results_dir : books
""")
    name = "SAMBASTUDIO_URL" if api == "sambastudio" else variable + "_BASE"
    key = "SAMBASTUDIO_API_KEY" if api == "sambastudio" else variable + "_KEY"
    project.write(".env", f"{name}=http://127.0.0.1:9{url}\n{key}=k\n")
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 2
    assert "rows.csv:2: prefix_tokens: " in done.stderr and "no place for a system message" in done.stderr


@pytest.mark.parametrize("prefix, said", [
    ("100", "prefix_tokens: 100 is not below input_tokens (100)"),
    ("-1", "prefix_tokens: '-1' is not a whole number from 1 to"), ("many", "prefix_tokens: 'many' is not")])
def test_what_is_no_prefix_is_refused(project, prefix, said):
    project.setup([f"m,100,2,1,1,,,,{prefix}"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and f"rows.csv:2: {said}" in done.stderr


def test_plan_tells_it_and_its_template_counts(endpoint, project):
    chat = Chat(DIALECTS[0])
    prepare(project, DIALECTS[0], endpoint(chat).address, ["m,100,2,1,1,,,,30", "m,45,2,1,1,,,,30"], MORE)
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 0 and "30 of system message" in done.stdout
    project.call("calibrate", "config.yaml", key=None)
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 2 and "rows.csv:3: input_tokens: 45 cannot be met" in done.stderr
