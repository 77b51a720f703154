"""`coebench try`: one line, a handful of requests, figures on the screen, and no file left anywhere."""

import json
import os
import re
import signal
import statistics
import subprocess
import time

import pytest

from support import bench
from support.endpoint import content, event, plain, stream

NODE = """
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000, switch_overhead_s: 0.05}
experts:
  - {name: a, weight_gb: 80, template_tokens: 11, prefill_overhead_s: 0.005, prefill_tokens_per_s: 50000,
     decode_tokens_per_s: 500, tiers: [{tokens: 8192, batch_sizes: [1, 4]}]}
  - {name: b, weight_gb: 70, template_tokens: 5, prefill_overhead_s: 0.005, prefill_tokens_per_s: 50000,
     decode_tokens_per_s: 500, tiers: [{tokens: 8192, batch_sizes: [1, 4]}]}
"""


@pytest.fixture
def temporary(project, monkeypatch):
    """Where temporary folders go; it has to be empty in the end, and so has the working folder."""
    folder = project.folder / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert not list(folder.iterdir())
    assert list(project.folder.iterdir()) == [folder]


def good(request, connection):
    words = len(request["body"]["messages"][0]["content"].split())
    usage = {"prompt_tokens": words, "completion_tokens": 2}
    return stream(content("a"), content("b"), event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
                  event(choices=[], usage=usage), b"data: [DONE]\n\n")


def tried(project, *words, address=None, expect=0, key=bench.KEY):
    done = project.call("try", *words, address=address, key=key)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def test_one_line_shows_what_a_model_does(project, endpoint, temporary):
    server = endpoint(good)
    done = tried(project, "m", address=server.address)
    heading, line = [text for text in done.stdout.splitlines() if text.startswith("  ")]
    assert heading.split() == ["model", "requests", "first", "TTFT", "TTFT", "p50", "per", "token", "tokens/s",
                               "in", "out", "finished", "by"]
    cells = re.split(r"\s{2,}", line.strip())
    assert cells[:2] == ["m", "5 of 5"] and cells[-3:] == ["100", "2", "stop 5"]
    assert all(re.fullmatch(r"[\d.]+ m?s", cell) for cell in cells[2:4])
    assert done.stdout.startswith(server.address) and len(server.requests) == 5
    assert {(r["body"]["model"], r["body"]["max_tokens"]) for r in server.requests} == {("m", 64)}


def test_requests_concurrency_and_lengths_are_asked_for(project, endpoint, temporary):
    server = endpoint(good)
    tried(project, "m", "-n3", "-c", "2", "-i40", "-o", "7", address=server.address)
    assert len(server.requests) == 3
    assert {len(r["body"]["messages"][0]["content"].split()) for r in server.requests} == {40}
    assert {r["body"]["max_tokens"] for r in server.requests} == {7}
    before = len(server.requests)
    tried(project, "m", "--concurrency=6", address=server.address)
    assert len(server.requests) - before == 12, "some find the model loaded"


