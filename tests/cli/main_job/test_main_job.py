"""The starter kit's own inputs run as they are, and every number that comes of them is right."""

import re

import pytest
from support import arithmetic
from support.bench import completed

A, B = "Meta-Llama-3.3-70B-Instruct", "Meta-Llama-3.1-8B-Instruct"

# As the kit's example is written, empty trailing cells included.
ROWS = [
    f"{A},100,8,4,1,,,",
    f"{A},100,8,8,4,,,",
    f"{A},200,8,64,32,,,",
    f"{B},50,4,10,,20,exponential,",
    f"{A},100,4,3,2,,,small",
    f"{B},10,1,3,1,,,",
]

RESPONSE_KEYS = """error_code error_msg prompt_name start_time end_time server_number_input_tokens
server_number_output_tokens server_number_total_tokens server_ttft_s
server_end_to_end_latency_s server_output_token_per_s_per_request
server_total_tokens_per_s_per_request server_output_token_after_first_per_s_first_ten_per_request
batch_size_used acceptance_rate number_input_tokens number_output_tokens number_total_tokens
client_ttft_s client_end_to_end_latency_s client_output_token_per_s_per_request
client_total_tokens_per_s_per_request client_inter_token_latencies_s
client_mean_inter_token_latency_s""".split()

METRICS = """client_ttft_s client_end_to_end_latency_s client_output_token_per_s_per_request
number_input_tokens number_output_tokens client_mean_inter_token_latency_s server_ttft_s
server_end_to_end_latency_s server_output_token_per_s_per_request
server_output_token_after_first_per_s_first_ten_per_request server_number_input_tokens
server_number_output_tokens acceptance_rate""".split()

COLUMNS = """name model num_input_tokens num_output_tokens num_concurrent_requests qps
qps_distribution multimodal_img_size server_ttft_s_min server_ttft_s_mean server_ttft_s_p50
server_ttft_s_max server_end_to_end_latency_s_min server_end_to_end_latency_s_mean
server_end_to_end_latency_s_p50 server_end_to_end_latency_s_max server_output_token_per_s_min
server_output_token_per_s_mean server_output_token_per_s_p50 server_output_token_per_s_max
acceptance_rate_min acceptance_rate_p50 acceptance_rate_max server_number_input_tokens_p50
server_number_output_tokens_p50 client_ttft_s_min client_ttft_s_mean client_ttft_s_p50
client_ttft_s_max client_end_to_end_latency_s_min client_end_to_end_latency_s_mean
client_end_to_end_latency_s_p50 client_end_to_end_latency_s_max client_output_token_per_s_min
client_output_token_per_s_mean client_output_token_per_s_p50 client_output_token_per_s_max
client_total_output_throughput num_requests_started num_completed_requests
num_completed_requests_per_min number_errors error_code_frequency switching_time
request_batching_frequencies representative_batch_size""".split()


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.fixture
def run(simulate, demo_bundle, project):
    project.setup(ROWS)
    return project.run(address=simulate(demo_bundle).address)


def check_files(run):
    for name, summary, row in zip(run.names, run.summaries, ROWS):
        model, tokens_in, tokens_out, _, load, qps, distribution, image = row.split(",")
        stem = "synthetic" if load else "realworkload"
        model = re.sub("[^A-Za-z0-9-]+", "-", model)
        image = f"_multimodal_{image}" if image else ""
        load = load or f"{qps}-0_{distribution}"
        assert re.fullmatch(f"{stem}_0_{model}{image}_{tokens_in}_{tokens_out}_{load}_stream_"
                            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                            name)
        assert summary["name"] == name + "_summary"
    words = [p.name for p in run.folder.iterdir()
             if "summary" in p.name or "individual_responses" in p.name]
    assert len(words) == 2 * len(ROWS)


def check_responses(run):
    for responses, row in zip(run.responses, ROWS):
        cells = row.split(",")
        assert len(responses) == int(cells[3])
        assert sorted(r["request_index"] for r in responses) == list(range(len(responses)))
        starts = [r["start_timestamp_utc"] for r in responses]
        assert starts == sorted(starts)
        for r in responses:
            assert [key for key in r if key != "switching_time"][:len(RESPONSE_KEYS)] == RESPONSE_KEYS
            check_response(r, open_loop=not cells[4])


