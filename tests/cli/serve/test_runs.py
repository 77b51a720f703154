"""The runs in the workbench: what is listed, shown, given out and deleted is what stands in the folder."""

import io
import tarfile
import time

import openpyxl
import pytest

ROWS = ["a,20,4,3,1,,,N/A", "b,20,4,3,1,,,N/A"]
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


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


def test_a_run_under_way_is_listed_and_not_deleted(endpoint, serve, project):
    project.setup(ROWS)
    import threading
    from support.endpoint import content, finish, stream
    go_on = threading.Event()

    def answer(request, connection):
        go_on.wait(60)
        return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

    running = project.start("run", "config.yaml", "--name", "alpha", address=endpoint(answer).address)
    try:
        workbench = serve()
        workbench.enter()
        deadline = time.monotonic() + 60
        while not (listed := workbench.api("GET", "/runs").json()["runs"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert listed[0]["state"] == "running" and listed[0]["steps"] == 0
        assert workbench.api("DELETE", f"/runs/{listed[0]['id']}", {"name": "alpha"}).status == 409
    finally:
        go_on.set()
        running.communicate(timeout=120)
    (listed,) = workbench.api("GET", "/runs").json()["runs"]
    assert (listed["state"], listed["steps"]) == ("done", 2)
