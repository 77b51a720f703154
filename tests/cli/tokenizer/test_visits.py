"""What a tokenizer counts of members of a mix, turns of a session and lines of a trace: the texts of each request as
the endpoint got them, counted by the published libraries."""

import json

import pytest
from support.bench import CONFIG, HEADER
from support.endpoint import content, finish, plain, stream
from support.token_counts import counts

TEXTS = CONFIG + "save_llm_responses : True\nseed : 7\nprompt : {count: content}\n"
INPUT, OUTPUT = "tokenizer_number_input_tokens", "tokenizer_number_output_tokens"
MORE = HEADER + ",turns,turn_input_tokens,prefix_tokens,mix,stddev_output_tokens"


def said(number):
    return f"Größe {number * 7919} \0 and so on" + " the lion" * (number % 5)


def serve(endpoint):
    """Each response has another length, and its last event says so."""
    def answer(request, connection):
        if not request["body"]:
            return plain(404, b"")
        return stream(content(said(request["index"])), finish(prompt_tokens=50, completion_tokens=4))
    return endpoint(answer)


def bodies(server, model):
    """Of the requests to a model, what each of their messages says."""
    return [[message["content"] for message in request["body"]["messages"]] for request in server.requests
            if request["body"] and request["body"]["model"] == model]


def sums(path, requests):
    """Of each request the tokens of all its messages, each by itself."""
    flat = iter(counts(path, [text for texts in requests for text in texts]))
    return [sum(next(flat) for _ in texts) for texts in requests]


@pytest.mark.parametrize("name", ["tokenizer.json", "pieces.model"])
def test_each_member_of_a_mix_is_counted(project, endpoint, trained, name):
    project.setup(["a,120,8,9,2,,,,,,,m,", "b,60,8,7,1,,,,,,,m,2", "c,90,8,5,1,,,,3,11,,m,"],
                  TEXTS + f"tokenizer : {trained / name}\n", header=MORE)
    server = serve(endpoint)
    run = project.run(address=server.address)
    for model, responses, requests in zip("abc", run.responses, (9, 7, 15)):
        wanted = sums(trained / name, bodies(server, model))
        assert len(wanted) == requests and sorted(r[INPUT] for r in responses) == sorted(wanted), model
        texts = {line["request_index"]: line["completion"] for line in
                 map(json.loads, (run.folder / f"{run.names['abc'.index(model)]}_response_texts.jsonl").open())}
        assert [r[OUTPUT] for r in responses] == counts(trained / name, [texts[r["request_index"]] for r in responses])


def test_a_later_turn_is_all_that_was_said(project, endpoint, trained):
    project.setup(["a,80,8,4,2,,,,4,13,20,,"], TEXTS + f"tokenizer : {trained}\n", header=MORE)
    server = serve(endpoint)
    (responses,) = project.run(address=server.address).responses
    requests = bodies(server, "a")
    assert sorted(len(texts) for texts in requests) == sorted([2, 4, 6, 8] * 4), "a system message, and what was said"
    assert sorted(r[INPUT] for r in responses) == sorted(sums(trained / "tokenizer.json", requests))
    by_turn = {(r["session"], r["turn"]): r for r in responses}
    for (session, turn), r in by_turn.items():
        if turn > 1:
            before = by_turn[session, turn - 1]
            assert r[INPUT] > before[INPUT] + before[OUTPUT]


def test_without_texts_a_later_turn_is_not_known(project, endpoint, trained):
    project.setup(["a,80,8,3,1,,,,2,13,,,"], TEXTS.replace("save_llm_responses : True", "save_llm_responses : False")
                  + f"tokenizer : {trained}\n", header=MORE)
    (responses,) = project.run(address=serve(endpoint).address).responses
    assert sorted((r["turn"], r[INPUT] is None) for r in responses) == [(1, False)] * 3 + [(2, True)] * 3


def test_a_conversation_of_a_data_set_is_counted_turn_by_turn(project, endpoint, trained):
    lines = [{"messages": [{"role": "system", "content": "Be brief."}] * (k % 2) + [
        {"role": role, "content": f"{role} {k} \"{turn}\" ünd"} for turn in range(3) for role in ("user", "assistant")]}
        for k in range(3)]
    project.setup(["a,,8,3,1,,,,3,,9,,"], TEXTS.replace("{count: content}", "{source: dataset, dataset: d.jsonl}")
                  + f"tokenizer : {trained}\n", header=MORE)
    project.write("d.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    server = serve(endpoint)
    (responses,) = project.run(address=server.address).responses
    requests = bodies(server, "a")
    assert len(requests) == 9 and sum(texts[0].endswith("Be brief.") for texts in requests) == 3
    assert sorted(r[INPUT] for r in responses) == sorted(sums(trained / "tokenizer.json", requests))


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("blocks", [True, False])
def test_each_line_of_a_trace_is_counted(project, endpoint, trained, blocks, texts):
    lines = [{"timestamp": 20 * k, "input_length": 530 + 37 * k, "output_length": 2, "hash_ids": [k % 3, 10 + k]}
             for k in range(8)]
    if not blocks:
        lines = [{"at_s": 0.02 * k, "model": "ab"[k % 2], "input_tokens": 30 + 17 * k, "output_tokens": 2} for k in range(8)]
    project.write("day.trace", "".join(json.dumps(line) + "\n" for line in lines))
    project.setup(["*,day.trace,,,,"], TEXTS.replace(": True", f": {texts}") + 'trace_models : {b: b, "*": a}\n'
                  + f"tokenizer : {trained}\n", header="model_name,trace,trace_speed,trace_from_s,trace_for_s,mix")
    server = serve(endpoint)
    run = project.run(address=server.address)
    assert sum(map(len, run.responses)) == 8
    for summary, responses in zip(run.summaries, run.responses):
        wanted = sums(trained / "tokenizer.json", bodies(server, summary["model"]))
        assert sorted(r[INPUT] for r in responses) == sorted(wanted) and all(wanted)
        assert all((r[OUTPUT] is not None) == texts for r in responses)
