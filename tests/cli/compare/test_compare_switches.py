"""Switches of two releases held against each other: one whose memory holds one of two models, so that every visit
pays, and one whose memory holds both, so that none does once they are there."""

import json
import re

import openpyxl
import pytest
from support.bench import CONFIG

BUNDLE = """\
node: {{hbm_gb: {gb}, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005}}
experts:
  - {{name: a, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
  - {{name: b, weight_gb: 24, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
"""
POLICY = """\
min_requests: 10
checks:
  - rows: "b*"
    limits:
      switch_s: {margin: 0.5}
      switch_paid_share: {margin: 0.5}
      switch_s_per_visit: {margin: 0.9}
"""
MEASURES = ("switch_s", "switch_paid_share", "switch_s_per_visit")
LOAD_S = 24 / 400 + 0.005


@pytest.fixture
def releases(simulate, project):
    """Two runs of each kind, a b a b a b a b: folders "paying" and "resident"."""
    project.setup(["a,200,4,12,1,,,", "b,200,4,12,1,,,"], CONFIG + "passes: 4\n")
    project.write("policy.yaml", POLICY)
    for kind, gb in (("paying", 40), ("resident", 60)):
        address = simulate(project.write(f"{kind}.yaml", BUNDLE.format(gb=gb))).address
        if kind == "resident":
            project.run(address=address)
        for i in range(2):
            folder = project.folder / kind / str(i)
            folder.parent.mkdir(exist_ok=True)
            project.run(address=address).folder.rename(folder)
    return project


def qualification(project, base, candidate):
    done = project.call("compare", base, candidate, "--policy", "policy.yaml", "--output", f"made/{base}-{candidate}")
    assert done.returncode in (0, 1), done.stderr
    (path,) = (project.folder / "made" / f"{base}-{candidate}").glob("*.json")
    told = json.loads(path.read_text())
    return done, {line["measure"]: line for line in told["lines"]}


def test_a_switch_that_vanished_is_improved_and_one_that_came_is_a_regression(releases):
    done, lines = qualification(releases, "paying", "resident")
    assert [lines[measure]["verdict"] for measure in MEASURES] == ["missing", "improved", "improved"]
    assert lines["switch_s"]["reason"] == \
        "no visit of the candidate paid a switch; switch_s_per_visit takes that for 0"
    share, visit = lines["switch_paid_share"], lines["switch_s_per_visit"]
    assert (share["base"], share["candidate"], share["difference"]) == (1, 0, -1)
    assert share["ratio"] is None and share["ratio_low"] is None
    assert -1 <= share["difference_low"] <= -0.9 and share["difference_high"] < -0.3
    assert visit["base"] == pytest.approx(LOAD_S, abs=0.01) and visit["candidate"] == 0
    assert visit["difference"] == -visit["base"] and visit["difference_low"] < visit["difference_high"] < 0
    assert "100 % → 0 %, -100 points (" in done.stdout and re.search(r"ms → 0 ms, -6\d\.\d ms \(-", done.stdout)
    (path,) = (releases.folder / "made" / "paying-resident").glob("*.xlsx")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)["Qualification"].iter_rows()]
    (heads,) = [row for row in rows if row[0] == "verdict"]
    (cells,) = [row for row in rows if row[2] == "switch_paid_share"]
    told = dict(zip(heads, cells))
    assert told["candidate − baseline"] == -1 and told["candidate ÷ baseline"] is None
    assert told["allowed"] == "at most 50 points worse"

    done, lines = qualification(releases, "resident", "paying")
    assert [lines[measure]["verdict"] for measure in MEASURES] == ["missing", "regressed", "regressed"]
    assert lines["switch_paid_share"]["reason"] == "worse by more than the margin of 50 points"
    assert lines["switch_s_per_visit"]["reason"] == "worse by more than the margin of 90 %"


def test_equal_switches_pass_with_their_cost_share_and_seconds(releases):
    releases.write("policy.yaml", "min_runs: 1\n" + POLICY)
    _, lines = qualification(releases, "paying/0", "paying/1")
    assert lines["switch_s"]["verdict"] == "pass (one run)"
    assert 0.5 < lines["switch_s"]["ratio_low"] < lines["switch_s"]["ratio"] < lines["switch_s"]["ratio_high"] < 1.5
    assert not {"improved", "regressed"} & {line["verdict"] for line in lines.values()}
