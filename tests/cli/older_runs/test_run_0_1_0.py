"""Run directories as 0.1.0 left them are read by all that reads runs.

tests/data/run-0.1.0.tar.xz was made once with the program as it stood before its summaries, estimates and keys of
today: `base` and `again`, two whole runs of the same rows, and `cut`, one that was killed. Rows of every kind: a
warm-up, closed loop at concurrency 1 and 4, open loop, with an image, of a model that is not there, of a data set;
two passes in a drawn order with probes, retries of 503, texts, a bundle file, slo, call_mix and labels."""

import json
import pathlib
import re
import subprocess

import openpyxl
import pytest
from support.bench import KEY

ARCHIVE = pathlib.Path(__file__).resolve().parents[2] / "data" / "run-0.1.0.tar.xz"
POLICY = """\
min_runs: 1
min_requests: 1
slo: {client_ttft_s: 10}
checks:
  - limits:
      client_ttft_s_p50: {max: 60}
      error_rate: {max: 1}
      switch_s: {max: 60}
"""


@pytest.fixture
def old(project):
    subprocess.run(["tar", "xf", ARCHIVE, "-C", project.folder], check=True, timeout=60)
    return project


def results_of(project, done):
    path = next(line.split(":", 1)[1].strip() for line in done.stdout.splitlines() if line.startswith("workbook"))
    book = openpyxl.load_workbook(project.folder / path)
    heads, *lines = book["Results"].iter_rows(values_only=True)
    return book, [dict(zip(heads, line)) for line in lines]


def summaries(folder):
    steps = json.loads((folder / "manifest.json").read_text())["steps"]
    return [json.loads((folder / f"{step['name']}_summary.json").read_text()) for step in steps]


def test_it_holds_rows_of_every_kind(old):
    made = summaries(old.folder / "out/base")
    assert all("switching_time" in s and "switching_time_documented_s" not in s for s in made)
    assert len([s for s in made if s["warmup"]]) == 1
    assert len([s for s in made if s.get("qps")]) == 2
    assert len([s for s in made if s["multimodal_img_size"] == "small"]) == 2
    assert len([s for s in made if s["name"].startswith("custom_")]) == 2
    assert len([s for s in made if s["results_num_completed_requests"] == 0]) == 2
    assert len([s for s in made if s["probe_requests_started"] > 0]) == 12
    assert sum(s["results_num_retries"] for s in made) > 0
    assert list((old.folder / "out/base").glob("*_response_texts.jsonl"))
    version = json.loads((old.folder / "out/base/manifest.json").read_text())["coebench_version"]
    assert version == "0.1.0"


def test_report_tells_what_its_files_say(old):
    done = old.call("report", "out/base")
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    book, lines = results_of(old, done)
    made = summaries(old.folder / "out/base")
    assert [line["name"] for line in lines] == [s["name"] for s in made]
    for line, summary in zip(lines, made):
        assert line["switching_time"] == summary["switching_time"]
        assert line["switching_verdict"] == summary["switching_verdict"]
        assert line["num_completed_requests"] == summary["results_num_completed_requests"]
        p50 = summary.get("results_client_ttft_s_quantiles_p50")
        assert line["client_ttft_s_p50"] == (p50 if p50 is None else pytest.approx(p50))
        assert line["error_code_frequency"] == summary["results_error_code_frequency"]
    assert any(line["switching_time"] for line in lines)
    assert "503" in {cell for row in book["Errors"].iter_rows(values_only=True) for cell in row}


def test_switching_concludes_over_both(old):
    done = old.call("switching", "out/base", "out/again", "--json")
    assert done.returncode == 0, done.stderr
    study = json.loads(done.stdout)
    assert study["runs"] == ["base", "again"] and len(study["steps"]) == 26
    rows = {(one["row"]["model"], one["row"].get("num_concurrent_requests")): one for one in study["rows"]}
    assert rows[("no-such-model", 2)]["verdict"] == "not measurable"
    assert rows[("one", 1)]["visits_measured"] == 4
    for step, summary in zip(study["steps"], summaries(old.folder / "out/base")):
        assert step["switching_time"] == summary["switching_time"]


def test_compare_holds_one_against_the_other(old):
    old.write("policy.yaml", POLICY)
    done = old.call("compare", "out/base", "out/again", "--policy", "policy.yaml")
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    lines = re.findall(r"^  (\S+) +(.*): (\S+|all 3 of its lines)$", done.stdout, re.M)
    told = {(row, measure): verdict for verdict, row, measure in lines}
    assert len({row for row, _ in told}) == 6
    for (row, measure), verdict in told.items():
        if "no-such-model" in row:
            assert verdict == "invalid", "it was cut short"
        elif measure != "switch_s":
            assert verdict == "pass", (row, measure)
    assert told[("one 200→8 20/s exp", "switch_s")] == "pass"


def test_export_writes_all_of_it(old):
    done = old.call("export", "out/base", "--format", "kit", "--output", "kit")
    assert done.returncode == 0, done.stderr
    assert len(list((old.folder / "kit/base").glob("*_summary.json"))) == 13


def test_what_was_cut_off_is_resumed(simulate, old):
    """At another address, which the copy of its manifest is told."""
    address = simulate(old.folder / "node.yaml").address
    folder = old.folder / "out/cut"
    manifest = folder / "manifest.json"
    was = json.loads(manifest.read_text())["endpoint"]["address"]
    manifest.write_text(manifest.read_text().replace(was, address))
    before = {path: path.read_bytes() for path in folder.glob("*_summary.json")}
    assert 0 < len(before) < 13
    done = old.call("run", "--resume", "out/cut", "--no-progress", address=address, key=KEY)
    assert done.returncode in (3, 4), done.stdout + done.stderr
    assert f"resumed: {len(before)} of 13 steps have ended; 1 of the others starts over" in done.stderr
    assert {path: path.read_bytes() for path in before} == before
    made = summaries(folder)
    assert len(made) == 13
    assert {"switching_time", "switching_time_documented_s"} == {
        key for s in made for key in s if key.startswith("switching_time") and "largest" not in key}
    report = old.call("report", "out/cut")
    _, lines = results_of(old, report)
    assert [line["switching_time"] for line in lines] == [
        s.get("switching_time_documented_s", s.get("switching_time")) for s in made]
