"""A run whose endpoint something else used meanwhile tells of no switch, wherever switches are told."""

import json

import openpyxl
import pytest

NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.05}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: b, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
ROWS = ["a,20,4,4,1,,,N/A", "b,20,4,4,1,,,N/A"]
STUDY = ("--set", "order=williams", "--set", "passes=3", "--set", "probe.steady=3")
SHARED = "endpoint shared"


@pytest.fixture
def ran(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(ROWS)
    return lambda *options, **how: project.run(*options, address=simulator.address, **how)


def by_file(folder):
    (folder / "shared_endpoint").touch()


def by_manifest(folder):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"shared_endpoint": True}))


def verdicts(project, *folders, name):
    """What the first sheet of a report says of each step's switch (verdict, why not, the documented rule's time; a
    column that no step has is not there), and the page."""
    done = project.call("report", "--output", name, *map(str, folders))
    assert done.returncode == 0, done.stderr
    (book,) = (project.folder / name).glob("*.xlsx")
    header, *lines = openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True)
    (page,) = (project.folder / name).glob("*.html")
    lines = [dict(zip(header, line)) for line in lines]
    return {tuple(line.get(key) for key in ("switch_verdict", "switch_reason", "switching_time")) for line in lines}, page.read_text()


@pytest.mark.parametrize("mark", [by_file, by_manifest])
def test_marked_later_nothing_is_told_of_its_switches(ran, project, mark):
    run = ran(*STUDY)
    before, page = verdicts(project, run.folder, name="before")
    assert any(verdict == "detected" and time for verdict, _, time in before) and SHARED not in page
    mark(run.folder)
    after, page = verdicts(project, run.folder, name="after")
    assert after == {("not measurable", SHARED, None)}
    assert SHARED in page
    switching = project.call("switching", str(run.folder)).stdout
    assert f"not measurable, {SHARED}" in switching and "detected" not in switching
    study = json.loads((run.folder / "switching.json").read_text())
    assert study["steps"]  # what the run itself wrote stays as it was


def test_two_runs_count_each_by_itself(ran, project):
    """Of a shared and of another run together, the other's visits alone count."""
    shared, other = ran(*STUDY, "--name", "shared"), ran(*STUDY, "--name", "other")
    by_file(shared.folder)
    told, _ = verdicts(project, shared.folder, other.folder, name="both")
    assert ("not measurable", SHARED, None) in told and any(verdict == "detected" for verdict, _, _ in told)


def test_told_before_it_begins_the_run_itself_says_so(ran, project):
    run = ran(*STUDY, "--shared-endpoint")
    assert run.manifest["shared_endpoint"] is True
    assert {summary["switching_verdict"] for summary in run.summaries} == {SHARED}
    assert all(summary["switching_time_documented_s"] is None for summary in run.summaries)
    study = json.loads((run.folder / "switching.json").read_text())
    assert {step["reason"] for step in study["steps"]} == {SHARED}
    assert SHARED in run.process.stdout
    assert all(summary["results_client_ttft_s_mean"] > 0 for summary in run.summaries)


def test_compare_judges_no_switch_of_it(ran, project):
    for side in ("base", "candidate"):
        (project.folder / side).mkdir()
        for name in ("one", "two"):
            ran(*STUDY, "--name", f"{side}-{name}").folder.rename(project.folder / side / name)
    project.write("policy.yaml", """\
min_requests: 4
checks:
  - rows: "*"
    limits:
      switch_s: {margin: 0.9}
      switch_paid_share: {margin: 0.9}
      client_ttft_s_p50: {margin: 0.9}
""")

    def judged(output):
        done = project.call("compare", "base", "candidate", "--policy", "policy.yaml", "--output", output)
        assert done.returncode in (0, 1), done.stderr
        (told,) = (project.folder / output).glob("*.json")
        return {(line["row"], line["measure"]): line for line in json.loads(told.read_text())["lines"]}

    before = judged("before")
    for name in ("one", "two"):
        by_file(project.folder / "candidate" / name)
    after = judged("after")
    assert before.keys() == after.keys() and len(before) == 6
    for line in before:
        assert before[line]["candidate"] is not None
        assert (after[line]["candidate"] is None) == line[1].startswith("switch"), after[line]
        if line[1].startswith("switch"):
            assert after[line]["verdict"] in ("missing", "too few"), after[line]


def test_a_mix_tells_nothing_either(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    header = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution,multimodal_img_size,mix"
    project.setup(["a,20,4,60,,20,exponential,N/A,both", "b,20,4,60,,20,exponential,N/A,both"], header=header)
    run = project.run(address=simulator.address)
    (file,) = run.folder.glob("mix_both_*.json")
    assert json.loads(file.read_text())["switching_reason"] != SHARED
    _, before = verdicts(project, run.folder, name="before")
    by_file(run.folder)
    _, after = verdicts(project, run.folder, name="after")
    assert "something else used the endpoint meanwhile" in after and "something else used" not in before
    told = project.run("--name", "told", "--shared-endpoint", address=simulator.address)
    (file,) = told.folder.glob("mix_both_*.json")
    mix = json.loads(file.read_text())
    assert mix["switching_reason"] == SHARED and {member["switching_reason"] for member in mix["members"]} == {SHARED}
    assert mix["switch_paid_share"] is None
