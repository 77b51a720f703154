"""The highest load of rows that run together, on a node whose truth follows from its file."""

import json
import signal
import time

import openpyxl
import pytest
from support.bench import CONFIG, NO_VERDICT, Run

# A request to either takes 80 ms, one at a time on the node, which has room for both. Of one token:
# what decodes would let a younger request to the other pass.
EXPERT = """\
  - {name: NAME, weight_gb: 1, prefill_overhead_s: 0.0798, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 4000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""
BUNDLE = ("node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 100000}\nexperts:\n" +
          EXPERT.replace("NAME", "a") + EXPERT.replace("NAME", "b"))
TAKES_S = 0.08

HEADER = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,mix,share"
SEARCH = "search: {goodput_share: 0.8, resolution: 0.2, budget_s: 100, range: [1, 100]}\n"
SLO_S = 4.7 * TAKES_S
SLO = f"slo: {{client_ttft_s: {SLO_S}}}\n"
BOTH = ["a,200,1,10,2,,day,", "b,200,1,10,1,,day,"]


@pytest.fixture
def node(simulate, project):
    def start(rows, header=HEADER, config=CONFIG + "seed: 3\n" + SLO + SEARCH):
        project.setup(rows, config, header=header)
        return simulate(project.write("bundle.yaml", BUNDLE))
    return start


def search(project, node, name="r", expect=0):
    done = project.call("search", "config.yaml", "--name", name, *NO_VERDICT, address=node.address)
    assert done.returncode == expect, done.stdout + done.stderr
    return Run(project.folder / "out" / name, project.folder / "books", done)


def found(run, line=2):
    return run.manifest["search"][f"row_{line}"]


def concluded(run):
    """Of each visit, the steps that it has and what the journal has of it, with the last of them."""
    visits, begun = [], []
    for line in run.journal():
        if "begins" in line:
            begun = [step for step in begun if step != line["step"]] + [line["step"]]
        if "search" in line:
            visits.append((sorted(begun), line["search"]))
            begun = []
    return visits


def responses(run, step):
    path = run.folder / f"{run.names[step]}_individual_responses.json"
    return json.loads(path.read_text())


def check_visits(run, members):
    """What is concluded of a visit is what the files of its steps say together."""
    visits = concluded(run)
    assert found(run)["steps"] == len(visits) and len(run.names) == members * len(visits)
    for steps, told in visits:
        assert len(steps) == members
        every = [one for step in steps for one in responses(run, step)]
        good = [one for one in every if not one["error_code"] and one["client_ttft_s"] <= SLO_S]
        in_front = 0 if "share" not in run.summaries[0] else len(every) - told["requests"]
        assert told["requests"] == len(every) - in_front
        assert told["good"] == pytest.approx(len(good), abs=in_front)
        assert len({run.summaries[step]["pass"] for step in steps}) == 1
    return visits


def columns_of(run):
    rows = list(openpyxl.load_workbook(run.workbook).worksheets[0].values)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def check_page(browser, run, result, visits, labels):
    browser.open(run.workbook.with_suffix(".html"))
    browser.run("drawAll()")
    assert browser.complaints() == []
    assert result["sentence"] in browser.one("#search").text
    drawn = browser.run("return [...document.querySelectorAll('#search canvas')].map((canvas) => "
                        "Chart.getChart(canvas).data.datasets.map((set) => [set.label, set.data.map((point) => point.x)]))")
    loads = [pytest.approx(load) for load in sorted(told["load"] for _, told in visits)]
    ttft, share = ({label: points for label, points in chart} for chart in drawn)
    for label in labels:
        assert ttft[f"{label} p50"] == loads and ttft[f"{label} p99"] == loads
    assert share["share that keeps slo"] == loads


def test_rates_of_a_mix_are_scaled_together(project, node, browser):
    """One after another takes 12.5 a second, whichever of the two they are to."""
    run = search(project, node(["a,200,1,10,,2,day,", "b,200,1,10,,1,day,"]))
    result = found(run)
    visits = check_visits(run, 2)
    assert result["mix"] == "day" and result["searched"] == "qps"
    assert result["end"] in ("found", "not_sure")
    assert result["max_qps"] == pytest.approx(12.5, rel=0.2)
    assert result["kept"] < 13.5 and result["broken"] > 11
    assert [round(told["load"], 6) for _, told in visits][:3] == [3, 6, 12]
    for steps, told in visits:
        a, b = (run.summaries[step] for step in steps)
        assert a["qps"] == pytest.approx(2 * b["qps"]) and a["qps"] + b["qps"] == pytest.approx(told["load"])
    assert f"mix day: max_qps {result['max_qps']:.4g}" in run.process.stdout
    assert len(list(run.folder.glob("mix_day_*.json"))) == len(visits)
    for line in columns_of(run):
        assert line["max_qps"] == pytest.approx(result["max_qps"])
        assert line["max_qps_low"] == pytest.approx(result["max_qps_low"])
        assert "max_concurrent_requests" not in line
    sheet = openpyxl.load_workbook(run.workbook)["Search"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    loads = sorted(told["load"] for _, told in visits)
    for label in ("mix day", "a 200→1", "b 200→1"):
        assert [row[1] for row in rows if row[0] == label] == [pytest.approx(load) for load in loads]
    assert len(sheet._charts) == 2 and len(sheet._charts[0].series) == 4
    check_page(browser, run, result, visits, ["a 200→1", "b 200→1"])


def test_places_that_are_shared_are_searched_as_one(project, node):
    """Four at once wait for each other for 320 ms; five do not keep 376."""
    simulator = node(["a,200,1,10,2,,day,2", "b,200,1,,,,day,1"],
                     config=CONFIG + "seed: 3\n" + SLO + SEARCH.replace("0.2", "0.05"))
    run = search(project, simulator)
    check_visits(run, 2)
    assert found(run)["end"] == "found" and found(run)["max_concurrent_requests"] == 4
    assert found(run)["mix"] == "day" and found(run)["limit"] == "client_ttft_s"
    assert {line["max_concurrent_requests"] for line in columns_of(run)} == {4}
    search(project, simulator, name="again")
    project.write("policy.yaml", "min_requests: 5\nmin_runs: 1\nchecks:\n"
                  "  - limits: {max_concurrent_requests: {margin: 4}}\n")
    done = project.call("compare", "out/r", "out/again", "--policy", "policy.yaml", "--output", "compared")
    (path,) = (project.folder / "compared").glob("*.json")
    (line,) = json.loads(path.read_text())["lines"]
    assert done.returncode == 0 and (line["base"], line["candidate"]) == (4, 4)
    assert line["row"] == "a 200→1 any load mix day"


def test_a_trace_is_searched_by_its_speed(project, node):
    """Of one request every 250 ms the node carries three times as many and an eighth."""
    lines = [{"at_s": index / 4, "model": "aab"[index % 3], "input_tokens": 200, "output_tokens": 1}
             for index in range(300)]
    project.write("requests.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    simulator = node(["*,requests.jsonl"], header="model_name,trace",
                     config=CONFIG + "seed: 3\ntrace_models: {a: a, b: b}\n" + SLO + SEARCH)
    run = search(project, simulator)
    result = found(run)
    visits = check_visits(run, 2)
    assert result["mix"] == "requests" and result["searched"] == "trace_speed"
    assert result["end"] in ("found", "not_sure")
    assert result["max_trace_speed"] == pytest.approx(1 / TAKES_S / 4, rel=0.2)
    assert result["max_qps"] == pytest.approx(result["max_trace_speed"] * result["trace_qps"], rel=1e-6)
    assert result["trace_qps"] == pytest.approx(4, rel=0.03)
    for steps, told in visits:
        assert [run.summaries[step]["trace_speed"] for step in steps] == [pytest.approx(told["load"])] * 2
    for line in columns_of(run):
        assert line["max_trace_speed"] == pytest.approx(result["max_trace_speed"])
        assert line["max_qps"] == pytest.approx(result["max_qps"])
    assert "mix requests: max_trace_speed" in run.process.stdout


@pytest.mark.parametrize("steps_ended", [1, 2, 3])
def test_a_mix_that_was_killed_takes_the_same_way(project, node, steps_ended):
    """Wherever it is cut off, a visit of which a member has not ended starts over whole."""
    simulator = node(BOTH)
    process = project.start("search", "config.yaml", "--name", "r", *NO_VERDICT, address=simulator.address)
    journal = project.folder / "out" / "r" / "journal.jsonl"
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.read_text().count('"fingerprint":') >= steps_ended):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = project.call("search", "--resume", "out/r", address=simulator.address)
    assert done.returncode == 0, done.stderr
    run = Run(project.folder / "out" / "r", project.folder / "books", done)
    loads = [told["load"] for _, told in concluded(run)]
    assert found(run)["end"] == "found"
    assert found(run)["max_concurrent_requests_low"] <= 4 <= found(run)["max_concurrent_requests_high"]
    assert len(run.names) == 2 * found(run)["steps"] == run.manifest["search"]["steps"]
    assert loads[:2] in ([3, 6], [3, 3]) and set(loads) <= {3, 4, 5, 6}
    passes = [summary["pass"] for summary in run.summaries]
    assert passes == sorted(passes) and all(passes.count(one) == 2 for one in passes)
    sent = len(simulator.truth.read_text().splitlines())
    again = project.call("search", "--resume", "out/r", address=simulator.address)
    assert again.returncode == 0 and "nothing is left to send" in again.stderr
    assert len(simulator.truth.read_text().splitlines()) == sent


# --- Plans ---------------------------------------------------------------------------------------


def test_plan_counts_rows_and_mixes(project):
    project.setup(["a,200,1,10,,3,,", "a,200,1,10,,2,day,", "b,200,1,10,,1,day,"],
                  CONFIG + "search: {budget_s: 90, range: [1, 20]}\n", header=HEADER)
    told = " ".join(project.call("plan", "config.yaml", "--offline").stdout.split())
    assert "search: 1 row and 1 mix, at most 80 steps, 3600 requests and 3 minutes" in told


@pytest.mark.parametrize("search, rows, fault", [
    # 59 requests at 3 a second are nearly 20 s, and at 2 a second would be 30.
    ("{budget_s: 19}", ["a,200,1,10,,2,day,", "b,200,1,10,,1,day,"], "at the load of the mix in line 2"),
    ("{range: [4, 9]}", ["a,200,1,10,,2,day,", "b,200,1,10,,1,day,"],
     "the mix's load, 3 qps, is not within search.range, 4 to 9"),
    ("{range: [5, 9]}", ["a,200,1,10,2,,day,2", "b,200,1,,,,day,1"],
     "the mix's load, 2 concurrent requests, is not within search.range"),
])
def test_a_mix_that_cannot_be_searched_is_refused(project, search, rows, fault):
    project.setup(rows, CONFIG + f"search: {search}\n", header=HEADER)
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 2 and fault in " ".join(done.stderr.split()), done.stderr


def test_a_budget_that_just_reaches_for_both_is_taken(project):
    project.setup(["a,200,1,10,,2,day,", "b,200,1,10,,1,day,"], CONFIG + "search: {budget_s: 20}\n", header=HEADER)
    assert project.call("plan", "config.yaml", "--offline").returncode == 0


def test_a_trace_with_too_few_requests_is_refused(project):
    project.write("few.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n" +
                  "".join(f"2024-01-01 00:00:{second:02}.0000000,200,2\n" for second in range(60)))
    project.setup(["*,few.csv"], CONFIG + 'trace_models: {"*": a}\nsearch: {}\n', header="model_name,trace")
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 2
    assert "trace: has 60 requests, and to show that 95 % of them keep slo takes 59" in " ".join(done.stderr.split())
