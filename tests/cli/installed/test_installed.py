"""An installed program works where no checkout is: `init` writes what it ships with, and bundle and policy
go by their names."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from support import bench

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
SHIPPED = sorted(path.relative_to(REPOSITORY) for folder in ("configs", "model_configs")
                 for path in (REPOSITORY / folder).iterdir() if path.name != "env.example")
EXAMPLE = (REPOSITORY / "configs" / "env.example").read_bytes()


def files_in(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def demo_rows():
    return "\n".join([bench.HEADER, "Meta-Llama-3.1-8B-Instruct,100,4,2,1,,,", "gpt-oss-120b,100,4,2,1,,,"]) + "\n"


@pytest.fixture
def installed(tmp_path):
    """The program alone, away from the checkout, and an empty folder to work in."""
    (tmp_path / "bin").mkdir()
    program = shutil.copy(bench.PROGRAM, tmp_path / "bin" / "coebench")
    folder = tmp_path / "empty"
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    def call(*arguments, cwd=folder, **more):
        return subprocess.run([program, *arguments], cwd=cwd, env=environment | more, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True)

    call.folder = folder
    return call


@pytest.mark.parametrize("arguments, below", [((), "."), (("new/and/deeper",), "new/and/deeper")])
def test_init_writes_every_file_that_ships(installed, arguments, below):
    done = installed("init", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    written = files_in(installed.folder / below)
    assert written.pop(pathlib.Path(".env.example")) == EXAMPLE
    assert sorted(written) == SHIPPED
    for path, content in written.items():
        assert content == (REPOSITORY / path).read_bytes(), path
    assert len(re.findall("^wrote ", done.stdout, re.M)) == len(written) + 1


@pytest.mark.parametrize("name", [".env.example", "configs/config.yaml", "model_configs/model_configs_demo.csv"])
def test_init_never_replaces_a_file_and_writes_nothing_then(installed, name):
    mine = installed.folder / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine\n")
    done = installed("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip() == f"coebench init: ./{name}: is there already; nothing was written"
    assert files_in(installed.folder) == {pathlib.Path(name): b"mine\n"}
    assert [path for path in installed.folder.rglob("*") if path != mine and path != mine.parent] == []


def test_init_leaves_nothing_where_it_cannot_write(installed):
    (installed.folder / "model_configs").write_text("a file, where a folder has to be\n")
    done = installed("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert "model_configs: is not a folder" in done.stderr
    assert [path.name for path in installed.folder.iterdir()] == ["model_configs"]


def test_after_init_a_run_works_against_the_simulator(installed, simulate):
    assert installed("init").returncode == 0
    node = simulate("bundle:demo")
    port = re.search(r":(\d+)/", node.address).group(1)
    example = (installed.folder / ".env.example").read_text()
    (installed.folder / ".env").write_text(example.replace(":8000/", f":{port}/"))
    rows = installed.folder / "model_configs" / "model_configs_demo.csv"
    rows.write_text(demo_rows())  # its own take seven seconds
    for name in ("first", "second"):
        done = installed("run", "--name", name, "--set", "bundle=bundle:demo", *bench.NO_VERDICT)
        assert done.returncode == 0, done.stderr
        assert (installed.folder / "results" / f"consolidated_results_{name}.html").stat().st_size > 100_000
    resumed = installed("run", "--resume", "results/first")
    assert resumed.returncode == 0, resumed.stderr
    shutil.rmtree(installed.folder / "configs")
    compared = installed("compare", "results/first", "results/second", "--policy", "policy:standard")
    assert compared.returncode in (0, 1), compared.stderr
    assert "policy:    policy:standard\n" in compared.stdout


def test_every_config_of_init_is_a_plan(installed):
    assert installed("init").returncode == 0
    for config in ("configs/config.yaml", "configs/switching.yaml"):
        done = installed("plan", config, "--offline", SAMBANOVA_API_KEY="demo-key")
        assert done.returncode == 0, done.stderr
        assert not done.stderr.count("coebench:"), done.stderr


def test_bundles_go_by_their_names(installed):
    (installed.folder / "rows.csv").write_text(demo_rows())
    (installed.folder / "config.yaml").write_text(bench.CONFIG + "bundle: bundle:demo\n")
    (installed.folder / "bundle:demo").write_text("no bundle\n")
    plan = installed("plan", "config.yaml", "--offline", SAMBANOVA_API_KEY="demo-key")
    assert plan.returncode == 0, plan.stderr
    assert "bundle:   bundle:demo\n" in plan.stdout and "gpt-oss-120b-8k-BS1" in plan.stdout
    named = installed("rows", "--bundle", "bundle:switching")
    by_file = installed("rows", "--bundle", str(REPOSITORY / "configs" / "bundle_switching.yaml"))
    assert named.returncode == 0 and named.stdout == by_file.stdout
    for command in (("rows", "--bundle", "bundle:dem"), ("simulate", "bundle:dem")):
        done = installed(*command)
        assert done.returncode == 2
        assert "bundle:dem: the program has no bundle of this name; it has bundle:demo, bundle:faults, " \
               "bundle:switching" in done.stderr
    refused = installed("plan", "config.yaml", "--offline", "--set", "bundle=bundle:dem", SAMBANOVA_API_KEY="demo-key")
    assert refused.returncode == 2 and "bundle:dem: the program has no bundle" in refused.stderr


def test_a_manifest_bears_the_digest_of_a_named_bundle(installed, simulate):
    (installed.folder / "rows.csv").write_text(demo_rows())
    (installed.folder / "config.yaml").write_text(bench.CONFIG)
    digests = []
    for bundle in ("bundle:demo", str(REPOSITORY / "configs" / "bundle_demo.yaml")):
        node = simulate("bundle:demo")
        done = installed("run", "config.yaml", "--set", f"bundle={bundle}", "--name", f"r{len(digests)}",
                         *bench.NO_VERDICT, SAMBANOVA_API_BASE=node.address, SAMBANOVA_API_KEY="demo-key")
        assert done.returncode == 0, done.stderr
        manifest = json.loads((installed.folder / "out" / f"r{len(digests)}" / "manifest.json").read_text())
        assert manifest["bundle"]["path"] == bundle
        digests.append(manifest["bundle"]["sha256"])
    assert digests[0] == digests[1]


def test_without_a_config_a_run_says_where_one_comes_from(installed):
    done = installed("run")
    assert done.returncode == 2
    assert "'configs/config.yaml' cannot be opened" in done.stderr and "coebench init" in done.stderr
