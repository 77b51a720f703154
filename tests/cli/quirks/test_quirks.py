"""The quirks that servers and proxies are known for, each by name: whole, and cut in two at every
byte. However it comes, it is the same request that ended the same way."""

import json
import socket
import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, content, event, finish, stream

END = finish(prompt_tokens=40, completion_tokens=2)
DONE = b"data: [DONE]\n\n"
STOP = event(choices=[{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}])
TEXTS = CONFIG + "save_llm_responses : True\nconnection : {idle_timeout: 10}\n"


def delta(**members):
    return event(choices=[{"index": 0, "delta": members}])


def ended(reason, **members):
    return event(choices=[{"index": 0, "delta": {}, "finish_reason": reason, **members}])


def usage(prompt, completion, **chunk):
    return event(usage={"prompt_tokens": prompt, "completion_tokens": completion}, **chunk)


def token(text, completion):
    """A chunk with usage in it, as some servers send each."""
    return usage(40, completion, choices=[{"index": 0, "delta": {"content": text}}])


def named(**members):
    """A chunk that bears the response's id."""
    return event(id="chatcmpl-1", model="m", choices=[{"index": 0, "delta": members}])


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
    "usage in every chunk, cut behind the third": Quirk(
        12, body(usage(40, 0, choices=[{"index": 0, "delta": {"role": "assistant"}}]), token("a", 1), token("b", 2),
                 token("c", 3)), code="truncated", chunks=3),
    "the prompt's usage first, cut behind a token": Quirk(
        12, body(usage(40, 0, choices=[]), content("a")), code="truncated", chunks=1),
    "usage beside an empty delta": Quirk(12, body(content("a"), usage(40, 1, choices=[{"index": 0, "delta": {}}])),
                                         code="truncated", chunks=1),
    "a finish reason that is the text null": Quirk(12, body(content("a"), ended("null")), code="truncated", chunks=1),
    "usage in every chunk, and an end": Quirk(12, body(token("a", 1), token("b", 2), ended("length"))),
    "usage alone behind the tokens": Quirk(12, body(content("a"), content("b"), usage(40, 2))),
    "a finish reason nobody knows": Quirk(12, body(content("a"), content("b"), ended("eos"), usage(40, 2, choices=[])),
                                          reasons="{'eos': %d}"),
    "tokens without text": Quirk(7, body(delta(role="assistant", content=""), ended("length"),
                                         usage(40, 1, choices=[]), DONE), text="", chunks=0, tokens=1, silent_token=True,
                                 told="held tokens without text", reasons="{'length': %d}"),
    "more tokens without text than marks take": Quirk(7, body(delta(role="assistant", content=""), ended("length"),
                                                              usage(40, 16, choices=[]), DONE), chunks=0,
                                                      code="empty_answer"),
    "cut by a filter": Quirk(12, body(content("a"), content("b"), ended("content_filter"), usage(40, 2)),
                             told="a content filter cut ", reasons="{'content_filter': %d}"),
    **{f"given up, and ended as if all were well: {reason}": Quirk(
        13, body(content("a"), ended(reason), usage(40, 1, choices=[]), DONE), chunks=1, code="stream_error",
        message=f'finish_reason is "{reason}"')
       for reason in ("abort", "aborted", "error", "cancelled", "canceled", "preempted", "timeout", "Abort")},
    "given up in a whole answer": Quirk(13, (lambda page: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (
        len(page), page))(b'{"choices":[{"message":{"content":"a"},"finish_reason":"abort"}]}'), chunks=0,
        code="stream_error", message='finish_reason is "abort"'),
    "an error object in the middle": Quirk(13, body(
        content("a"), event(error={"message": "out of memory", "code": 500}), b"data: [DONE]\n\n"),
        chunks=1, code="stream_error", message="out of memory"),
    "an error as a field": Quirk(13, body(
        content("a"), b'error: {"code":500,"message":"no slot","type":"server_error"}\n\n', DONE),
        chunks=1, code="stream_error", message="no slot"),
    "an error as a field of plain text": Quirk(13, body(content("a"), b"error: no slot\n\n", DONE),
                                               chunks=1, code="stream_error", message="no slot"),
    "a bare error object among the lines": Quirk(13, body(
        content("a"), b'{"error":{"message":"boom"}}\n', content("b"), DONE), code="stream_error", message="boom"),
    "a bare error object before the lines": Quirk(13, body(
        b'{"error":{"message":"boom"}}\n', content("a"), content("b"), END), code="stream_error", message="boom"),
    "a bare error object behind the lines": Quirk(13, body(
        content("a"), STOP, b'{"error":{"message":"boom"}}'), chunks=1, code="stream_error", message="boom"),
    "a bare error object over several lines": Quirk(13, body(content("a"), STOP, b"\n".join(
        [b"{", b'  "error": {', b'    "message": "boom {"', b"  }", b"}", b"", b""]), DONE), chunks=1,
        code="stream_error", message="boom {"),
    "an error object alone": Quirk(13, body(b'{"error":{"message":"boom"}}\n'), chunks=0, code="stream_error",
                                   message="boom"),
    "an error after tokens and usage": Quirk(13, body(content("a"), STOP, usage(40, 1), event(
        error={"message": "boom"}), DONE), chunks=1, code="stream_error", message="boom"),
    "an error of one choice": Quirk(13, body(content("a"), ended(
        "error", error={"code": 502, "message": "boom"}), DONE), chunks=1, code="stream_error", message="boom"),
    "an error that is true, and a message beside it": Quirk(13, body(content("a"), event(
        error=True, message="boom"), DONE), chunks=1, code="stream_error", message="boom"),
    "an error inside an error": Quirk(13, body(content("a"), event(error={"error": {"message": "boom"}}), DONE),
                                      chunks=1, code="stream_error", message="boom"),
    "errors as a list": Quirk(13, body(content("a"), event(errors=[{"message": "boom"}]), DONE),
                              chunks=1, code="stream_error", message="boom"),
    "a detail as a list": Quirk(13, body(content("a"), event(detail=[{"msg": "boom"}]), DONE),
                                chunks=1, code="stream_error", message="boom"),
    "errors that are none": Quirk(13, body(event(choices=[{"index": 0, "delta": {"content": "a"}}], error=0), event(
        choices=[{"index": 0, "delta": {"content": "b"}}], error={}), END)),
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
                               code="bad_stream", chunks=0, message="compressed (Content-Encoding: gzip)"),
    "held back by a proxy": Quirk(18, body(*[content(c) for c in "abcdefghijklmnop"],
                                           finish(completion_tokens=16)), text="abcdefghijklmnop", chunks=16,
                                  tokens=16, wait=0.03, told="responses came at once"),
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
    "announcements before the first chunk with an id": Quirk(26, body(
        delta(reasoning_content="loading"), content("soon "), named(role="assistant"), named(content="a"),
        named(content="b"), END), announcements=2, told="began with announcements"),
    "an id on the end alone": Quirk(26, body(content("a"), content("b"), event(
        id="x", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]), END)),
    "an announcement, and a token without text": Quirk(26, body(
        delta(reasoning_content="loading"), named(role="assistant", content=""), event(
            id="chatcmpl-1", choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]), usage(40, 1), DONE),
        text="", chunks=0, tokens=1, announcements=1, silent_token=True),
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
    at_once = 24 if quirk.more.get("silent") else 8
    project.setup([f"m,40,{quirk.tokens},{len(quirk.answer)},{at_once},,,"], TEXTS)
    options = ["--set", "max_consecutive_errors=0", "--set", "connection.preconnect=false"]
    if quirk.more.get("silent"):
        options += ["--set", "connection.idle_timeout=1.5"]
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
        assert r["announcements"] == quirk.more.get("announcements", 0)
        assert (r["announced_s"] is not None) == (r["announcements"] > 0)
        assert r["first_token_without_text"] == quirk.more.get("silent_token", False)
        if quirk.code is None:
            assert r["number_output_tokens"] == quirk.tokens
            assert r["number_output_tokens_source"] == quirk.more.get("source", "server")
            assert r["non_streaming"] == ("ttft" in quirk.more)
            assert (r["client_ttft_s"] is None) == ("ttft" in quirk.more)
            assert r["client_end_to_end_latency_s"] > 0
            assert r["server_ttft_s"] == quirk.more.get("server_ttft")
        elif quirk.chunks:
            assert r["client_ttft_s"] > 0, "what was measured before stays"
    assert summary["results_num_announced"] == len(responses) * ("announcements" in quirk.more)
    assert summary["results_num_first_token_without_text"] == len(responses) * ("silent_token" in quirk.more)
    if "reasons" in quirk.more:
        assert summary["results_finish_reason_frequency"] == quirk.more["reasons"] % len(responses)
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
    run = project.run("--set", "connection.preconnect=false", "--set", "connection.reuse=always",
                      address=server.address)
    assert {r["http_version"] for r in run.responses[0]} == {"1.1"}
    assert len(server.sockets) == 1 + 4, "one to ask what the server is, before the row"
