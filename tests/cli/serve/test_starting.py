"""Runs that are started in the workbench: their endpoint, their drafts, their life without it."""

import json
import os
import pathlib
import signal
import threading
import time

import pytest
from starting import CONFIG, KEY, at, draft, start, state, wait_for_state, wait_until
from support import bench
from workbench import NODE, ROWS


# --- The endpoint --------------------------------------------------------------------------------


def test_the_endpoint_is_the_environments(opened):
    told = opened(address="http://127.0.0.1:9/v1", key="env-secret-key").api("GET", "/endpoint")
    assert told.json() | {"apis": 0} == {"address": "http://127.0.0.1:9/v1", "api": "sncloud", "key": "environment",
                                         "source": "environment", "apis": 0}
    assert "openai" in told.json()["apis"] and b"secret" not in told.body


def test_the_endpoint_is_that_of_the_env_file(opened, project):
    project.write(".env", "OPENAI_API_BASE=http://127.0.0.1:9/v1\nOPENAI_API_KEY=file-secret-key\n")
    told = opened().api("GET", "/endpoint")
    assert told.json() | {"apis": 0} == {"address": "http://127.0.0.1:9/v1", "api": "openai", "key": ".env file",
                                         "source": ".env file", "apis": 0}
    assert b"secret" not in told.body


def test_what_is_typed_is_the_sessions_alone_and_nowhere_written(opened, project, simulate):
    simulator = simulate(project.write("bundle.yaml", NODE))
    workbench = opened()
    assert workbench.api("GET", "/endpoint").json()["key"] == "none"
    assert "problem" in workbench.api("GET", "/endpoint").json()
    typed = workbench.api("POST", "/endpoint", {"address": simulator.address + "?version=hush-hush-1", "api": "sncloud",
                                                "key": KEY})
    assert typed.json() | {"apis": 0} == {"address": simulator.address + "?version=*", "api": "sncloud",
                                          "key": "typed", "source": "typed", "apis": 0}
    made = start(workbench, rows=ROWS)
    wait_for_state(workbench, made["id"], "done")
    other = workbench.secret
    workbench.next_link()
    workbench.enter()
    assert workbench.api("GET", "/endpoint").json()["source"] == "default"
    workbench.secret = other
    assert workbench.api("POST", "/endpoint", {}).json()["key"] == "none"
    assert workbench.close() == 0
    for path in [*(project.folder / "out").rglob("*"), project.folder / "workbench-log"]:
        if path.is_file():
            assert KEY.encode() not in path.read_bytes() and b"hush" not in path.read_bytes(), path


@pytest.mark.parametrize("body, words", [
    ([], "no JSON object"), ({"address": 5}, "address: is not a text"), ({"key": "abcdefgh"}, "address: is missing"),
    ({"address": "http://a/v1", "key": "a\nb"}, "control character"), ({"address": "http://a/v1", "api": "x"}, "api: is none of"),
    ({"address": "ftp://a/"}, "http"), ({"address": "http://" + "a" * 3000}, "at most 2048"),
    ({"address": "http://u:secretword@a/v1"}, "user name or password")])
def test_what_is_no_endpoint_is_refused(opened, body, words):
    reply = opened().api("POST", "/endpoint", body)
    assert reply.status == 400 and words in reply.json()["error"] and b"secretword" not in reply.body


def test_models_are_listed_unless_a_run_measures_their_endpoint(opened, held):
    slow = held(models=[{"id": "m", "max_model_len": 4096}, {"id": "n"}])
    workbench = at(opened(), slow.address)
    assert workbench.api("GET", "/models").json() == {"models": [{"name": "m", "context": 4096},
                                                                 {"name": "n", "context": None}]}
    made = start(workbench, name="alpha")
    wait_until(lambda: slow.asked, "nothing was sent")
    gets = slow.endpoint.gets
    reply = workbench.api("GET", "/models")
    assert reply.status == 409 and "'alpha'" in reply.json()["error"]
    assert slow.endpoint.gets == gets
    slow.go_on.set()
    wait_for_state(workbench, made["id"], "done")
    wait_until(lambda: workbench.api("GET", "/models").status == 200, "its reports are written for ever")
    at(workbench, "http://127.0.0.1:9/v1")
    assert workbench.api("GET", "/models").status == 502


