"""A release held against the last: known answers, and that nothing that cannot be compared ever passes."""

import datetime
import json
import pathlib
import re
import shutil
import xml.etree.ElementTree

import openpyxl
import pytest
from support.releases import LINES, ONE_RUN, POLICY, compare, names_of, qualification, verdicts

# --- Known answers --------------------------------------------------------------------------------


def test_the_same_release_passes(release, project):
    code, said = compare(project, release("base"), release("same"))
    assert code == 0 and said.startswith(f"PASS: {LINES} of {LINES} lines pass")


def test_one_run_of_each_side_passes_as_such_where_the_policy_lets_it(release, project):
    base, same = release("base"), release("same")
    told = qualification(project, base, same)
    assert told["verdict"] == "pass" and verdicts(told, "client_ttft_s_p50") == 2 * ["pass (one run)"]
    reasons = {line["reason"] for line in told["lines"] if line["measure"] == "client_ttft_s_p50"}
    assert reasons == {"one run of the baseline: what differs between runs is not in this"}
    assert verdicts(told, "error_rate") == 2 * ["pass"], "a limit of what was seen has no interval"
    project.write("policy.yaml", POLICY.replace(ONE_RUN, ""))
    told = qualification(project, base, same)
    assert told["verdict"] == "fail" and {line["verdict"] for line in told["lines"]} == {"too few"}
    assert {line["reason"] for line in told["lines"]} == {"1 run of the candidate; the policy asks for 2"}


def test_one_run_is_taken_to_vary_as_three_of_the_other_side_do(release, project):
    for i, factor in enumerate((0.98, 1.0, 1.02)):
        release(f"old/{i}", factor, seed=i)
        release(f"even/{i}", 1 + 0.0001 * i, seed=1)
    new = release("new", 1.0, seed=1)
    told = qualification(project, project.folder / "old", new)
    assert told["unit"] == "runs"
    assert verdicts(told, "client_ttft_s_p50") == 2 * ["inconclusive"], "runs of the baseline vary too much"
    told = qualification(project, project.folder / "even", new)
    lines = [line for line in told["lines"] if line["measure"] == "client_ttft_s_p50"]
    assert {(line["verdict"], line["reason"]) for line in lines} == \
        {("pass", "one run of the candidate: it is taken to vary as the other side's do")}


def test_requests_that_follow_each_other_and_are_alike_tell_less(release, project):
    """The same values, in the order they were drawn and sorted, which is as alike as can be."""
    base, mixed = release("base", requests=60), release("mixed", requests=60, seed=2)
    drifting = release("drifting", requests=60, seed=2)
    for step in sorted(drifting.glob("*_individual_responses.json")):
        responses = json.loads(step.read_text())
        values = sorted(response["client_ttft_s"] for response in responses)
        step.write_text(json.dumps([response | {"client_ttft_s": value} for response, value in zip(responses, values)]))
    width = {}
    for name, side in (("mixed", mixed), ("drifting", drifting)):
        told = qualification(project, base, side)
        width[name] = [line["ratio_high"] - line["ratio_low"] for line in told["lines"]
                       if line["measure"] == "client_ttft_s_p50"]
    assert all(wide > 1.5 * narrow for wide, narrow in zip(width["drifting"], width["mixed"])), width


def test_a_tenth_slower_is_a_regression_at_a_margin_of_5_percent(release, project):
    told = qualification(project, release("base"), release("slow", 1.10, seed=2))
    assert told["verdict"] == "fail"
    assert verdicts(told, "client_ttft_s_p50") == 2 * ["regressed"]
    assert told["lines"][0]["verdict"] == "regressed", "what fails comes first"
    assert told["lines"][0]["ratio"] == pytest.approx(1.10, abs=0.05)
    assert told["unit"] == "requests"


def test_a_little_slower_with_few_requests_is_no_pass(release, project):
    code, said = compare(project, release("base", requests=24), release("slower", 1.03, seed=2, requests=24))
    assert code == 1 and "inconclusive" in said
    assert "requests of each side, instead of 24, would settle it" in said


def test_faster_is_an_improvement(release, project):
    told = qualification(project, release("base"), release("fast", 0.8, seed=2))
    assert told["verdict"] == "pass" and verdicts(told, "client_ttft_s_p50") == 2 * ["improved"]


