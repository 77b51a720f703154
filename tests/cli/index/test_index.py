"""`coebench index`: one SQLite database over all runs, read back by Python's sqlite3 and held against the runs' own
JSON and workbook; updated by what has changed; and never more, or less, than the directories hold."""

import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from support.bench import NO_VERDICT, PROGRAM, another_run

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: b-2.0, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
ROWS = ["a,200,4,4,2,,,", "b-2.0,100,4,3,,20,exponential,", "a,100,3,2,1,,,"]
DATABASE = ".coebench-index.sqlite"


@pytest.fixture
def run(simulate, project):
    project.setup(ROWS)
    address = simulate(project.write("bundle.yaml", BUNDLE)).address
    return project.run("--name", "first", "--set", "labels.release=1.0", "--set", "labels.node=sn-7", address=address)


def index(project, *arguments, expect=0):
    done = project.call("index", *(arguments or ("out",)))
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def told(project, *arguments, expect=0):
    return json.loads(index(project, "--json", *(arguments or ("out",)), expect=expect).stdout)


def ask(path, query, *values):
    """The rows of a query, as dictionaries."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(query, values)]
    connection.close()
    return rows


def content(path):
    """All that the index says, steps by name and not by number; what was found, less as which."""
    tables = {table: ask(path, f"SELECT * FROM {table}") for table in ("run", "label", "step")}
    names = {step.pop("id"): step["name"] + step["run"] for step in tables["step"]}
    tables["metric"] = [dict(row, step=names[row["step"]]) for row in ask(path, "SELECT * FROM metric")]
    tables["folder"] = ask(path, "SELECT path, id, copy_of, problem FROM folder")
    return {name: sorted(rows, key=lambda row: json.dumps(row)) for name, rows in tables.items()}


def settle():
    """Until what has been written so far is no longer so young that it is read again."""
    time.sleep(2.2)


# --- What stands in it ----------------------------------------------------------------------------

STATISTICS = [f"p{percent}" for percent in (5, 25, 50, 75, 90, 95, 99)] + ["mean", "min", "max", "stddev"]


def figures_of(summary):
    """Each metric of a summary with its statistics, by this test's own reading of the keys."""
    figures = {}
    for key, value in summary.items():
        match = re.fullmatch(r"(?:results_)?(.*?)(?:_quantiles)?_(p\d+|mean|min|max|stddev)", key)
        if match and key.startswith(("results_", "window_")) and not key.endswith("_per_min"):
            figures.setdefault(match[1], {})[match[2]] = value
    return figures


def test_every_figure_is_the_summarys(run, project):
    index(project)
    database = project.folder / "out" / DATABASE
    steps = ask(database, "SELECT * FROM step ORDER BY step_index")
    assert [step["name"] for step in steps] == run.names
    for step, summary in zip(steps, run.summaries):
        figures = figures_of(summary)
        rows = {row["metric"]: row for row in ask(database, "SELECT * FROM metric WHERE step = ?", step["id"])}
        assert len(figures) > 15 and rows.keys() == figures.keys()
        for name, row in rows.items():
            assert {key: row[key] for key in STATISTICS} == {key: figures[name].get(key) for key in STATISTICS}
            assert row["value"] is None
        for column in ("num_requests_started", "num_completed_requests", "number_errors", "num_retries",
                       "client_total_output_throughput", "mean_output_throughput_token_per_s",
                       "num_completed_requests_per_min"):
            assert step[column] == summary[f"results_{column}"], column
        for column in ("model", "num_input_tokens", "num_output_tokens", "num_requests", "row_line", "pass",
                       "timestamp", "step_end", "wall_time_s", "goodput_share", "output_tokens_share",
                       "representative_batch_size", "switching_verdict", "measurement_verdict", "step_index",
                       "predecessor_step_index", "step_attempt", "weight_gb", "window_output_throughput_token_per_s"):
            assert step[column] == summary[column], column
        for column in ("num_concurrent_requests", "qps", "qps_distribution"):
            assert step[column] == summary.get(column), column
        assert step["switching_time"] == summary["switching_time_documented_s"]
        assert step["uuid"] == step["name"][-36:] and step["warmup"] == 0
    assert [step["row"] for step in steps] == ["a 200/4 n=4 concurrent=2", "b-2.0 100/4 n=3 qps=20 exponential",
                                               "a 100/3 n=2 concurrent=1"]


