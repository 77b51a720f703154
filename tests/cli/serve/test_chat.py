"""Chats of the workbench: text as it comes, figures at its end, who may ask and how many, and the page."""

import base64
import http.client
import json
import re
import threading
import time

import pytest
from starting import Held, start, wait_for_state, wait_until
from support.bench import HEADER
from support.chat import DIALECTS, Chat
from support.endpoint import OK, content, event, finish, plain, stream

OPENAI = DIALECTS[0]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))
KEY = "sk-Zq81hT0pLmXw"


def answers(request, connection):
    return stream(content("ok"), content(" then"),
                  event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
                  finish(prompt_tokens=7, completion_tokens=2))


class Forever:
    """An endpoint that begins to respond, and goes on once it may."""

    def __init__(self, words="So far"):
        self.words, self.go_on, self.gone = words, threading.Event(), threading.Event()

    def __call__(self, request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n" + content(self.words))
        while not self.go_on.wait(0.02):
            connection.setblocking(False)
            try:
                if connection.recv(1) == b"":
                    self.gone.set()
                    return None
            except BlockingIOError:
                pass
            finally:
                connection.setblocking(True)
        connection.sendall(content(" and on") + finish(prompt_tokens=1, completion_tokens=2))
        connection.close()
        return None


@pytest.fixture
def opened(serve, project, endpoint):
    """opened(answer) starts a workbench for an endpoint that answers so, and enters it."""
    def enter(answer=answers, key=KEY, **how):
        server = endpoint(answer, **how)
        workbench = serve(environment=project.environment(server.address, key))
        assert workbench.enter().status == 200
        workbench.endpoint = server
        return workbench
    return enter


def asking(*contents, model="m", **more):
    roles = ("user", "assistant")
    return {"model": model, **more,
            "messages": [{"role": roles[i % 2], "content": one} for i, one in enumerate(contents)]}


class Stream:
    """A chat's reply, line by line, as it comes."""

    def __init__(self, workbench, body):
        self.connection = http.client.HTTPConnection("127.0.0.1", workbench.port, timeout=60)
        self.connection.request("POST", "/api/v1/chat", json.dumps(body), {
            "Host": workbench.host, "Origin": f"http://{workbench.host}", "X-Coebench": workbench.secret})
        self.reply = self.connection.getresponse()
        assert self.reply.status == 200, self.reply.read()
        self.id = self.line()["id"]

    def line(self):
        """The next that says something."""
        while (line := self.reply.readline()) == b"\n":
            pass
        return json.loads(line) if line else None

    def rest(self):
        """(text, last line)"""
        text, line = "", self.line()
        while "text" in line:
            text, line = text + line["text"], self.line()
        assert line["done"] is True and self.line() is None
        return text, line

    def close(self):
        self.connection.close()


def chat(workbench, body):
    return Stream(workbench, body).rest()


# --- A question ----------------------------------------------------------------------------------


def test_text_comes_as_it_comes_and_figures_at_the_end(opened):
    slow = Forever("The first words")
    workbench = opened(slow)
    said = Stream(workbench, asking("Go"))
    assert "The first wo".startswith(said.line()["text"]), "before the endpoint has ended"
    slow.go_on.set()
    text, last = said.rest()
    assert text.endswith("rds and on")
    assert last["figures"]["input_tokens"] == 1 and last["figures"]["output_tokens"] == 2
    assert 0 < last["figures"]["ttft_s"] < last["figures"]["latency_s"]
    assert [label for label, _ in last["words"]] == ["latency", "time to first token", "throughput", "prompt", "response"]
    assert last["failure"] is None and last["stopped"] is False


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)
def test_the_whole_conversation_is_sent(serve, project, endpoint, dialect):
    heard = Chat(dialect, words=lambda messages, tokens: ["fi", "ne"])
    address = endpoint(heard).address.removesuffix("/v1") + dialect.base
    workbench = serve(environment=project.environment(None, None))
    workbench.enter()
    typed = workbench.api("POST", "/endpoint", {"address": address, "api": dialect.api, "key": KEY})
    assert typed.status == 200
    text, last = chat(workbench, asking("one", "two", "three", system="Be kind."))
    assert text == "fine" and last["failure"] is None
    assert heard.heard == [[("system", "Be kind."), ("user", "one"), ("assistant", "two"), ("user", "three")]]


def test_what_is_asked_for_is_sent(opened):
    workbench = opened()
    chat(workbench, asking("x", model="other", output_tokens=77, temperature=0.5))
    chat(workbench, asking("x", system=None, output_tokens=None, temperature=None))
    first, second = [request["body"] for request in workbench.endpoint.requests]
    assert (first["model"], first["max_tokens"], first["temperature"]) == ("other", 77, 0.5)
    assert second["max_tokens"] == 512 and "temperature" not in second
    assert workbench.endpoint.requests[0]["headers"]["authorization"] == f"Bearer {KEY}"


