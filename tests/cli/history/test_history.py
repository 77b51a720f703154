"""`coebench history` and `compare last:N`: runs over time, by the index. Runs are one real run's copies, each with a
start, an endpoint, labels and figures of its own."""

import json
import random
import re

import pytest
from support.bench import another_run
from support.releases import BUNDLE, POLICY

ROW = "a 200/4 n=4 concurrent=2"


@pytest.fixture
def run(simulate, project):
    project.setup(["a,200,4,4,2,,,", "b,100,4,3,1,,,"])
    project.write("policy.yaml", POLICY)
    return project.run("--name", "first", address=simulate(project.write("bundle.yaml", BUNDLE)).address)


def edit(path, change):
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


@pytest.fixture
def past(run, project):
    """past(name, day, ttft_s, …) is a run of that day of November 2026, whose rows have that TTFT."""
    def make(name, day, ttft_s=0.1, endpoint=None, verdict="valid", state="done", **labels):
        folder = another_run(run.folder, project.folder / "runs" / name)

        def manifest(told):
            told["started_utc"] = f"2026-11-{day:02}T08:00:00.000000Z"
            told["settings"]["labels"] = labels
            told["status"] = state
            if endpoint:
                told["endpoint"]["address"] = endpoint
        edit(folder / "manifest.json", manifest)
        for path in folder.glob("*_summary.json"):
            edit(path, lambda told: told.update({"results_client_ttft_s_quantiles_p50": ttft_s,
                                                 "measurement_verdict": verdict}))
        return folder
    return make


def history(project, *arguments, expect=0):
    done = project.call("history", *arguments, "--in", "runs")
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout if expect == 0 else done.stderr


def table(text):
    """The lines of the table, as (day, run, the rest)."""
    return [(int(m[1]), m[2], m[3].strip()) for m in re.finditer(r"^  2026-11-(\d\d) 08:00:00  (\S+)(.*)$", text, re.M)]


def test_runs_come_in_their_order_and_a_step_has_its_means_and_p(past, project):
    chance = random.Random(4)
    before = [0.1 * chance.lognormvariate(0, 0.02) for _ in range(8)]
    after = [0.15 * chance.lognormvariate(0, 0.02) for _ in range(7)]
    days = list(enumerate(before + after, 1))
    chance.shuffle(days)
    for day, ttft_s in days:
        past(f"day-{day}", day, ttft_s)
    text = history(project, ROW)
    lines = table(text)
    assert [(day, name) for day, name, _ in lines] == [(day, f"day-{day}") for day in range(1, 16)]
    for (_, _, rest), ttft_s in zip(lines, before + after):
        assert float(rest.split(" ms ")[0]) == pytest.approx(1000 * ttft_s, rel=0.006)
    assert [day for day, _, rest in lines if "▲" in rest or "▼" in rest] == [9]
    told = re.search(r"15 runs, 1 step in the mean \(Pettitt's test, p ≤ 0.05\)\n"
                     r"  from day-9 on: mean ([\d.]+) ms → ([\d.]+) ms \(▲ \+([\d.]+) %\), p = ([\d.]+)\n$", text)
    means = [1000 * sum(part) / len(part) for part in (before, after)]
    assert [float(told[1]), float(told[2])] == [pytest.approx(mean, rel=0.006) for mean in means]
    assert float(told[3]) == pytest.approx(100 * (means[1] / means[0] - 1), abs=0.1)
    assert float(told[4]) < 0.005
    bars = [rest.count("█") for _, _, rest in lines]
    assert max(bars[:8]) < min(bars[8:])


def test_chance_is_no_step_and_few_runs_are_told(past, project):
    for day in range(1, 8):
        past(f"day-{day}", day, 0.1 if day < 4 else 0.9)
    assert history(project, ROW).endswith("\n7 runs: a step in the mean takes 8 to be seen\n")
    for day in range(8, 13):
        past(f"day-{day}", day, 0.1 if day % 2 else 0.9)
    assert "12 runs, no step in the mean" in history(project, ROW)


def test_labels_group_and_narrow(past, project):
    for day in range(1, 5):
        past(f"day-{day}", day, 0.1 * day, release="1.0" if day < 3 else "2.0", node="7" if day % 2 else "8")
    past("day-5", 5, 0.5)
    text = history(project, ROW, "--by", "label.release")
    assert [rest.split()[0] for _, _, rest in table(text)] == ["1.0", "1.0", "2.0", "2.0", "500"]
    assert ("\nby release:\n  1.0: mean 150 ms, from 100 ms to 200 ms, 2 runs\n"
            "  2.0: mean 350 ms, from 300 ms to 400 ms, 2 runs\n  none: mean 500 ms, from 500 ms to 500 ms, 1 run\n") in text
    text = history(project, ROW, "--where", "label.release=2.0", "--where", "label.node=7")
    assert [name for _, name, _ in table(text)] == ["day-3"]


