"""plan shows what run would do and what is odd about it, and touches no model."""

from support.bench import CONFIG

KNOWN = "Meta-Llama-3.1-8B-Instruct"


def test_plan_shows_rows_totals_and_sources_but_never_the_key(simulate, demo_bundle, project):
    project.setup([f"{KNOWN},100,8,4,1,,,", f"{KNOWN},50,4,10,,2,exponential,large"])
    simulator = simulate(demo_bundle)
    done = project.call("plan", "config.yaml", address=simulator.address, key="demo-key")
    assert done.returncode == 0, done.stderr
    for part in ("c=1", "2/s exp", "large", "14 requests", "900 input and 72 output",
                 "SAMBANOVA_API_BASE (environment)", "SAMBANOVA_API_KEY (environment)"):
        assert part in done.stdout
    assert "demo-key" not in done.stdout + done.stderr
    assert done.stderr == ""
    assert not (project.folder / "out").exists()
    assert simulator.truth.read_text() == ""


def test_warnings_name_line_and_reason(simulate, demo_bundle, project):
    project.setup([f"{KNOWN},100,8,4,4,,,", f"{KNOWN},100,8,4,4,,,", "Nobody,100,8,4,1,,,",
                   f"{KNOWN},9000000,8,4,1,,,"])
    done = project.call("plan", "config.yaml", address=simulate(demo_bundle).address)
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    for line, part in ((2, "cannot show a switch"), (3, "cannot show a switch"),
                       (3, "asks for the same as line 2"), (4, "does not list the model 'Nobody'"),
                       (5, "takes")):
        assert any(f"rows.csv:{line}:" in said and part in said for said in lines), part


def test_an_endpoint_that_cannot_list_is_a_warning_and_offline_asks_nothing(project):
    project.setup([f"{KNOWN},100,8,4,1,,,"])
    done = project.call("plan", "config.yaml", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0 and "models cannot be listed" in done.stderr
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0 and done.stderr == ""


def test_the_shared_cloud_is_warned_of(project):
    project.setup([f"{KNOWN},100,8,4,1,,,"])
    done = project.call("plan", "config.yaml", "--offline")
    assert "shared" in done.stderr and "default" in done.stdout


def test_the_real_environment_wins_over_env_files(project):
    project.setup([f"{KNOWN},100,8,4,1,,,"], CONFIG)
    project.write(".env", 'export SAMBANOVA_API_KEY = "from-file"  # ours\n'
                          "SAMBANOVA_API_BASE='http://127.0.0.1:1/v1'\n")
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert "SAMBANOVA_API_KEY (.env)" in done.stdout and "http://127.0.0.1:1/v1" in done.stdout
    done = project.call("plan", "config.yaml", "--offline", key="other")
    assert "SAMBANOVA_API_KEY (environment)" in done.stdout
