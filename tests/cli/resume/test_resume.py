"""A run that was cut off is gone on with: nothing is lost, nothing is sent twice."""

import hashlib
import json
import shutil
import signal
import time

import pytest
from support.bench import CONFIG, NO_VERDICT, Run, completed
from support.endpoint import content, finish, plain, stream

GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
KEEP = CONFIG + "save_llm_responses : True\nseed : 7\nprompt : {count: content}\n"
ROWS = ["one,40,2,6,1,,,", "two,40,2,6,2,,,", "three,40,2,6,1,,,"]


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Cut:
    """A run that is killed when `after` requests have come, of which the last gets no answer."""

    def __init__(self, endpoint, project, after, *arguments, rows=ROWS, config=KEEP, by=signal.SIGKILL):
        self.project = project
        self.after = after
        self.held = True
        self.server = endpoint(self.answer)
        project.setup(rows, config)
        process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", *arguments,
                                address=self.server.address)
        self.folder = project.folder / "out" / "r"
        wait_for(lambda: len(self.server.requests) >= after and self.journalled() >= after - 1)
        process.send_signal(by)
        process.communicate(timeout=30)
        time.sleep(0.3)  # what it had sent by then may still be read
        self.held = False
        self.before = len(self.server.requests)

    def journalled(self):
        return (self.folder / "journal.jsonl").read_text().count('"request":{')

    def answer(self, request, connection):
        wait_for(lambda: not self.held or request["index"] < self.after - 1)
        return GOOD

    def resume(self, *arguments, expect=0, address=None):
        done = self.project.call("run", "--resume", "out/r", *arguments,
                                 address=address or self.server.address)
        assert done.returncode == expect, done.stdout + done.stderr
        return done

    def run(self):
        return Run(self.folder, self.project.folder / "books")

    def sent(self, since=0):
        return [r["body"]["messages"][0]["content"] for r in self.server.requests[since:]]


def whole(run, rows=3, requests=6):
    """Every request of the plan is there, once, completed."""
    assert len(run.names) == rows
    assert [s["step_index"] for s in run.summaries] == list(range(rows))
    for responses in run.responses:
        assert sorted(r["request_index"] for r in responses) == list(range(requests))
        assert len(completed(responses)) == requests
    assert run.manifest["status"] == "done"
    return True


def texts(folder, name):
    return [json.loads(line) for line in (folder / f"{name}_response_texts.jsonl").open()]


# --- Killed ---------------------------------------------------------------------------------------


def test_a_killed_run_sends_only_what_is_left(endpoint, project):
    cut = Cut(endpoint, project, 10)
    before = (cut.folder / "journal.jsonl").read_text()
    report = project.call("report", "out/r", address=cut.server.address)
    assert report.returncode == 0
    assert ("note: r is not finished: 1 of 3 steps are here; 'coebench run --resume out/r' resumes "
            "it") in report.stderr
    done = cut.resume()
    assert "resumed: 1 of 3 steps have ended; 1 of the others starts over" in done.stderr
    assert len(cut.server.requests) == cut.before + 12
    run = cut.run()
    assert whole(run)
    assert (cut.folder / "journal.jsonl").read_text().startswith(before)
    assert [s["predecessor_step_index"] for s in run.summaries] == [None, None, 1]
    assert [s["step_attempt"] for s in run.summaries] == [1, 2, 1]
    assert len(run.table()[1]) == 1, "what report has made of it meanwhile stays"
    run.workbook = run.workbook.with_stem(run.workbook.stem + "-2")
    assert len(run.table()[1]) == 3
    assert "not measurable, started over: two" in done.stdout, "its own first attempt may have loaded it"
    assert run.manifest["resumed"][0]["coebench_version"]


