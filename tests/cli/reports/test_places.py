"""Where reports go: nobody's are overwritten, what is announced is there, and what killed programs left is swept."""

import concurrent.futures
import fcntl
import os
import resource
import signal
import threading

import openpyxl
import pytest
from support.bench import NO_VERDICT
from support.endpoint import content, finish, stream

ANSWER = stream(content("a"), content(" b"), finish(prompt_tokens=20, completion_tokens=2))
COUNT = ("--set", "prompt.count=content")


def announced(project, done):
    return [project.folder / line.split(": ", 1)[1].strip() for line in done.stdout.splitlines()
            if line.startswith(("workbook:", "page:"))]


@pytest.fixture
def server(endpoint):
    return endpoint(lambda request, connection: ANSWER)


@pytest.fixture
def run(server, project):
    project.setup(["m,20,2,2,1,,,"])
    return project.run("--name", "r", *COUNT, address=server.address)


# --- Item 10 --------------------------------------------------------------------------------------


def test_reports_made_at_once_all_stay(run, project):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: project.call("report", "out/r", "--output", "made"), range(24)))
    assert {done.returncode for done in made} == {0}
    paths = [path for done in made for path in announced(project, done)]
    assert len(set(paths)) == len(paths) == 48, "two programs announce the same file"
    assert sorted(paths) == sorted((project.folder / "made").iterdir()), "and nothing else is there"
    wanted = {f"consolidated_results_r{number}" for number in ["", *(f"-{i}" for i in range(2, 25))]}
    assert {path.stem for path in paths} == wanted
    for path in paths:
        assert path.suffix == ".html" or openpyxl.load_workbook(path)["Results"].max_row == 2


def test_comparisons_made_at_once_all_stay(run, server, project):
    project.run("--name", "other", *COUNT, address=server.address)
    project.write("policy.yaml", "min_requests: 1\nmin_runs: 1\nchecks: [{limits: {error_rate: {max: 1}}}]\n")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: project.call("compare", "out/r", "out/other", "--policy", "policy.yaml",
                                                    "--output", "made"), range(12)))
    assert {done.returncode for done in made} == {0}
    names = [path.name for path in (project.folder / "made").iterdir()]
    for ending in (".xlsx", ".html", ".json", ".junit.xml", ".md"):
        assert len([name for name in names if name.endswith(ending)]) == 12
    assert len(names) == 60


def test_a_run_overwrites_no_report_that_was_made_of_it_meanwhile(endpoint, project):
    made, going = threading.Event(), threading.Event()

    def answer(request, connection):
        if request["index"] == 1:
            going.set()
            made.wait(60)
        return ANSWER
    server = endpoint(answer)
    project.setup(["m,20,2,2,1,,,"])
    process = project.start("run", "config.yaml", "--name", "r", *COUNT, *NO_VERDICT, address=server.address)
    assert going.wait(60)
    report = project.call("report", "out/r")
    assert report.returncode == 0, report.stderr
    theirs = {path: path.read_bytes() for path in announced(project, report)}
    assert {path.name for path in theirs} == {"consolidated_results_r.xlsx", "consolidated_results_r.html"}
    made.set()
    out, _ = process.communicate(timeout=60)
    process.stdout = out
    assert process.returncode == 0
    ours = announced(project, process)
    assert [path.name for path in ours] == ["consolidated_results_r-2.xlsx", "consolidated_results_r-2.html"]
    assert {path: path.read_bytes() for path in theirs} == theirs
    ours[1].unlink()
    again = project.call("run", "--resume", "out/r", address=server.address)
    assert announced(project, again) == ours and ours[1].exists(), "it knows its own again"
    assert {path: path.read_bytes() for path in theirs} == theirs


