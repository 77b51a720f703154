"""The workbook and the other files that are made from run directories alone: what stands in them, read by
readers that are not ours."""

import csv
import json
import pathlib
import re
import shutil
import subprocess

import openpyxl
import pytest
from support import arithmetic
from support.bench import CONFIG, HEADER, KEY

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005, reports_batch_size: true}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: "=1+1", weight_gb: 24, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
faults: [{kind: error-500, request: 3}]
"""
ROWS = ["a,200,8,6,1,,,", "=1+1,200,8,12,4,,,", "a,300,4,5,,50,constant,"]
SHEETS = ["Results", "Summary", "Steps", "Passes", "Charts", "Switching", "Transitions", "Matrix", "Per model", "Residency",
          "Batches", "Timeline", "Errors", "Environment", "Requests"]


@pytest.fixture
def run(simulate, project):
    """Two passes over three rows, with a failed request, a label and a limit."""
    project.setup(ROWS, CONFIG + "passes: 2\nlabels: {release: 1.20, operator: me}\n"
                                 "slo: {client_ttft_s: 0.5, client_time_per_output_token_s: 0.1}\n")
    return project.run(address=simulate(project.write("bundle.yaml", BUNDLE)).address)


def book(path):
    return openpyxl.load_workbook(path)


def lines_of(sheet, first=2):
    """A sheet's lines as dictionaries by its headings; data begin behind the line of units."""
    heads = [cell.value for cell in sheet[1]]
    return [dict(zip(heads, line)) for line in sheet.iter_rows(min_row=first + 1, values_only=True)]


def report(project, *arguments):
    done = project.call("report", *map(str, arguments))
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    made = {what: path.strip() for what, path in (line.split(":", 1) for line in lines)}
    assert last.endswith(f". Open {made['page']}"), "what was found, and what to open"
    return made


# --- Sheets ---------------------------------------------------------------------------------------


def test_every_sheet_stands_in_its_place_and_nothing_is_a_formula(run):
    workbook = book(run.workbook)
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        for line in sheet.iter_rows():
            assert not any(cell.data_type == "f" for cell in line), sheet.title
    assert len(workbook["Charts"]._charts) == 4, "no two models have one load"
    sheet = workbook["Results"]
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref
    assert "Output tokens" in sheet["E1"].comment.text
    assert sheet["A1"].value in (None, "") and [sheet.cell(i + 2, 1).value for i in range(6)] == [*range(6)]


def test_requests_stand_line_by_line_as_the_files_have_them(run):
    lines = lines_of(book(run.workbook)["Requests"])
    sent = [(i, r) for i, responses in enumerate(run.responses) for r in responses]
    assert len(lines) == len(sent) == 46
    for line, (step, response) in zip(lines, sent):
        assert line["step"] == step and line["request_index"] == response["request_index"]
        assert line["client_ttft_s"] == (pytest.approx(response["client_ttft_s"]) if response["client_ttft_s"] else None)
        assert line["error_code"] == (None if response["error_code"] is None else str(response["error_code"]))
        assert line["batch_size"] == response["batch_size_used"]
    began = [line["began_s"] for line in lines]
    assert began[0] == 0 and began == sorted(began)


def test_steps_have_every_statistic_and_grey_ones_where_too_few_completed(run):
    sheet = book(run.workbook)["Steps"]
    lines = lines_of(sheet)
    heads = [cell.value for cell in sheet[1]]
    for line, summary in zip(lines, run.summaries):
        for statistic in ("p5", "p50", "p95", "p99"):
            assert line[f"client_ttft_s_{statistic}"] == pytest.approx(
                summary[f"results_client_ttft_s_quantiles_{statistic}"])
        assert line["client_ttft_s_stddev"] == pytest.approx(summary["results_client_ttft_s_stddev"])
        assert line["goodput_share"] == pytest.approx(summary["goodput_share"])
    p99, p50 = (sheet.cell(3, heads.index(f"client_ttft_s_{q}") + 1) for q in ("p99", "p50"))
    assert p99.font.italic and not p50.font.italic, "six requests tell no 99th percentile"