def test_pictures_come_from_uploads(opened):
    workbench = opened()
    sent = workbench.ask("POST", "/api/v1/uploads?kind=image&name=a.png", PNG, X_Coebench=workbench.secret,
                         Origin=f"http://{workbench.host}")
    name = sent.json()["name"]
    body = asking("What is it?", "A dog.", "Sure?")
    body["messages"][0]["image"] = name
    assert chat(workbench, body)[0] == "ok then"
    (request,) = workbench.endpoint.requests
    parts = request["body"]["messages"][0]["content"]
    assert parts[1]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(PNG).decode()
    for wrong in ("../queue.json", "/etc/passwd", "..", "nothing.png", "a" * 100, f"{name}/", f"./{name}"):
        body["messages"][0]["image"] = wrong
        refused = workbench.api("POST", "/chat", body)
        assert refused.status == 400 and "no upload has the name" in refused.json()["error"], wrong
    assert len(workbench.endpoint.requests) == 1


@pytest.mark.parametrize("body, part", [
    ([], "not a JSON object"),
    ({}, "model: is missing"),
    ({"model": 7}, "model: is missing"),
    ({"model": "m"}, "messages: is not a list"),
    ({"model": "m", "messages": []}, "messages: is not a list"),
    ({"model": "m", "messages": [{}] * 2001}, "messages: is not a list of 1 to 2000"),
    ({"model": "m", "messages": ["x"]}, "role: is neither"),
    ({"model": "m", "messages": [{"role": "system", "content": "x"}]}, "role: is neither"),
    ({"model": "m", "messages": [{"role": "user", "content": ""}]}, "content: is not a text"),
    ({"model": "m", "messages": [{"role": "user", "content": ["x"]}]}, "content: is not a text"),
    ({"model": "m", "messages": [{"role": "user", "content": "x", "image": 7}]}, "image: is not the name"),
    ({"model": "m", "messages": [{"role": "assistant", "content": "x", "image": "y"}]}, "image: is not the name"),
    (asking("x", "y"), "nothing is asked"),
    (asking("x", system=7), "system: is not a text"),
    (asking("x", output_tokens=49), "output_tokens: is not a whole number from 50 to 2048"),
    (asking("x", output_tokens=2049), "output_tokens: is not"),
    (asking("x", output_tokens=99.5), "output_tokens: is not"),
    (asking("x", output_tokens="99"), "output_tokens: is not"),
    (asking("x", temperature=-1), "temperature: is not a number from 0 to 2"),
    (asking("x", temperature="hot"), "temperature: is not"),
])
def test_what_is_wrong_is_refused(opened, body, part):
    workbench = opened()
    reply = workbench.api("POST", "/chat", body)
    assert reply.status == 400 and part in reply.json()["error"]
    assert not workbench.endpoint.requests


def test_what_is_no_json_is_refused(opened):
    workbench = opened()
    for body in (b"", b"{", b"\xff\xfe", b'{"model": "m"', b"[" * 5000):
        reply = workbench.ask("POST", "/api/v1/chat", body, X_Coebench=workbench.secret,
                              Origin=f"http://{workbench.host}")
        assert reply.status == 400 and "not a JSON object" in reply.json()["error"]


def test_failures_are_told_as_a_run_tells_them(opened):
    workbench = opened(lambda r, c: plain(429, b'{"error": {"message": "too many"}}'))
    text, last = chat(workbench, asking("x"))
    assert text == "" and last["failure"].startswith("429: the endpoint limits how much one key may ask (")
    assert "too many" in last["failure"]


def test_without_an_endpoint(serve, project):
    workbench = serve(environment=project.environment(None, None))
    workbench.enter()
    assert workbench.api("POST", "/chat", asking("x")).status == 502


def test_no_reply_holds_the_key(opened):
    text = f"You sent {KEY}, did you?"
    workbench = opened(lambda r, c: stream(*[content(one) for one in text],
                                           finish(prompt_tokens=1, completion_tokens=1)))
    body = json.dumps(asking("x"))
    reply = workbench.ask("POST", "/api/v1/chat", body.encode(), X_Coebench=workbench.secret,
                          Origin=f"http://{workbench.host}")
    lines = [json.loads(line) for line in reply.body.splitlines() if line]
    assert "".join(line.get("text", "") for line in lines) == f"You sent {'*' * len(KEY)}, did you?"
    assert KEY[:4].encode() not in reply.body and KEY not in workbench.log()


def test_a_switch_is_told_over_questions(opened):
    last = []

    def loads(request, connection):
        if last != [request["body"]["model"]]:
            time.sleep(1.5)
        last[:] = [request["body"]["model"]]
        return answers(request, connection)

    workbench = opened(loads)
    told = [chat(workbench, asking("x", model=model))[1] for model in "mmnm"]
    assert [one["switch_s"] for one in told[:3]] == [None] * 3
    assert 0.5 < told[3]["switch_s"] < 10
    assert re.fullmatch(r"first answer after another model: \+\d\.\d\d s \(against 1 other of it\)",
                        told[3]["switch_words"])


# --- Its end -------------------------------------------------------------------------------------


