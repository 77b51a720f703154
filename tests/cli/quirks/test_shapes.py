"""What an event is, and what it holds: values that share an event or a line end, keep-alives in every
dress, content in every shape, and usage from several reports. Each whole, and cut in two at every
byte: however it comes, it is the same request that ended the same way."""

import json
import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, content, event, stream

TEXTS = CONFIG + "save_llm_responses : True\nconnection : {idle_timeout: 10, tail_grace: 30}\n"
DONE = b"data: [DONE]\n\n"


def delta(**members):
    return event(choices=[{"delta": members}])


def stop(reason="stop", **members):
    return event(choices=[{"delta": {}, "finish_reason": reason}], **members)


def usage(prompt, completion, **more):
    return event(choices=[], usage={"prompt_tokens": prompt, "completion_tokens": completion, **more})


def by_one(*events):
    """Events parted by one line end, and two at the end."""
    return b"".join(e.rstrip(b"\n") + b"\n" for e in events) + b"\n"


END = usage(40, 2) + DONE
A, B = content("a"), content("b")
VALUE_A, VALUE_B = A[6:-2], B[6:-2]


def v2(**value):
    return json.dumps({"result": {"items": [{"value": value}]}}).encode()


def v1(**value):
    return json.dumps({"result": {"responses": [value]}}).encode()


def last(wrap, **more):
    return wrap(is_last_response=True, stop_reason="end", prompt_tokens_count=40, completion_tokens_count=2, **more)


class Case:
    def __init__(self, *parts, path="/v1", text="ab", chunks=2, code=None, message="", **fields):
        self.response = stream(*parts)
        self.path, self.text, self.chunks, self.code, self.message = path, text, chunks, code, message
        if code is None:
            fields = {"number_output_tokens": 2, "number_output_tokens_source": "server", **fields}
        self.fields = fields


V2, V1 = "/api/v2/predict/generic/p/e", "/api/predict/generic/p/e"

FRAMING = {
    "events parted by one line end": Case(by_one(A, B, stop(), usage(40, 2), DONE)),
    "events parted by one CR LF": Case(by_one(A, B, usage(40, 2), DONE).replace(b"\n", b"\r\n")),
    "one line end missing": Case(A.rstrip(b"\n") + b"\n", B, END),
    "usage behind one line end": Case(A, B, by_one(stop(), usage(40, 2)), DONE),
    "a value over several data lines, and one behind it": Case(
        b'data: {"choices":\ndata: [{"delta":\ndata: {"content": "a"}}\ndata: ]\ndata\ndata: }\n' + B, END),
    "two values in a data line": Case(b"data: " + VALUE_A + VALUE_B + b"\n\n", END, code="bad_stream", chunks=0,
                                      message="bytes follow the JSON value of an event: {"),
    "bytes behind a value": Case(A, b"data: " + VALUE_B + b" x\n\n", END, code="bad_stream", chunks=1,
                                 message="bytes follow the JSON value of an event: x"),
    "the end mark behind a value": Case(A, b"data: " + VALUE_B + b"[DONE]\n\n", code="bad_stream", chunks=1),
    "the last line end is missing": Case(A, B, by_one(usage(40, 2)).rstrip(b"\n") + b"\n" + DONE.rstrip(b"\n")),
    "keep-alives sent as data": Case(b'data: ping\n\ndata: ""\n\ndata: null\n\n', A,
                                     b'data:ping\ndata: "ping"\ndata: null\n' + B, b"data: null\n\n", END),
    "pings with anything": Case(
        b'event: ping\ndata: {"type": "ping"}\n\n', A, b"event: ping\ndata: pong\n\n",
        b'event: ping\ndata: {"error": "no"}\n' + B, b"event:ping\ndata: {\ndata: }\n\n", END),
    "two objects on a line, version 2": Case(
        v2(stream_token="a") + v2(stream_token="b") + b"\n", last(v2) + b"\n", path=V2, code="bad_stream", chunks=0,
        message="bytes follow the JSON value of an event"),
    "two objects on a line, version 1": Case(
        v1(stream_token="a") + b"\n", v1(stream_token="b") + b" " + last(v1) + b"\n", path=V1, code="bad_stream",
        chunks=1, message="bytes follow the JSON value of an event"),
    "keep-alives between lines, version 2": Case(
        b'ping\n""\n', v2(stream_token="a") + b"\nnull\n", v2(stream_token="b") + b"\n: ping\n",
        last(v2), path=V2),
    "keep-alives between lines, version 1": Case(
        b"null\n", v1(stream_token="a") + b"\nping\n", v1(stream_token="b") + b"\n", last(v1), path=V1),
}


