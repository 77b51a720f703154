"""What people write into configs, CSVs and .env files: understood, or told as what it is (item 11)."""

import json

import pytest
from support.bench import CONFIG, HEADER, KEY

ROW = "m,20,2,4,2,,,"


def plan(project, *arguments, **how):
    return project.call("plan", "config.yaml", *arguments, **how)


def planned(project, *arguments, **how):
    done = plan(project, "--offline", *arguments, **how)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(project, *sentences):
    """Exactly these, each a line; nothing else is a fault."""
    done = plan(project, "--offline")
    told = [line for line in done.stderr.splitlines() if not line.startswith("warning:") and "nothing was sent" not in line]
    assert done.returncode == 2 and told == [f"coebench: {sentence}" for sentence in sentences], done.stderr


def lines(separator, *rows):
    return "\n".join(row.replace(",", separator) for row in (HEADER, *rows)) + "\n"


CSVS = {
    "semicolons": lines(";", ROW, "n,20,2,4,,0.5,uniform,small"),
    "tabs": lines("\t", ROW, "n,20,2,4,,0.5,uniform,small"),
    "bars": lines("|", ROW, "n,20,2,4,,0.5,uniform,small"),
    "a line that names the separator": "sep=;\n" + lines(";", ROW, "n,20,2,4,,0.5,uniform,small"),
    "one that a spreadsheet has filled up": '"sep=,",,,,,,,\r\n' + lines(",", ROW, "n,20,2,4,,0.5,uniform,small"),
    "names as people write them": "Model Name,INPUT_TOKENS,Output tokens, num Requests ,Concurrent_Requests,QPS,"
                                  "qps distribution,Multimodal_Img Size\n" + ROW + "\nn,20,2,4,,0.5,uniform,small\n",
    "words for nothing": lines(",", "m,20,2,4,2,#N/A,<NA>,NULL", "n,20,2,4,#NA,0.5,uniform,small"),
    "a comma in a model's name": lines(";", ROW, 'n,20,2,4,,0.5,uniform,small').replace("\nm;", '\n"a,m";'),
}


@pytest.mark.parametrize("name", CSVS)
def test_csvs_that_spreadsheets_write_are_understood(project, name):
    project.setup([], CONFIG)
    project.write("rows.csv", CSVS[name])
    said = planned(project)
    assert "2 rows, 8 requests" in said and "c=2" in said and "0.5/s unif small" in said, said


# --- Variables ------------------------------------------------------------------------------------

PATHS = ("model_configs_path", "output_files_dir", "consolidated_results_dir", "bundle", "prompt.file", "prompt.dataset",
         "connection.ca_file")


def test_variables_in_paths_are_expanded(endpoint, project, monkeypatch):
    from support.endpoint import content, finish, stream
    server = endpoint(lambda request, connection: stream(content("a"), finish(prompt_tokens=20, completion_tokens=2)))
    monkeypatch.setenv("GATE", "here")
    project.write("here/rows.csv", HEADER + ",dataset\n" + ROW + ",${GATE}/prompts.jsonl\n")
    project.write("here/prompts.jsonl", '{"prompt": "one"}\n')
    project.write("config.yaml", CONFIG.replace("rows.csv", "${GATE}/rows.csv").replace(": out", ": ${GATE}/out")
                  .replace(": books", ": ${GATE_NONE:-there}/books"))
    done = project.call("run", "config.yaml", "--name", "r", "--set", "prompt.count=content", address=server.address)
    assert done.returncode in (0, 4), done.stderr
    assert (project.folder / "here" / "out" / "r" / "manifest.json").exists()
    assert (project.folder / "there" / "books" / "consolidated_results_r.xlsx").exists()
    assert "$" not in json.dumps(json.loads((project.folder / "here/out/r/manifest.json").read_text())["settings"])


@pytest.mark.parametrize("key", PATHS)
def test_a_variable_that_is_not_set_is_refused_by_name(project, key):
    project.setup([ROW])
    done = plan(project, "--offline", "--set", key + "=a/${GATE_UNSET}/b")
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if "GATE_UNSET" in line]
    assert told == [f"coebench: --set: {key}: 'a/${{GATE_UNSET}}/b' names ${{GATE_UNSET}}, which is not set"]
    assert "there is no file" not in done.stderr


def test_one_in_a_row_is_told_with_its_line(project):
    project.setup([ROW + ",${GATE_UNSET}/x.jsonl"], header=HEADER + ",dataset")
    refused(project, "rows.csv:2: dataset: '${GATE_UNSET}/x.jsonl' names ${GATE_UNSET}, which is not set")