def test_figures_are_the_workbooks(run, project):
    index(project)
    heading, table = run.table()
    metrics = {(row["name"], row["metric"]): row for row in ask(
        project.folder / "out" / DATABASE,
        "SELECT step.name AS name, metric.* FROM metric JOIN step ON step.id = metric.step")}
    compared = 0
    for line in table:
        row = dict(zip(heading, line))
        for column, value in row.items():
            match = re.fullmatch(r"((?:client|server)_.*)_(min|mean|p50|max)", column or "")
            known = match and (metrics.get((row["name"].removesuffix("_summary"), match[1]))
                               or metrics.get((row["name"].removesuffix("_summary"), match[1] + "_per_request")))
            if known and value is not None:
                assert known[match[2]] == pytest.approx(value, rel=1e-12), column
                compared += 1
    assert compared > 60


def test_a_run_is_its_manifest(run, project):
    index(project)
    database = project.folder / "out" / DATABASE
    (row,) = ask(database, "SELECT * FROM run")
    manifest = run.manifest
    assert row["id"] == hashlib.sha256(b"first").hexdigest()[:16]
    assert (row["path"], row["name"], row["kind"], row["state"]) == ("first", "first", "coebench", "done")
    assert (row["started_utc"], row["ended_utc"]) == (manifest["started_utc"], manifest["status_since_utc"])
    assert row["endpoint"] == manifest["endpoint"]["address"] and row["dialect"] == manifest["endpoint"]["dialect"]
    assert row["seed"] == str(manifest["settings"]["seed"]) and row["visit_order"] == "as-listed"
    assert row["host"] == manifest["host"]["name"] and row["coebench_version"] == manifest["coebench_version"]
    assert (row["steps_planned"], row["steps"], row["steps_lost"], row["search"]) == (3, 3, 0, 0)
    assert row["num_requests_started"] == sum(s["results_num_requests_started"] for s in run.summaries) == 9
    assert row["num_completed_requests"] == 9 and row["number_errors"] == 0
    worst = max(("valid", "degraded", "invalid: client-limited").index(s["measurement_verdict"]) for s in run.summaries)
    assert row["measurement_verdict"] == ("valid", "degraded", "invalid: client-limited")[worst]
    assert row["workbook"] == manifest["reports"]
    assert ask(database, "SELECT name, value FROM label ORDER BY name") == [
        {"name": "node", "value": "sn-7"}, {"name": "release", "value": "1.0"}]
    assert ask(database, "PRAGMA foreign_key_check") == [] and ask(database, "PRAGMA integrity_check") == [
        {"integrity_check": "ok"}]


def test_the_kits_folders_are_runs_too(run, project):
    """Without a manifest: the summaries are the run."""
    kit = project.folder / "results" / "kit"
    shutil.copytree(run.folder, kit)
    for name in ("manifest.json", "journal.jsonl", "switching.json"):
        (kit / name).unlink()
    assert told(project, "results")["steps"] == 3
    (row,) = ask(project.folder / "results" / DATABASE, "SELECT * FROM run")
    assert (row["kind"], row["state"], row["started_utc"]) == ("kit", "done", None)


def test_it_goes_where_it_is_told(run, project):
    done = index(project, "out", "--output", "all.sqlite")
    assert done.stdout == ("index: all.sqlite\n1 run, 3 steps; of run directories 1 added, 0 updated, 0 removed\n")
    assert not (project.folder / "out" / DATABASE).exists()
    (project.folder / "out").rename(project.folder / "results")
    assert index(project, "--rebuild").stdout.startswith("index: results/.coebench-index.sqlite\n1 run, 3 steps")


