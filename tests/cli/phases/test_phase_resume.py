"""A run that was cut off in a row with a warm-up and a cool-down: nothing is lost, nothing counts twice."""

import json
import signal
import time

import pytest
from support.bench import CONFIG, HEADER, NO_VERDICT, Run, completed
from support.endpoint import content, finish, stream

MORE = HEADER + ",duration_s,warmup_requests,cooldown_requests"
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
KEEP = CONFIG + "save_llm_responses : True\nprompt : {count: content}\n"
ROWS = ["one,40,2,4,1,,,,,3,2", "two,40,2,4,1,,,,,3,2"]  # nine requests each
PARTS = ("summary", "individual_responses", "phases")


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def read(run, step, part):
    return json.loads((run.folder / f"{run.names[step]}_{part}.json").read_text())


def is_whole(run):
    for step in range(len(ROWS)):
        phases, responses = read(run, step, "phases"), run.responses[step]
        assert [r["phase"] for r in phases] == ["warmup"] * 3 + ["cooldown"] * 2
        assert [r["request_index"] for r in phases] == [0, 1, 2, 7, 8]
        assert [r["request_index"] for r in responses] == [3, 4, 5, 6]
        assert len(completed(phases)) == 5 and len(completed(responses)) == 4
    return run.manifest["status"] == "done"


@pytest.mark.parametrize("after, in_phase", [(11, ["warmup"]), (14, ["warmup"] * 3 + [None]),
                                             (18, ["warmup"] * 3 + [None] * 4 + ["cooldown"])])
def test_a_step_starts_over_with_its_warm_up(endpoint, project, after, in_phase):
    held = [True]

    def answer(request, connection):
        wait_for(lambda: not held[0] or request["index"] < after - 1)
        return GOOD

    server = endpoint(answer)
    project.setup(ROWS, KEEP, header=MORE)
    folder = project.folder / "out" / "r"
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=server.address)
    wait_for(lambda: len(server.requests) >= after and
             (folder / "journal.jsonl").read_text().count('"request":{') >= after - 1)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    time.sleep(0.3)  # what it had sent by then may still be read
    held[0] = False
    before = len(server.requests)
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stdout + done.stderr
    run = Run(folder, project.folder / "books")
    assert is_whole(run) and len(server.requests) == before + 9
    (aside,) = folder.glob("*_two_*_attempt_1.json")
    assert [r["phase"] for r in json.loads(aside.read_text())] == in_phase
    (texts,) = run.folder.glob(f"{run.names[1]}_response_texts.jsonl")
    assert [json.loads(text)["request_index"] for text in texts.open()] == [3, 4, 5, 6]


@pytest.mark.parametrize("ending", PARTS)
def test_a_broken_file_starts_the_step_over(endpoint, project, ending):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, KEEP, header=MORE)
    run = project.run("--name", "r", address=server.address)
    assert is_whole(run) and len(server.requests) == 18
    print_of = {line["step"]: line["fingerprint"] for line in run.journal() if "fingerprint" in line}
    assert set(print_of[0]) == set(PARTS)
    again = project.call("run", "--resume", "out/r", address=server.address)
    assert "all 2 steps have ended" in again.stderr and len(server.requests) == 18
    path = run.folder / f"{run.names[1]}_{ending}.json"
    path.write_text(path.read_text()[:-20])
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 2 steps have ended; 1 of the others starts over" in done.stderr
    assert len(server.requests) == 27
    assert is_whole(Run(run.folder, project.folder / "books"))
    assert len(list(run.folder.glob("*_attempt_1_phases.json"))) == 1


def test_another_duration_is_another_run(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, KEEP, header=MORE)
    project.run("--name", "r", address=server.address)
    for row, what in (("one,40,2,4,1,,,,9,3,2", "a column|duration_s"), ("one,40,2,4,1,,,,,4,2", "warmup_requests"),
                      ("one,40,2,4,1,,,,,3,", "a column|cooldown_requests")):
        project.setup([row, ROWS[1]], KEEP, header=MORE)
        done = project.call("run", "config.yaml", "--resume", "out/r", address=server.address)
        assert done.returncode == 2 and any(word in done.stderr for word in what.split("|")), done.stderr
    assert len(server.requests) == 18
