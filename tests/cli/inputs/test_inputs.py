"""Bad input gets one clear sentence each, exit 2, and leaves nothing behind."""

import pytest
from support.bench import CONFIG, HEADER

GOOD_ROW = "m,10,2,4,1,,,"

CONFIGS = {
    "an unknown key": (CONFIG + "time_dely: 3\n", "config.yaml:10: unknown key 'time_dely'; "
                                                  "did you mean 'time_delay'?"),
    "a repeated key": (CONFIG + "timeout: 3\n", "'timeout' appears here again, first in line 5"),
    "a missing key": (CONFIG.replace("llm_api : sncloud\n", ""), "'llm_api' is missing"),
    "a wrong type": (CONFIG.replace("timeout : 60", "timeout : soon"),
                     "config.yaml:5: timeout: 'soon' is not a number"),
    "an unknown API": (CONFIG.replace("sncloud", "sncluod"), "one of sncloud, sambastudio, openai"),
    "no YAML": ("a: [1\nb: 2\n", "is not YAML"),
    "no prompt file": (CONFIG + "prompt: {source: prompts}\n", "no file 'prompts.yaml'"),
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


FILES = {
    "an empty file": (b"", "rows.csv: holds no rows; write a header line and a line for each row"),
    "blank lines only": (b"\n\r\n,,,\n", "rows.csv: holds no rows"),
    "a header only": (HEADER.encode() + b"\n",
                      "rows.csv: holds no rows; write a line for each row below the header"),
    "UTF-16": (f"{HEADER}\n{GOOD_ROW}\n".encode("utf-16"), "rows.csv: is UTF-16; save it as CSV UTF-8"),
    "a column by another name": (HEADER.replace("model_name", "model").encode() + b"\nm,10,2,4,1,,,\n",
                                 "column 'model' is unknown and ignored; did you mean 'model_name'?"),
    "a binary file": (bytes(range(256)) * 8, "rows.csv:1: a zero byte: this is not a text file; save it"),
    "another encoding": (f"{HEADER}\nmod\u00e8le,1,1,1,1,,,\n".encode("latin-1"),
                         "rows.csv:2: model_name: is not UTF-8; save the file with that encoding"),
    "a duplicate column": (b"model_name,input_tokens,output_tokens,num_requests,qps,qps\n"
                           b"m,1,1,1,1,1\n", "rows.csv:1: column 'qps' appears twice; keep one"),
    "a missing column": (b"model_name,input_tokens,num_requests,qps\nm,1,1,1\n",
                         "rows.csv:1: column 'output_tokens' is missing"),
    "two separators in the header": (b"model_name;input_tokens;output_tokens,num_requests;qps\nm;1;1;1;1\n",
                                     "rows.csv:1: the columns are separated by ';', and 'output_tokens,num_requests' by ','; "
                                     "use one of them"),
    "a row by semicolons": (HEADER.encode() + b"\nm;1;1;1;1;;;\n",
                            "rows.csv:2: 'm;1;1;1;1;;;' holds ';', and cells are separated by ',', as in the header"),
    "semicolons at its end": (HEADER.encode() + b"\nm,1,1,1,1;;;\n",
                              "rows.csv:2: '1;;;' holds ';', and cells are separated by ','"),
    "a decimal comma": (b"model_name;input_tokens;output_tokens;num_requests;qps\nm;1;1;1;0,5\n",
                        "rows.csv:2: '0,5': write a decimal point, and nothing between thousands"),
    "a separator that is none": (b"sep=:\n" + HEADER.encode(), "rows.csv:1: names a separator that is not supported"),
    "no header": (b"m,10,2,4,1\nm,20,2,4,1\n",
                  "rows.csv:1: the header line is missing; begin with model_name,"),
    "too many cells": (HEADER.encode() + b"\na, b,1,1,1,1,,constant,small\n",
                       "rows.csv:2: has 9 cells where the header has 8; quote a cell that holds"),
    "a cell of 10 MB": (HEADER.encode() + b"\n" + b"m" * 10_000_000 + b",1,1,1,1,,,\n",
                        "rows.csv:2: a cell of more than 64 KiB"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_holds_no_rows_is_told(project, name):
    content, sentence = FILES[name]
    project.setup([], CONFIG)
    project.write("rows.csv", content)
    assert len(refused(project, sentence)) < 1000


@pytest.mark.parametrize("path, sentence", [
    ("none.csv", "config.yaml:1: model_configs_path: there is no file 'none.csv'"), (".", "is a folder; a file")])
def test_rows_that_are_no_file_are_told(project, path, sentence):
    project.setup([], CONFIG.replace("rows.csv", path))
    refused(project, sentence)


@pytest.mark.parametrize("content, sentence", [
    (None, "is a folder; a file is needed here"), (b"\x93\xff\x00" * 99, "config.yaml:1: is not YAML"),
    (b"- a\n- b\n", "coebench: config.yaml:1: is a list; write lines KEY: VALUE\n")])
def test_a_config_that_is_none_is_told(project, content, sentence):
    if content is None:
        (project.folder / "config.yaml").mkdir()
    else:
        project.write("config.yaml", content)
    refused(project, sentence)


@pytest.mark.parametrize("address, sentence", [
    ("127.0.0.1/v1", "is not an address"), ("ftp://h/v1", "is not an address"), ("http://", "is not an address"),
    ("http://a b/v1", "is not an address"), ("http:///v1", "is not an address; write"),
    ("http://127.0.0.1:99999/v1", "is not an address (Port number was not a decimal number"),
    ("http://h:http/v1", "is not an address (Port number"), ("http://[::1/v1", "is not an address (Bad IPv6"),
    ("http://h/v1#part", "no part that begins with '#'"), ("http://h/v1?a=b c", "must be written as %XX"), ("https://me:secret@h/v1", "user name or password")])
def test_an_address_that_is_none_is_told(project, address, sentence):
    project.setup([GOOD_ROW])
    said = refused(project, f"SAMBANOVA_API_BASE (environment): ", sentence, address=address)
    assert "secret" not in said


@pytest.mark.parametrize("option, value, sentence", [
    ("--seed", "soon", "--seed: seed: 'soon' is not a whole number from 0 to 9007199254740992"),
    ("--name", "../up", "--name: run_name: '../up' cannot name a folder"),
    ("--rows", "none.csv", "--rows: model_configs_path: there is no file 'none.csv'"),
    ("--set", "connection.idle=3", "--set: unknown key 'idle'; did you mean 'idle_timeout'?")])
def test_a_fault_of_the_command_line_names_the_option(project, option, value, sentence):
    project.setup([GOOD_ROW])
    done = project.call("plan", "config.yaml", option, value)
    assert done.returncode == 2 and sentence in done.stderr


def test_a_line_of_env_that_sets_nothing_is_told(project):
    """Else the key would go to the default address."""
    project.setup([GOOD_ROW])
    project.write(".env", "# ours\nOTHER: 1\nSAMBANOVA_API_BASE: http://127.0.0.1:8000/v1\n")
    refused(project, ".env:3: sets no SAMBANOVA_API_BASE; write SAMBANOVA_API_BASE=VALUE",
            "warning: .env:2: is not KEY=VALUE; ignored")


def test_where_the_key_would_go_instead_is_told(project):
    project.setup([GOOD_ROW])
    project.write(".env", "SAMBANOVA_API_BASE=\nSAMBANOVA_URI=http://127.0.0.1:8000/v1\n")
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 0
    assert ".env:2: 'SAMBANOVA_URI' is not read; did you mean 'SAMBANOVA_URL'?" in done.stderr
    assert ("SAMBANOVA_API_BASE is set, but empty; the default address is used: https://api.sambanova.ai/v1"
            in done.stderr)


def test_a_model_that_a_generic_address_does_not_choose_is_warned_of(project):
    project.setup(["m,10,2,4,1,,,", "COE/m,10,2,4,1,,,"], CONFIG.replace("sncloud", "sambastudio"))
    project.write(".env", "SAMBASTUDIO_URL=http://h/api/v2/predict/generic/p/e\n"
                          "SAMBASTUDIO_API_KEY=k\n")
    done = project.call("plan", "config.yaml", "--offline")
    assert done.returncode == 0
    assert "rows.csv:2: model_name: on a generic address only a name that begins with" in done.stderr
    assert "rows.csv:3: model_name" not in done.stderr


@pytest.mark.parametrize("path, sentence", [
    ("none.pem", "'none.pem' cannot be opened"), (".", "is a folder"),
    ("config.yaml", "config.yaml holds no certificate (PEM")])
def test_certificates_that_are_none_are_told(project, path, sentence):
    project.setup([GOOD_ROW], CONFIG + f"connection: {{ca_file: {path}}}\n")
    refused(project, "config.yaml:10: connection.ca_file: ", sentence)


def test_faults_of_all_files_are_told_together(project):
    project.setup(["m,10,2,4,,,,"], CONFIG + "time_dely: 3\nconnection: {ca_file: none.pem}\n")
    refused(project, "unknown key 'time_dely'", "rows.csv:2: neither", "ca_file: ", "is not an address",
            "4 faults; nothing was sent", address="nowhere")


def test_all_bad_rows_are_told_at_once(project):
    project.setup(["m,0,2,4,1,,,", GOOD_ROW, "m,10,2,4,,,,", "m,10,x,4,1,,,"])
    refused(project, "rows.csv:2:", "rows.csv:4:", "rows.csv:5:", "3 faults")


def test_an_order_or_a_probe_of_rows_beside_each_other_is_refused(project):
    project.setup([GOOD_ROW], CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True") + "order: rotate\n"
                                       "probe: {steady: 5}\n")
    refused(project, "order: rotate needs rows one after another",
            "probe.steady: a probe needs its row to run alone", "2 faults")


def test_missing_files_key_and_address_are_told(project):
    done = project.call("run", "config.yaml")
    assert done.returncode == 2 and done.stderr == (
        "coebench: 'config.yaml' cannot be opened: No such file or directory; name another config, "
        "or write one: coebench init\n")
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


@pytest.mark.parametrize("command", ["run", "plan"])
def test_folders_that_cannot_be_used_are_told_with_all_else(project, command):
    project.setup(["m,10,2,4,,,,"], CONFIG.replace(": out", ": rows.csv/out").replace(
        ": books", ": /proc/books"))
    done = project.call(command, "config.yaml")
    assert done.returncode == 2
    for part in ("config.yaml:3: output_files_dir: 'rows.csv' is not a folder; name one",
                 "rows.csv:2: neither", "faults; nothing was sent"):
        assert part in done.stderr


def test_plan_tells_of_a_taken_name_and_makes_nothing(project):
    project.setup([GOOD_ROW])
    (project.folder / "out" / "release-1").mkdir(parents=True)
    done = project.call("plan", "config.yaml", "--offline", "--name", "release-1")
    assert done.returncode == 2 and "a run named 'release-1' exists already" in done.stderr
    assert not (project.folder / "books").exists()


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


def refused(project, *sentences, **more):
    """What is said where a run is refused for these reasons."""
    done = project.call("run", "config.yaml", **more)
    assert done.returncode == 2, done.stdout + done.stderr
    for sentence in sentences:
        assert sentence in done.stderr
    assert not (project.folder / "out").exists() and not (project.folder / "books").exists()
    return done.stderr
