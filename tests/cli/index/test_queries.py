"""The ten queries of docs/index.md, as the page has them, answered by Python's sqlite3 and held against the runs' own
JSON and workbook."""

import json
import pathlib
import re
import shutil
import sqlite3

import pytest
from support.bench import Run, another_run
from support.releases import POLICY

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "index.md"
BUNDLE = """\
node: {hbm_gb: 90, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005}
experts:
  - {name: gpt-oss-120b, weight_gb: 60, prefill_tokens_per_s: 50000, decode_tokens_per_s: 20000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: Meta-Llama-3.3-70B-Instruct, weight_gb: 70, prefill_tokens_per_s: 50000, decode_tokens_per_s: 20000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""
MODELS = ["Meta-Llama-3.3-70B-Instruct", "gpt-oss-120b"]
ROW = "gpt-oss-120b 500/50 n=8 concurrent=1"
PASSES = ("pass", "pass (one run)", "improved")


def queries():
    """By what stands in front of each."""
    return {match[1]: match[2] for match in re.finditer(
        r"\n([^\n]+):\n\n```sh run\nsqlite3 -header -column results/\.coebench-index\.sqlite \"\n(.*?)\"\n```", PAGE.read_text(),
        re.S)}


def edit(path, **members):
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


@pytest.fixture
def past(simulate, project):
    """Runs of three days and two releases, a comparison of the last with the first, a copy and a broken folder; and the
    index's answer to a query of the page."""
    project.setup(["gpt-oss-120b,500,50,8,1,,,", "Meta-Llama-3.3-70B-Instruct,500,50,8,1,,,"])
    project.write("policy.yaml", POLICY)
    first = project.run("--name", "monday", "--set", "labels.release=1.0", address=simulate(
        project.write("bundle.yaml", BUNDLE)).address)
    out = project.folder / "out"
    for number, (name, release) in enumerate((("tuesday", "1.0"), ("wednesday", "2.0"))):
        folder = another_run(first.folder, out / name)
        settings = first.manifest["settings"] | {"labels": {"release": release}}
        edit(folder / "manifest.json", started_utc=f"2030-01-0{1 + number}T00:00:00.000000Z", settings=settings)
        path = sorted(folder.glob("*_summary.json"))[0]
        edit(path, results_client_ttft_s_quantiles_p50=1.25 + number, results_number_errors=3, results_num_requests_started=11)
    done = project.call("compare", "out/monday", "out/wednesday", "--policy", "policy.yaml", "--output", "out/compared")
    assert done.returncode in (0, 1), done.stderr
    shutil.copytree(first.folder, out / "z-copy")
    (out / "zz-broken").mkdir()
    (out / "zz-broken" / "manifest.json").write_text("{")
    assert project.call("index", "out", "--requests").returncode == 3
    texts = queries()

    class Past:
        runs = [Run(out / name, project.folder / "books") for name in ("monday", "tuesday", "wednesday")]
        folder = out

        @staticmethod
        def answer(question):
            connection = sqlite3.connect(out / ".coebench-index.sqlite")
            rows = connection.execute(texts[question]).fetchall()
            connection.close()
            return rows
    return Past


def release_of(run):
    return run.manifest["settings"]["labels"]["release"]


def row_of(step):
    row = step["row"]
    return f"{row['model']} {row['num_input_tokens']}/{row['num_output_tokens']} n={row['num_requests']} concurrent=1"


def test_the_page_has_ten():
    assert len(queries()) == 10


