"""The index's tables of switches, requests and comparisons, held against the files that they are made from; copies that
only their figures tell; and folders that may only be read."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time

import pytest
from support.bench import PROGRAM, another_run
from support.releases import BUNDLE, POLICY

DATABASE = ".coebench-index.sqlite"
CONFIG_MORE = "probe: {steady: 2, output_tokens: 2}\nlabels: {release: '1.0'}\n"


@pytest.fixture
def run(simulate, project):
    """Three visits of two rows, with a probe, warm-up and cool-down, and a switch between them."""
    project.setup(["a,200,4,6,1,,,,2,1", "b,100,4,6,1,,,,,", "a,100,3,6,2,,,,,"],
                  header="model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution,"
                         "multimodal_img_size,warmup_requests,cooldown_requests")
    config = project.folder / "config.yaml"
    config.write_text(config.read_text() + CONFIG_MORE)
    project.write("policy.yaml", POLICY)
    return project.run("--name", "first", address=simulate(project.write("bundle.yaml", BUNDLE)).address)


def index(project, *arguments, expect=0):
    done = project.call("index", "--json", "out", *arguments)
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout), done.stderr


def ask(project, query, *values):
    connection = sqlite3.connect(project.folder / "out" / DATABASE)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(query, values)]
    connection.close()
    return rows


def tables(project):
    return {row["name"] for row in ask(project, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def settle():
    """Until what has been written so far is no longer so young that it is read again."""
    time.sleep(2.2)


# --- Switches -------------------------------------------------------------------------------------


def test_switches_are_those_of_the_study(run, project):
    index(project)
    study = json.loads((run.folder / "switching.json").read_text())["steps"]
    rows = ask(project, "SELECT switch.*, step.name, step.row FROM switch JOIN step ON step.id = switch.step"
                        " ORDER BY step_index")
    assert [row["name"] for row in rows] == [entry["name"] for entry in study] == run.names
    nested = {f"{clock}_{which}_ttft_s": (clock, f"{which}_ttft_s") for clock in ("server", "client")
              for which in ("exposed", "steady")}
    known = 0
    for row, entry in zip(rows, study):
        for column in row.keys() - {"step", "name", "row", "from_row", "flags"}:
            clock, key = nested.get(column, (None, column))
            value = (entry.get(clock, {}) if clock else entry).get(key)
            assert row[column] == (None if value == "" else value), column
            known += row[column] is not None
        assert (row["flags"] or "") == ", ".join(entry["flags"])
    assert known > 40 and any(row["estimate_s"] for row in rows)
    assert [row["from_row"] for row in rows] == [None] + [row["row"] for row in rows[:-1]]


def test_a_run_without_a_study_has_no_switches_and_a_broken_study_is_told(run, project):
    index(project)
    (run.folder / "switching.json").write_text('{"steps": 3}')
    for _ in range(2):
        told, said = index(project, expect=3)
        assert said == "warning: out/first/switching.json: is no switching study\n"
        assert (told["steps"], told["problems"]) == (3, 1) and ask(project, "SELECT * FROM switch") == []
    (run.folder / "switching.json").unlink()
    assert index(project) == (dict(index(project)[0], updated=1), "") and ask(project, "SELECT * FROM switch") == []


# --- Requests -------------------------------------------------------------------------------------


def responses(run, name):
    """(part, place, object) of all of a step's requests."""
    for ending, part in (("individual_responses", "load"), ("probe", "probe"), ("phases", None)):
        path = run.folder / f"{name}_{ending}.json"
        for place, one in enumerate(json.loads(path.read_text()) if path.exists() else []):
            yield part or one["phase"], place, one


