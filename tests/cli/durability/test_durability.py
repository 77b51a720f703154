"""What is written survives a loss of power: the bytes are on the disk before the name, and the name
before anything else is done. `kill -9` shows none of that, since the page cache outlives it."""

import json
import pathlib
import subprocess

import pytest
from support.bench import CONFIG, another_run
from support.endpoint import content, finish, stream

SOURCE = pathlib.Path(__file__).with_name("trace_calls.c")
POLICY = "min_runs: 1\nmin_requests: 1\nchecks:\n  - limits:\n      error_rate: {max: 0.5}\n"


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    made = tmp_path_factory.mktemp("trace") / "trace_calls.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, SOURCE, "-ldl"], check=True)
    return made


def read_trace(path):
    """(thread, call, path, size, new name) of each call, in their order."""
    for line in path.read_text().splitlines():
        thread, call, at, size, to = line.split("\t")
        yield thread, call, pathlib.Path(at.replace("//", "/")), int(size), pathlib.Path(to.replace("//", "/"))


def synced_before(calls, i):
    """Whether the last that happened to the file was that all of it went to the disk."""
    _, _, path, size, _ = calls[i]
    return next((call[1] == "sync" and call[3] == size for call in reversed(calls[:i]) if call[2] == path), False)


def synced_after(calls, i):
    """Whether the same thread syncs the new name's folder next. Files that come to their places together,
    from a folder of their own, share that."""
    thread, _, path, _, to = calls[i]
    for call in (call for call in calls[i + 1:] if call[0] == thread):
        if call[1] == "sync" and call[2] == to.parent:
            return True
        together = call[2].parent == path.parent and path.parent != to.parent
        if not together:
            return False
    return False


def names_of(trace):
    """Checks each name that was given, and returns the names."""
    calls = list(read_trace(trace))
    named = [i for i, call in enumerate(calls) if call[1] == "name"]
    for i in named:
        assert synced_before(calls, i), f"{calls[i]}: the name is there before the bytes"
        assert synced_after(calls, i), f"{calls[i]}: the name is not on the disk"
    return [calls[i][4].name for i in named]


def respond(request, connection):
    words = len(request["body"]["messages"][0]["content"].split())
    return stream(content("a"), content("b"), finish(prompt_tokens=words, completion_tokens=2))


@pytest.fixture
def traced(project, library, endpoint, monkeypatch):
    """traced(word, …) runs a command, checks what it did to the disk, and returns the names it gave."""
    server = endpoint(respond)
    project.setup(["m,40,2,6,2,,,", "n,40,2,6,2,,,"], CONFIG + "save_llm_responses: true\nseed: 7\n")
    project.write("policy.yaml", POLICY)
    monkeypatch.setenv("LD_PRELOAD", str(library))

    def call(*words, expect=(0,)):
        trace = project.folder / "trace"
        trace.unlink(missing_ok=True)
        monkeypatch.setenv("TRACE_FILE", str(trace))
        done = project.call(*map(str, words), address=server.address)
        assert done.returncode in expect, done.stdout + done.stderr
        return names_of(trace)
    return call


def has(names, *ends):
    for end in ends:
        assert any(name.endswith(end) for name in names), f"no {end} among {names}"


def test_bytes_before_names_and_names_before_what_follows(traced, project):
    has(traced("run", "config.yaml", expect=(0, 4)), "manifest.json", "_summary.json", "_individual_responses.json",
        "_response_texts.jsonl", "switching.json", ".xlsx", ".html")
    (run,) = project.run_folders()
    has(traced("report", run), ".xlsx", ".html")
    has(traced("compare", run, another_run(run, project.folder / "other"), "--policy", "policy.yaml", "--output", "made",
               expect=(0, 1, 4)), ".xlsx", ".html", ".json", ".xml", ".md")
    has(traced("export", run, "--format", "kit", "--output", "kit"), "_summary.json", "_individual_responses.json")
    has(traced("calibrate", "config.yaml"), ".json")


def test_a_resumed_run_is_as_careful(traced, project):
    traced("run", "config.yaml", expect=(0, 4))
    (run,) = project.run_folders()
    manifest = json.loads((run / "manifest.json").read_text())
    for path in run.glob(manifest["steps"][1]["name"] + "*"):
        path.unlink()
    has(traced("run", "--resume", run, expect=(0, 4)), "manifest.json", "_summary.json", "_individual_responses.json")


def test_a_text_is_in_the_journal_before_its_request(traced, project):
    """Whoever finds the request there after a crash finds what was said in it too."""
    traced("run", "config.yaml", expect=(0, 4))
    (run,) = project.run_folders()
    texts, requests = set(), set()
    for line in map(json.loads, (run / "journal.jsonl").open()):
        if "text" in line:
            texts.add((line["step"], line["text"]["request_index"]))
        if "request" in line:
            one = (line["step"], line["request"]["request_index"])
            assert one in texts, f"{one} is there, and its text is not"
            requests.add(one)
    assert len(requests) == 12