@pytest.mark.parametrize("lost", ([".html"], [".xlsx"], [".xlsx", ".html"], []))
def test_what_was_lost_is_made_again_and_what_stays_is_left_alone(run, server, project, lost):
    books = project.folder / "books"
    for path in books.iterdir():
        path.write_text("worked in")
    for ending in lost:
        (books / f"consolidated_results_r{ending}").unlink()
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stderr
    assert all(path.exists() for path in announced(project, done)) and len(announced(project, done)) == 2
    for ending in (".xlsx", ".html"):
        content_of = (books / f"consolidated_results_r{ending}").read_bytes()
        assert (content_of == b"worked in") == (ending not in lost)


def test_an_interrupted_run_replaces_its_own_when_it_goes_on(endpoint, project):
    stop = threading.Event()

    def answer(request, connection):
        if request["index"] == 2:
            stop.set()
        return ANSWER
    server = endpoint(answer)
    project.setup(["m,20,2,2,1,,,", "m,21,2,2,1,,,"])
    process = project.start("run", "config.yaml", "--name", "r", *COUNT, *NO_VERDICT, "--set", "time_delay=60",
                            address=server.address)
    while not list((project.folder / "out" / "r").glob("*_summary.json")):
        assert process.poll() is None
        stop.wait(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    (workbook,) = (project.folder / "books").glob("*.xlsx")
    assert openpyxl.load_workbook(workbook)["Results"].max_row == 2
    done = project.call("run", "--resume", "out/r", *NO_VERDICT, address=server.address)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (project.folder / "books").iterdir()) == \
        ["consolidated_results_r.html", "consolidated_results_r.xlsx"]
    assert openpyxl.load_workbook(workbook)["Results"].max_row == 3


def test_what_killed_reports_left_is_swept_and_what_is_at_work_stays(run, project):
    made = project.folder / "made"
    (made / ".part-00000000000000aa").mkdir(parents=True)
    (made / ".part-00000000000000aa" / "x.xlsx").write_text("half")
    (made / ".part-00000000000000bb").write_text("half, of 0.1.0")
    for name in (".part-00000000000000cc", "notes", ".hidden"):
        (made / name).mkdir()
    working = os.open(made / ".part-00000000000000cc", os.O_RDONLY)
    fcntl.flock(working, fcntl.LOCK_EX)
    assert project.call("report", "out/r", "--output", "made").returncode == 0
    assert sorted(path.name for path in made.iterdir()) == \
        [".hidden", ".part-00000000000000cc", "consolidated_results_r.html", "consolidated_results_r.xlsx", "notes"]
    os.close(working)
    assert project.call("report", "out/r", "--output", "made").returncode == 0
    assert not list(made.glob(".part-*"))


def test_a_report_that_is_killed_leaves_nothing_that_stays(run, project):
    """Killed at some moments of its work, the files of its name are either all there or none is."""
    made = project.folder / "made"
    for delay in range(12):
        process = project.start("report", "out/r", "--output", "made")
        threading.Event().wait(delay / 200)
        process.kill()
        process.communicate()
    assert project.call("report", "out/r", "--output", "made").returncode == 0
    assert not list(made.glob(".part-*"))
    for page in made.glob("*.html"):
        assert page.with_suffix(".xlsx").exists()


@pytest.mark.parametrize("killed", (True, False))
def test_a_beginning_that_failed_blocks_no_name(server, project, killed):
    """A manifest larger than a file may be; or the program is killed before it has written one."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    project.setup(["m,20,2,2,1,,,"])
    arguments = ("run", "config.yaml", "--name", "r", *COUNT, *NO_VERDICT)
    done = project.call(*arguments, address=server.address, before=limit)
    assert done.returncode == 2 and "manifest.json: cannot be written: File too large" in done.stderr
    assert not (project.folder / "out" / "r").exists()
    if killed:
        project.write("out/r/journal.jsonl", "")
        project.write("out/r/.part-0000000000000000", "half")
    assert project.call("plan", "config.yaml", "--offline", "--name", "r").returncode == 0
    done = project.call(*arguments, address=server.address)
    assert done.returncode == 0, done.stderr
    assert not list((project.folder / "out" / "r").glob(".part-*"))
    done = project.call(*arguments, address=server.address)
    assert done.returncode == 2 and "a run named 'r' exists already" in done.stderr
