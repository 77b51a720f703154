"""`coebench bench`: one line instead of a config and a CSV, and LLMPerf's lines as they are documented."""

import csv
import json
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import time

import pytest

from support import bench
from support.endpoint import content, event, finish, plain, stream

NODE = """
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 4000, switch_overhead_s: 0.01}
experts:
  - {name: %s, weight_gb: 40, template_tokens: 11, prefill_overhead_s: 0.002, prefill_tokens_per_s: 500000,
     decode_tokens_per_s: 20000, tiers: [{tokens: 8192, batch_sizes: [1, 4]}]}
"""


def good(request, connection):
    return stream(content("a"), content("b"), finish(prompt_tokens=words_of(request), completion_tokens=2))


def environment(project, address=None, key=bench.KEY, **more):
    """OPENAI_API_BASE and its key, and nothing of another family."""
    kept = project.environment(None, key=None)
    if address:
        kept["OPENAI_API_BASE"] = address
    if key:
        kept["OPENAI_API_KEY"] = key
    return {**kept, **more}


def line(project, *words, expect=0, **how):
    done = subprocess.run([bench.PROGRAM, *bench.with_seed(words, project.folder)], cwd=project.folder, text=True,
                          env=environment(project, **how), stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def benched(project, *words, **how):
    return line(project, "bench", *bench.NO_VERDICT, *words, **how)


def runs(project, results="results"):
    folder = project.folder / results
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def only_run(project, results="results"):
    (folder,) = runs(project, results)
    return bench.Run(folder, project.folder / results)


def rows_of(run):
    return list(csv.DictReader((run.folder / "inputs" / "rows.csv").open(newline="")))


def words_of(request):
    said = request["body"]["messages"][0]["content"]
    return len((said if isinstance(said, str) else said[0]["text"]).split())


# --- One line -------------------------------------------------------------------------------------


def test_a_model_alone_is_enough(project, endpoint):
    server = endpoint(good)
    done = benched(project, "--model", "m", address=server.address)
    assert len(server.requests) == 10
    assert {r["body"]["max_tokens"] for r in server.requests} == {1000}
    assert {words_of(r) for r in server.requests} == {1000}
    first, second, third = done.stderr.splitlines()[:3]
    assert first == "bench: 'm' at concurrency 1: 10 requests of 1000 input and 1000 output tokens"
    assert second.startswith("about 1 min 45 s, if a first token takes 0.5 s and each response then runs at 100 tokens/s")
    run = only_run(project)
    assert second.endswith(f"; results: results/{run.folder.name}")
    assert third == f"endpoint: {server.address}, from OPENAI_API_BASE (environment)"
    assert bench.completed(run.responses[0]) == run.responses[0] and len(run.responses[0]) == 10
    assert run.workbook.exists() and f"results:  results/{run.folder.name}" in done.stdout


def test_what_was_typed_stands_in_the_run_and_its_manifest_points_there(project, endpoint):
    server = endpoint(good)
    benched(project, "-m", "m", "-i", "20", "-o", "3", "-n", "4", "-c", "2", "--timeout", "30", "--name", "typed",
            "--label", "release=2.4", "--label", "node=a,b", "--sampling-params", '{"temperature": 0.5, "stop": ["x"]}',
            "--set", "seed=7", address=server.address)
    run = only_run(project)
    assert run.folder.name == "typed"
    assert run.manifest["config"]["path"] == "results/typed/inputs/config.yaml"
    assert run.manifest["model_configs"]["path"] == "results/typed/inputs/rows.csv"
    settings = run.manifest["settings"]
    assert settings["timeout"] == 30 and settings["seed"] == 7 and settings["llm_api"] == "openai"
    assert settings["labels"] == {"release": "2.4", "node": "a,b"}
    assert {r["body"]["temperature"] for r in server.requests} == {0.5}
    assert all(r["body"]["stop"] == ["x"] for r in server.requests)
    (row,) = rows_of(run)
    assert list(row) == bench.HEADER.split(",")
    assert (row["input_tokens"], row["output_tokens"], row["num_requests"], row["concurrent_requests"]) == \
        ("20", "3", "4", "2")
    planned = line(project, "plan", "results/typed/inputs/config.yaml", "--offline", address=server.address)
    assert re.search(r"^  1 +2  m +20 +3 +4  c=2$", planned.stdout, re.M), planned.stdout


def test_lists_sweep_a_row_for_each_model_at_each_load(project, endpoint):
    server = endpoint(good)
    done = benched(project, "--model", "b,a", "--model", "c", "-c", "1,4", "-n", "5", "-i", "9", "-o", "2",
                   address=server.address)
    assert [(r["model_name"], r["concurrent_requests"]) for r in rows_of(only_run(project))] == \
        [("b", "1"), ("b", "4"), ("a", "1"), ("a", "4"), ("c", "1"), ("c", "4")]
    assert len(server.requests) == 30
    assert done.stderr.startswith("bench: 3 models, each at concurrency 1, 4: 6 rows, 30 requests of 9 input")


def test_rates_sweep_too_with_their_distribution(project, endpoint):
    server = endpoint(good)
    done = benched(project, "-m", "m", "--qps", "200,50.5", "--distribution", "exponential", "-n", "3", "-i", "9",
                   "-o", "2", "--stddev-input-tokens", "2", "--image", "small", address=server.address)
    found = [(r["qps"], r["qps_distribution"], r["concurrent_requests"], r["stddev_input_tokens"],
              r["multimodal_img_size"]) for r in rows_of(only_run(project))]
    assert found == [(rate, "exponential", "", "2", "small") for rate in ("200", "50.5")]
    assert done.stderr.startswith("bench: 'm' at 200, 50.5 requests/s: 2 rows, 6 requests of 9 ± 2 input and 2 output")
    assert all(r["body"]["messages"][0]["content"][1]["type"] == "image_url" for r in server.requests)


def test_the_shape_of_traffic_is_typed_too(project, endpoint):
    server = endpoint(good)
    benched(project, "-m", "a,b", "--qps", "50", "--qps-end", "90", "--qps-ramp", "exponential", "--burstiness", "0.8",
            "--max-in-flight", "3", "--prefix-tokens", "5", "--mix", "both", "--warmup-requests", "1",
            "--cooldown-requests", "1", "-n", "4", "-i", "20", "-o", "2", address=server.address)
    run = only_run(project)
    found = [(r["qps"], r["qps_end"], r["qps_ramp"], r["burstiness"], r["max_in_flight"], r["prefix_tokens"], r["mix"],
              r["warmup_requests"], r["cooldown_requests"]) for r in rows_of(run)]
    assert found == [("50", "90", "exponential", "0.8", "3", "5", "both", "1", "1")] * 2
    assert len(list(run.folder.glob("mix_both_*.json"))) == 1
    systems = {r["body"]["messages"][0]["content"] for r in server.requests}
    assert len(server.requests) == 12 and all(r["body"]["messages"][0]["role"] == "system" for r in server.requests)
    assert len(systems) == 2, "each row has its own"


def test_sessions_are_typed_too(project, endpoint):
    server = endpoint(good)
    benched(project, "-m", "m", "--turns", "3", "--turn-input-tokens", "7", "--think-time", "0.01", "-n", "2", "-i", "9",
            "-o", "2", address=server.address)
    (row,) = rows_of(only_run(project))
    assert (row["turns"], row["turn_input_tokens"], row["think_time_s"]) == ("3", "7", "0.01")
    assert sorted(len(r["body"]["messages"]) for r in server.requests) == [1, 1, 3, 3, 5, 5]


def test_without_a_number_a_row_has_twice_the_requests_of_its_concurrency(project, endpoint):
    server = endpoint(good)
    benched(project, "-m", "m", "-c", "1,5,6", "-i", "9", "-o", "2", address=server.address)
    assert [r["num_requests"] for r in rows_of(only_run(project))] == ["10", "10", "12"]


def test_prompts_of_a_data_set_come_with_their_lengths_and_number(project, endpoint):
    server = endpoint(good)
    project.write("prompts.jsonl", '{"prompt": "one two"}\n{"prompt": "three"}\n')
    benched(project, "-m", "m", "-o", "2", "--dataset", "prompts.jsonl", address=server.address)
    assert len(server.requests) == 2
    assert {r["body"]["messages"][0]["content"].split()[-1] for r in server.requests} == {"two", "three"}
    (row,) = rows_of(only_run(project))
    assert (row["input_tokens"], row["num_requests"], row["dataset"]) == ("", "", "prompts.jsonl")


@pytest.mark.parametrize("typed, sent", [
    ("a b", "a b"), ('say "hi"', 'say "hi"'), (" x", " x"), ("tag:7b", "tag:7b"), (r"a\,b", "a,b"), ("=1+1", "=1+1"),
])
def test_a_model_is_named_as_it_is(project, endpoint, typed, sent):
    server = endpoint(good)
    benched(project, "-m", typed, "-n", "1", "-i", "9", "-o", "2", address=server.address)
    assert [r["body"]["model"] for r in server.requests] == [sent]


def test_no_files_leaves_none_and_names_none(project, endpoint, tmp_path):
    server = endpoint(good)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for words in (["--no-files"], ["--results-dir", ""]):
        done = benched(project, "-m", "m", "-n", "3", "-i", "9", "-o", "2", *words, address=server.address,
                       TMPDIR=str(temporary))
        assert re.search(r"^  1  m +9→2  c=1 +3/3 ", done.stdout, re.M)
        assert "; results: printed, and no files\n" in done.stderr
        assert str(temporary) not in done.stdout + done.stderr
        assert not list(temporary.iterdir()) and not list(project.folder.iterdir())
    assert len(server.requests) == 6


def test_no_files_leaves_none_where_it_is_stopped(project, endpoint, tmp_path):
    server = endpoint(lambda request, connection: None)
    process = subprocess.Popen([bench.PROGRAM, "bench", "-m", "m", "--no-files"], cwd=project.folder,
                               env=environment(project, server.address, TMPDIR=str(tmp_path)), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    before = set(tmp_path.iterdir())
    while not server.requests:
        time.sleep(0.01)
    assert len(set(tmp_path.iterdir()) - before) <= 1
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.05)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "resume by" not in out
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("coebench")]
    assert not list(project.folder.iterdir())


