"""Mixes, traces, sessions, rows beside each other and a tokenizer: ranks send together what one process sends."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest
from support.bench import CONFIG, HEADER, NO_VERDICT, Run
from support.endpoint import content, finish, stream
from support.helpers import BUILD
from support.mpi import ENVIRONMENT, RANKED, mpirun
from support.token_counts import counts, train

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))
FAILED = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
MIX = HEADER + ",max_in_flight,mix,share"
PARALLEL = CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True")


def arguments(name, *more):
    return "run", "config.yaml", *NO_VERDICT, "--name", name, "--set", "seed=7", *more


def begin(project, address, *parts):
    return subprocess.Popen(mpirun(*parts), cwd=project.folder, text=True, stdin=subprocess.DEVNULL,
                            env=project.environment(address, "demo-key") | ENVIRONMENT,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def end(process, code=0):
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    return out + err


def read(project, name):
    return Run(project.folder / "out" / name, project.folder / "books")


def run_ranks(project, address, ranks, *more, code=0):
    """What so many ranks leave of the project's run."""
    name = f"r{ranks}"
    end(begin(project, address, (ranks, RANKED, *arguments(name, *more))), code)
    return read(project, name)


def bodies(server):
    return sorted(json.dumps(request["body"]) for request in server.requests)


def answer(request, connection):
    time.sleep(0.01)
    return GOOD


class AtOnce:
    """How many requests of each name are under way at most."""

    def __init__(self, name_of, seconds):
        self.name_of, self.seconds = name_of, seconds
        self.lock, self.now, self.most = threading.Lock(), {}, {}

    def __call__(self, request, connection):
        name = self.name_of(request["body"]["model"])
        with self.lock:
            self.now[name] = self.now.get(name, 0) + 1
            self.most[name] = max(self.most.get(name, 0), self.now[name])
        time.sleep(self.seconds)
        with self.lock:
            self.now[name] -= 1
        return GOOD


# --- Mixes ----------------------------------------------------------------------------------------

MIXES = ["open1,10,2,30,,60,exponential,,,open,", "open2,20,2,21,,40,,,6,open,",
         "own1,10,2,24,3,,,,,own,", "own2,20,2,9,1,,,,,own,",
         "shared1,10,2,60,5,,,,,shared,2", "shared2,20,2,,,,,,,shared,1", "shared3,30,2,,,,,,,shared,1",
         "alone,10,2,8,2,,,,,,"]


def check_order(run):
    """Rank 0 numbers all calls of a visit in the order of its clock."""
    for path in run.folder.glob("mix_*.json"):
        members = [run.names.index(one["name"]) for one in json.loads(path.read_text())["members"]]
        calls = [r for member in members for r in run.responses[member]]
        assert sorted(r["arrival_index"] for r in calls) == list(range(len(calls)))
        sent = [r["sent_monotonic_ns"] for r in sorted(calls, key=lambda r: r["arrival_index"])]
        assert sent == sorted(sent)


def test_a_mix_sends_the_same_for_any_number_of_ranks(endpoint, project):
    project.setup(MIXES, header=MIX)
    sent, counted = {}, {}
    for ranks in (1, 2, 4):
        flight = AtOnce(lambda model: model.rstrip("0123456789"), 0.02)
        server = endpoint(flight)
        run = run_ranks(project, server.address, ranks)
        sent[ranks] = bodies(server)
        counted[ranks] = [len(responses) for responses in run.responses]
        assert flight.most["shared"] <= 5 and flight.most["own"] <= 4
        assert len(list(run.folder.glob("mix_*.json"))) == 3
        check_order(run)
        for summary, responses in zip(run.summaries, run.responses):
            assert sorted(r["request_index"] for r in responses) == list(range(len(responses)))
            assert all(r["error_code"] is None for r in responses)
            if ranks > 1 and summary["model"][:6] != "shared":
                part = {"own1": min(ranks, 3), "own2": 1, "alone": 2}.get(summary["model"], ranks)
                assert all(r["rank"] == r["request_index"] % part for r in responses)
        if ranks > 1:
            assert {r["rank"] for responses in run.responses[4:7] for r in responses} == set(range(ranks))
    assert counted[1] == counted[2] == counted[4] and sum(counted[1][4:7]) == 60
    assert sent[1] == sent[2] == sent[4]