@pytest.mark.parametrize("keys, sent", [
    ({}, "none"),
    ({"OPENAI_API_KEY": "open"}, "open"),
    ({"SAMBANOVA_API_KEY": "samba"}, "samba"),
    ({"OPENAI_API_KEY": "open", "SAMBANOVA_API_KEY": "samba"}, "open"),
])
def test_an_address_is_named_and_its_key_is_found(project, endpoint, temporary, monkeypatch, keys, sent):
    server, other = endpoint(good), endpoint(good)
    environment = {**project.environment(other.address, key=None), "OPENAI_API_BASE": other.address,
                   "TMPDIR": str(temporary), **keys}
    done = subprocess.run([bench.PROGRAM, "try", "m", "-u", server.address], cwd=project.folder, text=True,
                          env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert {r["headers"]["authorization"] for r in server.requests} == {f"Bearer {sent}"}
    assert len(server.requests) == 5 and not other.requests and not other.gets


def test_of_two_models_the_switch_both_ways_is_told(project, simulate, tmp_path, temporary):
    bundle = tmp_path / "node.yaml"
    bundle.write_text(NODE)
    simulator = simulate(bundle)
    done = tried(project, "a", "b", "--json", address=simulator.address)
    found = json.loads(done.stdout)
    assert [visit["model"] for visit in found["visits"]] == ["a", "b", "a", "b"]
    truth = [json.loads(line) for line in simulator.truth.read_text().splitlines()]
    loads = {name: 0.05 + weight / 1000 for name, weight in (("a", 80), ("b", 70))}
    assert {(one["from"], one["to"]) for one in found["switches"]} == {("a", "b"), ("b", "a")}
    for one in found["switches"]:
        assert one["paid"] == one["visits"] == (2 if one["to"] == "b" else 1)
        assert one["verdict"] == "detected"
        assert one["switch_s_low"] <= one["switch_s"] <= one["switch_s_high"]
        assert one["switch_s"] == pytest.approx(loads[one["to"]], abs=0.03)
    assert len(truth) == 20, "nothing but the requests of the four visits"
    for visit in found["visits"]:
        assert visit["started"] == visit["completed"] == 5 and visit["finish_reasons"] == {"length": 5}
        assert visit["input_tokens"]["p50"] == 100 and visit["output_tokens"]["p50"] == 64
        assert visit["ttft_s"]["min"] <= visit["ttft_s"]["p50"] <= visit["ttft_s"]["max"]
        assert visit["first_ttft_s"] == visit["ttft_s"]["max"], "the first waited for the load"
    shown = tried(project, "a", "b", address=simulator.address).stdout
    assert re.search(r"^A switch costs:\n  a → b: .*, paid on 2 of 2 visits\n  b → a: .*, paid on 1 of 1 visit$",
                     shown, re.M), shown


def test_figures_are_those_of_the_requests(project, endpoint, temporary):
    sizes = iter([30, 10, 20, 40, 50])

    def answer(request, connection):
        usage = {"prompt_tokens": next(sizes), "completion_tokens": 1}
        return stream(content("a"), event(choices=[], usage=usage), b"data: [DONE]\n\n")

    found = json.loads(tried(project, "m", "-j", address=endpoint(answer).address).stdout)
    (visit,) = found["visits"]
    assert visit["input_tokens"] == {"p50": statistics.median([10, 20, 30, 40, 50]), "min": 10, "max": 50}
    assert found["switches"] == [] and visit["failures"] == []


def test_what_fails_is_told_once_per_model_and_in_words(project, endpoint, temporary):
    def answer(request, connection):
        return good(request, connection) if request["body"]["model"] == "m" else \
            plain(404, b'{"error":{"message":"no such model"}}')

    server = endpoint(answer)
    done = tried(project, "m", "gone", address=server.address, expect=3)
    assert done.stdout.count("gone: 10 of 10") == 1
    assert "gone: 10 of 10 failed: 404: the endpoint has no such path or model" in done.stdout
    found = json.loads(tried(project, "gone", "-j", address=server.address, expect=3).stdout)
    (failure,) = found["visits"][0]["failures"]
    assert failure["code"] == "404" and failure["count"] == 5 and "no such model" in failure["example"]


def test_a_name_is_sent_as_it_is(project, endpoint, temporary):
    server = endpoint(good)
    for name in ('a,b "c"', "=1+1", " x", "tag:7b"):
        tried(project, "-n1", "--", name, address=server.address)
        assert server.requests[-1]["body"]["model"] == name


def test_no_folder_is_left_where_nothing_could_be_sent(project, temporary):
    done = tried(project, "m", address="http://127.0.0.1:9/v1", key=None, expect=2)
    assert "SAMBANOVA_API_KEY" in done.stderr and not done.stdout
    done = tried(project, "m", "--api", "other", expect=2)
    assert "--api takes sncloud, sambastudio, openai, openai-completions, openai-responses, anthropic, ollama, tgi or litellm, not 'other'" in done.stderr
    assert "MODEL" in tried(project, expect=2).stderr


def test_no_folder_is_left_where_it_is_stopped(project, endpoint, temporary):
    server = endpoint(lambda request, connection: None)
    process = project.start("try", "m", address=server.address)
    while not server.requests:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) and process.returncode == 130


def test_a_temporary_folder_that_cannot_be_made_is_told(project, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(project.folder / "none"))
    done = tried(project, "m", address="http://127.0.0.1:9/v1", expect=2)
    assert "a temporary folder cannot be made" in done.stderr
