"""A row that warms up, cools down, or sends for so long: the node's own log tells how many requests came
and in which order, and every figure is computed again from the requests that count."""

import json
import statistics
import time

import pytest
from support.bench import CONFIG, HEADER, completed
from support.endpoint import content, finish, plain, stream

MORE = HEADER + ",duration_s,warmup_requests,cooldown_requests"
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))

# A response of 20 tokens takes 21 ms, a switch 205 ms.
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 100, switch_overhead_s: 0.005}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
""" for name in "ab")
LEAST_S = 0.02


def part_of(run, step, part):
    path = run.folder / f"{run.names[step]}_{part}.json"
    return json.loads(path.read_text()) if path.exists() else []


def phases_of(run, step=0):
    return part_of(run, step, "phases")


def order_of_arrival(simulator, model):
    truth = [json.loads(line) for line in simulator.truth.open()]
    return sorted((one for one in truth if one["model"] == model), key=lambda one: one["arrived_ns"])


def measure(simulate, project, *rows, config=CONFIG, arguments=()):
    """Runs the rows; the node's log of each model, in order of arrival, with what the client says of each."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(rows, config, header=MORE)
    run = project.run(*arguments, address=simulator.address)
    simulator.close()
    for responses, step in zip(run.responses, range(len(run.names))):
        phase = {r["response_id"]: r["phase"] for r in [*responses, *phases_of(run, step)]}
        phase.update((r["response_id"], "probe") for r in part_of(run, step, "probe"))
        arrived = order_of_arrival(simulator, run.summaries[step]["model"])
        assert {one["id"] for one in arrived} == set(phase)
        yield run, arrived, [phase[one["id"]] for one in arrived]


def figures_are_of(summary, responses):
    """What the requests that count give, and no other."""
    assert all(r["phase"] is None for r in responses)
    assert summary["results_num_requests_started"] == summary["results_num_completed_requests"] == len(responses)
    for metric in ("client_ttft_s", "client_end_to_end_latency_s", "server_ttft_s"):
        values = [r[metric] for r in responses]
        assert summary[f"results_{metric}_mean"] == pytest.approx(statistics.mean(values))
        assert summary[f"results_{metric}_max"] == max(values)
    first = min(r["sent_monotonic_ns"] for r in responses)
    wall_s = (max(r["done_monotonic_ns"] for r in responses) - first) / 1e9
    assert summary["wall_time_s"] == pytest.approx(wall_s)
    tokens = sum(r["number_output_tokens"] for r in responses)
    assert summary["results_client_total_output_throughput"] == pytest.approx(tokens / wall_s)


@pytest.mark.parametrize("load", ["1,,", ",40,constant"])
def test_warm_up_counted_and_cool_down_come_in_that_order(simulate, project, load):
    ((run, arrived, phase),) = measure(simulate, project, f"a,40,20,6,{load},,,3,2")
    assert phase == ["warmup"] * 3 + [None] * 6 + ["cooldown"] * 2
    (summary,), (responses,), phases = run.summaries, run.responses, phases_of(run)
    assert [r["request_index"] for r in phases] == [0, 1, 2, 9, 10]
    assert [r["request_index"] for r in responses] == [3, 4, 5, 6, 7, 8]
    figures_are_of(summary, responses)
    assert (summary["warmup_requests"], summary["cooldown_requests"]) == (3, 2)
    assert (summary["phase_requests_started"], summary["phase_requests_completed"]) == (5, 5)
    assert [one["index"] for one in arrived if one["switch_s"] > 0] == [arrived[0]["index"]]
    heading, (line,) = run.table()
    told = dict(zip(heading, line))
    assert (told["num_requests_started"], told["phase_requests_started"], told["warmup_requests"]) == (6, 5, 3)
    assert sum("individual_responses" in path.name or "summary" in path.name for path in run.folder.iterdir()) == 2


def test_the_warm_up_shows_the_switch(simulate, project):
    ((run, arrived, _),) = measure(simulate, project, "a,40,20,6,1,,,,,3,2")
    (summary,), (responses,), phases = run.summaries, run.responses, phases_of(run)
    ttft = [r["server_ttft_s"] for r in sorted([*phases, *responses], key=lambda r: r["sent_monotonic_ns"])]
    expected = ttft[0] - statistics.mean(ttft[1:])
    assert expected == pytest.approx(arrived[0]["switch_s"], rel=0.05)
    assert summary["switching_time_documented_s"] == pytest.approx(expected)
    assert responses[0]["switching_time"] == pytest.approx(expected)
    assert sum("switching_time" in r for r in [*responses, *phases]) == 1
    heading, (line,) = run.table()
    told = dict(zip(heading, line))
    assert told["switching_time"] == pytest.approx(expected)
    assert told["switch_verdict"] == "detected" and told["switch_exposed_requests"] == 1
    assert told["switch_steady_requests"] == 2 + 6  # the cool-down's are neither


