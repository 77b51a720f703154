"""Numbers are sent, recorded, reported and compared in the characters in which they were written."""

import json
import re

import openpyxl
import pytest
from support.bench import CONFIG, another_run
from support.endpoint import content, finish, stream

PARAMS = """\
sampling_params:
  zeta: 1.0
  seed: 9223372036854775807
  top_p: 0.10
  small: 1e-07
  big: 18446744073709551615
  text: "0x10"
  word: '5'
  nested: {list: [1.50, 2], deep: 12345678901234567890}
  alpha: -0
"""
WRITTEN = ('"zeta":1.0,"seed":9223372036854775807,"top_p":0.10,"small":1e-07,"big":18446744073709551615,"text":"0x10",'
           '"word":"5","nested":{"list":[1.50,2],"deep":12345678901234567890},"alpha":-0')


def answering(project, endpoint, config=PARAMS, row="m,20,2,2,1,,,"):
    """A server that keeps what it was sent, byte by byte."""
    bodies = []

    def answer(request, connection):
        bodies.append(request["raw"].decode())
        return stream(content("a"), content(" b"), finish(prompt_tokens=20, completion_tokens=2))
    server = endpoint(answer)
    project.setup([row], CONFIG + config)
    return server, bodies


def test_sampling_params_keep_their_characters_and_order(endpoint, project):
    server, bodies = answering(project, endpoint)
    run = project.run("--set", "prompt.count=content", address=server.address)
    assert bodies and all(WRITTEN in body for body in bodies), bodies[0]
    flat = re.sub(r"\s", "", (run.folder / "manifest.json").read_text())
    assert '"sampling_params":{' + WRITTEN + "}" in flat
    flat = re.sub(r"\s", "", (run.folder / f"{run.names[0]}_summary.json").read_text())
    for key, value in (("seed", "9223372036854775807"), ("zeta", "1.0"), ("top_p", "0.10"), ("small", "1e-07"),
                       ("nested_list", "[1.50,2]"), ("nested_deep", "12345678901234567890"), ("text", '"0x10"')):
        assert f'"additional_sampling_params_{key}":{value},' in flat, key
    cells = {line[0]: line[1] for line in openpyxl.load_workbook(run.workbook)["Environment"].iter_rows(values_only=True)}
    assert cells["sampling_params.seed"] == "9223372036854775807" and cells["sampling_params.zeta"] == "1.0"
    assert cells["sampling_params.nested.list"] == "[1.50,2]", "a list is told as any other setting"


def test_a_run_goes_on_with_the_numbers_it_was_begun_with(endpoint, project):
    server, bodies = answering(project, endpoint)
    run = project.run("--set", "prompt.count=content", address=server.address)
    done = project.call("run", "--resume", str(run.folder), address=server.address)
    assert done.returncode == 0, done.stderr
    flat = re.sub(r"\s", "", (run.folder / "manifest.json").read_text())
    assert '"sampling_params":{' + WRITTEN + "}" in flat
    config = (project.folder / "config.yaml").read_text()
    project.write("config.yaml", config.replace("854775807", "854775806"))
    done = project.call("run", "--resume", str(run.folder), address=server.address)
    assert done.returncode == 2 and "9223372036854775807" in done.stderr and "9223372036854775806" in done.stderr


@pytest.mark.parametrize("written, spelled", [
    ("0x10", "write 16,"), ("1_000", "write 1000,"), ("+5", "write 5,"), (".5", "write 0.5,"), ("017", "write 15,"),
    (".inf", "JSON cannot hold"), ("1:30", "write 90,"),
])
def test_a_number_that_json_spells_otherwise_is_a_fault_that_shows_how(project, written, spelled):
    project.setup(["m,20,2,2,1,,,"], CONFIG + f"sampling_params:\n  a: {{deep: [x, {written}]}}\n")
    done = project.call("plan", "config.yaml", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and f"config.yaml:11: sampling_params: '{written}'" in done.stderr, done.stderr
    assert spelled in done.stderr
    project.setup(["m,20,2,2,1,,,"], CONFIG + f"sampling_params:\n  a: {{deep: [x, '{written}']}}\n")
    assert "sampling_params" not in project.call("plan", "config.yaml", address="http://127.0.0.1:9/v1").stderr


def test_a_seed_stands_under_a_signature_in_all_its_digits(endpoint, project):
    """Of seeds that were drawn nothing is said; of one that was given, all of it."""
    server, _ = answering(project, endpoint, config="")
    project.write("policy.yaml", "min_requests: 1\nmin_runs: 1\nchecks: [{limits: {error_rate: {max: 1}}}]\n")
    project.seeded = False
    seeds = {"base": ("--seed", "3548434630643843"), "other": ("--seed", "3178567585100420"), "drawn": ()}
    runs = {name: project.run("--set", "prompt.count=content", "--name", name, *seed, address=server.address)
            for name, seed in seeds.items()}
    assert cells_of(runs["other"])["seed"] == "3178567585100420"

    def differences(base, candidate):
        out = project.folder / f"{base}-{candidate}"
        done = project.call("compare", f"out/{base}", f"out/{candidate}", "--policy", "policy.yaml", "--output", str(out))
        assert done.returncode == 0, done.stderr
        (path,) = out.glob("*.json")
        return {d["key"]: (d["base"], d["candidate"]) for d in json.loads(path.read_text())["differences"]}
    assert differences("base", "other")["settings.seed"] == ("3548434630643843", "3178567585100420")
    assert "settings.seed" not in differences("drawn", "base")
    told = differences("base", "drawn")
    assert "settings.seed" not in told and told["seed_given"] == ("true", "false")


def cells_of(run):
    sheet = openpyxl.load_workbook(run.workbook)["Environment"]
    return {line[0]: line[1] for line in sheet.iter_rows(values_only=True)}


def test_a_seed_that_010_wrote_is_read_in_all_its_digits(endpoint, project):
    """It wrote 3.17856758510042e+15; such a run goes on, and its report says which seed it was."""
    server, _ = answering(project, endpoint, config="sampling_params: {seed: 7, temperature: 1.0}\n")
    run = project.run("--set", "prompt.count=content", "--seed", "3178567585100420", address=server.address)
    old = project.folder / "out" / "old"
    another_run(run.folder, old)
    manifest = (old / "manifest.json").read_text()
    assert "3178567585100420" in manifest and "1.0" in manifest
    (old / "manifest.json").write_text(re.sub(r'("seed":\s*)3178567585100420', r"\g<1>3.17856758510042e+15", manifest)
                                       .replace('"temperature":\t1.0', '"temperature":\t1'))
    done = project.call("report", str(old))
    assert done.returncode == 0, done.stderr
    (path,) = (project.folder / "books").glob("*old.xlsx")
    sheet = openpyxl.load_workbook(path)["Environment"]
    assert {line[0]: line[1] for line in sheet.iter_rows(values_only=True)}["seed"] == "3178567585100420"
    (old / "journal.jsonl").write_text("")
    assert project.call("run", "--resume", str(old), address=server.address).returncode == 0
