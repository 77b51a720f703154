"""A run goes to MLflow: every figure of the workbook as a metric at its row's step, settings as parameters, labels
as tags, files as artifacts; once, however often it is sent, and with nothing lost where the server is away."""

import json
import re

import pytest
from support import bench
from support.mlflow_server import Server, basic
from support.stand_in import measured_run, started_by

ROWS = ["Meta-Llama-3.1-8B-Instruct,100,4,3,1,,,", "gpt-oss-120b,100,4,3,2,,,"]
LABELS = ("--set", "labels.release=1.2", "--set", "labels.note=\"it's \\\"ours\\\"\"")


@pytest.fixture
def mlflow():
    yield from started_by(Server)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run that all tests send."""
    return measured_run(tmp_path_factory.mktemp("measured"), ROWS, LABELS)


def send(project, server, *more, url=None, **environment):
    project.environment = lambda address, key=None: {**bench.Project.environment(project, None, None), **environment}
    try:
        return project.call("export", "out/first", "--to", f"mlflow:{server.address if url is None else url}", *more)
    finally:
        del project.environment


def only_run(server):
    (run,) = server.store.runs.values()
    return run


def test_all_of_a_run_is_there(mlflow, measured):
    project, run = measured
    server = mlflow()
    done = send(project, server)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    sent = only_run(server)
    experiment = server.store.experiments["coebench"]
    assert done.stdout == f"mlflow: {server.address}/#/experiments/{experiment}/runs/{sent['info']['run_id']}\n"
    assert sent["info"]["run_name"] == sent["tags"]["mlflow.runName"] == "first"
    assert sent["info"]["status"] == "FINISHED" and sent["info"]["end_time"] >= sent["info"]["start_time"] > 1.6e12
    assert sent["params"]["model_configs_path"].endswith("rows.csv") and sent["params"]["timeout"] == "60"
    assert sent["tags"]["labels.release"] == "1.2" and sent["tags"]["labels.note"] == "it's \"ours\""
    assert "gpt-oss-120b 100/4" in sent["tags"]["coebench.row.1"] and sent["tags"]["coebench.status"] == "done"
    assert "none of 6 requests failed" in sent["tags"]["mlflow.note.content"]


def test_metrics_are_the_workbooks_figures(mlflow, measured):
    project, run = measured
    server = mlflow()
    assert send(project, server).returncode == 0
    metrics = {}
    for one in only_run(server)["metrics"]:
        assert metrics.setdefault((one["step"], one["key"]), one["value"]) == one["value"]
    heading, lines = run.table()
    rows = [dict(zip(heading, line)) for line in lines]
    assert len(rows) == len(ROWS)
    compared = 0
    for step, row in enumerate(rows):  # the first column is pandas' own index
        for name, value in row.items():
            if name and isinstance(value, (int, float)):
                assert metrics.pop((step, name)) == pytest.approx(value, rel=1e-12), name
                compared += 1
    assert compared > 100 and not metrics


def test_files_arrive_byte_for_byte(mlflow, measured):
    project, run = measured
    server = mlflow()
    assert send(project, server).returncode == 0
    info = only_run(server)["info"]
    begin = f"{info['experiment_id']}/{info['run_id']}/artifacts/"
    wanted = {path.name: path.read_bytes() for path in run.folder.iterdir()
              if path.suffix in (".json", ".csv") and not path.name.startswith(".")}
    for ending in (".xlsx", ".html"):
        path = project.folder / "books" / f"consolidated_results_first{ending}"
        wanted[path.name] = path.read_bytes()
    assert len(wanted) >= 6
    assert server.store.files == {begin + name: content for name, content in wanted.items()}


def test_what_is_sent_again_stays_one_run(mlflow, measured):
    project, _ = measured
    server = mlflow()
    assert send(project, server, "--experiment", "one \"more\"/é", "--run-name", "my run").returncode == 0
    before = json.dumps(server.store.runs)
    assert send(project, server, "--experiment", "one \"more\"/é").returncode == 0
    assert json.dumps(server.store.runs) == before
    assert only_run(server)["info"]["run_name"] == "my run" and "one \"more\"/é" in server.store.experiments


@pytest.mark.parametrize("environment, header, secret", [
    ({"MLFLOW_TRACKING_TOKEN": "a-long-token"}, "Bearer a-long-token", "a-long-token"),
    ({"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "päss:word-1"}, basic("me", "päss:word-1"),
     basic("me", "päss:word-1").split()[1]),
])
def test_it_says_who_it_is_and_never_what_it_knows(mlflow, measured, environment, header, secret):
    project, _ = measured
    assert send(project, mlflow(authorization=header), **environment).returncode == 0
    done = send(project, mlflow(authorization="Bearer another"), **environment)
    assert done.returncode == 2 and "MLflow answered HTTP 401: not for" in done.stderr
    assert secret not in done.stderr + done.stdout


def test_it_asks_again_where_the_server_is_busy(mlflow, measured):
    project, _ = measured
    server = mlflow(failures=[503, 429, 500])
    assert send(project, server).returncode == 0
    assert len(only_run(server)["metrics"]) > 100
    assert server.asked.count(("GET", "/api/2.0/mlflow/experiments/get-by-name")) == 4


def test_it_gives_up_where_the_server_stays_busy_or_refuses(mlflow, measured):
    project, _ = measured
    server = mlflow(failures=[503] * 50)
    done = send(project, server)
    assert (done.returncode, done.stdout) == (2, "") and len(server.asked) == 6
    assert done.stderr == "coebench: out/first: MLflow answered HTTP 503: busy\n"
    refusing = mlflow(failures=[403])
    assert "HTTP 403" in send(project, refusing).stderr and len(refusing.asked) == 1


def test_a_server_without_its_proxy_gets_all_but_files(mlflow, measured):
    project, _ = measured
    server = mlflow(artifacts="s3://bucket/")
    done = send(project, server)
    assert done.returncode == 0 and "without its proxy: none were sent" in done.stdout
    assert len(only_run(server)["metrics"]) > 100 and not server.store.files


@pytest.mark.parametrize("url, environment, sentence", [
    ("", {}, "no address is known; write mlflow:http://HOST:PORT, or set MLFLOW_TRACKING_URI"),
    ("sqlite:///mlflow.db", {}, "is no address; write http://HOST:PORT or https://HOST"),
    ("http://me:word@127.0.0.1:1", {}, "holds a user or password, which others see"),
])
def test_addresses_that_cannot_be_are_refused(mlflow, measured, url, environment, sentence):
    project, _ = measured
    done = send(project, mlflow(), url=url, **environment)
    assert done.returncode == 2 and sentence in done.stderr and "word@" not in done.stderr


def test_the_environment_says_where_it_is(mlflow, measured):
    project, _ = measured
    server = mlflow()
    assert send(project, server, url="", MLFLOW_TRACKING_URI=server.address + "/").returncode == 0
    assert only_run(server)
    done = project.call("export", "out/first", "--to", "else:http://x")
    assert done.returncode == 2 and "no such service; it takes mlflow:URI" in done.stderr


def test_nobody_there_is_one_sentence(measured):
    project, _ = measured
    done = project.call("export", "out/first", "--to", "mlflow:http://127.0.0.1:1")
    assert done.returncode == 2 and done.stdout == ""
    assert re.fullmatch(r"coebench: out/first: MLflow at http://127.0.0.1:1: .*\n", done.stderr)


# --- A config that says so ------------------------------------------------------------------------

@pytest.fixture
def project(tmp_path):
    project = bench.Project(tmp_path / "project")
    project.setup(ROWS[:1])
    return project


@pytest.fixture
def node(simulate):
    return simulate("configs/bundle_demo.yaml")


def test_a_run_is_sent_once_it_has_ended(mlflow, project, node):
    server = mlflow()
    config = f"mlflow: {{uri: '{server.address}', experiment: nightly, run_name: of today}}\n"
    project.write("config.yaml", bench.CONFIG + config)
    run = project.run("--name", "own", address=node.address)
    sent = only_run(server)
    assert run.process.stdout.splitlines()[-1].startswith(f"mlflow: {server.address}/#/experiments/")
    assert sent["info"]["run_name"] == "of today" and sent["tags"]["coebench.status"] == "done"
    assert sent["info"]["experiment_id"] == server.store.experiments["nightly"]
    assert any(name.endswith("/consolidated_results_own.xlsx") for name in server.store.files)


def test_options_say_it_too(mlflow, project, node):
    server = mlflow()
    project.run("--ml_repo", server.address, "--run_name", "called so", address=node.address)
    assert only_run(server)["info"]["run_name"] == "called so" and "coebench" in server.store.experiments
    done = project.call("plan", "config.yaml", "--offline", "--set", "mlflow.experiment=x")
    assert done.returncode == 2 and "mlflow.uri: is missing, and so is MLFLOW_TRACKING_URI" in done.stderr


@pytest.mark.parametrize("uri, sentence", [("mlruns", "is no address of http or https"),
                                           ("http://me:word@host", "holds a user or password")])
def test_a_plan_refuses_what_is_no_server(project, uri, sentence):
    done = project.call("plan", "config.yaml", "--offline", "--set", f"mlflow.uri={uri}")
    assert done.returncode == 2 and f"mlflow.uri: {sentence}" in done.stderr


def test_a_run_is_not_lost_where_the_server_is_away(mlflow, project, node):
    run = project.run("--name", "kept", "--ml_repo", "http://127.0.0.1:1", address=node.address)
    line = "'coebench export out/kept --to mlflow:http://127.0.0.1:1' sends it"
    assert "warning: the run is not in MLflow: " in run.process.stderr and line in run.process.stderr
    assert run.workbook.exists() and run.manifest["status"] == "done"
    server = mlflow()
    assert project.call("export", "out/kept", "--to", f"mlflow:{server.address}").returncode == 0
    assert len(only_run(server)["metrics"]) > 50


def test_a_config_that_only_a_manifest_names_sends_nothing(mlflow, project, node):
    """It may be somebody else's, and the environment holds a token."""
    server = mlflow()
    project.write("else/config.yaml", bench.CONFIG + f"mlflow: {{uri: '{server.address}'}}\n")
    done = project.call("run", "else/config.yaml", "--name", "theirs", *bench.NO_VERDICT, address=node.address)
    assert done.returncode == 0 and only_run(server)
    asked = len(server.asked)
    done = project.call("run", "--resume", "out/theirs", address=node.address)
    assert done.returncode == 2 and "mlflow.uri: is not taken from a config that only a manifest names" in done.stderr
    assert len(server.asked) == asked
