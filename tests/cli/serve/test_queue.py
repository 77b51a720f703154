"""One run at a time on an endpoint: the others wait, in an order, across the server's own end; or start all the same,
and then nothing that either shows of switches counts."""

import json
import os
import signal

import openpyxl
import pytest
from starting import KEY, at, draft, queue, start, state, wait_for_state, wait_until


def manifest(project, name):
    return json.loads((project.folder / "out" / name / "manifest.json").read_text())


def test_a_second_run_waits_for_the_first(opened, project, held):
    slow, other = held(), held()
    workbench = at(opened(), slow.address)
    first = start(workbench, name="first")
    second = start(workbench, "queued", name="second")
    third = start(workbench, "queued", name="third")
    assert (second["position"], third["position"]) == (1, 2)
    waiting = queue(workbench)
    assert [(one["name"], one["position"], one["command"]) for one in waiting] == [("second", 1, "run"), ("third", 2, "run")]
    assert all(one["waits_for"] == {"id": first["id"], "name": "first"} and one["error"] is None and
               one["endpoint"] == slow.address for one in waiting)
    told = workbench.api("POST", "/plan", draft()).json()
    assert told["busy"] == {"id": first["id"], "name": "first"}
    # Another endpoint is another matter.
    at(workbench, other.address)
    assert workbench.api("POST", "/plan", draft()).json()["busy"] is None
    fourth = start(workbench, name="fourth")
    wait_until(lambda: other.asked, "nothing was sent there")
    assert len(slow.asked) == 1 and not (project.folder / "out" / "second").exists()
    slow.go_on.set()
    other.go_on.set()
    for made in (first, second, third, fourth):
        wait_until(lambda: workbench.api("GET", f"/runs/{made['id']}").status == 200, f"{made['name']} does not start")
        wait_for_state(workbench, made["id"], "done")
    assert queue(workbench) == []
    ends = [manifest(project, name)["status_since_utc"] for name in ("first", "second")]
    begins = [manifest(project, name)["started_utc"] for name in ("second", "third")]
    assert ends[0] < begins[0] and ends[1] < begins[1]
    assert not any("shared_endpoint" in manifest(project, name) for name in ("first", "second", "third", "fourth"))
    wait_until(lambda: not list((project.folder / "out" / ".workbench" / "drafts").iterdir()), "drafts stay")


def test_names_are_promised(opened, held):
    slow = held()
    workbench = at(opened(), slow.address)
    start(workbench, name="first")
    start(workbench, "queued", name="second")
    assert workbench.api("POST", "/runs", draft(name="second")).status == 409
    dated = {start(workbench, "queued")["name"] for _ in range(3)}
    assert len(dated) == 3
    assert workbench.api("PUT", "/queue", {"order": []}).json() == {"queue": []}


