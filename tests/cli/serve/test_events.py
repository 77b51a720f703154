"""A run's stream of events says what stands in its journal: as it comes, to each who watches, and no more than once."""

import contextlib
import json
import os
import subprocess
import threading
import time

import pytest
from support.endpoint import content, finish, stream
from watching import Forged, Stream, request_line, wait_until
from workbench import NODE, ROWS


@pytest.fixture
def forge(project):
    made = []

    def start(**how):
        made.append(Forged(project.folder / "out" / f"forged-{len(made)}", **how))
        return made[-1]

    yield start
    for one in made:
        one.end()


@pytest.fixture
def watch(serve):
    """watch(name) opens a stream of the run of that name."""
    opened, workbenches = [], []

    def start(name, *options):
        if not workbenches:
            workbenches.append(serve(*options))
            workbenches[0].enter()
        (run,) = [run for run in workbenches[0].api("GET", "/runs").json()["runs"] if run["name"] == name]
        opened.append(Stream(workbenches[0], run["id"]))
        return opened[-1]

    start.workbenches = workbenches
    yield start
    for one in opened:
        one.close()


def test_a_run_that_has_ended_is_told_whole(simulate, project, watch):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["a,20,4,3,1,,,N/A", "b,20,4,5,2,,,N/A"])
    made = project.run("--name", "alpha", "--set", "probe.steady=1", address=simulator.address)
    told = watch("alpha")
    assert told.status == 200 and told.headers["Content-Type"] == "text/event-stream"
    assert told.headers["Cache-Control"] == "no-store"
    known = told.all()
    assert known["state"] == "done"
    assert known["run"] == {"name": "alpha", "endpoint": simulator.address, "steps": 2, "requests": 8}
    for step, summary in enumerate(made.summaries):
        row = known["rows"][step]
        requests = made.responses[step]
        assert (row["name"], row["how"], row["model"]) == (made.names[step], "done", "ab"[step])
        assert row["completed"] == summary["results_num_completed_requests"] == (3, 5)[step]
        assert row["failed"] == row["resent"] == 0 and row["besides"] > 0
        assert row["received_output_tokens"] == sum(r["number_output_tokens"] for r in requests)
        assert row["ttft_s"] == pytest.approx(sum(r["client_ttft_s"] for r in requests) / len(requests))
    assert (known["completed"], known["failed"], known["failures"]) == (8, 0, {})
    assert sum(point[0] for point in known["points"].values()) == 8
    assert sum(point[2] for point in known["points"].values()) == pytest.approx(32, abs=2)
    assert known["order"] == [("begins", 0), ("begins", 1), ("ends", 0), ("ends", 1)]


def test_a_run_under_way_is_told_as_it_goes(forge, watch):
    run = forge()
    told = watch("forged-0")
    assert told.next() == ("run", {"name": "forged-0", "endpoint": "http://127.0.0.1:9/v1", "steps": 2, "requests": 8})
    run.begins(0)
    known = told.until(lambda known: 0 in known["rows"])
    assert known["rows"][0]["name"] == "row_0" and known["rows"][0]["concurrent_requests"] == 2
    run.add(request_line(0), request_line(0, end_timestamp_utc="2026-11-29T07:00:12.000000Z"))
    known = told.until(lambda known: known["completed"] == 2)
    assert known["rows"][0] | {"completed": 2, "failed": 0, "received_output_tokens": 20, "ttft_s": 0.25} == known["rows"][0]
    assert known["rows"][0]["output_token_per_s"] == pytest.approx(20 / 2.5)
    # From 9.75 to 10.5 s and from 11.25 to 12 s the tokens came, a second to a point.
    assert known["every_s"] == 1
    assert {at: point[2] for at, point in known["points"].items()} == pytest.approx({0: 3.3, 1: 6.7, 2: 10, 3: 0})
    run.add(request_line(0, "timeout"), request_line(0, "429", retry_wait_s=1.5), request_line(0, phase="warmup"),
            request_line(0, probe_burst=1), request_line(0, "timeout"))
    known = told.until(lambda known: known["failed"] == 2)
    assert known["rows"][0] | {"completed": 2, "failed": 2, "resent": 1, "besides": 2} == known["rows"][0]
    assert known["failures"] == {"timeout": 2}
    run.ends(0)
    run.begins(1)
    known = told.until(lambda known: 1 in known["rows"] and known["rows"][0]["how"])
    assert known["rows"][0]["how"] == "done" and known["state"] is None
    run.write_manifest(status="done")
    run.end()
    assert told.all()["state"] == "done"


