"""What prompts are made of: the prompt file, sonnets, data sets; and lengths that vary."""

import base64
import json
import pathlib
import statistics
import struct
import zlib

import pytest
from support.bench import CONFIG, HEADER, completed
from support.endpoint import content, finish, stream

# As LLMPerf's README has it.
INSTRUCTION = "Randomly stream lines from the following text. Don't generate eos tokens:"

PROMPTS = """\
default_prompt:
  - name: first
    template: |
      Say what "this" is.
      Then say it again, in other words.
multiple_prompts:
  - {name: short, template: Be short.}
  - {name: longer, template: Be a little longer than that but not by much.}
"""


def png(side=4):
    def part(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + part(b"IDAT", zlib.compress((b"\0" + b"\x80" * side) * side)) + part(b"IEND", b""))


def counting(template=11):
    """Counts words, and so many tokens of a template."""
    def answer(request, connection):
        return stream(content("a"), finish(
            prompt_tokens=len(text_of(request).split()) + template,
            completion_tokens=request["body"]["max_tokens"]))
    return answer


def text_of(request):
    said = request["body"]["messages"][0]["content"]
    return said if isinstance(said, str) else said[0]["text"]


def counted(responses):
    return [r["server_number_input_tokens"]
            for r in sorted(responses, key=lambda r: r["request_index"])]


def test_the_default_prompt_is_cut_or_filled(endpoint, project):
    project.write("prompts.yaml", PROMPTS)  # found beside the config
    project.setup(["m,60,1,6,1,,,", "m,20,1,6,1,,,"])
    server = endpoint(counting())
    run = project.run("--set", "prompt.source=prompts", address=server.address)
    texts = [text_of(request) for request in server.requests]
    assert all('\nSay what "this" is.\nThen say it again, in other words. ' in t for t in texts[:6])
    assert all(len(t.split("\n")[0].split()) == 6 for t in texts), "the salt"
    assert len({t.split("\n")[0] for t in texts}) == 12
    assert counted(run.responses[0]) == [71] + [60] * 5
    assert counted(run.responses[1]) == [20] * 6
    assert texts[7].endswith("Say what \"this\""), "cut to 9 words, 6 of them the salt"
    assert {r["prompt_name"] for r in run.responses[0]} == {"first"}


def test_several_prompts_are_drawn_and_learned_each(endpoint, project):
    project.write("texts.yaml", PROMPTS)
    project.setup(["m,60,1,40,2,,,"], CONFIG.replace("multiple_prompts : False",
                                                     "multiple_prompts : True"))
    server = endpoint(counting())
    run = project.run("--set", "prompt.file=texts.yaml", address=server.address)
    (responses,) = run.responses
    names = {r["prompt_name"] for r in responses}
    assert names == {"short", "longer"}
    assert counted(responses)[4:] == [60] * 36
    assert any("\nBe short. " in text_of(request) for request in server.requests)


def test_the_prompt_file_that_is_shipped_can_be_read(endpoint, project):
    project.setup(["m,300,1,30,4,,,"])
    server = endpoint(counting(0))
    shipped = pathlib.Path(__file__).resolve().parents[3] / "configs" / "prompts.yaml"
    for multiple, kinds in ("false", 1), ("true", 5):
        run = project.run("--set", "prompt.source=prompts", "--set", f"prompt.file={shipped}",
                          "--set", f"use_multiple_prompts={multiple}", address=server.address)
        assert len({r["prompt_name"] for r in run.responses[0]}) == kinds
        assert set(counted(run.responses[0])) == {300}