def test_runs_and_figures(past):
    """What manifests and summaries say, and so the workbook."""
    runs = past.runs
    worst = ("valid", "degraded", "invalid: client-limited")
    assert past.answer("The newest runs, and how each stands") == [
        (run.folder.name, "done", sum(s["results_num_completed_requests"] for s in run.summaries),
         sum(s["results_number_errors"] for s in run.summaries),
         max((s["measurement_verdict"] for s in run.summaries), key=worst.index)) for run in reversed(runs)]
    figures = [(release_of(run), s["model"], s["results_client_ttft_s_quantiles_p50"], s["results_client_ttft_s_quantiles_p99"])
               for run in runs for s in run.summaries]
    answer = past.answer("What the first token of each row took in the newest 100 runs, release by release")
    assert sorted(answer) == sorted(figures) and [row[1] for row in answer] == sorted(row[1] for row in figures)
    heading, table = runs[0].table()
    workbook = {line[heading.index("model")]: line[heading.index("client_ttft_s_p50")] for line in table}
    for model, p50 in workbook.items():
        assert any(of == model and value == pytest.approx(p50, rel=1e-12) for _, of, value, _ in answer)
    assert past.answer("One row over all finished runs of the endpoint that was measured last") == [
        (run.folder.name, s["results_client_ttft_s_quantiles_p50"]) for run in runs for s in run.summaries
        if s["model"] == "gpt-oss-120b"]
    ((_, *alike),) = past.answer("Runs that can be held against each other, since they have the same rows at the same endpoint")
    assert alike == [3, "monday", "wednesday"]
    wanted = []
    for model in MODELS:
        for release in ("1.0", "2.0"):
            own = [s for run in runs if release_of(run) == release for s in run.summaries if s["model"] == model]
            requests, errors = (sum(s[f"results_{key}"] for s in own) for key in ("num_requests_started", "number_errors"))
            wanted.append((release, model, requests, errors, errors / requests))
    assert past.answer("Errors of the newest 100 runs, by release and model") == wanted and any(row[3] for row in wanted)


def test_switches(past):
    steps = [(release_of(run), step, before) for run in past.runs
             for study in [json.loads((run.folder / "switching.json").read_text())["steps"]]
             for step, before in zip(study, [None, *study])]
    wanted = []
    for model in MODELS:
        for release in ("1.0", "2.0"):
            own = [step for of, step, _ in steps if of == release and step["row"]["model"] == model]
            paid = [step["estimate_s"] for step in own if step["paid"] == "paid"]
            wanted.append((release, model, len(own), len(paid), pytest.approx(sum(paid) / len(paid)) if paid else None))
    assert past.answer("What switches cost in the newest 100 runs, by release and model") == wanted
    costs = {}
    for _, step, before in steps:
        if before and step["verdict"] == "detected":
            costs.setdefault((row_of(before), row_of(step)), []).append(step["estimate_s"])
    assert past.answer("From what to what, the dearest first, in the newest 100 runs") == [
        (*pair, len(cost), pytest.approx(sum(cost) / len(cost)))
        for pair, cost in sorted(costs.items(), key=lambda item: -sum(item[1]) / len(item[1]))]


def test_requests_comparisons_and_folders(past):
    requests = sorted(((one["client_ttft_s"], run.folder.name, name, place, one["client_end_to_end_latency_s"])
                       for run in past.runs for name, responses in zip(run.names, run.responses)
                       for place, one in enumerate(responses) if one["error_code"] is None),
                      key=lambda one: (-one[0], one[1], one[3]))
    assert past.answer("The slowest requests of all, and where each stands in its file") == [
        (run, name, place, ttft_s, latency_s) for ttft_s, run, name, place, latency_s in requests[:3]]
    (path,) = (past.folder / "compared").glob("qualification_*.json")
    lines = [line for line in json.loads(path.read_text())["lines"] if line["verdict"] not in PASSES]
    assert lines and past.answer("What comparisons did not let pass, by the runs that they judged") == [
        ("wednesday", line["row_key"], line["measure"], line["verdict"], line["base"], line["candidate"]) for line in lines]
    copy, broken = past.answer("What could not be read, and what is a copy")
    assert copy == ("z-copy", "monday", None) and broken[:2] == ("zz-broken", None) and "not a JSON object" in broken[2]
