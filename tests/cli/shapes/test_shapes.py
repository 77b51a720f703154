"""Open loops that are bursty, go up or down, or may hold only so many at once: the schedule against its
distribution by formulas written here, and the node's own log."""

import json
import math
import threading
import time

import pytest
from support.bench import HEADER
from support.endpoint import content, finish, stream

MORE = HEADER + ",burstiness,qps_end,qps_ramp,max_in_flight,duration_s,warmup_requests"

NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 1000}
experts:
  - {name: m, weight_gb: 1, prefill_tokens_per_s: 1000000, decode_tokens_per_s: 100000,
     tiers: [{tokens: 4096, batch_sizes: [1, 8]}]}
"""


def gamma_share(shape, x):
    """The regularised lower incomplete gamma function P(shape, x), by its series."""
    if x <= 0:
        return 0.0
    term = total = 1 / shape
    n = shape
    while abs(term) > 1e-15 * abs(total):
        n += 1
        term *= x / n
        total += term
    return min(1.0, total * math.exp(-x + shape * math.log(x) - math.lgamma(shape)))


def distance(values, share):
    """Kolmogorov and Smirnov's distance of values from a distribution, times the root of their number."""
    values = sorted(values)
    n = len(values)
    most = max(max((i + 1) / n - share(v), share(v) - i / n) for i, v in enumerate(values))
    return most * math.sqrt(n)


def moments(responses):
    first = min(r["intended_monotonic_ns"] for r in responses)
    return sorted((r["intended_monotonic_ns"] - first) / 1e9 for r in responses)


def gaps(at):
    return [b - a for a, b in zip(at, at[1:])]


ALMOST_NEVER = 1.95  # Kolmogorov's distribution is above it once in a thousand


def measure(simulate, project, row, *arguments):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup([row], header=MORE)
    run = project.run("--seed", "7", *arguments, address=simulator.address)
    simulator.close()
    arrived = sorted(json.loads(line)["arrived_ns"] for line in simulator.truth.open())
    return run, arrived


@pytest.mark.parametrize("shape", [0.25, 1, 4])
def test_gaps_are_gamma_distributed(simulate, project, shape):
    run, arrived = measure(simulate, project, f"m,40,2,400,,200,,,{shape},,,,,")
    (responses,), (summary,) = run.responses, run.summaries
    assert len(arrived) == len(responses) == 400
    seen = gaps(moments(responses))
    assert distance(seen, lambda gap: gamma_share(shape, shape * 200 * gap)) < ALMOST_NEVER
    for other in (0.25, 1, 4):  # and no other shape fits
        if other != shape:
            assert distance(seen, lambda gap: gamma_share(other, other * 200 * gap)) > ALMOST_NEVER
    assert "_gamma_stream_" in run.names[0]
    assert (summary["qps_distribution"], summary["burstiness"]) == ("gamma", shape)
    (row,) = run.manifest["rows"]
    assert (row["qps_distribution"], row["burstiness"]) == ("gamma", shape)
    told = dict(zip(*[run.table()[0], run.table()[1][0]]))
    assert (told["qps_distribution"], told["burstiness"]) == ("gamma", shape)


def linear(start, end, over, t):
    return start * t + (end - start) * t * t / over / 2


def exponential(start, end, over, t):
    growth = math.log(end / start) / over
    return start * math.expm1(growth * t) / growth


@pytest.mark.parametrize("ramp, count, start, end", [
    ("linear", linear, 40, 160), ("linear", linear, 160, 40), ("exponential", exponential, 20, 180)])
def test_the_rate_follows_its_ramp(simulate, project, ramp, count, start, end):
    run, arrived = measure(simulate, project, f"m,40,2,,,{start},exponential,,,{end},{ramp},,3,")
    (responses,), (summary,) = run.responses, run.summaries
    at = moments(responses)
    assert at[-1] < 3
    # On a clock that runs with the rate, gaps are exponential with mean 1 (time rescaling).
    rescaled = [count(start, end, 3, t) for t in at]
    assert distance(gaps(rescaled), lambda gap: 1 - math.exp(-gap)) < ALMOST_NEVER
    for half in ((0, 1.5), (1.5, 3)):
        expected = count(start, end, 3, half[1]) - count(start, end, 3, half[0])
        sent = sum(half[0] <= t < half[1] for t in at)
        assert abs(sent - expected) < 4 * math.sqrt(expected)
    assert len(arrived) == len(responses)
    assert abs((arrived[-1] - arrived[0]) / 1e9 - at[-1]) < 1  # the node saw the same time pass
    assert (summary["qps"], summary["qps_end"], summary["qps_ramp"]) == (start, end, ramp)


def test_constant_gaps_on_a_ramp_leave_when_the_integral_says(simulate, project):
    """From 20 to 60 a second, 40 requests: over a second; request k leaves where 20 t + 20 t² = k."""
    run, _ = measure(simulate, project, "m,40,2,40,,20,,,,60,,,,5")
    (responses,) = run.responses
    at = moments(responses)
    assert len(at) == 40
    for k, t in enumerate(at):
        assert linear(20, 60, 1, t) == pytest.approx(k, abs=1e-4)


