"""`coebench history --json`, held against a generator and a test of steps that know nothing of the program: Pettitt's
statistic by its definition, a sum of signs over all pairs, and the share of random orders that go as far."""

import json
import math
import random

import pytest
from support.bench import another_run
from support.releases import BUNDLE

ROW = "a 100/3 n=3 concurrent=1"
RUNS, ORDERS, SIDE = 26, 1000, 4

# Series of runs, each under a metric of its own, so that one set of runs has them all.
METRICS = ("client_ttft_s", "client_end_to_end_latency_s", "client_time_per_output_token_s", "server_ttft_s",
           "client_connect_s", "client_time_to_first_byte_s", "client_ttft_content_s", "client_body_end_s")


def series(number):
    """None to two steps of one to four times the noise."""
    dice = random.Random(300 + number)
    ends = sorted(dice.sample(range(5, RUNS - 5), number % 3)) + [RUNS]
    level, values = 1.0, []
    for end in ends:
        values += [level * math.exp(dice.gauss(0, 0.05)) for _ in range(end - len(values))]
        level *= math.exp(dice.choice((-1, 1)) * dice.uniform(0.1, 0.3))
    if number == 4:  # ties
        values = [round(value, 1) for value in values]
    return values


def furthest(values):
    """The first place where |U| is largest, and how large; twice the definition's sums by ranks come to the same."""
    places = range(SIDE, len(values) - SIDE + 1)
    sums = [abs(sum((x > y) - (x < y) for x in values[:at] for y in values[at:])) for at in places]
    return places[sums.index(max(sums))], max(sums)


def share_as_far(values, far, dice):
    ranks = [sum((x > y) - (x < y) for y in values) for x in values]
    count = 0
    for _ in range(ORDERS):
        dice.shuffle(ranks)
        total, most = 0, 0
        for at, rank in enumerate(ranks[:-SIDE], 1):
            total += rank
            most = max(most, abs(total)) if at >= SIDE else most
        count += most >= far
    return (count + 1) / (ORDERS + 1)


def steps_of(values, begin, dice):
    """(place, p) of each, and every p that was looked at."""
    if len(values) < 2 * SIDE:
        return [], []
    at, far = furthest(values)
    p = share_as_far(values, far, dice) if far else 1
    if p > 0.05:
        return [], [p]
    before, seen = steps_of(values[:at], begin, dice)
    behind, more = steps_of(values[at:], begin + at, dice)
    return [*before, (begin + at, p), *behind], [p, *seen, *more]


@pytest.fixture
def runs(simulate, project):
    """Runs of days that come in no order, each with its value of every series."""
    project.setup(["a,100,3,3,1,,,"])
    first = project.run("--name", "first", address=simulate(project.write("bundle.yaml", BUNDLE)).address)
    days = list(range(RUNS))
    random.Random(5).shuffle(days)
    for day in days:
        folder = another_run(first.folder, project.folder / "runs" / f"day-{day}")
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["started_utc"] = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T08:00:00.000000Z"
        manifest["settings"]["labels"] = {"release": f"{day // 10}.0"} if day < 20 else {}
        path.write_text(json.dumps(manifest))
        (path,) = folder.glob("*_summary.json")
        summary = json.loads(path.read_text())
        summary |= {f"results_{metric}_quantiles_p50": series(number)[day] for number, metric in enumerate(METRICS)}
        path.write_text(json.dumps(summary | {"measurement_verdict": "valid"}))
    return project


def history(project, *arguments):
    done = project.call("history", ROW, "--in", "runs", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_steps_are_those_that_another_reckoning_finds(runs):
    found = 0
    for number, metric in enumerate(METRICS):
        values, dice = series(number), random.Random(number)
        told = history(runs, "--metric", metric + "_p50")
        assert [run["run"] for run in told["runs"]] == [f"day-{day}" for day in range(RUNS)]
        assert [run["value"] for run in told["runs"]] == pytest.approx(values, rel=1e-12)
        wanted, seen = steps_of(values, 0, dice)
        if any(abs(p - 0.05) < 0.025 for p in seen):
            continue  # by chance the two may differ
        found += len(wanted)
        ends = [0, *(at for at, _ in wanted), RUNS]
        assert [step["from_run"] for step in told["steps"]] == [f"day-{at}" for at, _ in wanted]
        means = [sum(values[a:b]) / (b - a) for a, b in zip(ends, ends[1:])]
        for step, (_, p), before, after in zip(told["steps"], wanted, means, means[1:]):
            assert (step["mean_before"], step["mean_after"]) == (pytest.approx(before), pytest.approx(after))
            assert abs(step["p"] - p) < 6 * math.sqrt(0.05 * 0.95 / ORDERS)
    assert found >= 4


def test_the_object_says_what_the_table_says(runs):
    values = series(1)
    told = history(runs, "--metric", "client_end_to_end_latency_s_p50", "--by", "label.release")
    assert (told["row"], told["metric"], told["by"]) == (ROW, "client_end_to_end_latency_s_p50", "release")
    assert told["steps"] and told["endpoint"].startswith("http://127.0.0.1:") and told["runs_judged"] == RUNS
    assert told["runs_elsewhere"] == 0 and told["level"] == 0.05
    groups = {"0.0": values[:10], "1.0": values[10:20], None: values[20:]}
    assert [group["label"] for group in told["groups"]] == list(groups)
    for group, part in zip(told["groups"], groups.values()):
        assert group == {"label": group["label"], "mean": pytest.approx(sum(part) / len(part)), "min": min(part),
                         "max": max(part), "runs": len(part)}
    assert {run["label"] for run in told["runs"]} == set(groups)
    assert all((run["visits"], run["client_limited"]) == (1, False) for run in told["runs"])
    assert told["runs"][0]["started_utc"] == "2026-01-01T08:00:00.000000Z"
    table = runs.call("history", ROW, "--in", "runs", "--metric", "client_end_to_end_latency_s_p50").stdout
    assert [line.split()[2] for line in table.splitlines() if "▲" in line or "▼" in line][:len(told["steps"])] == \
        [step["from_run"] for step in told["steps"]]


def test_where_and_endpoint_narrow_it(runs):
    told = history(runs, "--where", "label.release=1.0")
    assert [run["run"] for run in told["runs"]] == [f"day-{day}" for day in range(10, 20)]
    assert "groups" not in told and told["by"] is None
