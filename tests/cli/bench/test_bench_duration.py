"""`coebench bench --duration`: a column of the rows, by itself or with the most requests that are sent."""

import csv
import os
import subprocess
import time

import pytest

from support import bench
from support.endpoint import content, finish, stream


def slow(request, connection):
    """A response takes a fifth of a second, so that few requests fit into one."""
    time.sleep(0.2)
    return stream(content("a"), content("b"), finish(prompt_tokens=9, completion_tokens=2))


def benched(project, server, *words, expect=0):
    environment = {**project.environment(None, key=None), "OPENAI_API_BASE": server.address, "OPENAI_API_KEY": "k"}
    done = subprocess.run([bench.PROGRAM, "bench", *bench.NO_VERDICT, "-m", "m", "-i", "9", "-o", "2", *words, *bench.SEED],
                          cwd=project.folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def row_of(project):
    (folder,) = [path for path in (project.folder / "results").iterdir() if path.is_dir()]
    (row,) = csv.DictReader((folder / "inputs" / "rows.csv").open(newline=""))
    return row, bench.Run(folder, project.folder / "results")


def test_a_row_sends_for_so_long(project, endpoint):
    server = endpoint(slow)
    done = benched(project, server, "--duration", "1.5", "-c", "2")
    assert done.stderr.startswith("bench: 'm' at concurrency 2: 1.5 s of 9 input and 2 output tokens\n")
    row, run = row_of(project)
    assert (row["duration_s"], row["num_requests"]) == ("1.5", "")
    (responses,) = run.responses
    assert 2 <= len(bench.completed(responses)) == len(server.requests) <= 2 * 8, "0.2 s each, two at once"


def test_a_number_of_requests_is_the_most(project, endpoint):
    server = endpoint(slow)
    done = benched(project, server, "--duration", "60", "-n", "3")
    assert ": 60 s, at most 3 requests of 9 input" in done.stderr
    row, _ = row_of(project)
    assert (row["duration_s"], row["num_requests"]) == ("60", "3") and len(server.requests) == 3


@pytest.mark.parametrize("given, sentence", [
    ("0", "--duration: '0' is not a number above 0"),
    ("soon", "--duration: 'soon' is not a number of seconds above 0"),
])
def test_a_time_that_is_none_is_refused(project, endpoint, given, sentence):
    server = endpoint(slow)
    done = benched(project, server, "--duration", given, expect=2)
    assert sentence in done.stderr and not server.requests and not os.listdir(project.folder)