def test_the_first_attempt_stays_on_record(endpoint, project):
    cut = Cut(endpoint, project, 10)
    cut.resume()
    (attempt,) = cut.run().manifest["attempts"]
    assert attempt == {"index": 1, "attempt": 1, "name": attempt["name"], "requests": 3}
    kept = json.loads((cut.folder / f"{attempt['name']}_attempt_1.json").read_text())
    assert len({r["request_index"] for r in kept} & {0, 1, 2, 3}) == 3, "whichever was the held one"
    assert len(completed(kept)) == 3
    said = (cut.folder / f"{attempt['name']}_attempt_1_texts.jsonl").read_text().splitlines()
    assert [json.loads(line)["completion"] for line in said] == ["ab"] * 3
    named = [p.name for p in cut.folder.iterdir() if attempt["name"] in p.name]
    assert not [n for n in named if "summary" in n or "individual_responses" in n]
    assert attempt["name"] not in cut.run().names


def test_prompts_are_the_same_but_for_the_salt_of_a_second_attempt(endpoint, project):
    cut = Cut(endpoint, project, 10)
    cut.resume()
    again = cut.project.run(address=cut.server.address)  # undisturbed, of the same seed
    mine = [sorted(texts(cut.folder, n), key=lambda t: t["request_index"]) for n in cut.run().names]
    whole_run = [sorted(texts(again.folder, n), key=lambda t: t["request_index"]) for n in again.names]
    prompts = [[[t["prompt"]["template"].split() for t in step] for step in run]
               for run in (mine, whole_run)]
    assert prompts[0][0] == prompts[1][0] and prompts[0][2] == prompts[1][2]
    for ours, theirs in zip(prompts[0][1], prompts[1][1]):
        assert ours != theirs
        assert ours[6:] == theirs[6:]
    sent = [p for run in prompts[:1] for step in run for p in step]
    sent += [p.split() for p in cut.sent()[6:10]]
    assert len({" ".join(p) for p in sent}) == len(sent), "a prompt was sent twice"


def test_a_run_may_be_killed_again_and_again(endpoint, project):
    cut = Cut(endpoint, project, 4)
    for after in (cut.before + 3, cut.before + 8):
        cut.after, cut.held = after, True
        process = project.start("run", "--resume", "out/r", address=cut.server.address)
        wait_for(lambda: len(cut.server.requests) >= after)
        time.sleep(0.1)
        process.kill()
        process.communicate(timeout=30)
        cut.held = False
    cut.resume()
    run = cut.run()
    assert whole(run)
    assert [(a["index"], a["attempt"]) for a in run.manifest["attempts"]] == [(0, 1), (0, 2), (0, 3)]
    assert [s["step_attempt"] for s in run.summaries] == [4, 1, 1]
    assert len(run.manifest["resumed"]) == 3
    assert len(set(cut.sent())) == len(cut.server.requests)


def test_probes_and_the_command_lines_settings_are_as_before(endpoint, project):
    cut = Cut(endpoint, project, 13, "--set", "probe.steady=3", "--order", "reverse")
    cut.resume()
    run = cut.run()
    assert whole(run)
    assert [s["model"] for s in run.summaries] == ["three", "two", "one"]
    assert run.summaries[1]["probe_requests_completed"] == 6
    (attempt,) = run.manifest["attempts"]
    kept = json.loads((cut.folder / f"{attempt['name']}_attempt_1.json").read_text())
    assert all(r["probe_burst"] for r in kept), "it was in its probe"
    assert len(set(cut.sent())) == len(cut.server.requests)


def test_rows_in_parallel_are_gone_on_with(endpoint, project):
    cut = Cut(endpoint, project, 9, config=KEEP.replace("concurrency_enabled : False",
                                                        "concurrency_enabled : True"))
    cut.resume()
    assert whole(cut.run())
    assert len(set(cut.sent())) == len(cut.server.requests)


# --- Stopped by a person --------------------------------------------------------------------------


def test_a_step_that_was_stopped_starts_over_with_its_files_set_aside(endpoint, project):
    cut = Cut(endpoint, project, 10, "--set", "stop_grace=0.1", by=signal.SIGINT)
    stopped = cut.run()
    assert stopped.summaries[1]["step_end"] == "interrupted"
    cut.resume()
    assert whole(cut.run())
    name = stopped.names[1]
    assert {p.name.removeprefix(name) for p in cut.folder.glob(f"{name}*")} == {
        "_attempt_1.json", "_attempt_1_figures.json", "_attempt_1_texts.jsonl"}
    kept = json.loads((cut.folder / f"{name}_attempt_1.json").read_text())
    assert len(completed(kept)) == 3
    assert len(cut.run().table()[1]) == 3, "the workbook was made again"