# --- Updates --------------------------------------------------------------------------------------


def test_an_update_reads_what_has_changed_and_nothing_else(run, project):
    for name in ("second", "third"):
        another_run(run.folder, project.folder / "out" / name)
    settle()
    assert told(project)["added"] == 3
    database = project.folder / "out" / DATABASE
    before, written = content(database), database.stat().st_mtime_ns
    # In place, so that neither its folder nor its manifest changes: only who reads it would know.
    for name in ("second", "third"):
        path = next((project.folder / "out" / name).glob("*_summary.json"))
        text = path.read_text()
        with path.open("r+") as file:
            file.write(re.sub(r'"wall_time_s":\s*[\d.]+', lambda m: '"wall_time_s":7'.ljust(len(m[0])), text))
    assert told(project) == dict(told(project), added=0, updated=0, removed=0, runs=3)
    assert content(database) == before and database.stat().st_mtime_ns == written
    os.utime(project.folder / "out" / "second" / "manifest.json")
    assert told(project)["updated"] == 1
    assert {row["name"]: row["sevens"] for row in ask(
        database, "SELECT run.name, sum(wall_time_s = 7) AS sevens FROM step JOIN run ON run.id = run GROUP BY run")} \
        == {"first": 0, "second": 1, "third": 0}
    assert told(project, "out", "--rebuild")["runs"] == 3
    assert ask(database, "SELECT count(*) AS n FROM step WHERE wall_time_s = 7") == [{"n": 2}]


def test_what_is_gone_leaves_and_what_moves_is_another(run, project):
    for name in ("1.0/second", "1.0/third"):
        another_run(run.folder, project.folder / "out" / name)
    assert told(project)["runs"] == 3
    shutil.rmtree(project.folder / "out" / "1.0" / "third")
    (project.folder / "out" / "1.0").rename(project.folder / "out" / "2.0")
    report = told(project)
    assert (report["runs"], report["added"], report["removed"]) == (2, 1, 2)
    database = project.folder / "out" / DATABASE
    assert [row["path"] for row in ask(database, "SELECT path FROM run ORDER BY path")] == ["2.0/second", "first"]
    ids = {row["run"] for row in ask(database, "SELECT run FROM step UNION SELECT run FROM label")}
    assert ids == {hashlib.sha256(path).hexdigest()[:16] for path in (b"2.0/second", b"first")}
    assert ask(database, "SELECT count(*) AS n FROM metric WHERE step NOT IN (SELECT id FROM step)") == [{"n": 0}]


def test_a_copy_is_not_counted_and_takes_the_place_of_a_run_that_goes(run, project):
    out = project.folder / "out"
    for name in ("copy", "first-again"):
        shutil.copytree(run.folder, out / name)
    done = index(project)
    database = out / DATABASE
    assert "\n1 run, 3 steps;" in done.stdout
    assert sorted(done.stderr.splitlines()) == [
        f"warning: out/{name}: is the same run as out/copy, and is left out" for name in ("first-again", "first")]
    assert ask(database, "SELECT path FROM run") == [{"path": "copy"}]
    settle()
    assert index(project).stderr == done.stderr, "an update tells of it too"
    shutil.rmtree(out / "copy")
    assert "out/first-again: is the same run as out/first," in index(project).stderr
    assert ask(database, "SELECT path FROM run") == [{"path": "first"}]
    shutil.copytree(run.folder, out / "before")
    index(project)
    assert ask(database, "SELECT path FROM run") == [{"path": "before"}], "as an index made anew has it"


def change(root, run, dice):
    """Something that happens to folders of runs."""
    there = sorted(path.parent for path in root.glob("**/manifest.json"))
    to = root / dice.choice("abcd") / f"{dice.choice('klm')}{dice.randrange(4)}"
    if to.exists():
        shutil.rmtree(to)
    elif dice.random() < 0.3 or not there:
        another_run(run.folder, to)
    else:
        (shutil.copytree if dice.random() < 0.7 else shutil.move)(dice.choice(there), to)