def test_a_line_counts_once_it_is_whole(forge, watch):
    run = forge()
    told = watch("forged-0")
    run.begins(0)
    line = request_line(0, client_inter_token_latencies_s=[0.25] * 200000)  # of more than one reading
    with run.journal.open("a") as journal:
        journal.write(line[:700000])
    run_of_others = ["{}", "[]", "", "{\"step\":", '{"step":70000,"request":{}}', '{"step":-1,"begins":"x"}', "\x00" * 50,
                     '{"step":0,"request":{"error_code":"x', '{"step":0,"request":{"error_code":"x\\', line[:300]]
    told.until(lambda known: 0 in known["rows"])
    with run.journal.open("a") as journal:
        journal.write(line[700000:] + "\n")
    run.add(*run_of_others, request_line(0))
    assert told.until(lambda known: known["completed"] == 2)["failed"] == 0
    run.end()
    known = told.all()
    assert (known["state"], known["completed"], known["failed"], set(known["rows"])) == ("cut off", 2, 0, {0})


def test_a_line_that_is_taken_back_does_not_count(forge, watch):
    """As on a full disk: what was written of a line goes again, and another comes in its place."""
    run = forge()
    told = watch("forged-0")
    run.begins(0)
    size = run.journal.stat().st_size
    with run.journal.open("a") as journal:
        journal.write(request_line(0, "timeout")[:200])
    told.until(lambda known: 0 in known["rows"])
    time.sleep(1.5)  # it is looked at meanwhile
    os.truncate(run.journal, size)
    run.add(request_line(0))
    known = told.until(lambda known: known["completed"] == 1)
    assert known["failed"] == 0 and known["failures"] == {}


def test_a_journal_that_is_replaced_is_told_anew(forge, watch):
    run = forge()
    told = watch("forged-0")
    run.begins(0)
    run.add(*[request_line(0, "timeout")] * 3)
    told.until(lambda known: known.get("failed") == 3)
    other = run.journal.with_suffix(".new")
    other.write_text('{"step":1,"begins":"row_1"}\n' + request_line(1) + "\n")
    other.rename(run.journal)
    known = told.until(lambda known: known.get("completed") == 1)
    assert [word for word, _ in told.seen].count("run") == 2
    assert set(known["rows"]) == {1} and known["failed"] == 0 and known["failures"] == {}
    run.journal.write_text("")  # shorter than what was read
    told.until(lambda known: [word for word, _ in told.seen].count("run") == 3)


def test_a_step_that_starts_over_begins_from_nothing(forge, watch):
    run = forge()
    run.begins(0)
    run.add(request_line(0), request_line(0, "timeout"), request_line(0, "500"))
    told = watch("forged-0")
    told.until(lambda known: known.get("failed") == 2)
    run.begins(0)
    known = told.until(lambda known: known["rows"][0]["attempt"] == 2)
    run.add(request_line(0, "500"))
    known = told.until(lambda known: known["failed"] == 1)
    assert (known["completed"], known["failures"], known["rows"][0]["completed"]) == (0, {"500": 1}, 0)


def test_many_steps_and_hours_stay_small(forge, watch):
    run = forge(rows=300)
    for step in range(300):
        run.begins(step)
        run.add(*[request_line(step, end_timestamp_utc=f"2026-11-29T{step // 60:02}:{step % 60:02}:59.000000Z")] * 2)
        run.ends(step)
    told = watch("forged-0")
    known = told.until(lambda known: len(known["rows"]) == 300 and known["rows"][299]["how"])
    assert known["completed"] == 600 and known["run"]["requests"] == 1200
    assert known["every_s"] == 32 and max(known["points"]) < 600
    assert sum(point[0] for point in known["points"].values()) == 600
    assert sum(point[2] for point in known["points"].values()) == pytest.approx(6000, rel=0.01)
    told.close()
    late = watch("forged-0")
    assert late.until(lambda known: len(known["rows"]) == 300 and known["rows"][299]["how"])["completed"] == 600


def test_a_long_journal_is_read_whole_and_holds_nobody_up(forge, watch):
    long, other = forge(requests=60000), forge()
    long.begins(0)
    long.add(*[request_line(0)] * 60000)
    other.begins(0)
    assert long.journal.stat().st_size > 20 << 20
    told, beside = watch("forged-0"), watch("forged-1")
    beside.until(lambda known: 0 in known["rows"])
    told.until(lambda known: known.get("completed") == 60000)
    assert sum(point[0] for point in told.picture()["points"].values()) == 60000
    other.add(request_line(0))
    beside.until(lambda known: known["completed"] == 1)


def test_failures_of_too_many_kinds_are_others(forge, watch):
    run = forge()
    run.begins(0)
    run.add(*[request_line(0, f"kind-{i}") for i in range(50)])
    known = watch("forged-0").until(lambda known: known.get("failed") == 50)
    assert len(known["failures"]) == 32 and known["failures"]["other"] == 19


class UnderWay:
    """A real run whose requests wait until they may go on."""

    def __init__(self, endpoint, project, rows, *options):
        self.go_on, self.asked = threading.Event(), []
        project.setup(rows)

        def answer(request, connection):
            self.asked.append(request)
            self.go_on.wait(120)
            return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

        self.address = endpoint(answer).address
        self.process = project.start("run", "config.yaml", "--name", "alpha", *options, address=self.address)
        wait_until(lambda: self.asked or self.process.poll() is not None)
        assert self.asked

    def end(self):
        self.go_on.set()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=120)


