"""Runs under way in a real browser: what the page shows as it comes, two runs beside each other, their end."""


import pytest
from watching import Forged, request_line


@pytest.fixture
def forged(project):
    made = [Forged(project.folder / "out" / name, requests=40) for name in ("alpha", "beta")]
    for step, run in enumerate(made):
        run.begins(0)
        run.add(*[request_line(0, end_timestamp_utc=f"2026-11-29T07:00:{second:02}.000000Z", client_ttft_s=0.2 + second / 100)
                  for second in range(2, 2 + 15 * (step + 1))])
    yield made
    for run in made:
        run.end()


@pytest.fixture
def opened(forged, serve, browser):
    made = serve()
    browser.visit(made.link)
    browser.wait("main table")
    return made


def runs_of(workbench):
    if not workbench.secret:
        workbench.next_link()
        workbench.enter()
    return {run["name"]: run["id"] for run in workbench.api("GET", "/runs").json()["runs"]}


def test_a_run_is_shown_as_it_goes(opened, forged, browser):
    alpha, _ = forged
    ids = runs_of(opened)
    browser.visit(f"http://{opened.host}/run/{ids['alpha']}")
    browser.until(lambda: "15 of 40" in browser.wait("#progress tbody").text)
    assert "Under way: 0 of 2 steps ended, 15 requests completed." in browser.one("#progress").text
    assert [cell.text for cell in browser.all("#progress tbody td")][-4:] == ["15 of 40", "0", "290 ms", "10.0"]
    assert "20 in, 10 out, 2 at a time" in browser.one("#progress tbody").text
    assert "No request has failed" in browser.one("#progress").text
    assert float(browser.one("progress").get_attribute("value")) == pytest.approx(15 / 80)
    charts = browser.run("return [...document.querySelectorAll('#progress canvas')].map("
                         "(canvas) => Chart.getChart(canvas).data.datasets.map((set) => set.data.length))")
    assert charts == [[15], [15, 15]]
    browser.keep("watch-one")
    alpha.add(request_line(0, "timeout"), request_line(0, "timeout"), request_line(0, "429"))
    browser.until(lambda: "timeout: 2" in browser.one("#progress .chips").text)
    assert [chip.text for chip in browser.all("#progress .chips li")] == ["timeout: 2", "429: 1"]
    alpha.ends(0)
    alpha.begins(1)
    browser.until(lambda: len(browser.all("#progress tbody tr")) == 2)
    assert [row.text.split()[0] for row in browser.all("#progress tbody tr")] == ["2", "1"]
    assert "done" in browser.all("#progress tbody tr")[1].text
    alpha.write_manifest(status="done")
    alpha.end()
    browser.until(lambda: not browser.all("#progress"))
    assert not browser.complaints()
    assert {url.split("/")[2] for url in browser.asked_for() if url.startswith("http")} == {opened.host}


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (390, "dark")])
def test_two_runs_beside_each_other(opened, forged, browser, width, scheme):
    alpha, beta = forged
    browser.visit(f"http://{opened.host}/watch", width=width, height=1000, scheme=scheme)
    boxes = browser.until(lambda: browser.all("main input[type=checkbox]"))
    assert len(boxes) == 2
    for box in boxes:
        box.click()
    browser.one("main form button").click()
    browser.until(lambda: [("15 of 40" in c.text) + ("30 of 40" in c.text) for c in browser.all(".column")] == [1, 1])
    assert len(browser.all("canvas")) == 4
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.keep(f"watch-two-{width}")
    left, right = (column.location for column in browser.all(".column"))
    assert (left["y"] == right["y"] and left["x"] < right["x"]) if width > 1000 else left["y"] < right["y"]
    alpha.end()
    browser.until(lambda: [note.text for note in browser.all(".column > .note") if note.is_displayed()] ==
          ["This run has ended: cut off. Its name opens its report."])
    beta.add(request_line(0, "500"))
    browser.until(lambda: "500: 1" in browser.one("main").text)


def test_the_theme_changes_with_the_charts(opened, browser):
    browser.visit(f"http://{opened.host}/run/{runs_of(opened)['alpha']}")
    colour = "return Chart.getChart(document.querySelector('canvas')).data.datasets[0].borderColor"
    browser.until(lambda: browser.all("#progress tbody tr"))
    before = browser.run(colour)
    browser.one("#theme").click()
    browser.until(lambda: browser.run(colour) != before)
    browser.one("#theme").click()
    browser.until(lambda: browser.run(colour) == before)


def test_a_stream_that_breaks_off_is_begun_again(opened, forged, browser, serve):
    alpha, _ = forged
    browser.visit(f"http://{opened.host}/run/{runs_of(opened)['alpha']}")
    browser.until(lambda: "15 of 40" in browser.wait("#progress tbody").text)
    assert opened.close() == 0
    browser.until(lambda: "asked again" in browser.one("#progress").text)


def test_no_run_under_way_says_so(opened, forged, browser):
    for run in forged:
        run.write_manifest(status="done")
        run.end()
    browser.visit(f"http://{opened.host}/watch")
    browser.until(lambda: "No run is under way" in browser.one("main").text)
