"""The workbook as people open, print and forward it: the summary, what it is drawn from, and its pages."""

import re
import subprocess
import zipfile

import openpyxl
import pytest
from support.bench import CONFIG

NODE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 4000, switch_overhead_s: 0.01}
experts:
"""
EXPERT = """\
  - {name: %s, weight_gb: %d, prefill_overhead_s: 0.002, prefill_tokens_per_s: 200000, decode_tokens_per_s: 5000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
MODELS = {"Meta-Llama-3.3-70B-Instruct": 60, "gpt-oss-120b": 70, "=1+1": 80, "d": 90, "e": 95}


def bundle(models):
    return NODE + "".join(EXPERT % (f'"{name}"', MODELS[name]) for name in models)


@pytest.fixture
def study(project, simulate):
    """study(models, passes): all pairs of them, probed; the run it left."""
    def run(models, passes, rows=()):
        project.setup([*(f"{name},100,4,2,1,,," for name in models), *rows],
                      CONFIG + f"order: all-pairs\npasses: {passes}\nprobe: {{steady: 3}}\nbundle: bundle.yaml\n")
        return project.run(address=simulate(project.write("bundle.yaml", bundle(models))).address)
    return run


def texts(sheet):
    return [cell for line in sheet.iter_rows(values_only=True) for cell in line if isinstance(cell, str)]


def values(chart, workbook, which):
    """What a series' reference leads to."""
    reference = (which.numRef or which.strRef).f
    name, area = re.fullmatch(r"'?([^']+?)'?!(.+)", reference).groups()
    return [cell.value for line in workbook[name][area.replace("$", "")] for cell in line]


def number(text):
    """Seconds of "413 ms" or "1.20 s"."""
    amount, unit = re.match(r"([\d.]+) (m?s)", text).groups()
    return float(amount) / (1000 if unit == "ms" else 1)


def test_results_stay_first_and_the_summary_is_shown(study):
    run = study(["gpt-oss-120b", "=1+1", "d"], 2)
    workbook = openpyxl.load_workbook(run.workbook)
    assert workbook.sheetnames[:2] == ["Results", "Summary"] and workbook.active.title == "Summary"
    heading, rows = run.table()
    assert heading[1:3] == ["name", "model"] and len(rows) == len(run.summaries)
    sheet = workbook["Summary"]
    found = texts(sheet)
    assert found[0].startswith("Switching study of 3 models · 127.0.0.1:")
    assert re.match(r"A switch costs [\d.]+( ms)? to [\d.]+ ms, by the model that is loaded", found[1])
    for words in ("Findings", "What to look at first", "Colours, in all sheets", "red", "yellow", "green"):
        assert words in found
    links = [cell.hyperlink.location.split("!")[0].strip("'") for line in sheet.iter_rows() for cell in line
             if cell.hyperlink]
    assert links and set(links) <= set(workbook.sheetnames) - {"Results", "Summary"}
    assert {"Residency", "Errors"} <= set(links)


def test_the_bars_are_those_of_the_study(study):
    run = study(["gpt-oss-120b", "=1+1", "d"], 2)
    workbook = openpyxl.load_workbook(run.workbook)
    sheet = workbook["Summary"]
    (chart,) = sheet._charts
    low, to_value, to_high = [values(chart, workbook, series.val) for series in chart.series]
    labels = values(chart, workbook, chart.series[0].cat)
    costs = {line[0]: line for line in workbook["Per model"].iter_rows(min_row=3, values_only=True) if line[1]}
    heads = [cell.value for cell in workbook["Per model"][1]]
    cost, begin, end = (heads.index(name) for name in ("switch, of those that paid", "interval from", "interval to"))
    assert len(labels) == 3
    for i, label in enumerate(labels):
        name, words = label.split(": ", 1)
        model = costs[name]
        assert low[i] == pytest.approx(1000 * model[begin], rel=1e-6)
        assert low[i] + to_value[i] == pytest.approx(1000 * model[cost], rel=1e-6)
        assert low[i] + to_value[i] + to_high[i] == pytest.approx(1000 * model[end], rel=1e-6)
        assert number(words) == pytest.approx(model[cost], rel=6e-3), "three digits"
    table = {line[0]: line[2] for line in sheet.iter_rows(values_only=True)
             if line[0] in costs and isinstance(line[2], float)}
    assert table == {name: pytest.approx(1000 * line[cost]) for name, line in costs.items()}


def test_the_matrix_is_headed_by_names(study):
    run = study(["gpt-oss-120b", "d"], 1, ["d,50,4,2,1,,,"])
    lines = list(openpyxl.load_workbook(run.workbook)["Matrix"].iter_rows(values_only=True))
    assert lines[1][:2] == ("#", "from \\ to")
    assert [head.split(" ", 1)[0] for head in lines[1][2:]] == ["1", "2", "3"]
    assert {head.split(" ", 1)[1] for head in lines[1][2:]} == {"gpt-oss-120b 100→4 c=1", "d 100→4 c=1", "d 50→4 c=1"}
    assert [line[1] for line in lines[2:5]] == [head.split(" ", 1)[1] for head in lines[1][2:]]
    run = study(["gpt-oss-120b", "Meta-Llama-3.3-70B-Instruct"], 1)
    lines = list(openpyxl.load_workbook(run.workbook)["Matrix"].iter_rows(values_only=True))
    assert {head.split(" ", 1)[1] for head in lines[1][2:]} == {"gpt-oss-120b", "Meta-Llama-3.3-70B"}


def test_latency_is_drawn_against_load(project, simulate):
    project.setup(["d,100,8,4,1,,,", "d,100,8,8,4,,,", "d,100,8,8,2,,,", "e,100,8,4,1,,,", "d,100,8,10,,50,constant,",
                   "d,100,8,10,,100,constant,", "e,50,8,4,2,,,"], CONFIG + "passes: 2\n")
    run = project.run(address=simulate(project.write("bundle.yaml", bundle(["d", "e"]))).address)
    workbook = openpyxl.load_workbook(run.workbook)
    sheet = workbook["Load"]
    heads = [cell.value for cell in sheet[1]]
    lines = [dict(zip(heads, line)) for line in sheet.iter_rows(min_row=3, max_row=7, values_only=True)]
    assert [(line["model and lengths"], line["kind of load"], line["load"], line["visits"]) for line in lines] == \
        [("d 100→8", "requests at once", load, 2) for load in (1, 2, 4)] + \
        [("d 100→8", "requests/s", load, 2) for load in (50, 100)], "e ran at one load of each length"
    for line in lines:
        of = [s for s in run.summaries if s["model"] == "d" and s["num_input_tokens"] == 100 and
              (s.get("num_concurrent_requests") or s.get("qps")) == line["load"]]
        for column, key in (("TTFT p50", "results_client_ttft_s_quantiles_p50"),
                            ("TTFT p95", "results_client_ttft_s_quantiles_p95"),
                            ("end-to-end p50", "results_client_end_to_end_latency_s_quantiles_p50"),
                            ("output throughput", "results_client_total_output_throughput")):
            assert line[column] == pytest.approx(sum(s[key] for s in of) / len(of)), column
    charts = [(values(c, workbook, c.series[0].xVal), values(c, workbook, c.series[0].yVal)) for c in sheet._charts]
    assert [x for x, _ in charts] == [[1, 2, 4], [l["output throughput"] for l in lines[:3]], [50, 100],
                                      [l["output throughput"] for l in lines[3:]]]
    assert [y for _, y in charts] == [[l["TTFT p50"] for l in part] for part in (lines[:3],) * 2 + (lines[3:],) * 2]


def test_nothing_is_drawn_that_is_a_dash(project, simulate):
    """Boxes need two requests at least; of one, the median is drawn."""
    project.setup(["d,100,8,1,1,,,", "e,100,8,1,1,,,"])
    run = project.run(address=simulate(project.write("bundle.yaml", bundle(["d", "e"]))).address)
    charts = openpyxl.load_workbook(run.workbook)["Charts"]._charts
    assert len(charts) == 6 and {chart.grouping for chart in charts} == {"clustered"}


def pages(workbook, folder):
    done = subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to",
                           "pdf", "--outdir", folder, workbook], capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    return len(re.findall(rb"/Type\s*/Page[^s]", (folder / f"{workbook.stem}.pdf").read_bytes()))