def test_who_stops_a_run_is_told_how_to_go_on(endpoint, project):
    server = endpoint(lambda request, connection: time.sleep(0.05) or GOOD)
    project.setup(ROWS)
    process = project.start("run", "config.yaml", "--name", "r", address=server.address)
    wait_for(lambda: len(server.requests) >= 3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-2] == "resume by: coebench run --resume out/r", out


def test_a_step_that_ran_into_its_timeout_is_not_sent_again(endpoint, project):
    server = endpoint(lambda request, connection: time.sleep(0.2) or GOOD)
    project.setup(ROWS[:1], CONFIG.replace("timeout : 60", "timeout : 0.5"))
    project.run("--name", "r", address=server.address, expect=3)
    sent = len(server.requests)
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert done.returncode == 3, "what it came to is what it came to before"
    assert "nothing is left to send" in done.stderr
    assert len(server.requests) == sent


# --- What a cut may leave -------------------------------------------------------------------------


def test_a_torn_line_and_what_was_written_beside_are_cleared_away(endpoint, project):
    cut = Cut(endpoint, project, 10)
    with (cut.folder / "journal.jsonl").open("a") as journal:
        journal.write('{"step":1,"request":{"error_code":nu')
    (cut.folder / ".part-0123456789abcdef").write_text("half")
    cut.resume()
    run = cut.run()
    assert whole(run)
    assert len(run.journal()) > 18, "every line is whole"
    assert not list(cut.folder.glob(".part-*"))


def test_a_step_whose_end_the_manifest_missed_counts_as_ended(endpoint, project):
    """Killed between the step's last file and the manifest."""
    cut = Cut(endpoint, project, 16)
    manifest = json.loads((cut.folder / "manifest.json").read_text())
    assert len(cut.run().names) == 2
    manifest["steps"] = manifest["steps"][:1]
    (cut.folder / "manifest.json").write_text(json.dumps(manifest))
    report = project.call("report", "out/r")
    assert "r is not finished: 2 of 3 steps are here" in report.stderr
    cut.resume()
    assert len(cut.server.requests) == cut.before + 6
    assert whole(cut.run())


def test_a_step_killed_before_its_summary_starts_over(endpoint, project):
    """Its responses are in place already: tools would read them twice."""
    cut = Cut(endpoint, project, 16)
    name = cut.run().names[1]
    (cut.folder / f"{name}_summary.json").unlink()
    cut.resume()
    assert len(cut.server.requests) == cut.before + 12
    assert whole(cut.run())
    assert not (cut.folder / f"{name}_individual_responses.json").exists()
    assert len(json.loads((cut.folder / f"{name}_attempt_1.json").read_text())) == 6


def test_a_run_that_is_whole_sends_nothing_and_leaves_its_reports(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS)
    run = project.run("--name", "r", address=server.address)
    run.workbook.write_bytes(run.workbook.read_bytes() + b"a note")
    done = project.call("run", "--resume", "out/r/", address=server.address)
    assert done.returncode == 0, done.stderr
    assert "resumed: all 3 steps have ended; nothing is left to send" in done.stderr
    assert len(server.requests) == 18
    assert run.workbook.read_bytes().endswith(b"a note")


