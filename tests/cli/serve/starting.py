"""Drafts of runs, an endpoint that holds its responses back, and what to wait for."""

import threading
import time

from support.bench import HEADER
from support.endpoint import content, finish, stream

CONFIG = "llm_api: sncloud\ntimeout: 120\nstop_grace: 60\n"
KEY = "demo-key"


def draft(rows=("m,20,4,2,1,,,N/A",), config=CONFIG, **more):
    return {"command": "run", "config": config, "rows": "\n".join([HEADER, *rows]) + "\n", **more}


class Held:
    """An endpoint whose responses wait until they may go on."""

    def __init__(self, endpoint, **how):
        self.go_on, self.asked = threading.Event(), []

        def answer(request, _):
            self.asked.append(request)
            self.go_on.wait(120)
            return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

        self.endpoint = endpoint(answer, **how)
        self.address = self.endpoint.address


def wait_until(true, why):
    deadline = time.monotonic() + 120
    while not (came := true()):
        assert time.monotonic() < deadline, why
        time.sleep(0.02)
    return came


def state(workbench, run):
    return workbench.api("GET", f"/runs/{run}").json()["run"]["state"]


def wait_for_state(workbench, run, wanted):
    wait_until(lambda: state(workbench, run) == wanted, f"{run} is not {wanted}")


def at(workbench, address, key=KEY):
    """Types the endpoint."""
    reply = workbench.api("POST", "/endpoint", {"address": address, "api": "sncloud", "key": key})
    assert reply.status == 200, reply.body
    return workbench


def start(workbench, expect="started", **more):
    reply = workbench.api("POST", "/runs", draft(**more))
    assert reply.status == 201, reply.body
    assert reply.json()["state"] == expect
    return reply.json()


def queue(workbench):
    return workbench.api("GET", "/queue").json()["queue"]
