"""Switching studies: in which order rows run, what a probe leaves, and that what is concluded is what
the simulated node truly did."""

import json
import re
import signal
import threading

import pytest
from support.bench import CONFIG, HEADER, Run

# Two of the three experts fit, so that some visits pay and others do not.
BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 200, switch_overhead_s: 0.005, eviction: lru}
noise: {jitter: 0.04}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [SIZES]}]}
  - {name: b, weight_gb: 24, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [SIZES]}]}
  - {name: c, weight_gb: 10, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [SIZES]}]}
"""
LOAD = {"a": 0.005 + 20 / 200, "b": 0.005 + 24 / 200, "c": 0.005 + 10 / 200}
WARM = HEADER + ",warmup"


@pytest.fixture
def node(simulate, project):
    """node(sizes, rows, config, header) starts a simulator with these batch sizes."""
    def start(rows, sizes="1", config="", header=HEADER, bundle=BUNDLE):
        project.setup(rows, CONFIG + config, header)
        return simulate(project.write("bundle.yaml", bundle.replace("SIZES", sizes)))
    return start


def closed(model, requests=4, concurrency=1):
    return f"{model},200,2,{requests},{concurrency},,,"


def study(run):
    return json.loads((run.folder / "switching.json").read_text())


def probes(run):
    return [json.loads((run.folder / f"{name}_probe.json").read_text()) for name in run.names]


def truth_of_steps(simulator, run):
    """How long the first batch of each step waited for its load."""
    lines = [json.loads(line) for line in simulator.truth.open()]
    lines.sort(key=lambda line: line["index"])
    waited = []
    for summary in run.summaries:
        count = summary["probe_requests_started"] + summary["results_num_requests_started"]
        own, lines = lines[:count], lines[count:]
        waited.append(min(own, key=lambda line: line["batch_started_ns"])["switch_s"])
    assert not lines
    return waited


# --- Orders -----------------------------------------------------------------------------------


def models(run):
    return "".join(summary["model"] for summary in run.summaries)


@pytest.mark.parametrize("arguments, expected", [
    ((), "abc"),
    (("--order", "reverse", "--passes", "2"), "cbacba"),
    (("--order", "rotate"), "abcbcacab"),
    (("--set", "order=williams"), "abcbcacabcbaacbbac"),
])
def test_rows_run_in_the_order_that_is_asked_for(node, project, arguments, expected):
    simulator = node([closed("a", 1), closed("b", 1), closed("c", 1)])
    run = project.run(*arguments, address=simulator.address)
    assert models(run) == expected
    assert [s["predecessor_step_index"] for s in run.summaries] == [None, *range(len(expected) - 1)]
    assert [s["row_line"] for s in run.summaries] == ["abc".index(m) + 2 for m in expected]
    assert run.manifest["visits"] == [s["row_line"] for s in run.summaries]
    names, table = run.table()
    assert [line[names.index("model")] for line in table] == list(expected)
    asked = [json.loads(line)["model"] for line in simulator.truth.open()]
    assert "".join(asked) == expected, "one request each, none beside another"


def test_a_circuit_visits_every_pair_once_and_goes_on_where_it_ended(node, project):
    simulator = node([closed("a", 1), closed("b", 1), closed("c", 1)])
    run = project.run("--order", "all-pairs", "--passes", "2", "--set", "self_pairs=true", "--seed",
                      "3", address=simulator.address)
    visits = models(run)
    pairs = [visits[i:i + 2] for i in range(len(visits) - 1)]
    assert sorted(pairs) == sorted(2 * [x + y for x in "abc" for y in "abc"])
    assert [s["pass"] for s in run.summaries] == 10 * [1] + 9 * [2]


def test_warm_ups_run_once_first_and_stay_out_of_every_estimate(node, project):
    simulator = node([closed("a") + ",", closed("b") + ",yes", closed("c") + ",0", closed("a") + ",1"],
                     header=WARM, config="order: reverse\npasses: 2\nprobe: {steady: 2}\n")
    run = project.run(address=simulator.address)
    assert models(run) == "baca" + "ca"
    assert [s["warmup"] for s in run.summaries] == [True, True, False, False, False, False]
    assert [s["pass"] for s in run.summaries] == [0, 0, 1, 1, 2, 2]
    assert [s["probe_requests_started"] for s in run.summaries] == [0, 0, 3, 3, 3, 3]
    done = study(run)
    assert sorted(row["row"]["model"] for row in done["rows"]) == ["a", "c"]
    assert [row["visits"] for row in done["rows"]] == [2, 2]
    for step, summary in zip(done["steps"], run.summaries):
        assert (step["reason"] == "warm-up") == summary["warmup"]
        assert not summary["warmup"] or summary["switching_time_documented_s"] is None
        assert not summary["warmup"] or summary["switching_verdict"] == "warm-up"
    first = done["transitions"][0]
    assert first["from"]["model"] == "a" and first["to"]["model"] == "c", "what ran before is known"


def test_warm_ups_run_alone_before_rows_beside_each_other(node, project):
    simulator = node([closed("a", 6) + ",", closed("b", 6) + ",", closed("c") + ",yes"], header=WARM)
    project.setup([closed("a", 6) + ",", closed("b", 6) + ",", closed("c") + ",yes"],
                  CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True"), WARM)
    run = project.run(address=simulator.address)
    assert run.summaries[0]["model"] == "c"
    ends = max(r["done_monotonic_ns"] for r in run.responses[0])
    assert all(r["started_monotonic_ns"] > ends for rs in run.responses[1:] for r in rs)
    assert [s["predecessor_step_index"] for s in run.summaries] == [None, None, None]
    assert {s["reason"] for s in study(run)["steps"]} == {"warm-up", "rows in parallel"}


# --- What a plan foretells --------------------------------------------------------------------


def planned(project, *arguments):
    done = project.call("plan", "config.yaml", "--offline", *arguments)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split()), done.stderr


def test_plan_tells_order_pairs_requests_and_what_would_be_seen(project):
    project.setup([closed("a"), closed("b"), closed("c", 8, 4)], CONFIG)
    told, _ = planned(project, "--order", "all-pairs", "--passes", "2", "--seed", "3")
    assert "order all-pairs, 2 passes: " in told
    assert "each of the 6 ordered pairs of rows 2 times" in told
    assert "3 rows, 13 steps" in told
    # 2 degrees of freedom from each of 5 + 4 visits to rows of four requests, none from two waves
    assert "(18 degrees of freedom)" in told
    told, _ = planned(project, "--order", "rotate")
    assert "1 2 3 2 3 1 3 1 2" in told
    assert "5 of the 6 ordered pairs of rows, up to 2 times each" in told
    assert "from \\ to 1 2 3 1 · 2 1 2 · · 2 3 2 1 ·" in told
    assert "9 steps, 48 requests" in told


def test_plan_counts_the_requests_of_probes_and_warns_of_no_wave(project):
    project.setup([closed("a", 1), closed("b", 4, 4)], CONFIG)
    told, warnings = planned(project)
    assert "No switch can be measured" in told and "cannot show a switch" in warnings
    told, warnings = planned(project, "--set", "probe.steady=5")
    assert "2 rows, 23 requests, 4600 input and 46 output tokens" in told  # 1 + 6, 4 + 12
    assert "(5 degrees of freedom)" in told and "rows.csv" not in warnings


def test_plan_promises_nothing_of_an_open_loop_without_a_probe(project):
    project.setup(["a,200,2,1500,,200,,", closed("b", 4)], CONFIG)
    told, _ = planned(project)
    assert "What a switch would show in 1 open-loop row depends on the responses" in told
    assert "(2 degrees of freedom)" in told, "of the other row alone"
    told, _ = planned(project, "--set", "probe.steady=5")
    assert "open-loop row" not in told and "(8 degrees of freedom)" in told
    project.setup(["a,200,2,1500,,200,,"], CONFIG)
    assert "No switch can be measured" not in planned(project)[0]


def test_an_order_of_warm_ups_and_passes_is_shown_by_passes(project):
    project.setup([closed("a") + ",yes", closed("b") + ","], CONFIG, WARM)
    told, _ = planned(project, "--passes", "3")
    assert "order as-listed, 3 passes, after 1 warm-up: 1 | 2 | 2 | 2" in told
    assert "a row after itself 2 times" not in told, "one row has no pairs"


def test_a_call_mix_is_checked(project):
    project.setup([closed("a"), closed("b")], CONFIG + "call_mix: {a: 3, z: 1}\n")
    _, warnings = planned(project)
    assert "call_mix: 25 % of the calls go to models that no row asks for" in warnings
    project.setup([closed("a")], CONFIG + "call_mix: {a: much}\n")
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 2
    assert "config.yaml:10: call_mix: the share of 'a' is not a number" in done.stderr


def test_a_call_rate_is_checked(project):
    project.setup([closed("a"), closed("b")], CONFIG + "call_rate: 5\n")
    _, warnings = planned(project)
    assert "call_rate: says nothing without call_mix" in warnings
    project.setup([closed("a")], CONFIG + "call_mix: {a: 1}\ncall_rate: -1\ncalls_in_a_row: 0.5\n")
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 2
    assert "config.yaml:11: call_rate" in done.stderr and "config.yaml:12: calls_in_a_row" in done.stderr


def test_self_pairs_without_a_circuit_are_warned_of(project):
    project.setup([closed("a"), closed("b")], CONFIG + "self_pairs: true\n")
    _, warnings = planned(project)
    assert "config.yaml:10: self_pairs: is for order: all-pairs, and this one is as-listed" in warnings


# --- Probes -----------------------------------------------------------------------------------


def test_a_probe_stands_in_its_own_file_and_outside_all_figures(node, project):
    simulator = node([closed("a"), closed("b")], config="probe: {steady: 5, output_tokens: 3}\n")
    run = project.run(address=simulator.address)
    for summary, probe, responses in zip(run.summaries, probes(run), run.responses):
        assert summary["results_num_requests_started"] == len(responses) == 4
        assert summary["probe_requests_started"] == summary["probe_requests_completed"] == 6
        assert [r["probe_burst"] for r in probe] == [1, 2, 3, 4, 5, 6]
        assert [r["probe_burst"] for r in responses] == 4 * [None]
        assert {r["asked_output_tokens"] for r in probe} == {3}
        assert probe[-1]["done_monotonic_ns"] < responses[0]["started_monotonic_ns"]
        assert responses[0]["switching_time"] == summary["switching_time_documented_s"]
        assert not [r for r in probe + responses[1:] if "switching_time" in r]
    for summary, waited in zip(run.summaries, truth_of_steps(simulator, run)):
        assert waited > 0
        assert summary["switching_time_documented_s"] == pytest.approx(waited, abs=0.003), "by the probe"
    journal = [line["request"]["probe_burst"] for line in run.journal() if "request" in line]
    assert journal == 2 * [1, 2, 3, 4, 5, 6, None, None, None, None]
    words = [line["prompt_words"] for line in probes(run)[0] + run.responses[0]]
    assert len(set(words)) <= 2, "as long as the row's own"


def test_a_probe_of_a_batch_is_a_burst_and_the_same_burst_again(node, project):
    simulator = node([closed("a", 8, 4), closed("b", 8, 4)], sizes="4", config="probe: {steady: 6}\n",
                     bundle=BUNDLE.replace("lru}", "lru, reports_batch_size: true}"))
    run = project.run(address=simulator.address)
    for probe, summary in zip(probes(run), run.summaries):
        assert sorted(r["probe_burst"] for r in probe) == 4 * [1] + 4 * [2] + 4 * [3]
        ends = {b: max(r["done_monotonic_ns"] for r in probe if r["probe_burst"] == b)
                for b in (1, 2)}
        for r in probe:
            assert r["probe_burst"] == 1 or r["sent_monotonic_ns"] > ends[r["probe_burst"] - 1]
        assert len({r["request_index"] for r in probe}) == 12
        assert summary["switching_time_documented_s"] is None
        assert summary["switching_verdict"] == "probed in bursts"
    for step, waited in zip(study(run)["steps"], truth_of_steps(simulator, run)):
        assert step["method"] == "bursts" and step["batch_size"] == 4
        assert step["verdict"] == "detected"
        assert step["estimate_s"] == pytest.approx(waited, abs=0.005)


def test_a_probe_that_fails_is_told_and_the_row_runs_on(node, project):
    simulator = node([closed("a")], config="probe: {steady: 3}\n",
                     bundle=BUNDLE + "faults: [{kind: error-500, request: 1}]\n")
    run = project.run(address=simulator.address)
    assert run.summaries[0]["probe_requests_completed"] == 3
    assert run.summaries[0]["results_number_errors"] == 0
    assert run.summaries[0]["switching_verdict"] == "first request failed"
    (step,) = study(run)["steps"]
    assert (step["verdict"], step["reason"]) == ("not measurable", "first request failed")
    assert "1 of 4 probe requests failed" in run.process.stdout


# --- What is concluded ------------------------------------------------------------------------


@pytest.fixture
def circuits(node, project):
    simulator = node([closed("a"), closed("b"), closed("c")])
    run = project.run("--order", "all-pairs", "--passes", "4", "--seed", "5",
                      address=simulator.address)
    return simulator, run


def test_what_is_found_is_what_the_node_did(circuits):
    simulator, run = circuits
    done = study(run)
    waited = truth_of_steps(simulator, run)
    assert 5 < sum(w > 0 for w in waited) < len(waited) - 2, "some paid, some did not"
    covered = 0
    for step, w in zip(done["steps"], waited):
        assert (step["verdict"] == "detected") == (w > 0)
        covered += step["ci_low_s"] <= w <= step["ci_high_s"]
        assert step["source"] == "server" and step["method"] == "load"
    assert covered >= 0.8 * len(waited)
    for row in done["rows"]:
        model = row["row"]["model"]
        visits = [s for s in done["steps"] if s["row"]["model"] == model]
        paid = [w for s, w in zip(done["steps"], waited)
                if s["row"]["model"] == model and not s["left_out"]]
        assert row["visits"] == len(visits)
        assert row["visits_measured"] == len(paid), "what ran before the first is not known"
        assert row["visits_switched"] == row["visits_paid"] == sum(w > 0 for w in paid)
        assert row["visits_not_paid"] == sum(w == 0 for w in paid)
        assert row["estimate_s"] == pytest.approx(LOAD[model], abs=0.002)
        assert row["ci_low_s"] < row["estimate_s"] < row["ci_high_s"]
    assert len(done["transitions"]) == 6 + 1, "and the first step, which comes from nowhere"
    assert done["transitions"][0]["from"] is None


def test_the_tables_say_the_same_from_the_directory_alone(circuits, project):
    _, run = circuits
    told = project.call("switching", str(run.folder))
    assert told.returncode == 0, told.stderr
    again = json.loads(project.call("switching", "--json", str(run.folder)).stdout)
    assert again == study(run)
    lines = told.stdout.splitlines()
    for row in again["rows"]:
        name = f"{row['row']['model']} 200→2 c=1"
        (line,) = [x for x in lines if f"  {name} " in x and "detected" in x]
        value = float(re.search(r" ([\d.]+) ± [\d.]+ ms ", line).group(1))
        assert value == pytest.approx(1000 * row["estimate_s"], rel=0.006), "three significant digits"
        assert line in run.process.stdout
    names, table = run.table()
    for step, line in zip(again["steps"], table):
        cells = dict(zip(names, line))
        assert cells["switch_verdict"] == step["verdict"]
        assert cells["switch_estimate_s"] == pytest.approx(step["estimate_s"])
        assert cells["switch_ci_high_s"] == pytest.approx(step["ci_high_s"])
        assert cells["switch_steady_requests"] == 3


def test_residency_tells_how_many_stay(node, project):
    """Three of five experts of the same weight fit."""
    experts = "".join(f"  - {{name: {m}, weight_gb: 20, prefill_tokens_per_s: 20000, "
                      "decode_tokens_per_s: 2000, tiers: [{tokens: 4096, batch_sizes: [1]}]}\n"
                      for m in "abcde")
    simulator = node([closed(m) for m in "abcde"],
                     bundle=BUNDLE.split("experts:")[0].replace("hbm_gb: 50", "hbm_gb: 65")
                     + "experts:\n" + experts)
    run = project.run("--order", "residency", "--passes", "3", "--seed", "4",
                      address=simulator.address)
    found = study(run)["residency"]
    assert (found["capacity_rows"], found["capacity_rows_low"], found["capacity_rows_high"]) == \
        (3, 3, 3)
    assert found["lru_probability"] > 0.9 and found["revisits_unexplained"] == 0
    paid = {d["other_rows_since"]: d["visits_paid"] for d in found["by_distance"]}
    assert paid[0] == paid[1] == paid[2] == 0 < paid[3]
    assert found["capacity_gb_low"] is None, "no bundle file says what they weigh"
    assert "residency: 3 of 5 rows stay" in run.process.stdout


def test_known_weights_tell_bandwidth_and_capacity(node, project):
    simulator = node([closed("a"), closed("b"), closed("c")],
                     config="bundle: bundle.yaml\norder: all-pairs\npasses: 6\n"
                            "call_mix: {a: 2, b: 1, c: 1}\ncall_rate: 3\n")
    run = project.run("--seed", "2", address=simulator.address)
    done = study(run)
    loading = done["loading"]
    assert loading["rows"] == 3
    assert loading["gb_per_s"] == pytest.approx(200, rel=0.05)
    assert loading["overhead_s"] == pytest.approx(0.005, abs=0.003)
    residency = done["residency"]
    assert 44 <= residency["capacity_gb_low"] <= 50 < residency["capacity_gb_high"] <= 54
    mix = done["call_mix"]
    assert 0.1 < mix["paid_share"] < 0.6  # two of three fit
    assert 0.055 * mix["paid_share"] < mix["extra_s"] < 0.125 * mix["paid_share"]
    assert mix["time_share"] == pytest.approx(mix["extra_s"] / (mix["extra_s"] + mix["service_s"]))
    assert [s["call_share"] for s in run.summaries if s["model"] == "a"][0] == 0.5
    assert {(s["call_rate"], s["calls_in_a_row"]) for s in run.summaries} == {(3, 1)}
    queue = done["call_mix_at_rate"]["in_order"]
    assert done["call_mix_at_rate"]["call_rate"] == 3 and queue["stable"]
    assert queue["switch_paid_share"] == pytest.approx(mix["paid_share"], abs=0.01)
    assert queue["switch_time_share"] == pytest.approx(3 * queue["switch_s_per_call"], rel=0.03)
    assert queue["switch_wait_s_per_call"] > queue["switch_s_per_call"]
    grouped = done["call_mix_at_rate"]["grouped"]
    assert grouped["switch_wait_s_per_call"] < queue["switch_wait_s_per_call"]
    assert "at 3.00 calls/s your mix spends" in " ".join(run.process.stdout.split())
    assert "the bundle file says 200 GB/s" in " ".join(run.process.stdout.split())
    for cell in done["transitions"][1:]:
        pair = cell["from"]["model"] + cell["to"]["model"]
        visits = [(s, t) for s, t in zip(done["steps"], truth_of_steps(simulator, run))
                  if s["predecessor_step_index"] is not None
                  and done["steps"][s["predecessor_step_index"]]["row"]["model"] + s["row"]["model"]
                  == pair]
        assert cell["visits_paid"] == sum(t > 0 for _, t in visits), pair
        assert cell["paid_share_low"] <= cell["paid_share"] <= cell["paid_share_high"]
        if cell["visits_paid"]:
            assert cell["cost_s"] == pytest.approx(LOAD[cell["to"]["model"]], abs=0.003)


def test_runs_are_studied_together(node, project):
    simulator = node([closed("a"), closed("b")])
    runs = [project.run("--order", order, address=simulator.address)
            for order in ("as-listed", "reverse")]
    both = json.loads(project.call("switching", "--json",
                                   *(str(run.folder) for run in runs)).stdout)
    assert both["runs"] == [run.folder.name for run in runs]
    assert [row["visits"] for row in both["rows"]] == [2, 2]
    pairs = [(t["from"] and t["from"]["model"], t["to"]["model"]) for t in both["transitions"]]
    assert pairs == [(None, "a"), ("a", "b"), (None, "b"), ("b", "a")]


def test_no_switch_is_a_result_with_its_bound(node, project):
    simulator = node([closed("a", 6), closed("a", 7)], config="passes: 3\n")
    run = project.run(address=simulator.address)
    later = study(run)["steps"][1:]
    assert {step["verdict"] for step in later} == {"not detected"}
    for step in later:
        noise = (step["ci_high_s"] - step["ci_low_s"]) / 2
        assert step["none_above_s"] == pytest.approx(max(step["ci_high_s"], noise))
        assert step["none_above_s"] < 0.05
    bounds = re.findall(r"none above ([\d.]+) ms\n", run.process.stdout)
    assert len(bounds) == 2 and all(0 < float(bound) < 50 for bound in bounds)
    assert re.search(r"^No switch costs more than [\d.]+ ms\. Open ", run.process.stdout.splitlines()[-1])


def test_what_cannot_be_measured_says_why(node, project):
    simulator = node([closed("a"), closed("b", 1), closed("b", 4, 4)], sizes="1,2,4")
    run = project.run(address=simulator.address)
    reasons = [step["reason"] for step in study(run)["steps"]]
    assert reasons == [None, "one request only", "requests = concurrency"]
    assert "not measurable, one request only: b 200→2 c=1" in run.process.stdout
    assert "not measurable, requests = concurrency: b 200→2 c=4" in run.process.stdout


def test_a_second_batch_size_inside_a_row_is_named(node, project):
    bundle = BUNDLE.replace("hbm_gb: 50", "hbm_gb: 500")
    simulator = node([closed("b", 3), closed("a", 20, 4)], sizes="1,4", bundle=bundle)
    run = project.run("--set", "probe.steady=8", address=simulator.address)
    (inside,) = study(run)["inside_rows"]
    assert inside["batch_size"] == 1 and inside["visits_switched"] == 1
    assert inside["estimate_s"] == pytest.approx(LOAD["a"], abs=0.005)
    assert "a further switch inside a 200→2 c=4: the first batch of 1 took" in run.process.stdout


def test_what_a_row_mostly_runs_at_is_its_switch(node, project):
    bundle = BUNDLE.replace("hbm_gb: 50", "hbm_gb: 500")
    simulator = node([closed("a", 3), closed("a", 20, 4)], sizes="1,4", bundle=bundle)
    run = project.run("--set", "probe.steady=8", address=simulator.address)
    done = study(run)
    assert [step["batch_size"] for step in done["steps"]] == [1, 4]
    assert done["rows"][1]["verdict"] == "detected"
    assert done["rows"][1]["estimate_s"] == pytest.approx(LOAD["a"], abs=0.005)
    assert done["rows"][1]["switch_by_batch_size"] == f"{{1: None, 4: {done['rows'][1]['estimate_s']:.4f}}}"


def test_a_run_stopped_in_a_probe_sends_no_load_and_keeps_what_was_sent(endpoint, project):
    asked, stopped = threading.Event(), threading.Event()
    server = endpoint(lambda request, connection: (asked.set(), stopped.wait(60)) and b"")
    project.setup([closed("a"), closed("b")], CONFIG + "probe: {steady: 3}\nstop_grace: 0.1\n")
    process = project.start("run", "config.yaml", address=server.address)
    assert asked.wait(60)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    stopped.set()
    assert process.returncode == 130
    assert len(server.requests) == 1
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert len(run.summaries) == 1 and run.responses == [[]]
    (probe,) = probes(run)
    assert [r["error_code"] for r in probe] == ["cancelled"]
    assert run.summaries[0]["step_end"] == "interrupted"
    assert "1 of 1 probe request failed" in said


def test_a_row_whose_time_is_up_in_its_probe_says_so(node, project):
    simulator = node([closed("a")], config="probe: {steady: 3}\n",
                     bundle=BUNDLE.replace("switch_overhead_s: 0.005", "switch_overhead_s: 60"))
    run = project.run("--set", "timeout=0.5", address=simulator.address, expect=3)
    assert run.summaries[0]["step_end"] == "timed out"
    assert [r["error_code"] for r in probes(run)[0]] == ["timeout"] and run.responses == [[]]
    assert study(run)["steps"][0]["reason"] == "first request failed"


def test_a_run_is_counted_once(circuits, project):
    _, run = circuits
    done = project.call("switching", str(run.folder), str(run.folder) + "/.")
    assert done.returncode == 0
    assert f"{run.folder}/.: is the same run as {run.folder}, and is left out" in done.stderr
    assert done.stdout == project.call("switching", str(run.folder)).stdout


def test_what_is_no_run_directory_is_told(project):
    done = project.call("switching", "nowhere")
    assert done.returncode == 2
    assert "nowhere: is not a run directory" in done.stderr
    assert project.call("switching").returncode == 2
