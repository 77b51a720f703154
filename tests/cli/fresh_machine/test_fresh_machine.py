"""What `make` says and does on a machine that lacks what building or testing needs. apt, dpkg and sudo are
scripts here, and no registry can be reached."""

import os
import pathlib
import subprocess

import pytest
from support.helpers import helper

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
INSTALL = REPOSITORY / "tests" / "tools" / "install-missing"

APT_GET = """#!/bin/sh
echo "$@" >>"$CALLS"
case "$*" in
*--assume-no*)
    echo "The following NEW packages will be installed: two"
    echo "0 upgraded, 93 newly installed, 0 to remove and 0 not upgraded."
    echo "Need to get 61.2 MB of archives."
    echo "After this operation, 245 MB of additional disk space will be used."
    echo "Abort."
    exit 1 ;;
esac
"""
STUBS = {
    "apt-get": APT_GET,
    "dpkg-query": '#!/bin/sh\nfor last; do :; done\n[ "$last" != one ] || echo install ok installed\n',
    "id": "#!/bin/sh\necho $MY_ID\n",
    "sudo": '#!/bin/sh\n[ -z "$NO_RIGHTS" ] || exit 1\n[ "$1" != -l ] || exit 0\necho sudo >>"$CALLS"\nexec "$@"\n',
}


def tools(folder, without):
    """A folder of the machine's own programs but for some, to be the whole PATH."""
    folder.mkdir()
    for place in ("/bin", "/usr/bin"):
        for path in pathlib.Path(place).iterdir():
            link = folder / path.name
            if not any(name in path.name for name in without) and not os.path.lexists(link):
                link.symlink_to(path)
    return folder


class Machine:
    def __init__(self, folder, without=()):
        self.path = tools(folder / "bin", {*STUBS, *without})
        self.calls = folder / "calls"
        self.calls.touch()
        for name, script in STUBS.items():
            if name not in without:
                (self.path / name).write_text(script)
                (self.path / name).chmod(0o755)

    def call(self, *command, **environment):
        return subprocess.run(command, cwd=REPOSITORY, text=True, capture_output=True, timeout=120,
                              env={"PATH": str(self.path), "CALLS": str(self.calls), "MY_ID": "0", **environment})


@pytest.mark.parametrize("who", [{"MY_ID": "0"}, {"MY_ID": "1000"}], ids=["root", "by sudo"])
def test_it_says_what_it_installs_and_how_much_that_is(tmp_path, who):
    machine = Machine(tmp_path)
    done = machine.call(INSTALL, "one", "two", "three", **who)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = done.stdout.splitlines()
    assert first == "Installing: two three"
    assert second == "With what they need: 93 packages, 61.2 MB to download, 245 MB on disk"
    assert third.startswith("Installed in ") and third.endswith(" s.")
    *_, last = machine.calls.read_text().splitlines()
    assert last == "install -y -qq --no-install-recommends two three"
    assert ("sudo" in machine.calls.read_text()) == (who["MY_ID"] != "0")


@pytest.mark.parametrize("without, rights, why", [
    (("sudo",), "", "without root or sudo they cannot be installed"),
    ((), "none", "sudo does not let you install them")])
def test_who_may_not_install_is_told_what_to_ask_for(tmp_path, without, rights, why):
    machine = Machine(tmp_path, without)
    done = machine.call(INSTALL, "one", "two", "three", MY_ID="1000", NO_RIGHTS=rights)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"Packages are missing, and {why}. "
                           "Ask for: apt-get install --no-install-recommends two three\n")
    assert machine.calls.read_text() == ""


def test_who_has_all_needs_nobody(tmp_path):
    done = Machine(tmp_path, ("sudo",)).call(INSTALL, "one", MY_ID="1000")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("goal", ["all", "built"])
@pytest.mark.parametrize("missing", ["pkg-config", "cc"])
def test_make_says_in_one_sentence_that_something_is_missing(tmp_path, goal, missing):
    names = {"pkg-config": ("pkg-config", "pkgconf"), "cc": ("cc", "gcc")}[missing]
    done = Machine(tmp_path, names).call("make", "-j4", "BUILD=" + str(tmp_path / "build"), goal)
    assert done.returncode == 2
    told = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make: ***")]
    assert told == ["What building needs is not all here: 'make deps' installs it, or prints what to ask for."]


def test_building_needs_less_than_testing(tmp_path):
    """`make deps` installs what building needs, and neither a test's packages nor a browser."""
    machine = Machine(tmp_path)
    assert machine.call("make", "deps").returncode == 0
    (asked,) = {line for line in machine.calls.read_text().splitlines() if line.startswith("install -y")}
    packages = asked.split("--no-install-recommends ")[1].split()
    assert "libcurl4-openssl-dev" in packages and len(packages) <= 15
    assert not [name for name in packages if name.startswith(("python", "chromium", "libreoffice", "node", "npm"))]


def test_a_registry_out_of_reach_stops_no_other_test(tmp_path):
    """test-deps then ends well, and what is missing is no helper to any test."""
    folder = tmp_path / "clients"
    done = Machine(tmp_path).call(
        "make", "test-deps", f"CLIENTS={folder}", f"HELPERS=nowhere {folder}/complete", HOME=str(tmp_path),
        PIP_CONFIG_FILE="/dev/null", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0",
        PIP_FIND_LINKS=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "Not all that tests drive is here; the tests that need it fail and say so." in done.stderr
    assert f"Installing into {folder}:" in done.stdout  # it was tried, though another had failed
    assert not (folder / "complete").exists()
    with pytest.raises(AssertionError, match="build/nothing is missing: 'make test-deps' brings it"):
        helper("nothing")
