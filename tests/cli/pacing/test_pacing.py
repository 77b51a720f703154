"""Closed loop: exactly that many in flight. Open loop: an absolute schedule, whatever answers do."""

import threading
import time

import pytest
from support.endpoint import content, finish, stream


def slow_answer(seconds):
    flight = {"now": 0, "most": 0}
    lock = threading.Lock()

    def answer(request, connection):
        with lock:
            flight["now"] += 1
            flight["most"] = max(flight["most"], flight["now"])
        time.sleep(seconds * (1 + request["index"] * 7 % 11 / 4))  # few end at the same moment
        with lock:
            flight["now"] -= 1
        return stream(content("a"), finish(completion_tokens=1))

    return answer, flight


def responds_to_full_house(places, requests):
    """One response at a time, and none before all places are taken or the last requests are there."""
    state = {"now": 0, "most": 0, "came": 0, "full": []}
    changed = threading.Condition()

    def answer(request, connection):
        with changed:
            state["now"] += 1
            state["came"] += 1
            state["most"] = max(state["most"], state["now"])
            changed.notify_all()
            state["full"].append(changed.wait_for(
                lambda: state["now"] == places or state["came"] == requests, 20))
            state["now"] -= 1
        return stream(content("a"), finish(completion_tokens=1))

    return answer, state


def test_closed_loop_keeps_exactly_that_many_in_flight(endpoint, project):
    answer, flight = responds_to_full_house(6, 24)
    project.setup(["m,10,1,24,6,,,"])
    run = project.run("--set", "connection.reuse=always", address=endpoint(answer).address)
    assert flight["most"] == 6 and flight["full"] == [True] * 24
    (responses,) = run.responses
    ends = sorted(r["end_timestamp_utc"] for r in responses)
    starts = sorted(r["start_timestamp_utc"] for r in responses)
    for k in range(6, 24):  # the k-th leaves when the (k−6)-th has ended, not before
        assert starts[k] >= ends[k - 6]
    assert not any(r["new_connection"] for r in responses)
    assert run.summaries[0]["connections_opened_ahead"] == 6


@pytest.mark.parametrize("distribution", ["constant", "uniform", "exponential"])
def test_open_loop_follows_its_schedule_not_the_answers(endpoint, project, distribution):
    answer, _ = slow_answer(0.3)
    project.setup([f"m,10,1,20,,50,{distribution},"])
    address = endpoint(answer).address
    (first,) = project.run("--seed", "5", address=address).responses
    (again,) = project.run("--seed", "5", address=address).responses
    gaps = intended_gaps(first)
    assert gaps == pytest.approx(intended_gaps(again), abs=5e-6)
    if distribution == "constant":
        assert gaps == pytest.approx([0.02] * 19, abs=5e-6)
    else:
        assert len(set(gaps)) > 15 and max(gaps) > 0.021
    if distribution == "uniform":
        assert max(gaps) <= 0.04 + 2e-6
    for r in first:
        assert r["client_ttft_s"] == r["client_ttft_from_intended_s"]
        assert r["client_schedule_delay_s"] >= 0
    # All were sent long before the first answers could have made room for them.
    assert sum(gaps) < 3


def test_connections_closed_while_idle_are_opened_again_outside_the_clock(endpoint, project):
    """The server closes what is idle for 0.6 s; a request leaves every second."""
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)), idle_s=0.6)
    project.setup(["m,10,1,4,,1,constant,"])
    run = project.run(address=server.address)
    for response in run.responses[0]:
        assert response["client_connect_s"] == 0 and not response["new_connection"]
    (summary,) = run.summaries
    assert summary["connections_opened_ahead"] == 4
    assert summary["client_connections_opened"] == 0
    # The first goes out at once; each of the others finds one that was opened for it.
    assert summary["client_connections_reopened"] >= 3
    assert server.gets >= 4 + summary["client_connections_reopened"]


def test_a_server_that_keeps_nothing_open_is_not_asked_without_end(endpoint, project):
    server = endpoint(lambda r, c: stream(content("a"), finish(completion_tokens=1)), idle_s=0.01)
    project.setup(["m,10,1,4,,4,constant,"])
    run = project.run(address=server.address)
    (responses,) = run.responses
    assert len(responses) == 4
    took = responses[-1]["done_monotonic_ns"] - responses[0]["intended_monotonic_ns"]
    assert server.gets <= 4 + 1 + 4 * (1 + took / 1e9)  # ahead, and four a second


def intended_gaps(responses):
    moments = [float(r["intended_timestamp_utc"][17:-1]) + 60 * int(r["intended_timestamp_utc"][14:16])
               for r in responses]
    return [(b - a) % 3600 for a, b in zip(moments, moments[1:])]