def test_several_runs_of_each_side_are_the_unit(release, project):
    for i in range(4):
        release(f"old/{i}", 1 + 0.002 * i, seed=i)
        release(f"new/{i}", 1.15 + 0.002 * i, seed=10 + i)
    told = qualification(project, project.folder / "old", project.folder / "new")
    assert told["unit"] == "runs" and verdicts(told, "client_ttft_s_p50") == 2 * ["regressed"]
    assert {line["base_runs"] for line in told["lines"]} == {4}


def test_a_limit_is_a_limit(release, project):
    project.write("strict.yaml", ONE_RUN + "checks: [{rows: 'a*', limits: {client_ttft_s_p50: {max: 0.15}}}]\n")
    told = qualification(project, release("base"), release("same"), "strict.yaml")
    assert [(line["row"], line["verdict"]) for line in told["lines"]] == [("a 200→4 c=4", "over its limit")]
    assert "at most 0.15 s is allowed" in told["lines"][0]["reason"]


def test_p_values_are_adjusted_over_all_lines(release, project):
    """Of two lines the smaller p counts twice (Holm)."""
    base, slow = release("base"), release("slow", 1.0, seed=2, change=lambda i, r: r.update(
        client_ttft_s=r["client_ttft_s"] * (1.06 if i == 0 else 0.95)))
    for name, rows in (("one.yaml", "a*"), ("two.yaml", "*")):
        project.write(name, f"{ONE_RUN}checks: [{{rows: '{rows}', limits: {{client_ttft_s_p50: {{margin: 0.05}}}}}}]\n")
    alone, both = ([line["p_adjusted"] for line in qualification(project, base, slow, name)["lines"]
                    if line["row"].startswith("a ")][0] for name in ("one.yaml", "two.yaml"))
    assert 0.001 < alone < 0.5 and both == pytest.approx(2 * alone)


def test_rates_need_several_runs_for_a_margin(release, project):
    project.write("rates.yaml", ONE_RUN + "slo: {client_ttft_s: 10}\nchecks: [{limits: {goodput_requests_per_s: {margin: 0.05}, "
                                "client_total_output_throughput: {min: 1}}}]\n")
    told = qualification(project, release("base"), release("same"), "rates.yaml")
    assert verdicts(told, "goodput_requests_per_s") == 2 * ["inconclusive"]
    assert verdicts(told, "client_total_output_throughput") == 2 * ["pass"]


# --- What counts as a run -------------------------------------------------------------------------


def refused(project, base, candidate):
    done = project.call("compare", str(base), str(candidate), "--policy", "policy.yaml")
    assert done.returncode == 2 and "PASS" not in done.stdout and "FAIL" not in done.stdout
    return done.stderr


def test_copies_of_one_run_are_no_runs(release, project):
    """Item 1: a copy inside a side once made intervals of no width, and so a pass."""
    base, new = release("base"), release("new/1", seed=2)
    shutil.copytree(new, project.folder / "new" / "2")
    said = refused(project, base, project.folder / "new")
    assert f"{project.folder}/new/2: is the same run as {project.folder}/new/1" in said
    said = refused(project, project.folder / "new", base)
    assert "new/2: is the same run as" in said


def test_a_run_is_not_compared_with_itself_nor_with_a_part_of_itself(release, project):
    """Item 1: one step in common is enough, such as in the copy of a run that went on later."""
    base, part = release("base"), project.folder / "part"
    shutil.copytree(base, part)
    manifest = json.loads((part / "manifest.json").read_text())
    for step in manifest["steps"][1:]:
        for path in part.glob(step["name"] + "*"):
            path.unlink()
    manifest["steps"] = manifest["steps"][:1]
    (part / "manifest.json").write_text(json.dumps(manifest))
    for one, other in ((base, base), (base, str(base) + "/."), (base, part), (part, base)):
        said = refused(project, one, other)
        assert f"{other}: is the same run as {one}" in said, said


