"""A run that ranks share is the run of one process: the same requests, one clock, one run directory."""

import json
import os
import threading
import time

import pytest
from support.bench import NO_VERDICT, Run
from support.endpoint import content, finish, stream
from support.mpi import RANKED, Ranked, ahead, end

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))

ROWS = ["a,10,2,30,6,,,", "a,20,2,25,,60,exponential,", "a,30,2,3,1,,,", "a,40,2,9,3,,,"]


def arguments(name, *more):
    return "run", "config.yaml", *NO_VERDICT, "--name", name, "--set", "seed=7", *more


@pytest.fixture
def shared(project):
    """shared(ranks, address, *words) starts a run of so many ranks in the project's folder."""
    ranked = Ranked(project)
    yield ranked.start
    ranked.close()


def wait_for(holds):
    deadline = time.monotonic() + 100
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answer(request, connection):
    time.sleep(0.01)
    return GOOD


def bodies(server):
    return sorted(json.dumps(request["body"]) for request in server.requests)


def read(project, name):
    return Run(project.folder / "out" / name, project.folder / "books")


def check_records(run, rows, ranks):
    """Each request once, by the rank that it belongs to."""
    for row, responses in zip(rows, run.responses):
        requests, places = int(row.split(",")[3]), int(row.split(",")[4] or 0)
        part = min(ranks, places) if places else ranks
        assert sorted(r["request_index"] for r in responses) == list(range(requests))
        for response in responses:
            assert response["error_code"] is None
            if ranks > 1:
                assert response["rank"] == response["request_index"] % part
                assert (response["clock_uncertainty_s"] > 0) == (response["rank"] > 0)
            else:
                assert "rank" not in response


def test_the_requests_are_the_same_for_any_number_of_ranks(endpoint, project, shared):
    project.setup(ROWS)
    sent = {}
    for ranks in (1, 2, 4):
        server = endpoint(answer)
        name = f"r{ranks}"
        end(shared(ranks, server.address, *arguments(name)))
        sent[ranks] = bodies(server)
        run = read(project, name)
        check_records(run, ROWS, ranks)
        assert run.manifest["status"] == "done"
        if ranks > 1:
            host = os.uname().nodename
            assert run.manifest["ranks"] == {"count": ranks, "hosts": ", ".join([host] * ranks)}
            assert all(summary["clock_uncertainty_s"] > 0 for summary in run.summaries[:2])
        else:
            assert "ranks" not in run.manifest
        for row, summary in zip(ROWS, run.summaries):
            assert summary["results_num_requests_started"] == int(row.split(",")[3])
    assert len(sent[1]) == sum(int(row.split(",")[3]) for row in ROWS)
    assert sent[1] == sent[2] == sent[4]


def test_sessions_probes_and_phases_too(endpoint, project, shared):
    project.setup(["a,60,2,8,4,,,,,3,10,0", "a,10,2,12,4,,,,,,,4"],
                  header="model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution,"
                         "multimodal_img_size,think_time_s,turns,turn_input_tokens,warmup_requests")
    sent = {}
    for ranks in (1, 3):
        server = endpoint(answer)
        name = f"r{ranks}"
        end(shared(ranks, server.address, *arguments(name, "--set", "probe.steady=2")))
        sent[ranks] = bodies(server)
        run = read(project, name)
        turns = run.responses[0]
        assert sorted((r["session"], r["turn"]) for r in turns) == [(s, t) for s in range(8) for t in (1, 2, 3)]
        assert len({r["request_index"] for r in turns}) == 24
        if ranks > 1:
            assert all(r["rank"] == r["session"] % ranks for r in turns)
        (phases,) = run.folder.glob(f"{run.names[1]}_phases.json")
        assert sorted(r["request_index"] for r in json.loads(phases.read_text())) == [0, 1, 2, 3]
        (probe,) = run.folder.glob(f"{run.names[1]}_probe.json")
        assert len(json.loads(probe.read_text())) > 2
    assert sent[1] == sent[3]