def test_members_of_a_mix_begin_at_one_moment_on_all_ranks(endpoint, project):
    project.setup(["a,10,2,12,,30,,,,day,", "b,10,2,12,,30,,,,day,"], header=MIX)
    run = run_ranks(project, endpoint(answer).address, 3)
    first = [r["intended_monotonic_ns"] for responses in run.responses for r in responses if r["request_index"] == 0]
    assert first[0] == first[1], "rank 0 sends both, by its own clock"
    for responses, summary in zip(run.responses, run.summaries):
        for r in responses:
            due = first[0] + r["request_index"] * 1e9 / 30
            off = (summary["clock_uncertainty_s"] + r["clock_uncertainty_s"]) * 1e9
            assert abs(r["intended_monotonic_ns"] - due) < off + 2000


def test_an_endpoint_that_fails_one_member_ends_that_one_for_all(endpoint, project):
    server = endpoint(lambda request, c: FAILED if request["body"]["model"] == "bad" else answer(request, c))
    project.setup(["bad,10,2,4000,8,,,,,day,", "good,10,2,90,6,,,,,day,"], header=MIX)
    run = run_ranks(project, server.address, 3, code=3)
    bad, good = run.summaries
    assert bad["step_end"] == "stopped early" and bad["results_num_requests_started"] < 2000
    assert good["results_num_completed_requests"] == 90


