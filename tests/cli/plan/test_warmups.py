"""The starter kit's habit of a short row before the one that is measured: told once, whatever the number of rows."""

import pytest
from support.bench import CONFIG

SENTENCE = "a column warmup with true there keeps such rows out of every estimate"


def warnings(project, rows, *arguments):
    project.setup(rows, CONFIG)
    done = project.call("plan", "config.yaml", "--offline", *arguments, address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_warm_ups_are_told_once_with_ranges(project):
    rows = [f"m,100,8,{c},{c},,," for c in (1, 2, 4, 8)] + [f"m,100,8,{4 * c},{c},,," for c in (1, 2, 4)]
    told = [line for line in warnings(project, rows) if "hide a switch" not in line]
    assert told == [
        f"warning: rows.csv:2: 3 rows are each a warm-up of a longer row that follows (lines 2–4): no more requests than "
        f"run at once; {SENTENCE}",
        "warning: rows.csv:5: cannot show a switch: num_requests (8) is not above concurrent_requests (8), so no request "
        "runs after the first wave"]


@pytest.mark.parametrize("rows", [
    ["m,100,8,4,4,,,", "n,100,8,16,4,,,"], ["m,100,8,4,4,,,", "m,200,8,16,4,,,"], ["m,100,8,4,4,,,", "m,100,9,16,4,,,"],
    ["m,100,8,4,4,,,", "m,100,8,16,8,,,"], ["m,100,8,16,4,,,", "m,100,8,4,4,,,"], ["m,100,8,4,4,,,", "m,100,8,4,4,,,"],
    ["m,100,8,4,4,,,", "m,100,8,16,4,,,small"], ["m,100,8,5,4,,,", "m,100,8,16,4,,,"]])
def test_other_rows_are_no_warm_ups(project, rows):
    assert not [line for line in warnings(project, rows) if SENTENCE in line]


def test_a_warm_up_that_is_marked_is_not_told_again(project):
    project.setup(["m,100,8,4,4,true", "m,100,8,64,4,"], CONFIG,
                  header="model_name,input_tokens,output_tokens,num_requests,concurrent_requests,warmup")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.stderr == ""


def test_hundreds_of_rows_are_told_in_a_few_lines(project):
    rows = []
    for tokens in range(100, 296):
        rows += [f"m,{tokens},8,16,16,,,", f"m,{tokens},8,64,16,,,"]
    told = warnings(project, rows + ["n,9,9,4,4,,,"] * 8)
    assert len(told) <= 4
    assert "196 rows are each a warm-up" in told[0] and "lines 2, 4, 6, 8, 10, 12, 14, 16, …" in told[0]
    assert any("8 rows cannot show a switch (lines 394–401)" in line for line in told)
    assert any("7 rows ask for the same as earlier ones (lines 395–401)" in line for line in told)