def test_no_more_run_at_once_than_were_asked_for(endpoint, project, shared):
    lock, at_once, most = threading.Lock(), [0], [0]

    def change(by):
        with lock:
            at_once[0] += by
            most[0] = max(most[0], at_once[0])

    def count(request, connection):
        change(1)
        time.sleep(0.05)
        change(-1)
        return GOOD

    project.setup(["a,10,2,60,6,,,"])
    end(shared(4, endpoint(count).address, *arguments("r")))
    assert most[0] == 6


def test_moments_of_skewed_clocks_are_rank_0s(endpoint, project, shared):
    """Ranks 1 and 2 live in time namespaces of their own. The endpoint has rank 0's clock."""
    arrived = []

    def note(request, connection):
        arrived.append(time.monotonic_ns())
        time.sleep(0.02)
        return GOOD

    words = arguments("r")
    parts = [(1, RANKED, *words)] + [(1, *ahead(seconds), RANKED, *words) for seconds in (40000, 9000000)]
    project.setup(["a,10,2,60,6,,,"])
    end(shared(parts, endpoint(note).address))
    responses = read(project, "r").responses[0]
    assert {r["rank"] for r in responses} == {0, 1, 2}
    first, last = min(arrived), max(arrived)
    a_while_ns = 30e9  # on a busy machine; the clocks are hours apart
    for response in responses:
        off_ns = response["clock_uncertainty_s"] * 1e9
        assert first - off_ns - a_while_ns < response["sent_monotonic_ns"] < last + off_ns
        assert response["done_monotonic_ns"] - response["sent_monotonic_ns"] >= 20e6
    began = [min(r["sent_monotonic_ns"] for r in responses if r["rank"] == rank) for rank in range(3)]
    assert max(began) - min(began) < a_while_ns, "they begin together"


def test_only_rank_0_needs_files_and_secrets(endpoint, project, shared, tmp_path):
    project.setup(["a,10,2,12,4,,,"])
    server = endpoint(answer)
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    bare = ("-wdir", nowhere, "env", "-u", "SAMBANOVA_API_KEY", "-u", "SAMBANOVA_API_BASE", RANKED)
    end(shared([(1, RANKED, *arguments("r")), (2, *bare, *arguments("r"))], server.address))
    check_records(read(project, "r"), ["a,10,2,12,4,,,"], 3)
    assert {request["headers"]["authorization"] for request in server.requests} == {"Bearer demo-key"}
    assert list(nowhere.iterdir()) == []


# --- Ends -----------------------------------------------------------------------------------------


def test_stop_ends_all_ranks_in_order(endpoint, project, shared):
    def slow(request, connection):
        time.sleep(0.2)
        return GOOD

    server = endpoint(slow)
    project.setup(["a,10,2,5000,8,,,", "a,20,2,5,1,,,"])
    process = shared(4, server.address, *arguments("r"))
    wait_for(lambda: len(server.requests) > 20)
    done = project.call("stop", "out/r")
    assert done.returncode == 0, done.stderr
    end(process, 130)
    run = read(project, "r")
    assert run.manifest["status"] == "interrupted"
    (responses,) = run.responses
    assert len(responses) == len(server.requests)
    assert all(r["error_code"] is None for r in responses)
    assert {r["rank"] for r in responses} == {0, 1, 2, 3}


def test_an_endpoint_that_fails_everything_ends_it_for_all(endpoint, project, shared):
    server = endpoint(lambda request, connection: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
    project.setup(["a,10,2,4000,8,,,"])
    end(shared(3, server.address, *arguments("r")), 3)
    assert read(project, "r").summaries[0]["step_end"] == "stopped early"
    assert len(server.requests) < 2000


def test_what_is_refused_is_told_once(endpoint, project, shared):
    server = endpoint(answer)
    project.setup(["b,10,x,5,1,,,"])
    told = end(shared(2, server.address, *arguments("r")), 2)
    assert sum("output_tokens" in line for line in told.splitlines()) == 1
    assert server.requests == []


def test_other_commands_run_in_one_process(project, shared):
    told = end(shared(2, "http://127.0.0.1:1/v1", "plan", "config.yaml"), 2)
    assert "'plan' runs in one process" in told
