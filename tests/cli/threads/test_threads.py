"""Several loops for one row, rows beside each other, texts, retries and failures of every kind: what the
threads share is shared under locks. `.ci/run` runs this under ThreadSanitizer, which names each slip."""

import json
import signal
import time

import pytest
from support.bench import CONFIG, completed
from support.endpoint import content, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
MANY = CONFIG + """\
threads : 3
save_llm_responses : True
retry : {attempts: 2, max_wait: 0.01, on: [503]}
"""


def failing(request, connection):
    """Each failure is of another kind, so that the table of kinds grows all the while."""
    time.sleep(0.002)
    if request["index"] % 3 == 0:
        return plain(503, b"busy")
    if request["index"] % 3 == 1:
        return plain(400 + request["index"] // 3 % 100, b"no")
    return GOOD


@pytest.mark.parametrize("beside", [False, True])
def test_threads_lose_no_record(endpoint, project, beside):
    rows = [f"{model},40,2,60,9,,," for model in "abc"] + ["d,40,2,60,,300,exponential,"]
    project.setup(rows, MANY.replace("concurrency_enabled : False", f"concurrency_enabled : {beside}"))
    server = endpoint(failing)
    run = project.run(address=server.address)
    assert [s["model"] for s in run.summaries] == list("abcd")
    ended = [r for responses in run.responses for r in responses]
    assert len(ended) == len(server.requests)
    for responses, summary in zip(run.responses, run.summaries):
        assert {r["request_index"] for r in responses} == set(range(60))
        assert summary["results_num_completed_requests"] == len(completed(responses))
    texts = [json.loads(line) for path in run.folder.glob("*_response_texts.jsonl")
             for line in path.open()]
    assert sum(text["completion"] == "ab" for text in texts) == len(completed(ended)) > 0


@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_reaches_all_loops(endpoint, project, times):
    def slow(request, connection):
        time.sleep(0.05 if request["index"] < 40 else 30)
        return GOOD

    project.setup(["a,40,2,400,9,,,", "b,40,2,400,9,,,"],
                  MANY.replace("concurrency_enabled : False", "concurrency_enabled : True"))
    server = endpoint(slow)
    process = project.start("run", "config.yaml", "--set", "stop_grace=0.5", address=server.address)
    while len(server.requests) < 40:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    (folder,) = project.run_folders()
    responses = [json.loads(path.read_text()) for path in folder.glob("*_individual_responses.json")]
    deadline = time.monotonic() + 20  # what was cut off as the endpoint got it
    while sum(map(len, responses)) > len(server.requests) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sum(map(len, responses)) == len(server.requests)