# --- The endpoint ---------------------------------------------------------------------------------


@pytest.mark.parametrize("keys, sent", [
    ({}, "none"),
    ({"OPENAI_API_KEY": "open"}, "open"),
    ({"SAMBANOVA_API_KEY": "samba"}, "samba"),
])
def test_an_address_is_named_and_its_key_is_found(project, endpoint, keys, sent):
    server, other = endpoint(good), endpoint(good)
    done = benched(project, "-m", "m", "-n", "2", "-i", "9", "-o", "2", "--url", server.address, address=other.address,
                   key=None, **keys)
    assert {r["headers"]["authorization"] for r in server.requests} == {f"Bearer {sent}"}
    assert len(server.requests) == 2 and not other.requests
    assert f"endpoint: {server.address}, from --url\n" in done.stderr
    assert only_run(project).manifest["endpoint"]["address_source"] == "--url"


def test_a_word_in_the_place_of_a_key_is_struck_out_nowhere(project, endpoint):
    server = endpoint(lambda request, connection: plain(500, b'{"error": {"message": "there is none left"}}'))
    benched(project, "-m", "m", "-n", "2", "-i", "9", "-o", "2", "--url", server.address, key=None, expect=3)
    assert {r["error_msg"] for r in only_run(project).responses[0]} == {"HTTP 500: there is none left"}


