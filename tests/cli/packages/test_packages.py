"""What `make dist`, `make deb` and the Containerfile say: the same bytes twice, one version, nothing missing.
`make fresh-root RUN=container` builds and installs the package in bare roots."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest
from support.bench import PROGRAM

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PACKAGING = REPOSITORY / "packaging"
VERSION = re.search(r"^VERSION := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.M).group(1)


def call(*command, cwd=REPOSITORY, **environment):
    return subprocess.run([str(word) for word in command], cwd=cwd, text=True, capture_output=True, timeout=120,
                          env=os.environ | environment)


@pytest.fixture
def checkout(tmp_path):
    """A repository of its own, so that nobody's work under way is in it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Makefile", "CHANGELOG.md", "README.md"):
        shutil.copy(REPOSITORY / name, folder)
    shutil.copytree(PACKAGING, folder / "packaging")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@localhost")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        assert call(*git, *command, cwd=folder).returncode == 0
    return folder


def test_the_version_is_the_makefiles():
    assert call(PROGRAM, "--version").stdout == f"coebench {VERSION}\n"
    assert f"## {VERSION} (" in (REPOSITORY / "CHANGELOG.md").read_text()


def test_verbose_lists_the_libraries_that_the_program_is_linked_with():
    done = call(PROGRAM, "--version", "--verbose")
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == f"coebench {VERSION}"
    listed = dict(re.fullmatch(r"  (\S+) +(\d\S*)(?: .*)?", line).groups() for line in lines)
    makefile = (REPOSITORY / "Makefile").read_text()
    linked = re.search(r"^LIBRARIES = (.*)$", makefile, re.M).group(1).split()
    names = {"libcurl": "libcurl", "xlsxwriter": "libxlsxwriter", "libcjson": "cJSON", "yaml-0.1": "libyaml",
             "libpng": "libpng", "libssl": "OpenSSL", "libcrypto": "OpenSSL", "libmicrohttpd": "libmicrohttpd",
             "sqlite3": "SQLite"}
    assert set(listed) == {names[name] for name in linked} | {"libcsv"}
    for package in ("sqlite3", "libpng", "yaml-0.1"):
        assert listed[names[package]] == call("pkg-config", "--modversion", package).stdout.strip()
    refused = call(PROGRAM, "--version", "--verbos")
    assert refused.returncode == 2 and "--verbose lists libraries" in refused.stderr


def test_two_tarballs_are_equal_byte_for_byte(checkout, tmp_path):
    clone = tmp_path / "clone"
    assert call("git", "clone", "-q", checkout, clone).returncode == 0
    (clone / "left-over").write_text("not committed\n")
    (clone / "README.md").touch()
    name = f"coebench-{VERSION}.tar.gz"
    made = []
    for folder, zone in ((checkout, "UTC"), (clone, "Pacific/Auckland")):
        done = call("packaging/make-dist", folder / "out", VERSION, cwd=folder, TZ=zone)
        assert done.returncode == 0, done.stderr
        made.append((folder / "out" / name).read_bytes())
        digest = hashlib.sha256(made[-1]).hexdigest()
        assert (folder / "out" / f"{name}.sha256").read_text() == f"{digest}  {name}\n" == done.stdout
        assert sorted(path.name for path in (folder / "out").iterdir()) == [name, f"{name}.sha256"]
    assert made[0] == made[1]
    with tarfile.open(checkout / "out" / name) as archive:
        names = archive.getnames()
    assert f"coebench-{VERSION}/packaging/make-dist" in names and not any("left-over" in one for one in names)


def test_outside_a_checkout_nothing_is_packed(checkout):
    shutil.rmtree(checkout / ".git")
    done = call("packaging/make-dist", checkout / "out", VERSION, cwd=checkout,
                GIT_CEILING_DIRECTORIES=str(checkout.parent))
    assert done.returncode == 1 and "a git checkout" in done.stderr and not (checkout / "out").exists()