def test_passes_stand_row_by_row_over_all_visits(run, project, simulate):
    lines = {line["row"]: line for line in lines_of(book(run.workbook)["Passes"]) if line["visits"]}
    assert len(lines) == 3 and {line["visits"] for line in lines.values()} == {2}
    own = [s["results_client_ttft_s_quantiles_p50"] for s in run.summaries if s["model"] == "=1+1"]
    line = lines["=1+1 200→8 c=4"]
    mean = sum(own) / 2
    assert line["client_ttft_s_p50: mean"] == pytest.approx(mean)
    assert line["client_ttft_s_p50: least"] == pytest.approx(min(own))
    assert line["client_ttft_s_p50: varies by"] == pytest.approx(
        (sum((x - mean) ** 2 for x in own)) ** 0.5 / mean)
    project.setup(["a,200,4,4,1,,,"], CONFIG)
    once = project.run(address=simulate(project.folder / "bundle.yaml").address)
    assert "Passes" not in book(once.workbook).sheetnames


def test_charts_and_passes_pool_the_requests_of_a_row_and_leave_warm_ups_out(simulate, project):
    """The table beneath the charts: quantiles over all requests of a row, whatever visit they belong to."""
    rows = ["a,900,8,8,4,,,,true", "a,200,8,6,1,,,,", "a,300,8,13,4,,,,", "=1+1,300,8,12,4,,,,"]
    project.setup(rows, CONFIG + "passes: 2\n", HEADER + ",warmup")
    run = project.run(address=simulate(project.write("bundle.yaml", BUNDLE)).address)
    workbook = book(run.workbook)
    assert [s["model"] for s in run.summaries] == ["a"] + 2 * ["a", "a", "=1+1"], "one warm-up, then two passes"
    table = list(workbook["Charts"].iter_rows(values_only=True))
    (head,) = [i for i, line in enumerate(table) if line[0] == "row"]
    lines = [dict(zip(table[head], line)) for line in table[head + 1:] if line[0] and line[1] is not None]
    names = ["a 200→8 c=1", "a 300→8 c=4", "=1+1 300→8 c=4"]
    assert [line["row"] for line in lines] == names + names[1:], "then those of one load, side by side"
    assert len(workbook["Charts"]._charts) == 6
    for line in lines:
        of = [r for i, responses in enumerate(run.responses[1:]) if names[i % 3] == line["row"] for r in responses]
        for figure, key in (("TTFT, s", "ttft_s"), ("end-to-end latency, s", "end_to_end_latency_s"),
                            ("output speed, tokens/s", "output_token_per_s_per_request")):
            p5, p50, p95 = (arithmetic.quantile([r[f"client_{key}"] for r in of], q) for q in (5, 50, 95))
            assert line[f"{figure}: p5"] == pytest.approx(p5)
            assert line[f"{figure}: p5 to median"] == pytest.approx(p50 - p5, rel=1e-6, abs=2e-6 * p50)
            assert line[f"{figure}: median to p95"] == pytest.approx(p95 - p50, rel=1e-6, abs=2e-6 * p50)
            assert line[f"{figure}: client median"] == pytest.approx(p50)
            server = arithmetic.quantile([r[f"server_{key}"] for r in of], 50)
            assert line[f"{figure}: server median"] == pytest.approx(server)
        throughputs = [s["results_client_total_output_throughput"] for i, s in enumerate(run.summaries[1:])
                       if names[i % 3] == line["row"]]
        assert line["throughput, tokens/s"] == pytest.approx(sum(throughputs) / 2)
    visited = {line["row"]: line["visits"] for line in lines_of(workbook["Passes"]) if line["visits"]}
    assert visited == dict.fromkeys(names, 2)


def test_goodput_counts_the_requests_that_keep_every_limit(run):
    for summary, responses in zip(run.summaries, run.responses):
        good = sum(r["error_code"] is None and r["client_ttft_s"] <= 0.5
                   and r["client_time_per_output_token_s"] <= 0.1 for r in responses)
        assert summary["goodput_share"] == pytest.approx(good / len(responses))
        assert summary["goodput_requests_per_s"] == pytest.approx(good / summary["wall_time_s"])


