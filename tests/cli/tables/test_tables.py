"""`export --format csv|jsonl`: two tables of a run, read back by pandas and by SQLite's own shell, and held against the
workbook and the responses figure by figure."""

import json
import subprocess

import openpyxl
import pytest
from support.bench import CONFIG
from support.endpoint import content, finish, stream
from support.helpers import helper

READ = """\
import json, sys, pandas
read = {"csv": lambda path: pandas.read_csv(path, float_precision="round_trip"),
        "jsonl": lambda path: pandas.read_json(path, lines=True, convert_dates=False)}
for path in sys.argv[1:]:
    print(read[path.rsplit(".", 1)[1]](path).to_json(orient="records", double_precision=15))
"""
ODD = 'no "such", model'
FORMATS = ("csv", "jsonl")


@pytest.fixture
def run(endpoint, project):
    """A row with a probe, one in open loop, one of which every other request fails, with a text that a CSV must quote."""
    asked = []

    def answer(request, connection):
        asked.append(request)
        if request["body"]["model"] == "b" and len(asked) % 2:
            said = json.dumps({"error": {"message": ODD}}).encode()
            return b"HTTP/1.1 503 Busy\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
        return stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))
    config = CONFIG + "labels: {release: '1.0', node: '=7'}\nprobe: {steady: 2}\n"
    project.setup(["a,10,2,6,2,,,", "b,10,2,6,1,,,", "a,10,2,3,,50,,"], config)
    return project.run(address=endpoint(answer).address)


def export(project, run, form):
    done = project.call("export", str(run.folder), "--format", form, "--output", "tables")
    assert done.returncode == 0, done.stderr
    folder = project.folder / done.stdout.removeprefix(f"{form}: ").strip()
    assert sorted(path.name for path in folder.iterdir()) == ["export.json", f"requests.{form}", f"steps.{form}"]
    return folder


def tables(folder, form):
    """Steps and requests as pandas reads them, without what it does not know."""
    python = helper("pandas") / "bin" / "python"
    done = subprocess.run([python, "-c", READ, *(folder / f"{name}.{form}" for name in ("steps", "requests"))],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [[{k: v for k, v in line.items() if v is not None} for line in json.loads(table)]
            for table in done.stdout.splitlines()]


def same(value, wanted):
    if isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    if isinstance(wanted, (int, float)):
        return value == pytest.approx(wanted, rel=1e-12)
    return str(value) == wanted


@pytest.mark.parametrize("form", FORMATS)
def test_steps_have_every_figure_of_the_workbook(run, project, form):
    steps, _ = tables(export(project, run, form), form)
    heads, rows = run.table()
    compared = 0
    assert len(steps) == len(rows) == 3
    for line, step in zip(rows, steps):
        for head, wanted in zip(heads[1:], line[1:]):
            if wanted is None:
                assert head not in step, head
                continue
            assert same(step[head], wanted), head
            compared += 1
    assert compared > 200
    heads, units, *lines = openpyxl.load_workbook(run.workbook)["Steps"].iter_rows(values_only=True)
    metrics = [i for i, head in enumerate(heads) if str(head).endswith(("_p5", "_p99", "_stddev"))]
    known = [i for i in metrics if any(line[i] is not None for line in lines)]
    assert len(known) > 20
    for line, step in zip(lines, steps):
        for i in known:
            if line[i] is not None:
                assert step[heads[i].replace("_per_request", "")] == pytest.approx(line[i], rel=1e-12), heads[i]


@pytest.mark.parametrize("form", FORMATS)
def test_requests_are_the_responses_to_the_last_digit(run, project, form):
    steps, requests = tables(export(project, run, form), form)
    probes = [p for path in run.folder.glob("*_probe.json") for p in json.loads(path.read_text())]
    assert [r["part"] for r in requests].count("probe") == len(probes) > 4
    for at, (name, responses) in enumerate(zip(run.names, run.responses)):
        (step,) = [s for s in steps if s["step"] == at]
        assert step["name"] == f"{name}_summary"
        mine = [r for r in requests if r["step"] == at and r["part"] == "load"]
        assert len(mine) == len(responses)
        for line, response in zip(mine, responses):
            assert line["row"] == step["row"] and line["run"] == run.folder.name
            assert (line["request_index"], line["attempt"]) == (response["request_index"], response["attempt"])
            assert line["start_timestamp_utc"] == response["start_timestamp_utc"]
            assert line.get("error_msg", "") == response["error_msg"]
            assert str(line.get("error_code", "")).removesuffix(".0") == str(response["error_code"] or "")
            for key in ("client_ttft_s", "client_end_to_end_latency_s", "number_output_tokens",
                        "client_output_token_per_s_per_request", "server_number_input_tokens"):
                assert line.get(key) == response[key], key
    assert any(ODD in r.get("error_msg", "") for r in requests)


def test_both_forms_hold_the_same(run, project):
    made = {form: tables(export(project, run, form), form) for form in FORMATS}
    for one, other in zip(*made.values()):
        assert len(one) == len(other) > 0
        for left, right in zip(one, other):
            for key in left.keys() | right.keys():
                if key != "label_node":
                    assert same(left[key], right[key]), key
    assert {step["label_node"] for step in made["jsonl"][0]} == {"=7"}
    assert {step["label_node"] for step in made["csv"][0]} == {" =7"}, "a spreadsheet takes no formula from it"


def sqlite(folder, *commands):
    done = subprocess.run(["sqlite3", ":memory:", *commands], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    return [line.split("|") for line in done.stdout.splitlines()]


def test_sqlite_reads_both(run, project):
    failed = [[s["name"], str(sum(r["error_code"] is not None for r in responses))]
              for s, responses in zip(run.summaries, run.responses)]
    made = sqlite(export(project, run, "csv"), ".import --csv steps.csv steps", ".import --csv requests.csv requests",
                  "SELECT name, sum(error_code <> '') FROM steps JOIN requests USING (step) WHERE part = 'load' "
                  "GROUP BY step")
    assert made == failed
    made = sqlite(export(project, run, "jsonl"), "CREATE TABLE requests(line)", ".mode tabs",
                  ".import requests.jsonl requests", "SELECT line ->> 'client_ttft_s' FROM requests "
                  "WHERE line ->> 'part' = 'load' AND line ->> 'client_ttft_s' IS NOT NULL")
    assert [float(line[0]) for line in made] == [
        r["client_ttft_s"] for responses in run.responses for r in responses if r["client_ttft_s"] is not None]


def test_a_folder_of_the_kit_has_tables_too(run, project):
    kit = project.call("export", str(run.folder), "--format", "kit", "--output", "kit")
    (project.folder / "kit" / run.folder.name / "export.json").unlink()
    done = project.call("export", f"kit/{run.folder.name}", "--format", "jsonl", "--output", "tables")
    assert kit.returncode == 0 and done.returncode == 0, done.stderr
    steps, requests = tables(project.folder / done.stdout.removeprefix("jsonl: ").strip(), "jsonl")
    assert sorted(s["name"] for s in steps) == sorted(f"{name}_summary" for name in run.names)
    assert len(requests) == sum(map(len, run.responses))
    assert "start_timestamp_utc" not in requests[0] and "label_node" not in steps[0]
