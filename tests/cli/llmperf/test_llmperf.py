"""A run for LLMPerf's users: its two files of each row, its printed summary, its notebook's plots, and folders of its
results, which no report takes for runs. Every figure is computed again from the run's own responses."""

import json
import math
import pathlib
import re
import shutil
import statistics
import subprocess

import pytest
from support import arithmetic
from support.bench import CONFIG, HEADER
from support.endpoint import content, finish, plain, stream
from support.helpers import helper

HERE = pathlib.Path(__file__).resolve().parent
BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.05}
experts:
  - {name: org/model-7b, weight_gb: 40, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
# LLMPerf's documented loads, the second at two concurrencies, and an open loop, which it has not.
ROWS = ["org/model-7b,550,150,2,1,,,,150,10", "org/model-7b,100,50,8,1,,,,50,50", "org/model-7b,100,50,8,4,,,,50,50",
        "org/model-7b,100,50,5,,50,,,50,50"]
STEMS = ["org-model-7b_550_150", "org-model-7b_100_50", "org-model-7b_100_50-2", "org-model-7b_100_50-3"]
METRICS = ["inter_token_latency_s", "ttft_s", "end_to_end_latency_s", "request_output_throughput_token_per_s",
           "number_input_tokens", "number_output_tokens"]
RESPONSE = ["error_code", "error_msg", "inter_token_latency_s", "ttft_s", "end_to_end_latency_s",
            "request_output_throughput_token_per_s", "number_total_tokens", "number_output_tokens",
            "number_input_tokens"]
QUANTILES = [25, 50, 75, 90, 95, 99]
TOTALS = ["num_requests_started", "error_rate", "number_errors", "error_code_frequency",
          "mean_output_throughput_token_per_s", "num_completed_requests", "num_completed_requests_per_min"]


@pytest.fixture
def run(simulate, project):
    project.setup(ROWS, CONFIG + "labels: {release: '1.2', name: foo}\nsampling_params: {temperature: 0.5}\n",
                  HEADER + ",stddev_input_tokens,stddev_output_tokens")
    return project.run("--name", "first", address=simulate(project.write("bundle.yaml", BUNDLE)).address)


def export(project, folder, *options):
    done = project.call("export", str(folder), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def theirs(response):
    """One of ours as LLMPerf defines it."""
    chunks, output = response["client_inter_token_latencies_s"], response["number_output_tokens"]
    latency = response["client_end_to_end_latency_s"]
    return {"error_code": response["error_code"], "error_msg": response["error_msg"],
            "inter_token_latency_s": sum(chunks) / output, "ttft_s": chunks[0], "end_to_end_latency_s": latency,
            "request_output_throughput_token_per_s": output / latency,
            "number_total_tokens": response["number_total_tokens"], "number_output_tokens": output,
            "number_input_tokens": response["number_input_tokens"]}


def statistics_of(values):
    """In LLMPerf's order."""
    made = {f"p{percent}": arithmetic.quantile(values, percent) for percent in QUANTILES}
    return made | {"mean": statistics.fmean(values), "min": min(values), "max": max(values),
                   "stddev": statistics.stdev(values)}


def read(folder, stem):
    return (json.loads((folder / f"{stem}_summary.json").read_text()),
            json.loads((folder / f"{stem}_individual_responses.json").read_text()))


# --- Files ----------------------------------------------------------------------------------------


def test_the_two_files_of_each_row(project, run):
    assert export(project, run.folder, "--format", "llmperf") == f"llmperf: {run.folder}_llmperf\n"
    folder = run.folder.parent / "first_llmperf"
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["export.json"] + [f"{stem}_{kind}.json" for stem in STEMS for kind in ("summary", "individual_responses")])
    for stem, ours, responses in zip(STEMS, run.summaries, run.responses):
        summary, individual = read(folder, stem)
        assert [list(r) for r in individual] == [RESPONSE] * len(responses)
        for made, response in zip(individual, responses):
            assert made == pytest.approx(theirs(response), rel=1e-9)
        check_summary(summary, stem, ours, [theirs(r) for r in responses])


def check_summary(summary, stem, ours, requests):
    closed = "num_concurrent_requests" in ours
    keys = ["version", "name", "model", "mean_input_tokens", "stddev_input_tokens", "mean_output_tokens",
            "stddev_output_tokens", "num_concurrent_requests", *([] if closed else ["qps", "qps_distribution"]),
            "additional_sampling_params_temperature"]
    for metric in METRICS:
        wanted = statistics_of([r[metric] for r in requests])
        for name, value in wanted.items():
            key = f"results_{metric}_" + (f"quantiles_{name}" if name[0] == "p" else name)
            keys.append(key)
            assert summary[key] == pytest.approx(value, rel=1e-9), key
    keys += [f"results_{total}" for total in TOTALS] + ["release", "timestamp"]
    assert list(summary) == keys
    assert summary["name"] == "foo"  # as LLMPerf does it: metadata goes over what is there
    assert summary["model"] == "org/model-7b" and summary["release"] == "1.2"
    assert summary["additional_sampling_params_temperature"] == 0.5
    assert summary["num_concurrent_requests"] == ours.get("num_concurrent_requests")
    assert [str(summary[f"mean_{way}_tokens"]) for way in ("input", "output")] == re.split("[_-]", stem)[3:5]
    assert [summary[f"stddev_{way}_tokens"] for way in ("input", "output")] == [
        ours[f"stddev_{way}_tokens"] for way in ("input", "output")]
    assert summary["results_mean_output_throughput_token_per_s"] == ours["results_client_total_output_throughput"]
    assert summary["results_num_completed_requests"] == len(requests) == summary["results_num_requests_started"]
    assert summary["timestamp"] == ours["timestamp"]


def test_a_second_export_does_not_write_over_the_first(project, run):
    export(project, run.folder, "--format", "llmperf")
    assert export(project, run.folder, "--format", "llmperf") == f"llmperf: {run.folder}_llmperf-2\n"
    assert export(project, run.folder, "--format", "llmperf", "--output", "made") == "llmperf: made/first\n"


def test_failures_and_attempts(endpoint, project):
    """Request 1 fails for good; request 2 is sent again, and only its second attempt is LLMPerf's."""
    def answer(request, connection):
        seen = [r["body"]["messages"] for r in server.requests].count(request["body"]["messages"])
        order = sorted({r["index"] for r in server.requests})
        if request["index"] == order[0]:
            return plain(400, b'{"error": {"message": "say \\"no\\""}}')
        if request["index"] == order[1] and seen < 2:
            return plain(429, b"later")
        return stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
    server = endpoint(answer)
    project.setup(["m,40,2,4,1,,,"], CONFIG + "retry: {attempts: 2, on: [429], max_wait: 1}\n")
    run = project.run(address=server.address)
    export(project, run.folder, "--format", "llmperf")
    summary, individual = read(run.folder.parent / f"{run.folder.name}_llmperf", "m_40_2")
    assert len(run.responses[0]) == 5 and len(individual) == 4
    assert [r["error_code"] for r in individual] == [400, None, None, None]
    assert "say \"no\"" in individual[0]["error_msg"]
    assert individual[0]["ttft_s"] is None and individual[0]["inter_token_latency_s"] is None
    assert [summary[f"results_{total}"] for total in TOTALS[:4]] == [4, 0.25, 1, "{400: 1}"]
    assert summary["results_num_completed_requests"] == 3


# --- The printed summary --------------------------------------------------------------------------


def test_the_printed_summary(project, run):
    blocks = export(project, run.folder, "--print", "llmperf").split("Results for token benchmark for ")[1:]
    loads = ["550→150 c=1", "100→50 c=1", "100→50 c=4", "100→50 50/s const"]
    assert len(blocks) == len(ROWS)
    for block, load, ours, responses in zip(blocks, loads, run.summaries, run.responses):
        heading, empty, *lines = block.rstrip("\n").split("\n")
        assert heading == f"org/model-7b queried with the sncloud api. ({load})" and empty == ""
        requests = [theirs(r) for r in responses]
        for metric in METRICS:
            assert lines.pop(0) == metric
            for name, value in statistics_of([r[metric] for r in requests]).items():
                key, number = lines.pop(0).split(" = ")
                assert key == f"    {name}" and float(number) == pytest.approx(value, rel=1e-9)
                whole = metric.startswith("number_") and name in ("min", "max")
                assert whole == (re.fullmatch(r"\d+", number) is not None), (metric, name, number)
        assert lines == [f"Number Of Errored Requests: {ours['results_number_errors']}",
                         f"Overall Output Throughput: {ours['results_client_total_output_throughput']}",
                         f"Number Of Completed Requests: {ours['results_num_completed_requests']}",
                         f"Completed Requests Per Minute: {ours['results_num_completed_requests_per_min']}"]


def test_a_row_without_a_completed_request_is_printed_too(endpoint, project):
    server = endpoint(lambda request, connection: plain(503, b"busy"))
    project.setup(["m,40,2,2,1,,,"])
    run = project.run(address=server.address, expect=3)
    printed = export(project, run.folder, "--print", "llmperf").splitlines()
    assert printed[0] == "Results for token benchmark for m queried with the sncloud api."
    assert printed[2:5] == ["inter_token_latency_s", "    p25 = nan", "    p50 = nan"]
    assert printed[-6:-3] == ["Number Of Errored Requests: 2", "Error Code Frequency", "{503: 2}"]


def test_what_is_printed_and_written_has_to_be_named(project, run):
    for options, told in (([], "--format or --to is missing; --format takes csv|jsonl|kit|llmperf|markdown"),
                          (["--format", "odt"], "--format is not one that is known; it takes csv|jsonl|kit|llmperf|markdown"),
                          (["--print", "odt"], "--print is not one that is known; it takes llmperf")):
        done = project.call("export", str(run.folder), *options)
        assert done.returncode == 2 and told in done.stderr


# --- Its notebook ---------------------------------------------------------------------------------


def test_the_notebooks_plots(project, run):
    export(project, run.folder, "--format", "llmperf")
    folder = run.folder.parent / "first_llmperf"
    for stem in STEMS:
        png = project.folder / stem
        done = subprocess.run([helper("pandas") / "bin" / "python", HERE / "plots.py",
                               folder / f"{stem}_individual_responses.json", folder / f"{stem}_summary.json", png],
                              capture_output=True, text=True, timeout=300,
                              env={"MPLCONFIGDIR": str(project.folder), "PATH": "/usr/bin:/bin"})
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)
        summary, individual = read(folder, stem)
        assert shown["end_to_end"] == shown["inter_token"] == len(individual)
        for name, x, y in (("ttft", "number_input_tokens", "ttft_s"),
                           ("throughput", "inter_token_latency_s", "request_output_throughput_token_per_s")):
            assert shown[name] == [pytest.approx([r[x], r[y]]) for r in individual]
        assert math.isclose(shown["mean_input"], statistics.fmean(r["number_input_tokens"] for r in individual))
        assert shown["results"] == pytest.approx(
            {key: value for key, value in summary.items() if key.startswith("results_")}, rel=1e-9)
        for name in ("end_to_end", "inter_token", "ttft", "throughput"):
            assert (project.folder / f"{stem}-{name}.png").read_bytes().startswith(b"\x89PNG")