def test_report_and_switching_leave_the_later_copy_out(release, project):
    """Item 1."""
    base = release("base")
    copied = project.folder / "copied"
    shutil.copytree(base, copied)
    for arguments in (("report", str(base), str(copied)), ("switching", str(base), str(copied)),
                      ("switching", str(base), str(base))):
        done = project.call(*arguments)
        assert done.returncode == 0, done.stderr
        assert f"{arguments[-1]}: is the same run as {base}, and is left out" in done.stderr
    assert "\n1 run, 2 steps to 2 rows" in "\n" + done.stdout
    (path,) = (project.folder / "books").glob("consolidated_results_base.xlsx")
    assert openpyxl.load_workbook(path)["Results"].max_row == 3


def test_copies_whose_names_lack_a_uuid_are_no_runs_either(release, project):
    """Item 1: renamed by hand, the starter kit's files tell by their figures which run they are of."""
    new, renamed = release("new", seed=2), project.folder / "side" / "renamed"
    shutil.copytree(new, renamed)
    for path in sorted(renamed.iterdir()):
        short = re.sub(r"_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", path.name)
        if path.name.endswith(("_summary.json", "_individual_responses.json")):
            text = path.read_text()
            (renamed / short).write_text(text.replace(path.name.removesuffix(".json"), short.removesuffix(".json")))
        path.unlink()
    shutil.copytree(renamed, project.folder / "side" / "again")
    said = refused(project, release("base"), project.folder / "side")
    assert "side/renamed: is the same run as " in said


def test_a_step_that_a_manifest_lists_twice_counts_once(release, project):
    """Item 2: its requests once counted twice."""
    base, new = release("base"), release("new", seed=2)
    manifest = json.loads((new / "manifest.json").read_text())
    manifest["steps"] += manifest["steps"][:1]
    (new / "manifest.json").write_text(json.dumps(manifest))
    told = qualification(project, base, new)
    assert {line["candidate_requests"] for line in told["lines"]} == {60}


STRAYS = {"another run's": lambda name, told: (told["name"].replace("_summary", ""), told),
          "a copy beside it": lambda name, told: ("copy_of_" + name, told),
          "a path in it": lambda name, told: ("zz", told | {"name": "../other/" + name + "_summary"})}


@pytest.mark.parametrize("finished", (True, False))
@pytest.mark.parametrize("stray", STRAYS)
def test_a_stray_summary_is_no_step(release, project, stray, finished):
    """Item 2: once, one summary more made a fail a pass. Of a run that has not finished, only what is in its plan
    counts, and that once."""
    base, new, other = release("base"), release("new"), release("other", seed=9)
    name, told = names_of(other)[0], {}
    told = json.loads((other / f"{name}_summary.json").read_text())
    stray_name, told = STRAYS[stray](name, told)
    (new / f"{stray_name}_summary.json").write_text(json.dumps(told))
    shutil.copy(other / f"{name}_individual_responses.json", new / f"{stray_name}_individual_responses.json")
    if not finished:
        manifest = json.loads((new / "manifest.json").read_text())
        last = manifest["steps"].pop()["name"]
        (new / "manifest.json").write_text(json.dumps(manifest))
        assert (new / f"{last}_summary.json").exists(), "which a run that was cut off may have ended"
    done = project.call("compare", str(base), str(new), "--policy", "policy.yaml", "--output", "made")
    assert done.returncode == 0 and f"{LINES} of {LINES} lines pass" in done.stdout, done.stdout
    assert f"{new}/{stray_name}_summary.json: is left out" in done.stderr
    (path,) = (project.folder / "made").glob("*.json")
    assert {line["candidate_requests"] for line in json.loads(path.read_text())["lines"]} == {60}


# --- What is never a pass -------------------------------------------------------------------------


def test_a_dropped_metric_is_missing(release, project):
    project.write("server.yaml", ONE_RUN + "checks: [{limits: {server_ttft_s_p50: {margin: 0.5}}}]\n")
    told = qualification(project, release("base"),
                         release("less", change=lambda i, r: r.update(server_ttft_s=None)), "server.yaml")
    assert told["verdict"] == "fail" and verdicts(told, "server_ttft_s_p50") == 2 * ["missing"]
    assert told["lines"][0]["reason"] == "the candidate has none"


