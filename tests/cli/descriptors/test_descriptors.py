"""Without a standard input, output or error (`2>&-`) no other file takes its place: nothing that is meant
for people lands in a result."""

import json
import os
import subprocess

import pytest
from support.bench import NO_VERDICT, PROGRAM, Run
from support.endpoint import content, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=10, completion_tokens=2))


def answer(request, connection):
    return plain(503, b"busy") if request["index"] == 2 else GOOD


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)], ids=str)
def test_no_file_takes_a_closed_descriptor(endpoint, project, closed):
    def close():
        for fd in closed:
            os.close(fd)

    project.setup(["m,10,2,6,2,,,", "n,10,2,6,2,,,"])
    with open(project.folder / "out.txt", "w") as out, open(project.folder / "err.txt", "w") as err:
        process = subprocess.Popen([PROGRAM, "run", "config.yaml", *NO_VERDICT], cwd=project.folder,
                                   env=project.environment(endpoint(answer).address),
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=close)
        code = process.wait(60)
    # What cannot be printed is told by the exit code, as with a full disk.
    assert code == (2 if 1 in closed else 0), (project.folder / "err.txt").read_text()
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert [len(responses) for responses in run.responses] == [6, 6]
    lines = [json.loads(line) for line in (folder / "journal.jsonl").open()]
    assert sum("request" in line for line in lines) == 12
    for path in folder.iterdir():
        if path.suffix == ".json":
            json.loads(path.read_text())
    if 1 not in closed:
        assert "results:  out/" in (project.folder / "out.txt").read_text()
    if 2 not in closed:
        assert "1/2 m" in (project.folder / "err.txt").read_text()


def test_a_missing_output_is_an_error(project):
    done = subprocess.run([PROGRAM, "--version"], preexec_fn=lambda: os.close(1), stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"not all of the output could be written" in done.stderr
