"""plan --json: the same faults, warnings and totals as plan prints, for programs."""

import json

import pytest

KNOWN = "Meta-Llama-3.1-8B-Instruct"


def plan(project, *options, address="http://127.0.0.1:9/v1", key="demo-key", expect=0):
    done = project.call("plan", "config.yaml", "--json", *options, address=address, key=key)
    assert done.returncode == expect, done.stdout + done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_totals_and_time_are_those_of_the_plan(simulate, demo_bundle, project):
    project.setup([f"{KNOWN},100,8,4,1,,,", f"{KNOWN},50,4,10,,2,exponential,large"])
    simulator = simulate(demo_bundle)
    told = plan(project, "--passes", "2", address=simulator.address)
    assert told["sound"] is True and told["faults"] == [] and told["search"] is None
    assert told["totals"] == {"rows": 2, "steps": 4, "requests": 28, "input_tokens": 1800, "output_tokens": 144,
                              "opening_requests": 20, "at_most": False}
    # Each response takes 0.5 s and a hundredth a token; ten at two a second are 5 s.
    assert told["time_s"] == pytest.approx(2 * (4 * 0.58 + 5), abs=0.2)
    assert told["config"] == "config.yaml" and told["endpoint"] == simulator.address
    assert not (project.folder / "out").exists() and simulator.truth.read_text() == ""


def test_warnings_are_those_that_plan_prints_each_with_its_place(simulate, demo_bundle, project):
    project.setup([f"{KNOWN},100,8,4,4,,,", f"{KNOWN},100,8,4,4,,,", "Nobody,100,8,4,1,,,"])
    address = simulate(demo_bundle).address
    told = plan(project, address=address)
    plain = project.call("plan", "config.yaml", address=address)
    assert ["warning: " + one["text"] for one in told["warnings"]] == plain.stderr.splitlines()
    assert [one["line"] for one in told["warnings"] if "Nobody" in one["text"]] == [4]
    assert {one["file"] for one in told["warnings"]} == {"rows.csv"} and told["sound"] is True


def test_every_fault_is_told_with_file_line_and_field(project):
    project.setup(["a,100,8,4,1,,,", "a,x,8,0,1,,,"])
    text = (project.folder / "config.yaml").read_text().replace("timeout : 60", "timeout : soon\nprob : 1")
    project.write("config.yaml", text)
    told = plan(project, "--offline", expect=2)
    line = text.splitlines().index("timeout : soon") + 1
    assert told["sound"] is False and told["totals"] is None and told["time_s"] is None
    assert [(one["file"], one["line"], one["field"]) for one in told["faults"]] == [
        ("config.yaml", line + 1, "prob"), ("config.yaml", line, "timeout"), ("rows.csv", 3, "input_tokens"),
        ("rows.csv", 3, "num_requests")]
    plain = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert ["coebench: " + one["text"] for one in told["faults"]] == plain.stderr.splitlines()[:-1]


def test_text_that_is_no_yaml_is_a_fault_with_its_line(project):
    project.setup(["a,100,8,4,1,,,"])
    project.write("config.yaml", "a: 1\nb: [\n")
    (fault,) = plan(project, "--offline", expect=2)["faults"]
    assert fault["file"] == "config.yaml" and fault["line"] in (2, 3) and fault["field"] is None


def test_an_endpoint_that_cannot_be_reached_is_a_fault_of_its_own(project):
    project.setup(["a,100,8,4,1,,,"])
    (fault,) = plan(project, expect=2)["faults"]
    assert fault["field"] == "endpoint" and fault["file"] is None
    assert "nothing listens at http://127.0.0.1:9/v1" in fault["text"]
    assert plan(project, "--offline")["sound"] is True


def test_what_is_missing_from_the_environment_is_told_by_its_name(project):
    project.setup(["a,100,8,4,1,,,"])
    told = plan(project, "--offline", key=None, expect=2)
    (fault,) = told["faults"]
    assert "SAMBANOVA_API_KEY" in fault["text"] and "demo-key" not in json.dumps(told)


def test_a_search_has_its_most_and_its_faults(project):
    project.setup(["a,100,8,4,1,,,"])
    told = plan(project, "--offline", "--set", "search={}", "--set", "slo={client_ttft_s: 1}")
    assert told["search"]["rows"] == 1 and told["search"]["steps"] > 0
    assert told["search"]["time_s"] > 0 and told["search"]["requests"] > 0
    told = plan(project, "--offline", "--set", "search={budget_s: 1}", "--set", "slo={client_ttft_s: 1}", expect=2)
    assert [one["field"] for one in told["faults"]] == ["search.budget_s"] and told["search"] is None


def test_texts_of_others_stay_json(project):
    project.setup(['"a ""b\\\t",100,8,4,4,,,', '"a ""b\\\t",100,8,4,4,,,'])
    assert plan(project, "--offline")["sound"] is True


def test_a_proposal_is_no_part_of_it(project):
    project.setup(["a,100,8,4,1,,,"])
    for option in "--resolve=20ms", "--like=x", "--ranks":
        done = project.call("plan", "config.yaml", "--json", option)
        assert done.returncode == 2 and "leave out --resolve, --like and --ranks" in done.stderr and done.stdout == ""