def test_a_part_names_a_row_that_alone_has_it(past, project):
    past("one", 1)
    assert history(project, "A 200").startswith(f"{ROW}\nclient_ttft_s_p50 at http://")
    assert "'concurrent' stands in 2 rows; name one of them: " in history(project, "concurrent", expect=2)
    assert "no run has a row with 'c 200/4'" in history(project, "c 200/4", expect=2)


@pytest.mark.parametrize("metric, key", [
    ("client_end_to_end_latency_s_p99", "results_client_end_to_end_latency_s_quantiles_p99"),
    ("server_output_token_per_s_mean", "results_server_output_token_per_s_per_request_mean"),
    ("client_total_output_throughput", "results_client_total_output_throughput"),
    ("num_completed_requests", "results_num_completed_requests")])
def test_every_kind_of_figure_is_the_summarys(run, past, project, metric, key):
    past("one", 1)
    (_, _, rest), = table(history(project, ROW, "--metric", metric))
    number = float(rest.split()[0]) / (1000 if " ms" in rest else 1)
    assert number == pytest.approx(run.summaries[0][key], rel=0.006)


def test_what_is_no_figure_is_told(past, project):
    past("one", 1)
    for metric in ("client_ttft_s_p51", "model", "lost"):
        assert f"no run has '{metric}' of this row" in history(project, ROW, "--metric", metric, expect=2)
    assert "'release' is no label; write label.NAME" in history(project, ROW, "--by", "release", expect=2)


def test_runs_elsewhere_are_left_out_and_those_of_the_client_are_marked(past, project):
    past("a", 1, endpoint="http://other/v1")
    past("b", 2, 0.2)
    past("c", 3, 0.9, verdict="invalid: client-limited")
    done = project.call("history", ROW, "--in", "runs")
    assert [name for _, name, _ in table(done.stdout)] == ["b", "c"]
    assert "note: 1 run of this row went to another endpoint" in done.stderr
    assert table(done.stdout)[1][2].endswith("client-limited") and "\n1 run: a step" in done.stdout
    text = history(project, ROW, "--endpoint", "http://other/v1")
    assert [name for _, name, _ in table(text)] == ["a"]


# --- compare last:N -------------------------------------------------------------------------------


def base_of(project, *arguments):
    done = project.call("compare", *arguments, "--policy", "policy.yaml")
    assert done.returncode in (0, 1), done.stderr
    return re.search(r"^baseline: +(.*)$", done.stdout, re.M)[1], done.stderr


def test_the_last_runs_before_the_candidate_are_the_baseline(past, project):
    past("monday", 1)
    past("tuesday", 2, release="1.0")
    past("stopped", 3, state="interrupted")
    past("elsewhere", 4, endpoint="http://other/v1")
    past("wednesday", 5, release="1.0")
    past("candidate", 6)
    past("later", 7)
    assert base_of(project, "last:2", "runs/candidate")[0] == "last:2 of runs: tuesday, wednesday (2 runs)"
    base, said = base_of(project, "last:9", "runs/candidate")
    assert base == "last:9 of runs: monday, tuesday, wednesday (3 runs)" and "note: last:9: there are 3\n" in said
    assert base_of(project, "last:1", "runs/candidate", "--where", "label.release=1.0")[0].endswith(": wednesday (1 run)")
    assert base_of(project, "last:1", "runs/later", "--in", "runs")[0] == "last:1 of runs: candidate (1 run)"


def test_a_run_of_other_rows_is_no_baseline(run, past, project):
    past("rows", 1)
    edit_folder = past("other", 2)
    for path in edit_folder.glob("*_summary.json"):
        edit(path, lambda told: told.update(num_output_tokens=5))
    past("candidate", 3)
    assert base_of(project, "last:3", "runs/candidate")[0] == "last:3 of runs: rows (1 run)"


@pytest.mark.parametrize("arguments, sentence", [
    (("last:0", "runs/one"), "last:0: write last:N, such as last:5"),
    (("last:many", "runs/one"), "last:many: write last:N"),
    (("last:1", "runs/one"), "runs has no finished run from before runs/one with the same endpoint and rows\n"),
    (("last:1", "runs/one", "--where", "label.a=b"), "with the same endpoint and rows, and these labels\n"),
    (("last:1", "runs/one", "--where", "a=b"), "'a=b' is no label with a value; write label.NAME=VALUE"),
    (("last:1", "runs/none"), "runs/none"),
    (("runs/one", "runs/one", "--in", "runs"), "--in, --index and --where are for a baseline that is named last:N")])
def test_what_is_no_baseline_is_one_sentence(past, project, arguments, sentence):
    past("one", 1)
    done = project.call("compare", *arguments, "--policy", "policy.yaml")
    assert done.returncode == 2 and sentence in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