def test_batches_errors_and_timeline_tell_what_happened(run):
    workbook = book(run.workbook)
    batches = [line for line in lines_of(workbook["Batches"]) if line["step"] is not None]
    for i, responses in enumerate(run.responses):
        sizes = {}
        for r in responses:
            if r["error_code"] is None:
                sizes.setdefault(r["batch_size_used"], []).append(r["client_end_to_end_latency_s"])
        own = {line["batch size"]: line for line in batches if line["step"] == i}
        assert sorted(own) == sorted(sizes)
        for size, values in sizes.items():
            assert own[size]["requests"] == len(values)
            values.sort()
            middle = (values[len(values) // 2] + values[(len(values) - 1) // 2]) / 2
            assert own[size]["client end-to-end p50"] == pytest.approx(middle)
    (error,) = [line for line in lines_of(workbook["Errors"], 1) if line["step"] is not None]
    assert error["error_code"] == "500" and error["requests"] == 1 and error["the first of them"]
    assert error["of those sent"] == pytest.approx(1 / len(run.responses[error["step"]]))
    timeline = lines_of(workbook["Timeline"])
    for line, summary in zip(timeline, run.summaries):
        assert line["took"] == pytest.approx(summary["wall_time_s"])
    assert [line["pass"] for line in timeline] == [1, 1, 1, 2, 2, 2]


def test_the_environment_tells_all_but_the_key(run):
    told = {line[0]: line[1] for line in book(run.workbook)["Environment"].iter_rows(values_only=True) if line[0]}
    assert told["command line"].startswith(("build", "/")) and re.search(" run .*config.yaml", told["command line"])
    assert len(told["config SHA-256"]) == len(told["rows SHA-256"]) == 64
    assert told["release"] == "1.20" and told["operator"] == "me"
    assert told["kernel"] and told["cores"] and told["endpoint"].startswith("http://127.0.0.1")
    assert told["passes"] == "2"
    assert KEY not in json.dumps(told)


def test_another_program_opens_the_workbook_and_reads_the_same(run, tmp_path):
    done = subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
                           "ods", "--outdir", tmp_path, run.workbook], capture_output=True, text=True, timeout=170)
    assert done.returncode == 0 and (tmp_path / f"{run.workbook.stem}.ods").exists(), done.stderr
    back = tmp_path / "back"
    done = subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
                           "xlsx", "--outdir", back, tmp_path / f"{run.workbook.stem}.ods"],
                          capture_output=True, text=True, timeout=170)
    ours, theirs = book(run.workbook), book(back / run.workbook.name)
    assert theirs.sheetnames == SHEETS
    for name in ("Results", "Requests"):
        for mine, other in zip(ours[name].iter_rows(values_only=True), theirs[name].iter_rows(values_only=True)):
            for a, b in zip(mine, other):
                assert a == b or (isinstance(a, (int, float)) and a == pytest.approx(b)) or not (a or b)


# --- From directories alone -----------------------------------------------------------------------


def test_a_report_is_made_again_beside_the_old_one(run, project):
    again = report(project, run.folder)
    assert again["workbook"].endswith(f"{run.folder.name}-2.xlsx") and again["page"].endswith("-2.html")
    first, second = book(run.workbook), book(project.folder / again["workbook"])
    for sheet in first:
        assert [*sheet.iter_rows(values_only=True)] == [*second[sheet.title].iter_rows(values_only=True)]
    assert report(project, run.folder)["workbook"].endswith("-3.xlsx")


def test_several_runs_are_merged(run, project, simulate):
    other = project.run(address=simulate(project.folder / "bundle.yaml").address)
    made = report(project, run.folder, other.folder, "--output", "merged")
    assert made["workbook"] == f"merged/consolidated_results_{run.folder.name}-merged.xlsx"
    workbook = book(project.folder / made["workbook"])
    assert workbook["Results"].max_row == 13
    steps = [line for line in lines_of(workbook["Steps"]) if line["step"] is not None]
    assert [line["run"] for line in steps] == 6 * [run.folder.name] + 6 * [other.folder.name]
    assert {line["run"] for line in lines_of(workbook["Requests"])} == {1, 2}
    assert workbook["Switching"]["D3"].value == 4, "visits of both runs to the same row"


def test_a_run_that_goes_on_is_told_as_such(run, project):
    going = project.folder / "out" / "going"
    shutil.copytree(run.folder, going)
    manifest = json.loads((going / "manifest.json").read_text())
    for step in manifest["steps"][2:]:
        (going / f"{step['name']}_summary.json").unlink()
    manifest["steps"] = manifest["steps"][:2]
    (going / "manifest.json").write_text(json.dumps(manifest))
    made = report(project, going)
    assert book(project.folder / made["workbook"])["Results"].max_row == 3
    page = (project.folder / made["page"]).read_text()
    assert "going is not finished: 2 of 6 steps are here." in page


