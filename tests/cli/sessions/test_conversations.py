"""Data sets of conversations: the users' texts come from the file, the responses from the server."""

import json

import pytest
from support.bench import CONFIG, HEADER
from support.chat import DIALECTS, Chat, prepare

MORE = HEADER + ",dataset,turns,think_time_s,prefix_tokens"
OPENAI = DIALECTS[0]
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)

MESSAGES = [
    {"messages": [{"role": "user", "content": "what is \"this\"?"},
                  {"role": "assistant", "content": "never sent"},
                  {"role": "user", "content": "ünd\nthat?"},
                  {"role": "assistant", "content": "nor this"},
                  {"role": "user", "content": [{"type": "text", "text": "two "}, {"type": "text", "text": "parts"}]}]},
    {"prompt": "only one"},
    {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": ""},
                  {"role": "user", "content": "bye"}]},
]
TEXTS = [["what is \"this\"?", "ünd\nthat?", "two parts"], ["only one"], ["hello", "bye"]]

SHAREGPT = [
    {"id": "a", "conversations": [{"from": "gpt", "value": "continued from before"}, {"from": "human", "value": "one"},
                                  {"from": "gpt", "value": "x"}, {"from": "human", "value": "two"}]},
    {"id": "b", "conversations": [{"from": "human", "value": "a } ] { \" \\ b"}, {"from": "gpt", "value": "y"}]},
    {"id": "c", "conversations": [{"from": "gpt", "value": "no user here"}]},
    {"id": "d", "conversations": []},
    {"id": "e", "conversations": [{"from": "human", "value": "  "}, {"from": "human", "value": "last"}]},
]
SHARED = [["one", "two"], ["a } ] { \" \\ b"], ["last"]]


def lines(objects):
    return "".join(json.dumps(one) + "\n" for one in objects)


def said(heard, role="user"):
    """The users' texts by conversation, by what each request that is no other's beginning held."""
    whole = [messages for messages in heard
             if not any(other != messages and other[:len(messages)] == messages for other in heard)]
    return sorted([text for who, text in messages if who == role] for messages in whole)


@every
def test_users_texts_come_from_the_file_and_responses_as_they_came(endpoint, project, dialect):
    chat = Chat(dialect)
    project.write("talk.jsonl", lines(MESSAGES))
    prepare(project, dialect, endpoint(chat).address, ["m,,3,,2,,,,talk.jsonl,,,"], MORE)
    run = project.run(key=None)
    (responses,), (summary,) = run.responses, run.summaries
    assert said(chat.heard) == sorted(TEXTS) and len(chat.heard) == len(responses) == 6
    answers = {text for messages in chat.heard for role, text in messages if role == "assistant"}
    assert answers == {" a0 a1 a2"}
    assert sorted((r["session"], r["turn"]) for r in responses) == [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1), (2, 2)]
    assert summary["turns"] == 3 and summary["num_turns_not_sent"] == 0
    assert [summary[f"results_turn_{t}_num_requests_started"] for t in (1, 2, 3)] == [3, 2, 1]
    assert "6/6" in run.process.stdout
    assert not any(key.startswith("results_turn_3_") and summary[key] for key in summary if "not_sent" in key)


@pytest.mark.parametrize("written", [lines, json.dumps, lambda o: "﻿ " + json.dumps(o, indent=2)])
def test_sharegpt_as_lines_and_as_one_array(endpoint, project, written):
    chat = Chat(OPENAI)
    project.write("share.json", written(SHAREGPT))
    prepare(project, OPENAI, endpoint(chat).address, ["m,,3,,1,,,,share.json,,0.01,"], MORE)
    run = project.run(key=None)
    assert said(chat.heard) == sorted(SHARED)
    assert "share.json: 2 conversations are in it without a text of the user, and are left out" in run.process.stderr


def test_turns_cuts_conversations(endpoint, project):
    chat = Chat(OPENAI)
    project.write("talk.jsonl", lines(MESSAGES))
    prepare(project, OPENAI, endpoint(chat).address,
            ["m,,3,5,1,,,,talk.jsonl,2,,", "m,,3,3,1,,,,talk.jsonl,1,,", "m,,3,3,1,,,,talk.jsonl,9,,"], MORE)
    run = project.run(key=None)
    counts = [len(responses) for responses in run.responses]
    assert counts == [2 + 1 + 2 + 2 + 1, 3, 6]  # the first goes round: five sessions of three lines
    assert "turns: no line of 'talk.jsonl' has more than 3; sessions end there" in run.process.stderr
    assert {r["session"] for r in run.responses[1]} == {None}
    assert [row.get("turns") for row in run.manifest["rows"]] == [2, None, 3]