def test_what_the_query_of_an_address_says_is_written_nowhere(project, endpoint):
    server = endpoint(good)
    done = benched(project, "-m", "m", "-n", "2", "-i", "9", "-o", "2", "-u", server.address + "?code=hidden-word",
                   key=None)
    run = only_run(project)
    assert f"{server.address}?code=*" in run.manifest["command_line"]
    assert "hidden-word" not in done.stdout + done.stderr
    for path in project.folder.rglob("*"):
        assert not path.is_file() or b"hidden-word" not in path.read_bytes(), path


def test_run_and_plan_take_an_address_too(project, endpoint):
    server = endpoint(good)
    project.setup(["m,9,2,2,1,,,"])
    done = line(project, "run", "config.yaml", *bench.NO_VERDICT, "--url", server.address, "--api", "openai", key=None)
    assert len(server.requests) == 2 and "from --url" in done.stderr
    planned = line(project, "plan", "config.yaml", "--offline", "--url", server.address, "--api", "openai", key=None)
    assert f"endpoint: {server.address}, from --url" in planned.stdout


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize("words, sentence", [
    ([], "--model: names the model to measure, and is missing"),
    (["-m", "m,,n"], "--model: is empty; it needs the model's name"),
    (["-m", "m", "-n", "ten"], "--requests: 'ten' is not a whole number from 1 to 1000000000"),
    (["-m", "m", "--max-num-completed-requests", "0"], "--requests: '0' is not a whole number from 1"),
    (["-m", "m", "-i", "-3"], "--input-tokens: '-3' is not a whole number from 1 to"),
    (["-m", "m", "-c", "1,x"], "--concurrency: 'x' is not a whole number from 1 to"),
    (["-m", "m", "-c", "0"], "--concurrency: '0' is not a number above 0"),
    (["-m", "m", "--qps", "1,-1"], "--qps: '-1' is not a number of requests per second above 0"),
    (["-m", "m", "--qps", "1", "-c", "1"], "--qps: sends by the clock, and --concurrency does not; keep one"),
    (["-m", "m", "--qps", "1", "--distribution", "even"], "--distribution: 'even' is not one of constant, uniform"),
    (["-m", "m", "--burstiness", "2"], "--burstiness: is for requests at a rate; set --qps"),
    (["-m", "m", "--qps", "1", "--burstiness", "0"], "--burstiness: '0' is not a number above 0"),
    (["-m", "m", "--qps", "1", "--qps-end", "2", "--qps-ramp", "steep"], "--qps-ramp: 'steep' is not one of linear, exponential"),
    (["-m", "m", "--max-in-flight", "4"], "--max-in-flight: is for requests at a rate; set --qps"),
    (["-m", "m", "--turns", "0"], "--turns: '0' is not a number above 0"),
    (["-m", "m", "--think-time", "1"], "--think-time: is for sessions; set --turns"),
    (["-m", "m", "--prefix-tokens", "1e9"], "--prefix-tokens: '1e9' is not a whole number from 1 to"),
    (["-m", "m", "--mix", "a_summary"], "--mix: 'a_summary' is not a name"),
    (["-m", "m", "--image", "huge"], "--image: 'huge' is not one of small, medium, large"),
    (["-m", "m", "--timeout", "0"], "--timeout: takes seconds, from 0.001 to"),
    (["-m", "m", "--api", "else"], "--api takes sncloud, sambastudio, openai, openai-completions, openai-responses, anthropic, ollama, tgi or litellm, not 'else'"),
    (["-m", "m", "--label", "x"], "--label: takes KEY=VALUE, not 'x'"),
    (["-m", "m", "--label", "x=1", "--metadata", "x=2"], "--metadata: the label 'x' appears twice; keep one"),
    (["-m", "m", "--sampling-params", "[1]"], "--sampling-params: takes a JSON object"),
    (["-m", "m", "--sampling-params", "{"], "--sampling-params: is no JSON object: "),
    (["-m", "m", "--sampling-params", '{"stream": false}'], "'stream' is set by the program"),
    (["-m", "m", "--name", "../x"], "--name: '../x' cannot name a folder"),
    (["-m", "m", "--results-dir", "${NOWHERE}"], "--results-dir: '${NOWHERE}' names ${NOWHERE}, which is not set"),
    (["-m", "m", "--no-files", "--results-dir", "x"], "--no-files: keeps nothing in --results-dir; keep one"),
    (["-m", "m", "--no-files", "--format", "llmperf"], "--format: writes files, and a run without files keeps none"),
    (["-m", "m", "--format", "odt"], "bench: --format is not one that is known; it takes csv|jsonl|kit|llmperf|markdown"),
    (["-m", "m", "--print", "vllm"], "bench: --print is not one that is known; it takes llmperf"),
    (["-m", "m", "--set", "timeout=soon"], "timeout: 'soon' is not"),
    (["-m", "m", "--dataset", "nowhere.jsonl"], "nowhere.jsonl"),
    (["--resume", "results/r", "-n", "4"], "--resume: a run that is resumed is as it was started; leave out --requests"),
    (["--resume", "results/r", "-m", "m"], "leave out --model"),
    (["--resume", "results/r", "--turns", "2"], "leave out --turns"),
    (["--resume", "results/r"], "no run there can be resumed"),
])
def test_a_fault_names_the_option_and_leaves_nothing(project, endpoint, words, sentence):
    server = endpoint(good)
    done = line(project, "bench", *words, address=server.address, expect=2)
    assert sentence in done.stderr and not done.stdout
    assert not server.requests and not list(project.folder.iterdir())