@pytest.mark.parametrize("options, says", [
    (["prompt.source=prompts"], "prompt.file: there is no file 'prompts.yaml'"),
    (["prompt.source=prompts", "prompt.file=none.yaml"], "prompt.file: there is no file 'none.yaml'"),
    (["prompt.source=prompts", "prompt.file=broken.yaml"], "broken.yaml"),
    (["prompt.source=dataset"], "prompt.dataset: is missing; name the .jsonl file"),
    (["prompt.source=dataset", "prompt.dataset=none.jsonl"], "dataset: there is no file 'none.jsonl'"),
    (["prompt.source=sonnets", "use_multiple_prompts=true"],
     "use_multiple_prompts: belongs to prompt.source prompts, and that is sonnets"),
    (["prompt.source=words", "prompt.dataset=none.jsonl"],
     "prompt.dataset: belongs to prompt.source dataset, and that is words"),
    (["prompt.source=sonets"], "sonnets"),
])
def test_what_is_not_there_is_told_before_anything_is_sent(endpoint, project, options, says):
    project.write("broken.yaml", "default_prompt:\n  - name: a\n")
    project.setup(["m,60,1,6,1,,,"])
    server = endpoint(counting())
    words = [word for option in options for word in ("--set", option)]
    done = project.call("run", "config.yaml", *words, address=server.address)
    assert done.returncode == 2 and not server.requests
    assert says in done.stderr


def test_sonnets(endpoint, project):
    project.setup(["m,200,1,6,1,,,"])
    server = endpoint(counting())
    run = project.run("--set", "prompt.source=sonnets", address=server.address)
    assert counted(run.responses[0]) == [211] + [200] * 5
    texts = [text_of(request) for request in server.requests]
    lines = [text.split("\n") for text in texts]
    assert {first for first, *_ in lines} == {INSTRUCTION}
    assert len({salt for _, salt, *_ in lines}) == 6 and all(len(salt.split()) == 6 for _, salt, *_ in lines)
    assert all(len(line.split()) > 3 for _, _, *sonnets, _ in lines for line in sonnets)
    assert {r["prompt_name"] for r in run.responses[0]} == {"sonnets"}


def test_sonnets_too_short_for_both_begin_with_their_salt(endpoint, project):
    project.setup(["m,27,1,6,1,,,"])  # 16 words and the template's 11, which a first run learns
    server = endpoint(counting())
    for _ in range(2):
        run = project.run("--set", "prompt.source=sonnets", address=server.address)
    assert counted(run.responses[0]) == [27] * 6
    texts = [text_of(request) for request in server.requests[6:]]
    assert all(len(text.split("\n")[0].split()) == 6 for text in texts) and len(set(texts)) == 6
    assert all(text.split("\n")[1] == INSTRUCTION[:-len(" tokens:")] for text in texts)


@pytest.mark.parametrize("cached, flagged", [(16, False), (32, False), (48, True)])
def test_a_cache_may_know_the_instruction(endpoint, project, cached, flagged):
    """The template's 11 tokens and the instruction's are the same in every prompt; what follows is not."""
    project.setup(["m,200,1,6,1,,,"])
    server = endpoint(lambda request, connection: stream(content("a"), finish(
        prompt_tokens=len(text_of(request).split()) + 11, completion_tokens=1,
        prompt_tokens_details={"cached_tokens": cached})))
    run = project.run("--set", "prompt.source=sonnets", address=server.address)
    assert (run.summaries[0]["num_prompts_cached"] > 0) == flagged


