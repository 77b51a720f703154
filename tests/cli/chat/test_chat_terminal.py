"""`coebench chat` in a terminal: several turns, in every dialect, and what lines that begin with '/' do."""

import base64
import json
import os
import re
import signal
import threading
import time

import pytest
from support.bench import CONFIG, HEADER, KEY
from support.chat import DIALECTS, Chat
from support.endpoint import OK, content, finish, plain, stream

OPENAI = DIALECTS[0]
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


def short(messages, tokens):
    return ["You", " said", f" {messages[-1][1]}"]


def begin(talk, server, dialect, *words, **how):
    base, key = dialect.variables
    variables = {base: server.address.removesuffix("/v1") + dialect.base, **({key: KEY} if key else {})}
    return talk(None, "m", "--api", dialect.api, *words, **{**how, **variables})


def answers(request, connection):
    return stream(content("ok"), finish(prompt_tokens=7, completion_tokens=1))


@every
def test_each_question_holds_what_was_said_before(endpoint, talk, dialect):
    chat = Chat(dialect, words=short)
    one = begin(talk, endpoint(chat), dialect, "-s", "Be kind.")
    assert "m at http" in one.opening and "Ctrl-D" in one.opening
    assert one.ask("Hi \"there\"").startswith("You said Hi \"there\"\nlatency ")
    said = one.ask("And ünd?")
    assert re.search(r"time to first token [\d.]+ m?s · throughput [\d.]+ tokens/s · prompt \d+ tokens · response 3 tokens"
                     r" · ended by the limit of 512 tokens", said), said
    one.ask("/system -")
    one.ask("Bye")
    first = [("user", "Hi \"there\""), ("assistant", "You said Hi \"there\"")]
    second = [("user", "And ünd?"), ("assistant", "You said And ünd?")]
    system = [("system", "Be kind.")]
    assert chat.heard == [[*system, first[0]], [*system, *first, second[0]], [*first, *second, ("user", "Bye")]]
    assert one.end() == 0


@pytest.mark.parametrize("api, path, reply", [
    ("openai-completions", "prompt", [b'data: {"id":"c","choices":[{"index":0,"text":"ok"}]}\n\n',
                                      b'data: {"id":"c","choices":[{"index":0,"text":"","finish_reason":"stop"}]}\n\n',
                                      b"data: [DONE]\n\n"]),
    ("tgi", "inputs", [b'data: {"token":{"text":"ok","special":false},"generated_text":null}\n\n',
                       b'data: {"token":{"text":"","special":true},"generated_text":"ok",'
                       b'"details":{"finish_reason":"eos_token","generated_tokens":1}}\n\n']),
])
def test_without_messages_each_question_stands_alone(endpoint, talk, api, path, reply):
    server = endpoint(lambda r, c: stream(*reply))
    one = talk(None, "m", "--api", api, "-u", server.address, "-s", "Be kind.")
    assert "each question stands for itself" in one.opening
    assert one.ask("one").startswith("ok\n") and one.ask("two").startswith("ok\n")
    assert [r["body"][path] for r in server.requests] == ["one", "two"]
    assert one.end() == 0


