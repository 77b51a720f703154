"""A run that was cut off while a mix ran: all its members start over, together, and nothing counts twice."""

import json
import signal
import time

import pytest
from support.bench import CONFIG, HEADER, NO_VERDICT, Run
from support.endpoint import content, finish, stream

MIX = HEADER + ",mix"
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
ROWS = ["zero,40,2,2,1,,,,", "one,40,2,3,1,,,,m", "two,40,2,6,1,,,,m"]
CONTENT = CONFIG + "prompt : {count: content}\n"


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def answering(held, model, after):
    """Responds to all but the requests of MODEL from the AFTER-th on, which wait while HELD."""
    seen = []

    def answer(request, connection):
        if request["body"]["model"] == model:
            seen.append(request)
            wait_for(lambda: not held[0] or len(seen) < after)
        return GOOD
    return answer


def is_whole(run):
    (mix,) = (json.loads(path.read_text()) for path in run.folder.glob("mix_*.json") if "_attempt_" not in path.name)
    assert [one["name"] for one in mix["members"]] == run.names[1:]
    assert [len(responses) for responses in run.responses] == [2, 3, 6]
    together = sorted(r["arrival_index"] for responses in run.responses[1:] for r in responses)
    assert together == list(range(9))
    return run.manifest["status"] == "done"


@pytest.mark.parametrize("after", [1, 5])
def test_all_members_start_over_where_one_was_cut_off(endpoint, project, after):
    held = [True]
    server = endpoint(answering(held, "two", after))
    project.setup(ROWS, CONTENT, header=MIX)
    folder = project.folder / "out" / "r"
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=server.address)
    # zero and one have sent all, and two has begun
    wait_for(lambda: (folder / "journal.jsonl").exists() and
             (folder / "journal.jsonl").read_text().count('"request":{') >= 2 + 3 + after - 1)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    held[0] = False
    time.sleep(0.2)
    before = len(server.requests)
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 3 steps have ended; 2 of the others start over" in done.stderr
    assert is_whole(Run(folder, project.folder / "books")) and len(server.requests) == before + 9
    assert len(list(folder.glob("synthetic_0_one_*_attempt_1.json"))) == 1


def test_a_member_that_ended_starts_over_with_one_that_did_not(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, CONTENT, header=MIX)
    run = project.run("--name", "r", address=server.address)
    assert is_whole(run) and len(server.requests) == 11
    (run.folder / f"{run.names[2]}_summary.json").unlink()
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 3 steps have ended; 2 of the others start over" in done.stderr
    assert len(server.requests) == 11 + 9
    again = Run(run.folder, project.folder / "books")
    assert is_whole(again) and set(again.names[1:]).isdisjoint(run.names[1:])
    assert len(list(run.folder.glob("mix_m_*_attempt_1.json"))) == 1


def test_an_interrupted_mix_starts_over_whole(endpoint, project):
    held = [True]
    server = endpoint(answering(held, "two", 2))
    project.setup(ROWS, CONTENT + "stop_grace : 0\n", header=MIX)
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=server.address)
    journal = project.folder / "out" / "r" / "journal.jsonl"
    wait_for(lambda: journal.exists() and journal.read_text().count('"request":{') >= 2 + 3 + 1)
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=30)
    assert process.returncode == 130, output
    held[0] = False
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert is_whole(Run(journal.parent, project.folder / "books"))


def test_a_member_whose_requests_all_fail_ends_alone(endpoint, project):
    def answer(request, connection):
        if request["body"]["model"] == "two":
            connection.close()
            return b""
        return GOOD
    server = endpoint(answer)
    project.setup([ROWS[1], "two,40,2,60,1,,,,m"], CONTENT + "max_consecutive_errors : 3\n", header=MIX)
    run = project.run(address=server.address, expect=3)
    assert [summary["step_end"] for summary in run.summaries] == ["done", "stopped early"]
    assert run.summaries[0]["results_num_completed_requests"] == 3
    assert run.summaries[1]["results_number_errors"] >= 3
