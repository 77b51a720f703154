"""`coebench chat` without a terminal: one question in, the answer out, its figures beside it."""

import base64
import json
import re
import signal
import socket
import subprocess

import pytest
from support import bench
from support.endpoint import OK, content, event, finish, plain, stream

FIGURES = re.compile(r"latency [\d.]+ m?s · time to first token [\d.]+ m?s · throughput [\d.]+ tokens/s · "
                     r"prompt 7 tokens · response 2 tokens\n")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


def good(request, connection):
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    return stream(content("Yes"), content(", it is."),
                  event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]), finish(**usage))


def chat(project, *words, address=None, question="Is it?\n", key=bench.KEY):
    return subprocess.run([bench.PROGRAM, "chat", *words], cwd=project.folder, text=True, input=question, timeout=120,
                          env=project.environment(address, key), capture_output=True)


def test_a_question_in_and_its_answer_out(project, endpoint, temporary):
    server = endpoint(good)
    done = chat(project, "m", address=server.address)
    assert done.returncode == 0 and done.stdout == "Yes, it is.\n", done.stderr
    assert FIGURES.fullmatch(done.stderr), done.stderr
    (request,) = server.requests
    assert request["body"]["messages"] == [{"role": "user", "content": "Is it?\n"}]
    assert request["body"]["max_tokens"] == 512 and request["body"]["model"] == "m"
    assert "ignore_eos" not in request["body"] and "temperature" not in request["body"]
    assert request["headers"]["authorization"] == f"Bearer {bench.KEY}"
    assert list(project.folder.iterdir()) == [temporary]


def test_what_is_asked_for_is_sent(project, endpoint, temporary):
    server = endpoint(good)
    project.write("a.png", PNG)
    done = chat(project, "m", "-s", "Be \"short\".", "--image=a.png", "-o50", "-t", "0.25", "--set",
                'sampling_params={"top_p": 0.5}', "--set", "output_tokens_as=max_completion_tokens",
                address=server.address)
    assert done.returncode == 0, done.stderr
    body = server.requests[0]["body"]
    system, user = body["messages"]
    assert system == {"role": "system", "content": "Be \"short\"."}
    assert user["content"][0] == {"type": "text", "text": "Is it?\n"}
    assert user["content"][1]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert (body["max_completion_tokens"], body["temperature"], body["top_p"]) == (50, 0.25, 0.5)


def test_all_of_it_as_json(project, endpoint, temporary):
    done = chat(project, "m", "-j", address=endpoint(good).address)
    said = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1 and said["response"] == "Yes, it is." and said["model"] == "m"
    assert said["figures"]["input_tokens"] == 7 and said["figures"]["output_tokens"] == 2
    assert 0 < said["figures"]["ttft_s"] <= said["figures"]["latency_s"]
    assert said["failure"] is None and said["switch_s"] is None and said["stopped"] is False


@pytest.mark.parametrize("words, part", [
    ((), "MODEL"),
    (("m", "n"), "n"),
    (("",), "MODEL is empty"),
    (("m", "-o", "49"), "--output-tokens takes a whole number from 50 to 2048, not '49'"),
    (("m", "-o", "2049"), "--output-tokens takes a whole number from 50 to 2048, not '2049'"),
    (("m", "-t", "2.1"), "--temperature takes a number from 0 to 2, not '2.1'"),
    (("m", "-t", "hot"), "--temperature takes a number from 0 to 2, not 'hot'"),
    (("m", "--image", "no.png"), "no.png"),
    (("m", "--image", "text.png"), "text.png is neither PNG nor JPEG"),
    (("m", "--api", "telepathy"), "--api takes"),
    (("m", "--set", "nothing=1"), "nothing"),
])
def test_what_is_wrong_is_said_before_anything_is_sent(project, endpoint, temporary, words, part):
    server = endpoint(good)
    project.write("text.png", "no picture")
    done = chat(project, *words, address=server.address)
    assert done.returncode == 2 and part in done.stderr and not done.stdout, done.stderr
    assert not server.requests and not server.gets