def test_the_queue_is_put_into_another_order(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    start(workbench, name="first")
    a, b, c = (start(workbench, "queued", name=name)["id"] for name in "abc")
    put = lambda *order: workbench.api("PUT", "/queue", {"order": list(order)})  # noqa: E731
    assert [one["name"] for one in put(c, a, b).json()["queue"]] == ["c", "a", "b"]
    for order in ((c, a, "0" * 16), (c, c), (c, a, b, "0" * 16)):
        assert put(*order).status == 409
    for body in ({}, [], {"order": 5}, {"order": [5]}, {"order": ["x"] * 200}):
        assert workbench.api("PUT", "/queue", body).status == 400
    assert [one["name"] for one in queue(workbench)] == ["c", "a", "b"]
    assert [(one["name"], one["position"]) for one in put(b, c).json()["queue"]] == [("b", 1), ("c", 2)]
    slow.go_on.set()
    for made in (b, c):
        wait_until(lambda: workbench.api("GET", f"/runs/{made}").status == 200, "it does not start")
        wait_for_state(workbench, made, "done")
    assert manifest(project, "b")["started_utc"] < manifest(project, "c")["started_utc"]
    assert not (project.folder / "out" / "a").exists()


def test_the_queue_has_an_end(opened, held):
    slow = held()
    workbench = at(opened(), slow.address)
    start(workbench, name="first")
    for i in range(100):
        start(workbench, "queued", name=f"w{i}")
    reply = workbench.api("POST", "/runs", draft(name="more"))
    assert reply.status == 429 and "100 runs wait" in reply.json()["error"] and len(queue(workbench)) == 100


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_queue_outlives_the_server(opened, project, held, how):
    slow = held()
    workbench = opened(address=slow.address, key=KEY)
    first = start(workbench, name="first")
    second = start(workbench, "queued", name="second", seed=5)
    workbench.close(how)
    again = opened(address=slow.address, key=KEY)
    (waiting,) = queue(again)
    assert (waiting["id"], waiting["waits_for"]["name"]) == (second["id"], "first")
    slow.go_on.set()
    wait_for_state(again, first["id"], "done")
    wait_until(lambda: again.api("GET", f"/runs/{second['id']}").status == 200, "it does not start")
    wait_for_state(again, second["id"], "done")
    assert manifest(project, "second")["settings"]["seed"] == 5


def test_a_key_that_was_typed_does_not_outlive_the_server(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    first = start(workbench, name="first")
    second = start(workbench, "queued", name="second")
    workbench.close()
    assert KEY not in (project.folder / "out" / ".workbench" / "queue.json").read_text()
    slow.go_on.set()
    again = opened()
    wait_until(lambda: state(again, first["id"]) == "done", "it does not end")
    (waiting,) = queue(again)
    assert "type it once more" in waiting["error"]
    at(again, slow.address)
    wait_until(lambda: again.api("GET", f"/runs/{second['id']}").status == 200, "it does not start")
    wait_for_state(again, second["id"], "done")


def test_a_run_that_cannot_start_says_why_and_holds_nobody_up(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    start(workbench, name="first")
    start(workbench, "queued", name="second")
    third = start(workbench, "queued", name="third")
    (project.folder / "out" / "second").symlink_to("/nowhere/at/all")
    slow.go_on.set()
    wait_until(lambda: workbench.api("GET", f"/runs/{third['id']}").status == 200, "it does not start")
    wait_for_state(workbench, third["id"], "done")
    (waiting,) = queue(workbench)
    assert waiting["name"] == "second" and "second" in waiting["error"]
    assert workbench.api("PUT", "/queue", {"order": []}).json() == {"queue": []}


@pytest.mark.parametrize("content_", ["", "{", '{"queue":5}', '{"queue":[{"path":"../x","endpoint":"a","draft":"","resumes":true}]}',
                                      '{"queue":[{"path":"a/../b","endpoint":"a","draft":"../../../etc"}]}'])
def test_a_queue_that_somebody_else_wrote_harms_nothing(opened, project, content_):
    project.write("out/.workbench/queue.json", content_)
    workbench = opened()
    assert queue(workbench) == []


def test_a_run_is_resumed_in_its_turn(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    first = start(workbench, name="first")
    wait_until(lambda: slow.asked, "nothing was sent")
    os.kill(int((project.folder / "out" / "first" / "run.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for_state(workbench, first["id"], "cut off")
    second = start(workbench, name="second")
    reply = workbench.api("POST", f"/runs/{first['id']}/resume", {})
    assert reply.status == 201 and reply.json() == {"id": first["id"], "name": "first", "state": "queued", "position": 1}
    assert workbench.api("POST", f"/runs/{first['id']}/resume", {}).status == 409
    slow.go_on.set()
    wait_for_state(workbench, second["id"], "done")
    wait_for_state(workbench, first["id"], "done")


# --- Run anyway ----------------------------------------------------------------------------------

STUDY = "llm_api: sncloud\ntimeout: 120\norder: rotate\npasses: 2\nprobe: {steady: 2}\n"


def read(book):
    header, *lines = [list(line) for line in openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True)]
    return header, lines


def test_run_anyway_marks_both_and_no_switch_counts(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    rows = ["a,20,4,3,1,,,N/A", "b,20,4,3,1,,,N/A"]
    first = start(workbench, name="first", rows=rows, config=STUDY)
    wait_until(lambda: slow.asked, "nothing was sent")
    second = start(workbench, name="second", rows=rows, config=STUDY, anyway=True)
    assert (project.folder / "out" / "first" / "shared_endpoint").read_bytes() == b""
    assert not (project.folder / "out" / "second" / "shared_endpoint").exists()
    slow.go_on.set()
    for made in (first, second):
        wait_for_state(workbench, made["id"], "done")
    for name in ("first", "second"):
        folder = project.folder / "out" / name
        assert manifest(project, name)["shared_endpoint"] is True
        told = project.call("switching", str(folder))
        assert told.returncode == 0 and "not measurable, endpoint shared" in told.stdout, told.stdout + told.stderr
        reported = project.call("report", "--output", f"reports-{name}", str(folder))
        assert reported.returncode == 0
        (book,) = (project.folder / f"reports-{name}").glob("*.xlsx")
        header, lines = read(book)
        assert {line[header.index("switch_verdict")] for line in lines} == {"not measurable"}
        assert {line[header.index("switch_reason")] for line in lines} == {"endpoint shared"}
        assert {line[header.index("switching_time")] for line in lines} == {None}
        (page,) = (project.folder / f"reports-{name}").glob("*.html")
        assert "endpoint shared" in page.read_text()


def test_run_anyway_alone_is_a_run_like_any_other(opened, project, held):
    slow = held()
    slow.go_on.set()
    workbench = at(opened(), slow.address)
    made = start(workbench, name="first", anyway=True)
    wait_for_state(workbench, made["id"], "done")
    assert "shared_endpoint" not in manifest(project, "first")
