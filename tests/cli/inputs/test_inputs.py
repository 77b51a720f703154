"""Bad input gets one clear sentence each, exit 2, and leaves nothing behind."""

import pytest
from support.bench import CONFIG, HEADER

GOOD_ROW = "m,10,2,4,1,,,"

CONFIGS = {
    "an unknown key": (CONFIG + "time_dely: 3\n", "config.yaml:10: unknown key 'time_dely'; "
                                                  "did you mean 'time_delay'?"),
    "a repeated key": (CONFIG + "timeout: 3\n", "'timeout' stands here again, first in line 5"),
    "a missing key": (CONFIG.replace("llm_api : sncloud\n", ""), "'llm_api' is missing"),
    "a wrong type": (CONFIG.replace("timeout : 60", "timeout : soon"),
                     "config.yaml:5: timeout: 'soon' is not a number"),
    "an unknown API": (CONFIG.replace("sncloud", "sncluod"), "one of sncloud, sambastudio, openai"),
    "no YAML": ("a: [1\nb: 2\n", "is not YAML"),
    "prompt files": (CONFIG.replace("prompts : False", "prompts : yes"), "cannot be used yet"),
    "a name that climbs": (CONFIG + "run_name: ../up\n", "cannot name a folder"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_bad_config_is_told_with_its_line(project, name):
    config, sentence = CONFIGS[name]
    project.setup([GOOD_ROW], config)
    refused(project, sentence)


ROWS = {
    "no load": ("m,10,2,4,,,,", "rows.csv:2: neither concurrent_requests nor qps"),
    "zero requests": ("m,10,2,0,1,,,", "num_requests: '0' is not a whole number from 1"),
    "an absurd number": ("m,1e99,2,4,1,,,", "input_tokens: '1e99' is not"),
    "a distribution": ("m,10,2,4,,1,gauss,", "qps_distribution: 'gauss' is not one of"),
    "an image size": ("m,10,2,4,1,,,huge", "multimodal_img_size: 'huge' is not one of"),
    "an empty model": (",10,2,4,1,,,", "model_name: is empty"),
    "an unclosed quote": ('"m,10,2,4,1,,,', "rows.csv:2: a quote that is never closed"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_is_told_with_its_line(project, name):
    row, sentence = ROWS[name]
    project.setup([row])
    refused(project, sentence)


def test_all_bad_rows_are_told_at_once(project):
    project.setup(["m,0,2,4,1,,,", GOOD_ROW, "m,10,2,4,,,,", "m,10,x,4,1,,,"])
    refused(project, "rows.csv:2:", "rows.csv:4:", "rows.csv:5:", "3 faults")


@pytest.mark.parametrize("column", ["stddev_input_tokens", "dataset", "warmup"])
def test_what_is_not_built_yet_is_refused_not_ignored(project, column):
    project.setup([GOOD_ROW + ",1"], header=HEADER + "," + column)
    refused(project, f"{column}: '1' asks for", "not built yet")


def test_missing_files_key_and_address_are_told(project):
    done = project.call("run", "config.yaml")
    assert done.returncode == 2 and "config.yaml: cannot be opened" in done.stderr
    project.setup([GOOD_ROW], CONFIG.replace("sncloud", "openai"))
    done = project.call("run", "config.yaml", key=None)
    assert done.returncode == 2
    assert "set OPENAI_API_BASE" in done.stderr and "set OPENAI_API_KEY" in done.stderr


def test_an_address_that_no_dialect_speaks_is_refused(project):
    project.setup([GOOD_ROW], CONFIG.replace("sncloud", "sambastudio"))
    project.write(".env", "SAMBASTUDIO_URL=https://h/api/v2/predict/p/e\nSAMBASTUDIO_API_KEY=k\n")
    refused(project, "neither a generic address")


def test_an_image_that_the_dialect_cannot_carry_is_refused(project):
    project.setup(["m,10,2,4,1,,,small"], CONFIG.replace("sncloud", "sambastudio"))
    project.write(".env", "SAMBASTUDIO_URL=https://h/api/v2/predict/generic/p/e\n"
                          "SAMBASTUDIO_API_KEY=k\n")
    refused(project, "rows.csv:2: multimodal_img_size: 'small' cannot be sent")


def test_spreadsheet_habits_are_fine(project):
    project.setup([], CONFIG)
    project.write("rows.csv", b"\xef\xbb\xbf" + HEADER.encode() + b",,\r\n\r\n"
                  b'"a, ""b""\r\nc",16.0,2,4,NA,0.5,nan,N/A,,\r\n,,,,\r\nm,1,1,1,1.0,None,null,MEDIUM\r\n')
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 0, done.stderr
    assert "2 rows, 5 requests" in done.stdout and "medium" in done.stdout


def test_a_taken_name_is_refused(simulate, demo_bundle, project):
    project.setup(["Meta-Llama-3.1-8B-Instruct,10,2,2,1,,,"])
    address = simulate(demo_bundle).address
    project.run("--name", "release-1", address=address)
    done = project.call("run", "config.yaml", "--name", "release-1", address=address)
    assert done.returncode == 2 and "exists already" in done.stderr


@pytest.mark.parametrize("words, sentence", [
    (["rnu"], "did you mean 'run'?"), (["run", "--orders"], "unknown option '--orders'"),
    (["run", "a", "b"], "too many arguments"), (["run", "--rows"], "--rows needs a value"),
    (["run", "c.yaml", "--set", "timeout"], "write KEY=VALUE"), ([], "usage: coebench")])
def test_a_bad_command_line_is_told(project, words, sentence):
    project.write("c.yaml", CONFIG)
    done = project.call(*words)
    assert done.returncode == 2 and sentence in done.stderr + done.stdout


@pytest.mark.parametrize("command", ["run", "plan", "simulate"])
def test_every_command_has_help(project, command):
    done = project.call(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: coebench {command}")
    assert project.call("--version").stdout.startswith("coebench ")


def refused(project, *sentences):
    done = project.call("run", "config.yaml")
    assert done.returncode == 2, done.stdout + done.stderr
    for sentence in sentences:
        assert sentence in done.stderr
    assert not (project.folder / "out").exists() and not (project.folder / "books").exists()
