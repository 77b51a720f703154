"""Clients that are not ours against the simulated bundle: curl, and the published OpenAI library as
its users call it. What they understand, they understand by rules that we did not write."""

import json
import pathlib
import subprocess

import pytest
from support.helpers import helper
from support.simulator import Simulator

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
MODEL = "Meta-Llama-3.1-8B-Instruct"
TEMPLATE_TOKENS = 36      # of that model in the demo bundle
PROMPT_TOKENS = 7 + TEMPLATE_TOKENS  # "be brief", "why is the sky blue"


@pytest.fixture
def simulator(simulate, demo_bundle):
    return simulate(demo_bundle)


# --- curl ---------------------------------------------------------------------------------------

class Curl:
    def __init__(self, address):
        self.address = address

    def __call__(self, path, *options, key="demo-key"):
        """(status, headers, body); -N: each chunk as it comes."""
        done = subprocess.run(
            ["curl", "-N", "-sS", "-i", "--max-time", "20", "--noproxy", "*",
             "-H", f"Authorization: Bearer {key}", *options, self.address + path],
            capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(status.split()[1]), headers, body.decode()

    def chat(self, key="demo-key", **body):
        asked = {"model": MODEL, "max_tokens": 6,
                 "messages": [{"role": "user", "content": "three words here"}], **body}
        return self("/chat/completions", "-H", "Content-Type: application/json", "-d",
                    json.dumps(asked), key=key)


@pytest.fixture
def curl(simulator):
    return Curl(simulator.address)


def test_curl_lists_the_models(curl):
    status, headers, body = curl("/models")
    assert status == 200 and headers["content-type"] == "application/json"
    assert len(json.loads(body)["data"]) == 5
    assert MODEL in [one["id"] for one in json.loads(body)["data"]]


def test_curl_is_streamed_to(curl):
    status, headers, body = curl.chat(stream=True, stream_options={"include_usage": True})
    assert status == 200 and headers["content-type"].startswith("text/event-stream")
    events = body.split("\n\n")
    assert events.pop() == "" and events.pop() == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    words = [choice["delta"]["content"] for chunk in chunks for choice in chunk["choices"]]
    assert len([word for word in words if word]) == 6
    assert [chunk["usage"]["completion_tokens"] for chunk in chunks if "usage" in chunk] == [6]
    assert chunks[-1]["usage"]["prompt_tokens"] == 3 + TEMPLATE_TOKENS


def test_curl_is_answered_in_one_piece(curl):
    status, headers, body = curl.chat()
    answer = json.loads(body)
    assert status == 200 and int(headers["content-length"]) == len(body.encode())
    assert len(answer["choices"][0]["message"]["content"].split()) == 6
    assert answer["usage"]["total_tokens"] == 3 + TEMPLATE_TOKENS + 6


def test_curl_may_ask_before_it_sends_a_large_body(curl):
    """It waits for "100 Continue" with a body above a megabyte, and here in any case."""
    picture = "data:image/png;base64," + "A" * 1_200_000
    asked = json.dumps({"model": MODEL, "max_tokens": 2, "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": picture}}]}]})
    done = subprocess.run(
        ["curl", "-sS", "-w", "%{http_code}", "--max-time", "20", "--noproxy", "*", "-o",
         "/dev/null", "-H", "Authorization: Bearer demo-key", "-H", "Expect: 100-continue",
         "-H", "Content-Type: application/json", "--data-binary", "@-",
         curl.address + "/chat/completions"], input=asked.encode(), capture_output=True, timeout=60)
    assert done.stdout == b"200", done.stderr.decode()


def test_curl_is_refused_with_a_reason(curl):
    status, _, body = curl.chat(model="no-such-model")
    assert status == 404 and json.loads(body)["error"]["code"] == "model_not_found"
    status, _, body = curl.chat(key="not-the-key")
    assert status == 401 and "not-the-key" not in body
    status, _, _ = curl("/nowhere")
    assert status == 404


# --- The OpenAI library -------------------------------------------------------------------------

@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the library said, and the simulator's ground truth."""
    python = helper("clients") / "bin" / "python"
    simulator = Simulator(REPOSITORY / "configs" / "bundle_demo.yaml", tmp_path_factory.mktemp("s"))
    try:
        done = subprocess.run(
            [python, pathlib.Path(__file__).with_name("drive_openai.py"), simulator.address,
             "demo-key", MODEL], capture_output=True, text=True, timeout=100,
            env={"NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"})
    finally:
        simulator.close()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), [json.loads(line) for line in simulator.truth.open()]


def test_the_library_lists_the_models(told):
    models = told[0]["models"]
    assert len(models) == 5 and {"id": MODEL, "object": "model"} in models


def test_the_library_reads_a_whole_answer(told):
    whole = told[0]["whole"]
    assert whole["type"] == "ChatCompletion" and whole["model"] == MODEL
    assert whole["role"] == "assistant" and whole["finish_reason"] == "length"
    assert len(whole["content"].split()) == 7
    usage = whole["usage"]
    assert usage["prompt_tokens"] == PROMPT_TOKENS and usage["completion_tokens"] == 7
    assert usage["total_tokens"] == PROMPT_TOKENS + 7
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0
    assert usage["time_to_first_token"] > 0  # the server's own measurements pass through


def test_the_library_reads_a_stream(told):
    stream = told[0]["stream"]
    assert set(stream["types"]) == {"ChatCompletionChunk"}
    assert len(set(stream["ids"])) == 1 and stream["ids"][0] != told[0]["whole"]["id"]
    assert len([word for word in stream["content"] if word]) == 7
    assert len("".join(filter(None, stream["content"])).split()) == 7
    assert stream["roles"][0] == "assistant"
    assert [reason for reason in stream["finish"] if reason] == ["length"]
    assert len(stream["usage"]) == 1
    assert stream["usage"][0]["prompt_tokens"] == PROMPT_TOKENS
    assert stream["usage"][0]["completion_tokens"] == 7


def test_the_library_gets_usage_only_where_it_asked(told):
    assert told[0]["stream without usage"] and not any(told[0]["stream without usage"])


def test_the_library_shows_a_picture(told):
    picture = told[0]["picture"]
    assert len(picture["content"].split()) == 4
    assert picture["usage"]["prompt_tokens"] > 3 + TEMPLATE_TOKENS


@pytest.mark.parametrize("case, name, status, code, part", [
    ("unknown model", "NotFoundError", 404, "model_not_found", "no model 'no-such-model'"),
    ("unknown model, streamed", "NotFoundError", 404, "model_not_found", "GET /v1/models"),
    ("wrong key", "AuthenticationError", 401, None, "key"),
    ("too long", "BadRequestError", 400, "context_length_exceeded", "1000000"),
])
def test_the_library_raises_its_own_errors(told, case, name, status, code, part):
    error = told[0][case]
    assert error["class"] == name, error
    assert error["status"] == status and part in error["message"]
    assert error["type"] and (code is None or error["code"] == code)
    assert "not-the-key" not in error["message"]


def test_what_the_library_asked_is_what_truly_happened(told):
    said, truth = told
    assert [line["completion_tokens"] for line in truth] == [7, 7, 3, 4]
    assert {line["model"] for line in truth} == {MODEL}
    assert [line["prompt_tokens"] for line in truth][:3] == [PROMPT_TOKENS] * 3
    assert truth[3]["prompt_tokens"] == said["picture"]["usage"]["prompt_tokens"]
    assert not any(line["cancelled"] for line in truth)