def test_requests_are_those_of_the_files_on_request(run, project):
    told, _ = index(project)
    assert told["requests"] == 0 and "request" not in tables(project)
    told, _ = index(project, "--requests")
    assert told["updated"] == 1
    wanted = {(name, part, place): one for name in run.names for part, place, one in responses(run, name)}
    rows = ask(project, "SELECT step.name, request.* FROM request JOIN step ON step.id = request.step")
    assert len(rows) == len(wanted) == told["requests"] and {row["part"] for row in rows} == {
        "load", "probe", "warmup", "cooldown"}
    metrics = [column for column in rows[0] if column.startswith(("client_", "server_", "number_"))]
    assert len(metrics) > 20
    compared = 0
    for row in rows:
        one = wanted[row["name"], row["part"], row["place"]]
        for column in [*metrics, "request_index", "attempt", "sent_monotonic_ns", "done_monotonic_ns", "error_code"]:
            assert row[column] == one[column], column
            compared += row[column] is not None
        assert row["chunks"] == len(one["client_inter_token_latencies_s"])
    assert compared > 400


def test_requests_once_asked_for_are_kept_until_a_rebuild_without(run, project):
    index(project, "--requests")
    count = ask(project, "SELECT count(*) AS n FROM request")[0]["n"]
    another_run(run.folder, project.folder / "out" / "second")
    assert index(project)[0]["requests"] == 2 * count
    shutil.rmtree(project.folder / "out" / "second")
    assert index(project)[0]["requests"] == count
    assert ask(project, "SELECT count(*) AS n FROM request WHERE step NOT IN (SELECT id FROM step)") == [{"n": 0}]
    index(project, "--rebuild")
    assert "request" not in tables(project)


def test_a_broken_file_of_requests_is_told_where_they_are_wanted(run, project):
    (run.folder / f"{run.names[0]}_individual_responses.json").write_text("[3")
    assert index(project)[1] == ""
    told, said = index(project, "--requests", expect=3)
    assert len(said.splitlines()) == 1 and "_individual_responses.json: holds no responses" in said
    assert (told["runs"], told["steps"]) == (1, 3)


# --- Comparisons ----------------------------------------------------------------------------------


