"""A rank that is killed ends a run, which is resumed with another number of ranks, or none."""

import os
import random
import signal
import threading
import time

import pytest
from support.bench import NO_VERDICT, Run
from support.endpoint import content, finish, stream
from support.mpi import Ranked, end, ranks_of

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))
ROWS = ["a,10,2,40,8,,,", "a,20,2,60,,120,,", "a,30,2,30,5,,,"]
REQUESTS = [40, 60, 30]
MOMENTS = 20


@pytest.fixture
def shared(project):
    ranked = Ranked(project)
    yield ranked.start
    ranked.close()


class Answer:
    """Holds requests long behind `moment` until the rank is killed, so that none has ended before."""

    def __init__(self, moment):
        self.moment, self.killed = moment, threading.Event()

    def __call__(self, request, connection):
        time.sleep(0.01)
        if request["index"] >= self.moment + 8:
            self.killed.wait(200)
        return GOOD


def wait_for(holds):
    deadline = time.monotonic() + 100
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("case", range(MOMENTS))
def test_nothing_is_lost_and_nothing_is_there_twice(endpoint, project, shared, case):
    """The moments are spread over the run, each drawn within its own twentieth; each rank has its turn, and so has
    each number of ranks that resumes."""
    moment = 1 + int((case + random.Random(case).random()) * (sum(REQUESTS) - 10) / MOMENTS)
    answer = Answer(moment)
    server = endpoint(answer)
    project.setup(ROWS)
    process = shared(3, server.address, "run", "config.yaml", *NO_VERDICT, "--name", "r", "--set", "seed=7")
    wait_for(lambda: len(server.requests) >= moment)
    os.kill(ranks_of(process)[case % 3], signal.SIGKILL)
    answer.killed.set()
    process.communicate(timeout=100)
    assert process.returncode != 0
    again = ("run", "--resume", "out/r", *NO_VERDICT)
    ranks = (1, 2, 1, 4)[case % 4]
    if ranks > 1:
        end(shared(ranks, server.address, *again))
    else:
        done = project.call(*again, address=server.address)
        assert done.returncode == 0, done.stdout + done.stderr
    run = Run(project.folder / "out" / "r", project.folder / "books")
    assert run.manifest["status"] == "done"
    for requests, responses in zip(REQUESTS, run.responses, strict=True):
        assert sorted(r["request_index"] for r in responses) == list(range(requests))
        assert all(r["error_code"] is None for r in responses)