def test_the_files_system_messages_are_sent(endpoint, project):
    """Ahead of each line's own, and behind the row's."""
    talk = [{"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "one"},
                          {"role": "user", "content": "two"}]},
            {"messages": [{"role": "user", "content": "three"}]}]
    project.write("talk.jsonl", lines(talk))
    for dialect in DIALECTS:
        chat = Chat(dialect)
        prepare(project, dialect, endpoint(chat).address,
                ["m,,3,,1,,,,talk.jsonl,,,", "m,,3,,1,,,,talk.jsonl,,,8"], MORE)
        project.run(key=None)
        first, second = chat.heard[:3], chat.heard[3:]
        assert said(first, "system") == [[], ["be brief"]]
        found = said(second, "system")
        assert sorted(len(texts[0].split()) for texts in found) == [8, 10]
        assert [text for texts in found for text in texts if text.endswith("\n\nbe brief")]
        assert said(second) == [["one", "two"], ["three"]]


def test_a_failed_turn_leaves_the_rest_of_its_line(endpoint, project):
    chat = Chat(OPENAI)
    project.write("talk.jsonl", lines(MESSAGES))

    def answer(request, connection):
        if "that?" in OPENAI.messages(request["body"])[-1][1]:
            return b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
        return chat(request, connection)

    prepare(project, OPENAI, endpoint(answer).address, ["m,,3,,1,,,,talk.jsonl,,,"], MORE)
    run = project.run(key=None)
    assert run.summaries[0]["num_turns_not_sent"] == 1 and len(run.responses[0]) == 5
    assert "4/6" in run.process.stdout


def test_a_session_shares_no_prompt_with_texts_that_are_kept(endpoint, project):
    chat = Chat(OPENAI)
    project.write("talk.jsonl", lines(MESSAGES))
    prepare(project, OPENAI, endpoint(chat).address, ["m,,3,,1,,,,talk.jsonl,,,"], MORE)
    run = project.run("--set", "save_llm_responses=true", key=None)
    path, = run.folder.glob("*_response_texts.jsonl")
    kept = [json.loads(line)["prompt"]["template"] for line in path.open()]
    assert sorted(kept) == sorted(text for texts in TEXTS for text in texts)


@pytest.mark.parametrize("text, tokens", [("", 4 * 3), ("20", 6 * 20 + 4 * (20 + 3))])
def test_plan_counts_the_files_turns(project, text, tokens):
    """Lines of 3, 1 and 2 turns; each of 0.5 s + 3 tokens at 100/s, one after another. Their prompts hold 2 + 1 and 1
    earlier turns, with the responses to them."""
    project.write("talk.jsonl", lines(MESSAGES))
    project.setup([f"m,{text},3,,1,,,,talk.jsonl,,,"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    assert "sessions of 3 turns" in done.stdout and f"6 requests, {tokens} input" in done.stdout and "about 3.2 s" in done.stdout


@pytest.mark.parametrize("line, said", [
    ({"messages": "hello"}, "messages: is not a list"),
    ({"messages": ["hello"]}, "messages: is not a list of {\"role\": …, \"content\": …}"),
    ({"conversations": [{"role": "user"}]}, "conversations: is not a list of {\"from\": …, \"value\": …}"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
     "messages: what 'user' says is no text; pictures in conversations are not sent"),
    ({"messages": [{"role": "user", "content": 7}]}, "messages: what 'user' says is no text"),
])
@pytest.mark.parametrize("array", [False, True])
def test_what_is_no_conversation_is_refused_by_its_line(project, line, said, array):
    objects = [MESSAGES[1], line]
    project.write("talk.jsonl", "[\n" + ",\n".join(map(json.dumps, objects)) + "\n]\n" if array else lines(objects))
    project.setup(["m,,3,,1,,,,talk.jsonl,,,"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and f"talk.jsonl:{3 if array else 2}: {said}" in done.stderr, done.stderr


@pytest.mark.parametrize("more, said", [
    ({"role": "user", "content": "more"}, "turns: tgi sends one text, and has no place for the turns before"),
    ({"role": "system", "content": "late"}, None)])
def test_a_dialect_of_one_text_takes_no_conversation(project, more, said):
    project.write("talk.jsonl", lines([{"messages": [{"role": "user", "content": "one"}, more]}]))
    project.setup(["m,,3,,1,,,,talk.jsonl,,,"], CONFIG.replace("sncloud", "tgi"), MORE)
    project.write(".env", "TGI_API_BASE=http://127.0.0.1:9\nTGI_API_KEY=k\n")
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == (2 if said else 0) and (said or "") in done.stderr
    project.write("talk.jsonl", lines([{"messages": [{"role": "system", "content": "first"},
                                                     {"role": "user", "content": "one"}]}]))
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 2 and "has messages of the system, and tgi has no place for them" in done.stderr
