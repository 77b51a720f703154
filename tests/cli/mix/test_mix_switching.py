"""What switching costs the members of a mix, held against the node's own log, and what a study predicts of them, held
against a queue that this file follows itself."""

import json
import random
import re
import time

import openpyxl
import pytest
from support import mixed
from support.bench import CONFIG, HEADER
from support.endpoint import content, finish, stream

MIX = HEADER + ",mix"
ALONE = [f"{model},40,20,5,1,,,," for model in "abc"]
RATES = {"a": 6, "b": 4, "c": 2}
MIXED = [f"{model},40,20,{25 * rate},,{rate},exponential,,day" for model, rate in RATES.items()]

# Two of three stay. A response of 20 tokens takes 20 + 19 ms, which vary by 5 %, a switch 60 ms more.
NODE = """\
node: {hbm_gb: 45, ddr_to_hbm_gb_per_s: 500, switch_overhead_s: 0.02, schedule: %s}
noise: {jitter: 0.05}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 2000, decode_tokens_per_s: 1000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
""" for name in "abc")


def measure(simulate, project, rows, config=CONFIG, arguments=(), node="", header=HEADER):
    return mixed.measure(simulate, project, rows, config, arguments, node, header)


def queue(rates, grouped, calls=40000, service_s=0.039, switch_s=0.06, room=2):
    """Independent calls through a node that keeps the ROOM models used last: the share that pays, of the calls and of
    the node's time, and how much longer calls wait than where nothing has to be loaded."""
    draw = random.Random(1)
    moments, now = [], 0
    for _ in range(calls):
        now += draw.expovariate(sum(rates.values()))
        moments.append((now, draw.choices(list(rates), rates.values())[0]))

    def serve(loads):
        waiting, kept, at, free, paid, wait = [], [], 0, 0, 0, 0
        for _ in moments:
            if not waiting:
                free = max(free, moments[at][0])
            while at < len(moments) and moments[at][0] <= free:
                waiting.append(moments[at])
                at += 1
            place = next((i for i, (_, model) in enumerate(waiting) if model in kept), 0) if grouped and loads else 0
            came, model = waiting.pop(place)
            pays = loads and model not in kept
            kept = [*[one for one in kept if one != model], model][-room:]
            paid += pays
            free += pays * switch_s + service_s
            wait += free - came
        return paid / calls, wait / calls
    (paid, with_loads), (_, without) = serve(True), serve(False)
    return paid, paid * switch_s * sum(rates.values()), with_loads - without


def counted(visit):
    """The node's log of the calls in the time in which every member sends, by member, and how long that was."""
    moments = [[r["intended_monotonic_ns"] for r in responses] for responses in visit.members]
    begin, end = max(map(min, moments)), min(map(max, moments))
    by_id = {one["id"]: one for one in visit.served}
    return [[by_id[r["response_id"]] for r in responses if begin < r["intended_monotonic_ns"] <= end]
            for responses in visit.members], (end - begin) / 1e9


def began_s(response):
    """When the client takes the call to have begun at the server."""
    return response["sent_monotonic_ns"] / 1e9 + response["client_ttft_s"] - response["server_ttft_s"]


def was_seen_in_time(visit):
    """Whether the client saw nearly all calls begin when they did, and all in the node's order: beside others on its
    machine it may not."""
    by_id = {one["id"]: one for one in visit.served}
    late = [abs(began_s(r) - by_id[r["response_id"]]["batch_started_ns"] / 1e9) for r in visit.all]
    own = [r["configuration"] for r in sorted(visit.all, key=began_s)]
    return sum(one > 0.005 for one in late) < 0.05 * len(late) and own == [one["model"] for one in visit.served]