def test_a_closed_loop_sends_for_its_time(simulate, project):
    """No clock of ours bounds it: a place sends no more than the node can serve in that time."""
    ((run, _, phase),) = measure(simulate, project, "a,40,20,,3,,,,0.6,,")
    (summary,), (responses,) = run.summaries, run.responses
    assert set(phase) == {None} and not phases_of(run)
    assert 3 <= len(phase) <= 3 * (1 + 0.6 / LEAST_S)
    figures_are_of(summary, responses)
    assert summary["step_end"] == "done" and summary["num_requests"] is None and summary["duration_s"] == 0.6
    freed = [r["intended_monotonic_ns"] for r in responses]
    assert max(freed) - min(r["started_monotonic_ns"] for r in responses) < 0.6e9


def test_the_cool_down_begins_when_the_time_is_up_and_keeps_the_load(simulate, project):
    ((run, _, phase),) = measure(simulate, project, "a,40,20,,3,,,,0.5,3,4")
    (summary,), (responses,), phases = run.summaries, run.responses, phases_of(run)
    assert phase.count("warmup") == 3 and phase.count("cooldown") == 4
    assert "1/1 a 40→20 c=3: 0.5 s, 3 to warm up, 4 to cool down\n" in run.process.stderr
    figures_are_of(summary, responses)
    cool = [r for r in phases if r["phase"] == "cooldown"]
    begins = sorted(r["started_monotonic_ns"] for r in responses)
    assert min(r["started_monotonic_ns"] for r in cool) > begins[-1]
    assert min(r["started_monotonic_ns"] for r in cool) - begins[0] > 0.45e9
    # three in flight until the last that counts ended: each place that became free was taken
    ends = sorted(r["done_monotonic_ns"] for r in responses)
    freed = sorted(r["intended_monotonic_ns"] for r in cool)
    assert freed[:3] == ends[-3:]


@pytest.mark.parametrize("row, counted, cool", [
    ("a,40,20,,,40,constant,,0.5,,", 20, 0), ("a,40,20,,,40,constant,,0.5,4,3", 20, 3),
    ("a,40,20,12,,40,constant,,0.5,,2", 12, 2), ("a,40,20,30,,40,constant,,0.5,,2", 20, 2)])
def test_an_open_loops_time_follows_from_its_schedule(simulate, project, row, counted, cool):
    ((run, _, phase),) = measure(simulate, project, row)
    warm = 4 if ",4,3" in row else 0
    assert phase == ["warmup"] * warm + [None] * counted + ["cooldown"] * cool
    figures_are_of(run.summaries[0], run.responses[0])


def test_a_ceiling_ends_a_row_before_its_time(simulate, project):
    ((run, _, phase),) = measure(simulate, project, "a,40,20,7,2,,,,600,,1", arguments=["--set", "timeout=900"])
    assert phase.count(None) == 7 and phase.count("cooldown") == 1
    assert run.summaries[0]["num_requests"] == 7 and run.summaries[0]["step_end"] == "done"


def test_a_probe_comes_before_the_warm_up(simulate, project):
    one, other = measure(simulate, project, "a,40,20,4,1,,,,,2,1", "b,40,20,4,1,,,,,,",
                         arguments=["--set", "probe.steady=3"])
    assert one[2] == ["probe"] * 4 + ["warmup"] * 2 + [None] * 4 + ["cooldown"]
    assert other[2] == ["probe"] * 4 + [None] * 4 and not phases_of(other[0], 1)
    assert [s["switching_verdict"] for s in one[0].summaries] == ["found", "found"]


@pytest.fixture
def rows_apart(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))

    def run(name, *rows):
        project.setup(rows, header=MORE)
        return project.run("--name", name, address=simulator.address)
    return run


def test_rows_of_different_duration_are_different_conditions(rows_apart, project):
    policy = project.write("policy.yaml", "min_runs: 1\nmin_requests: 1\nchecks:\n  - limits: {error_rate: {max: 0.5}}\n")
    rows_apart("base", "a,40,20,5,1,,,,60,,")
    rows_apart("same", "a,40,20,5,1,,,,60,,")
    rows_apart("other", "a,40,20,5,1,,,,61,,")
    rows_apart("warm", "a,40,20,5,1,,,,60,2,")
    compared = {name: project.call("compare", "out/base", f"out/{name}", "--policy", str(policy))
                for name in ("same", "other", "warm")}
    said = {name: done.stdout + done.stderr for name, done in compared.items()}
    print(said)
    assert [compared[name].returncode for name in ("same", "other", "warm")] == [0, 1, 1], said


