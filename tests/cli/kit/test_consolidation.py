"""The starter kit's tools run over what coebench leaves: its consolidation over a run directory, its
notebook, which computes the switching time of each request, over an export."""

import json
import pathlib
import subprocess

import pytest
from support.bench import CONFIG
from support.helpers import helper

HERE = pathlib.Path(__file__).resolve().parent
BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.05}
experts:
  - {name: a, weight_gb: 40, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: b, weight_gb: 40, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
ROWS = ["a,200,4,8,1,,,", "b,200,4,8,1,,,", "a,200,4,3,,50,,"]


@pytest.fixture
def run(simulate, project):
    project.setup(ROWS, CONFIG + "save_llm_responses: True\nprobe: {steady: 2}\n")
    return project.run(address=simulate(project.write("bundle.yaml", BUNDLE)).address)


def table(kind, folder):
    python = helper("pandas") / "bin" / "python"
    done = subprocess.run([python, HERE / "consolidate.py", kind, folder], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def export(project, *runs, output="kit"):
    done = project.call("export", *map(str, runs), "--format", "kit", "--output", output)
    assert done.returncode == 0, done.stderr
    return [project.folder / line.removeprefix("kit: ") for line in done.stdout.splitlines()]


def span(responses):
    """With one request at a time each is a batch, so all of them are the largest."""
    ttfts = [r["server_ttft_s"] for r in responses]
    return pytest.approx(max(ttfts) - min(ttfts), abs=1e-12)


def check_summaries(run, made):
    rows = {row["name"]: row for row in made["rows"]}
    assert len(rows) == 3
    for summary, responses in zip(run.summaries, run.responses):
        row = rows[summary["name"]]
        assert row["model"] == summary["model"]
        assert row["num_completed_requests"] == len(responses)
        assert row["server_ttft_s_p50"] == pytest.approx(summary["results_server_ttft_s_quantiles_p50"])
        if summary.get("num_concurrent_requests"):
            assert row["switching_time"] == span(responses)
    assert made["pivot"]["b"]["1.0"] == pytest.approx(run.summaries[1]["results_server_ttft_s_quantiles_p50"])


def test_the_consolidation_runs_over_a_run_directory(run):
    check_summaries(run, table("summaries", run.folder))


def test_the_consolidation_runs_over_an_export(run, project):
    (folder,) = export(project, run.folder)
    check_summaries(run, table("summaries", folder))


def test_the_notebook_of_requests_runs_over_an_export(run, project):
    (folder,) = export(project, run.folder)
    made = table("requests", folder)
    assert len(made) == 19
    by_run = {name[-36:]: responses for name, responses in zip(run.names, run.responses)}
    for row in made:
        if len(by_run[row["uuid"]]) == 8:
            assert row["switching_time"] == span(by_run[row["uuid"]])


def test_switching_time_stands_in_the_first_response_alone(run):
    for summary, responses in zip(run.summaries, run.responses):
        assert [i for i, r in enumerate(responses) if "switching_time" in r] == [0]
        assert responses[0]["switching_time"] == summary["switching_time_documented_s"]
        assert "switching_time" not in summary
        for part in run.folder.glob("*_probe.json"):
            assert not [r for r in json.loads(part.read_text()) if "switching_time" in r]
    assert run.summaries[1]["switching_time_documented_s"] > 0.1, "the step to b loads it"


def test_an_export_holds_the_kits_keys_alone(run, project):
    (folder,) = export(project, run.folder)
    assert folder.name == run.folder.name
    names = sorted(path.name for path in folder.iterdir() if path.name != "export.json")
    endings = ("_summary.json", "_individual_responses.json", "_response_texts.jsonl")
    assert names == sorted(name + ending for name in run.names for ending in endings)
    for name, responses in zip(run.names, run.responses):
        kept = json.loads((folder / f"{name}_individual_responses.json").read_text())
        keys = [k for k in responses[0] if k != "switching_time"][:24]
        assert keys[-1] == "client_mean_inter_token_latency_s"
        assert kept == [{k: r[k] for k in keys} for r in responses], "to the last digit"
        summary = json.loads((folder / f"{name}_summary.json").read_text())
        whole = json.loads((run.folder / f"{name}_summary.json").read_text())
        assert summary == {k: whole[k] for k in summary}
        assert not [k for k in summary if k.startswith(("switching", "measurement", "step_", "results_client_connect"))]
        assert summary["results_acceptance_rate_mean"] if "results_acceptance_rate_mean" in whole else True
        texts = f"{name}_response_texts.jsonl"
        assert (folder / texts).read_bytes() == (run.folder / texts).read_bytes()


def test_an_export_goes_over_nothing_and_is_no_run_of_its_own(run, project):
    first = export(project, run.folder)
    second = export(project, run.folder)
    assert [second[0].name, first[0].name] == [run.folder.name + "-2", run.folder.name]
    beside = project.call("export", f"{run.folder}/", "--format", "kit")
    assert beside.stdout == f"kit: {run.folder}_kit\n"
    policy = project.write("policy.yaml", "min_runs: 1\nchecks:\n  - limits:\n      client_ttft_s_p50: {max: 60}\n")
    done = project.call("compare", "out", "out", "--policy", str(policy))
    assert "(1 run)" in done.stdout or "same run" in done.stderr, "the export beside it is not counted"
    told = project.call("report", str(first[0]))
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("arguments, sentence", [
    ((), "--format or --to is missing; "), (("--format", "odt"), "--format is not one that is known"),
    (("--format", "kit"), "is not a run directory")])
def test_what_cannot_be_exported_is_an_error(project, arguments, sentence):
    (project.folder / "empty").mkdir()
    done = project.call("export", "empty", *arguments)
    assert done.returncode == 2 and sentence in done.stderr


def test_a_step_with_a_broken_file_is_left_out_of_an_export(run, project):
    (run.folder / f"{run.names[1]}_summary.json").write_text("{")
    done = project.call("export", str(run.folder), "--format", "kit", "--output", "kit")
    assert done.returncode == 3
    assert f"{run.names[1]}_summary.json: is not a summary" in done.stderr
    assert len(list((project.folder / "kit" / run.folder.name).glob("*_summary.json"))) == 2