def expect_measured(costs, calls, seconds, all_calls):
    """Within the issue's bounds: 3 points, 10 %."""
    paid = sum(not one["hit"] for one in calls) / len(calls)
    per_call = sum(one["switch_s"] for one in calls) / len(calls)
    assert costs["switch_paid_share"] == pytest.approx(paid, abs=0.03)
    assert costs["switch_s_per_call"] == pytest.approx(per_call, rel=0.1)
    assert costs["switch_time_share"] == pytest.approx(per_call * len(calls) / seconds, rel=0.1)
    for key in ("switch_paid_share", "switch_s_per_call", "switch_time_share"):
        assert costs[f"{key}_low"] < costs[key] < costs[f"{key}_high"]
    assert len(calls) == pytest.approx(all_calls)


@pytest.mark.parametrize("schedule", ["fifo", "group"])
def test_it_is_what_the_node_logged_and_what_the_study_predicts(simulate, project, schedule):
    measure(simulate, project, ALONE, CONFIG + "order: all-pairs\npasses: 2\nseed: 1\n", ("--name", "study"),
            NODE % schedule)
    for name in ("mixed", "again", "once-more"):  # until the machine let the client see what the node did
        run, (visit,), _ = measure(simulate, project, MIXED, CONFIG + "study: out/study\nseed: 2\n", ("--name", name),
                                   NODE % schedule, MIX)
        if was_seen_in_time(visit):
            break
    mix, (logged, seconds) = visit.mix, counted(visit)
    assert mix["switching_reason"] is None and mix["switching_source"] == "server" and mix["study_lacks"] is None
    if was_seen_in_time(visit):
        assert mix["served"] == {"fifo": "in_order", "group": "grouped"}[schedule]
    expect_measured(mix, sum(logged, []), seconds, mix["num_calls"])
    for member, calls in zip(mix["members"], logged):
        expect_measured(member, calls, seconds, member["num_calls"])
        assert member["by_steady_visit"] and not member["unlike_steady_visit"]
        assert member["ttft_s_without_switch"] == pytest.approx(0.02, rel=0.05)
        assert member["switch_s"] == pytest.approx(0.06, rel=0.05)
        after = {key: member[f"server_ttft_s_after_{key}_mean"] for key in ("same", "other")}
        if member["server_ttft_s_after_same_count"] < 5:
            continue
        assert member["ttft_s_difference"] == pytest.approx(after["other"] - after["same"], rel=0.02)
        assert member["ttft_s_difference_low"] < member["ttft_s_difference"] < member["ttft_s_difference_high"]
    rates = {member["model"]: member["offered_requests_per_s"] for member in mix["members"]}
    paid, of_time, longer = queue(rates, mix["served"] == "grouped")
    assert mix["switch_paid_share_predicted"] == pytest.approx(paid, abs=0.03)
    assert mix["switch_s_per_call_predicted"] == pytest.approx(0.06 * paid, rel=0.1)
    assert mix["switch_time_share_predicted"] == pytest.approx(of_time, rel=0.1)
    assert mix["switch_wait_s_per_call_predicted"] == pytest.approx(longer, rel=0.25)
    assert sum(one["switch_time_share_predicted"] for one in mix["members"]) == pytest.approx(
        mix["switch_time_share_predicted"], rel=1e-6)
    said = " ".join(run.process.stdout.split())
    assert f"switching: {100 * mix['switch_paid_share']:.0f} % (" in said
    assert f"predicted by out/study, {'what is loaded is served first' if mix['served'] == 'grouped' else 'served in order'}: " in said


