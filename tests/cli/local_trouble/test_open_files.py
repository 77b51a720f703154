"""Rows that run beside each other share the machine's files and ports: they are checked together, before
anything is sent, and what the check lets through is enough."""

import re
import resource
import time

import pytest
from support.bench import CONFIG, NO_VERDICT, Run
from support.endpoint import content, finish, stream

GOOD = stream(content("a"), finish(prompt_tokens=10, completion_tokens=1))
BESIDE = CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True")
ROWS = ["a,10,1,90,30,,,", "b,10,1,90,30,,,", "c,10,1,90,30,,,", "d,10,1,90,30,,,", "e,10,1,4,1,,,"]


def limited(files):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def plan(project, files, *arguments):
    return project.call("plan", "config.yaml", "--offline", *arguments, address="http://127.0.0.1:1/v1",
                        before=limited(files))


def test_rows_beside_each_other_are_checked_together(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, BESIDE)
    done = project.call("run", "config.yaml", address=server.address, before=limited(72))
    assert done.returncode == 2 and not server.requests and not project.run_folders(), done.stderr
    assert re.search(r"config.yaml:\d+: max_workers: 4 rows at once \(threads: 1\) with 120 connections need "
                     r"\d+ open files, and this process may have 72; raise 'ulimit -n'", done.stderr)
    for alone in (["max_workers=1"], ["concurrency_enabled=false"]):
        assert plan(project, 72, "--set", *alone).returncode == 0
    assert plan(project, 1024).returncode == 0


def test_a_row_beside_itself_counts_twice(project):
    project.setup(["a,10,1,90,30,,,"], BESIDE)
    assert plan(project, 80).returncode == 0
    done = plan(project, 80, "--set", "passes=3")
    assert done.returncode == 2 and "3 rows at once" in done.stderr, done.stderr


def test_local_ports_are_shared_too(project):
    first, last = map(int, open("/proc/sys/net/ipv4/ip_local_port_range").read().split())
    half = (last - first + 1) // 2 + 1
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    project.setup([f"{model},10,1,{half},{half},,," for model in "ab"], BESIDE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2, done.stderr
    if hard == resource.RLIM_INFINITY or hard > 3 * half:
        assert f"2 rows at once with {2 * half} connections need as many local ports" in done.stderr


@pytest.mark.parametrize("workers, threads", [(1, 1), (1, 3), (4, 1), (3, 3)])
def test_what_the_check_asks_for_is_enough(endpoint, project, workers, threads):
    def answer(request, connection):
        time.sleep(0.1)
        return GOOD

    project.setup(ROWS, BESIDE + f"threads : {threads}\nsave_llm_responses : True\n")
    options = [*NO_VERDICT, "--set", f"max_workers={workers}"]
    needed, told = 32, ""
    while done := plan(project, needed, *options):  # one row first, then several
        if done.returncode == 0:
            break
        told = done.stderr
        needed = max(int(n) for n in re.findall(r"need (\d+) open files", told))
    server = endpoint(answer)
    ended = project.call("run", "config.yaml", *options, address=server.address, before=limited(needed))
    assert ended.returncode == 0, told + ended.stderr
    (folder,) = project.run_folders()
    responses = [r for row in Run(folder, project.folder / "books").responses for r in row]
    assert [r["error_code"] for r in responses] == [None] * 364
