"""No chart's figure differs from the table's, nor from the files that the page was made from."""

import json

import pytest

CHART = "return (({data, options}) => ({labels: data.labels, sets: data.datasets.map((set) => ({label: set.label, data: set.data, " \
        "medians: set.medians, points: set.points}))}))(%s)"


def chart(browser, call):
    """What a chart draws, by the function that configures it."""
    return browser.run(CHART % call)


def shown(browser, selector):
    """The figures of a table's lines, column by column."""
    return [[cell.get_attribute("data-value") for cell in row.find_elements("css selector", "td")] for row in browser.all(f"{selector} tbody tr")]


def near(value):
    return pytest.approx(value, rel=1e-5)


def test_bars_are_what_the_table_of_costs_says(browser, page, run):
    browser.open(page)
    costs = [m["cost_s"] for m in json.loads((run.folder / "switching.json").read_text())["models"]]
    assert [float(bar.get_attribute("data-value")) for bar in browser.all(".bar")] == near(costs)
    assert [float(line[3]) for line in shown(browser, "#costs")] == near(costs)
    widths = browser.run("return [...document.querySelectorAll('.fill')].map((fill) => parseFloat(fill.style.width))")
    assert [w / max(widths) for w in widths] == near([c / max(costs) for c in costs])


def test_models_side_by_side_have_the_tables_medians(browser, page, run):
    browser.open(page)
    table = shown(browser, "#passes")
    groups = "rowGroup(row, '%s', row.model)"
    for key, column in (("ttft_s", 3), ("output_token_per_s", 5)):
        made = chart(browser, f"boxChart(data.rows.map((row) => {groups % key}), 'x', 's')")
        (mine,) = [one for one in made["sets"] if one["label"] == "client"]
        assert mine["medians"] == near([float(line[column]) for line in table])


def test_a_rows_quantiles_are_over_all_its_requests(browser, page, run):
    browser.open(page)
    pooled = {}
    for summary, responses in zip(run.summaries, run.responses):
        pooled.setdefault(summary["model"], []).extend(r["client_ttft_s"] for r in responses if r["error_code"] is None)
    rows = browser.run("return data.rows.map((row) => [row.model, row.requests, row.client_ttft_s])")
    assert len(rows) == len(pooled) == 3
    for model, requests, (p5, p50, p95) in rows:
        values = sorted(pooled[model])

        def quantile(share):
            place = (len(values) - 1) * share
            low = int(place)
            return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])
        assert requests == len(values)
        assert [p5, p50, p95] == near([quantile(0.05), quantile(0.5), quantile(0.95)])


def test_points_stand_where_they_are_few(browser, page, run):
    browser.open(page)
    made = chart(browser, "boxChart(data.steps.filter((step) => step.batches.length > 0).flatMap((step) => batchGroups(step, 'ttft_s')), 'TTFT', 's')")
    (mine,) = [one for one in made["sets"] if one["label"] == "client"]
    points = sorted(value for group in mine["points"] for value in group)
    assert points == near(sorted(r["client_ttft_s"] for responses in run.responses for r in responses if r["error_code"] is None))
    for group, median, (low, high) in zip(mine["points"], mine["medians"], mine["data"]):
        assert low <= median <= high and (low, high) == (min(group), max(group)), "medians lie inside"


def test_exposed_requests_are_ringed_and_no_others(browser, page, run):
    browser.open(page)
    made = {one["label"]: one["data"] for one in chart(browser, "ttftChart()")["sets"]}
    rings = sorted(point["y"] for label in ("switch", "exposed, no switch found") for point in made.get(label, []))
    study = json.loads((run.folder / "switching.json").read_text())["steps"]
    assert len(rings) == sum(step["exposed_requests"] for step in study) > 0
    probes = [json.loads((run.folder / f"{name}_probe.json").read_text()) for name in run.names]
    exposed = [r["client_ttft_s"] for probe in probes for r in probe if r["probe_burst"] == 1 and r["error_code"] is None]
    assert rings == near(sorted(exposed)), "the probe's first burst, and none of the row's own"
    detected = sum(step["exposed_requests"] for step in study if step["verdict"] == "detected")
    assert len(made.get("switch", [])) == detected


def test_throughput_over_time_has_all_tokens(browser, page, run):
    browser.open(page)
    total = browser.run("const {bins, width} = tokenBins(data.runs[0].tokens); return bins.reduce((sum, bin) => sum + bin.y * width, 0)")
    assert total == near(sum(r["number_output_tokens"] for responses in run.responses for r in responses if r["error_code"] is None))