def test_updated_again_and_again_it_is_what_an_index_made_anew_is(run, project):
    """Runs come, go, move and are copied."""
    root, dice = project.folder / "results", random.Random(7)
    root.mkdir()
    for _ in range(4):
        for _ in range(12):
            change(root, run, dice)
        index(project, "results")
        index(project, "results", "--rebuild", "--output", "anew.sqlite")
        updated = content(root / DATABASE)
        assert updated == content(project.folder / "anew.sqlite") and len(updated["run"]) > 1
        assert any(folder["copy_of"] for folder in updated["folder"])
        settle()


# --- Runs under way, and broken ones --------------------------------------------------------------


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_run_under_way_is_there_and_so_is_how_it_ends(simulate, project):
    project.setup(["a,200,4,4,2,,,", "a,100,400,200,1,,,"])
    address = simulate(project.write("bundle.yaml", BUNDLE)).address
    arguments = ("run", "config.yaml", "--name", "r", *NO_VERDICT)
    running = project.start(*arguments, address=address)
    folder, database = project.folder / "out" / "r", project.folder / "out" / DATABASE
    wait_for(lambda: list(folder.glob("*_summary.json")))
    done = index(project)
    assert "\n1 run (1 under way), 1 step;" in done.stdout
    (row,) = ask(database, "SELECT * FROM run")
    assert (row["state"], row["steps"], row["steps_planned"], row["ended_utc"]) == ("running", 1, 2, None)
    settle()
    index(project)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert told(project)["updated"] == 1, "nothing in its folder has changed"
    assert ask(database, "SELECT state FROM run") == [{"state": "cut off"}]
    resumed = project.start("run", "--resume", "out/r", *NO_VERDICT, address=address)
    wait_for(lambda: (index(project), ask(database, "SELECT state FROM run") == [{"state": "running"}])[1])
    resumed.send_signal(signal.SIGINT)
    resumed.communicate()
    assert told(project)["running"] == 0
    assert ask(database, "SELECT state FROM run") == [{"state": "interrupted"}]


def test_looking_at_a_run_never_keeps_another_from_it(run, project, simulate):
    """Who asks whether a run is under way holds its lock for a moment."""
    manifest = run.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"done"', '"interrupted"'))
    looking = [subprocess.Popen(["/bin/sh", "-c", f"while :; do '{PROGRAM}' index out >/dev/null 2>&1; done"],
                                cwd=project.folder, start_new_session=True) for _ in range(2)]
    try:
        for _ in range(10):
            done = project.call("run", "--resume", "out/first", *NO_VERDICT, address=run.manifest["endpoint"]["address"])
            assert done.returncode == 0, done.stderr
    finally:
        for process in looking:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def broken(folder, what):
    if what == "manifest":
        (folder / "manifest.json").write_text("{")
    elif what == "pipe":
        (folder / "manifest.json").unlink()
        os.mkfifo(folder / "manifest.json")
    elif what == "summary":
        next(folder.glob("*_summary.json")).write_text("[")
    else:
        summary = next(folder.glob("*_summary.json"))
        summary.rename(folder.parent.parent / "elsewhere.json")
        summary.symlink_to("../../elsewhere.json")


@pytest.mark.parametrize("what, why, steps", (
    ("manifest", "/manifest.json: is not a JSON object", 3),
    ("pipe", "/manifest.json", 3),
    ("summary", "_summary.json: is not a summary: not a JSON object", 5),
    ("link", "_summary.json: is a symbolic link, and is not followed", 3)))
