"""The simulator in the manner of other servers: what each key of `behaviour:` does to the bytes, and
what a run makes of it."""

import json
import threading
import time

import pytest
from support.bench import CONFIG
from support.raw import BUNDLE, PATIENT, Answer, Caller, ask, chat, truth

COUNTS = {"prompt_tokens": 8, "completion_tokens": 5, "total_tokens": 13}
GENERIC = "/api/v2/predict/generic/stream/p/e"


@pytest.fixture
def serve(simulate, tmp_path):
    """serve("crlf: true") starts a simulator that behaves so."""
    def start(*lines, more=""):
        path = tmp_path / "bundle.yaml"
        path.write_text(BUNDLE + "behaviour:\n" + "".join(f"  {line}\n" for line in lines) + more)
        return simulate(path)
    return start


def usages(answer):
    return [event.get("usage", "absent") for event in answer.events()]


def counts(usage):
    return {name: usage[name] for name in COUNTS}


def run(project, simulator, rows=("one,10,5,4,1,,,",), config=CONFIG, expect=0):
    """Prompts of one length from the first on, so that the node's times follow from the rows."""
    project.setup(list(rows), config)
    return project.run(*PATIENT, "--set", "prompt.count=content", address=simulator.address, expect=expect)


def run_in(api, project, simulator, more=""):
    """The same in another dialect."""
    project.write(".env", f"OPENAI_API_BASE={simulator.address}\nOPENAI_API_KEY=demo-key\n")
    return run(project, simulator, config=CONFIG.replace("sncloud", api) + more)