def check_gap(r, gap):
    """Where chunks were read together, late, moments are known within bounds."""
    low, high = r[arithmetic.GAP + "_low"], r[arithmetic.GAP + "_high"]
    assert low - 1e-9 <= gap <= high + 1e-9
    assert low == high or r["client_gap_bounds_s"]
    assert r[arithmetic.GAP] == (near(gap) if high <= 1.05 * low else None)


def check_response(r, open_loop):
    assert r["error_code"] is None and r["error_msg"] == "" and r["http_status"] == 200
    gaps = r["client_inter_token_latencies_s"]
    output, ttft, latency = r["number_output_tokens"], r["client_ttft_s"], r["client_end_to_end_latency_s"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{6}", r["start_time"])
    assert gaps[0] == ttft and len(gaps) == output == r["asked_output_tokens"]
    assert r["number_output_tokens_source"] == "server"
    assert r["number_total_tokens"] == r["number_input_tokens"] + output
    assert 0 < ttft <= latency
    start = "intended" if open_loop else "sent"
    assert ttft == r[f"client_ttft_from_{start}_s"]
    assert latency == r[f"client_end_to_end_latency_from_{start}_s"]
    assert r["client_ttft_from_intended_s"] - r["client_ttft_from_sent_s"] == pytest.approx(
        r["client_schedule_delay_s"], abs=1e-9)
    at_once = len(gaps) < 2 or sum(gaps[1:]) == 0
    assert r["client_output_token_per_s_per_request"] == near(
        output / (latency if at_once else latency - ttft))
    assert r["client_request_output_token_per_s"] == near(output / latency)
    assert r["client_total_tokens_per_s_per_request"] == near(r["number_total_tokens"] / latency)
    if len(gaps) < 2:
        assert r["client_mean_inter_token_latency_s"] is None
        assert r["client_time_per_output_token_s"] is None
    else:
        check_gap(r, sum(gaps[1:]) / (len(gaps) - 1))
        assert r["client_time_per_output_token_s"] == near((latency - ttft) / (output - 1))


def check_gaps(summary, done):
    stem = f"results_{arithmetic.GAP}"
    if all(r[arithmetic.GAP + "_low"] is None for r in done):
        assert not [key for key in summary if key.startswith(stem + "_")]
        return
    for percent in arithmetic.QUANTILES:
        low, high, point = arithmetic.bounded(done, lambda values, percent=percent: arithmetic.quantile(values, percent))
        key = f"{stem}_quantiles_p{percent}"
        assert [summary[key + "_low"], summary[key + "_high"]] == [near(low), near(high)]
        assert summary[key] == (point if point is None else near(point))
    for name, statistic in (("mean", arithmetic.statistics.fmean), ("min", min), ("max", max)):
        point = arithmetic.bounded(done, statistic)[2]
        assert summary[f"{stem}_{name}"] == (point if point is None else near(point))


def check_metrics(summary, responses):
    done = completed(responses)
    for metric in METRICS:
        if metric == arithmetic.GAP:
            check_gaps(summary, done)
            continue
        values = [r[metric] for r in done if r[metric] is not None]
        stem = f"results_{metric}"
        if not values:
            assert not [k for k in summary if k.startswith(stem + "_")]
            continue
        for percent in arithmetic.QUANTILES:
            assert summary[f"{stem}_quantiles_p{percent}"] == near(
                arithmetic.quantile(values, percent))
        assert summary[f"{stem}_mean"] == near(arithmetic.statistics.fmean(values))
        assert summary[f"{stem}_min"] == min(values)
        assert summary[f"{stem}_max"] == max(values)
        deviation = summary[f"{stem}_stddev"]
        if len(values) > 1:
            assert deviation == pytest.approx(arithmetic.statistics.stdev(values), rel=1e-9,
                                              abs=1e-9)
        else:
            assert deviation is None


def seconds_of(moment):
    hours, minutes, seconds = moment[11:-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def check_counts(summary, responses):
    done = completed(responses)
    wall = (max(seconds_of(r["end_timestamp_utc"]) for r in responses)
            - min(seconds_of(r["start_timestamp_utc"]) for r in responses))
    assert summary["results_num_requests_started"] == len(responses)
    assert summary["results_num_completed_requests"] == len(done)
    assert summary["results_number_errors"] == len(responses) - len(done)
    assert summary["results_error_rate"] == 0
    assert summary["results_error_code_frequency"] == "{}"
    output = sum(r["number_output_tokens"] for r in done)
    # Moments in the files are whole microseconds.
    assert summary["results_client_total_output_throughput"] == pytest.approx(output / wall, rel=1e-3)
    assert summary["results_num_completed_requests_per_min"] == pytest.approx(
        len(done) / wall * 60, rel=1e-3)
    assert summary["results_mean_output_throughput_token_per_s"] == near(arithmetic.statistics.fmean(
        r["client_output_token_per_s_per_request"] for r in done))


def check_switching(summary, responses):
    expected = arithmetic.switching_time(responses)
    if expected is None:
        assert summary["switching_time_documented_s"] is None
    else:
        assert summary["switching_time_documented_s"] == near(expected)
    assert responses[0]["switching_time"] == summary["switching_time_documented_s"]
    assert all("switching_time" not in r for r in responses[1:])


def check_batches(summary, responses):
    counts, representative = arithmetic.batches(responses)
    assert summary["request_batching_frequencies"] == str(counts)
    assert summary["representative_batch_size"] == representative


def check_workbook(run):
    heading, lines = run.table()
    there = heading[1:]
    assert heading[0] is None and [line[0] for line in lines] == list(range(len(ROWS)))
    assert [c for c in COLUMNS if c in there] == [c for c in there if c in COLUMNS]
    assert set(COLUMNS) - set(there) <= {"acceptance_rate_min", "acceptance_rate_p50",
                                         "acceptance_rate_max"}
    for line, summary in zip(lines, run.summaries):
        cells = dict(zip(there, line[1:]))
        for column in COLUMNS:
            expected = summary.get(column, summary.get(f"results_{column}"))
            if match := re.fullmatch(r"(.*)_(min|mean|p50|max)", column):
                metric, statistic = match.groups()
                metric = metric.replace("_token_per_s", "_token_per_s_per_request")
                statistic = "quantiles_p50" if statistic == "p50" else statistic
                expected = summary.get(f"results_{metric}_{statistic}")
            if column == "switching_time":
                expected = summary["switching_time_documented_s"]
            if column == "multimodal_img_size" and expected == "na":
                expected = None
            if column in there and expected is None:
                assert cells[column] is None
            elif isinstance(expected, float):
                assert cells[column] == pytest.approx(expected, rel=1e-12)
            elif expected is not None:
                assert cells[column] == expected


def test_every_derived_number_follows_from_the_individual_responses(run):
    check_files(run)
    check_responses(run)
    for summary, responses in zip(run.summaries, run.responses):
        check_metrics(summary, responses)
        check_counts(summary, responses)
        check_switching(summary, responses)
        check_batches(summary, responses)
    check_workbook(run)
    assert any("32" in s["request_batching_frequencies"] for s in run.summaries)


def test_the_journal_holds_each_request_once(run):
    seen = [(line["step"], line["request"]["request_index"]) for line in run.journal()
            if "request" in line]
    expected = [(step, r["request_index"]) for step, responses in enumerate(run.responses)
                for r in responses]
    assert sorted(seen) == sorted(expected)
    assert run.manifest["status"] == "done"
    for summary in run.summaries:  # far fewer than what the line to the journal has room for
        assert summary["journal_wait_s"] == 0
        assert 1 <= summary["journal_fill_most"] <= summary["results_num_requests_started"]


def test_the_same_seed_asks_the_same(endpoint, project):
    from support.endpoint import content, finish, stream

    def answer(request, connection):
        return stream(content("a"), finish(prompt_tokens=3, completion_tokens=1))

    bodies = []
    for _ in range(2):
        server = endpoint(answer)
        project.setup(["m,50,4,3,1,,,", "m,50,4,2,1,,,small"])
        project.run("--seed", "7", address=server.address)
        bodies.append([r["body"] for r in server.requests])
    assert bodies[0] == bodies[1]
    texts = [b["messages"][0]["content"] for b in bodies[0][:3]]
    assert len(set(texts)) == 3 and all(len(t.split()) == 50 for t in texts)
    images = [b["messages"][0]["content"][1]["image_url"]["url"] for b in bodies[0][3:]]
    assert images[0] == images[1] and images[0].startswith("data:image/png;base64,iVBOR")
    assert bodies[0][0] == {**bodies[0][0], "model": "m", "max_tokens": 4, "stream": True,
                            "stream_options": {"include_usage": True}, "ignore_eos": True}