def test_what_is_broken_is_one_line_and_the_rest_is_there(run, project, what, why, steps):
    folder = another_run(run.folder, project.folder / "out" / "broken")
    kept = shutil.copytree(folder, project.folder / "kept")
    broken(folder, what)
    for _ in range(2):
        done = index(project, expect=3)
        assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("warning: out/broken/"), done.stderr
        assert why in done.stderr and f" {steps} steps;" in done.stdout
        settle()
    for path in kept.iterdir():
        (folder / path.name).unlink()
        shutil.copy(path, folder / path.name)
    assert told(project)["steps"] == 6


def test_no_link_leads_out_of_the_folder(run, project):
    (project.folder / "results").mkdir()
    (project.folder / "results" / "link").symlink_to("../out")
    (project.folder / "results" / "run").symlink_to("../out/first")
    assert told(project, "results")["runs"] == 0


# --- The file -------------------------------------------------------------------------------------


def foreign(path, what):
    if what == "text":
        path.write_text("not a database, and somebody's\n")
    elif what == "other":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE run(mine)")
        connection.close()
    elif what == "newer":
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 1000")
        connection.close()
    else:
        path.write_bytes(path.read_bytes()[:4096 * 3] + bytes(4096 * 30))


@pytest.mark.parametrize("rebuild", (True, False))
@pytest.mark.parametrize("what, why", (
    ("text", "is no SQLite database; name another file with --output"),
    ("other", "is another program's database; name another file with --output"),
    ("newer", "is an index of a newer coebench (version 1000, and this one knows 2); use that one, or name another file "
              "with --output"),
    ("damaged", "is damaged; remove it, and index again")))
def test_what_is_not_its_own_is_told_and_never_written_over(run, project, what, why, rebuild):
    path = project.folder / "x.sqlite"
    if what in ("newer", "damaged"):
        index(project, "out", "--output", "x.sqlite")
    foreign(path, what)
    before = path.read_bytes()
    done = index(project, "out", "--output", "x.sqlite", *(["--rebuild"] if rebuild else []), expect=2)
    assert (done.stdout, done.stderr) == ("", f"coebench: x.sqlite: {why}\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize("arguments, why", (
    (("nowhere",), "nowhere: cannot be read: No such file or directory; name a folder of runs"),
    (("out/first",), "out/first: is a run itself; name the folder that holds it"),
    (("config.yaml",), "config.yaml: is no folder; name one that holds runs"),
    (("out", "--output", "out"), "out: is not a regular file, as an index must be"),
    (("out", "--output", "/proc/x.sqlite"),
     "/proc/x.sqlite: cannot be written: No such file or directory; name another file with --output"),
    (("out", "--output", "no/x.sqlite"),
     "no/x.sqlite: cannot be written: No such file or directory; name another file with --output")))
def test_what_cannot_be_is_one_sentence(run, project, arguments, why):
    done = index(project, *arguments, expect=2)
    assert (done.stdout, done.stderr) == ("", f"coebench: {why}\n")


def test_a_file_that_cannot_grow_leaves_the_old_index(run, project):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    index(project)
    database = project.folder / "out" / DATABASE
    before = content(database)
    for number in range(12):
        another_run(run.folder, project.folder / "out" / f"run-{number}")
    for arguments in ((), ("--rebuild",)):
        done = project.call("index", "out", *arguments, before=limit)
        assert done.returncode == 2 and done.stderr == (
            f"coebench: out/{DATABASE}: cannot be written: File too large; name another file with --output\n")
        assert content(database) == before
    assert told(project)["runs"] == 13


def test_two_at_once_wait_for_each_other(run, project):
    for number in range(30):
        another_run(run.folder, project.folder / "out" / f"run-{number}")
    both = [project.start("index", "out", *arguments) for arguments in ((), ("--rebuild",), (), ("--rebuild",))]
    for process in both:
        said, errors = process.communicate()
        assert process.returncode == 0 and "\n31 runs, 93 steps;" in said, errors
    assert ask(project.folder / "out" / DATABASE, "SELECT count(*) AS n FROM run") == [{"n": 31}]