def test_a_data_set_is_sent_as_it_is(endpoint, project):
    picture = png()
    project.write("sets/pic.png", picture)
    project.write("sets/my_set.v2.jsonl", "\n".join(map(json.dumps, [
        {"prompt": "What is \"it\"?\n\tSay."}, {"prompt": "Und wie heißt das? 🙂"},
        {"prompt": "What is there?", "image_path": "pic.png"}])))
    project.setup(["m,1,5,7,1,,,,sets/my_set.v2.jsonl", "m,30,5,2,1,,,,"], header=HEADER + ",dataset")
    server = endpoint(counting())
    run = project.run("--set", "save_llm_responses=true", "--set", "sampling_params={temperature: 0}",
                      address=server.address)
    said = [request["body"]["messages"][0]["content"] for request in server.requests[:7]]
    assert said[0] == "What is \"it\"?\n\tSay." == said[3] == said[6]
    assert said[1] == "Und wie heißt das? 🙂" == said[4]
    assert said[2] == said[5] == [
        {"type": "text", "text": "What is there?"},
        {"type": "image_url", "image_url": {
            "url": "data:image/png;base64," + base64.b64encode(picture).decode()}}]
    assert run.names[0].startswith("custom_m_my-set-v2_1_stream_")
    assert run.names[1].startswith("synthetic_0_m_30_5_1_stream_")
    custom, made = run.summaries
    assert custom["request_count"] == 7 and custom["sampling_params_temperature"] == 0
    assert custom["sampling_params_max_tokens_to_generate"] == 5
    assert {r["prompt_name"] for r in run.responses[0]} == {"custom_prompt"}
    assert "num_input_tokens" not in custom and "additional_sampling_params_temperature" not in custom
    assert made["num_input_tokens"] == 30 and "request_count" not in made
    assert {r["asked_input_tokens"] for r in run.responses[0]} == {None}
    texts = (run.folder / f"{run.names[0]}_response_texts.jsonl").read_text().splitlines()
    assert [json.loads(line)["prompt"]["template"] for line in texts[:2]] == said[:2]
    assert {json.loads(line)["prompt"]["name"] for line in texts} == {"custom_prompt"}
    heading, rows = run.table()
    assert rows[0][heading.index("num_input_tokens")] is None
    assert rows[1][heading.index("num_input_tokens")] == 30
    assert "data set" in run.process.stdout


def test_a_data_set_for_the_whole_run_in_open_loop(endpoint, project):
    project.write("set.jsonl", '{"prompt":"one"}\n{"prompt":"two"}\n')
    project.setup(["m,1,5,4,,100,exponential,"])
    server = endpoint(counting())
    run = project.run("--set", "prompt.dataset=set.jsonl", address=server.address)
    assert sorted(text_of(request) for request in server.requests) == ["one", "one", "two", "two"]
    assert run.names[0].startswith("custom_m_set_100-0_exponential_stream_")


def test_a_data_sets_pictures_go_with_lengths_that_vary(endpoint, project):
    project.write("pic.png", png())
    project.write("set.jsonl", '{"prompt":"one","image_path":"pic.png"}\n{"prompt":"two"}\n')
    project.setup(["m,1,50,10,1,,,,set.jsonl,10"], header=HEADER + ",dataset,stddev_output_tokens")
    server = endpoint(counting())
    run = project.run(address=server.address)
    assert len(completed(run.responses[0])) == 10
    asked = [request["body"]["max_tokens"] for request in server.requests]
    assert asked == [r["asked_output_tokens"] for r in run.responses[0]] and len(set(asked)) > 3
    assert [text_of(request) for request in server.requests] == ["one", "two"] * 5


def test_a_bad_line_is_named_by_its_number(endpoint, project):
    project.write("set.jsonl", '{"prompt":"one"}\n{"promt":"two"}\nthree\n')
    project.setup(["m,1,5,4,1,,,,set.jsonl"], header=HEADER + ",dataset")
    server = endpoint(counting())
    done = project.call("run", "config.yaml", address=server.address)
    assert done.returncode == 2 and not server.requests
    assert "set.jsonl:2: prompt: is missing" in done.stderr
    assert "set.jsonl:3: is not a JSON object" in done.stderr