def test_gaps_that_are_not_known_settle_nothing(release, project):
    """One request is enough: without it, the others are not all."""
    def known(i, response, wide=False):
        unknown = wide and response["request_index"] == 3
        response.update(client_mean_inter_token_latency_s=None if unknown else 0.01,
                        client_mean_inter_token_latency_s_low=0.01,
                        client_mean_inter_token_latency_s_high=0.02 if unknown else 0.01)

    measure = "client_mean_inter_token_latency_s_p50"
    project.write("gaps.yaml", ONE_RUN + f"checks: [{{limits: {{{measure}: {{margin: 0.5}}}}}}]\n")
    base = release("base", change=known)
    told = qualification(project, base, release("late", change=lambda i, r: known(i, r, True)), "gaps.yaml")
    assert told["verdict"] == "fail" and verdicts(told, measure) == 2 * ["inconclusive"]
    assert "gaps are known within bounds only" in told["lines"][0]["reason"]
    told = qualification(project, base, release("good", change=known), "gaps.yaml")
    assert told["verdict"] == "pass"


def test_a_dropped_row_is_missing_on_either_side(release, run, project):
    base, less = release("base"), release("less")
    manifest = json.loads((less / "manifest.json").read_text())
    (less / f"{manifest['steps'][1]['name']}_summary.json").unlink()
    manifest["steps"] = manifest["steps"][:1]
    (less / "manifest.json").write_text(json.dumps(manifest))
    told = qualification(project, base, less)
    assert [(line["row"], line["reason"]) for line in told["lines"] if line["measure"] == "row"] == \
        [("b 200→4 c=4", "the candidate did not run it")]
    told = qualification(project, less, base)
    assert [line["reason"] for line in told["lines"] if line["measure"] == "row"] == ["the baseline did not run it"]
    assert told["verdict"] == "fail"


def test_a_failed_row_is_refused(release, project):
    def fail(i, response):
        if i == 0:
            response.update(error_code=500, error_msg="no")
    told = qualification(project, release("base"), release("failed", change=fail))
    assert {line["reason"] for line in told["lines"] if line["row"].startswith("a ")} == \
        {"no request of the candidate completed"}
    assert told["verdict"] == "fail"


def test_a_row_that_the_client_limited_is_refused(release, project):
    limited = release("limited", summaries=lambda i: {"measurement_verdict": "invalid: client-limited",
                                                      "measurement_reason": "too slow"} if i else {})
    told = qualification(project, release("base"), limited)
    bad = [line for line in told["lines"] if line["verdict"] == "invalid"]
    assert {line["row"] for line in bad} == {"b 200→4 c=4"} and len(bad) == LINES / 2
    assert "measured the client, not the endpoint: too slow" in bad[0]["reason"]


def test_too_few_requests_are_no_pass(release, project):
    told = qualification(project, release("base"), release("few", requests=19))
    assert told["verdict"] == "fail" and {line["verdict"] for line in told["lines"]} == {"too few"}
    project.write("p99.yaml", ONE_RUN + "min_requests: 1\nchecks: [{limits: {client_ttft_s_p99: {max: 9}}}]\n")
    told = qualification(project, release("base2"), release("same"), "p99.yaml")
    assert told["lines"][0]["reason"] == "60 requests of the candidate are too few for this quantile; it needs 100"


def test_a_check_that_no_row_is_held_against_is_no_pass(release, project):
    project.write("nobody.yaml", "checks: [{rows: 'c*', limits: {client_ttft_s_p50: {max: 9}}}]\n")
    told = qualification(project, release("base"), release("same"), "nobody.yaml")
    assert told["verdict"] == "fail" and told["lines"][0]["reason"] == "no row is called 'c*'"


def test_a_renamed_model_is_the_same_where_the_policy_says_so(release, project):
    renamed = release("renamed", summaries=lambda i: {"model": "b-2"} if i else {})
    assert qualification(project, release("base"), renamed)["verdict"] == "fail"
    project.write("renaming.yaml", "models: {b: b-2}\n" + POLICY)
    assert qualification(project, project.folder / "base", renamed, "renaming.yaml")["verdict"] == "pass"


# --- What it leaves -------------------------------------------------------------------------------