def test_a_reader_that_is_at_it_is_waited_for(run, project):
    index(project)
    another_run(run.folder, project.folder / "out" / "second")
    connection = sqlite3.connect(project.folder / "out" / DATABASE, isolation_level=None)
    connection.execute("BEGIN")
    assert connection.execute("SELECT count(*) FROM run").fetchone() == (1,)
    process = project.start("index", "out")
    time.sleep(0.5)
    assert process.poll() is None and connection.execute("SELECT count(*) FROM run").fetchone() == (1,)
    connection.execute("COMMIT")
    said, errors = process.communicate()
    assert process.returncode == 0 and "\n2 runs, 6 steps;" in said, errors
    connection.close()


def test_cut_off_it_leaves_the_old_index(run, project):
    for number in range(30):
        another_run(run.folder, project.folder / "out" / f"run-{number}")
    index(project)
    database = project.folder / "out" / DATABASE
    before = content(database)
    for number in range(12):
        process = project.start("index", "out", "--rebuild")
        time.sleep(number / 60)
        process.kill()
        process.communicate()
        assert content(database) == before
    assert index(project).stderr == ""
    assert [path.name for path in (project.folder / "out").glob(".coebench*")] == [DATABASE]


def test_a_first_one_that_is_cut_off_is_begun_again(run, project):
    for number in range(30):
        another_run(run.folder, project.folder / "out" / f"run-{number}")
    for number in range(6):
        process = project.start("index", "out")
        time.sleep(number / 200)
        process.kill()
        process.communicate()
    assert told(project)["runs"] == 31
    assert pathlib.Path(project.folder / "out" / f"{DATABASE}-journal").exists() is False


# --- The list -------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_as_far_as_they_are_wanted(run, project):
    out = project.folder / "out"
    for number in range(54):
        folder = another_run(run.folder, out / f"run-{number}")
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["started_utc"] = f"2020-01-01T00:00:{number:02}.000000Z"
        manifest["settings"]["labels"]["release"] = str(number % 9)
        (folder / "manifest.json").write_text(json.dumps(manifest))
    first = json.loads(index(project, "out", "--list", "--json").stdout)
    second = json.loads(index(project, "out", "--list", "--page", "2", "--json").stdout)
    listed = [entry["name"] for entry in first["runs"] + second["runs"]]
    assert first["total"] == second["total"] == 55 and len(first["runs"]) == 50
    assert listed == ["first"] + [f"run-{number}" for number in reversed(range(54))]
    entry = first["runs"][0]
    assert (entry["models"], entry["labels"], entry["state"]) == ("a, b-2.0", "node=sn-7, release=1.0", "done")
    assert entry["endpoint"] == run.manifest["endpoint"]["address"] and entry["num_completed_requests"] == 9

    def names(*narrowed):
        done = index(project, "out", "--list", "--json", *narrowed)
        return [entry["name"] for entry in json.loads(done.stdout)["runs"]]
    assert names("--label", "release=8") == [f"run-{number}" for number in (53, 44, 35, 26, 17, 8)]
    assert names("--search", "RUN-53") == ["run-53"]
    assert len(names("--model", "b-2.0")) == 50 and names("--model", "b") == []
    printed = index(project, "out", "--list", "--label", "release=1.0").stdout.splitlines()
    assert printed[0].startswith(f"{run.manifest['started_utc'][:19]}  first  done  3/3 steps, 9/9 requests, ")
    assert printed[0].endswith("  a, b-2.0  node=sn-7, release=1.0") and printed[1:] == ["1 run, page 1 of 1"]


@pytest.mark.parametrize("arguments, why", (
    (("--search", "x"), "--search, --label, --model, --verdict and --page narrow a list; add --list"),
    (("--list", "--page", "-1"), "--page takes a whole number from 1")))
def test_a_list_is_asked_for_as_one(run, project, arguments, why):
    done = index(project, "out", *arguments, expect=2)
    assert (done.stdout, done.stderr) == ("", f"coebench index: {why}\n")