def call(arguments, **more):
    return delta(tool_calls=[{"index": 0, "function": {"arguments": arguments, **more}}])


SHAPES = {
    "parts of text": Case(delta(content=[{"type": "text", "text": "a"}]),
                          delta(content=[{"type": "text", "text": "b"}]), END),
    "a part of thinking, its text nested": Case(
        delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]),
        delta(content=[{"type": "text", "text": "a"}]), END, text="a"),
    "thinking": Case(delta(thinking="r"), A, END, text="a"),
    "reasoning details": Case(delta(reasoning_details=[{"type": "reasoning.text", "text": "r"}]), A, END, text="a"),
    "a refusal": Case(delta(content=None, refusal="I "), delta(refusal="cannot"), END, text="I cannot"),
    "tool calls": Case(delta(role="assistant", content=None), call("", name="f"), call('{"x":'), call("1}"),
                       stop("tool_calls"), END, text='{"x":1}'),
    "what is spoken": Case(delta(audio={"transcript": "r"}), delta(audio={"data": "UklG"}), A, END, text="a"),
    "an end mark and no text, but a count": Case(
        usage(40, 16), DONE, code="empty_answer", chunks=0,
        message="the server counted 16 tokens, and sent none of them as text"),
    "a finish and no text, but a count": Case(
        delta(role="assistant"), stop("length"), usage(40, 16), DONE, code="empty_answer", chunks=0,
        message="the server counted 16 tokens (length), and sent none of them as text"),
}

USAGE = {
    "zeros behind counts": Case(A, B, usage(40, 8), usage(0, 0, total_tokens=0), DONE, number_input_tokens=40,
                                number_output_tokens=8, server_number_input_tokens=40, server_number_output_tokens=8),
    "nothing behind counts": Case(A, B, usage(40, 8), event(usage={}), DONE, number_input_tokens=40,
                                  number_output_tokens=8),
    "plain usage behind a full one": Case(
        A, B, usage(40, 8, time_to_first_token=0.25, total_latency=0.5), usage(40, 8), DONE, number_output_tokens=8,
        server_ttft_s=0.25, server_end_to_end_latency_s=0.5),
    "zeros beside chunks": Case(A, B, usage(0, 0, prompt_tokens_details={"cached_tokens": 0}), DONE,
                                number_input_tokens=40, number_input_tokens_source="asked", cached_tokens=0,
                                number_output_tokens_source="events", server_number_output_tokens=None),
    "zeros beside chunks, and an id at the end alone": Case(
        A, B, stop(id="r"), usage(0, 0), DONE, number_output_tokens_source="events", announcements=0),
    "reasoning apart": Case(A, B, usage(40, 8, total_tokens=64, completion_tokens_details={"reasoning_tokens": 16}),
                            DONE, number_output_tokens=24, number_output_tokens_source="server+reasoning",
                            server_number_output_tokens=8, number_total_tokens=64),
    "usage of Groq": Case(A, B, stop(x_groq={"id": "r", "usage": {
        "prompt_tokens": 41, "completion_tokens": 8, "prompt_time": 0.25, "queue_time": 0.1}}), DONE,
        number_input_tokens=41, number_output_tokens=8, server_prompt_s=0.25, server_ttft_s=None, server_load_s=None),
    "timings of llama.cpp": Case(A, B, stop(timings={
        "cache_n": 1, "prompt_n": 40, "prompt_ms": 250, "predicted_n": 9, "predicted_ms": 400, "draft_n": 4,
        "draft_n_accepted": 3}), DONE, number_input_tokens=41, number_output_tokens=9, cached_tokens=1,
        server_prompt_s=0.25, server_ttft_s=None, server_end_to_end_latency_s=None, acceptance_rate=None,
        server_output_token_per_s_per_request=20.0),
    "counts of Ollama": Case(A, B, event(
        choices=[], prompt_eval_count=41, eval_count=8, prompt_eval_duration=250_000_000, load_duration=1_500_000_000),
        DONE, number_input_tokens=41, number_output_tokens=8, server_prompt_s=0.25, server_load_s=1.5,
        server_ttft_s=None),
    "counts of TGI": Case(A, B, event(choices=[], details={"generated_tokens": 8, "input_length": 41}), DONE,
                          number_input_tokens=41, number_output_tokens=8),
    "zeros in the last line": Case(v2(stream_token="a") + b"\n", v2(stream_token="b") + b"\n", v2(
        is_last_response=True, stop_reason="end", prompt_tokens_count=0, completion_tokens_count=0), path=V2,
        number_output_tokens_source="events", server_number_input_tokens=None),
}