# --- Folders --------------------------------------------------------------------------------------


def test_reports_name_its_folder_and_pass_it_over(project, run):
    export(project, run.folder, "--format", "llmperf")
    for arguments in (["report", "out", "--output", "made"], ["switching", "out"]):
        done = project.call(*arguments)
        assert done.returncode == 0, done.stderr
        assert "warning: out: passed over, since these are LLMPerf's results: 'first_llmperf'\n" in done.stderr
    done = project.call("report", "out/first", "out/first_llmperf", "--output", "made")
    assert done.returncode == 0
    assert "warning: out/first_llmperf: holds LLMPerf's results and no run directory; passed over\n" in done.stderr
    for arguments in (["report", "out/first_llmperf"], ["compare", "out/first_llmperf", "out/first"]):
        done = project.call(*arguments)
        assert done.returncode == 2
        assert "out/first_llmperf: holds LLMPerf's results and no run directory\n" in done.stderr
    done = project.call("export", "out/first_llmperf", "--format", "kit")
    assert done.returncode == 2 and "is not a run directory: it has LLMPerf's summaries" in done.stderr


def test_results_that_lie_beside_its_own_are_found(project, run):
    """`--results-dir result_outputs` may name the folder in which LLMPerf has left its files."""
    export(project, run.folder, "--format", "llmperf")
    results = project.folder / "result_outputs"
    shutil.copytree(run.folder.parent / "first_llmperf", results)
    (results / "export.json").unlink()  # LLMPerf leaves no mark
    done = project.call("report", "result_outputs")
    assert done.returncode == 2 and "result_outputs: holds LLMPerf's results and no run directory" in done.stderr
    shutil.copytree(run.folder, results / "mine")
    done = project.call("report", "result_outputs", "--output", "made")
    assert done.returncode == 0, done.stderr
    assert "result_outputs: passed over, since these are LLMPerf's results: " in done.stderr
    assert f"'{STEMS[2]}_individual_responses.json', '{STEMS[2]}_summary.json'" in done.stderr


def test_runs_are_compared_without_it(project, simulate, run):
    export(project, run.folder, "--format", "llmperf")
    project.run("--name", "second", address=simulate(project.folder / "bundle.yaml").address)
    (project.folder / "base").mkdir()
    shutil.move(run.folder, project.folder / "base")
    shutil.move(f"{run.folder}_llmperf", project.folder / "base")
    done = project.call("compare", "base", "out", "--output", "made")
    assert done.returncode in (0, 1), done.stderr
    assert "base: passed over, since these are LLMPerf's results: 'first_llmperf'" in done.stderr
