"""The page in a real browser: it draws, sorts and filters, asks for nothing, and shows texts from outside as
texts."""

import json
import shutil

import pytest

DRAWN = """
const canvas = arguments[0], context = canvas.getContext('2d');
const colours = new Set();
const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
return colours.size;
"""


def table(browser):
    return [[cell.text for cell in row.find_elements("css selector", "td")] for row in browser.all("#table tbody tr")]


def heads(browser):
    return [name.text.replace("\u200b", "") for name in browser.all("#table thead .name")]


def test_every_chart_is_drawn_and_nothing_is_complained_of_or_asked_for(browser, page):
    browser.open(page)
    canvases = browser.all("canvas")
    assert len(canvases) == 8, "five of a row, the run, two of the models"
    for canvas in canvases:
        browser.run("arguments[0].scrollIntoView()", canvas)
        browser.driver.implicitly_wait(0)
        browser.driver.execute_async_script("setTimeout(arguments[0], 150)")
        assert browser.run(DRAWN, canvas) > 5, canvas.get_attribute("aria-label")
        assert canvas.get_attribute("role") == "img" and canvas.get_attribute("aria-label")
    assert browser.complaints() == []
    assert [url for url in browser.asked_for() if not url.startswith("data:")] == [f"file://{page}"]


def test_texts_from_outside_stay_texts(browser, page):
    browser.open(page)
    labels = [line[1] for line in table(browser)]
    assert any(label.startswith("<img src=x onerror=alert(1)>") for label in labels)
    assert any(label.startswith("</script><script>alert(1)</script>") for label in labels)
    assert browser.all("img") == [] and browser.all("b") == []
    assert "release: <b>1.20</b>" in browser.one("#overview").text
    assert "note: <!--<script x" in browser.one("#overview").text
    for model in ("<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>"):
        browser.run("const s = document.getElementById('model'); s.value = arguments[0]; "
                    "s.dispatchEvent(new Event('change'))", model)
        assert len(table(browser)) >= 3
        browser.one("#table tbody tr").click()
        assert model in browser.one("#step h3").text
    assert browser.run("return document.scripts.length") == 3
    assert browser.complaints() == []


def test_the_table_sorts_and_filters(browser, page, run):
    browser.open(page)
    column = heads(browser).index("client_ttft_s_p50")
    sort = browser.all("#table thead th")[column]
    sort.click()
    values = [float(line[column].replace(",", "")) for line in table(browser)]
    assert values == sorted(values) and len(values) == len(run.summaries) == 13
    head = browser.all("#table thead th")[column]
    assert head.get_attribute("aria-sort") == "ascending"
    head.send_keys("\ue007")  # the same by the keyboard, the other way round
    assert [float(line[column].replace(",", "")) for line in table(browser)] == values[::-1]
    browser.one("#filter").send_keys("a 200")
    assert {line[1].split(" ")[0] for line in table(browser)} == {"a"}
    assert "of 13 steps" in browser.one("#steps").text
    browser.one("#filter").clear()
    browser.run("const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))")
    browser.one("#flagged").click()
    flagged = [s for s in run.summaries if s["results_number_errors"] or s["measurement_verdict"] != "valid"]
    assert len(table(browser)) >= len(flagged) == 1
    browser.one("#flagged").click()
    before = len(heads(browser))
    browser.one("#all").click()
    assert len(heads(browser)) > before + 20


def test_a_row_is_chosen_and_its_failure_told_in_words(browser, page, run):
    browser.open(page)
    (failed,) = [i for i, s in enumerate(run.summaries) if s["results_number_errors"]]
    rows = browser.all("#table tbody tr")
    rows[failed].click()
    told = browser.one("#step").text
    assert "failed with 500" in told
    assert rows[failed].get_attribute("aria-selected") == "true"
    assert f"{run.summaries[failed]['results_num_completed_requests']} of 4 requests completed" in told


def test_the_matrix_has_each_transition(browser, page, run):
    browser.open(page)
    study = json.loads((run.folder / "switching.json").read_text())
    cells = [cell.text for cell in browser.all("#matrix tbody td")]
    told = sorted(f"{t['visits_paid']}/{t['visits_paid'] + t['visits_not_paid']}" for t in study["transitions"] if t["from"])
    assert sorted(cell.split("\n")[-1] for cell in cells if "/" in cell) == told
    assert "What switches cost" in browser.one("#study").text


def test_rows_stand_over_all_their_passes(browser, page, run):
    browser.open(page)
    rows = [[cell.text for cell in row.find_elements("css selector", "td")] for row in browser.all("#passes tbody tr")]
    assert len(rows) == 3 and sum(int(row[1]) for row in rows) == len(run.summaries)
    assert all("±" in row[2] and "%" in row[2] for row in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_sideways(browser, page, scheme):
    browser.open(page, width=360, height=740, scheme=scheme)
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    assert browser.run("return document.documentElement.dataset.theme") == scheme
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.one("#theme").click()
    assert browser.run("return getComputedStyle(document.body).backgroundColor") != ground
    assert browser.complaints() == []


def test_paper_has_no_buttons_and_all_charts(browser, page):
    browser.open(page, media="print", scheme="dark")
    assert not any(control.is_displayed() for control in browser.all(".controls, .control"))
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    for canvas in browser.all("canvas"):
        assert browser.run(DRAWN, canvas) > 5
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.run("return document.documentElement.dataset.theme") == "dark"


def test_a_hundred_thousand_requests_stay_usable(browser, run, project):
    """Of 120,000 the page draws some, says so, and still answers."""
    big = project.folder / "out" / "big"
    shutil.copytree(run.folder, big)
    one = {k: v for k, v in run.responses[0][0].items() if not k.startswith("client_inter") and k != "client_coalesced_chunks"}
    start = one["sent_monotonic_ns"]
    lines = []
    for i in range(120_000):
        one.update(request_index=i, sent_monotonic_ns=start + i * 1_000_000, client_ttft_s=0.01 + i % 97 / 1000)
        lines.append(json.dumps(one))
    (big / f"{run.names[0]}_individual_responses.json").write_text("[" + ",".join(lines) + "]")
    summary = big / f"{run.names[0]}_summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"results_num_requests_started": 120_000}))
    done = project.call("report", str(big))
    assert done.returncode == 0, done.stderr
    browser.open(project.folder / "books" / "consolidated_results_big.html")
    overview = browser.one("#overview").text
    assert "Of 120048 requests, " in overview and " are drawn here" in overview
    browser.all("#table tbody tr")[0].click()
    assert "of 120,000 requests are drawn, evenly chosen" in browser.one("#step").text
    browser.one("#log").click()
    assert "of 120,048 requests are drawn" in browser.one("#run").text
    assert browser.complaints() == []