def test_variables_in_env_files_are_expanded(endpoint, project, monkeypatch):
    server = endpoint(lambda request, connection: b"")
    port = server.address.split(":")[2].split("/")[0]
    monkeypatch.setenv("GATE_HOST", "127.0.0.1")
    project.setup([ROW])
    project.write(".env", f"PORT={port}\nGATE_HOST=not-this-one\nBASE=http://${{GATE_HOST}}:${{PORT}}\n"
                          "SAMBANOVA_API_BASE=\"${BASE}/${GATE_NONE:-v1}\"\nSAMBANOVA_API_KEY='a${b}c-$PORT'\n"
                          "OTHER=${GATE_UNSET}\n")
    (project.folder / ".env").chmod(0o600)
    done = project.call("plan", "config.yaml", key=None)
    assert done.returncode == 0, done.stderr
    assert server.address in done.stdout + done.stderr
    assert project.call("rows", "config.yaml", key=None).returncode in (0, 2)
    assert server.gets > 0


@pytest.mark.parametrize("value, name", [("a${GATE_UNSET}", "GATE_UNSET"), ("${A}", "GATE_UNSET"), ("${B}", "B")])
def test_one_that_is_not_set_there_is_refused_by_name_and_never_quoted(project, value, name):
    project.setup([ROW])
    project.write(".env", f"A=secret${{GATE_UNSET}}\nSAMBANOVA_API_KEY=secret{value}\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1", key=None)
    assert done.returncode == 2 and f".env:2: SAMBANOVA_API_KEY takes ${{{name}}}, " in done.stderr
    assert "which is set neither in the environment nor here" in done.stderr and "secret" not in done.stderr
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1", key=KEY)
    assert done.returncode == 0, "what the environment says is not asked for here"


# --- YAML -----------------------------------------------------------------------------------------


def test_merges_and_keys_of_ones_own_work_as_in_pyyaml(project):
    project.setup([ROW], "x-usual: &usual\n  temperature: 0\n  top_p: 0.5\nx-more: [1, 2]\n" + CONFIG +
                  "sampling_params:\n  <<: *usual\n  top_p: 0.9\nconnection: {<<: {idle_timeout: 7}}\n")
    assert "1 row" in planned(project)
    project.setup([ROW], CONFIG + "sampling_params:\n  a: 1\n  x-a: 2\n  <<: 5\n")
    refused(project, "config.yaml:13: '<<' takes a mapping or a list of mappings, such as <<: *name")
    project.setup([ROW], CONFIG + "connection:\n  x-a: 2\n")
    assert "config.yaml:11: unknown key 'x-a'" in plan(project, "--offline").stderr


def test_a_tab_is_called_one(project):
    project.setup([ROW], CONFIG + "connection:\n\tidle_timeout: 7\n")
    refused(project, "config.yaml:11: is not YAML: a tab indents this line; use blanks")


BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400}
experts:
  - {name: m, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""


def test_a_bundle_in_the_place_of_a_config_is_one_sentence_and_the_reverse(project):
    project.write("config.yaml", BUNDLE)
    refused(project, "config.yaml: is a bundle file, which describes a node; a config names it after "
                     "'bundle:'")
    project.setup([ROW], CONFIG + "bundle: config.yaml\n")
    sentence = "config.yaml: is a config, which names rows and an endpoint; a bundle file lists experts"
    refused(project, sentence)
    done = project.call("simulate", "config.yaml")
    assert done.returncode == 2 and done.stderr == f"{sentence}\n"
    project.write("bundle.yaml", BUNDLE)
    project.setup([ROW], CONFIG + "bundle: bundle.yaml\n")
    assert "1 row" in planned(project)


def test_a_policy_in_another_place_is_one_sentence_and_the_reverse(project):
    project.write("config.yaml", "min_runs: 1\nchecks: [{limits: {error_rate: {max: 1}}}]\n")
    is_policy = "config.yaml: is a policy, which tells what must hold; "
    refused(project, is_policy + "'coebench compare' takes it after --policy")
    done = project.call("simulate", "config.yaml")
    assert done.returncode == 2 and done.stderr == is_policy + "a bundle file lists experts\n"
    for text, what in ((BUNDLE, "a bundle file, which describes a node"),
                       (CONFIG, "a config, which names rows and an endpoint")):
        project.write("policy.yaml", text)
        done = project.call("compare", "a", "b", "--policy", "policy.yaml")
        assert done.returncode == 2
        assert done.stderr.splitlines()[0] == f"coebench: policy.yaml: is {what}; a policy lists checks"
