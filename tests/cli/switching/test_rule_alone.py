"""Where the documented rule finds a switch and the estimate has nothing to measure one by, the rule's
value says so wherever it stands."""

import re

import openpyxl
from support.endpoint import content, finish, stream


def serve(request, connection):
    """The first takes half a second by the server's word; a cache knows the others."""
    k = request["index"]
    return stream(content("a"), finish(
        prompt_tokens=200, completion_tokens=1, time_to_first_token=0.5 if k == 0 else 0.01 + k / 1e4,
        prompt_tokens_details={"cached_tokens": 160 if k else 0}))


SENTENCE = "the switching time of 0.487 s is the documented rule's alone: by the estimate it is not " \
    "measurable (cached prompt)"


def test_the_rules_value_is_marked_on_its_line(endpoint, project):
    project.setup(["m,200,1,6,1,,,"])
    run = project.run(address=endpoint(serve).address)
    heading, (row,) = run.table()
    assert round(row[heading.index("switching_time")], 3) == 0.49
    assert row[heading.index("switch_verdict")] == "not measurable"
    sentence = SENTENCE.replace("0.487", "%.3f" % row[heading.index("switching_time")])
    assert sentence in row[heading.index("flags")]
    (line,) = [line for line in run.process.stdout.splitlines() if re.match(r" +1 +m ", line)]
    assert line.endswith("  –"), "the terminal has one switch column, the estimate's; the rule stays in the files"
    assert "rule's alone" not in run.process.stdout
    steps = openpyxl.load_workbook(run.workbook)["Steps"]
    lines = [[cell.value for cell in line] for line in steps.iter_rows()]
    (names,) = [line for line in lines if "switching_time" in line or "flags" in line]
    assert any(sentence in str(line[names.index("flags")]) for line in lines)
    page = run.workbook.with_suffix(".html").read_text()
    assert sentence.replace("'", "\\u0027") in page or sentence in page


def test_a_value_that_the_estimate_can_judge_is_not(endpoint, project):
    def quiet(request, connection):
        k = request["index"]
        return stream(content("a"), finish(prompt_tokens=200, completion_tokens=1,
                                           time_to_first_token=0.5 if k == 0 else 0.01 + k / 1e4))

    project.setup(["m,200,1,6,1,,,"])
    run = project.run(address=endpoint(quiet).address)
    assert "  490 ms\n" in run.process.stdout and "rule's alone" not in run.process.stdout
