"""What a run asks of what is loaded, and what it has loaded and unloaded before each row: against the simulated node's
ground truth, and servers that are scripted."""

import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from support.bench import KEY, NO_VERDICT, PROGRAM
from support.endpoint import content, finish, stream

# One of two fits, or of three, and a load takes 0.3 s, a request a few milliseconds.
NODE = """\
node: {hbm_gb: %d, ddr_to_hbm_gb_per_s: 100, switch_overhead_s: 0.1}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{{tokens: 4096, batch_sizes: [1]}}]}}
""" for name in "abc")
LOAD_S = 0.3
ROWS = ["a,60,4,6,1,,,", "b,60,4,6,1,,,", "c,60,4,6,1,,,"]
SOURCES = ["llama.cpp", "llama-swap", "ollama"]


@pytest.fixture
def bundle(project):
    def write(hbm_gb):
        return project.write("bundle.yaml", NODE % hbm_gb)
    return write


def first_of_each_step(run, simulator):
    """The ground truth of the first request of each step."""
    simulator.close()
    truth = {one["id"]: one for one in map(json.loads, simulator.truth.open())}
    firsts = {}
    for line in run.journal():
        if "request" in line and line["step"] not in firsts:
            firsts[line["step"]] = truth[line["request"]["response_id"]]
    return [firsts[i] for i in sorted(firsts)]


def word(run):
    return json.loads((run.folder / "switching.json").read_text())["server_word"]


# --- What is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_told_is_what_the_node_did(simulate, bundle, project, source):
    simulator = simulate(bundle(50))  # two of three fit
    project.setup(ROWS)
    run = project.run("--set", f"residency_source={source}", "--set", "probe.steady=4", "--order", "all-pairs",
                      "--passes", "2", "--seed", "3", address=simulator.address)
    truth = first_of_each_step(run, simulator)
    assert len(truth) == len(run.summaries) == 13 and 3 < sum(not one["hit"] for one in truth) < 13
    for one, summary in zip(truth, run.summaries):
        assert summary["state_source"] == source
        assert summary["state_loaded_before"] == one["hit"]
        assert summary["state_loaded_after_probe"] and summary["state_loaded_after"]
        assert len(summary["state_models_before"]) <= 2 and summary["model"] in summary["state_models_after"]
        assert set(summary["state_models_after"]) == {name.split("-")[0] for name in one["resident"]}
        if source == "ollama" or one["hit"]:
            assert summary["state_load_s"] is None
        else:
            assert summary["state_load_s"] == pytest.approx(LOAD_S, abs=0.15)
    study = json.loads((run.folder / "switching.json").read_text())
    loads = [not one["hit"] for one in truth]
    assert [one["server_says_loaded_before"] for one in study["steps"]] == [not load for load in loads]
    verdicts = [one["verdict"] for one in study["steps"]]
    for verdict, told in study["server_word"].items():
        assert told == {"loads": sum(v == verdict and load for v, load in zip(verdicts, loads)),
                        "loaded_before": sum(v == verdict and not load for v, load in zip(verdicts, loads))}
    detected = study["server_word"]["detected"]
    assert f"{detected['loads']} of {sum(detected.values())} detected were loads" in run.process.stdout + run.process.stderr
    heading, rows = run.table()
    assert [row[heading.index("state_loaded_before")] for row in rows] == ["yes" if one["hit"] else "no" for one in truth]


def test_auto_finds_the_server_and_nothing_is_told_without(simulate, bundle, project):
    simulator = simulate(bundle(30))
    project.setup(ROWS[:2])
    run = project.run("--set", "residency_source=auto", address=simulator.address)
    assert [one["state_source"] for one in run.summaries] == ["llama.cpp"] * 2
    run = project.run(address=simulator.address)
    assert not [key for one in run.summaries for key in one if key.startswith(("state_", "before_step"))]
    assert word(run) is None
    heading, _ = run.table()
    assert not {"state_loaded_before", "state_load_s", "before_step"} & set(heading)


@pytest.mark.parametrize("hbm_gb, stay", [(30, 1), (50, 2)])
def test_verdicts_and_costs_are_the_same_without_the_server_s_word(simulate, bundle, project, hbm_gb, stay):
    simulator = simulate(bundle(hbm_gb))
    project.setup(ROWS)
    run = project.run("--set", "residency_source=llama.cpp", "--set", "probe.steady=4", "--order", "residency",
                      "--passes", "2", "--seed", "1", address=simulator.address)
    told = json.loads((run.folder / "switching.json").read_text())
    for path in run.folder.glob("*_summary.json"):
        path.write_text(re.sub(r'^\s*"state_\w+":.*\n', "", path.read_text(), flags=re.M))
    again = project.call("switching", str(run.folder), "--json")
    assert again.returncode == 0, again.stderr
    without = json.loads(again.stdout)
    assert without["server_word"] is None and told["server_word"] is not None
    assert told["residency"]["capacity_rows"] == without["residency"]["capacity_rows"] == stay
    assert told["residency"]["probability"] >= without["residency"]["probability"]
    for one, other in zip(told["steps"] + told["rows"], without["steps"] + without["rows"]):
        one.pop("server_says_loaded_before", None)
        other.pop("server_says_loaded_before", None)
        assert one == other