def test_the_packages_changelog_is_made_from_ours(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changes\n\nWords.\n\n## 1.2.0 (2026-12-01)\n\n- One.\n- " + "long " * 30 +
                         "end.\n\n## 1.1.9 (2026-01-31)\n\n- Before.\n")
    done = call(PACKAGING / "debian-changelog", "1.2.0", changelog)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("coebench (")] == [
        "coebench (1.2.0-1) unstable; urgency=medium", "coebench (1.1.9-1) unstable; urgency=medium"]
    assert [line.rpartition(">  ")[2] for line in lines if line.startswith(" -- ")] == [
        "Tue, 01 Dec 2026 12:00:00 +0000", "Sat, 31 Jan 2026 12:00:00 +0000"]
    assert all(len(line) <= 80 or line.startswith(" -- ") for line in lines)
    assert "  * One." in lines and "  * Before." in lines
    refused = call(PACKAGING / "debian-changelog", "1.3.0", changelog)
    assert refused.returncode == 1 and refused.stdout == ""
    assert "the Makefile's VERSION asks for '## 1.3.0 (YEAR-MONTH-DAY)'" in refused.stderr


def literal(text, name):
    """The block that stands at `name: |` in YAML, without its indent."""
    indent, block = re.search(rf"^( *){re.escape(name)}: \|\n((?:\1 +.*\n)+)", text, re.M).groups()
    return re.sub(rf"^{indent}  ", "", block, flags=re.M)


def test_the_kubernetes_job_runs_a_plan_that_holds(tmp_path):
    """Its config and rows, and the words its container gets; output goes where a volume is mounted."""
    text = (REPOSITORY / "examples" / "kubernetes-job.yaml").read_text()
    for name in ("config.yaml", "rows.csv"):
        (tmp_path / name).write_text(literal(text, name))
    environment = dict(re.findall(r"^  (SAMBANOVA_\w+): (\S+)$", text, re.M))
    words = re.search(r"args: \[(.*)\]", text).group(1).split(", ")
    assert words[0] == "run" and "  --no-progress " in call(PROGRAM, "run", "--help").stdout
    done = call(PROGRAM, "plan", words[1], "--offline", cwd=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    assert "gpt-oss-120b" in done.stdout
    assert words[1:] == ["config.yaml", "--no-progress"] and "mountPath: /results}" in text


# --- The Containerfile, followed without an engine -------------------------------------------------

def follow(tmp_path, text, roots=2):
    """In roots that have nothing: only RUN needs more."""
    path = tmp_path / "Containerfile"
    path.write_text(text)
    context = tmp_path / "context"
    (context / "docs").mkdir(parents=True)
    (context / "docs" / "page.md").write_text("a page\n")
    places = [tmp_path / f"root{i}" for i in range(roots)]
    for place in places:
        place.mkdir()
    return call(PACKAGING / "follow-containerfile", path, "trixie", context, *places), places


def test_a_containerfile_is_followed(tmp_path):
    done, roots = follow(tmp_path, "# about\nARG SUITE=bookworm\nFROM debian:${SUITE}-slim AS build\nWORKDIR /srv/it\n"
                         "COPY . .\n# in between\nFROM debian:${SUITE}-slim\n"
                         "COPY --from=build /srv/it/docs/*.md \\\n    /kept/\nUSER someone\nWORKDIR /home/someone\n"
                         'EXPOSE 80\nENTRYPOINT ["coebench"]\n')
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "someone /home/someone\n")
    assert (roots[0] / "srv/it/docs/page.md").read_text() == (roots[1] / "kept/page.md").read_text() == "a page\n"
    assert (roots[1] / "home/someone").is_dir()


@pytest.mark.parametrize("text, sentence", [
    ("FROM debian:bookworm-slim\n", "no root stands for debian:bookworm-slim"),
    ("FROM debian:trixie-slim\n\nVOLUME /data\n", "line 3: VOLUME is not among"),
    ("FROM debian:trixie-slim\nCOPY missing /\n", "nothing is named missing"),
    ("FROM debian:trixie-slim\nENTRYPOINT ['one']\n", "Expecting value"),
])
def test_what_cannot_be_followed_is_refused(tmp_path, text, sentence):
    done, _ = follow(tmp_path, text)
    assert done.returncode != 0 and done.stdout == "" and sentence in done.stderr


def test_the_containerfile_has_two_stages_and_ends_as_no_root():
    text = (REPOSITORY / "Containerfile").read_text()
    assert len(re.findall("^FROM debian:", text, re.M)) == 2
    assert re.search(r"^USER coebench$", text, re.M) and 'ENTRYPOINT ["coebench"]' in text