def test_a_batch_is_never_larger_than_what_was_in_flight(browser, page, run):
    """Of rows at concurrency 2."""
    browser.open(page)
    batches = browser.run("return data.steps.flatMap((step) => step.batches)")
    assert len(batches) >= len(run.summaries)
    for batch in batches:
        assert 1 <= batch["together"] <= 2
        assert batch["client_total_output_throughput"] == near(batch["together"] * batch["client_output_token_per_s"][1])


def test_nothing_is_drawn_that_has_one_dash_to_show(browser, page):
    browser.open(page)
    one = "{label: 'x', requests: 1, client: [1, 1, 1], server: null, points: {client: [1], server: []}}"
    two = "{label: 'x', requests: 2, client: [1, 2, 3], server: null, points: {client: [1, 3], server: []}}"
    assert browser.run(f"return [[{one}], [{two}], [{one}, {one}], []].map(isWorthDrawing)") == [False, True, True, False]


def test_a_model_keeps_its_colour(browser, page):
    colours = []
    for others in ([], ["b", "c"]):
        browser.open(page)
        browser.run("modelNames.splice(0, modelNames.length, ...arguments[0], 'gpt-oss-120b')", others)
        colours.append(browser.run("return [modelColour('gpt-oss-120b'), modelShape('gpt-oss-120b')]"))
    assert colours[0] == colours[1]
    assert len({browser.run("return modelColour(arguments[0])", f"model {i}") for i in range(100)}) > 12


def test_figures_follow_one_rule(browser, page):
    cases = {"seconds(0.0495)": "49.5 ms", "seconds(0.41234)": "412 ms", "seconds(0.9996)": "1.00 s", "seconds(1.2345)": "1.23 s",
             "seconds(123.4)": "123 s", "seconds(0)": "0 ms", "seconds(-1e-9)": "0 ms", "seconds(null)": "–", "figureOf(12345)": "12300",
             "secondsRange(0.1183, 0.1183)": "118 ms", "secondsRange(0.049, 0.413)": "49.0 to 413 ms", "secondsRange(0.9, 1.1)": "900 ms to 1.10 s",
             "share(0.175)": "18 %", "share(0.004)": "0.4 %", "share(0.0001)": "< 0.1 %", "share(0.9999)": "> 99.9 %", "digits(12345)": "12,345"}
    browser.open(page)
    assert {call: browser.run(f"return {call}") for call in cases} == cases


def test_the_csv_has_keys_and_the_tables_figures(browser, page, run):
    browser.open(page)
    head, *lines = [line.split(",") for line in browser.run("return stepsCsv()").split("\r\n")]
    assert "client_ttft_s_p50" in head and "switch_estimate_s" in head
    assert len(lines) == len(run.summaries)
    at = head.index("client_ttft_s_p50")
    known = [s["results_client_ttft_s_quantiles_p50"] for s in run.summaries]
    assert [float(line[at]) for line in lines if len(line) == len(head)] == near([k for k, line in zip(known, lines) if len(line) == len(head)])


def test_latency_is_drawn_against_load(browser, simulate, project):
    project.setup(["m,200,4,6,1,,,", "m,200,4,6,2,,,", "m,200,4,8,4,,,", "m,200,4,6,,20,constant,", "m,200,4,6,,40,constant,"])
    bundle = ("node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0}\nexperts:\n"
              "  - {name: m, weight_gb: 1, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,\n"
              "     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}\n")
    run = project.run(address=simulate(project.write("bundle.yaml", bundle)).address)
    browser.open(run.workbook.with_suffix(".html"))
    medians = [s["results_client_ttft_s_quantiles_p50"] for s in run.summaries]
    throughputs = [s["results_client_total_output_throughput"] for s in run.summaries]
    titles = [figure.text for figure in browser.all("#latency figure h3")]
    assert titles == ["TTFT against concurrency", "TTFT against throughput, by concurrency", "TTFT against rate", "TTFT against throughput, by rate"]
    for key, loads, steps in (("concurrent_requests", [1, 2, 4], slice(0, 3)), ("qps", [20, 40], slice(3, 5))):
        (curve,) = browser.run(f"return curvesOf('{key}').map((rows) => rows.map((row) => [row.{key}, row.client_ttft_s[1], row.client_total_output_throughput]))")
        assert [point[0] for point in curve] == loads
        assert [point[1] for point in curve] == near(medians[steps])
        assert [point[2] for point in curve] == near(throughputs[steps])
    table = shown(browser, "#passes")
    assert [float(line[3]) for line in table] == near(medians) and [float(line[6]) for line in table] == near(throughputs)
    assert browser.complaints() == []
