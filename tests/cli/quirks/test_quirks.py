"""The quirks that servers and proxies are known for, each by name: whole, and cut in two at every
byte. However it comes, it is the same request that ended the same way."""

import json
import socket
import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, content, event, finish, stream

END = finish(prompt_tokens=40, completion_tokens=2)
STOP = event(choices=[{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}])
TEXTS = CONFIG + "save_llm_responses : True\nconnection : {idle_timeout: 10}\n"


def delta(**members):
    return event(choices=[{"index": 0, "delta": members}])


def body(*parts):
    return stream(*parts)


def close(*parts):
    """An answer whose end is the connection's."""
    return OK + b"Connection: close\r\n\r\n" + b"".join(parts)


def chunked(*parts, trailer=b""):
    return (OK + b"Transfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n" + trailer + b"\r\n")


def with_lines(line_end):
    return body(b"".join([content("a"), content("b"), END]).replace(b"\n", line_end))


class Quirk:
    def __init__(self, number, answer, text="ab", chunks=2, code=None, tokens=2, **more):
        self.number, self.answer, self.text = number, answer, text
        self.chunks, self.code, self.tokens, self.more = chunks, code, tokens, more


QUIRKS = {
    "an event over several segments, and several in one": Quirk(1, body(content("a"), content("b"), END)),
    "no blank after the colon": Quirk(2, body(content("a").replace(b"data: ", b"data:"), content("b"), END)),
    "two blanks after the colon": Quirk(2, body(content("a").replace(b"data: ", b"data:  "), content("b"), END)),
    "lines end with CR LF": Quirk(3, with_lines(b"\r\n")),
    "lines end with CR": Quirk(3, with_lines(b"\r")),
    "lines end each otherwise": Quirk(3, body(content("a").replace(b"\n", b"\r\n"),
                                              content("b").replace(b"\n", b"\r"), END)),
    "a byte-order mark, other fields, data of several lines": Quirk(4, body(
        b"\xef\xbb\xbfevent: message\nid: 1\nretry: 5\n", content("a"),
        content("b").replace(b'{"choices"', b'{\ndata: "choices"'), END)),
    "comments and blank events": Quirk(5, body(
        b": keep-alive\n\n:\n\n: ping - 2026\n", content("a"), b": OPENROUTER PROCESSING\n\n\n\ndata:\n\n",
        content("b"), END)),
    "a keep-alive sent as data": Quirk(6, body(b"data: : keepalive\n\n", content("a"), content("b"), END)),
    "a role, and an empty content, before the first token": Quirk(7, body(
        delta(role="assistant"), delta(role="assistant", content=""), content("a"), content("b"), END)),
    "reasoning": Quirk(8, body(delta(reasoning="r"), delta(reasoning_content="s"), content("a"), END),
                       text="a", chunks=3),
    "many tokens in a chunk": Quirk(9, body(content("a b c"), content("d e"), finish(completion_tokens=5)),
                                    text="a b cd e", tokens=5),
    "usage in the last chunk with content": Quirk(10, body(content("a"), event(
        choices=[{"index": 0, "delta": {"content": "b"}}], usage={"completion_tokens": 2}), STOP)),
    "usage with no choices, and null before": Quirk(10, body(
        event(choices=[{"index": 0, "delta": {"content": "a"}}], usage=None), content("b"), STOP,
        event(usage={"completion_tokens": 2}))),
    "usage again and again": Quirk(10, body(*[event(
        choices=[{"index": 0, "delta": {"content": t}}], usage={"completion_tokens": i + 1})
        for i, t in enumerate("ab")], STOP)),
    "no usage at all": Quirk(11, body(content("a"), content("b"), STOP, b"data: [DONE]\n\n"), source="events"),
    "a finish reason and nothing after it": Quirk(12, body(content("a"), content("b"), STOP), source="events"),
    "an end mark and no finish reason": Quirk(12, body(content("a"), content("b"), b"data: [DONE]\n\n"),
                                              source="events"),
    "neither": Quirk(12, body(content("a"), content("b")), code="truncated"),
    "an error object in the middle": Quirk(13, body(
        content("a"), event(error={"message": "out of memory", "code": 500}), b"data: [DONE]\n\n"),
        chunks=1, code="stream_error", message="out of memory"),
    "an error as a text": Quirk(13, body(content("a"), event(error="boom"), b"data: [DONE]\n\n"),
                                chunks=1, code="stream_error", message="boom"),
    "an error and then silence": Quirk(14, OK + b"Content-Length: 9999\r\n\r\n" + content("a")
                                       + event(error={"message": "boom"}), chunks=1, code="stream_error",
                                       message="boom", silent=True),
    "nothing at all": Quirk(14, body(b""), code="empty_answer", chunks=0),
    "an end mark alone": Quirk(14, body(b"data: [DONE]\n\n"), code="empty_answer", chunks=0),
    "closed in the middle": Quirk(14, close(content("a"), content("b")[:20]), code="truncated", chunks=1),
    "closed at the end": Quirk(14, close(content("a"), content("b"), END)),
    "null and missing members, floats for whole numbers": Quirk(15, body(
        event(id=None, choices=[{"delta": {"content": None, "tool_calls": None}}]), event(choices=[]),
        event(choices=[{"index": 0.0, "delta": {"content": "a"}, "finish_reason": None}]), content("b"),
        event(choices=None, usage={"prompt_tokens": 40.0, "completion_tokens": 2.0}), STOP)),
    "a long line": Quirk(15, body(content("a"), event(padding="x" * 400, choices=[
        {"index": 0, "delta": {"content": "b"}}]), END)),
    "line separators of Unicode, cut letters, escapes": Quirk(16, body(
        b'data: {"choices":[{"delta":{"content":"a\xe2\x80\xa8\xf0\x9f\x8c\x8d"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\ud83c\\udf0d\\u2029b"}}]}\n\n', END),
        text="a\u2028\U0001f30d\U0001f30d\u2029b"),
    "packed by a proxy": Quirk(17, OK + b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + b"\x1f\x8b" * 15,
                               code="bad_stream", chunks=0, message="packed (Content-Encoding: gzip)"),
    "held back by a proxy": Quirk(18, body(*[content(c) for c in "abcdefghijklmnop"],
                                           finish(completion_tokens=16)), text="abcdefghijklmnop", chunks=16,
                                  tokens=16, wait=0.03, told="answers came at once"),
    "a refusal with a wait": Quirk(19, b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\nslow down",
                                   code=429, chunks=0, message="HTTP 429: slow down"),
    "moved": Quirk(20, b"HTTP/1.1 308 Moved\r\nLocation: https://other/v1\r\nContent-Length: 0\r\n\r\n", code=308,
                   chunks=0, message="the address has moved to https://other/v1; the key is not sent there"),
    "an error page": Quirk(21, b"HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\nContent-Length: 26\r\n\r\n"
                               b"<html>\n<b>upstream</b></ht", code=502, chunks=0, message="HTTP 502: <html> <b>up",
                           error_body="<html> <b>upstream</b></ht"),
    "an error as detail": Quirk(21, b'HTTP/1.1 404 No\r\nContent-Length: 20\r\n\r\n{"detail":"no such"}',
                                code=404, chunks=0, message="HTTP 404: no such"),
    "chunked, with a trailer": Quirk(22, chunked(content("a"), content("b"), END, trailer=b"X-Trail: 1\r\n")),
    "continue first": Quirk(22, b"HTTP/1.1 100 Continue\r\n\r\n" + body(content("a"), content("b"), END)),
    "closed after an answer that promised to stay": Quirk(23, body(content("a"), content("b"), END), again=True),
    "a whole answer for a stream": Quirk(25, (lambda page: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                              b"Content-Length: %d\r\n\r\n%s" % (len(page), page))(json.dumps(
        {"id": "x", "choices": [{"message": {"role": "assistant", "content": "ab"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 40, "completion_tokens": 2}}, indent=1).encode()), chunks=0, ttft=None,
        told="came whole, not as a stream"),
    "text while the model loads": Quirk(26, body(content("loading "), content("a"), finish(
        completion_tokens=1, time_to_first_token=9.0)), text="loading a", tokens=1, server_ttft=9.0),
}


def answers(quirk):
    """An endpoint that cuts answer k in two behind byte k; the first comes whole."""
    def answer(request, connection):
        cut = request["index"] % len(quirk.answer)
        time.sleep(quirk.more.get("wait", 0))
        if cut:
            connection.sendall(quirk.answer[:cut])
            time.sleep(0.001)
        connection.sendall(quirk.answer[cut:])
        if quirk.more.get("again") or b"Connection: close" in quirk.answer:
            connection.shutdown(socket.SHUT_RDWR)
    return answer


@pytest.mark.parametrize("name", QUIRKS)
def test_whole_and_cut_at_every_byte(endpoint, project, name):
    quirk = QUIRKS[name]
    project.setup([f"m,40,{quirk.tokens},{len(quirk.answer)},8,,,"], TEXTS)
    options = ["--set", "max_consecutive_errors=0", "--set", "connection.preconnect=false"]
    if quirk.more.get("silent"):
        options += ["--set", "connection.idle_timeout=0.5"]
    if quirk.more.get("again"):  # nothing is sent twice unasked, so it is asked for
        options += ["--set", "retry.attempts=5", "--set", "retry.max_wait=0.01"]
    run = project.run(*options, address=endpoint(answers(quirk)).address, expect=3 if quirk.code else 0)
    (responses,), (summary,) = run.responses, run.summaries
    if quirk.more.get("again"):
        assert {r["error_code"] for r in responses} <= {None, "connection_reset"}
        responses = [r for r in responses if r["retry_wait_s"] is None]
    assert len(responses) == len(quirk.answer)
    for r in responses:
        assert r["error_code"] == quirk.code, (r["request_index"], r["error_msg"])
        assert len(r["client_inter_token_latencies_s"]) == quirk.chunks, r["request_index"]
        assert quirk.more.get("message", "") in r["error_msg"]
        if "error_body" in quirk.more:
            assert r["error_body"] == quirk.more["error_body"]
        if quirk.code is None:
            assert r["number_output_tokens"] == quirk.tokens
            assert r["number_output_tokens_source"] == quirk.more.get("source", "server")
            assert r["non_streaming"] == ("ttft" in quirk.more)
            assert (r["client_ttft_s"] is None) == ("ttft" in quirk.more)
            assert r["client_end_to_end_latency_s"] > 0
            assert r["server_ttft_s"] == quirk.more.get("server_ttft")
        elif quirk.chunks:
            assert r["client_ttft_s"] > 0, "what was measured before stays"
    if quirk.code is None:
        kept = (run.folder / f"{run.names[0]}_response_texts.jsonl").read_text().split("\n")[:-1]
        assert {json.loads(line)["completion"] for line in kept} == {quirk.text}
        assert summary["results_num_completed_requests"] == len(responses)
    else:
        assert summary["results_number_errors"] == len(responses)
    assert quirk.more.get("told", "") in run.process.stdout


def test_every_quirk_is_there():
    """24 is HTTP/2's, which tests/cli/http2 holds apart: the default is 1.1, a connection for each."""
    assert {quirk.number for quirk in QUIRKS.values()} | {24} == set(range(1, 27))


def test_http_1_1_and_a_connection_for_each_place(endpoint, project):
    server = endpoint(lambda request, connection: time.sleep(0.05) or body(content("a"), END))
    project.setup(["m,40,1,12,4,,,"])
    run = project.run("--set", "connection.preconnect=false", address=server.address)
    assert {r["http_version"] for r in run.responses[0]} == {"1.1"}
    assert len(server.sockets) == 4
