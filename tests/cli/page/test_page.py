"""The page in a real browser: it draws, sorts and filters, asks for nothing, and shows texts from outside as
texts."""

import json
import shutil

import pytest
from support.bench import CONFIG

DRAWN = """
const canvas = arguments[0], context = canvas.getContext('2d');
const colours = new Set();
const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
return colours.size;
"""


def lines(browser):
    return browser.all("#table tbody tr.choosable")


def table(browser):
    return [[cell.text for cell in row.find_elements("css selector", "td")] for row in lines(browser)]


def heads(browser):
    return [name.get_attribute("data-key") for name in browser.all("#table thead th")]


def figures(browser, column):
    """A column's figures as they are, not as they are written."""
    return [float(row.find_elements("css selector", "td")[column].get_attribute("data-value")) for row in lines(browser)]


def unfold(browser):
    for closed in range(len(browser.all(".fold"))):
        browser.all(".fold")[closed].click()


def draw_all(browser):
    for canvas in browser.all("canvas"):
        browser.run("arguments[0].scrollIntoView()", canvas)
        browser.until(lambda: browser.run(DRAWN, canvas) > 5)
        assert canvas.get_attribute("role") == "img" and canvas.get_attribute("aria-label")
        yield browser.run("return Chart.getChart(arguments[0]).options.scales", canvas)


def test_every_chart_is_drawn_and_nothing_is_complained_of_or_asked_for(browser, page):
    browser.open(page)
    unfold(browser)
    lines(browser)[0].click()
    scales = list(draw_all(browser))
    assert len(scales) >= 6, "two of the models, two of the run, some of a step"
    for axes in scales:
        assert axes["y"]["title"]["text"], "each axis says what it shows"
    assert browser.complaints() == []
    assert [url for url in browser.asked_for() if not url.startswith("data:")] == [f"file://{page}"]


def test_texts_from_outside_stay_texts(browser, page):
    browser.open(page)
    unfold(browser)
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
        lines(browser)[0].click()
        assert model in browser.one("#step h3").text
        lines(browser)[0].click()
        assert browser.all("#step") == [], "a second click closes it"
    assert browser.run("return document.scripts.length") == 3
    assert browser.complaints() == []


def test_the_table_sorts_and_filters(browser, page, run):
    browser.open(page)
    column = heads(browser).index("client_ttft_s_p50")
    sort = browser.all("#table thead th")[column]
    assert sort.text.startswith("TTFT p50") and sort.get_attribute("title").startswith("client_ttft_s_p50: ")
    sort.click()
    values = figures(browser, column)
    assert values == sorted(values) and len(values) == len(run.summaries) == 13
    head = browser.all("#table thead th")[column]
    assert head.get_attribute("aria-sort") == "ascending"
    head.send_keys("\ue007")  # the same by the keyboard, the other way round
    assert figures(browser, column) == values[::-1]
    browser.one("#filter").send_keys("a 200")
    assert {line[1].split(" ")[0] for line in table(browser)} == {"a"}
    assert "of 13 steps" in browser.one("#steps").text
    browser.one("#filter").clear()
    browser.run("const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))")
    browser.one("#flagged").click()
    flagged = [s for s in run.summaries if s["results_number_errors"] or s["measurement_verdict"] != "valid"]
    assert len(table(browser)) >= len(flagged) == 1
    browser.one("#flagged").click()
    assert browser.run("return document.activeElement.id") == "flagged"
    before = len(heads(browser))
    browser.one("#all").click()
    assert len(heads(browser)) > before + 20


def test_a_line_opens_its_charts_there(browser, page, run):
    browser.open(page)
    unfold(browser)
    (failed,) = [i for i, s in enumerate(run.summaries) if s["results_number_errors"]]
    rows = lines(browser)
    rows[failed].click()
    shown = browser.one("#step").text
    assert "failed with 500" in shown
    assert rows[failed].get_attribute("aria-selected") == rows[failed].get_attribute("aria-expanded") == "true"
    assert browser.run("return arguments[0].nextElementSibling.contains(document.getElementById('step'))", rows[failed])
    assert f"{run.summaries[failed]['results_num_completed_requests']} of 4 requests completed" in shown


def test_steps_of_a_study_are_folded_by_pass(browser, page, run):
    browser.open(page)
    assert lines(browser) == []
    words = [row.text for row in browser.all("#table tr.pass")]
    passes = [s["pass"] for s in run.summaries]
    assert [w.split(" ·")[0] for w in words] == [f"▸ Pass {n} {passes.count(n)} steps" for n in (1, 2)]
    browser.all(".fold")[1].click()
    assert browser.run("return document.activeElement.textContent") == "▾ Pass 2", "the keyboard stays where it was"
    assert [line[0] for line in table(browser)] == [str(i + 1) for i, n in enumerate(passes) if n == 2]


