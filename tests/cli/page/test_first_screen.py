"""What one reads without scrolling: each kind of page opens with its answer in a sentence and, where there is
something to compare, one bar for each."""

import json
import re

import pytest
from support.bench import another_run

HEIGHT = 900  # of a laptop's screen

POLICY = """\
min_runs: 1
min_requests: 20
checks:
  - limits:
      client_ttft_s_p50: {margin: 0.1}
      error_rate: {max: 0.01}
"""

MODELS = """node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0}
experts:
  - {name: m, weight_gb: 1, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: n, weight_gb: 1, prefill_tokens_per_s: 2000, decode_tokens_per_s: 1000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""


def first_screen(browser, path, **options):
    """The texts that stand wholly within the first screen, by their place on the page."""
    browser.open(path, height=HEIGHT, **options)
    return browser.run("""
const inside = (element) => element && element.getBoundingClientRect().bottom <= window.innerHeight && element.offsetHeight > 0;
const text = (selector) => [...document.querySelectorAll(selector)].filter(inside).map((element) => element.innerText);
return {title: text('#title'), made: text('#made'), sentence: text('.sentence'), bars: [...document.querySelectorAll('.bar')]
  .filter((bar) => inside(bar.querySelector('.words'))).map((bar) => [bar.querySelector('.label').innerText, bar.querySelector('.words').innerText]),
  tiles: text('.tile')};
""")


def milliseconds(seconds):
    """Three significant digits, as a page writes a time below a second."""
    return f"{float(f'{1000 * seconds:.3g}'):g}"


def headed(screen):
    assert len(screen["title"]) == len(screen["sentence"]) == 1
    return screen["title"][0], screen["sentence"][0]


def test_a_figure_and_its_unit_stay_on_one_line(browser, page, run):
    browser.open(page, width=390)
    lines = browser.run("""return [...document.querySelectorAll('.sentence .together, .tile .together')]
  .map((element) => [element.innerText, element.getClientRects().length]);""")
    assert lines and all(count == 1 for _, count in lines)


def test_a_study_says_what_a_switch_costs(browser, page, run):
    screen = first_screen(browser, page, width=1440)
    title, sentence = headed(screen)
    assert title.startswith("Switching study of 3 models")
    assert run.manifest["endpoint"]["address"].removeprefix("http://") in screen["made"][0] and "<b>1.20</b>" in screen["made"][0]
    models = json.loads((run.folder / "switching.json").read_text())["models"]
    costs = {m["model"]: m["cost_s"] for m in models}
    numbers = re.search(r"costs ([\d.]+)(?: to ([\d.]+))? ms", sentence).groups()
    ends = [float(milliseconds(end(costs.values()))) for end in (min, max)]
    assert [float(n) for n in numbers if n] == sorted(set(ends))
    assert len(screen["bars"]) == 3, "what does a switch to X cost? It can be read without scrolling"
    for (label, words), cost in zip(screen["bars"], costs.values()):
        assert float(words.split(" ms")[0]) == float(milliseconds(cost)), label
    assert len(screen["tiles"]) >= 2


def test_a_tile_leads_to_its_section(browser, page):
    browser.open(page, width=1440, height=HEIGHT)
    links = [link.get_attribute("href").partition("#")[2] for link in browser.all("a.tile")]
    assert "health" in links
    for link, target in zip(browser.all("a.tile"), links):
        link.click()
        box = browser.run("return document.getElementById(arguments[0]).getBoundingClientRect().toJSON()", target)
        assert 0 <= box["top"] < HEIGHT and box["height"] > 0, target
        browser.run("window.scrollTo(0, 0)")


def test_a_batch_says_how_fast_each_model_is(browser, simulate, project):
    project.setup(["m,200,4,6,2,,,", "n,200,4,6,2,,,"])
    run = project.run(address=simulate(project.write("bundle.yaml", MODELS)).address)
    screen = first_screen(browser, run.workbook.with_suffix(".html"), width=1440)
    title, sentence = headed(screen)
    assert title.startswith("Benchmark of 2 models")
    assert "tokens/s" in sentence and "none of 12 requests failed" in sentence
    medians = [milliseconds(s["results_client_ttft_s_quantiles_p50"]) for s in run.summaries]
    assert [float(words.split(" ms")[0]) for _, words in screen["bars"]] == [float(m) for m in medians]


def test_a_failed_run_says_why(browser, simulate, project):
    project.setup(["m,200,4,6,2,,,"])
    run = project.run(address=simulate(project.write("bundle.yaml", MODELS)).address, key="wrong", expect=3)
    screen = first_screen(browser, run.workbook.with_suffix(".html"), width=1440)
    title, sentence = headed(screen)
    sent = run.summaries[0]["results_num_requests_started"]
    assert sentence == f"401: the endpoint refuses the key from SAMBANOVA_API_KEY ({sent} of {sent} requests)."
    assert browser.one("#failures").text.startswith("Failures") and "401" in browser.one("#failures").text
    assert browser.complaints() == []


@pytest.mark.parametrize("slower, verdict", [(1.0, "PASS"), (2.0, "FAIL")])
def test_a_comparison_says_its_verdict(browser, simulate, project, slower, verdict):
    project.setup(["m,200,4,40,4,,,"])
    project.write("policy.yaml", POLICY)
    run = project.run(address=simulate(project.write("bundle.yaml", MODELS)).address)
    sides = [project.folder / "base", project.folder / "candidate"]
    for folder, factor in zip(sides, (1.0, slower)):
        another_run(run.folder, folder)
        (path,) = folder.glob("*_individual_responses.json")
        path.write_text(json.dumps([r | {"client_ttft_s": factor * (0.2 + 0.0001 * i)} for i, r in enumerate(json.loads(path.read_text()))]))
    done = project.call("compare", *map(str, sides), "--policy", "policy.yaml", "--output", "verdict")
    assert done.returncode == (verdict == "FAIL"), done.stdout + done.stderr
    (page,) = (project.folder / "verdict").glob("*.html")
    title, sentence = headed(first_screen(browser, page, width=1440))
    assert title.startswith("Release comparison")
    assert sentence.startswith(verdict)
    assert ("TTFT" in sentence or "client_ttft_s_p50" in sentence) == (verdict == "FAIL"), "what regressed"
    assert browser.complaints() == []


def test_a_phone_begins_with_the_sentence_too(browser, page):
    screen = first_screen(browser, page, width=390)
    assert len(screen["sentence"]) == 1 and len(screen["bars"]) >= 1