def children(process):
    """Of mpirun, by their rank."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{entry}/stat").read().rpartition(")")[2].split()[1])
            words = open(f"/proc/{entry}/environ").read() if parent == process.pid else ""
        except (FileNotFoundError, ProcessLookupError):
            continue
        rank = [word for word in words.split("\0") if word.startswith("OMPI_COMM_WORLD_RANK=")]
        found.update({int(word.partition("=")[2]): int(entry) for word in rank})
    return found


@pytest.mark.parametrize("again", [1, 3])
def test_a_mix_whose_rank_is_killed_is_resumed(endpoint, project, again):
    server = endpoint(answer)
    project.setup(["a,10,2,40,4,,,,,day,", "b,20,2,60,6,,,,,day,", "c,10,2,20,,60,,,,,"], header=MIX)
    process = begin(project, server.address, (2, RANKED, *arguments("r")))
    moment = random.Random(again).randrange(1, 90)
    while len(server.requests) < moment:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(children(process)[again % 2], signal.SIGKILL)
    process.communicate(timeout=100)
    assert process.returncode != 0
    end(begin(project, server.address, (again, RANKED, "run", "--resume", "out/r", *NO_VERDICT)))
    run = read(project, "r")
    assert run.manifest["status"] == "done"
    for responses, count in zip(run.responses, (40, 60, 20)):
        assert sorted(r["request_index"] for r in responses) == list(range(count))
        assert all(r["error_code"] is None for r in responses)
    check_order(run)


# --- Traces ---------------------------------------------------------------------------------------

def write_trace(project, sessions):
    """Lines of two models, at drawn moments; with sessions of up to three lines, which hold what was said before."""
    rng, lines = random.Random(3), []
    for k in range(24):
        at, held, model = rng.random() * 1.5, 0, rng.choice("xy")
        for turn in range(1, rng.choice([1, 2, 3]) + 1 if sessions else 2):
            given, made = held + rng.randrange(20, 90), rng.randrange(1, 9)
            line = {"at_s": round(at, 6), "model": model, "input_tokens": given, "output_tokens": made}
            lines.append(line | ({"session": f"s{k}", "turn": turn} if sessions else {}))
            at, held = at + rng.random() / 2, given + made
    lines.sort(key=lambda line: line["at_s"])
    project.write("day.trace", "".join(json.dumps(line) + "\n" for line in lines))
    return lines


@pytest.mark.parametrize("sessions", [False, True])
def test_a_trace_is_the_same_for_any_number_of_ranks(endpoint, project, sessions):
    lines, models = write_trace(project, sessions), {"x": "a", "y": "b"}
    project.setup(["*,day.trace,30"], CONFIG + "trace_models : {x: a, y: b}\n",
                  header="model_name,trace,max_in_flight")
    sent = {}
    for ranks in (1, 2, 4):
        server = endpoint(answer)
        run = run_ranks(project, server.address, ranks)
        sent[ranks] = bodies(server)
        check_order(run)
        assert len(server.requests) == len(lines) == sum(map(len, run.responses))
        starts = []
        for summary, responses in zip(run.summaries, run.responses):
            first = [line for line in lines if models[line["model"]] == summary["model"] and line.get("turn", 1) == 1]
            by_number = {r["session"] if sessions else r["request_index"]: r for r in responses
                         if not sessions or r["turn"] == 1}
            # Rank 0 sends the first, by the clock that the others' are turned into.
            starts.append(by_number[0]["intended_monotonic_ns"] - first[0]["at_s"] * 1e9)
            assert len({r["request_index"] for r in responses}) == len(responses)
            assert ranks == 1 or all(r["rank"] == (r["session"] if sessions else r["request_index"]) % ranks
                                     for r in responses)
            for line, (_, r) in zip(first, sorted(by_number.items())):
                off = (summary.get("clock_uncertainty_s") or 0) + r.get("clock_uncertainty_s", 0)
                assert abs(r["intended_monotonic_ns"] - starts[0] - line["at_s"] * 1e9) < 3000 + 1e9 * off
    assert sent[1] == sent[2] == sent[4]


# --- Rows beside each other -----------------------------------------------------------------------

def test_rows_run_beside_each_other_on_all_ranks(endpoint, project):
    """The first responses of three models wait for one another: none comes before all three are under way."""
    together, seen, lock = threading.Barrier(3, timeout=200), set(), threading.Lock()

    def meet(request, connection):
        model = request["body"]["model"]
        with lock:
            first = model not in seen
            seen.add(model)
        if first and model in "abc":
            together.wait()
        return answer(request, connection)

    rows = ["a,10,2,30,3,,,,,,", "b,20,2,20,,80,,,,,", "c,10,2,9,1,,,,,,"]
    project.setup(rows, PARALLEL, header=MIX)
    sent = {}
    for ranks in (1, 3):
        seen.clear()
        server = endpoint(meet)
        run = run_ranks(project, server.address, ranks, "--set", "max_workers=3")
        sent[ranks] = bodies(server)
        for row, responses, summary in zip(rows, run.responses, run.summaries):
            count, places = int(row.split(",")[3]), int(row.split(",")[4] or ranks)
            assert sorted(r["request_index"] for r in responses) == list(range(count))
            assert summary["switching_verdict"] == "rows in parallel"
            if ranks > 1:
                assert all(r["rank"] == r["request_index"] % min(ranks, places) for r in responses)
    assert sent[1] == sent[3]


@pytest.mark.parametrize("config, rows", [(CONFIG, ["a,10,2,4000,4,,,,,day,1", "b,20,2,,,,,,,day,2"]),
                                          (PARALLEL, ["a,10,2,4000,4,,,,,,", "b,20,2,4000,,60,,,,,"])])
def test_stop_ends_all_that_is_under_way(endpoint, project, config, rows):
    server = endpoint(AtOnce(lambda model: model, 0.1))
    project.setup(rows, config, header=MIX)
    process = begin(project, server.address, (3, RANKED, *arguments("r")))
    while len(server.requests) < 90:
        assert process.poll() is None
        time.sleep(0.02)
    done = project.call("stop", "out/r")
    assert done.returncode == 0, done.stderr
    end(process, 130)
    run = read(project, "r")
    assert run.manifest["status"] == "interrupted"
    assert sum(map(len, run.responses)) == len(server.requests)
    assert {r["rank"] for responses in run.responses for r in responses} == {0, 1, 2}


# --- A tokenizer ----------------------------------------------------------------------------------

def test_a_tokenizer_counts_on_rank_0_alone(endpoint, project, tmp_path, monkeypatch):
    """The other ranks have neither its file nor its libraries; prompts are as long as it tells on all of them."""
    train(tmp_path)
    path = str(tmp_path / "tokenizer.json")
    monkeypatch.setenv("COEBENCH_TOKENIZER", str(BUILD / "tokenizer"))
    project.setup(["a,300,2,12,4,,,,,,", "b,200,2,10,3,,,,,day,", "c,250,2,8,2,,,,,day,"],
                  CONFIG + f"tokenizer : {path}\nsave_llm_responses : True\n", header=MIX)
    silent = stream(content("a"), content("b"), finish())
    sent = {}
    for ranks in (1, 3):
        server = endpoint(lambda request, connection: silent)
        own = (RANKED, *arguments(f"r{ranks}"))
        others = [(ranks - 1, "env", "COEBENCH_TOKENIZER=/nowhere", "PATH=/nowhere", *own)] if ranks > 1 else []
        end(begin(project, server.address, (1, *own), *others))
        run = read(project, f"r{ranks}")
        sent[ranks] = bodies(server)
        told = sorted(r["tokenizer_number_input_tokens"] for responses in run.responses for r in responses)
        prompts = [request["body"]["messages"][0]["content"] for request in server.requests]
        assert told == sorted(counts(path, prompts))
        for responses, asked in zip(run.responses, (300, 200, 250)):
            tokens = [r["tokenizer_number_input_tokens"] for r in responses]
            assert all(abs(count - asked) < asked / 5 for count in tokens), (asked, tokens)
            assert all(r["tokenizer_number_output_tokens"] > 0 for r in responses)
    assert sent[1] == sent[3]
