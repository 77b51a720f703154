"""Prompts against published tokenizers that were not written here: their words are one token each, and
an endpoint that counts with any of them gets exactly what was asked for."""

import json
import subprocess
import threading

import pytest
from support.endpoint import content, finish, stream
from support.helpers import helper

NAMES = ["GPT-4 (cl100k)", "GPT-4o, gpt-oss (o200k)", "Llama 2", "Llama 3", "Mistral", "DeepSeek V3",
         "Gemma 3", "Qwen 2.5"]
LENGTHS = [5, 16, 100, 1000, 1000, 4096]


class Tokenizers:
    def __init__(self):
        node = helper("node") / "bin" / "node"
        self.process = subprocess.Popen([node, "--max-old-space-size=2048", "count.mjs"], cwd=helper("tokenizers"),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()

    def count(self, text, name=None):
        with self.lock:
            self.process.stdin.write(json.dumps([name, text]) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(20) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def tokenizers():
    counter = Tokenizers()
    yield counter
    counter.close()


def prompt_of(request):
    return request["body"]["messages"][0]["content"]


def test_they_count_as_their_makers_say(tokenizers):
    """So that the test can fail: texts whose counts differ from words and from each other."""
    assert set(tokenizers.count("")) == set(NAMES)
    counts = tokenizers.count("Antidisestablishmentarianism: 3.14159 ¿qué?")
    assert min(counts.values()) > 8 and len(set(counts.values())) > 2


def test_the_vocabulary_is_one_token_a_word_everywhere(tokenizers, endpoint, project):
    project.setup([f"m,{length},1,1,1,,," for length in LENGTHS])
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)))
    project.run(address=server.address)
    assert len(server.requests) == len(LENGTHS)
    seen = set()
    for length, request in zip(LENGTHS, server.requests):
        prompt = prompt_of(request)
        assert tokenizers.count(prompt) == dict.fromkeys(NAMES, length)
        seen |= set(prompt.split())
    assert len(seen) == 256
    for word in sorted(seen):  # wherever a template puts it
        assert tokenizers.count(word) == dict.fromkeys(NAMES, 1), word
        before = tokenizers.count("\n\n")
        assert tokenizers.count("\n\n" + word) == {n: before[n] + 1 for n in NAMES}, word


@pytest.mark.parametrize("name", NAMES)
def test_an_endpoint_that_counts_with_it_gets_what_was_asked(tokenizers, endpoint, project, name):
    """Each wraps the text in a template of another length, as chat endpoints do."""
    template = "<|system|>\nYou are a model.<|end|>\n<|user|>\n", "<|end|>\n<|assistant|>\n" * 3

    def answer(request, connection):
        counted = tokenizers.count(template[0] + prompt_of(request) + template[1], name)[name]
        return stream(content("a"), finish(prompt_tokens=counted, completion_tokens=1))

    project.setup([f"m,{length},1,4,2,,," for length in (100, 1000, 4096)])
    server = endpoint(answer)
    calibrated = project.call("calibrate", "config.yaml", "--requests", address=server.address)
    assert calibrated.returncode == 0, calibrated.stderr
    run = project.run(address=server.address)
    for length, responses in zip((100, 1000, 4096), run.responses):
        assert [r["server_number_input_tokens"] for r in responses] == [length] * 4
    assert [s["prompt_error_tokens_max"] for s in run.summaries] == [0] * len(run.summaries)
