"""plan shows what run would do and what is odd about it, and touches no model."""

import hashlib
import re

from support.arithmetic import t_quantile
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


def test_an_endpoint_that_lists_nothing_is_a_warning_and_offline_asks_nothing(endpoint, project):
    project.setup([f"{KNOWN},100,8,4,1,,,"])
    server = endpoint(None)
    done = project.call("plan", "config.yaml", address=server.address)
    assert done.returncode == 0 and "lists no models" in done.stderr and server.gets == 1
    done = project.call("plan", "config.yaml", "--offline", address=server.address)
    assert done.returncode == 0 and done.stderr == "" and server.gets == 1


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


def test_how_the_models_stand_is_shown(endpoint, project):
    """As llama-server's router lists it, and as a text."""
    project.setup([f"{name},100,8,4,1,,," for name in ("a", "b", "c", "d", "e", "a")])
    listed = [{"id": "a", "status": {"value": "loaded", "args": ["-c", "512"]}},
              {"id": "b", "status": {"value": "unloaded", "failed": True, "exit_code": 1}},
              {"id": "c", "status": "sleeping", "max_model_len": 107}, {"id": "d"},
              {"id": "e", "status": "\u001b[2Jnonsense"}]
    done = project.call("plan", "config.yaml", address=endpoint(None, models=listed).address)
    assert done.returncode == 0
    assert "the models by the endpoint's list: a loaded, b failed, c sleeping\n" in done.stdout
    assert "rows.csv:3: the endpoint lists 'b' as failed" in done.stderr
    assert "rows.csv:4: input and output are 108 tokens; 'c' takes 107" in done.stderr
    assert "nonsense" not in done.stdout + done.stderr
    done = project.call("plan", "config.yaml", "--offline")
    assert "the models by the endpoint's list" not in done.stdout


# --- A study for a wanted resolution ---------------------------------------------------------------


def proposed(project, *arguments):
    """What plan --resolve proposes for each row, then for each pair: order, passes, steady requests."""
    done = project.call("plan", "config.yaml", "--offline", *arguments)
    assert done.returncode == 0, done.stderr
    return [(order, int(passes), int(steady)) for order, passes, steady in re.findall(
        r"order: (\S+) +passes: (\d+) +probe: {steady: (\d+)}", done.stdout)], done.stdout


def test_a_finer_resolution_takes_a_longer_study(project):
    project.setup([f"{KNOWN},100,8,4,1,,,", f"{KNOWN},200,8,4,1,,,", f"{KNOWN},300,8,4,1,,,"])
    coarse, said = proposed(project, "--resolve", "200ms")
    assert "a switch of 200 ms" in said and "an example" in said
    assert [order for order, *_ in coarse] == ["shuffle", "all-pairs"]
    fine, said = proposed(project, "--resolve", "0.02 s")
    assert "a switch of 20 ms" in said
    assert all(f[1] > c[1] for f, c in zip(fine, coarse))
    _, said = proposed(project, "--resolve", "0.01ms")
    assert said.count("but no less than") == 2


def test_more_rows_take_more_passes_since_each_of_them_may_be_taken_for_one(project):
    def passes(rows):
        project.setup([f"{KNOWN},{100 + i},8,40,1,,," for i in range(rows)])
        return proposed(project, "--resolve", "40ms")[0][0][1]
    assert passes(30) > passes(3)


def test_a_run_tells_how_much_ttfts_vary(simulate, demo_bundle, project):
    project.setup([f"{KNOWN},100,2,6,1,,,", f"{KNOWN},200,2,6,1,,,"])
    address = simulate(demo_bundle).address
    assert project.call("run", "config.yaml", address=address).returncode in (0, 4)
    (folder,) = (project.folder / "out").glob("2*")
    like, said = proposed(project, "--resolve", "12ms", "--like", str(folder))
    assert "TTFTs and their spread being those of" in said
    example, _ = proposed(project, "--resolve", "12ms")
    assert like[0][1] < example[0][1], "the simulator's TTFTs hardly vary"


def test_a_probe_has_five_steady_requests_at_least(project):
    project.setup([f"{KNOWN},{100 + i},8,4,1,,," for i in range(4)])
    for resolution in ("1", "200ms", "50ms", "20ms"):
        designs, _ = proposed(project, "--resolve", resolution)
        assert all(steady >= 5 for *_, steady in designs), resolution