@pytest.mark.parametrize("ending", ["summary", "individual_responses", "probe"])
@pytest.mark.parametrize("broken", [
    lambda text: None, lambda text: text[:len(text) // 2], lambda text: text.replace("{", "(", 2).replace("null", "nul,")])
def test_a_broken_file_of_a_run_that_was_done_is_found(endpoint, project, ending, broken):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, KEEP)
    run = project.run("--name", "r", "--set", "probe.steady=3", address=server.address)
    sent = len(server.requests)
    path = run.folder / f"{run.names[1]}_{ending}.json"
    now = broken(path.read_text())
    path.unlink() if now is None else path.write_text(now)
    done = project.call("run", "--resume", "out/r", address=server.address)
    assert "resumed: 2 of 3 steps have ended; 1 of the others starts over" in done.stderr
    assert len(server.requests) > sent
    then, run = run.names, Run(run.folder, project.folder / "books")
    assert whole(run) and len(run.table()[1]) == 3
    assert [name in then for name in run.names] == [True, False, True]
    again = project.call("run", "--resume", "out/r", address=server.address)
    assert "resumed: all 3 steps have ended; nothing is left to send" in again.stderr


def test_the_journal_has_the_fingerprint_of_each_steps_files(endpoint, project):
    server = endpoint(lambda request, connection: GOOD)
    project.setup(ROWS, KEEP)
    run = project.run("--name", "r", "--set", "probe.steady=3", address=server.address)
    prints = {line["step"]: line["fingerprint"] for line in run.journal() if "fingerprint" in line}
    for step, name in enumerate(run.names):
        files = {what: (run.folder / f"{name}_{what}.json").stat()
                 for what in ("summary", "individual_responses", "probe")}
        assert prints[step] == {what: [about.st_size, about.st_ctime_ns] for what, about in files.items()}
    copy = project.folder / "out" / "copy"
    shutil.copytree(run.folder, copy)  # where each file was changed just now
    done = project.call("run", "--resume", "out/copy", address=server.address)
    assert "resumed: all 3 steps have ended; nothing is left to send" in done.stderr


# --- What must be the same ------------------------------------------------------------------------


def change(project, name, old, new):
    path = project.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("make, arguments, told", [
    (lambda p: change(p, "config.yaml", "timeout : 60", "timeout : 61"), (),
     "timeout: the run was started with 60, and this asks for 61"),
    (lambda p: change(p, "config.yaml", "count: content", "count: total"), (),
     'prompt.count: the run was started with "content", and this asks for "total"'),
    (lambda p: None, ("--set", "sampling_params={top_k: 2}"),
     'sampling_params: the run was started with {}, and this asks for {"top_k":2}'),
    (lambda p: None, ("--seed", "8"), "seed: the run was started with 7, and this asks for 8"),
    (lambda p: None, ("--order", "reverse"),
     'order: the run was started with "as-listed", and this asks for "reverse"'),
    (lambda p: change(p, "rows.csv", "two,40,2,6", "two,40,3,6"), (),
     "rows.csv:3: is not the row that the run was started with: output_tokens was 2 and is 3"),
    (lambda p: change(p, "rows.csv", "three,40,2,6,1,,,\n", ""), (),
     "rows.csv: the run was started with 3 rows, and these are 2"),
    (lambda p: (p.folder / "config.yaml").unlink(), (), "'config.yaml' cannot be opened"),
    (lambda p: None, ("--name", "x"), "a resumed run keeps its name; leave out --name"),
])
def test_another_plan_is_refused_with_each_difference(endpoint, project, make, arguments, told):
    cut = Cut(endpoint, project, 10)
    files = {p.name: p.read_bytes() for p in cut.folder.iterdir()}
    make(project)
    done = cut.resume(*arguments, expect=2)
    assert told in done.stderr, done.stderr
    assert len(cut.server.requests) == cut.before
    assert {p.name: p.read_bytes() for p in cut.folder.iterdir()} == files, "nothing was touched"


def test_a_data_set_that_was_changed_is_refused(endpoint, project):
    project.write("data.jsonl", '{"prompt": "hello"}\n')
    cut = Cut(endpoint, project, 10, config=CONFIG + "prompt : {dataset: data.jsonl}\n")
    change(project, "data.jsonl", "hello", "hallo")
    done = cut.resume(expect=2)
    assert ("data.jsonl: is not the file that the run was started with (its SHA-256 is another)"
            in done.stderr)


def test_a_data_set_of_more_than_256_mib_that_was_changed_is_refused(endpoint, project):
    data = project.write("data.jsonl", '{"prompt": "hello"}\n' + " " * 1000 + "\n")
    with data.open("ab") as file:
        for _ in range(257):
            file.write((b" " * 1023 + b"\n") * 1024)
    cut = Cut(endpoint, project, 10, config=KEEP.replace("{count", "{source: dataset, dataset: data.jsonl, count"))
    (told,) = cut.run().manifest["inputs"]
    assert told["sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    change(project, "data.jsonl", "hello", "hallo")
    assert "data.jsonl: is not the file that the run was started with" in cut.resume(expect=2).stderr


@pytest.mark.parametrize("edit, told", [
    (lambda m: m["inputs"][0].pop("sha256"),
     "data.jsonl: it is not known whether this is the file that the run was started with (its manifest has no SHA-256"),
    (lambda m: m["inputs"].clear(), "data.jsonl: the run was started without this file of prompts"),
    (lambda m: m["inputs"].append({"path": "more.jsonl", "sha256": "0"}),
     "more.jsonl: the run was started with this file of prompts"),
])
def test_an_input_without_a_digest_is_refused_by_name(endpoint, project, edit, told):
    project.write("data.jsonl", '{"prompt": "hello"}\n')
    cut = Cut(endpoint, project, 10, config=KEEP.replace("{count", "{source: dataset, dataset: data.jsonl, count"))
    manifest = json.loads((cut.folder / "manifest.json").read_text())
    edit(manifest)
    (cut.folder / "manifest.json").write_text(json.dumps(manifest))
    assert told in cut.resume(expect=2).stderr


def test_another_endpoint_is_refused(endpoint, project):
    cut = Cut(endpoint, project, 10)
    done = cut.resume(expect=2, address="http://127.0.0.1:1/v1")
    assert "the endpoint's address: the run was started with" in done.stderr


def test_a_config_of_other_words_that_means_the_same_is_fine(endpoint, project):
    cut = Cut(endpoint, project, 10)
    change(project, "config.yaml", "timeout : 60", "# as before\ntimeout : 6e1")
    change(project, "rows.csv", "three,40", "three,40.0")
    cut.resume()
    assert whole(cut.run())


@pytest.mark.parametrize("folder, told", [
    ("nowhere", "'nowhere/manifest.json' cannot be opened: No such file or directory; no run there"),
    ("empty", "'empty/manifest.json' cannot be opened"),
    ("bare", "it has no journal.jsonl; start a new run"),
])
def test_what_is_no_run_is_told(endpoint, project, folder, told):
    server = endpoint(lambda request, connection: plain(500, b"no"))
    project.setup(ROWS, CONFIG)
    (project.folder / "empty").mkdir()
    if folder == "bare":
        project.run("--name", "bare", address=endpoint(lambda r, c: GOOD).address)
        (project.folder / "out" / "bare" / "journal.jsonl").unlink()
        folder = "out/bare"
    done = project.call("run", "--resume", folder, address=server.address)
    assert done.returncode == 2
    assert told in done.stderr, done.stderr


# --- Two at once ----------------------------------------------------------------------------------


def test_of_two_programs_on_one_run_the_second_is_refused(endpoint, project):
    server = endpoint(lambda request, connection: time.sleep(0.1) or GOOD)
    project.setup(ROWS, KEEP)
    first = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=server.address)
    wait_for(lambda: len(server.requests) >= 2)
    second = project.call("run", "--resume", "out/r", address=server.address)
    assert second.returncode == 2
    assert "another coebench is writing to this run; wait for its end, or stop it" in second.stderr
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert whole(Run(project.folder / "out" / "r", project.folder / "books"))
    assert len(server.requests) == 18


# --- The machine was started anew -----------------------------------------------------------------


def test_moments_of_another_monotonic_clock_stand_where_they_belong(endpoint, project):
    cut = Cut(endpoint, project, 10)
    cut.resume()
    run = cut.run()
    for name in run.names[:1]:  # as if the clock, then older than this machine's, had begun again after it
        path = cut.folder / f"{name}_individual_responses.json"
        responses = json.loads(path.read_text())
        for r in responses:
            for key in r:
                if key.endswith("_monotonic_ns") and r[key]:
                    r[key] += 10**12
        path.write_text(json.dumps(responses))
    done = project.call("report", "out/r", "--output", "again")
    assert done.returncode == 0, done.stderr
    page = next((project.folder / "again").glob("*.html")).read_text()
    data = json.loads(page.split('id="data">', 1)[1].split("</script>", 1)[0])
    began = [step["began_s"] for step in data["steps"]]
    assert began[0] == 0 and began == sorted(began) and began[-1] < 60, began
