"""A run directory of somebody else is resumed: neither its manifest nor the folder of the config that it names decides
where the caller's key goes, or who can read it on its way."""

import json

import pytest
from support.bench import CONFIG, HEADER, NO_VERDICT
from support.endpoint import content, finish, stream

GOOD = stream(content("a"), finish(prompt_tokens=40, completion_tokens=1))
KEY = "the-callers-own-key"


class Foreign:
    """A folder that holds a config, and the run that came of it, whose step is left to do. The manifest says what
    its owner likes."""

    def __init__(self, endpoint, project, tmp_path, config=""):
        self.project = project
        self.server = endpoint(lambda request, connection: GOOD)
        self.thief = endpoint(lambda request, connection: GOOD)
        self.folder = tmp_path / "foreign"
        self.folder.mkdir()
        self.config = self.folder / "config.yaml"
        self.config.write_text(CONFIG + "seed : 7\n" + config)
        (self.folder / "rows.csv").write_text(f"{HEADER}\nm,40,2,2,1,,,\n")
        done = project.call("run", str(self.config), "--name", "r", *NO_VERDICT, address=self.server.address, key=KEY)
        assert done.returncode in (0, 3), done.stderr
        self.run = project.folder / "out" / "r"
        for path in self.run.glob("*_summary.json"):
            path.unlink()
        self.before = len(self.server.requests)

    def edit(self, change):
        manifest = json.loads((self.run / "manifest.json").read_text())
        change(manifest)
        (self.run / "manifest.json").write_text(json.dumps(manifest))

    def env(self, text):
        (self.folder / ".env").write_text(text)
        (self.folder / ".env").chmod(0o600)

    def resume(self, *arguments, address=None, key=KEY):
        return self.project.call("run", *arguments, "--resume", "out/r", *NO_VERDICT, address=address, key=key)

    def expect_refused(self, done, told):
        assert done.returncode == 2, done.stderr
        assert told in done.stderr, done.stderr
        assert KEY not in done.stderr
        assert not self.thief.requests and not self.thief.gets
        assert len(self.server.requests) == self.before


def point_at(address):
    def change(manifest):
        manifest["endpoint"]["address"] = address
    return change


def test_the_manifests_address_only_serves_to_compare(endpoint, project, tmp_path):
    foreign = Foreign(endpoint, project, tmp_path)
    foreign.edit(point_at(foreign.thief.address))
    done = foreign.resume(address=foreign.server.address)
    foreign.expect_refused(done, f'the endpoint\'s address: the run was started with "{foreign.thief.address}"')


@pytest.mark.parametrize("key, told", [
    ("", ".env: gives the address (SAMBANOVA_API_BASE"),
    ("SAMBANOVA_API_KEY=${OPENAI_API_KEY}\n", "takes SAMBANOVA_API_KEY from the environment by ${…}"),
    ("MINE=${OPENAI_API_KEY}\nSAMBANOVA_API_KEY=${MINE}\n", "takes SAMBANOVA_API_KEY from the environment by ${…}"),
])
def test_the_env_file_of_its_config_gets_no_key_of_the_callers(endpoint, project, tmp_path, monkeypatch, key, told):
    foreign = Foreign(endpoint, project, tmp_path)
    foreign.edit(point_at(foreign.thief.address))
    foreign.env(f"SAMBANOVA_API_BASE={foreign.thief.address}\n{key}")
    environment = project.environment
    project.environment = lambda *a: {**environment(*a), "OPENAI_API_KEY": KEY}
    foreign.expect_refused(foreign.resume(key=None if key else KEY), told)


def test_an_env_file_may_give_an_address_with_a_key_of_its_own(endpoint, project, tmp_path):
    foreign = Foreign(endpoint, project, tmp_path)
    foreign.edit(point_at(foreign.thief.address))
    foreign.env(f"HOST={foreign.thief.address}\nSAMBANOVA_API_BASE=${{HOST}}\nSAMBANOVA_API_KEY=theirs-alone\n")
    done = foreign.resume(key=None)
    assert done.returncode == 0, done.stderr
    assert {r["headers"]["authorization"] for r in foreign.thief.requests} == {"Bearer theirs-alone"}


@pytest.mark.parametrize("assignment", ["connection.insecure=true", "connection.ca_file=ca.pem",
                                        "connection.proxy=http://127.0.0.1:1"])
def test_a_manifest_does_not_say_whom_to_trust(endpoint, project, tmp_path, assignment):
    foreign = Foreign(endpoint, project, tmp_path)
    foreign.edit(lambda m: m["overrides"].append({"option": "--set", "assignment": assignment}))
    done = foreign.resume(address=foreign.server.address)
    name = assignment.split("=")[0]
    foreign.expect_refused(done, f"{name}: the run was started with --set {assignment}, which is not taken from a "
                                 "manifest")


def test_what_the_caller_says_again_is_taken(endpoint, project, tmp_path):
    foreign = Foreign(endpoint, project, tmp_path)
    foreign.edit(lambda m: (m["overrides"].append({"option": "--set", "assignment": "connection.insecure=true"}),
                            m["settings"]["connection"].update(insecure=True)))
    done = foreign.resume("--set", "connection.insecure=true", address=foreign.server.address)
    assert done.returncode == 0, done.stderr
    assert len(foreign.server.requests) > foreign.before


@pytest.mark.parametrize("setting", ["insecure: true", "ca_file: ca.pem", "proxy: 'http://127.0.0.1:{}'"])
def test_a_config_that_only_a_manifest_names_does_not_either(endpoint, project, tmp_path, setting):
    foreign = Foreign(endpoint, project, tmp_path)
    port = foreign.thief.listener.getsockname()[1]
    foreign.config.write_text(foreign.config.read_text() + f"connection : {{{setting.format(port)}}}\n")
    name = f"connection.{setting.split(':')[0]}"
    done = foreign.resume(address=foreign.server.address)
    foreign.expect_refused(done, f"{name}: is not taken from a config that only a manifest names")


@pytest.mark.parametrize("place", ["named", "config.yaml", "configs/config.yaml", "by an option"])
def test_a_config_of_the_callers_may(endpoint, project, tmp_path, place):
    foreign = Foreign(endpoint, project, tmp_path, "connection : {insecure: true}\n")
    arguments = []
    if place == "named":
        arguments = [str(foreign.config)]
    elif place == "by an option":
        foreign.config.write_text(foreign.config.read_text().replace("insecure: true", "insecure: false"))
        arguments = ["--set", "connection.insecure=true"]
    else:
        project.write("rows.csv", (foreign.folder / "rows.csv").read_text())
        (project.folder / place).parent.mkdir(exist_ok=True)
        project.write(place, foreign.config.read_text())
        foreign.edit(lambda m: m["config"].update(path=place))
    done = foreign.resume(*arguments, address=foreign.server.address)
    assert done.returncode == 0, done.stderr
    assert len(foreign.server.requests) > foreign.before