def test_a_folder_of_the_kit_is_read_without_a_manifest(run, project):
    """What the kit leaves: both files of each row, with its own keys only."""
    kit = project.folder / "kit"
    kit.mkdir()
    for name, summary, responses in zip(run.names, run.summaries, run.responses):
        ours = ("client_", "switching_", "measurement_", "step_", "pass", "warmup", "probe_", "goodput", "expert_")
        (kit / f"{name}_summary.json").write_text(json.dumps(
            {k: v for k, v in summary.items() if not k.startswith(ours)}))
        (kit / f"{name}_individual_responses.json").write_text(json.dumps(
            [{k: v for k, v in list(r.items())[:25] if k != "switching_time"} for r in responses]))
    made = report(project, kit)
    workbook = book(project.folder / made["workbook"])
    before = book(run.workbook)["Results"]
    heads = [cell.value for cell in workbook["Results"][1]]
    assert workbook["Results"].max_row == 7
    column = heads.index("client_ttft_s_p50") + 1
    theirs = sorted(workbook["Results"].cell(i, column).value for i in range(2, 8))
    own = [cell.value for cell in before[1]].index("client_ttft_s_p50") + 1
    assert theirs == sorted(before.cell(i, own).value for i in range(2, 8))
    assert workbook["Requests"].max_row == 48
    assert all(line["began_s"] is not None for line in lines_of(workbook["Requests"]))


def test_the_kits_way_of_reading_works_on_our_directories(run):
    """Every file whose name holds "summary" into one table, with these parts taken out of the names."""
    table = []
    for path in sorted(pathlib.Path(run.folder).iterdir()):
        if "summary" in path.name:
            line = json.loads(path.read_text())
            for part in ("results_", "_quantiles", "_per_request"):
                line = {key.replace(part, ""): value for key, value in line.items()}
            table.append(line)
    assert len(table) == 6
    heads, lines = run.table()
    for line in lines:
        cells = dict(zip(heads, line))
        (own,) = [one for one in table if one["name"] == cells["name"]]
        for key in ("client_ttft_s_p50", "server_ttft_s_max", "client_output_token_per_s_mean", "model",
                    "num_completed_requests_per_min", "error_code_frequency"):
            assert own[key] == (pytest.approx(cells[key]) if isinstance(own[key], float) else cells[key])


def test_more_requests_than_a_sheet_lists_are_all_in_a_csv(run, project):
    """A hundred thousand and ten; the last line says how many are missing."""
    big = project.folder / "out" / "big"
    shutil.copytree(run.folder, big)
    path = big / f"{run.names[0]}_individual_responses.json"
    one = {k: v for k, v in run.responses[0][0].items() if not k.startswith("client_inter") and k != "client_coalesced_chunks"}
    text = json.dumps(one)
    others = sum(len(r) for r in run.responses[1:])
    wanted = 100_010 - others
    path.write_text("[" + ",".join(text.replace('"request_index": 0', f'"request_index": {i}') for i in range(wanted)) + "]")
    summary = big / f"{run.names[0]}_summary.json"
    told = json.loads(summary.read_text())
    told["results_num_requests_started"] = wanted
    summary.write_text(json.dumps(told))
    made = report(project, big)
    sheet = openpyxl.load_workbook(project.folder / made["workbook"], read_only=True)["Requests"]
    lines = [line[0] for line in sheet.iter_rows(min_row=3, max_col=1, values_only=True)]
    assert len(lines) == 100_001
    assert lines[-1] == ("10 more requests are not listed here; all 100010 are in "
                         "consolidated_results_big_requests.csv.")
    assert (project.folder / made["requests"]).read_bytes().startswith(b"\xef\xbb\xbf"), "by which spreadsheets know UTF-8"
    with open(project.folder / made["requests"], newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 100_010
    assert rows[0]["client_ttft_s"] == f"{one['client_ttft_s']:.9g}"
    assert [row["row"] for row in rows if "1+1" in row["row"]][0].startswith(" =1+1"), "no formula there either"


def test_what_is_no_run_is_told(project):
    (project.folder / "empty").mkdir()
    done = project.call("report", "empty")
    assert done.returncode == 2
    assert "empty: is not a run directory, and holds none" in done.stderr


def test_requests_that_cannot_be_read_are_told(run, project):
    (run.folder / f"{run.names[1]}_individual_responses.json").unlink()
    done = project.call("report", str(run.folder))
    assert done.returncode == 0
    assert f"{run.names[1]}_individual_responses.json: cannot be read" in done.stderr
    assert "the reports are without these requests" in done.stderr
    (path,) = [line.split(":", 1)[1].strip() for line in done.stdout.splitlines() if line.startswith("workbook")]
    assert "cannot be read" in [c.value for c in book(project.folder / path)["Requests"]["A"]][-1]
