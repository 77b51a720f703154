"""The floors of the house are held by tools that can fail: what looks up, or is not drawn, is named."""

import pathlib
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
FLOORS = (
    "# floor, room, duty, libraries\n"
    "0\tcore\ttexts\tlibyaml\n"
    "0\trecord\tstructs\n"
    "1\tplan\twhat is asked\tlibcsv, cJSON\n"
    "1\tsim\tthe witness\n"
    "2\tstats\tarithmetic\n"
    "8\tcommand\tprints\n"
    "9\tserve\tnot there yet\n"
)
SOUND = {
    "core/text.h": "",
    "record/row.c": '#include "core/text.h"\n#include "record/row.h"\n',
    "plan/rows.c": '#include "core/text.h"\n#include <csv.h>\n#include <cjson/cJSON.h>\n',
    "sim/node.c": '#include "core/text.h"\n#include <stdio.h>\n',
    "stats/deep/study.c": '#include "plan/rows.h"\n#include "stats/deep/study.h"\n',
    "main.c": '#include "stats/study.h"\n',
}
PAGE = (
    "before\n<!-- floors: x -->\nold\n<!-- end of floors -->\nbetween\n"
    "<!-- includes: x -->\n<!-- end of includes -->\nbehind\n"
)


@pytest.fixture
def house(tmp_path):
    """A house of some rooms, in which a test may change a file."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "FLOORS").write_text(FLOORS)
    for name, text in SOUND.items():
        write(tmp_path, name, text)
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path


def write(house, name, text):
    path = house / "src" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(tool, *arguments):
    done = subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def draw(house, *more):
    return run("draw-house", house / "src", house / "page.md", *more)


def test_a_sound_house_stands(house):
    write(house, "command/a.c", '    printf("x");\n')
    write(house, "stats/a.c", '    fprintf(out, "x");\n    snprintf(text, 1, "x");\n')
    assert run("check-floors", house / "src") == (0, "")


@pytest.mark.parametrize(
    "name, text, complaint",
    [
        ("plan/up.c", '#include "stats/study.h"\n', "./plan/up.c:1: plan/ (floor 1) looks up at stats/ (floor 2)"),
        ("plan/deep/up.c", '\n#include "stats/a.h"\n', "./plan/deep/up.c:2: plan/ (floor 1) looks up at stats/"),
        ("core/up.c", '#include "record/row.h"\n', "./core/up.c:1: core/ (floor 0) looks up at record/ (floor 0)"),
        ("sim/up.c", '#include "record/row.h"\n', "./sim/up.c:1: sim/ sees core/ only, not record/"),
        ("sim/lib.c", "#include <csv.h>\n", "./sim/lib.c:1: sim/ does not use libcsv, by FLOORS"),
        ("stats/lib.h", "#include <curl/curl.h>\n", "./stats/lib.h:1: stats/ does not use libcurl, by FLOORS"),
        ("plan/bare.c", '#include "rows.h"\n', './plan/bare.c:1: include "rows.h" as "room/file.h"'),
        ("new/a.c", '#include "core/text.h"\n', "./new/a.c:1: the room new/ has no floor in FLOORS"),
        ("stats/a.c", '\n    fprintf(stderr, "x");\n', './stats/a.c:2: only commands print: fprintf(stderr, "x");'),
        ("plan/deep/a.c", '    puts("x");\n', './plan/deep/a.c:1: only commands print: puts("x");'),
    ],
)
def test_what_looks_up_is_named(house, name, text, complaint):
    write(house, name, text)
    code, said = run("check-floors", house / "src")
    assert code == 1
    assert complaint in said
    assert said.count("\n") == 1


def test_the_page_is_drawn_from_the_sources(house):
    assert draw(house, "--check")[0] == 1
    assert draw(house) == (0, "")
    page = (house / "page.md").read_text()
    assert "| 1 | `src/plan/` | what is asked | libcsv, cJSON |" in page
    assert "`src/record/` | structs | – |" in page
    assert "serve" not in page and "old" not in page
    assert [word for word in page.split("\n") if word in ("before", "between", "behind")] == [
        "before",
        "between",
        "behind",
    ]
    # plan and sim lean on core directly; record's arrow is one that no other stands for.
    arrows = [line.strip() for line in page.split("\n") if "-->" in line and line.startswith(" ")]
    assert arrows == ["stats --> plan", "sim --> core", "plan --> core", "record --> core"]
    assert draw(house, "--check") == (0, "")


@pytest.mark.parametrize(
    "name, text",
    [
        ("stats/more.c", '#include "record/row.h"\n'),
        ("plan/more.c", '#include "core/text.h"\n'),
        ("FLOORS", FLOORS.replace("the witness", "a witness")),
    ],
)
def test_an_old_page_fails(house, name, text):
    draw(house)
    write(house, name, text)
    code, said = draw(house, "--check")
    assert code == 1
    assert "make docs-drawing" in said


@pytest.mark.parametrize("lost", ["<!-- floors: x -->\n", "<!-- end of includes -->\n"])
def test_a_page_without_its_markers_fails(house, lost):
    (house / "page.md").write_text(PAGE.replace(lost, ""))
    code, said = draw(house)
    assert code == 1
    assert "markers" in said
    assert (house / "page.md").read_text() == PAGE.replace(lost, "")


def function(lines):
    return "static void f(void)\n{\n" + "    g();\n" * lines + "}\n"


@pytest.mark.parametrize(("name", "text", "said"), [
    ("core/text.c", "\n" * 500, ""),
    ("core/text.c", "\n" * 501, "over 500 lines"),
    ("core/text.c", function(44), ""),
    ("core/text.c", "\n" + function(45), ":3: a function of 45 lines, over 44"),
    ("unit/test_text.c", function(45), ""),
    ("unit/test_text.c", function(500), "over 500 lines"),
])
def test_long_files_and_functions_are_named(house, name, text, said):
    write(house, name, text)
    code, output = run("check-sizes", house / "src")
    assert (code, output.count("\n")) == ((1, 1) if said else (0, 0))
    assert output.rstrip().endswith(said)
