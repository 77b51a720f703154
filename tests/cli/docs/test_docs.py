"""README.md and docs/ hold: commands run as they stand and print what is shown, tables are the program's,
links lead somewhere, old phrases stay away. Each check is also shown a wrong page, and finds it."""

import pathlib
import re
import shutil
import subprocess

import pytest

from support import bench

PROGRAM = shutil.which(bench.PROGRAM) or bench.PROGRAM
ROOT = pathlib.Path(__file__).resolve().parents[3]
TOOLS = ROOT / "tests" / "tools"
RUNNABLE = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
            if "\n```sh run" in page.read_text()]


def call(tool, *arguments):
    done = subprocess.run([TOOLS / tool, *arguments], cwd=ROOT, text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


# --- What the pages show ---------------------------------------------------------------------------

def test_pages_have_commands_to_run():
    names = {page.stem for page in RUNNABLE}
    assert names >= {"README", "getting-started", "configuration", "switching", "qualification", "simulator"}


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.stem)
def test_a_page_s_commands_print_what_it_shows(page):
    code, printed = call("docs-check", PROGRAM, page)
    assert code == 0, printed
    assert re.search(r"docs-check: 1 pages, [1-9]\d* commands run, \d+ outputs compared, 0 wrong\n$", printed), printed


PAGE = """# A page: with one command

```sh run{how}
printf '%s\\n' 'one  12' 'takes 3.25 s' 'middle' 'run 20261128-083123'
exit_code() {{ return {code}; }}; exit_code
```

```text
{shown}
```
"""


@pytest.mark.parametrize("shown, how, code, wrong", [
    ("one 12\ntakes 9.1 s\nmiddle\nrun 20200101-000000", "", 0, None),
    ("one …\n…\nrun …", "", 0, None),
    ("…", " exit=3", 3, None),
    ("one 13\n…", "", 0, "one 13"),
    ("one 12\ntakes 9.1 s\nrun …", "", 0, "run …"),
    ("one 12\ntakes 9.1 min\n…", "", 0, "takes 9.1 min"),
    ("one 12", "", 0, "(the end)"),
    ("…", "", 3, "ended with 3, not 0"),
    ("…", " exit=3", 0, "ended with 0, not 3"),
])
def test_a_wrong_page_is_found(tmp_path, shown, how, code, wrong):
    page = tmp_path / "page.md"
    page.write_text(PAGE.format(shown=shown, how=how, code=code))
    ended, printed = call("docs-check", PROGRAM, page)
    count = "1 pages, 1 commands run, "
    assert count in printed and ended == (1 if wrong else 0), printed
    if wrong:
        assert "page.md:" in printed and wrong in printed.split("--- printed was")[0]


def test_a_fence_does_not_use_the_bundle_that_it_starts(tmp_path):
    page = tmp_path / "page.md"
    start = "build/coebench simulate bundle:demo --port 8000 >/dev/null 2>&1 &\n"
    page.write_text("# A page: that races\n\n```sh run\n" + start + "build/coebench plan\n```\n")
    code, printed = call("docs-check", PROGRAM, page)
    assert code == 1 and "a fence of their own" in printed, printed


def test_a_page_reaches_the_simulator_and_what_it_starts_ends_with_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page: of a node\n\n```sh run\nsleep 1000 &\necho $! >" + str(tmp_path / "pid") + "\n"
                    "build/coebench rows --model DeepSeek-V3.1\n```\n\n```text\nmodel_name,…\nDeepSeek-V3.1,1000,128,…\n```\n")
    code, printed = call("docs-check", PROGRAM, page)
    assert code == 0, printed
    assert not pathlib.Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


# --- Tables, links, words --------------------------------------------------------------------------

def test_tables_of_settings_are_the_program_s():
    assert call("docs-tables", PROGRAM, "--check") == (0, "")


@pytest.mark.parametrize("change, sentence", [
    (lambda text: text.replace("| 600 s |", "| 60 s |"), "run 'make docs'"),
    (lambda text: text.replace("timeout request_timeout time_delay", "timeout time_delay"), "key request_timeout of"),
    (lambda text: text.replace("<!-- table settings: slo", "<!-- table settings: timeout slo"), "stands in 2 tables"),
])
def test_a_table_that_is_not_the_program_s_is_found(tmp_path, change, sentence):
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", docs)
    page = docs / "configuration.md"
    changed = change(page.read_text())
    assert changed != page.read_text()
    page.write_text(changed)
    code, printed = call("docs-tables", PROGRAM, "--check", docs)
    assert code == 1 and sentence in printed
    assert page.read_text() == changed


def test_tables_are_written_where_they_differ(tmp_path):
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", docs)
    page = docs / "configuration.md"
    page.write_text(re.sub(r"^\| `.*\n", "", page.read_text(), flags=re.M))
    assert call("docs-tables", PROGRAM, docs)[0] == 0
    assert page.read_text().count("| `timeout` |") == 1
    assert call("docs-tables", PROGRAM, "--check", docs) == (0, "")


@pytest.fixture
def copy(tmp_path):
    """The project's pages, to be broken."""
    for page in ROOT.glob("*.md"):
        shutil.copy(page, tmp_path / page.name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for linked in ROOT.iterdir():
        if not (tmp_path / linked.name).exists():
            (tmp_path / linked.name).symlink_to(linked)
    return tmp_path


def test_links_lead_somewhere_and_the_readme_is_short(copy):
    assert call("check-docs", ROOT) == (0, "") == call("check-docs", copy)


@pytest.mark.parametrize("name, text, sentence", [
    ("README.md", "\n" * 150, "takes what 150 do not hold"),
    ("README.md", "[x](docs/nothing.md)\n", "links to docs/nothing.md"),
    ("docs/wire.md", "[x](metrics.md#no-such-heading)\n", "no heading is named so"),
    ("docs/new.md", "Words without a heading\n", "opens with no '# Name: summary'"),
])
def test_a_broken_page_is_found(copy, name, text, sentence):
    with open(copy / name, "a") as page:
        page.write(text)
    code, printed = call("check-docs", copy)
    assert code == 1 and sentence in printed


def test_old_phrases_stay_away(tmp_path):
    assert call("check-words", "README.md", "CONTRIBUTING.md", "docs") == (0, "")
    page = tmp_path / "page.md"
    page.write_text("A keep-alive.\nA run is gone\non with.\nWords that may stand.\n")
    code, printed = call("check-words", tmp_path)
    assert code != 0 and re.fullmatch(rf'{page}:2: "gone on with"\n(xargs.*\n)?', printed), printed