class Scripted(http.server.ThreadingHTTPServer):
    """Answers GETs from a table of path to response (404: none), POSTs of chats with a stream; keeps what it was asked."""

    daemon_threads = True

    def __init__(self, pages):
        self.pages, self.asked = pages, []
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.address = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self, status, body, kind="application/json"):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.server.asked.append(("GET", self.path, self.headers["Authorization"]))
            page = self.server.pages.get(self.path)
            page = page() if callable(page) else page
            if isinstance(page, int):
                self.respond(page, b"")
            elif page is None:
                self.respond(404, b"")
            else:
                self.respond(200, page if isinstance(page, bytes) else json.dumps(page).encode())

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.server.asked.append(("POST", self.path, self.headers["Authorization"]))
            if self.path != "/v1/chat/completions":
                return self.respond(404, b"")
            body = stream(content("a"), content("b"), finish(prompt_tokens=60, completion_tokens=4))
            self.respond(200, body.split(b"\r\n\r\n", 1)[1], "text/event-stream")

        def log_message(self, *_):
            pass


@pytest.fixture
def script():
    started = []

    def start(pages):
        started.append(Scripted(pages))
        return started[-1]

    yield start
    for one in started:
        one.shutdown()
        one.server_close()


VLLM = {"/v1/models": {"data": [{"id": "a", "owned_by": "vllm"}, {"id": "b", "owned_by": "vllm", "parent": "a"}]},
        "/ping": b"", "/version": {"version": "0.32.0"}}
MAY_ASK = {"auto": {"/models", "/models/sse", "/running", "/api/events", "/api/ps", "/v1/models", "/is_sleeping", "/ping",
                    "/version"},
           "llama.cpp": {"/models", "/models/sse"}, "llama-swap": {"/running", "/api/events"}, "ollama": {"/api/ps"},
           "vllm": {"/v1/models", "/is_sleeping"}}


@pytest.mark.parametrize("source", MAY_ASK)
def test_only_lists_are_asked_for_and_with_the_key(script, project, source):
    server = script({**VLLM, "/running": None})
    project.setup(ROWS[:2])
    project.run(address=server.address)
    before = set(server.asked)
    server.asked.clear()
    project.run("--set", f"residency_source={source}", address=server.address)
    new = [one for one in server.asked if one not in before]
    assert new and {one[0] for one in new} == {"GET"} and {one[1] for one in new} <= MAY_ASK[source]
    assert {one[2] for one in new} == {f"Bearer {KEY}"}


@pytest.mark.parametrize("asleep", [False, True])
def test_vllm_says_nothing_of_adapters(script, project, asleep):
    server = script({**VLLM, "/is_sleeping": {"is_sleeping": asleep}})
    project.setup(ROWS[:2])
    run = project.run("--set", "residency_source=auto", address=server.address)
    assert [one["state_source"] for one in run.summaries] == ["vllm"] * 2
    assert [one["state_loaded_before"] for one in run.summaries] == ([False, False] if asleep else [True, None])
    assert run.summaries[0]["state_models_before"] == ([] if asleep else ["a"])


def test_ollama_tells_what_a_load_took_in_its_responses(simulate, bundle, project):
    simulator = simulate(bundle(30))
    project.setup(ROWS[:2], "model_configs_path: rows.csv\nllm_api: ollama\noutput_files_dir: out\n"
                  "consolidated_results_dir: books\n")
    run = project.run("--set", "residency_source=ollama", "--url", simulator.address.removesuffix("/v1"))
    simulator.close()
    loads = [one for one in map(json.loads, simulator.truth.open()) if not one["hit"]][-2:]
    for one, summary in zip(loads, run.summaries):
        assert summary["model"] == one["model"] and summary["state_loaded_before"] is False
        assert summary["state_load_s"] == pytest.approx(one["switch_s"], rel=0.01)


def test_a_server_that_tells_nothing_is_told_of_once(script, project):
    server = script({})
    project.setup(ROWS)
    run = project.run("--set", "residency_source=auto", address=server.address)
    assert run.process.stderr.count("the endpoint answers as none of llama.cpp's router") == 1
    assert not [key for one in run.summaries for key in one if key.startswith("state_")]