# --- Drafts --------------------------------------------------------------------------------------


def test_a_sound_draft_is_told_as_plan_tells_it(opened, project):
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    rows = ["a,100,10,6,2,,,N/A", "b,100,10,4,2,,,N/A"]
    told = workbench.api("POST", "/plan", draft(rows, options={"order": "reverse", "passes": 3})).json()
    project.setup(rows)
    said = json.loads(project.call("plan", "config.yaml", "--json", "--offline", "--order", "reverse", "--passes", "3",
                                   "--set", "timeout=120", "--set", "stop_grace=60", address="http://127.0.0.1:9/v1").stdout)
    assert told["sound"] and told["busy"] is None
    for key in ("totals", "time_s", "search", "endpoint", "faults"):
        assert told[key] == said[key], key
    assert "config" not in told and not list((project.folder / "out" / ".workbench" / "drafts").iterdir())


def test_faults_name_the_drafts_own_files(opened, project):
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    told = workbench.api("POST", "/plan", draft(["a,x,4,3,1,,,N/A"], CONFIG + "timeot: 5\nbundle: gone.yaml\n",
                                                name="../up", seed="x", options={"set": {"passes": 0}})).json()
    assert not told["sound"] and told["totals"] is None
    faults = {(fault["file"], fault["line"], fault["field"]) for fault in told["faults"]}
    assert {("config", 4, "timeot"), ("rows", 2, "input_tokens"), ("config", 5, "bundle")} <= faults
    assert not any(".workbench" in fault["text"] for fault in told["faults"])
    assert any(fault["text"].startswith("unknown key 'timeot'") for fault in told["faults"])
    reply = workbench.api("POST", "/runs", draft(["a,x,4,3,1,,,N/A"], CONFIG + "timeot: 5\n"))
    assert reply.status == 400 and {fault["file"] for fault in reply.json()["faults"]} == {"config", "rows"}
    assert reply.json()["error"] and [p.name for p in project.run_folders()] == [".workbench"]


def test_a_draft_may_name_a_csv_that_is_there(opened, project):
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    path = project.write("own.csv", bench.HEADER + "\na,20,4,3,1,,,N/A\n")
    told = workbench.api("POST", "/plan", draft(config=CONFIG + "model_configs_path: own.csv\n") | {"rows": None}).json()
    assert told["sound"] and told["totals"]["rows"] == 1 and path.exists()


@pytest.mark.parametrize("body, words", [
    ([], "no JSON object"), ({}, "config: is missing"), ({"config": 5}, "config: is not a text"),
    ({"config": "", "command": "plan"}, "command:"), ({"config": "", "rows": {}}, "rows:"),
    ({"config": "", "name": "a\nb"}, "name:"), ({"config": "", "seed": 1.5}, "seed:"),
    ({"config": "", "options": []}, "options:"), ({"config": "", "options": {"online": 1}}, "online:"),
    ({"config": "", "options": {"set": [1]}}, "set:"), ({"config": "", "options": {"set": {"--x": 1}}}, "set:"),
    ({"config": "", "options": {"set": {f"k{i}": 1 for i in range(300)}}}, "set:"), ({"config": "", "anyway": "y"}, "anyway:")])
def test_what_is_no_draft_is_refused(opened, body, words):
    workbench = opened()
    for path in ("/plan", "/runs"):
        reply = workbench.api("POST", path, body)
        assert reply.status == 400 and words in reply.json()["error"], (path, reply.body)