@pytest.mark.parametrize("question, part", [("", "no question"), (" \n\n", "no question"), ("a\0b", "zero byte")])
def test_what_is_no_question(project, endpoint, temporary, question, part):
    server = endpoint(good)
    done = chat(project, "m", address=server.address, question=question)
    assert done.returncode == 2 and part in done.stderr and not server.requests


def test_failures_are_told_as_a_run_tells_them(project, endpoint, temporary):
    refused = b'{"error": {"message": "not with this key"}}'
    done = chat(project, "m", address=endpoint(lambda r, c: plain(401, refused)).address)
    assert done.returncode == 3 and not done.stdout
    assert "failed: 401: the endpoint refuses the key from SAMBANOVA_API_KEY (" in done.stderr
    assert "not with this key" in done.stderr
    with socket.socket() as nobody:  # has the port, and does not listen
        nobody.bind(("127.0.0.1", 0))
        done = chat(project, "m", address="http://127.0.0.1:%d/v1" % nobody.getsockname()[1])
    assert done.returncode == 3 and "connection_refused: nothing listens at" in done.stderr
    done = chat(project, "m", address=endpoint(lambda r, c: cut(c)).address)
    assert done.returncode == 3 and done.stdout == "Hal\n" and "truncated" in done.stderr


def cut(connection):
    connection.sendall(OK + b"Content-Length: 9999\r\n\r\n" + content("Hal"))
    connection.shutdown(2)


def test_no_key_and_no_address(project, temporary):
    done = chat(project, "m", key=None)
    assert done.returncode == 2 and "SAMBANOVA_API_KEY" in done.stderr


def test_a_named_address_needs_no_key(project, endpoint, temporary):
    server = endpoint(good)
    done = chat(project, "m", "-u", server.address, key=None)
    assert done.returncode == 0, done.stderr
    assert server.requests[0]["headers"]["authorization"] == "Bearer none"


@pytest.mark.parametrize("cuts", [1, 3, 5, 64])
def test_a_key_that_comes_back_is_struck_out(project, endpoint, temporary, cuts):
    key = "sk-Zq81hT0pLmXw"
    text = f"You sent {key}, did you?"

    def leak(request, connection):
        return stream(*[content(text[at:at + cuts]) for at in range(0, len(text), cuts)],
                      finish(prompt_tokens=7, completion_tokens=2))

    done = chat(project, "m", address=endpoint(leak).address, key=key)
    assert done.stdout == f"You sent {'*' * len(key)}, did you?\n"


def test_a_program_gets_the_bytes_as_they_came(project, endpoint, temporary):
    odd = "\x1b[31mred\x07 é世\U0001f600"
    server = endpoint(lambda r, c: stream(content(odd), finish(prompt_tokens=1, completion_tokens=1)))
    assert chat(project, "m", address=server.address).stdout == odd + "\n"


def test_a_signal_ends_the_answer_with_what_came(project, endpoint, temporary):
    def endless(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n" + content("So far") + content(" so good"))

    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process = subprocess.Popen([bench.PROGRAM, "chat", "m"], cwd=project.folder, text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=project.environment(endpoint(endless).address))
        process.stdin.write("Go on")
        process.stdin.close()
        assert process.stdout.read(3) == "So "
        process.send_signal(number)
        assert process.stdout.read() == "far so good\n"
        assert process.wait(60) == code
        assert " · stopped" in process.stderr.read()
        process.stdout.close()
        process.stderr.close()


def test_a_response_that_came_whole(project, endpoint, temporary):
    page = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "All at once"},
                                    "finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
    server = endpoint(lambda r, c: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                      % (len(page), page.encode()))
    done = chat(project, "m", address=server.address)
    assert done.returncode == 0 and done.stdout == "All at once\n"
    assert "time to first token –" in done.stderr and "came in one piece" in done.stderr