def test_an_endpoint_that_is_not_named_is_told_and_leaves_nothing(project):
    done = line(project, "bench", "-m", "m", "--results-dir", "deep/er/results", expect=2, key=None)
    assert "the endpoint's address is missing: set OPENAI_API_BASE" in done.stderr
    assert "coebench bench: --url URL gives the address too; --api says which kind of endpoint, and is openai here" in \
        done.stderr
    assert not list(project.folder.iterdir())


def test_folders_that_were_there_stay(project, endpoint):
    (project.folder / "results" / "r").mkdir(parents=True)
    line(project, "bench", "-m", "m", "--results-dir", "results/r/new", expect=2, key=None)
    assert [path.name for path in (project.folder / "results").iterdir()] == ["r"]
    assert not list((project.folder / "results" / "r").iterdir())


def test_a_name_that_is_taken_is_told_and_its_run_stays(project, endpoint):
    server = endpoint(good)
    words = ["-m", "m", "-n", "2", "-i", "9", "-o", "2", "--name", "r"]
    benched(project, *words, address=server.address)
    before = {path: path.read_bytes() for path in (project.folder / "results").rglob("*") if path.is_file()}
    done = benched(project, *words, address=server.address, expect=2)
    assert "a run named 'r' exists already (results/r); choose another name" in done.stderr
    assert before == {path: path.read_bytes() for path in (project.folder / "results").rglob("*") if path.is_file()}