def test_lengths_vary_as_asked(endpoint, project):
    project.setup(["m,500,200,400,8,,,,50,20"],
                  header=HEADER + ",stddev_input_tokens,stddev_output_tokens")
    server = endpoint(counting())
    run = project.run("--seed", "3", address=server.address)
    (responses,) = run.responses
    assert len(completed(responses)) == 400
    asked = [r["asked_input_tokens"] for r in responses]
    assert abs(statistics.mean(asked) - 500) < 10 and 44 < statistics.stdev(asked) < 56
    outputs = [r["asked_output_tokens"] for r in responses]
    assert abs(statistics.mean(outputs) - 200) < 4 and 17 < statistics.stdev(outputs) < 23
    assert [r["server_number_output_tokens"] for r in responses] == outputs
    late = sorted(responses, key=lambda r: r["request_index"])[50:]
    assert all(r["server_number_input_tokens"] == r["asked_input_tokens"] for r in late)
    assert run.summaries[0]["stddev_input_tokens"] == 50
    again = project.run("--seed", "3", address=server.address)
    by_index = lambda r: r["request_index"]
    assert [r["asked_input_tokens"] for r in sorted(again.responses[0], key=by_index)] == \
        [r["asked_input_tokens"] for r in sorted(responses, key=by_index)]


def test_lengths_are_cut_off_below_one_token(endpoint, project):
    project.setup(["m,2,2,200,8,,,,5,5"],
                  header=HEADER + ",stddev_input_tokens,stddev_output_tokens")
    server = endpoint(counting(0))
    (responses,) = project.run(address=server.address).responses
    assert min(r["asked_input_tokens"] for r in responses) == 1
    assert min(request["body"]["max_tokens"] for request in server.requests) == 1
    assert min(len(text_of(request).split()) for request in server.requests) == 1


def test_several_prompts_without_a_file_are_those_that_are_shipped(endpoint, project):
    project.setup(["m,300,1,30,4,,,"], CONFIG.replace("multiple_prompts : False", "multiple_prompts : True"))
    server = endpoint(counting(0))
    run = project.run(address=server.address)
    shipped = pathlib.Path(__file__).resolve().parents[3] / "configs" / "prompts.yaml"
    names = {r["prompt_name"] for r in run.responses[0]}
    assert len(names) == 5 and all(f"- name: {name}\n" in shipped.read_text() for name in names)
    assert set(counted(run.responses[0])) == {300}


@pytest.mark.parametrize("header, row", [
    ("model_name,output_tokens,concurrent_requests,dataset", "m,5,2,set.jsonl"),
    (HEADER + ",dataset", "m,,5,,2,,,,set.jsonl"),
    (HEADER + ",dataset", "m,0,5,0,2,,,,set.jsonl")])
def test_a_row_of_a_data_set_sends_each_prompt_once_where_it_says_no_number(endpoint, project, header, row):
    project.write("set.jsonl", "".join(json.dumps({"prompt": f"number {i}"}) + "\n" for i in range(7)))
    project.setup([row], header=header)
    server = endpoint(counting())
    plan = project.call("plan", "config.yaml", "--offline", address=server.address)
    assert plan.returncode == 0 and "7 requests" in plan.stdout, plan.stderr
    run = project.run(address=server.address)
    assert sorted(text_of(request) for request in server.requests) == [f"number {i}" for i in range(7)]
    assert run.summaries[0]["request_count"] == 7


def test_a_data_set_of_the_run_says_as_much(endpoint, project):
    project.write("set.jsonl", '{"prompt":"one"}\n{"prompt":"two"}\n')
    project.setup(["m,5,1"], header="model_name,output_tokens,concurrent_requests")
    server = endpoint(counting())
    run = project.run("--set", "prompt.dataset=set.jsonl", address=server.address)
    assert [text_of(request) for request in server.requests] == ["one", "two"]
    assert run.summaries[0]["num_requests"] == 2


def test_other_rows_need_their_numbers(project):
    project.write("set.jsonl", '{"prompt":"one"}\n')
    project.setup(["m,,5,,1,,,,", "m,,5,,1,,,,set.jsonl"], header=HEADER + ",dataset")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1")
    assert done.returncode == 2
    assert "rows.csv:2: input_tokens: is empty" in done.stderr and "rows.csv:2: num_requests: is empty" in done.stderr
    assert "rows.csv:3" not in done.stderr