def test_options_are_values_and_nothing_else(opened, project):
    """What looks like an option is a value; what would lead the run elsewhere does not."""
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    for more in ({"name": "--seed=5"}, {"name": "/tmp/x"}, {"seed": "--offline"}, {"options": {"order": "--help"}}):
        told = workbench.api("POST", "/plan", draft(**more)).json()
        assert not told["sound"] and len(told["faults"]) == 1, (more, told)
    elsewhere = {"set": {"output_files_dir": str(project.folder / "elsewhere")}}
    assert workbench.api("POST", "/plan", draft(options=elsewhere)).json()["sound"]
    made = workbench.api("POST", "/runs", draft(options=elsewhere)).json()
    wait_until(lambda: state(workbench, made["id"]) != "running", "the run does not end")
    assert not (project.folder / "elsewhere").exists() and (project.folder / "out" / made["name"]).exists()


def test_the_newest_check_wins(opened, project):
    """Of many checks at once the last is told, and those before it are not waited for."""
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    rows = [f"m{i},20,4,3,1,,,N/A" for i in range(4000)]
    replies = {}
    threads = []
    for i in range(6):
        body = draft(rows[:4000 if i < 5 else 2])
        thread = threading.Thread(target=lambda i=i, body=body: replies.update({i: workbench.api("POST", "/plan", body)}))
        threads.append(thread)
        if i == 5:  # all others are asked, but the one under way may still be at work
            wait_until(lambda: all(k in replies for k in range(4)), "the first four have no reply")
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert replies[5].status == 200 and replies[5].json()["totals"]["rows"] == 2
    for i in range(5):
        assert replies[i].status == 200 or "newer check" in replies[i].json()["error"]


def test_a_check_online_lists_models_where_nothing_is_measured(opened, held):
    slow = held(models=[{"id": "m"}])
    workbench = at(opened(), slow.address)
    online = draft(["n,20,4,2,1,,,N/A"], options={"online": True})
    told = workbench.api("POST", "/plan", online).json()
    assert slow.endpoint.gets > 0 and any("'n'" in warning["text"] for warning in told["warnings"])
    start(workbench, name="alpha")
    wait_until(lambda: slow.asked, "nothing was sent")
    gets = slow.endpoint.gets
    told = workbench.api("POST", "/plan", online).json()
    assert told["busy"]["name"] == "alpha" and slow.endpoint.gets == gets


# --- Runs ----------------------------------------------------------------------------------------


def test_a_run_is_started_as_the_command_line_starts_it(opened, project, simulate):
    simulator = simulate(project.write("bundle.yaml", NODE))
    workbench = at(opened(), simulator.address)
    made = start(workbench, rows=ROWS, name="alpha", seed=7, options={"set": {"labels.release": "1"}})
    assert made["name"] == "alpha" and made["position"] == 0
    wait_for_state(workbench, made["id"], "done")
    run = bench.Run(project.folder / "out" / "alpha", project.folder / "out")
    assert len(run.summaries) == 2 and run.manifest["settings"]["seed"] == 7
    assert run.manifest["settings"]["labels"] == {"release": "1"} and "shared_endpoint" not in run.manifest
    assert run.manifest["endpoint"]["key_source"] == "SAMBANOVA_API_KEY (environment)"
    assert (run.folder / "inputs" / "config.yaml").read_text() == CONFIG
    assert run.manifest["config"]["path"].endswith("alpha/inputs/config.yaml")
    assert not (run.folder / "run.pid").exists()
    wait_until(lambda: not list((project.folder / "out" / ".workbench" / "drafts").iterdir()), "the draft stays")
    reply = workbench.api("POST", "/runs", draft(ROWS, name="alpha"))
    assert reply.status == 400 and "exists already" in reply.json()["faults"][0]["text"]


def test_a_search_is_started_likewise(opened, project, simulate):
    simulator = simulate(project.write("bundle.yaml", NODE))
    workbench = at(opened(), simulator.address)
    config = CONFIG + "slo: {client_ttft_s: 1}\nsearch: {goodput_share: 0.8, range: [1, 4], budget_s: 60, confirm: false}\n"
    told = workbench.api("POST", "/plan", draft(["a,20,4,6,1,,,N/A"], config, command="search")).json()
    assert told["sound"] and told["search"]["rows"] == 1, told["faults"]
    made = start(workbench, rows=["a,20,4,6,1,,,N/A"], config=config, command="search", name="high")
    wait_until(lambda: state(workbench, made["id"]) != "running", "the search does not end")
    assert "search" in json.loads((project.folder / "out" / "high" / "manifest.json").read_text())