def test_a_server_that_stops_telling_costs_nothing_but_its_word(script, project):
    asked = []

    def running():
        asked.append(1)
        return {"running": [{"model": "a", "state": "ready"}]} if len(asked) < 4 else 500

    server = script({"/running": running})
    project.setup(ROWS)
    run = project.run("--set", "residency_source=llama-swap", address=server.address)
    assert run.process.stderr.count("residency_source: /running: HTTP 500; it is asked on") == 1
    assert [one.get("state_loaded_before") for one in run.summaries] == [True, False, None]
    assert [one["results_num_completed_requests"] for one in run.summaries] == [6, 6, 6]
    assert word(run)["not measurable"]["loads"] + word(run)["not detected"]["loads"] <= 1


# --- What is done ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", ["unload_all", "unload_this", "load_this"])
def test_every_visit_pays_or_none(simulate, bundle, project, source, what):
    simulator = simulate(bundle(70))  # all stay
    project.setup(ROWS)
    run = project.run("--set", f"residency_source={source}", "--set", f"before_step={what}", "--set", "probe.steady=4",
                      "--order", "all-pairs", "--seed", "1", address=simulator.address)
    truth = first_of_each_step(run, simulator)
    assert len(truth) == 7
    assert {one["hit"] for one in truth} == {what == "load_this"}
    for one, summary, step in zip(truth, run.summaries, run.manifest["steps"]):
        assert summary["state_loaded_before"] == one["hit"]
        assert step["before_step"]["did"] == summary["before_step"] == what
        assert step["before_step"]["error"] is None and step["before_step"]["took_s"] == summary["before_step_s"] >= 0
        if what == "unload_all":
            assert len(one["resident"]) == 1 and summary["state_models_before"] == []
    study = json.loads((run.folder / "switching.json").read_text())
    assert study["controlled"] and study["residency"] is None and study["call_mix"] is None
    assert {one["verdict"] for one in study["steps"]} == {"not detected" if what == "load_this" else "detected"}
    assert "residency: not claimed, as before_step loaded or unloaded models" in run.process.stdout + run.process.stderr
    heading, rows = run.table()
    assert {row[heading.index("before_step")] for row in rows} == {what}


def test_it_needs_no_residency_source(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2])
    run = project.run("--set", "before_step=unload_all", "--passes", "2", address=simulator.address)
    assert "state_source" not in run.summaries[0]
    assert {one["hit"] for one in first_of_each_step(run, simulator)} == {False}


def test_a_failure_marks_the_visit(script, project):
    server = script({"/running": {"running": [{"model": "a", "state": "ready"}]}})
    project.setup(ROWS[:2])
    run = project.run("--set", "residency_source=llama-swap", "--set", "before_step=unload_all", address=server.address)
    assert run.process.stderr.count("before_step: unload_all failed: /api/models/unload: HTTP 404") == 2
    study = json.loads((run.folder / "switching.json").read_text())
    for summary, step, judged in zip(run.summaries, run.manifest["steps"], study["steps"]):
        assert step["before_step"]["error"] == summary["before_step_error"] == "/api/models/unload: HTTP 404"
        assert summary["results_num_completed_requests"] == 6
        assert "before_step_failed" in judged["flags"]
    heading, rows = run.table()
    assert [row[heading.index("before_step")] for row in rows] == ["failed", "failed"]


def test_where_nothing_can_be_asked_every_visit_is_marked(script, project):
    server = script({})
    project.setup(ROWS[:2])
    run = project.run("--set", "before_step=load_this", address=server.address)
    assert all("answers as none" in one["before_step_error"] for one in run.summaries)


def test_members_of_a_mix_are_all_loaded_and_what_is_all_is_unloaded_once(simulate, bundle, project):
    simulator = simulate(bundle(70))
    header = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,mix"
    project.setup(["a,60,4,6,1,m", "b,60,4,6,1,m"], header=header)
    run = project.run("--set", "before_step=load_this", address=simulator.address)
    assert all(one["before_step_s"] >= 0 for one in run.summaries)
    again = project.run("--set", "before_step=unload_all", address=simulator.address)
    assert [one["before_step_s"] is None for one in again.summaries] == [False, True]
    simulator.close()
    truth = {one["id"]: one for one in map(json.loads, simulator.truth.open())}
    hits = [[truth[one["response_id"]]["hit"] for one in responses] for responses in run.responses]
    assert all(map(all, hits))
    assert sum(not truth[one["response_id"]]["hit"] for responses in again.responses for one in responses) == 2


# --- A command ------------------------------------------------------------------------------------

CONFIG = """\
model_configs_path: rows.csv
llm_api: sncloud
output_files_dir: out
consolidated_results_dir: books
before_step: [sh, -c, '%s']
"""