@pytest.fixture
def compared(run, project):
    another_run(run.folder, project.folder / "out" / "second")

    def compare(folder="out/comparisons"):
        done = project.call("compare", "out/first", "out/second", "--policy", "policy.yaml", "--output", folder)
        assert done.returncode in (0, 1), done.stderr
        return max((project.folder / folder).glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return compare


def test_comparisons_are_their_json(run, project, compared):
    path = compared()
    wanted = json.loads(path.read_text())
    assert index(project)[0]["comparisons"] == 1
    (row,) = ask(project, "SELECT * FROM comparison")
    assert row["path"] == "comparisons/" + path.name
    for column in ("verdict", "baseline", "candidate", "policy", "policy_sha256", "confidence", "unit"):
        assert row[column] == wanted[column]
    lines = ask(project, "SELECT * FROM comparison_line ORDER BY line")
    assert len(lines) == len(wanted["lines"]) > 8
    for line, one in zip(lines, wanted["lines"]):
        assert (line["row"], line["row_words"]) == (one["row_key"], one["row"])
        for column in line.keys() - {"comparison", "line", "row", "row_words"}:
            assert line[column] == (one[column] or None if isinstance(one[column], str) else one[column]), column
    steps = {row["row"] for row in ask(project, "SELECT row FROM step")}
    assert {line["row"] for line in lines} == steps, "a row is known by one key"
    runs = ask(project, "SELECT side, run.path FROM comparison_run JOIN run ON run.name = comparison_run.name"
                        " AND run.started_utc = comparison_run.started_utc ORDER BY side")
    assert [(row["side"], row["path"]) for row in runs] == [("baseline", "first"), ("candidate", "second")]


def test_comparisons_come_change_and_go(run, project, compared):
    path, kept = compared(), compared("out/.workbench/comparisons/0123")
    assert index(project)[0]["comparisons"] == 2
    settle()
    index(project)
    numbers = ask(project, "SELECT id FROM comparison ORDER BY id")
    index(project)
    assert ask(project, "SELECT id FROM comparison ORDER BY id") == numbers, "nothing was read again"
    told = dict(json.loads(path.read_text()), verdict="as never before", lines=[])
    path.write_text(json.dumps(told))
    index(project)
    assert ask(project, "SELECT count(*) AS n FROM comparison WHERE verdict = 'as never before'") == [{"n": 1}]
    path.unlink()
    shutil.rmtree(kept.parent)
    assert index(project)[0]["comparisons"] == 0
    assert ask(project, "SELECT * FROM comparison_line") == ask(project, "SELECT * FROM comparison_run") == []


@pytest.mark.parametrize("text", ("{", "[]", '{"schema": "coebench-qualification-1"}', '{"schema": 1, "lines": []}'))
def test_what_is_no_comparison_is_one_line(run, project, text):
    project.write("out/qualification_x.json", text)
    for _ in range(2):
        told, said = index(project, expect=3)
        assert said == "warning: out/qualification_x.json: is no comparison, though its name says so\n"
        assert told["comparisons"] == 0 and told["runs"] == 1


# --- Copies ---------------------------------------------------------------------------------------


def without_uuids(folder, to):
    """The files as the starter kit's, renamed by hand."""
    to.mkdir(parents=True)
    for path in sorted(folder.glob("*.json")):
        short = re.sub(r"_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", path.name)
        if path.name.endswith(("_summary.json", "_individual_responses.json")):
            text = path.read_text().replace(path.name.removesuffix(".json"), short.removesuffix(".json"))
            (to / short).write_text(text)
    return to


@pytest.mark.parametrize("names", (("a", "b"), ("z", "zz")), ids=("before it", "behind it"))
def test_copies_whose_names_lack_a_uuid_are_not_counted(run, project, names):
    """Whichever of them is the first in order."""
    out = project.folder / "out"
    first, second = (without_uuids(run.folder, out / name) for name in names)
    original = min("first", *names)
    for arguments in ((), (), ("--rebuild",)):
        told, said = index(project, *arguments)
        assert told["runs"] == 1 and ask(project, "SELECT path FROM run") == [{"path": original}]
        assert sorted(said.splitlines()) == sorted(
            f"warning: out/{name}: is the same run as out/{original}, and is left out"
            for name in {"first", *names} - {original})
    shutil.rmtree(out / original)
    assert index(project)[0]["runs"] == 1


def test_other_runs_without_uuids_are_runs(run, project):
    another = without_uuids(run.folder, project.folder / "out" / "z")
    for path in another.glob("*_summary.json"):
        path.write_text(re.sub(r'("timestamp":\s*)(\d+)', lambda match: match[1] + str(int(match[2]) + 60),
                               path.read_text()))
    assert index(project)[0]["runs"] == 2


# --- Folders that may only be read ----------------------------------------------------------------


def as_a_user(project, *arguments):
    """Without root's power over permissions."""
    power = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
    return subprocess.run([*power, PROGRAM, *arguments], cwd=project.folder, text=True, capture_output=True, timeout=300)


@pytest.mark.parametrize("has_one", (False, True), ids=("no index", "an index"))
def test_a_folder_that_may_only_be_read_is_one_sentence_and_another_file_does(run, project, has_one):
    out = project.folder / "out"
    if has_one:
        index(project)
        another_run(run.folder, out / "second")
    out.chmod(0o555)
    try:
        for option, words in (("--output", ("index", "out")), ("--index", ("history", "b 100", "--in", "out")),
                              ("--index", ("compare", "last:1", "out/first"))):
            done = as_a_user(project, *words)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.splitlines()[-1] == (f"coebench: out/{DATABASE}: cannot be written: Permission denied; "
                                                    f"name another file with {option}")
        done = as_a_user(project, "index", "out", "--output", "mine.sqlite")
        assert done.returncode == 0 and done.stdout.startswith("index: mine.sqlite\n")
        done = as_a_user(project, "history", "b 100", "--in", "out", "--index", "mine.sqlite")
        assert done.returncode == 0 and "first" in done.stdout
    finally:
        out.chmod(0o755)