def test_a_run_whose_beginning_fails_says_why(opened, project):
    """What no check sees: the folder cannot be made."""
    workbench = opened(address="http://127.0.0.1:9/v1", key=KEY)
    (project.folder / "out" / "beta").symlink_to("/nowhere/at/all")
    reply = workbench.api("POST", "/runs", draft(name="beta"))
    assert reply.status == 400 and reply.json()["error"]
    assert workbench.api("GET", "/queue").json() == {"queue": []}


def process_of(project, name):
    return int((project.folder / "out" / name / "run.pid").read_text().split()[0])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_goes_on_without_its_server(opened, project, held, how):
    slow = held()
    workbench = at(opened(), slow.address)
    made = start(workbench, name="alpha")
    wait_until(lambda: slow.asked, "nothing was sent")
    pid = process_of(project, "alpha")
    assert os.getpgid(pid) == os.getsid(pid) == pid
    environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert b"SAMBANOVA_API_KEY=" + KEY.encode() in environment
    assert KEY.encode() not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    workbench.close(how)
    again = opened()
    assert state(again, made["id"]) == "running"
    at(again, slow.address)
    assert again.api("GET", "/models").status == 409
    slow.go_on.set()
    wait_for_state(again, made["id"], "done")
    assert again.api("GET", f"/runs/{made['id']}").json()["run"]["completed"] == 2


def test_a_run_that_was_started_elsewhere_counts_too(opened, project, held):
    slow = held()
    project.setup(["m,20,4,2,1,,,N/A"])
    running = project.start("run", "config.yaml", "--name", "alpha", address=slow.address)
    wait_until(lambda: slow.asked, "nothing was sent")
    workbench = at(opened(), slow.address.replace("127.0.0.1", "localhost"))
    reply = workbench.api("GET", "/models")
    assert reply.status == 409 and "'alpha'" in reply.json()["error"]
    slow.go_on.set()
    running.communicate(timeout=120)
    assert running.returncode == 0 and workbench.api("GET", "/models").status != 409


def test_a_run_that_was_cut_off_is_resumed(opened, project, held):
    slow = held()
    workbench = at(opened(), slow.address)
    made = start(workbench, name="alpha", rows=["m,20,4,2,1,,,N/A", "m,30,4,2,1,,,N/A"])
    wait_until(lambda: slow.asked, "nothing was sent")
    assert workbench.api("POST", f"/runs/{made['id']}/resume", {}).status == 409
    os.kill(process_of(project, "alpha"), signal.SIGKILL)
    wait_for_state(workbench, made["id"], "cut off")
    slow.go_on.set()
    resumed = workbench.api("POST", f"/runs/{made['id']}/resume", {})
    assert resumed.status == 201, resumed.body
    assert resumed.json() == {"id": made["id"], "name": "alpha", "state": "started", "position": 0}
    wait_for_state(workbench, made["id"], "done")
    assert workbench.api("GET", f"/runs/{made['id']}").json()["run"]["steps"] == 2
    for body in ([], {"anyway": 1}):
        assert workbench.api("POST", f"/runs/{made['id']}/resume", body).status == 400
    # All of it is there: that is no fault, and its reports are made again.
    wait_until(lambda: workbench.api("POST", f"/runs/{made['id']}/resume", {"anyway": False}).status == 201,
               "it stays under way")
    assert workbench.api("POST", f"/runs/{'0' * 16}/resume", {}).status == 404


def test_a_run_of_another_endpoint_is_not_resumed_there(opened, project, held):
    first, second = held(), held()
    workbench = at(opened(), first.address)
    made = start(workbench, name="alpha")
    os.kill(process_of(project, "alpha"), signal.SIGKILL)
    wait_for_state(workbench, made["id"], "cut off")
    reply = at(workbench, second.address).api("POST", f"/runs/{made['id']}/resume", {})
    assert reply.status == 409 and reply.json()["error"]
    assert not second.asked