CASES = {**FRAMING, **SHAPES, **USAGE}


def cutting(response):
    """An endpoint that cuts response k in two behind byte k; the first comes whole."""
    def answer(request, connection):
        cut = request["index"] % len(response)
        if cut:
            connection.sendall(response[:cut])
            time.sleep(0.001)
        connection.sendall(response[cut:])
    return answer


def start(project, server, case, requests):
    studio = case.path != "/v1"
    project.setup([f"m,40,2,{requests},8,,,"], TEXTS.replace("sncloud", "sambastudio") if studio else TEXTS)
    address = server.address.replace("/v1", case.path)
    if studio:
        project.write(".env", f"SAMBASTUDIO_URL={address}\nSAMBASTUDIO_API_KEY=demo-key\n")
    return project.run("--set", "max_consecutive_errors=0", "--set", "connection.preconnect=false",
                       address=address, expect=3 if case.code else 0)


@pytest.mark.parametrize("name", CASES)
def test_whole_and_cut_at_every_byte(endpoint, project, name):
    case = CASES[name]
    run = start(project, endpoint(cutting(case.response)), case, len(case.response))
    (responses,) = run.responses
    assert len(responses) == len(case.response)
    for r in responses:
        assert r["error_code"] == case.code, (r["request_index"], r["error_msg"])
        assert case.message in r["error_msg"]
        assert len(r["client_inter_token_latencies_s"]) == case.chunks, r["request_index"]
        assert {key: r[key] for key in case.fields} == case.fields, r["request_index"]
    if case.code is None:
        kept = (run.folder / f"{run.names[0]}_response_texts.jsonl").read_text().split("\n")[:-1]
        assert {json.loads(line)["completion"] for line in kept} == {case.text}


def test_each_event_has_its_own_arrival(endpoint, project):
    """Parted by one line end, and the two at the end come last of all."""
    def answer(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n")
        for one in (A, B, content("c"), usage(40, 3), DONE):
            time.sleep(0.4)
            connection.sendall(one.rstrip(b"\n") + b"\n")
        connection.close()

    project.setup(["m,40,3,2,1,,,"], TEXTS)
    run = project.run("--set", "connection.preconnect=false", address=endpoint(answer).address)
    for r in run.responses[0]:
        first, *gaps = r["client_inter_token_latencies_s"]
        assert r["number_output_tokens_source"] == "server" and len(gaps) == 2
        assert first >= 0.3 and min(gaps) >= 0.3
        assert r["client_coalesced_chunks"] == []