# --- Resuming, reporting, comparing ---------------------------------------------------------------


class Cut:
    """A bench of two rows that is killed while the second of them is under way."""

    AFTER = 6

    def __init__(self, endpoint, project, *words, by_url):
        self.project, self.by_url, self.held = project, by_url, True
        self.server = endpoint(self.answer)
        how = {"key": None} if by_url else {"address": self.server.address}
        where = ["--url", self.server.address] if by_url else []
        process = subprocess.Popen([bench.PROGRAM, "bench", *bench.NO_VERDICT, "-m", "one,two", "-n", "4", "-i", "9",
                                    "-o", "2", "--name", "r", *where, *words], cwd=project.folder,
                                   env=environment(project, **how), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        journal = project.folder / "results" / "r" / "journal.jsonl"
        deadline = time.monotonic() + 60
        while not (journal.exists() and journal.read_text().count('"request":{') >= self.AFTER - 1
                   and len(self.server.requests) >= self.AFTER):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.wait(30)
        self.held = False

    def answer(self, request, connection):
        while self.held and request["index"] >= self.AFTER - 1:
            time.sleep(0.005)
        return good(request, connection)

    def resume(self, command, *words, folder="results/r", expect=0, **how):
        return line(self.project, command, "--resume", folder, *words, expect=expect, **how)

    def whole(self, folder="results/r"):
        run = bench.Run(self.project.folder / folder, (self.project.folder / folder).parent)
        assert run.manifest["status"] == "done" and len(run.manifest["resumed"]) == 1
        assert [s["model"] for s in run.summaries] == ["one", "two"]
        assert all(len(bench.completed(responses)) == 4 for responses in run.responses)
        return run


@pytest.mark.parametrize("command", ["run", "bench"])
def test_a_bench_that_was_killed_is_resumed_by_its_folder_alone(project, endpoint, command):
    cut = Cut(endpoint, project, by_url=False)
    project.write("rows.csv", bench.HEADER + "\nother,9,2,2,1,,,\n")
    done = cut.resume(command, address=cut.server.address)
    assert "resumed: 1 of 2 steps have ended; 1 of the others starts over" in done.stderr
    cut.whole()
    assert {r["body"]["model"] for r in cut.server.requests} == {"one", "two"}


@pytest.mark.parametrize("command", ["run", "bench"])
def test_an_address_of_the_command_line_is_given_again_and_only_compared(project, endpoint, command):
    cut = Cut(endpoint, project, by_url=True)
    before, manifest = len(cut.server.requests), (project.folder / "results/r/manifest.json").read_bytes()
    done = cut.resume(command, expect=2, address=cut.server.address)
    assert f"the run was started with --url {cut.server.address}, which is not taken from a manifest; give it again" in \
        done.stderr
    other = endpoint(good)
    done = cut.resume(command, "--url", other.address, expect=2, key=None)
    assert f'the endpoint\'s address: the run was started with "{cut.server.address}", and this asks for ' \
        f'"{other.address}"' in done.stderr
    done = cut.resume(command, "--url", cut.server.address, "--api", "sncloud", expect=2, key=None)
    assert 'llm_api: the run was started with "openai", and this asks for "sncloud"' in done.stderr
    assert not other.requests and not other.gets and len(cut.server.requests) == before
    assert (project.folder / "results/r/manifest.json").read_bytes() == manifest
    cut.resume(command, "--url", cut.server.address, "--api", "openai", key=None)
    cut.whole()


def test_a_bench_that_was_moved_is_resumed_by_its_own_rows(project, endpoint):
    cut = Cut(endpoint, project, by_url=False)
    shutil.move(project.folder / "results", project.folder / "kept")
    cut.resume("bench", folder="kept/r", address=cut.server.address)
    run = cut.whole("kept/r")
    assert {r["body"]["model"] for r in cut.server.requests} == {"one", "two"}
    rows = run.folder / "inputs" / "rows.csv"
    rows.write_text(rows.read_text().replace(",9,", ",10,"))
    done = cut.resume("run", folder="kept/r", address=cut.server.address, expect=2)
    assert "kept/r/inputs/rows.csv:2: is not the row that the run was started with" in done.stderr


def test_a_stopped_bench_says_how_it_is_resumed(project, endpoint):
    server = endpoint(lambda request, connection: None)
    process = subprocess.Popen([bench.PROGRAM, "bench", "-m", "m", "--name", "r", "--url", server.address],
                               cwd=project.folder, env=environment(project, key=None), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not server.requests:
        time.sleep(0.01)
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.05)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"\nresume by: coebench run --resume results/r --url {server.address}\n" in out


def test_the_line_that_counts_ahead_of_a_bench_works(project, endpoint):
    server = endpoint(good)
    done = benched(project, "-m", "m", "-n", "2", "-i", "9", "-o", "2", "--name", "r", "--url", server.address, key=None)
    (told,) = re.findall("'coebench (calibrate .*?)' learns it before a run", done.stderr)
    assert told == f"calibrate results/r/inputs/config.yaml --url {server.address}"
    counted = line(project, *told.split(), key=None)
    assert re.search(r"^m +\d+ ", counted.stdout, re.M)


def test_a_bench_is_reported_and_compared_like_any_other_run(project, endpoint):
    server = endpoint(good)
    for name in ("a1", "a2", "b1", "b2"):
        benched(project, "-m", "m", "-n", "20", "-i", "9", "-o", "2", "--results-dir", name[0], "--name", name,
                address=server.address)
    reported = line(project, "report", "a", address=server.address)
    assert "inputs" not in reported.stderr
    compared = subprocess.run([bench.PROGRAM, "compare", "a", "b", "--policy", "policy:standard"], cwd=project.folder,
                              text=True, env=environment(project, server.address), capture_output=True, timeout=60)
    assert compared.returncode in (0, 1), compared.stderr
    assert "inputs" not in compared.stderr
    conditions = line(project, "switching", "b/b1", address=server.address)
    assert "inputs" not in conditions.stderr


# --- LLMPerf's lines ------------------------------------------------------------------------------

README = """
python token_benchmark_ray.py \\
--model "meta-llama/Llama-2-7b-chat-hf" \\
--mean-input-tokens 550 \\
--stddev-input-tokens 150 \\
--mean-output-tokens 150 \\
--stddev-output-tokens 10 \\
--max-num-completed-requests 2 \\
--timeout 600 \\
--num-concurrent-requests 1 \\
--results-dir "result_outputs" \\
--llm-api openai \\
--additional-sampling-params '{}'
"""

FIFTY = """
python token_benchmark_ray.py \\
--model "hf:mgoin/TinyStories-1M-ds" \\
--mean-input-tokens 100 \\
--stddev-input-tokens 50 \\
--mean-output-tokens 100 \\
--stddev-output-tokens 50 \\
--max-num-completed-requests 50 \\
--num-concurrent-requests %d \\
--llm-api openai
"""

LOGGED = README.rstrip() + ' --tokenizer_id "a/tokenizer" --ml_repo "a-repo" --run_name "nightly" ' \
    '--metadata "team=ours,node=7"\n'


def llmperf(project, text, simulator):
    program = shlex.join([os.path.abspath(bench.PROGRAM), "bench", *bench.SEED])
    done = subprocess.run(["sh", "-c", text.replace("python token_benchmark_ray.py", program)],
                          cwd=project.folder, text=True, capture_output=True, timeout=120,
                          env=environment(project, simulator.address))
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return done, [json.loads(entry) for entry in simulator.truth.read_text().splitlines()]


@pytest.mark.parametrize("text, results, model, inputs, outputs, requests, concurrency", [
    (README, "result_outputs", "meta-llama/Llama-2-7b-chat-hf", (550, 150), (150, 10), 2, 1),
    (FIFTY % 1, "results", "hf:mgoin/TinyStories-1M-ds", (100, 50), (100, 50), 50, 1),
    (FIFTY % 4, "results", "hf:mgoin/TinyStories-1M-ds", (100, 50), (100, 50), 50, 4),
    (LOGGED, "result_outputs", "meta-llama/Llama-2-7b-chat-hf", (550, 150), (150, 10), 2, 1),
])
def test_its_documented_lines_work(project, simulate, tmp_path, text, results, model, inputs, outputs, requests,
                                   concurrency):
    bundle = tmp_path / "node.yaml"
    bundle.write_text(NODE % json.dumps(model))
    done, truth = llmperf(project, text, simulate(bundle))
    run = only_run(project, results)
    (row,) = run.manifest["rows"]
    assert (row["input_tokens"], row["stddev_input_tokens"]) == inputs
    assert (row["output_tokens"], row["stddev_output_tokens"]) == outputs
    assert (row["num_requests"], row["concurrent_requests"]) == (requests, concurrency)
    assert run.manifest["settings"]["timeout"] == 600
    sent = [entry for entry in truth if entry["model"] == model]
    assert len(sent) == requests, "the server saw so many"
    lengths = [r["server_number_input_tokens"] for r in run.responses[0]]
    assert len(set(lengths)) > 1 and all(r["error_code"] is None for r in run.responses[0])
    if requests == 50:
        mean, spread = inputs
        assert abs(statistics.mean(lengths) - mean) < 3 * spread / requests ** 0.5 + 5


def test_what_it_will_do_is_noted_and_nothing_fails(project, simulate, tmp_path):
    bundle = tmp_path / "node.yaml"
    bundle.write_text(NODE % '"meta-llama/Llama-2-7b-chat-hf"')
    simulator = simulate(bundle)
    done, _ = llmperf(project, LOGGED, simulator)
    notes = [entry for entry in done.stderr.splitlines() if entry.startswith("note: --")]
    assert [note.split()[1].rstrip(":") for note in notes] == ["--tokenizer_id", "--ml_repo"]
    assert "nothing is downloaded" in notes[0] and "the endpoint's own counts are used" in notes[0]
    assert "no MLflow server is known; set MLFLOW_TRACKING_URI" in notes[1]
    run = only_run(project, "result_outputs")
    assert run.folder.name == "nightly"
    assert run.manifest["settings"]["labels"] == {"team": "ours", "node": "7"}
    done, _ = llmperf(project, LOGGED, simulator)
    assert "note: --run_name: a run named 'nightly' exists already (result_outputs/nightly)" in done.stderr
    done, _ = llmperf(project, LOGGED.replace('"nightly"', '"the night"'), simulator)
    assert "note: --run_name: 'the night' cannot name a folder;" in done.stderr
    assert len(runs(project, "result_outputs")) == 3


def test_it_prints_and_writes_what_llmperf_does(project, simulate, tmp_path):
    bundle = tmp_path / "node.yaml"
    bundle.write_text(NODE % '"meta-llama/Llama-2-7b-chat-hf"')
    simulator = simulate(bundle)
    asked = README.rstrip() + " --name r --quiet --print llmperf"
    done, _ = llmperf(project, asked + " --format llmperf\n", simulator)
    folder = project.folder / "result_outputs" / "r_llmperf"
    stem = "meta-llama-Llama-2-7b-chat-hf_550_150"
    assert {path.name for path in folder.iterdir()} == {
        "export.json", f"{stem}_summary.json", f"{stem}_individual_responses.json"}
    first, _, printed = done.stdout.partition("\n")
    assert first == "llmperf: result_outputs/r_llmperf"
    assert printed == line(project, "export", "result_outputs/r", "--print", "llmperf").stdout
    assert re.search(r"^Number Of Completed Requests: 2$", printed, re.M)
    alone, _ = llmperf(project, asked.replace("--name r", "--name s") + "\n", simulator)
    assert alone.stdout.split("\n", 1)[0] == printed.split("\n", 1)[0], "with --quiet nothing else"
    assert not (project.folder / "result_outputs" / "s_llmperf").exists()
    unkept, _ = llmperf(project, README.rstrip().replace('"result_outputs"', '""') + " --print llmperf\n", simulator)
    assert "Number Of Completed Requests: 2" in unkept.stdout
    assert "passed over, since these are LLMPerf's results" in line(project, "report", "result_outputs").stderr