def slow(seconds):
    flight = {"now": 0, "most": 0}
    lock = threading.Lock()

    def answer(request, connection):
        with lock:
            flight["now"] += 1
            flight["most"] = max(flight["most"], flight["now"])
        time.sleep(seconds)
        with lock:
            flight["now"] -= 1
        return stream(content("a"), finish(completion_tokens=1))

    return answer, flight


@pytest.mark.parametrize("threads", ["1", "2"])
def test_no_more_are_in_flight_than_the_ceiling(endpoint, project, threads):
    """20 requests in 0.4 s, three at once, 0.1 s each: 0.7 s of work; the last waits for most of it."""
    answer, flight = slow(0.1)
    project.setup(["m,10,1,20,,50,,,,,,3,,"], header=MORE)
    run = project.run("--set", f"threads={threads}", address=endpoint(answer).address)
    (responses,), (summary,) = run.responses, run.summaries
    assert flight["most"] == 3
    assert summary["max_in_flight"] == 3 and summary["results_num_completed_requests"] == 20
    at = moments(responses)
    assert gaps(at) == pytest.approx([0.02] * 19, abs=1e-5)  # moments stay as they were
    for r in responses:
        late = (r["sent_monotonic_ns"] - r["intended_monotonic_ns"]) / 1e9
        assert r["client_held_s"] + r["client_schedule_delay_s"] == pytest.approx(late, abs=1e-6)
        assert r["client_held_s"] >= 0 and r["client_schedule_delay_s"] >= 0
        assert r["client_ttft_s"] == r["client_ttft_from_intended_s"] > r["client_held_s"]
    held = [r["client_held_s"] for r in sorted(responses, key=lambda r: r["intended_monotonic_ns"])]
    assert held[:3] == [0, 0, 0] and held[-1] > 0.2
    # What holds a request back is the end of another, at once.
    ends = {r["done_monotonic_ns"] for r in responses}
    for r in responses:
        if r["client_held_s"] > 0:
            let_go = r["intended_monotonic_ns"] + r["client_held_s"] * 1e9
            noticed_s = summary["client_read_lateness_s_max"] + summary["client_loop_stall_s_max"]
            assert min(abs(let_go - end) for end in ends) < 0.05e9 + noticed_s * 1e9
    assert summary["results_client_held_s_max"] == pytest.approx(max(held))


def test_a_ceiling_that_is_not_reached_holds_nothing(endpoint, project):
    answer, _ = slow(0)
    project.setup(["m,10,1,5,,20,,,,,,5,,"], header=MORE)
    run = project.run(address=endpoint(answer).address)
    assert [r["client_held_s"] for r in run.responses[0]] == [0] * 5


def test_without_a_ceiling_nothing_is_said_of_it(endpoint, project):
    answer, _ = slow(0)
    project.setup(["m,10,1,3,,20,,"])
    run = project.run(address=endpoint(answer).address)
    assert [r["client_held_s"] for r in run.responses[0]] == [None] * 3
    assert not any("held" in key for key in run.summaries[0])
    assert "burstiness" not in run.table()[0]


def test_plan_tells_shapes_and_their_time(project):
    project.setup(["m,40,2,400,,20,,,0.5,60,linear,9,,"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 0, done.stderr
    assert "20→60/s gamma" in done.stdout and "burstiness 0.5" in done.stdout
    assert "at most 9 in flight" in done.stdout
    assert "10 s" in done.stdout or "about 10" in done.stdout


@pytest.mark.parametrize("cells, sentence", [
    (",2,,,0.001,,,,,", "burstiness: '0.001' is not a number from 0.01 to 1000"),
    (",2,uniform,,0.5,,,,,", "qps_distribution: 'uniform' is not what burstiness asks for: gamma"),
    (",2,gamma,,,,,,,", "qps_distribution: 'gamma' is not known without burstiness"),
    (",2,,,,-1,,,,", "qps_end: '-1' is not a number of requests per second"),
    (",2,,,,4,sudden,,,", "qps_ramp: 'sudden' is not one of linear, exponential"),
    (",2,,,,,,1.5,,", "max_in_flight: '1.5' is not a whole number"),
])
def test_what_is_no_shape_is_refused(project, cells, sentence):
    project.setup([f"m,40,2,4,{cells}"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 2 and "rows.csv:2: " + sentence in done.stderr


@pytest.mark.parametrize("cells, sentence", [
    ("1,,,,0.5,,,,,", "burstiness is not used without qps"),
    ("1,,,,,9,,,,", "qps_end is not used without qps"),
    ("1,,,,,,,4,,", "max_in_flight is not used without qps"),
    (",2,,,,,linear,,,", "qps_ramp is not used without qps_end"),
])
def test_what_a_row_cannot_use_is_warned_of(project, cells, sentence):
    project.setup([f"m,40,2,4,{cells}"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 0 and sentence in done.stderr
