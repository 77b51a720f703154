"""What is shown of a run while it lasts is that of all its ranks, on a terminal and to who watches."""

import os
import re
import select
import shlex
import threading
import time
import urllib.request

import pytest
from support.bench import NO_VERDICT, Run
from support.endpoint import content, finish, stream
from support.mpi import RANKED, Ranked

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


class Gate:
    """An endpoint whose responses wait: those to rank 0, and those to the others."""

    def __init__(self):
        self.first_body, self.first, self.others = None, threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, request, connection):
        (self.first if request["body"] == self.first_body else self.others).acquire(timeout=200)
        return GOOD


class Shown:
    """A run of three ranks, the first of which is on a terminal, and tells who watches."""

    def __init__(self, ranked, address, *words):
        words = (RANKED, "run", "config.yaml", *NO_VERDICT, "--metrics-listen", "0", *words)
        on_terminal = "env", "TERM=xterm", "script", "-qefc", shlex.join(map(str, words)), "/dev/null"
        self.process = ranked.start([(1, *on_terminal), (2, *words)], address)
        self.said = b""

    def read(self, holds):
        """Reads what the terminal is told until `holds` says so of it, or the run has ended; without colours."""
        deadline = time.monotonic() + 150
        while not (found := holds(re.sub(r"\x1b\[\d*[a-zA-Z]", "", self.said.decode(errors="replace")))):
            assert time.monotonic() < deadline, self.said.decode()
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
                assert more, self.said.decode()
                self.said += more
        return found


def in_flight(port):
    """Of all steps that are under way."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=100) as response:
        text = response.read().decode()
    return sum(float(found) for found in re.findall(r"^coebench_requests_in_flight\{.*\} (\S+)$", text, re.M))


@pytest.fixture
def ranked(project):
    started = Ranked(project)
    yield started
    started.close()


def test_in_flight_is_what_all_ranks_have(endpoint, project, ranked):
    """Each of three ranks has one request; when rank 0's is done, it still shows those of the others."""
    alone, gate = endpoint(lambda request, connection: GOOD), Gate()
    project.setup(["a,10,2,1,1,,,"])
    project.run("--name", "alone", "--set", "seed=7", address=alone.address)
    gate.first_body = alone.requests[0]["body"]
    project.setup(["a,10,2,3,3,,,"])
    server = endpoint(gate)
    shown = Shown(ranked, server.address, "--name", "shared", "--set", "seed=7")
    port = shown.read(lambda said: re.search(r"metrics: +http://127\.0\.0\.1:(\d+)/metrics", said))[1]
    shown.read(lambda said: "0/3, 3 in flight" in said)
    assert in_flight(port) == 3
    gate.first.release()
    shown.read(lambda said: "1/3, 2 in flight" in said)
    gate.others.release()
    shown.read(lambda said: "2/3, 1 in flight" in said)
    assert in_flight(port) == 1
    gate.others.release()
    shown.read(lambda said: "done, 3/3" in said)
    while os.read(shown.process.stdout.fileno(), 65536):
        pass
    assert shown.process.wait(200) == 0, shown.process.stderr.read()
    (responses,) = Run(project.folder / "out" / "shared", project.folder / "books").responses
    assert sorted((r["request_index"], r["rank"]) for r in responses) == [(0, 0), (1, 1), (2, 2)]
    assert [request["body"] for request in server.requests].count(gate.first_body) == 1
