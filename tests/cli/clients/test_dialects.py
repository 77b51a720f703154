"""The published OpenAI, Anthropic and Ollama libraries against the simulated bundle, in each dialect that they speak,
streamed and whole: what they understand, they understand by rules that we did not write."""

import json
import pathlib
import subprocess

import pytest
from support.helpers import helper
from support.simulator import Simulator

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
MODEL = "Meta-Llama-3.1-8B-Instruct"
WORDS, TEMPLATE_TOKENS, PICTURE_TOKENS = 5, 36, 576  # of the question; of that model in the demo bundle


def drive(folder, more=""):
    """What the libraries said, and the simulator's ground truth."""
    bundle = folder / "bundle.yaml"
    bundle.write_text((REPOSITORY / "configs" / "bundle_demo.yaml").read_text() + more)
    simulator = Simulator(bundle, folder)
    try:
        done = subprocess.run(
            [helper("clients") / "bin" / "python", pathlib.Path(__file__).with_name("drive_dialects.py"),
             simulator.address, "demo-key", MODEL], capture_output=True, text=True, timeout=100,
            env={"NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"})
    finally:
        simulator.close()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), [json.loads(line) for line in simulator.truth.open()]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return drive(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def thought(tmp_path_factory):
    return drive(tmp_path_factory.mktemp("thinking"), "behaviour: {reasoning_tokens: 3}\n")[0]


def words(texts):
    return len("".join(filter(None, texts)).split())


def test_completions(told):
    said = told[0]["completions"]
    assert words([said["whole"]["text"]]) == 7 and said["whole"]["finish"] == "length"
    assert said["whole"]["usage"]["prompt_tokens"] == WORDS, "no template"
    assert words(said["stream"]["texts"]) == 7 and said["stream"]["finish"][-1] == "length"
    assert [usage["completion_tokens"] for usage in said["stream"]["usage"]] == [7]


def test_responses(told):
    said = told[0]["responses"]
    whole, stream = said["whole"], said["stream"]
    assert words([whole["text"]]) == 7
    assert (whole["status"], whole["reason"]) == ("incomplete", "max_output_tokens")
    assert whole["usage"]["input_tokens"] == WORDS + TEMPLATE_TOKENS and whole["usage"]["output_tokens"] == 7
    assert stream["types"][0] == "response.created" and stream["types"][-1] == "response.incomplete"
    assert stream["numbers"] == sorted(set(stream["numbers"]))
    assert words(stream["texts"]) == words([said["last"]]) == 7 == stream["usage"]["output_tokens"]
    assert said["picture"]["input_tokens"] == 3 + PICTURE_TOKENS + TEMPLATE_TOKENS


def test_responses_that_think(thought):
    said = thought["responses"]
    assert words([said["whole"]["text"]]) == words(said["stream"]["texts"]) == words([said["last"]]) == 4
    assert said["whole"]["usage"]["output_tokens_details"]["reasoning_tokens"] == 3
    assert said["stream"]["types"].count("response.reasoning_text.delta") == 3


def test_messages(told):
    said = told[0]["messages"]
    for one in (said["whole"], said["built"]):
        assert words([one["text"]]) == 7 and one["stop"] == "max_tokens" and one["kinds"] == ["text"]
        assert one["usage"]["input_tokens"] == WORDS + TEMPLATE_TOKENS and one["usage"]["output_tokens"] == 7
        assert one["usage"]["cache_read_input_tokens"] == 0
    assert words(said["built"]["texts"]) == 7
    assert said["stream"] == ["message_start", "content_block_start", *["content_block_delta"] * 7,
                              "content_block_stop", "message_delta", "message_stop"]
    assert said["picture"]["input_tokens"] == 3 + PICTURE_TOKENS + TEMPLATE_TOKENS
    assert said["counted"] == WORDS + TEMPLATE_TOKENS
    assert len(said["models"]) == 5 and MODEL in said["models"]


def test_messages_that_think(thought):
    said = thought["messages"]
    assert said["whole"]["kinds"] == said["built"]["kinds"] == ["thinking", "text"]
    assert words([said["built"]["thinking"]]) == 3 and words([said["built"]["text"]]) == 4
    assert said["stream"].count("content_block_start") == said["stream"].count("content_block_stop") == 2


@pytest.mark.parametrize("case, name, status, part", [
    ("unknown model", "NotFoundError", 404, "no-such-model"), ("wrong key", "AuthenticationError", 401, "x-api-key")])
def test_messages_that_are_refused(told, case, name, status, part):
    error = told[0]["messages"][case]
    assert (error["class"], error["status"]) == (name, status) and part in error["message"]
    assert "not-the-key" not in error["message"]


def test_chat_of_ollama(told):
    said, truth = told
    chat = said["chat"]
    assert words([chat["whole"]["text"]]) == 7 == chat["whole"]["output"] and chat["whole"]["reason"] == "length"
    assert chat["whole"]["input"] == WORDS + TEMPLATE_TOKENS
    assert words(chat["stream"]["texts"]) == 7 == chat["stream"]["output"]
    assert chat["stream"]["done"] == [None] * 7 + [True] or chat["stream"]["done"] == [False] * 7 + [True]
    assert chat["stream"]["total"] > 0 and chat["stream"]["load"] == 0, "it was loaded by then"
    assert chat["picture"] == 3 + PICTURE_TOKENS + TEMPLATE_TOKENS
    assert len(chat["models"]) == 5 and MODEL in chat["models"]
    assert chat["unknown model"]["status"] == 404 and "no-such-model" in chat["unknown model"]["message"]
    assert {line["model"] for line in truth} == {MODEL}


def test_chat_of_ollama_that_thinks(thought):
    chat = thought["chat"]
    assert words([chat["whole"]["thinking"]]) == words(chat["stream"]["thinking"]) == 3
    assert words([chat["whole"]["text"]]) == words(chat["stream"]["texts"]) == 4


@pytest.mark.parametrize("library", ["anthropic", "openai"])
def test_an_error_inside_the_stream_is_raised(tmp_path, library):
    """By the library's own rules: an event that it does not know for an error would pass in silence."""
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text((REPOSITORY / "configs" / "bundle_demo.yaml").read_text()
                      + "faults: [{kind: error-event, probability: 1, after_tokens: 2}]\n")
    code = {"anthropic": "import sys, anthropic as a\nc = a.Anthropic(base_url=sys.argv[1].removesuffix('/v1'), "
                         "api_key='demo-key', max_retries=0)\ns = c.messages.create(stream=True, max_tokens=5, "
                         "model=sys.argv[2], messages=[{'role': 'user', 'content': 'a'}])\n",
            "openai": "import sys, openai as a\nc = a.OpenAI(base_url=sys.argv[1], api_key='demo-key', max_retries=0)\n"
                      "s = c.completions.create(stream=True, max_tokens=5, model=sys.argv[2], prompt='a')\n"}[library]
    code += "try:\n    list(s)\nexcept a.APIError as e:\n    print(str(e))\n"
    simulator = Simulator(bundle, tmp_path)
    try:
        done = subprocess.run([helper("clients") / "bin" / "python", "-c", code, simulator.address, MODEL],
                              capture_output=True, text=True, timeout=60, env={"NO_PROXY": "*"})
    finally:
        simulator.close()
    assert "lost the request" in done.stdout, done.stderr
