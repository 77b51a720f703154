"""The runs in the workbench: what is listed, shown, given out and deleted is what stands in the folder."""

import io
import json
import subprocess
import tarfile
import threading
import time

import openpyxl
import pytest
from support.endpoint import content, finish, stream
from workbench import NODE, ROWS


@pytest.fixture
def ran(simulate, project):
    """ran(*options) makes a run."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(ROWS)
    return lambda *options: project.run(*options, address=simulator.address)


def test_the_list_has_what_ran_newest_first(ran, serve, project):
    first, second = ran("--name", "alpha", "--set", "labels.release=1"), ran("--name", "beta", "--set", "labels.release=2")
    workbench = serve()
    workbench.enter()
    listed = workbench.api("GET", "/runs").json()
    assert [run["name"] for run in listed["runs"]] == ["beta", "alpha"]
    assert (listed["total"], listed["page"], listed["pages"]) == (2, 1, 1)
    for run, made in zip(listed["runs"], (second, first)):
        assert run["models"] == ["a", "b"] and run["state"] == "done"
        assert run["steps"] == run["planned"] == len(made.summaries)
        assert run["completed"] == sum(s["results_num_completed_requests"] for s in made.summaries)
        assert run["errors"] == 0 and run["started_utc"] == made.manifest["started_utc"]
        assert run["labels"] == {"release": "1" if made is first else "2"} and run["path"] == made.folder.name
    for query, names in [("search=ALPH", ["alpha"]), ("search=nothing", []), ("label=release", ["beta", "alpha"]),
                         ("label=release%3D1", ["alpha"]), ("label=release%3D3", []), ("model=a", ["beta", "alpha"]),
                         ("model=A", []), ("page=2", []), ("page=x", ["beta", "alpha"]), ("search=%25", []),
                         ("search=%27%20OR%201%3D1--", []), ("search=a&label=release%3D2", ["beta"])]:
        assert [run["name"] for run in workbench.api("GET", f"/runs?{query}").json()["runs"]] == names, query


def test_many_runs_have_pages(serve, project):
    for i in range(60):
        folder = project.folder / "out" / f"kit-{i:02}"
        folder.mkdir(parents=True)
        (folder / f"synthetic_0_m_{i}_summary.json").write_text(
            '{"name":"m_%d","model":"m","timestamp":%d,"num_concurrent_requests":1,"results_num_completed_requests":1}'
            % (i, i + 1))
    workbench = serve()
    workbench.enter()
    pages = [workbench.api("GET", f"/runs?page={page}").json() for page in (1, 2, 3)]
    assert [len(page["runs"]) for page in pages] == [50, 10, 0]
    assert {page["pages"] for page in pages} == {2} and {page["total"] for page in pages} == {60}
    assert len({run["id"] for page in pages for run in page["runs"]}) == 60


def test_a_run_is_given_out_as_it_stands(ran, serve):
    made = ran()
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    one = workbench.api("GET", f"/runs/{listed['id']}").json()
    assert one["run"] == listed
    assert {file["name"]: file["bytes"] for file in one["files"]} == {
        str(path.relative_to(made.folder)): path.stat().st_size for path in made.folder.rglob("*") if path.is_file()}
    for name in ("manifest.json", "journal.jsonl", made.names[0] + "_summary.json"):
        got = workbench.api("GET", f"/runs/{listed['id']}/files/{name}")
        assert got.status == 200 and got.body == (made.folder / name).read_bytes()
        assert got.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert workbench.api("GET", f"/runs/{listed['id']}/files/nothing").status == 404
    assert workbench.page(f"/run/{listed['id']}").status == 200


def test_the_report_is_the_page_that_report_writes(ran, serve, project):
    made = ran()
    before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    page = workbench.page(f"/api/v1/runs/{listed['id']}/report")
    assert page.status == 200 and b'<script type="application/json" id="data">' in page.body
    assert page.headers["Content-Security-Policy"].startswith("sandbox allow-scripts; default-src 'none'")
    book = workbench.page(f"/api/v1/runs/{listed['id']}/workbook")
    sheet = openpyxl.load_workbook(io.BytesIO(book.body)).worksheets[0]
    assert [list(line) for line in sheet.iter_rows(values_only=True)][1:] == made.table()[1]
    assert {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")} == before
    kept = list((project.folder / "out" / ".workbench" / "reports").rglob("*.html"))
    assert workbench.page(f"/api/v1/runs/{listed['id']}/report").body == page.body
    assert list((project.folder / "out" / ".workbench" / "reports").rglob("*.html")) == kept and len(kept) == 1


def test_the_archive_is_the_folder(ran, serve):
    made = ran()
    (made.folder / ("long" * 40 + ".txt")).write_bytes(b"x" * 1025)
    (made.folder / "link").symlink_to("/etc/passwd")
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    reply = workbench.page(f"/api/v1/runs/{listed['id']}/archive")
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        held = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
        assert all(member.isfile() for member in archive)
    assert held == {f"{made.folder.name}/{path.relative_to(made.folder)}": path.read_bytes()
                    for path in made.folder.rglob("*") if path.is_file() and not path.is_symlink()}


def test_links_lead_nowhere(ran, serve, project):
    made = ran()
    (made.folder / "link").symlink_to("/etc/passwd")
    (project.folder / "out" / "alias").symlink_to(made.folder)
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    assert workbench.api("GET", f"/runs/{listed['id']}/files/link").status == 404
    assert "link" not in [file["name"] for file in workbench.api("GET", f"/runs/{listed['id']}").json()["files"]]


def test_a_run_is_deleted_by_its_name(ran, serve, project):
    made = ran("--name", "alpha")
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    for body in ({}, {"name": "beta"}, {"name": 5}, [], {"name": None}):
        assert workbench.api("DELETE", f"/runs/{listed['id']}", body).status == 409 and made.folder.exists()
    assert workbench.api("DELETE", f"/runs/{'0' * 16}", {"name": "alpha"}).status == 404
    assert workbench.api("DELETE", f"/runs/{listed['id']}", {"name": "alpha"}).status == 200
    assert not made.folder.exists()
    assert workbench.api("GET", "/runs").json()["runs"] == []
    assert workbench.api("GET", f"/runs/{listed['id']}").status == 404
    assert not list((project.folder / "out" / ".workbench").glob("deleted-*"))


class UnderWay:
    """A run whose requests wait until they may go on."""

    def __init__(self, endpoint, project, rows, *options):
        self.go_on, self.asked = threading.Event(), []
        project.setup(rows)

        def answer(request, connection):
            self.asked.append(request)
            self.go_on.wait(120)
            return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

        self.process = project.start("run", "config.yaml", "--name", "alpha", *options,
                                     address=endpoint(answer).address)
        deadline = time.monotonic() + 120
        while not self.asked:
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)

    def end(self):
        self.go_on.set()
        self.process.communicate(timeout=120)
        return self.process.returncode


@pytest.fixture
def under_way(endpoint, project):
    started = []

    def start(rows, *options):
        started.append(UnderWay(endpoint, project, rows, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.end()


def test_a_run_under_way_is_listed_and_not_deleted(under_way, serve):
    running = under_way(ROWS)
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    assert listed["state"] == "running" and listed["steps"] == 0
    assert workbench.api("DELETE", f"/runs/{listed['id']}", {"name": "alpha"}).status == 409
    assert running.end() == 0
    assert (after := workbench.api("GET", f"/runs/{listed['id']}").json()["run"])["state"] == "done"
    assert after["steps"] == 2


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_a_run_is_ended_as_ctrl_c_does(under_way, serve, project, how):
    running = under_way(["m,20,4,50,2,,,N/A"], "--set", "stop_grace=60")
    workbench = serve()
    workbench.enter()
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    reply = workbench.api("POST", f"/runs/{listed['id']}/{how}")
    assert (reply.status, reply.json()) == (200, {"asked": how})
    if how == "stop":
        time.sleep(0.5)
        assert running.process.poll() is None  # it waits for what is in flight
        running.go_on.set()
    running.process.communicate(timeout=120)
    # Of two signals that wait together, the system has the later one taken first.
    assert running.process.returncode in {"stop": (130,), "cancel": (130, 143)}[how] and len(running.asked) == 2
    (responses,) = (project.folder / "out" / "alpha").glob("*_individual_responses.json")
    told = [one["error_code"] for one in json.loads(responses.read_text())]
    assert [code is None for code in told] == [how == "stop"] * 2
    assert workbench.api("GET", f"/runs/{listed['id']}").json()["run"]["state"] == "interrupted"
    assert workbench.api("POST", f"/runs/{listed['id']}/{how}").status == 409
    assert workbench.api("POST", f"/runs/{'0' * 16}/{how}").status == 404


def test_another_process_of_that_number_is_left_alone(ran, serve):
    """A run that was killed leaves its run.pid; somebody else has that number now."""
    made = ran("--name", "alpha")
    other = subprocess.Popen(["sleep", "600"])
    try:
        (made.folder / "run.pid").write_text(f"{other.pid} 1\n")
        workbench = serve()
        workbench.enter()
        (listed,) = workbench.api("GET", "/runs").json()["runs"]
        assert workbench.api("POST", f"/runs/{listed['id']}/cancel").status == 409
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
