"""The notebooks in examples/ run over a fresh run as they ship, draw, and hold the workbook's figures."""

import json
import os
import pathlib
import subprocess

import pytest
from support import bench
from support.helpers import helper

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
ROWS = ["gpt-oss-120b,100,4,6,1,,,", "Meta-Llama-3.1-8B-Instruct,100,4,6,1,,,"]


def execute(run, name, expression, folder):
    done = subprocess.run([helper("notebooks") / "bin" / "python", pathlib.Path(__file__).parent / "execute.py",
                           REPOSITORY / "examples" / f"{name}.ipynb", expression], cwd=folder, text=True,
                          capture_output=True, timeout=600,
                          env=os.environ | {"COEBENCH_RUN": str(run.folder), "MPLBACKEND": "module://matplotlib_inline.backend_inline",
                                            "PATH": f"{helper('notebooks') / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)})
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return sum("image/png" in kinds for kinds in found["kinds"]), found["values"]


@pytest.fixture
def run(simulate, tmp_path):
    node = simulate("bundle:switching")
    project = bench.Project(tmp_path / "project")
    project.setup(ROWS)
    return project.run("--passes", "2", address=node.address)


def test_results_are_the_workbooks(run, tmp_path):
    plots, values = execute(run, "analyze_results", "{'ttft': list(rows['client_ttft_s_p50']), 'model': list(rows['model']), "
                            "'requests': len(completed)}", tmp_path)
    heading, lines = run.table()
    table = [dict(zip(heading, line)) for line in lines]
    assert plots == 2 and values["requests"] == 24
    assert values["model"] == [row["model"] for row in table]
    assert values["ttft"] == pytest.approx([row["client_ttft_s_p50"] for row in table])


def test_switches_are_the_studys(run, tmp_path):
    plots, values = execute(run, "switching", "{'cost': dict(zip(rows['model'], rows['estimate_s'])), "
                            "'transitions': len(transitions)}", tmp_path)
    study = json.loads((run.folder / "switching.json").read_text())
    assert plots == 2 and values["transitions"] == len(study["transitions"]) > 1
    assert values["cost"] == {row["row"]["model"]: pytest.approx(row["estimate_s"]) for row in study["rows"]}