def test_every_file_tells_the_same(release, project):
    slow = release("slow <&>\"", 1.2, seed=5)
    told = qualification(project, release("base"), slow)
    made = project.folder / "made"
    (path,) = made.glob("*.junit.xml")
    suite = xml.etree.ElementTree.parse(path).getroot()
    cases = suite.findall("testcase")
    failed = [case for case in cases if case.find("failure") is not None]
    assert len(cases) == int(suite.get("tests")) == LINES
    assert len(failed) == int(suite.get("failures")) == 2 and "slow <&>\"" in suite.get("name")
    assert {case.find("failure").get("type") for case in failed} == {"regressed"}
    (path,) = made.glob("*.md")
    text = path.read_text()
    assert text.startswith("## Qualification: **FAIL**") and text.count("**regressed**") == 2
    assert "slow \\<\\&\\>" in text
    (path,) = made.glob("*.xlsx")
    sheet = openpyxl.load_workbook(path)["Qualification"]
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert cells[0][0] == "FAIL" and [line[0] for line in cells].count("regressed") == 2
    assert ["Name", "Date", "Signature"] == [line[0] for line in cells if line[0] in ("Name", "Date", "Signature")]
    (path,) = made.glob("*.html")
    assert '"qualification":{"pass":false' in path.read_text()
    assert len(told["policy_sha256"]) == 64


def junit(project, base, candidate, policy="policy.yaml"):
    compare(project, base, candidate, "--output", "junit", policy=policy)
    (path,) = sorted((project.folder / "junit").glob("*.junit.xml"), key=lambda p: p.stat().st_mtime)[-1:]
    return xml.etree.ElementTree.parse(path).getroot()


def test_junit_says_where_when_and_how_long(release, run, project):
    """Item 12: what readers of JUnit XML show, in attributes of its schema."""
    suite = junit(project, release("base"), release("same"))
    host, started = run.manifest["host"]["name"], run.manifest["started_utc"][:19]
    assert suite.get("hostname") == host and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
    apart = datetime.datetime.fromisoformat(suite.get("timestamp")) - datetime.datetime.fromisoformat(started)
    assert abs(apart.total_seconds()) <= 2
    cases = suite.findall("testcase")
    measured = sum(summary["wall_time_s"] for summary in run.summaries)
    assert float(suite.get("time")) == pytest.approx(measured, abs=0.002)
    assert sum(float(case.get("time")) for case in cases) == pytest.approx(measured, abs=0.01)
    properties = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    assert properties == {"verdict": "pass", "baseline": str(project.folder / "base"), "baseline_runs": "1",
                          "candidate": str(project.folder / "same"), "candidate_runs": "1", "policy": "policy.yaml",
                          "policy_sha256": properties["policy_sha256"], "confidence": "0.95", "unit": "requests"}
    assert len(properties["policy_sha256"]) == 64
    assert [child.tag for child in suite] == ["properties"] + LINES * ["testcase"]


def test_junit_classes_hold_no_dots_and_what_is_missing_is_told_whole(release, project):
    """Item 12."""
    def renamed(i):
        return {"model": "Meta-Llama-3.3-70B.v2"} if i else {}
    base, less = release("base", summaries=renamed), release("less", summaries=renamed)
    manifest = json.loads((less / "manifest.json").read_text())
    (less / f"{manifest['steps'][1]['name']}_summary.json").unlink()
    manifest["steps"] = manifest["steps"][:1]
    (less / "manifest.json").write_text(json.dumps(manifest))
    cases = junit(project, base, less).findall("testcase")
    assert {case.get("classname") for case in cases} == {"a 200→4 c=4", "Meta-Llama-3-3-70B-v2 200→4 c=4"}
    (failure,) = [case.find("failure") for case in cases if case.get("name") == "row"]
    assert failure.get("type") == "missing"
    assert failure.get("message") == failure.text == "the candidate did not run it"
    project.write("server.yaml", ONE_RUN + "checks: [{limits: {server_ttft_s_p50: {margin: 0.5}}}]\n")
    cases = junit(project, base, release("none", change=lambda i, r: r.update(server_ttft_s=None), summaries=renamed),
                  "server.yaml").findall("testcase")
    for case in cases:
        told = case.find("failure").text
        assert re.fullmatch(r"the candidate has none; [\d.]+ m?s → –; allowed: at most 50 % worse", told), told


