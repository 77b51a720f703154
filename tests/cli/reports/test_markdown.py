"""`export --format markdown`: what a report opens with, as one page for a message."""

import re

from support.endpoint import content, finish, stream


def test_the_page_has_the_sentence_and_a_line_for_each_step(project, endpoint):
    def answer(request, connection):
        if request["body"]["model"] == "b_|*":
            return b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        return stream(content("a"), content("b"), finish(completion_tokens=2))

    project.setup(["a,10,2,3,1,,,", "b_|*,10,2,2,1,,,"])
    run = project.run(address=endpoint(answer).address, expect=3)
    done = project.call("export", "--format", "markdown", str(run.folder))
    assert done.returncode == 0, done.stderr
    folder = project.folder / "out" / f"{run.folder.name}_markdown"
    assert done.stdout.split(": ", 1)[1].strip().endswith(f"{run.folder.name}_markdown")
    page = (folder / "report.md").read_text()
    (sentence,) = re.findall(r"^\*\*(.*)\*\*$", page, re.M)
    last = run.process.stdout.splitlines()[-1]
    assert last.startswith(sentence.replace("\\", "")[:-1]), "the one that the run ends with"
    rows = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in page.splitlines() if re.match(r"\| \d+ ", line)]
    assert [row[:3] for row in rows] == [["1", "a 10→2 c=1", "3 of 3"], ["2", r"b\_\|\* 10→2 c=1", "0 of 2"]]
    assert re.fullmatch(r"[\d.]+ m?s", rows[0][3]) and rows[1][3] == "–"
