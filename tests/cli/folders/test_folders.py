"""Folders of runs as people keep them: whatever else lies there is passed over, refused or told, never counted
and never waited for."""

import json
import os
import shutil
import socket

import openpyxl
import pytest
from support.bench import another_run

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""


@pytest.fixture
def run(simulate, project):
    project.setup(["a,200,4,4,2,,,", "a,100,4,4,2,,,"])
    return project.run("--name", "first", address=simulate(project.write("bundle.yaml", BUNDLE)).address)


@pytest.fixture
def results(run, project):
    """Two releases of two runs each, as people keep them."""
    for release in ("1.0", "2.0"):
        for name in ("monday", "tuesday"):
            another_run(run.folder, project.folder / "results" / release / name)
    return project.folder / "results"


def steps_of(project, made):
    """How many steps the workbook lists that a report has named."""
    line, = (line for line in made.stdout.splitlines() if line.startswith("workbook: "))
    return openpyxl.load_workbook(project.folder / line.split()[1])["Results"].max_row - 1, line.split()[1]


# --- Item 9: which folders ------------------------------------------------------------------------


def test_a_folder_of_runs_is_all_of_them(results, project):
    (results / "1.0" / "notes.txt").write_text("x")
    (results / "1.0" / "old").mkdir()
    (results / "1.0" / ".hidden").mkdir()
    (results / "1.0" / ".hidden" / "a_summary.json").write_text("{}")
    made = project.call("report", "results/1.0", "--output", "made")
    assert made.returncode == 0, made.stderr
    assert steps_of(project, made) == (4, "made/consolidated_results_monday-merged.xlsx")
    assert made.stderr == "warning: results/1.0: passed over, since it is not a run directory: 'notes.txt', 'old'\n"
    told = project.call("switching", "results/1.0")
    assert told.returncode == 0 and told.stdout.startswith("2 runs, 4 steps to 2 rows\n"), told.stdout


def test_what_a_shell_lists_is_taken_as_it_comes(results, project):
    (results / "1.0" / "notes.txt").write_text("x")
    (results / "1.0" / "nowhere").symlink_to("gone")
    (results / "1.0" / "empty").mkdir()
    listed = sorted(path.name for path in (results / "1.0").iterdir())
    made = project.call("report", *(f"results/1.0/{name}" for name in listed), "--output", "made")
    assert made.returncode == 0 and steps_of(project, made)[0] == 4
    for name in ("empty", "notes.txt", "nowhere"):
        assert f"results/1.0/{name}: is not a run directory, and holds none; passed over\n" in made.stderr
    (results / "2.0" / "up").symlink_to("..")
    for paths in (("results/1.0", "results/2.0"), ("results",)):
        told = project.call("switching", *paths)
        assert told.returncode == 0 and told.stdout.startswith("4 runs, 8 steps to 2 rows\n"), told.stdout
        assert "results/2.0: passed over, since it is not a run directory: 'up'\n" in told.stderr


def test_a_folder_has_its_real_name(results, project):
    """From inside, by way of a link, and with a slash."""
    work, project.folder = project.folder, results / "1.0" / "monday"
    made = project.call("report", ".")
    assert made.returncode == 0, made.stderr
    steps, workbook = steps_of(project, made)
    assert (steps, workbook) == (2, f"{work}/books/consolidated_results_monday.xlsx"), "where its workbook went"
    shutil.rmtree(work / "books")
    made = project.call("report", ".")
    assert steps_of(project, made) == (2, f"{results}/1.0/consolidated_results_monday.xlsx"), "beside the folder"
    project.folder = results / "2.0"
    made = project.call("report", "..//2.0/tuesday/", "--output", "made")
    assert steps_of(project, made) == (2, "made/consolidated_results_tuesday.xlsx")
    (results / "latest").symlink_to("2.0/tuesday")
    made = project.call("report", "../latest", "--output", "made")
    assert steps_of(project, made) == (2, "made/consolidated_results_tuesday-2.xlsx")