def test_a_command_is_run_before_each_row_without_the_key(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG % 'env >>env.txt; echo "$COEBENCH_STEP $COEBENCH_MODEL" >>steps.txt; echo told')
    os.environ["HARMLESS"], os.environ["WRAPPED"] = "word", f"Bearer {KEY}"
    try:
        run = project.run("--passes", "2", address=simulator.address)
    finally:
        del os.environ["HARMLESS"], os.environ["WRAPPED"]
    assert (project.folder / "steps.txt").read_text() == "1 a\n2 b\n3 a\n4 b\n"
    variables = (project.folder / "env.txt").read_text()
    assert KEY not in variables and "HARMLESS=word" in variables
    assert "SAMBANOVA_API_KEY" not in variables and "WRAPPED" not in variables
    for step in run.manifest["steps"]:
        assert step["before_step"] == {"did": "command", "took_s": step["before_step"]["took_s"], "error": None}
    study = json.loads((run.folder / "switching.json").read_text())
    assert study["controlled"] and study["residency"] is None
    for path in run.folder.iterdir():
        assert KEY.encode() not in path.read_bytes()


def test_a_command_that_fails_marks_the_visit_and_the_run_goes_on(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG % 'test "$COEBENCH_MODEL" = b || { echo no such device >&2; exit 7; }')
    run = project.run(address=simulator.address)
    assert [one["before_step_error"] for one in run.summaries] == ["sh ended with 7: no such device", None]
    assert "before_step: command failed: sh ended with 7: no such device" in run.process.stderr


def test_a_command_is_taken_from_a_config_alone(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2])
    for command in "run", "plan":
        done = project.call(command, "config.yaml", "--set", "before_step=[touch, made.txt]", address=simulator.address)
        assert done.returncode == 2
        assert "--set: before_step: a command is taken from a config alone, not from an option" in done.stderr
    assert not (project.folder / "made.txt").exists()


def test_plan_runs_no_command_and_loads_nothing(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG % "touch made.txt")
    assert project.call("plan", "config.yaml", address=simulator.address).returncode == 0
    assert not (project.folder / "made.txt").exists()
    project.setup(ROWS[:2], CONFIG.replace("[sh, -c, '%s']", "load_this"))
    assert project.call("plan", "config.yaml", address=simulator.address).returncode == 0
    simulator.close()
    assert simulator.truth.read_text() == ""


def test_a_command_is_not_taken_from_a_config_that_only_a_manifest_names(simulate, bundle, project, tmp_path):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG % "echo ran >>made.txt")
    config = str(project.folder / "config.yaml")
    process = project.start("run", config, *NO_VERDICT, "--set", "time_delay=600", address=simulator.address)
    deadline = time.monotonic() + 60
    while not [path for folder in project.run_folders() for path in folder.glob("*_summary.json")]:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    (folder,) = project.run_folders()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = project.environment(simulator.address)
    done = subprocess.run([PROGRAM if os.path.isabs(PROGRAM) else os.path.abspath(PROGRAM), "run", "--resume", str(folder)],
                          cwd=elsewhere, env=environment, text=True, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert "before_step: a command is not taken from a config that only a manifest names" in done.stderr
    made = project.folder / "made.txt"
    assert made.read_text() == "ran\n"
    done = project.call("run", config, "--resume", str(folder), address=simulator.address)
    assert done.returncode == 0, done.stderr
    assert made.read_text() == "ran\nran\n"


def test_ctrl_c_ends_a_command_and_all_that_it_has_started(simulate, bundle, project):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG % "sleep 600 & echo $! >pid.txt; wait")
    process = project.start("run", "config.yaml", address=simulator.address)
    path = project.folder / "pid.txt"
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    deadline = time.monotonic() + 30  # a process that was killed ends when it has its turn
    while (state := state_of(int(path.read_text()))) not in (None, "Z"):
        assert time.monotonic() < deadline, state
        time.sleep(0.02)


def state_of(pid):
    """The state of a process; None: it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return None


@pytest.mark.parametrize("line, sentence", [
    ("before_step: unload_everything", "config.yaml:5: before_step: 'unload_everything' is not known; write none, "
     "unload_all, unload_this, load_this, or a command as a list of words"),
    ("before_step: unload_all\nconcurrency_enabled: true", "config.yaml:5: before_step: rows that run beside each other "
     "would lose what they use; leave out concurrency_enabled, or before_step"),
    ("residency_source: vllm\nbefore_step: load_this", "config.yaml:6: before_step: vllm loads and unloads no model while "
     "it runs; leave out before_step, or name a command"),
    ("residency_source: tgi", "config.yaml:5: residency_source: 'tgi'")])
def test_what_cannot_be_is_a_fault(simulate, bundle, project, line, sentence):
    simulator = simulate(bundle(70))
    project.setup(ROWS[:2], CONFIG.replace("before_step: [sh, -c, '%s']", line))
    done = project.call("run", "config.yaml", address=simulator.address)
    assert done.returncode == 2 and sentence in done.stderr, done.stderr