def test_text_comes_while_the_model_goes_on(endpoint, talk):
    seen = threading.Event()

    def slow(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n" + content("The first words"))
        assert seen.wait(60)
        connection.sendall(content(" and the last.") + finish(prompt_tokens=1, completion_tokens=2))
        connection.close()

    one = talk(endpoint(slow).address, "m")
    one.type("Go\n")
    one.until("The first wo")  # a few bytes are held back: they might begin the key
    seen.set()
    assert one.until(r"(?m)^> ").startswith("rds and the last.\nlatency")
    assert one.end() == 0


def test_ctrl_c_stops_an_answer_and_no_more(endpoint, talk):
    def answer(request, connection):
        if request["index"] == 0:
            connection.sendall(OK + b"Connection: close\r\n\r\n" + content("It goes on and on"))
            return None
        return answers(request, connection)

    server = endpoint(answer)
    one = talk(server.address, "m")
    one.type("Go on\n")
    one.until("It goes on and")
    one.type("\x03")
    assert " · stopped\n" in one.until(r"(?m)^> ")
    assert one.ask("And now?").startswith("ok\n")
    assert [m["content"] for m in server.requests[1]["body"]["messages"]] == ["Go on", "It goes on and on", "And now?"]
    one.type("typed, and thrown away\x03")
    one.until(r"\(Ctrl-D ends\)\n> ")
    assert one.end() == 0 and len(server.requests) == 2


def test_sigterm_ends_it_at_the_prompt(endpoint, talk):
    one = talk(endpoint(answers).address, "m")
    os.kill(one.process.pid, signal.SIGTERM)
    assert one.leave() == 143


def test_the_terminal_closes(endpoint, talk):
    one = talk(endpoint(answers).address, "m")
    os.close(one.master)
    assert one.process.wait(60) == -signal.SIGHUP


def test_a_failed_question_leaves_no_turn(endpoint, talk):
    server = endpoint(lambda r, c: plain(429, b"{}") if r["index"] == 0 else answers(r, c))
    one = talk(server.address, "m")
    assert "failed: 429: the endpoint limits how much one key may ask" in one.ask("one")
    one.ask("two")
    assert server.requests[1]["body"]["messages"] == [{"role": "user", "content": "two"}]
    assert one.end() == 0


def test_a_terminal_obeys_no_answer(endpoint, talk):
    odd = "\x1b[2Jgone\x07\r\x9b1m\u202e é世"
    one = talk(endpoint(lambda r, c: stream(content(odd), finish(prompt_tokens=1, completion_tokens=1))).address, "m")
    said = one.ask("x")
    assert "\x1b" not in said and "\x07" not in said and "\x9b" not in said and "\u202e" not in said
    assert "[2Jgone" in said and "é世" in said
    assert one.end() == 0


def test_pictures_go_with_their_questions(endpoint, project, talk):
    server = endpoint(answers)
    project.write("a.png", PNG)
    project.write("b.txt", b"no picture")
    one = talk(server.address, "m")
    assert "goes with the next question: a.png" in one.ask("/image a.png")
    one.ask("What is it?")
    one.ask("Sure?")
    assert "neither PNG nor JPEG" in one.ask("/image b.txt")
    first = server.requests[0]["body"]["messages"][0]["content"]
    assert [part["type"] for part in first] == ["text", "image_url"]
    assert first[1]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(PNG).decode()
    again = server.requests[1]["body"]["messages"]
    assert again[0]["content"] == first and again[2]["content"] == "Sure?"
    assert one.end() == 0


def test_what_is_typed_behind_a_slash(endpoint, talk):
    server = endpoint(answers, models=[{"id": "m"}, {"id": "n\x1b[1m"}])
    one = talk(server.address, "m")
    assert "/temperature T" in one.ask("/help")
    assert one.ask("/models") == "m\nn?[1m\n> "
    assert "model: n" in one.ask("/model n")
    assert "model: n" in one.ask("/model")
    assert "2048" in one.ask("/tokens 2049") and "at most" in one.ask("/tokens 60")
    assert "not '3'" in one.ask("/temperature 3") and "0.5" in one.ask("/temperature 0.5")
    assert "Be kind." in one.ask("/system Be kind.")
    assert "/what is none of these" in one.ask("/what now")
    assert not server.requests
    one.ask("//slash \\\nand more")
    (request,) = server.requests
    assert request["body"]["messages"] == [{"role": "system", "content": "Be kind."},
                                           {"role": "user", "content": "/slash \nand more"}]
    assert (request["body"]["model"], request["body"]["max_tokens"], request["body"]["temperature"]) == ("n", 60, 0.5)
    one.ask("/temperature -")
    one.ask("/new")
    one.ask("anew")
    assert [m["content"] for m in server.requests[1]["body"]["messages"]] == ["Be kind.", "anew"]
    assert "temperature" not in server.requests[1]["body"]
    one.type("/quit\n")
    assert one.leave() == 0


def test_a_conversation_is_saved_and_runs_as_a_data_set(endpoint, project, talk):
    chat = Chat(OPENAI, words=short)
    server = endpoint(chat)
    one = begin(talk, server, OPENAI, "-s", "Be kind.")
    assert "there is no conversation yet" in one.ask("/save talk.jsonl")
    for text in ("What is \"this\"?", "ünd that?", "Bye"):
        one.ask(text)
    assert "talk.jsonl: a conversation of 3 turns" in one.ask("/save talk.jsonl")
    assert "talk.jsonl" in one.ask("/save talk.jsonl")
    assert "takes the name of a file" in one.ask("/save")
    assert one.end() == 0
    (line,) = (project.folder / "talk.jsonl").read_text().splitlines()
    roles = [m["role"] for m in json.loads(line)["messages"]]
    assert roles == ["system"] + ["user", "assistant"] * 3
    asked = chat.heard[:]
    del chat.heard[:]
    project.setup(["m,,64,1,1,,,,talk.jsonl,"], CONFIG, HEADER + ",dataset,turns")
    run = project.run(address=server.address)
    assert chat.heard == asked and len(run.responses[0]) == 3


def test_the_first_answer_after_another_model(endpoint, talk):
    last = []

    def loads(request, connection):
        model = request["body"]["model"]
        if last != [model]:
            time.sleep(1.5)
        last[:] = [model]
        return answers(request, connection)

    one = talk(endpoint(loads).address, "m")
    assert "another model" not in one.ask("first of all") + one.ask("steady")
    one.ask("/model n")
    assert "another model" not in one.ask("nothing to hold it against")
    told = re.search(r"this model's first answer after another model: \+(\d\.\d\d) s \(against 1 other of it\)",
                     one.ask("but now"))
    assert told and 0.5 < float(told[1]) < 10
    one.ask("/model m")
    told = re.search(r"(?m)^first answer after another model: \+(\d\.\d\d) s \(against 1 other of it\)", one.ask("back"))
    assert told and 0.5 < float(told[1]) < 10
    assert "another model" not in one.ask("steady again")
    assert one.end() == 0