def test_the_study_may_be_named_later(simulate, project):
    measure(simulate, project, ALONE, CONFIG + "order: all-pairs\npasses: 2\nseed: 1\n", ("--name", "study"), NODE % "fifo")
    few = [re.sub(r",\d+,,", ",40,,", row) for row in MIXED]
    run, (visit,), _ = measure(simulate, project, few, CONFIG + "seed: 2\n", ("--name", "mixed"), NODE % "fifo", MIX)
    assert visit.mix["study"] is None and visit.mix["study_lacks"] == "no study is named"
    assert visit.mix["switch_paid_share_predicted"] is None and "predicted by" not in run.process.stdout
    assert not any(member["by_steady_visit"] for member in visit.mix["members"])
    done = project.call("report", "out/mixed", "--study", "out/study", "--output", "later")
    assert done.returncode == 0 and "predicted by out/study" in done.stdout, done.stdout + done.stderr
    (book,) = (project.folder / "later").glob("*.xlsx")
    heading, _, *lines = openpyxl.load_workbook(book)["Mixes"].iter_rows(values_only=True)
    lines = [dict(zip(heading, line)) for line in lines if line[1] == "day"]
    for line, said in zip(lines, [visit.mix, *visit.mix["members"]]):
        value = line["calls that pay for a switch"]
        assert value == pytest.approx(said["switch_paid_share"], rel=1e-12)
        assert line["calls that pay for a switch from"] == pytest.approx(said["switch_paid_share_low"], rel=1e-12)
        assert line["calls that pay for a switch less predicted"] == pytest.approx(
            value - line["calls that pay for a switch predicted"], abs=1e-12)
        assert line["node's time for switches"] == pytest.approx(said["switch_time_share"], rel=1e-12)
    assert lines[0]["study"] == "out/study" and lines[0]["served"] == visit.mix["served"]
    (page,) = (project.folder / "later").glob("*.html")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.S)[1])
    (shown,) = data["mixes"]
    assert shown["switching_measured"] and shown["predicted"]
    assert [one.split(" ")[0] for one in shown["sentences"]][:2] == ["switching:", "predicted"]
    assert [one["paid_share"]["value"] for one in shown["members"]] == pytest.approx(
        [one["switch_paid_share"] for one in visit.mix["members"]], rel=1e-4)


def test_a_row_that_ran_alone_before_fixes_its_level(simulate, project):
    rows = [ALONE[0] + ",", *(re.sub(r",\d+,,", ",30,,", row) for row in MIXED[:2])]
    _, (visit,), _ = measure(simulate, project, rows, node=NODE % "fifo", header=MIX)
    assert [one["by_steady_visit"] for one in visit.mix["members"]] == [True, False]


def test_without_the_servers_word_a_queue_hides_it(endpoint, project):
    answer = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))

    def late(request, connection):
        time.sleep(0.03)
        return answer
    server = endpoint(late)
    project.setup(["one,40,2,20,2,,,,m", "two,40,2,20,2,,,,m"], CONFIG + "prompt : {count: content}\n", header=MIX)
    run = project.run("--name", "r", address=server.address)
    (mix,) = (json.loads(path.read_text()) for path in run.folder.glob("mix_*.json"))
    assert mix["switching_reason"] == "not measurable from here" and mix["switching_source"] == "client"
    assert mix["switch_paid_share"] is None and mix["switch_time_share_low"] is None
    assert [one["switching_reason"] for one in mix["members"]] == ["not measurable from here"] * 2
    assert "switching: not measurable from here: the server tells no TTFT" in " ".join(run.process.stdout.split())


def test_a_study_must_be_one_and_tell_enough(simulate, project):
    project.setup(MIXED, CONFIG + "study: nowhere\n", header=MIX)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and "study: " in done.stderr and "nowhere" in done.stderr
    project.setup([ALONE[0] + ","], CONFIG + "study: nowhere\n", header=MIX)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0 and "no row has a mix; it is not used" in done.stderr
    measure(simulate, project, ALONE[:2], arguments=("--name", "once"), node=NODE % "fifo")
    few = [re.sub(r",\d+,,", ",20,,", row) for row in MIXED[:2]]
    run, (visit,), _ = measure(simulate, project, few, CONFIG + "study: out/once\n", ("--name", "r"), NODE % "fifo", MIX)
    assert visit.mix["study"] == "out/once" and visit.mix["switch_paid_share_predicted"] is None
    assert visit.mix["study_lacks"] == "the study does not tell what stays on the node"
    assert "no prediction by out/once: the study does not tell what stays" in " ".join(run.process.stdout.split())