def test_nothing_that_is_a_run_is_a_fault(project):
    (project.folder / "empty").mkdir()
    for arguments in (("empty",), ("nowhere",), ("empty", "nowhere"), ("empty", "empty")):
        for command in ("report", "switching"):
            done = project.call(command, *arguments)
            assert done.returncode == 2 and "is not a run directory" in done.stderr and not done.stdout


def test_runs_of_one_name_are_told_apart_by_folder(results, project):
    """Item 12."""
    told = project.call("switching", "results/1.0/monday", "results/2.0/monday", "results/2.0/tuesday", "--json")
    study = json.loads(told.stdout)
    folders = ["results/1.0/monday", "results/2.0/monday", "results/2.0/tuesday"]
    assert study["runs"] == ["monday", "monday", "tuesday"] and study["run_folders"] == folders
    assert [step["run_folder"] for step in study["steps"]] == [folder for folder in folders for _ in range(2)]
    made = project.call("report", *folders, "--output", "made")
    page = (project.folder / "made" / "consolidated_results_monday-merged.html").read_text()
    assert made.returncode == 0 and all(f'"folder":"{folder}"' in page for folder in folders)


# --- Item 9: what lies in them --------------------------------------------------------------------


def test_names_that_begin_with_a_point_are_no_results(run, project):
    for name in run.names:
        shutil.copy(run.folder / f"{name}_summary.json", run.folder / f".{name}_summary.json")
        (run.folder / f"._{name}_summary.json").write_bytes(b"\0\5\26\7")
        (run.folder / f".#{name}_summary.json").symlink_to("nobody@nowhere.1")
    made = project.call("report", str(run.folder), "--output", "made")
    assert made.returncode == 0 and made.stderr == "" and steps_of(project, made)[0] == 2
    kit = project.folder / "kit"
    shutil.copytree(run.folder, kit, symlinks=True)
    (kit / "manifest.json").unlink()
    made = project.call("report", "kit", "--output", "made")
    assert made.returncode == 0 and steps_of(project, made)[0] == 2, made.stderr


def fifo(path):
    os.mkfifo(path)


def bound(path):
    """A socket's path is short, so it is made from beside."""
    one = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(path.parent)
    one.bind("s")
    os.rename("s", path.name)
    os.chdir(here)
    one.close()


def device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make, kind", [(fifo, "a FIFO"), (bound, "a socket"), (device, "a device")])
def test_what_is_no_regular_file_is_refused_and_never_waited_for(run, project, make, kind):
    def replaced(name):
        folder = project.folder / f"with-{name[-12:]}"
        shutil.copytree(run.folder, folder)
        (folder / name).unlink()
        make(folder / name)
        return str(folder)
    summary = replaced(f"{run.names[0]}_summary.json")
    for folder in (summary, replaced("manifest.json")):
        done = project.call("report", folder, timeout=30)
        assert done.returncode in (2, 3) and kind in done.stderr, done.stderr
        assert project.call("run", "--resume", folder, timeout=30).returncode == 2
    responses = replaced(f"{run.names[0]}_individual_responses.json")
    done = project.call("report", responses, timeout=30)
    assert done.returncode == 3 and kind in done.stderr and "the step is left out" in done.stderr
    assert project.call("switching", responses, timeout=30).returncode == 3
    done = project.call("run", "--resume", replaced("journal.jsonl"), timeout=30, address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and "journal" in done.stderr


def test_an_export_does_not_wait_for_texts_that_are_no_file(run, project):
    fifo(run.folder / f"{run.names[0]}_response_texts.jsonl")
    done = project.call("export", str(run.folder), "--format", "kit", timeout=30)
    assert done.returncode == 2 and "_response_texts.jsonl: is a FIFO" in done.stderr


def test_an_unlisted_one_is_left_out_of_a_run_that_has_not_ended(run, project):
    manifest = json.loads((run.folder / "manifest.json").read_text())
    gone = manifest["steps"].pop()["name"]
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    (run.folder / f"{gone}_summary.json").unlink()
    fifo(run.folder / f"{gone}_summary.json")
    done = project.call("report", str(run.folder), "--output", "made", timeout=30)
    assert done.returncode == 3 and "is a FIFO" in done.stderr and steps_of(project, done)[0] == 1
