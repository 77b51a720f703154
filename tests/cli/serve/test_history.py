"""A figure over runs and releases, and the first screen: points are those of the summaries, the sentence that of the report."""

import urllib.parse

import pytest
from selenium.webdriver.support.select import Select
from support.endpoint import plain
from watching import Forged, request_line
from workbench import NODE

ROWS = ["a,20,4,3,1,,,N/A", "b,20,4,3,1,,,N/A", "a,30,4,3,1,,,N/A"]


@pytest.fixture
def ran(simulate, project):
    """Four runs of three releases, the oldest first."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(ROWS)
    return [project.run("--name", name, *(("--set", f"labels.release={release}") if release else ()), address=simulator.address)
            for name, release in (("one", "1.0"), ("two", "1.0"), ("three", "2.0"), ("four", None))]


@pytest.fixture
def opened(ran, serve):
    workbench = serve()
    workbench.enter()
    return workbench


def history(workbench, **query):
    return workbench.api("GET", f"/history?{urllib.parse.urlencode(query)}")


def row_of(workbench, model, input_tokens):
    (row,) = [row for row in history(workbench).json()["rows"]
              if (row["model"], row["num_input_tokens"]) == (model, input_tokens)]
    return row


def test_rows_are_those_that_runs_have(opened):
    known = history(opened).json()
    assert sorted((row["model"], row["num_input_tokens"], row["num_output_tokens"], row["num_concurrent_requests"], row["runs"])
                  for row in known["rows"]) == [("a", 20, 4, 1, 4), ("a", 30, 4, 1, 4), ("b", 20, 4, 1, 4)]
    assert {"p50", "mean", "stddev"} <= set(known["statistics"])
    metrics = {metric["name"]: metric for metric in known["metrics"]}
    assert metrics["client_ttft_s"] == {"name": "client_ttft_s", "unit": "s", "statistics": True}
    assert metrics["switching_time"]["statistics"] is False
    assert [row["model"] for row in history(opened, search="B").json()["rows"]] == ["b"]
    assert history(opened, search="%").json()["rows"] == []


@pytest.mark.parametrize("metric, of, key", [
    ("client_ttft_s", "p50", "results_client_ttft_s_quantiles_p50"), ("client_ttft_s", "max", "results_client_ttft_s_max"),
    ("client_end_to_end_latency_s", "mean", "results_client_end_to_end_latency_s_mean"),
    ("num_completed_requests_per_min", "", "results_num_completed_requests_per_min")])
def test_points_are_those_of_the_summaries(opened, ran, metric, of, key):
    row = row_of(opened, "a", 30)["row"]
    points = history(opened, row=row, metric=metric, of=of).json()["points"]
    assert [point["name"] for point in points] == ["one", "two", "three", "four"]
    assert [point["labels"] for point in points] == [{"release": "1.0"}, {"release": "1.0"}, {"release": "2.0"}, {}]
    assert [point["started_utc"] for point in points] == [run.manifest["started_utc"] for run in ran]
    assert {point["step"] for point in points} == {2}
    for point, run in zip(points, ran):
        assert point["value"] == pytest.approx(run.summaries[2][key])


def test_what_is_not_known_says_so(opened):
    row = row_of(opened, "a", 20)["row"]
    assert "no step has the metric" in history(opened, row=row, metric="x; DROP TABLE run").json()["error"]
    refused = history(opened, row=row, of="p50 FROM step --")
    assert refused.status == 400 and "is no statistic" in refused.json()["error"]
    assert history(opened, row="nothing").json()["points"] == []
    assert history(opened, row=row, metric="acceptance_rate").json()["points"] == []
    assert len(history(opened, row=row).json()["points"]) == 4


def test_the_first_screen_has_the_sentence_of_the_report(opened, ran, project):
    now = opened.api("GET", "/now").json()
    assert now["running"] == [] and now["last"]["name"] == "four"
    said = project.call("report", "out/four", "--output", "by-hand").stdout.rstrip().splitlines()[-1]
    headline = opened.api("GET", f"/runs/{now['last']['id']}/headline").json()
    assert said.startswith(headline["sentence"] + ". Open ") and len(headline["sentence"]) > 20
    assert opened.api("GET", "/runs/0123456789abcdef/headline").status == 404


def test_the_first_screen_of_no_run(serve):
    workbench = serve()
    workbench.enter()
    assert workbench.api("GET", "/now").json() == {"running": [], "last": None}
    assert history(workbench).json()["rows"] == []


def test_a_run_under_way_is_no_last_one(opened, project):
    run = Forged(project.folder / "out" / "later")
    try:
        run.write_manifest(started_utc="2099-01-01T00:00:00.000000Z")
        run.begins(0)
        now = opened.api("GET", "/now").json()
        assert [one["name"] for one in now["running"]] == ["later"] and now["last"]["name"] == "four"
    finally:
        run.end()


CHART = "return Chart.getChart(document.querySelector('canvas')).data.datasets.map((set) => set.data.map((one) => [one.x, one.y]))"


def test_a_history_by_date_and_by_release(browsed, browser, ran):
    browser.visit(f"http://{browsed.host}/history")
    browser.wait("canvas")
    row = Select(browser.one("select[name=row]"))
    (wanted,) = [option for option in row.options if option.text.startswith("b · 20 in")]
    row.select_by_visible_text(wanted.text)
    Select(browser.one("select[name=of]")).select_by_visible_text("mean")
    browser.one("main form button").click()
    browser.until(lambda: "of=mean" in browser.driver.current_url and browser.all("canvas"))
    points, means = browser.run(CHART)
    assert [y for _, y in points] == pytest.approx([run.summaries[1]["results_client_ttft_s_mean"] for run in ran]) and not means
    assert [cell.text for cell in browser.all("tbody td:nth-child(2)")] == ["four", "three", "two", "one"]
    browser.keep("history")
    browser.one("input[name=by]").send_keys("release")
    browser.one("main form button").click()
    browser.until(lambda: "by=release" in browser.driver.current_url and browser.all("canvas"))
    points, means = browser.run(CHART)
    assert [x for x, _ in points] == [0, 0, 1] and [x for x, _ in means] == [0, 1]
    assert means[0][1] == pytest.approx((points[0][1] + points[1][1]) / 2)
    browser.keep("history-release")
    assert not browser.complaints()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(browsed, browser, scheme):
    for path in ("/history", "/"):
        browser.visit(f"http://{browsed.host}{path}", width=390, height=844, scheme=scheme)
        browser.wait("canvas" if path == "/history" else ".sentence")
        browser.keep(f"phone-{path.strip('/') or 'home'}-{scheme}")
        assert browser.run("return document.documentElement.scrollWidth") <= 390


def test_the_first_screen(browsed, browser, project):
    sentence = browser.until(lambda: (text := browser.wait("main .sentence").text) != "…" and text)
    (last,) = [run for run in browsed.api("GET", "/runs").json()["runs"] if run["name"] == "four"]
    assert sentence == browsed.api("GET", f"/runs/{last['id']}/headline").json()["sentence"] + "."
    runs = [Forged(project.folder / "out" / name) for name in ("later", "latest")]
    try:
        for run in runs:
            run.begins(0)
            run.add(request_line(0))
        browser.until(lambda: "2 runs under way" in browser.one("main").text)
        browser.keep("home")
        browser.one("main .running a").click()
        browser.wait("#progress")
        browser.visit(f"http://{browsed.host}/")
        browser.until(lambda: "2 runs under way" in browser.one("main").text)
        browser.driver.find_element("link text", "Watch them side by side").click()
        browser.until(lambda: len(browser.all(".column")) == 2)
    finally:
        for run in runs:
            run.end()


def test_a_run_without_a_completed_request_has_its_sentence(endpoint, project, serve):
    project.setup(["m,20,4,2,1,,,N/A"])
    project.run("--name", "failed", address=endpoint(lambda request, connection: plain(500, b"broken")).address, expect=3)
    workbench = serve()
    workbench.enter()
    now = workbench.api("GET", "/now").json()
    assert now["last"]["name"] == "failed"
    assert "500" in workbench.api("GET", f"/runs/{now['last']['id']}/headline").json()["sentence"]
