"""Rows that run together: the node's own log tells what came when and what was served before it, and every
figure of the mix is computed again from that and from the members' own requests."""

import json
import math
import re
import statistics

import openpyxl
import pytest
from support.arithmetic import quantile
from support import mixed
from support.bench import CONFIG, HEADER, completed

MIX = HEADER + ",mix"
OPEN = ["a,40,20,60,,12,exponential,,day", "b,40,20,30,,6,exponential,,day"]

# A response of 20 tokens takes 21 ms, a switch 45 ms more.
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.005}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
""" for name in "abc")


def measure(simulate, project, rows, config=CONFIG, arguments=(), node=NODE, header=MIX):
    return mixed.measure(simulate, project, rows, config, arguments, node, header)


def window_of(visit, moment):
    """The time in which every member still sends, and what of each member came in it."""
    moments = [sorted(moment(r) for r in responses) for responses in visit.members]
    begin, end = max(one[0] for one in moments), min(one[-1] for one in moments)
    return (begin, end), [[r for r in responses if begin < moment(r) <= end] for responses in visit.members]




def test_members_send_together_each_at_its_own_rate(simulate, project):
    run, (visit,), _ = measure(simulate, project, OPEN)
    assert [len(responses) for responses in visit.members] == [60, 30]
    assert all(len(completed(responses)) == len(responses) for responses in visit.members)
    starts = [min(r["intended_monotonic_ns"] for r in responses) for responses in visit.members]
    assert starts[0] == starts[1]  # one clock
    for responses, rate in zip(visit.members, (12, 6)):
        moments = sorted(r["intended_monotonic_ns"] / 1e9 for r in responses)
        gaps = [after - before for before, after in zip(moments, moments[1:])]
        # exponential gaps: mean and deviation are 1/rate, give or take what so many draws vary
        slack = 4 / math.sqrt(len(gaps))
        assert statistics.mean(gaps) * rate == pytest.approx(1, abs=slack)
        assert statistics.stdev(gaps) * rate == pytest.approx(1, abs=1.5 * slack)
    models = [r["response_id"] for r in visit.all]
    assert len(set(models)) == 90
    changes = sum(one["model"] != other["model"] for one, other in zip(visit.served, visit.served[1:]))
    assert changes > 10  # interleaved, not one behind the other


def test_every_request_says_what_came_before_it(simulate, project):
    run, (visit,), _ = measure(simulate, project, OPEN)
    assert [r["arrival_index"] for r in visit.all] == list(range(90))
    sent = [r["sent_monotonic_ns"] for r in visit.all]
    assert sent == sorted(sent)
    assert {r["mix"] for r in visit.all} == {"day"}
    for before, one in zip([None, *visit.all], visit.all):
        assert one["previous_sent_configuration"] == (before["configuration"] if before else None)
    by_id = {r["response_id"]: r for r in visit.all}
    began = {one["id"]: by_id[one["id"]]["first_event_monotonic_ns"] - by_id[one["id"]]["server_ttft_s"] * 1e9
             for one in visit.served}
    own = sorted(visit.served, key=lambda one: began[one["id"]])
    for before, one in zip([None, *own], own):
        said = by_id[one["id"]]
        assert said["configuration"] == one["model"]
        assert said["previous_configuration"] == (before["model"] if before else None)
    # The client sees service by when first tokens came, late on a busy machine: it may swap what is no further apart.
    late_ns = max(began[one["id"]] - one["batch_started_ns"] for one in visit.served)
    apart = [True] + [after["batch_started_ns"] - one["batch_started_ns"] > late_ns
                      for one, after in zip(visit.served, visit.served[1:])] + [True]
    for i, one in enumerate(visit.served):
        if i > 0 and apart[i - 1] and apart[i] and apart[i + 1]:
            assert by_id[one["id"]]["previous_configuration"] == visit.served[i - 1]["model"], i


def test_the_mix_is_summed_up_by_plain_counting(simulate, project):
    run, (visit,), _ = measure(simulate, project, OPEN)
    moment = lambda r: r["intended_monotonic_ns"]  # noqa: E731
    (begin, end), within = window_of(visit, moment)
    seconds = (end - begin) / 1e9
    mix = visit.mix
    near = lambda value: pytest.approx(value, rel=1e-6)  # noqa: E731
    assert mix["mix"] == "day" and mix["window_s"] == near(seconds)
    assert mix["num_calls"] == sum(map(len, within))
    assert mix["offered_requests_per_s"] == near(sum(map(len, within)) / seconds)
    done = [sum(begin < r["done_monotonic_ns"] <= end for r in responses) for responses in visit.members]
    assert mix["achieved_requests_per_s"] == near(sum(done) / seconds)
    # by the node's own clock: tokens leave a busy machine later than that
    busy = [(max(one["batch_started_ns"], begin), min(one["batch_started_ns"] + one["total_latency_s"] * 1e9, end))
            for one in visit.served]
    truly = sum(max(0, to - since) for since, to in busy) / (end - begin)
    assert mix["utilisation"] == pytest.approx(truly, abs=0.03)
    assert mix["served_order_share"] == 1
    for member, responses, calls, completions in zip(mix["members"], visit.members, within, done):
        assert member["call_share"] == near(len(calls) / mix["num_calls"])
        assert member["achieved_requests_per_s"] == near(completions / seconds)
        for after, same in (("same", True), ("other", False)):
            picked = [r for r in calls if r["previous_configuration"] is not None and
                      (r["previous_configuration"] == r["configuration"]) == same]
            for clock in ("server", "client"):
                values = [r[f"{clock}_ttft_s"] for r in picked]
                figure = {key: member[f"{clock}_ttft_s_after_{after}_{key}"] for key in ("count", "p50", "p95", "mean")}
                assert figure["count"] == len(values) > 0
                assert figure["p50"] == near(quantile(values, 50)) and figure["p95"] == near(quantile(values, 95))
                assert figure["mean"] == near(statistics.mean(values))
        assert member["server_ttft_s_after_other_p50"] > member["server_ttft_s_after_same_p50"] + 0.04


def test_closed_loop_members_keep_their_own_concurrency(simulate, project):
    run, (visit,), _ = measure(simulate, project, ["a,40,20,12,3,,,,busy", "b,40,20,12,1,,,,busy"])
    for responses, most in zip(visit.members, (3, 1)):
        edges = sorted([(r["sent_monotonic_ns"], 1) for r in responses] + [(r["done_monotonic_ns"], -1) for r in responses],
                       key=lambda edge: (edge[0], edge[1]))
        level = peak = 0
        for _, step in edges:
            level += step
            peak = max(peak, level)
        assert peak == most
    first = [min(r["sent_monotonic_ns"] for r in responses) for responses in visit.members]
    last = [max(r["done_monotonic_ns"] for r in responses) for responses in visit.members]
    assert max(first) < min(last)
    assert visit.mix["offered_requests_per_s"] is None and visit.mix["achieved_requests_per_s"] > 0


def test_each_member_is_a_step_of_its_own_and_no_part_of_the_study(simulate, project):
    rows = ["c,40,20,4,1,,,,", OPEN[0], "a,40,20,4,1,,,,", OPEN[1], "b,40,20,4,1,,,,"]
    run, (visit,), _ = measure(simulate, project, rows)
    assert [summary["row_line"] for summary in run.summaries] == [2, 3, 5, 4, 6]
    assert [summary.get("mix") for summary in run.summaries] == [None, "day", "day", None, None]
    assert [summary["switching_verdict"] for summary in run.summaries[1:3]] == ["mixed"] * 2
    assert [summary["predecessor_step_index"] for summary in run.summaries] == [None, None, None, None, 3]
    for responses, mixed in zip(run.responses, [False, True, True, False, False]):
        assert all(("mix" in r) == mixed and ("arrival_index" in r) == mixed for r in responses)
    study = json.loads((run.folder / "switching.json").read_text())
    assert [step["reason"] for step in study["steps"] if step["reason"] == "mixed"] == ["mixed"] * 2
    heading, lines = run.table()
    assert [line[heading.index("mix")] for line in lines] == [None, "day", "day", None, None]
    assert heading.index("mix") > heading.index("representative_batch_size")


def test_a_mix_of_one_member_is_allowed(simulate, project):
    run, (visit,), _ = measure(simulate, project, [OPEN[0]])
    assert len(visit.members) == 1 and visit.mix["members"][0]["call_share"] == 1
    assert all(r["previous_configuration"] in (None, "a") for r in visit.all)


def test_without_mixes_nothing_of_them_is_written(simulate, project):
    run, visits, _ = measure(simulate, project, ["a,40,20,4,1,,,,", "b,40,20,4,1,,,,"])
    assert visits == [] and "mix" not in run.table()[0]
    assert all('"mix"' not in text for text in map(json.dumps, [run.manifest["rows"], *run.summaries, *run.responses]))


@pytest.mark.parametrize("order, lines", [
    ("as-listed", [2, 4, 3]), ("reverse", [3, 2, 4]), ("rotate", [2, 4, 3, 3, 2, 4]),
])
def test_an_order_visits_a_mix_as_one(simulate, project, order, lines):
    rows = ["a,40,20,3,1,,,,m", "b,40,20,4,1,,,,", "c,40,20,3,1,,,,m"]
    run, visits, _ = measure(simulate, project, rows, CONFIG + f"order : {order}\npasses : 2\n")
    assert [summary["row_line"] for summary in run.summaries] == lines * 2
    assert [visit.mix["pass"] for visit in visits] == [1, 2] if order != "rotate" else len(visits) == 4
    assert run.manifest["visits"] == lines * 2
    ids = [{r["response_id"] for r in visit.all} for visit in visits]
    assert len(set.union(*ids)) == 6 * len(visits)


def test_configurations_are_told_apart_by_the_bundle_file(simulate, project):
    node = NODE.replace("[{tokens: 4096, batch_sizes: [1]}]", "[{tokens: 256, batch_sizes: [1]}, {tokens: 4096, batch_sizes: [1]}]")
    rows = ["a,40,20,20,,12,exponential,,m", "a,400,20,20,,12,exponential,,m"]
    run, (visit,), truth = measure(simulate, project, rows, CONFIG + "bundle : bundle.yaml\n", node=node)
    by_id = {one["id"]: one["configuration"] for one in truth}
    assert {r["configuration"] for r in visit.all} == set(by_id.values()) and len(set(by_id.values())) == 2
    assert all(by_id[r["response_id"]] == r["configuration"] for r in visit.all)


def test_warm_up_requests_are_in_the_order_and_in_no_figure(simulate, project):
    rows = ["a,40,20,8,2,,,,m,3,2", "b,40,20,8,2,,,,m,1,0"]
    run, (visit,), _ = measure(simulate, project, rows, header=MIX + ",warmup_requests,cooldown_requests")
    phases = [r for name in run.names if (run.folder / f"{name}_phases.json").exists()
              for r in json.loads((run.folder / f"{name}_phases.json").read_text())]
    assert sorted(r["arrival_index"] for r in [*visit.all, *phases]) == list(range(22))
    _, within = window_of(visit, lambda r: r["sent_monotonic_ns"])
    assert visit.mix["num_calls"] == sum(map(len, within))


def test_reports_tell_of_each_visit_of_every_run(simulate, project):
    rows = [OPEN[1], "c,40,20,4,1,,,,", "a,40,20,12,,6,exponential,,day"]
    run, visits, _ = measure(simulate, project, rows, CONFIG + "passes : 2\n", arguments=("--name", "one"))
    assert run.process.stdout.count("\nmix day, pass ") == 2 and "No switch" not in run.process.stdout
    other, _, _ = measure(simulate, project, [*OPEN], arguments=("--name", "two"))
    done = project.call("report", "out/one", "out/two", "--output", "both")
    assert done.returncode == 0, done.stderr
    (book,) = (project.folder / "both").glob("*.xlsx")
    heading, _, *lines = openpyxl.load_workbook(book)["Mixes"].iter_rows(values_only=True)
    lines = [dict(zip(heading, line)) for line in lines if line[1] == "day"]
    assert [(line["run"], line["pass"], line["step"], line["model"]) for line in lines] == [
        ("one", 1, None, "all"), ("one", 1, 1, "b"), ("one", 1, 2, "a"),
        ("one", 2, None, "all"), ("one", 2, 4, "b"), ("one", 2, 5, "a"),
        ("two", 1, None, "all"), ("two", 1, 1, "a"), ("two", 1, 2, "b")]
    told = [line["utilisation"] for line in lines if line["model"] == "all"][:2]
    assert told == pytest.approx([one.mix["utilisation"] for one in visits], rel=1e-12), "a workbook keeps 16 digits"
    (page,) = (project.folder / "both").glob("*.html")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.S)[1])
    assert [(mix["run"], mix["pass"], mix["name"]) for mix in data["mixes"]] == [("one", 1, "day"), ("one", 2, "day"), ("two", 1, "day")]
    assert sorted(row["mix"] for row in data["rows"]) == ["", "day", "day", "day"]
    for kind in ("kit", "llmperf", "markdown"):
        done = project.call("export", "out/one", "--format", kind, "--output", kind)
        assert done.returncode == 0, done.stderr


def test_a_lost_file_of_a_mix_is_a_warning(simulate, project):
    run, (visit,), _ = measure(simulate, project, ["a,40,20,4,1,,,,m", "b,40,20,4,1,,,,m"], arguments=("--name", "one"))
    next(run.folder.glob("mix_*.json")).unlink()
    done = project.call("report", "out/one", "--output", "again")
    assert done.returncode in (0, 3)
    assert done.stderr.count("the file of its mix 'm' is not there") == 2