def test_without_keys_it_is_the_plain_manner(serve):
    answer = ask(serve())
    assert [len(chunk) for _, chunk in answer.chunks] and answer.end == "whole"
    assert len(answer.chunks) == 5 + 3, "five tokens, why it ends, usage, [DONE]"
    assert all(chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") for _, chunk in answer.chunks)
    assert b"\r" not in answer.body and answer.body.endswith(b"data: [DONE]\n\n")
    assert usages(answer)[:-1] == ["absent"] * 6
    assert counts(usages(answer)[-1]) == COUNTS and "time_to_first_token" in usages(answer)[-1]


# --- usage ------------------------------------------------------------------------------------


def test_usage_plain_has_counts_alone(serve, project):
    simulator = serve("usage: plain")
    last = usages(ask(simulator))[-1]
    assert counts(last) == COUNTS and set(last) == {*COUNTS, "prompt_tokens_details"}
    done = run(project, simulator)
    for r in done.responses[0]:
        assert r["server_number_output_tokens"] == 5 and r["server_ttft_s"] is None
    assert done.summaries[0]["switching_source"] == "client"


def test_usage_in_every_chunk_counts_up(serve, project):
    simulator = serve("usage: every-chunk")
    said = usages(ask(simulator))
    assert [u["completion_tokens"] for u in said] == [1, 2, 3, 4, 5, 5]
    assert ["time_to_first_token" in u for u in said] == [False] * 5 + [True]
    for r in run(project, simulator).responses[0]:
        assert r["server_number_output_tokens"] == 5 and r["server_ttft_s"] > 0


def test_usage_in_the_last_chunk_with_content(serve, project):
    simulator = serve("usage: last-content")
    answer = ask(simulator)
    said = usages(answer)
    assert [u != "absent" for u in said] == [False] * 4 + [True] + [False]
    assert answer.events()[4]["choices"][0]["delta"]["content"] and counts(said[4]) == COUNTS
    for r in run(project, simulator).responses[0]:
        assert r["server_number_output_tokens"] == 5 and r["server_ttft_s"] > 0


def test_usage_never(serve, project):
    simulator = serve("usage: never")
    assert set(usages(ask(simulator))) == {"absent"}
    assert "usage" not in ask(simulator, chat(stream=False)).json()
    for r in run(project, simulator).responses[0]:
        assert r["error_code"] is None and r["server_number_output_tokens"] is None
        assert r["number_output_tokens"] == 5, "the events with content are counted"


def timed(answers):
    """The timings, which one event alone has."""
    (timings,) = [event["timings"] for event in answers if "timings" in event]
    return timings


@pytest.mark.parametrize("api, path", [("openai", "chat/completions"), ("openai-completions", "completions"),
                                       ("openai-responses", "responses")])
@pytest.mark.parametrize("usage", ["plain", "never"])
def test_timings_are_those_of_the_node(serve, project, api, path, usage):
    """llama.cpp's, beside usage and in its place: the times of the ground truth, and no TTFT."""
    simulator = serve("timings: true", f"usage: {usage}")
    done = run_in(api, project, simulator)
    lines = truth(simulator, 4)
    for r, line in zip(sorted(done.responses[0], key=lambda r: r["request_index"]), lines):
        assert (r["server_number_input_tokens"], r["server_number_output_tokens"]) == (line["prompt_tokens"], 5)
        assert r["server_prompt_s"] == pytest.approx(line["time_to_first_token_s"], rel=1e-6)
        decode_s = line["total_latency_s"] - line["time_to_first_token_s"]
        assert r["server_output_token_per_s_per_request"] == pytest.approx(4 / decode_s, rel=1e-6)
        assert r["server_ttft_s"] is r["server_end_to_end_latency_s"] is r["server_load_s"] is None
    assert done.summaries[0]["switching_source"] == "client"


def test_timings_stand_in_one_event(serve):
    simulator = serve("timings: true")
    for asked in ({}, {"stream_options": {"include_usage": False}}):
        answer = ask(simulator, chat(**asked))
        assert timed(answer.events())["predicted_n"] == 5
    assert ask(simulator, chat(stream=False)).json()["timings"]["prompt_n"] == 8
    body = {"model": "one", "input": "a b c", "max_output_tokens": 5, "stream": True}
    typed = ask(simulator, body, "/v1/responses").events()
    assert timed(typed) and "timings" in typed[-1] and "timings" not in typed[-1]["response"]


def test_a_response_may_be_called_completed_whatever_ended_it(serve, project):
    simulator = serve("always_completed: true")
    body = {"model": "one", "input": "a b c", "max_output_tokens": 5, "stream": True}
    last = ask(simulator, body, "/v1/responses").events()[-1]
    assert last["type"] == "response.completed" and last["response"]["status"] == "completed"
    assert last["response"]["incomplete_details"] is None
    done = run_in("openai-responses", project, simulator, "ignore_eos: true\n")
    assert done.summaries[0]["results_finish_reason_frequency"] == "{'completed': 4}"
    assert done.summaries[0]["results_num_stopped_at_length"] == 4
    assert "ignore_eos" not in done.process.stdout + done.process.stderr


def test_usage_is_null_where_there_is_none(serve, project):
    simulator = serve("null_usage: true")
    said = usages(ask(simulator))
    assert said[:-1] == [None] * 6 and counts(said[-1]) == COUNTS
    unasked = ask(simulator, chat(stream_options={"include_usage": False}))
    assert set(usages(unasked)) == {"absent"}
    assert run(project, simulator).responses[0][0]["server_number_output_tokens"] == 5


@pytest.mark.parametrize("usage, has_counts, has_times", [
    ("full", True, True), ("plain", True, False), ("every-chunk", True, True),
    ("last-content", True, True), ("never", False, False)])
def test_usage_of_the_generic_apis_stands_at_the_end(serve, usage, has_counts, has_times):
    body = {"items": [{"id": "i", "value": "a b"}], "params": {"max_tokens_to_generate": 3}}
    answer = ask(serve(f"usage: {usage}"), body, GENERIC)
    values = [json.loads(line)["result"]["items"][0]["value"] for line in answer.body.splitlines()]
    assert [v["is_last_response"] for v in values] == [False] * 3 + [True]
    assert ("completion_tokens_count" in values[-1]) == has_counts
    assert ("time_to_first_token" in values[-1]) == has_times
    assert values[-1]["completion"] == "".join(v["stream_token"] for v in values)


# --- Tokens and chunks ------------------------------------------------------------------------


def test_several_tokens_go_in_one_event_when_the_last_is_out(serve, project):
    simulator = serve("tokens_per_chunk: 100")
    caller = Caller(simulator)
    caller.ask(chat())  # loads the model
    answer = caller.ask(chat(max_tokens=250))
    caller.close()
    words = [event["choices"][0]["delta"]["content"].split() for event in answer.events()[:3]]
    assert [len(w) for w in words] == [100, 100, 50]
    # At 500 tokens a second the 100th is out 0.198 s after the first; nothing comes earlier.
    first, second, third = (moment for moment, _ in answer.chunks[:3])
    assert first >= 0.198 and second >= 0.398 and third >= 0.498
    done = run(project, simulator, ["one,10,250,2,1,,,"])
    for r in done.responses[0]:
        assert r["number_output_tokens"] == 250 and len(r["client_inter_token_latencies_s"]) == 3
        assert r["client_ttft_s"] >= r["server_ttft_s"] + 0.198


def test_the_role_comes_alone_at_once(serve, project):
    simulator = serve("role_chunk: true")
    answer = ask(simulator)
    deltas = [event["choices"][0]["delta"] for event in answer.events() if event["choices"]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert all("role" not in delta for delta in deltas[1:])
    # Loading takes 0.26 s, and the role does not wait for it.
    assert answer.chunks[1][0] - answer.chunks[0][0] > 0.2
    other = run(project, simulator, ["two,10,5,1,1,,,"]).responses[0][0]
    assert other["client_ttft_s"] >= 0.26, "an empty role chunk is no token"
    assert other["client_time_to_first_byte_s"] < 0.26


def test_the_role_does_not_stand_in_line(serve):
    simulator = serve("role_chunk: true")
    ahead, behind = Caller(simulator), Caller(simulator)
    ahead.send(chat(max_tokens=500))
    time.sleep(0.05)
    behind.send(chat())  # waits until the batch ahead is over, 1.26 s after it began
    answer = Answer(behind.connection)
    assert answer.chunks[1][0] - answer.chunks[0][0] > 0.8
    ahead.close()
    behind.close()


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_the_first_tokens_are_reasoning(serve, project, key):
    simulator = serve("reasoning_tokens: 3", f"reasoning_key: {key}", "tokens_per_chunk: 2")
    answer = ask(simulator)
    assert len(answer.text(key).split()) == 3 and len(answer.text().split()) == 2
    sizes = [sum(len((d.get(k) or "").split()) for k in (key, "content"))
             for d in (e["choices"][0]["delta"] for e in answer.events() if e["choices"])]
    assert sizes == [2, 1, 2, 0], "no chunk holds both"
    assert usages(answer)[-1]["completion_tokens_details"] == {"reasoning_tokens": 3}
    message = ask(simulator, chat(stream=False)).json()["choices"][0]["message"]
    assert len(message[key].split()) == 3 and len(message["content"].split()) == 2
    for r in run(project, simulator).responses[0]:
        assert (r["client_ttft_content_s"] > r["client_ttft_s"] or
                {1, 2} <= set(r["client_coalesced_chunks"])), "later, unless both were read at once"


def test_an_answer_may_be_all_reasoning(serve):
    answer = ask(serve("reasoning_tokens: 50"))
    assert len(answer.text("reasoning").split()) == 5 and answer.text() == ""


# --- Bytes ------------------------------------------------------------------------------------


def test_comments_come_while_nothing_else_does(serve, project):
    simulator = serve("keep_alive_s: 0.05")
    answer = ask(simulator)
    comments = [moment for moment, chunk in answer.chunks if chunk == b": keep-alive\n\n"]
    first_token = next(moment for moment, chunk in answer.chunks if chunk.startswith(b"data"))
    # Loading takes 0.26 s: a comment at 0.05, 0.10, 0.15, 0.20, 0.25, fewer on a busy machine.
    assert 1 <= len(comments) <= 5 and comments[0] >= 0.05 and max(comments) < first_token
    assert len(answer.events()) == 7
    switched = run(project, simulator, ["two,10,5,3,1,,,"])
    first = switched.responses[0][0]
    assert first["client_ttft_s"] >= 0.26 and first["client_time_to_first_byte_s"] < 0.2
    assert switched.summaries[0]["switching_time_documented_s"] == pytest.approx(0.26)


def test_comments_come_while_others_are_served(serve):
    simulator = serve("keep_alive_s: 0.05")
    ahead, behind = Caller(simulator), Caller(simulator)
    ahead.send(chat(max_tokens=200))
    time.sleep(0.05)
    behind.send(chat())  # waits until the batch ahead is over, 0.66 s after it began
    answer = Answer(behind.connection)
    assert answer.body.startswith(b": keep-alive\n\n" * 3)
    assert Answer(ahead.connection).text().count(" ") == 200
    ahead.close()
    behind.close()


def test_lines_end_with_crlf(serve, project):
    simulator = serve("crlf: true")
    answer = ask(simulator)
    assert answer.body.count(b"\n") == answer.body.count(b"\r\n") == 2 * 8
    generic = ask(simulator, {"items": [{"value": "a"}]}, GENERIC)
    assert generic.body.endswith(b"}\r\n") and generic.body.count(b"\r\n") == 17
    assert all(r["error_code"] is None for r in run(project, simulator).responses[0])


def test_data_without_a_space(serve, project):
    simulator = serve("no_space: true")
    answer = ask(simulator)
    assert b"data: " not in answer.body and answer.body.startswith(b"data:{\"id\"")
    assert answer.body.endswith(b"data:[DONE]\n\n") and len(answer.events()) == 7
    assert all(r["error_code"] is None for r in run(project, simulator).responses[0])


def test_events_come_in_pieces(serve, project):
    simulator = serve("bytes_per_piece: 7", "crlf: true")
    answer = ask(simulator)
    lengths = [len(chunk) for _, chunk in answer.chunks]
    assert max(lengths) == 7 and len(answer.events()) == 7
    (responses,) = run(project, simulator).responses
    assert [r["error_code"] for r in responses] == [None] * 4
    assert all(len(r["client_inter_token_latencies_s"]) == 5 for r in responses)


def test_no_reason_for_the_end(serve, project):
    simulator = serve("no_finish_reason: true")
    assert {c["choices"][0]["finish_reason"] for c in ask(simulator).events() if c["choices"]} == {None}
    for r in run(project, simulator).responses[0]:
        assert r["error_code"] is None and r["finish_reason"] is None


def test_no_mark_of_the_end(serve, project):
    simulator = serve("no_done: true")
    answer = ask(simulator)
    assert b"[DONE]" not in answer.body and answer.end == "whole" and len(answer.events()) == 7
    assert all(r["error_code"] is None for r in run(project, simulator).responses[0])


def test_comments_may_come_as_data(serve, project):
    simulator = serve("keep_alive_s: 0.05", "keep_alive_as_data: true")
    caller = Caller(simulator)
    assert b"data: : keep-alive\n\n" in caller.ask(chat()).body
    caller.close()
    first = run(project, simulator, ["two,10,5,3,1,,,"]).responses[0][0]
    assert first["error_code"] is None and first["client_ttft_s"] >= 0.26


def test_events_have_a_name(serve, project):
    simulator = serve("event_fields: true", "no_space: true")
    answer = ask(simulator)
    assert answer.body.count(b"event: message\ndata:") == 8 and len(answer.events()) == 7
    assert all(r["error_code"] is None for r in run(project, simulator).responses[0])


def test_a_proxy_may_hold_all_back(serve, project):
    simulator = serve("buffered: true")
    done = run(project, simulator, ["one,10,101,3,1,,,"])
    for r in done.responses[0]:
        assert len(r["client_inter_token_latencies_s"]) == 101
        # At 500 tokens a second the last is out 0.2 s after the first.
        assert r["client_ttft_s"] >= r["server_ttft_s"] + 0.2


def test_a_proxy_may_talk_while_the_model_loads(serve, project):
    simulator = serve("loading_text: Loading the model")
    answer = ask(simulator)
    assert answer.text().startswith("Loading the model ") and answer.text().count(" ") == 2 + 5
    assert answer.chunks[1][0] - answer.chunks[0][0] > 0.2
    first = run(project, simulator, ["two,10,5,1,1,,,"]).responses[0][0]
    assert first["client_ttft_s"] < first["server_ttft_s"], "it looks like a first token"


# --- Whom it serves ---------------------------------------------------------------------------


def test_unknown_fields_are_refused(serve, project):
    simulator = serve("reject_unknown: true")
    answer = ask(simulator, chat(ignore_eos=True))
    assert answer.status == 400 and answer.json() == {"error": {
        "message": "Unknown parameter: 'ignore_eos'.", "type": "invalid_request_error",
        "param": "ignore_eos", "code": "unknown_parameter"}}
    assert ask(simulator).status == 200
    generic = ask(simulator, {"items": [{"value": "a"}], "top_k": 1}, GENERIC)
    assert generic.status == 400 and "'top_k'" in generic.json()["error"]["message"]
    failed = run(project, simulator, expect=3)  # sncloud sends ignore_eos
    assert {r["error_code"] for r in failed.responses[0]} == {400}
    assert "ignore_eos" in failed.responses[0][0]["error_msg"]
    without = run(project, simulator, config=CONFIG + "ignore_eos: false\n")
    assert {r["error_code"] for r in without.responses[0]} == {None}


def test_answers_are_whole_whatever_is_asked(serve, project):
    simulator = serve("whole_answers: true")
    answer = ask(simulator)
    assert answer.headers["content-type"] == "application/json"
    message = answer.json()["choices"][0]["message"]
    assert len(message["content"].split()) == 5 and counts(answer.json()["usage"]) == COUNTS
    generic = ask(simulator, {"items": [{"value": "a"}]}, GENERIC)
    assert generic.json()["items"][0]["value"]["is_last_response"]
    for r in run(project, simulator).responses[0]:
        assert r["error_code"] is None and r["non_streaming"]
        assert r["client_ttft_s"] is None and r["number_output_tokens"] == 5


def test_requests_above_a_rate_are_refused(serve, project):
    simulator = serve("max_requests_per_s: 3", "retry_after_s: 7")
    caller = Caller(simulator)
    caller.ask(chat())
    answers = [caller.ask(chat(max_tokens=1)) for _ in range(20)]
    refused = [a for a in answers if a.status == 429]
    assert refused and answers[0].status == 200
    for a in refused:
        assert a.headers["retry-after"] == "7" and a.headers["content-length"]
        assert a.json()["error"]["type"] == "rate_limit_error"
        assert a.json()["error"]["message"] == "More than 3 requests a second came."
    caller.close()
    time.sleep(1)
    done = run(project, simulator, ["one,10,1,20,1,,,"])
    codes = {r["error_code"] for r in done.responses[0]}
    assert codes == {None, 429}
    served = len(truth(simulator, 1))
    assert served == 21 - len(refused) + sum(r["error_code"] is None for r in done.responses[0])


def test_no_word_of_when_to_come_back(serve):
    simulator = serve("max_requests_per_s: 1", "retry_after_s: 0")
    ask(simulator, chat(max_tokens=1))
    answers = [ask(simulator, chat(max_tokens=1)) for _ in range(5)]
    refused = [a for a in answers if a.status == 429]
    assert refused and all("retry-after" not in a.headers for a in refused)


# --- Counting ---------------------------------------------------------------------------------


def test_tokens_are_counted_without_the_node(serve):
    simulator = serve()
    messages = chat()["messages"]
    assert ask(simulator, {"model": "one", "messages": messages},
               "/v1/messages/count_tokens").json() == {"input_tokens": 8}
    assert ask(simulator, {"model": "two", "messages": messages}, "/tokenize").json() == {
        "count": 8, "max_model_len": 4096, "tokens": list(range(8))}
    assert ask(simulator, {"model": "two", "prompt": "a b c"}, "/tokenize").json()["count"] == 3
    assert ask(simulator).status == 200
    (only,) = truth(simulator, 1)
    assert only["index"] == 0 and not only["hit"], "nothing was asked of the node before"
    long = {"model": "one", "prompt": "a " * 5000}
    assert ask(simulator, long, "/tokenize").json()["count"] == 5000, "longer than any tier"


def test_counting_does_not_wait_for_the_node(serve):
    simulator = serve()
    busy = Caller(simulator)
    busy.send(chat(max_tokens=500))
    answers = []
    done = threading.Thread(target=lambda: answers.append(Answer(busy.connection)))
    done.start()
    count = ask(simulator, {"model": "two", "prompt": "a"}, "/tokenize")
    assert count.status == 200 and not answers, "the answer under way takes 1.3 s"
    done.join(20)
    busy.close()
    assert [t["model"] for t in truth(simulator, 1)] == ["one"]


@pytest.mark.parametrize("path, body, status, part", [
    ("/tokenize", {"model": "one"}, 400, "'messages' must be"),
    ("/tokenize", {"model": "one", "prompt": 5}, 400, "'prompt' must be a text"),
    ("/tokenize", {"model": "three", "prompt": "a"}, 404, "no model 'three'"),
    ("/tokenize", [], 400, "not a JSON object"),
    ("/v1/messages/count_tokens", {"messages": []}, 400, "'model' must be a text"),
    ("/v1/messages/count_tokens", {"model": "one", "messages": []}, 400, "'messages' must be"),
])
def test_what_cannot_be_counted_is_refused(serve, path, body, status, part):
    answer = ask(serve(), body, path)
    assert answer.status == status and part in answer.json()["error"]["message"]