def stop(workbench, word):
    return workbench.ask("POST", "/api/v1/chat/stop", word.encode(), X_Coebench=workbench.secret,
                         Origin=f"http://{workbench.host}")


def test_a_response_is_stopped(opened):
    slow = Forever()
    workbench = opened(slow)
    said = Stream(workbench, asking("Go"))
    first = said.line()["text"]
    assert stop(workbench, "0" * 32).status == 404 and stop(workbench, "x").status == 404
    assert stop(workbench, said.id).status == 204
    text, last = said.rest()
    assert first + text == "So far" and last["stopped"] is True and last["end"] == "stopped"
    assert slow.gone.wait(60) and stop(workbench, said.id).status == 404


def test_a_client_that_goes_ends_it(opened):
    slow = Forever()
    workbench = opened(slow)
    said = Stream(workbench, asking("Go"))
    said.line()
    said.close()
    assert slow.gone.wait(60), "the endpoint is asked no further"


def test_four_at_once(opened):
    slow = Forever()
    workbench = opened(slow)
    streams = [Stream(workbench, asking("Go")) for _ in range(4)]
    refused = workbench.api("POST", "/chat", asking("Go"))
    assert refused.status == 429 and "4 chats are under way" in refused.json()["error"]
    assert stop(workbench, streams[0].id).status == 204
    streams[0].rest()
    deadline = time.monotonic() + 60
    while workbench.api("POST", "/chat", asking("Go") | {"model": ""}).status != 400:
        assert time.monotonic() < deadline
    slow.go_on.set()
    assert [one.rest()[0].endswith("and on") for one in streams[1:]] == [True] * 3
    assert chat(workbench, asking("Go"))[1]["failure"] is None


def test_the_server_ends_while_chats_are_under_way(opened):
    slow = Forever()
    workbench = opened(slow)
    streams = [Stream(workbench, asking("Go")) for _ in range(3)]
    assert all(one.line()["text"] for one in streams)
    assert workbench.close() == 0 and slow.gone.wait(60)
    for one in streams:
        one.close()


def test_a_silent_endpoint_is_waited_for(opened):
    """A reply with nothing to say sends an empty line now and then."""
    go_on = threading.Event()

    def silent(request, connection):
        assert go_on.wait(60)
        return answers(request, connection)

    workbench = opened(silent)
    said = Stream(workbench, asking("x"))
    assert said.reply.readline() == b"\n"
    go_on.set()
    assert said.rest()[0] == "ok then"


# --- One thing at a time -------------------------------------------------------------------------


def test_an_endpoint_that_is_measured_is_left_alone(serve, project, endpoint):
    held = Held(endpoint)
    workbench = serve(environment=project.environment(held.address, KEY))
    workbench.enter()
    begun = start(workbench, name="measured")
    wait_until(lambda: held.asked, "the run sends nothing")
    refused = workbench.api("POST", "/chat", asking("x"))
    assert refused.status == 409 and "the run 'measured' measures this endpoint" in refused.json()["error"]
    held.go_on.set()
    wait_for_state(workbench, begun["id"], "done")
    wait_until(lambda: workbench.api("POST", "/chat", asking("x")).status == 200, "its process has ended")


# --- As a data set -------------------------------------------------------------------------------


def test_a_conversation_is_saved_and_runs(opened, project):
    heard = Chat(OPENAI, words=lambda messages, tokens: ["fi", "ne"])
    workbench = opened(heard)
    saved = workbench.api("POST", "/chat/save", asking("one", "never sent", "two \"and\" ü", system="Be kind."))
    assert saved.status == 201
    told = saved.json()
    assert json.loads(told["dataset"])["messages"][0] == {"role": "system", "content": "Be kind."}
    assert open(told["reference"]).read() == told["dataset"] and told["bytes"] == len(told["dataset"].encode())
    project.setup([f"m,,64,1,1,,,,{told['reference']},"], header=HEADER + ",dataset,turns")
    project.run(address=workbench.endpoint.address)
    assert heard.heard[-1] == [("system", "Be kind."), ("user", "one"), ("assistant", "fine"), ("user", "two \"and\" ü")]
    assert workbench.api("POST", "/chat/save", {"messages": []}).status == 400


# --- Who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/chat", "/chat/stop", "/chat/save"])
def test_who_may_ask(opened, path):
    workbench = opened()
    body = json.dumps(asking("x")).encode() if path != "/chat/stop" else b"0" * 32
    good = {"Origin": f"http://{workbench.host}", "X_Coebench": workbench.secret, "Cookie": workbench.cookie}
    for change, status in (({"X_Coebench": None}, 401), ({"X_Coebench": "0" * 32}, 401), ({"Origin": None}, 403),
                           ({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 403)):
        assert workbench.ask("POST", "/api/v1" + path, body, **{**good, **change}).status == status, change
    for method in ("GET", "PUT", "DELETE"):
        assert workbench.ask(method, "/api/v1" + path, **good).status == 405
    assert workbench.ask("POST", "/api/v1" + path, **good, Content_Length=str((1 << 20) + 1)).status == 413
    assert not workbench.endpoint.requests
