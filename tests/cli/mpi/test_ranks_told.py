"""What files and reports tell of the ranks that shared a run: who sent what, how each kept up, whose clock."""

import json
import os
import re

import openpyxl
import pytest
from support.bench import NO_VERDICT, Run
from support.endpoint import content, finish, stream
from support.mpi import Ranked, end

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))
ROWS = ["a,10,2,30,6,,,", "a,20,2,9,1,,,"]
SHARES = [[15, 15], [9, 0]]


@pytest.fixture
def told(endpoint, project):
    project.setup(ROWS)
    ranked = Ranked(project)
    end(ranked.start(2, endpoint(lambda request, connection: GOOD).address, "run", "config.yaml", *NO_VERDICT, "--name",
                     "r"))
    return Run(project.folder / "out" / "r", project.folder / "books")


def page_of(run):
    text = run.workbook.with_suffix(".html").read_text()
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))


def lines_of(book, sheet):
    return [list(line) for line in book[sheet].iter_rows(values_only=True)]


def check_summaries(run):
    for summary, step, shares in zip(run.summaries, run.manifest["steps"], SHARES, strict=True):
        ranks = summary["ranks"]
        assert [one["rank"] for one in ranks] == [0, 1]
        assert [one["requests"] for one in ranks] == step["requests_of_ranks"] == shares
        assert ranks[0]["clock_uncertainty_s"] == 0 < ranks[1]["clock_uncertainty_s"]
        assert ranks[1]["clock_uncertainty_s"] == pytest.approx(summary["clock_uncertainty_s"])
        for one in ranks:
            assert one["client_resident_mb"] > 0 and one["measurement_verdict"] in ("valid", "degraded")
        for key in ("client_read_lateness_s_p99", "client_loop_stall_s_max", "client_loop_cpu_share_max"):
            known = [one[key] for one in ranks if one[key] is not None]
            assert not known or max(known) == pytest.approx(summary[key])


def check_workbook(run, book):
    heads, _, *requests = lines_of(book, "Requests")
    requests = [line for line in requests if line[heads.index("request_index")] is not None]
    responses = [r for responses in run.responses for r in responses]
    assert [line[heads.index("rank")] for line in requests] == [r["rank"] for r in responses]
    for line, r in zip(requests, responses, strict=True):
        assert line[heads.index("clock_uncertainty_s")] == pytest.approx(r["clock_uncertainty_s"])
    heads, *steps = lines_of(book, book.sheetnames[0])
    assert [line[heads.index("clock_uncertainty_s")] for line in steps] == pytest.approx(
        [summary["clock_uncertainty_s"] for summary in run.summaries])


def check_environment(book):
    lines = lines_of(book, "Environment")
    assert ["ranks", "2"] in [line[:2] for line in lines]
    at = next(i for i, line in enumerate(lines) if line[0] == "rank")
    table = [dict(zip(lines[at], line)) for line in lines[at + 1:at + 3]]
    assert [(one["rank"], one["host"], one["requests"]) for one in table] == [
        (rank, os.uname().nodename, requests) for rank, requests in ((0, 24), (1, 15))]
    assert table[0]["share"] == pytest.approx(24 / 39)
    for one in table:
        assert one["steps valid"] + one["degraded"] + one["invalid"] == 2
        assert one["memory, MB"] > 0
    assert table[1]["clock uncertainty, s"] > table[0]["clock uncertainty, s"] == 0


def test_who_sent_what_and_how_each_kept_up(told):
    book = openpyxl.load_workbook(told.workbook)
    check_summaries(told)
    check_workbook(told, book)
    check_environment(book)
    page = page_of(told)
    (run,) = page["runs"]
    assert [(one["rank"], one["requests"]) for one in run["ranks"]] == [(0, 24), (1, 15)]
    for step, responses in zip(page["steps"], told.responses, strict=True):
        assert step["requests"]["rank"] == [r["rank"] for r in responses]