def widths(said):
    return [int(width) for width in re.findall(r"known within ±(\d+) %", said)]


def test_it_says_how_closely_a_switch_is_known_that_varies(project):
    """By the t interval over all visits but the first: 20 % of the cost beside the noise of a visit."""
    project.setup([f"{KNOWN},{100 + i},8,4,1,,," for i in range(4)])
    designs, said = proposed(project, "--resolve", "60ms")
    assert "costs is taken to vary by 20 % from visit to visit." in " ".join(said.split())
    for (_, passes, steady), groups, told in zip(designs, (4, 12), widths(said), strict=True):
        noise = 0.5 * 0.05 * (1 + 1 / steady) ** 0.5 / 0.06
        t = t_quantile(0.975, groups * (passes - 1) - 1)
        assert told == round(100 * t * (0.2 ** 2 + noise ** 2) ** 0.5 / passes ** 0.5)


def test_what_is_no_resolution_is_refused(project):
    project.setup([f"{KNOWN},100,8,4,1,,,"])
    for arguments, part in ((["--resolve", "20mm"], "not a time above 0"), (["--resolve", "0"], "not a time above 0"),
                            (["--like", "out"], "--resolve goes by, which is missing"),
                            (["--resolve", "1", "--like", "nowhere"], "nowhere")):
        done = project.call("plan", "config.yaml", "--offline", *arguments)
        assert done.returncode == 2 and part in done.stderr, arguments


# --- A bundle file in the config -----------------------------------------------------------------

# A real node: no speeds, so no simulation.
BUNDLE = """\
node: {hbm_gb: 50}
experts:
  - {name: a, weight_gb: 20, tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: b, weight_gb: 24, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


def test_a_bundle_file_foretells_what_rows_load(project):
    project.write("sub/node.yaml", BUNDLE)
    project.setup(["a,200,8,8,4,,,", "b,200,8,3,1,,,", "b,9000,8,3,1,,,", "c,200,8,3,1,,,"],
                  CONFIG + "bundle: sub/node.yaml\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 0, done.stderr
    assert "bundle:   sub/node.yaml" in done.stdout
    assert "  1     2  a-4k-BS1, BS4\n  2     3  b-4k-BS1\n  3     4  not known\n" in done.stdout
    assert ("3 configurations, 64 GB together; the node holds 50 GB, so some may leave"
            in done.stdout)
    assert "rows.csv:4: input and output are 9008 tokens; the longest tier of 'b'" in done.stderr
    assert "rows.csv:5: the bundle does not list the model 'c'" in done.stderr


def test_a_missing_or_bad_bundle_file_is_a_fault_like_all_others(project):
    project.write("bad.yaml", BUNDLE.replace("hbm_gb", "hmb_gb"))
    project.setup(["a,0,8,8,4,,,"], CONFIG + "bundle: none.yaml\n")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2
    assert "config.yaml:10: bundle: there is no file 'none.yaml'" in done.stderr
    assert "rows.csv:2: input_tokens" in done.stderr
    done = project.call("plan", "config.yaml", "--offline", "--set", "bundle=bad.yaml",
                        address="http://127.0.0.1:1/v1")
    assert done.returncode == 2
    assert "bad.yaml:1: unknown key 'hmb_gb'; did you mean 'hbm_gb'?" in done.stderr


def test_a_run_records_its_bundle_file(simulate, demo_bundle, project):
    project.write("node.yaml", BUNDLE)
    project.setup([f"{KNOWN},100,2,3,1,,,"], CONFIG + "bundle: node.yaml\n")
    run = project.run(address=simulate(demo_bundle).address)
    assert run.manifest["bundle"] == {"path": "node.yaml",
                                      "sha256": hashlib.sha256(BUNDLE.encode()).hexdigest()}
    assert run.manifest["settings"]["bundle"] == "node.yaml"
    assert "the bundle does not list the model" in run.process.stderr
    project.setup([f"{KNOWN},100,2,3,1,,,"])
    assert "bundle" not in project.run(address=simulate(demo_bundle).address).manifest