@pytest.fixture
def under_way(endpoint, project):
    started = []

    def start(*given):
        started.append(UnderWay(endpoint, project, *given))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_stop_and_cancel_are_seen(under_way, watch, how):
    running = under_way(["m,20,4,50,2,,,N/A"], "--set", "stop_grace=60")
    wait_until(lambda: len(running.asked) >= 2)
    told = watch("alpha")
    told.until(lambda known: 0 in known["rows"])
    (workbench,) = watch.workbenches
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    assert workbench.api("POST", f"/runs/{listed['id']}/{how}").status == 200
    if how == "stop":
        wait_until(lambda: "stopping:" in running.process.stderr.readline())
        running.go_on.set()
    known = told.all()
    assert known["state"] == workbench.api("GET", f"/runs/{listed['id']}").json()["run"]["state"] == "interrupted"
    assert known["rows"][0]["how"] == "interrupted"
    assert (known["completed"], known["failures"]) == ((2, {}) if how == "stop" else (0, {"cancelled": 2}))


def test_a_workbench_that_is_started_again_tells_all(under_way, serve):
    running = under_way(ROWS)
    for _ in range(2):
        workbench = serve()
        workbench.enter()
        (listed,) = workbench.api("GET", "/runs").json()["runs"]
        told = Stream(workbench, listed["id"])
        told.until(lambda known: 0 in known["rows"])
        assert workbench.close() == 0  # with the stream open
        assert told.all_there_is()["state"] is None
        told.close()
        assert running.process.poll() is None
    workbench = serve()
    workbench.enter()
    told = Stream(workbench, listed["id"])
    told.until(lambda known: 0 in known["rows"])
    running.go_on.set()
    known = told.all()
    assert known["state"] == "done" and known["completed"] == 6


def test_a_run_that_was_killed_and_resumed_is_told_from_its_journal(under_way, watch, project):
    running = under_way(ROWS)
    told = watch("alpha")
    told.until(lambda known: 0 in known["rows"])
    running.process.kill()
    running.process.communicate()
    assert told.all()["state"] == "cut off"
    with (project.folder / "out" / "alpha" / "journal.jsonl").open("a") as journal:
        journal.write('{"step":0,"request":{"error_code":"tor')  # the machine's end tore it
    running.go_on.set()
    resumed = project.start("run", "config.yaml", "--resume", "out/alpha", address=running.address)
    assert resumed.wait(120) == 0
    resumed.communicate()
    known = watch("alpha").all()
    assert known["state"] == "done" and (known["completed"], known["failed"]) == (6, 0)
    assert known["rows"][0]["attempt"] == 2 and known["rows"][1]["attempt"] == 1


def test_all_who_watch_are_told_the_same_and_one_more_is_refused(forge, watch):
    run = forge()
    run.begins(0)
    streams = [watch("forged-0") for _ in range(64)]
    (workbench,) = watch.workbenches
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    for one in streams:
        one.until(lambda known: 0 in known["rows"])
    refused = workbench.api("GET", f"/runs/{listed['id']}/events")
    assert refused.status == 429 and "close a page" in refused.json()["error"]
    run.add(*[request_line(0)] * 4)
    for one in streams:
        one.until(lambda known: known["completed"] == 4)
    pictures = [one.picture() for one in streams]
    assert all(picture == pictures[0] for picture in pictures)
    for one in streams[:32]:
        one.close()
    # Who has gone is noticed with the next news, or a comment.
    run.add(request_line(0))
    wait_until(lambda: workbench.api("HEAD", f"/runs/{listed['id']}/events").status == 200)
    run.end()
    for one in streams[32:]:
        assert one.all()["completed"] == 5


def test_a_stream_without_news_is_kept_open(forge, watch):
    run = forge()
    told = watch("forged-0")
    began = time.monotonic()
    told.next()
    while not told.comments:
        told.response.readline().startswith(b":") and setattr(told, "comments", 1)
    assert 14 < time.monotonic() - began
    run.begins(0)
    told.until(lambda known: 0 in known["rows"])


def test_a_run_that_nobody_watches_is_not_read(forge, watch):
    run = forge()
    run.begins(0)
    told = watch("forged-0")
    told.until(lambda known: 0 in known["rows"])
    (workbench,) = watch.workbenches

    def opened():
        found = []
        for one in os.listdir(f"/proc/{workbench.process.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.append(os.readlink(f"/proc/{workbench.process.pid}/fd/{one}"))
        return found

    assert str(run.journal) in opened()
    told.close()
    run.add(request_line(0))
    wait_until(lambda: str(run.journal) not in opened())


def test_a_folder_that_goes_ends_the_stream(forge, watch, project):
    run = forge()
    told = watch("forged-0")
    told.next()
    subprocess.run(["rm", "-r", run.folder], check=True)
    run.end()
    assert told.all()["state"] == "cut off"


def test_no_run_no_stream(serve):
    workbench = serve()
    workbench.enter()
    reply = workbench.api("GET", "/runs/0123456789abcdef/events")
    assert reply.status == 404 and "no run has this number" in reply.json()["error"]