def test_number_and_name_stay_and_a_shadow_says_that_there_is_more(browser, page):
    browser.open(page, width=900)
    unfold(browser)
    browser.one("#all").click()
    place = "return document.querySelector('#steps .scroller')"
    browser.until(lambda: "more-right" in browser.run(f"{place}.className"))
    assert "more-left" not in browser.run(f"{place}.className")
    left = "return [1, 2, 3].map((n) => document.querySelector(`#table tr.choosable td:nth-child(${n})`).getBoundingClientRect().left)"
    before = browser.run(left)
    browser.run("document.querySelector('#steps .scroll').scrollLeft = 700")
    browser.until(lambda: "more-left" in browser.run(f"{place}.className"))
    after = browser.run(left)
    assert after[:2] == before[:2] and after[2] == before[2] - 700


def test_the_matrix_has_each_transition(browser, page, run):
    browser.open(page)
    study = json.loads((run.folder / "switching.json").read_text())
    cells = [cell.text for cell in browser.all("#matrix tbody td")]
    paid = sorted(f"{t['visits_paid']}/{t['visits_paid'] + t['visits_not_paid']}" for t in study["transitions"] if t["from"])
    assert sorted(cell.split("\n")[-1] for cell in cells if "/" in cell) == paid
    assert "What switches cost" in browser.one("#switching").text


def test_the_method_is_folded_away(browser, page):
    browser.open(page)
    assert browser.one("#method").get_attribute("open") is None
    assert "degrees of freedom" not in browser.one("#switching ul").text
    browser.one("#method summary").click()
    assert "varies by" in browser.one("#method").text


def test_rows_stand_over_all_their_passes(browser, page, run):
    browser.open(page)
    rows = [[cell.text for cell in row.find_elements("css selector", "td")] for row in browser.all("#passes tbody tr")]
    assert len(rows) == 3 and sum(int(row[1]) for row in rows) == len(run.summaries)
    assert all("±" in row[3] and "%" in row[3] for row in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_sideways(browser, page, scheme):
    browser.open(page, width=360, height=740, scheme=scheme)
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    assert browser.run("return document.documentElement.dataset.theme") == scheme
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.one("#theme").click()
    assert browser.run("return getComputedStyle(document.body).backgroundColor") != ground
    assert browser.complaints() == []


def test_lines_are_cards_on_a_phone(browser, page):
    browser.open(page, width=360, height=740)
    unfold(browser)
    heights = browser.run("return [...document.querySelectorAll('#table tr.choosable:first-of-type td, #table tr.choosable td')].slice(0, 4).map((td) => td.getBoundingClientRect().top)")
    assert heights == sorted(set(heights)), "one below the other"
    assert not browser.one("#table thead").is_displayed()
    name = browser.run("return getComputedStyle(document.querySelector('#table tr.choosable td:nth-child(5)'), '::before').content")
    assert name == '"TTFT p50"'
    lines(browser)[0].click()
    assert browser.run("return document.documentElement.scrollWidth") <= 360


def test_paper_fits_and_keeps_its_heat(browser, page):
    browser.open(page, width=718, media="print")  # A4 without its margins
    unfold_all = "table.open = new Set(data.steps.map(passName)); fillTable()"
    browser.run(unfold_all)
    assert browser.run("return document.documentElement.scrollWidth") <= 718
    heat = "const cell = document.querySelector('#matrix td.heat'); return getComputedStyle(cell)"
    assert browser.run(f"{heat}.printColorAdjust || getComputedStyle(cell).webkitPrintColorAdjust") == "exact"
    assert browser.run(f"{heat}.backgroundColor").startswith("rgba(213, 94, 0")


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
    responses = []
    for i in range(120_000):
        one.update(request_index=i, sent_monotonic_ns=start + i * 1_000_000, client_ttft_s=0.01 + i % 97 / 1000)
        responses.append(json.dumps(one))
    (big / f"{run.names[0]}_individual_responses.json").write_text("[" + ",".join(responses) + "]")
    summary = big / f"{run.names[0]}_summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"results_num_requests_started": 120_000}))
    done = project.call("report", str(big))
    assert done.returncode == 0, done.stderr
    browser.open(project.folder / "books" / "consolidated_results_big.html")
    overview = browser.one("#overview").text
    assert "Of 120048 requests, " in overview and " are drawn here" in overview
    browser.all("#table .fold")[0].click()
    lines(browser)[0].click()
    assert "of 120,000 requests are drawn, evenly chosen" in browser.one("#step").text
    browser.one("#log").click()
    assert "of 120,126 requests are drawn" in browser.one("#run").text, "78 of them are the probes'"
    assert browser.complaints() == []


def test_rows_of_unlike_numbers_of_requests_are_not_averaged(browser, simulate, project):
    """The starter kit's habit: a short row before the one that is measured."""
    project.setup(["a,200,4,2,2,,,", "a,200,4,6,2,,,"], "passes: 2\n" + CONFIG)
    bundle = ("node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.02}\nexperts:\n"
              "  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,\n"
              "     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}\n")
    run = project.run(address=simulate(project.write("bundle.yaml", bundle)).address)
    browser.open(run.workbook.with_suffix(".html"))
    rows = [[cell.text for cell in row.find_elements("css selector", "td")] for row in browser.all("#passes tbody tr")]
    assert [(row[0].rpartition(", ")[2], row[1]) for row in rows] == [("2 requests", "2"), ("6 requests", "2")]