def test_what_differs_between_the_manifests_is_told(release, project):
    base, other = release("base"), release("other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["settings"]["timeout"] = 99
    manifest["settings"]["labels"] = {"release": "2"}
    (other / "manifest.json").write_text(json.dumps(manifest))
    told = qualification(project, base, other)
    assert {d["key"]: (d["base"], d["candidate"]) for d in told["differences"]} == \
        {"settings.timeout": ("60", "99"), "settings.labels.release": ("", "2")}


def test_a_setting_that_is_a_list_is_told_too(release, project):
    base, other = release("base"), release("other")
    for folder, words in ((base, ["a"]), (other, ["a", "b"])):
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["settings"]["sampling_params"] = {"stop": words}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    told = qualification(project, base, other)
    assert [(d["key"], d["base"], d["candidate"]) for d in told["differences"]] == \
        [("settings.sampling_params.stop", '["a"]', '["a","b"]')]


def test_the_page_shows_the_verdict(release, project, request):
    slow = release("slow", change=lambda i, r: r.update(client_ttft_s=r["client_ttft_s"] * (1 if i else 1.2)))
    compare(project, release("base"), slow, "--output", "made")
    (path,) = (project.folder / "made").glob("*.html")
    browser = request.getfixturevalue("browser").open(path)
    text = browser.one("#verdict").text
    assert text.startswith("Qualification\nFAIL") and "regressed" in text and "Signature" in text
    assert text.index("regressed") < text.index("What passes") < text.rindex("pass (one run)")
    assert browser.complaints() == []


def test_a_faulty_policy_is_told_line_by_line(project):
    project.write("bad.yaml", "min_request: 3\nchecks:\n  - rows: a\n    limits:\n      client_ttft: {max: 1}\n"
                              "      client_ttft_s_p50: 3\n      error_rate: {margin: 0.1}\n      goodput_share: {min: 1}\n"
                              "      client_ttft_s_p95: {}\n      client_ttft_s_p90: {margin: -1}\n")
    done = project.call("compare", "x", "y", "--policy", "bad.yaml")
    assert done.returncode == 2
    assert "bad.yaml:1: unknown key 'min_request'; did you mean 'min_requests'?" in done.stderr
    project.write("bad.yaml", (project.folder / "bad.yaml").read_text().replace("min_request:", "min_requests:"))
    said = project.call("compare", "x", "y", "--policy", "bad.yaml").stderr
    for line, part in ((5, "'client_ttft' cannot be checked"), (6, "are not a mapping"),
                       (7, "'error_rate' has no ratio"), (9, "has no limit"), (10, "margin: '-1' is not a number")):
        assert any(f"bad.yaml:{line}:" in told and part in told for told in said.splitlines()), (part, said)
    assert "slo: is missing" in said
    done = project.call("compare", "x", "y", "--policy", "nowhere.yaml")
    assert done.returncode == 2 and "nowhere.yaml" in done.stderr


def test_without_a_policy_the_one_that_ships_is_built_in(release, project):
    """Item 13: outside the checkout, and said so; what stands there is used where it does."""
    release("old/1"), release("old/2", seed=2)
    release("new/1", seed=3), release("new/2", seed=4)
    shipped = pathlib.Path(__file__).resolve().parents[3] / "configs" / "qualification.yaml"
    told = []
    for policy in ((), ("--policy", str(shipped))):
        done = project.call("compare", "old", "new", *policy, "--output", "made")
        assert done.returncode in (0, 1), done.stderr
        (path,) = sorted((project.folder / "made").glob("*.json"), key=lambda p: p.stat().st_mtime)[-1:]
        told.append(json.loads(path.read_text()))
        assert ("the built-in policy is used" in done.stderr) == (not policy)
        assert ("policy:    built in\n" in done.stdout) == (not policy)
    assert told[0]["policy"] == "built in" and told[0] | {"policy": str(shipped)} == told[1]
    assert len(told[0]["lines"]) == 10
    project.write("configs/qualification.yaml", POLICY)
    done = project.call("compare", "old", "new")
    assert "policy:    configs/qualification.yaml\n" in done.stdout and "built-in" not in done.stderr


def test_what_is_no_side_is_told(release, project):
    (project.folder / "empty").mkdir()
    project.write("policy.yaml", POLICY)
    done = project.call("compare", "empty", str(release("base")), "--policy", "policy.yaml")
    assert done.returncode == 2 and "empty: is not a run directory, and holds none" in done.stderr