def test_a_study_of_61_steps_fits_20_pages_each_sheet_one_page_wide(study, tmp_path):
    run = study(list(MODELS), 3)
    assert len(run.summaries) == 61
    workbook = openpyxl.load_workbook(run.workbook)
    for sheet in workbook:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToWidth in (None, 1), sheet.title
        assert sheet.page_setup.fitToHeight == (None if sheet.title == "Summary" else 0), "as many pages as it takes"
        assert sheet.page_setup.paperSize == 9, "A4"
        if sheet.freeze_panes and sheet.title != "Load":
            (area,) = sheet.print_area if isinstance(sheet.print_area, list) else [sheet.print_area]
            last = openpyxl.utils.range_boundaries(area.split("!")[-1].replace("$", ""))[2]
            widths = [sheet.column_dimensions[openpyxl.utils.get_column_letter(i + 1)].width for i in range(last)]
            assert sum(widths) < 320, f"{sheet.title} is legible"
    assert pages(run.workbook, tmp_path) <= 20


def test_a_run_in_which_all_failed_says_why(project, endpoint):
    from support.endpoint import plain
    project.setup(["m,100,4,2,1,,,"])
    server = endpoint(lambda request, connection: plain(401, b'{"error":{"message":"no"}}'))
    run = project.run(address=server.address, expect=3)
    workbook = openpyxl.load_workbook(run.workbook)
    assert workbook.active.title == "Summary"
    assert any("401: the endpoint refuses the key from SAMBANOVA_API_KEY" in text for text in texts(workbook["Summary"]))
    with zipfile.ZipFile(run.workbook) as parts:
        assert parts.testzip() is None