# --- Threads, retries, failures -----------------------------------------------------------------


@pytest.mark.parametrize("row, least, most", [
    ("a,40,2,,6,,,,0.4,7,5", 6, 10**6), ("a,40,2,30,6,,,,,7,5", 30, 30), ("a,40,2,,,200,exponential,,0.3,7,5", 1, 10**6)])
def test_threads_share_the_phases(endpoint, project, row, least, most):
    server = endpoint(lambda request, connection: time.sleep(0.005) or GOOD)
    project.setup([row], CONFIG + "threads : 3\nsave_llm_responses : True\n", header=MORE)
    run = project.run(address=server.address)
    (responses,), phases = run.responses, phases_of(run)
    assert sum(r["phase"] == "warmup" for r in phases) == 7
    assert sum(r["phase"] == "cooldown" for r in phases) == 5
    assert least <= len(responses) <= most
    assert len(responses) + 12 == len(server.requests)
    indices = [r["request_index"] for r in [*responses, *phases]]
    assert sorted(indices) == list(range(len(indices)))
    texts = (run.folder / f"{run.names[0]}_response_texts.jsonl").read_text().splitlines()
    assert sorted(json.loads(text)["request_index"] for text in texts) == sorted(r["request_index"] for r in responses)


def test_a_warm_up_is_retried_and_counts_nowhere(endpoint, project):
    server = endpoint(lambda request, connection: plain(503, b"busy") if request["index"] == 0 else GOOD)
    project.setup(["a,40,2,3,1,,,,,2,"], CONFIG + "retry : {attempts: 2, max_wait: 0.01, on: [503]}\n", header=MORE)
    run = project.run(address=server.address)
    (summary,), (responses,), phases = run.summaries, run.responses, phases_of(run)
    assert [(r["request_index"], r["attempt"], r["phase"]) for r in phases] == [
        (0, 1, "warmup"), (0, 2, "warmup"), (1, 1, "warmup")]
    assert len(completed(responses)) == 3 and len(server.requests) == 6
    assert (summary["phase_requests_started"], summary["phase_requests_completed"]) == (2, 2)
    assert summary["results_num_retries"] == 0
    assert summary["switching_verdict"] == "first request was retried"


@pytest.mark.parametrize("load", ["1,,", ",1000,constant"])
def test_nothing_is_sent_again_when_the_time_is_up(endpoint, project, load):
    busy = b"HTTP/1.1 503 Said\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbusy"
    server = endpoint(lambda request, connection: busy)
    project.setup([f"a,40,2,1,{load},,1,,"], CONFIG + "retry : {attempts: 2, max_wait: 9, on: [503]}\n", header=MORE)
    run = project.run(address=server.address, expect=3)
    ((response,),) = run.responses
    assert (response["error_code"], response["retry_wait_s"]) == (503, None)
    assert len(server.requests) == 1


def test_failed_warm_ups_are_told_and_stop_a_hopeless_row(endpoint, project):
    server = endpoint(lambda request, connection: plain(500, b"no"))
    project.setup(["a,40,2,,1,,,,600,40,"], CONFIG + "max_consecutive_errors : 4\n", header=MORE)
    run = project.run(address=server.address, expect=3)
    assert len(server.requests) == 4 and run.summaries[0]["step_end"] == "stopped early"
    assert "warm-up and cool-down: 500 × 4" in run.process.stderr
    assert (run.summaries[0]["phase_requests_started"], run.summaries[0]["phase_requests_completed"]) == (4, 0)


def test_plan_tells_seconds_and_phases(project):
    project.setup(["a,40,200,,4,,,,30,4,2", "a,40,200,50,,2,,,30,,", "a,40,200,50,4,,,,,,1"], header=MORE)
    done = project.call("plan", "config.yaml", "--offline", "--set", "timeout=20", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "1 2 a 40 200 30 s c=4 4 to warm up 2 to cool down" in lines
    assert "2 3 a 40 200 30 s 2/s const at most 50" in lines
    assert "3 4 a 40 200 50 c=4 1 to cool down" in lines
    assert "rows.csv:2: duration_s: timeout (20 s) cuts the row off before it ends (lines 2–3)" in done.stderr
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    # 12 waves of 2.5 s and 6 requests, 50 at 2/s, 51 in 13 waves
    assert "155 requests" in " ".join(done.stdout.split())
    assert "duration_s" not in done.stderr
