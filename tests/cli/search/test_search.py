"""The highest load that keeps slo, found in real time on nodes whose truth follows from their file."""

import json
import re
import signal
import time

import openpyxl
import pytest
from support.bench import CONFIG, NO_VERDICT, Run

# A request takes 100 ms, one at a time on each machine, nearly all of it before its first token.
BUNDLE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000, eviction: lru, replicas: REPLICAS}
experts:
  - {name: a, weight_gb: 10, prefill_overhead_s: 0.0992, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""
TAKES_S = 0.1

# Of few requests each step is short: 14 that keep slo show that four in five do.
SEARCH = "search: {goodput_share: 0.8, resolution: 0.1, budget_s: BUDGET, range: RANGE}\n"


@pytest.fixture
def node(simulate, project):
    """node(rows, slo) writes a project and starts a node for it."""
    def start(rows, slo=None, budget=100, span="[1, 64]", replicas=1, share=0.8):
        search = SEARCH.replace("BUDGET", str(budget)).replace("RANGE", span).replace("0.8", str(share))
        config = CONFIG + "seed: 3\n" + search + (f"slo: {{client_ttft_s: {slo}}}\n" if slo else "")
        project.setup(rows, config)
        return simulate(project.write("bundle.yaml", BUNDLE.replace("REPLICAS", str(replicas))))
    return start


def search(project, node, *arguments, expect=0, health=NO_VERDICT):
    done = project.call("search", "config.yaml", "--name", "r", *health, *arguments, address=node.address)
    assert done.returncode == expect, done.stdout + done.stderr
    return Run(project.folder / "out" / "r", project.folder / "books", done)


def concluded(run):
    """Of each step, what the journal has of its last attempt."""
    steps = {}
    for line in run.journal():
        if "search" in line:
            steps[line["step"]] = line["search"]
    return [steps[index] for index in sorted(steps)]


def found(run, line=2):
    return run.manifest["search"][f"row_{line}"]


def responses(run, name):
    return json.loads((run.folder / f"{name}_individual_responses.json").read_text())


def check_steps(run, slo, load_key):
    """Steps are ordinary ones: what the search counted is what their files say."""
    steps = concluded(run)
    assert run.manifest["search"]["steps"] == len(run.names) == len(steps) == found(run)["steps"]
    for summary, name, step in zip(run.summaries, run.names, steps):
        good = [r for r in responses(run, name) if not r["error_code"] and r["client_ttft_s"] <= slo]
        assert step["requests"] == len(responses(run, name)) and step["good"] == len(good)
        assert summary[load_key] == pytest.approx(step["load"])
        assert summary["goodput_share"] == pytest.approx(step["good"] / step["requests"])
        assert f"at {step['load']:.4g} " in run.process.stderr
    return steps


def check_page(browser, run, result, steps):
    browser.open(run.workbook.with_suffix(".html"))
    browser.run("drawAll()")
    assert browser.complaints() == []
    assert result["sentence"] in browser.one("#search").text
    assert len(browser.all("#search canvas")) == 2
    drawn = browser.run("return [...document.querySelectorAll('#search canvas')].map((canvas) => "
                        "Chart.getChart(canvas).data.datasets[0].data.map((point) => point.x))")
    assert drawn == [sorted(step["load"] for step in steps)] * 2


def test_how_many_at_once_keep_slo(project, node, browser):
    """c at once wait for each other: the last token of c requests before is c × 100 ms ago."""
    simulator = node(["a,200,2,10,2,,,"], slo=4.5 * TAKES_S)
    run = search(project, simulator)
    result = found(run)
    steps = check_steps(run, 4.5 * TAKES_S, "num_concurrent_requests")
    assert result["end"] == "found" and result["searched"] == "concurrent_requests"
    assert result["max_concurrent_requests"] == 4 and result["limit"] == "client_ttft_s"
    assert result["max_concurrent_requests_low"] <= 4 <= result["max_concurrent_requests_high"]
    assert all(step["verdict"] != "kept" for step in steps if step["load"] > 4)
    assert all(step["verdict"] != "broken" for step in steps if step["load"] <= 4)
    assert steps[0]["load"] == 2 and steps[1]["load"] == 4 and steps[2]["load"] == 8
    assert "a 200→2: max_concurrent_requests 4" in run.process.stdout
    sheet = openpyxl.load_workbook(run.workbook)["Search"]
    loads = [cell.value for cell in sheet["B"][2:] if isinstance(cell.value, (int, float))]
    assert loads == sorted(step["load"] for step in steps)
    assert len(sheet._charts) == 2
    check_page(browser, run, result, steps)


POLICY = """\
min_requests: 5
min_runs: 1
checks:
  - limits: {max_concurrent_requests: {margin: MARGIN}}
"""


def compared(project, margin):
    project.write("policy.yaml", POLICY.replace("MARGIN", str(margin)))
    done = project.call("compare", "out/fast", "out/slow", "--policy", "policy.yaml", "--output", f"c{margin}")
    (path,) = (project.folder / f"c{margin}").glob("*.json")
    (line,) = json.loads(path.read_text())["lines"]
    return done.returncode, line


def test_searches_are_held_against_each_other(project, simulate):
    """Of a node that is half as fast, two at once keep what four did."""
    for name, takes in (("fast", "0.0992"), ("slow", "0.1992")):
        bundle = BUNDLE.replace("REPLICAS", "1").replace("0.0992", takes)
        project.setup(["a,200,2,10,2,,,"], CONFIG + f"slo: {{client_ttft_s: {4.5 * TAKES_S}}}\n" +
                      SEARCH.replace("BUDGET", "100").replace("RANGE", "[1, 16]"))
        simulator = simulate(project.write(f"{name}.yaml", bundle))
        done = project.call("search", "config.yaml", "--name", name, *NO_VERDICT, address=simulator.address)
        assert done.returncode == 0, done.stderr
    code, line = compared(project, 0.1)
    assert code == 1 and line["verdict"] == "regressed" and line["measure"] == "max_concurrent_requests"
    assert (line["base"], line["candidate"], line["row"]) == (4, 2, "a 200→2 any load")
    assert line["ratio"] == pytest.approx(0.5) and line["ratio_low"] < 0.5 < line["ratio_high"] < 0.9
    code, line = compared(project, 4)
    assert code == 0 and line["verdict"].startswith("pass")


def test_how_many_a_second_keep_slo(project, node):
    """At an even rate a node of ten a second keeps any slo up to ten, and none above."""
    simulator = node(["a,200,2,10,,3,,"], slo=3.5 * TAKES_S)
    run = search(project, simulator)
    result = found(run)
    check_steps(run, 3.5 * TAKES_S, "qps")
    assert result["end"] in ("found", "not_sure")
    assert result["max_qps"] == pytest.approx(10, rel=0.15)
    assert result["max_qps_low"] <= result["max_qps"] <= result["max_qps_high"]
    assert result["kept"] < 10.5 and result["broken"] > 9
    assert f"max_qps {result['max_qps']:.4g}" in run.process.stdout


def test_what_times_out_above_the_result_is_no_loss(project, node):
    """The row's timeout ends the first step before any request that counts completes."""
    simulator = node(["a,200,2,10,32,,,"], slo=4.5 * TAKES_S)
    run = search(project, simulator, "--set", "timeout=6")
    steps = concluded(run)
    assert steps[0]["load"] == 32 and run.summaries[0]["results_num_completed_requests"] == 0
    assert steps[0]["verdict"] != "kept" and steps[0]["good"] < steps[0]["requests"]
    assert steps[1]["load"] == 16
    assert found(run)["end"] == "found" and found(run)["max_concurrent_requests"] == 4


def test_an_slo_that_is_never_kept_is_said_so(project, node):
    simulator = node(["a,200,2,10,4,,,"], slo=0.5 * TAKES_S)
    run = search(project, simulator)
    result = found(run)
    steps = concluded(run)
    assert result["end"] == "never_kept" and result["max_concurrent_requests"] is None
    assert [step["verdict"] for step in steps] == ["broken"] * len(steps) and len(steps) <= 3
    assert "never kept: at 1 concurrent requests, the lowest load" in result["sentence"]
    assert result["sentence"] in " ".join(run.process.stdout.split())


def test_without_slo_the_knee_is_found(project, node):
    """Four machines: four at once complete as many as any number above."""
    simulator = node(["a,200,2,10,2,,,"], replicas=4)
    run = search(project, simulator)
    result = found(run)
    assert result["end"] == "found"
    assert result["max_concurrent_requests"] == pytest.approx(4, abs=1)
    assert result["knee"] == pytest.approx(4, rel=0.2)


def test_a_client_that_is_the_limit_ends_the_bracket(project, simulate):
    """On a node of 1 ms each delay of a send is past a ten-thousandth of that, and so of four."""
    bundle = BUNDLE.replace("REPLICAS", "1").replace("0.0992", "0.001")
    project.setup(["a,200,2,10,,50,,"], CONFIG + "slo: {client_ttft_s: 1}\n" +
                  "search: {goodput_share: 0.8, budget_s: 20, range: [25, 400]}\n")
    simulator = simulate(project.write("bundle.yaml", bundle))
    run = search(project, simulator, "--set", "health.schedule_delay=0.0001", health=(), expect=4)
    assert found(run)["end"] == "client_limit"
    assert "client limit" in run.process.stdout
    assert any(step["client_limited"] for step in concluded(run))
    assert found(run)["max_qps"] is None


def test_a_search_that_was_killed_takes_the_same_way(project, node):
    simulator = node(["a,200,2,10,2,,,"], slo=4.5 * TAKES_S)
    process = project.start("search", "config.yaml", "--name", "r", *NO_VERDICT, address=simulator.address)
    journal = project.folder / "out" / "r" / "journal.jsonl"
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.read_text().count('"fingerprint":') >= 2):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = Run(project.folder / "out" / "r", project.folder / "books")
    ended = [line["step"] for line in before.journal() if "fingerprint" in line]
    kept = {step: responses(before, before.names[step]) for step in ended}
    done = project.call("search", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 0, done.stderr
    run = Run(project.folder / "out" / "r", project.folder / "books", done)
    for step, then in kept.items():
        assert responses(run, run.names[step]) == then
    assert found(run)["max_concurrent_requests"] == 4
    assert [step["load"] for step in concluded(run)][:3] == [2, 4, 8]
    assert run.manifest["search"]["steps"] == len(run.names)
    # Whole, it sends nothing more.
    sent = len(simulator.truth.read_text().splitlines())
    again = project.call("search", "--resume", "out/r", address=simulator.address)
    assert again.returncode == 0 and "nothing is left to send" in again.stderr
    assert len(simulator.truth.read_text().splitlines()) == sent


# --- Plans ---------------------------------------------------------------------------------------


def test_plan_tells_the_most(project):
    project.setup(["a,200,2,10,,3,,"], CONFIG + "search: {budget_s: 90, range: [1, 20]}\n")
    told = " ".join(project.call("plan", "config.yaml", "--offline").stdout.split())
    most = re.search(r"search: 1 row, at most (\d+) steps, (\d+) requests and 2 minutes", told)
    assert most and int(most[2]) == 20 * 90
    project.setup(["a,200,2,10,,3,,"])
    assert "search:" not in project.call("plan", "config.yaml", "--offline").stdout


@pytest.mark.parametrize("search, row, fault", [
    # 59 requests, ln 0.05 ÷ ln 0.95, at 3 a second are nearly 20 s.
    ("{budget_s: 19}", "a,200,2,10,,3,,", "takes 59 requests"),
    ("{budget_s: 90, goodput_share: 0.99}", "a,200,2,10,,3,,", "takes 299 requests"),
    ("{range: [20, 10]}", "a,200,2,10,,3,,", "search.range: is not two loads"),
    ("{range: [10]}", "a,200,2,10,,3,,", "search.range: is not two loads"),
    ("{range: [10, 20]}", "a,200,2,10,,3,,", "the row's load, 3 qps, is not within search.range"),
])
def test_a_search_that_cannot_be_is_refused(project, search, row, fault):
    project.setup([row], CONFIG + f"search: {search}\n")
    for command in ("plan", "search"):
        done = project.call(command, "config.yaml", *(["--offline"] if command == "plan" else []),
                            address="http://127.0.0.1:9/v1")
        assert done.returncode == 2 and fault in done.stderr, done.stderr
    assert not project.run_folders()


def test_a_budget_that_just_reaches_is_taken(project):
    project.setup(["a,200,2,10,,3,,"], CONFIG + "search: {budget_s: 21}\n")
    assert project.call("plan", "config.yaml", "--offline").returncode == 0


def test_a_run_is_no_search_to_resume(project, node):
    simulator = node(["a,200,2,3,2,,,"], slo=1)
    project.run("--name", "r", address=simulator.address)
    done = project.call("search", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 2
