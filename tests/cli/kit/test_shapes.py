"""Every shape that the starter kit's users give their CSVs and configs is planned and run: tests/data/kit."""

import csv
import io
import pathlib

import pytest
from support.bench import NO_VERDICT, Run
from support.endpoint import content, finish, stream

SHAPES = pathlib.Path(__file__).resolve().parents[2] / "data" / "kit"
TABLES = sorted(path.name for path in SHAPES.glob("*.csv") if path.name != "semicolons.csv")
CONFIGS = sorted(path.name for path in SHAPES.glob("*.yaml"))
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=64, completion_tokens=8))


def wanted(name):
    """How many requests each row asks for, by Python's own reader."""
    text = (SHAPES / name).read_bytes().decode("utf-8-sig")
    heads, *lines = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    column = [head.strip() for head in heads].index("num_requests")
    return [int(float(line[column])) for line in lines if any(line)]


@pytest.fixture
def work(endpoint, project):
    """work(table, config) writes both and gives the endpoint's address."""
    def make(table, config):
        project.write("rows.csv", (SHAPES / table).read_bytes())
        text = (SHAPES / config).read_bytes().decode()
        assert "{rows}" in text and "{folder}" in text
        project.write("config.yaml", text.replace("{rows}", str(project.folder / "rows.csv"))
                      .replace("{folder}", str(project.folder)).encode())
        return endpoint(lambda request, connection: GOOD).address
    return make


def check(project, address, requests):
    plan = project.call("plan", "config.yaml", "--offline", address=address)
    assert plan.returncode == 0, plan.stderr
    assert f"{len(requests)} rows" in plan.stdout
    assert len(plan.stderr.splitlines()) <= 12, "a few lines, however many rows"
    done = project.call("run", "config.yaml", "--no-progress", "--quiet", *NO_VERDICT, address=address)
    assert done.returncode == 0, done.stderr
    (folder,) = [path for path in (project.folder / "output_files").iterdir() if path.is_dir()]
    run = Run(folder, project.folder / "consolidated_results")
    assert sorted(len(responses) for responses in run.responses) == sorted(requests)
    assert run.workbook.exists()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_planned_and_run(work, project, table):
    check(project, work(table, "config_2026.yaml"), wanted(table))


@pytest.mark.parametrize("config", CONFIGS)
def test_a_config_is_planned_and_run(work, project, config):
    check(project, work("four_and_one.csv", config), [2, 3])


def test_semicolons_are_understood_or_told(work, project):
    address = work("semicolons.csv", "config_2026.yaml")
    done = project.call("plan", "config.yaml", "--offline", address=address)
    assert done.returncode == 0 or "separated by ';'" in done.stderr
    if done.returncode == 0:
        check(project, address, [2, 2])
