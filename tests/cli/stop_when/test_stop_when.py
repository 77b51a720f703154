"""A study that goes on until it is sure: it ends after a pass, says why, and is whole then."""

import json
import re
import shutil
import signal
import time

import pytest
from support.bench import CONFIG, NO_VERDICT, Run

# One of the two experts fits, so that each visit but the first pays: 105 or 125 ms beside 50 ms.
BUNDLE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 200, switch_overhead_s: 0.005, eviction: lru}
noise: {jitter: JITTER}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 4000, decode_tokens_per_s: 4000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 24, prefill_tokens_per_s: 4000, decode_tokens_per_s: 4000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""
LOAD = {"a": 0.105, "b": 0.125}
ROWS = ["a,200,2,6,1,,,", "b,200,2,6,1,,,"]


@pytest.fixture
def node(simulate, project):
    """node(jitter, config, rows) writes a project and starts a simulator for it."""
    def start(jitter=0.01, config="stop_when: {half_width: 0.1}\n", rows=ROWS):
        project.setup(rows, CONFIG + "seed: 11\n" + config)
        return simulate(project.write("bundle.yaml", BUNDLE.replace("JITTER", str(jitter))))
    return start


def study_of(project, folder="out/r"):
    done = project.call("switching", folder, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sent(simulator):
    return len(simulator.truth.read_text().splitlines())


def ended_by(run):
    """How the study ended, as manifest and journal have it."""
    (mark,) = [line for line in run.journal() if "study_ends" in line]
    end = run.manifest["study_end"]
    assert mark == {"step": end["steps"] - 1, "study_ends": end["sentence"]}
    assert end["steps"] == len(run.names)
    assert end["passes"] == run.summaries[-1]["pass"]
    assert run.manifest["status"] == "done"
    return end


def states(rows, half_width):
    """The rows' states by the study's own numbers, counted once more: how many are sure."""
    sure = 0
    for row in rows:
        if row["verdict"] == "detected":
            half = (row["cost_high_s"] - row["cost_low_s"]) / 2
            sure += half <= half_width * row["cost_s"]
        elif row["verdict"] == "not detected":
            sure += row["ci_high_s"] <= max(0.05, 0.2 * row["steady_ttft_s"])
    return sure


# --- Ends -----------------------------------------------------------------------------------------


def test_a_large_clean_switch_ends_the_study_early(node, project):
    simulator = node()
    run = project.run("--name", "r", address=simulator.address)
    end = ended_by(run)
    assert end["sure"] and 2 <= end["passes"] <= 4
    assert end["steps"] == 2 * end["passes"]
    assert len(run.manifest["visits"]) == 24, "it was planned with the most"
    assert re.match(rf"sure after pass {end['passes']} of at most 12: of 2 rows 2 are within ±10 %",
                    end["sentence"])
    assert end["sentence"] in run.process.stderr
    assert sent(simulator) == 12 * end["passes"]
    for row in study_of(project)["rows"]:
        assert row["verdict"] == "detected"
        assert abs(row["cost_s"] / LOAD[row["row"]["model"]] - 1) < 0.1


def test_it_is_whole_in_every_report(node, project):
    simulator = node()
    run = project.run("--name", "r", address=simulator.address)
    assert "not run" not in run.process.stdout
    assert len(run.table()[1]) == len(run.names)
    report = project.call("report", "out/r", address=simulator.address)
    assert report.returncode == 0
    assert "not finished" not in report.stderr
    page = (project.folder / "books" / "consolidated_results_r.html").read_text()
    assert "is not finished" not in page
    assert run.manifest["study_end"]["sentence"] in json.dumps(page, ensure_ascii=False)
    done = project.call("switching", "out/r")
    assert f"stop_when: {run.manifest['study_end']['sentence']}" in " ".join(done.stdout.split())


def test_a_noisy_one_goes_on_to_the_most_and_says_so(node, project):
    simulator = node(0.5, "stop_when: {half_width: 0.01, at_most_passes: 3}\n")
    run = project.run("--name", "r", address=simulator.address)
    end = ended_by(run)
    assert not end["sure"] and end["passes"] == 3 and end["steps"] == 6
    assert end["sentence"].startswith("not sure after 3 passes, the most: of 2 rows 0 are")
    said = run.process.stderr
    assert "not sure yet after pass 2 of at most 3" in said
    assert said.index("not sure yet after pass 2") < said.index("not sure after 3 passes")
    assert sent(simulator) == 6 * 6


def test_of_pairs_each_of_them_has_to_be_sure(node, project):
    rows = [*ROWS, "a,400,2,6,1,,,"]  # to and from the other row of a nothing is paid
    simulator = node(0.005, "order: all-pairs\nstop_when: {of: pairs, half_width: 0.2}\n", rows)
    run = project.run("--name", "r", address=simulator.address)
    end = ended_by(run)
    assert end["sure"] and "of 6 pairs 6 are within ±20 %" in end["sentence"]
    pairs = [pair for pair in study_of(project)["transitions"] if pair["from"]]
    assert sorted(pair["verdict"] for pair in pairs) == 4 * ["detected"] + 2 * ["not detected"]
    assert states(pairs, 0.2) == 6


def test_a_row_that_cannot_be_measured_is_not_waited_for(node, project):
    simulator = node(rows=[*ROWS, "b,300,2,4,4,,,"])
    run = project.run("--name", "r", address=simulator.address)
    end = ended_by(run)
    assert end["sure"] and end["passes"] <= 4
    assert end["sentence"].endswith("; not waited for 1 that cannot be measured")


def test_at_the_pass_before_it_was_not_sure(node, project):
    """The looks are those of the whole run's own evidence: with a pass less it is not enough."""
    simulator = node(0.1, "stop_when: {half_width: 0.06, at_most_passes: 10}\nprobe: {steady: 5}\n")
    run = project.run("--name", "r", address=simulator.address)
    end = ended_by(run)
    looks = [int(n) for n in re.findall(r"not sure yet after pass (\d+)", run.process.stderr)]
    assert looks == list(range(2, end["passes"]))
    assert end["sure"] == (states(study_of(project)["rows"], 0.06) == 2)


# --- Cut off --------------------------------------------------------------------------------------


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("requests", [15, 19], ids=["in pass 2", "in its last step"])
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_cut_off_goes_on_until_it_is_sure(node, project, by, requests):
    simulator = node()
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r",
                            address=simulator.address)
    wait_for(lambda: sent(simulator) >= requests)
    process.send_signal(by)
    process.communicate(timeout=30)
    folder = project.folder / "out" / "r"
    assert "study_end" not in json.loads((folder / "manifest.json").read_text())
    report = project.call("report", "out/r", address=simulator.address)
    assert "note: r is not finished" in report.stderr and "of 24 steps are here" in report.stderr
    done = project.call("run", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 0, done.stderr
    run = Run(folder, project.folder / "books")
    end = ended_by(run)
    assert end["sure"]
    assert [s["step_index"] for s in run.summaries] == list(range(end["steps"]))


def test_a_study_that_is_sure_sends_no_more(node, project):
    simulator = node()
    run = project.run("--name", "r", address=simulator.address)
    end, count = ended_by(run), sent(simulator)
    book = run.workbook.read_bytes()
    done = project.call("run", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 0, done.stderr
    assert (f"resumed: all {end['steps']} steps have ended; nothing is left to send"
            in done.stderr)
    assert sent(simulator) == count
    again = Run(run.folder, project.folder / "books")
    assert ended_by(again) == end
    assert run.workbook.read_bytes() == book


def test_one_that_was_cut_off_before_its_look_ends_where_it_would_have(node, project):
    simulator = node()
    run = project.run("--name", "r", address=simulator.address)
    end, count = ended_by(run), sent(simulator)
    manifest = run.manifest
    del manifest["study_end"]
    manifest["status"] = "running"
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    journal = (run.folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (run.folder / "journal.jsonl").write_text("".join(journal[:-1]))
    done = project.call("run", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 0, done.stderr
    assert sent(simulator) == count
    assert ended_by(Run(run.folder, project.folder / "books")) == end


def test_another_rule_is_another_run(node, project):
    simulator = node()
    project.run("--name", "r", address=simulator.address)
    done = project.call("run", "--resume", "out/r", "--set", "stop_when.half_width=0.2",
                        address=simulator.address)
    assert done.returncode == 2
    assert ("stop_when.half_width: the run was started with 0.1, and this asks for 0.2"
            in done.stderr)


# --- Intervals ------------------------------------------------------------------------------------


def test_intervals_allow_for_every_look(node, project):
    simulator = node(0.05)
    run = project.run("--name", "r", address=simulator.address)
    asked = study_of(project)
    assert asked["confidence"] == pytest.approx(1 - 0.05 / 12)
    shutil.copytree(run.folder, project.folder / "out" / "plain")
    run.manifest["settings"]["stop_when"]["half_width"] = 0
    (project.folder / "out" / "plain" / "manifest.json").write_text(json.dumps(run.manifest))
    plain = study_of(project, "out/plain")
    assert plain["confidence"] == 0.95
    assert asked["level"] == pytest.approx(plain["level"] / 12) and plain["level"] == 0.01
    for wide, narrow in zip(asked["rows"], plain["rows"]):
        assert wide["cost_s"] == narrow["cost_s"]
        assert (wide["cost_high_s"] - wide["cost_low_s"]
                > 1.2 * (narrow["cost_high_s"] - narrow["cost_low_s"]))
    for folder, level in (("out/r", "99.6 %"), ("out/plain", "95 %")):
        assert f"± is {level}" in project.call("switching", folder).stdout


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments, sentence", [
    (("--passes", "3"), "--passes: passes: cannot be set together with stop_when; leave it out"),
    (("--set", "concurrency_enabled=true"),
     "stop_when: needs rows one after another; leave out concurrency_enabled"),
    (("--set", "stop_when.half_width=1.5"), "half_width: '1.5' is not a number from 0.001 to"),
])
def test_what_cannot_be_is_refused_before_anything_is_sent(node, project, arguments, sentence):
    simulator = node()
    done = project.call("run", "config.yaml", *arguments, address=simulator.address)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert sent(simulator) == 0
