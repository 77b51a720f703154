"""Texts of an endpoint, of a CSV, of labels and of a run directory may hold any letter there is, or none: workbook,
JUnit and page stay readable, and a terminal is sent nothing that it would obey."""

import json
import os
import pty
import re
import subprocess
import unicodedata
import zipfile
from xml.dom import minidom
from xml.parsers import expat

import openpyxl
import pytest
from support.bench import CONFIG, NO_VERDICT, PROGRAM, Run, another_run
from support.endpoint import content, finish, plain, stream

# Whatever turns a terminal's text, and what it obeys.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
GOOD = stream(content("a"), finish(prompt_tokens=40, completion_tokens=1))

TURNING = "\u202egnirts\u202c \u2066x\u2069 \u200e \u061c"
BYTES = {
    "C1 and overrides": (TURNING + "\u009b31m\u0085").encode(),
    "none of XML's": "\ufffe \uffff \x01 \x1f".encode(),
    "half of a pair": b"\xed\xa0\x80 \xed\xbf\xbf",
    "no UTF-8": b"\xff\xfe \xe4 \xc0\xaf \x9b31m \xf4\x90\x80\x80",
}


def expect_clean(process):
    for text in (process.stdout, process.stderr):
        found = OBEYED.search(text)
        assert not found, text[max(0, found.start() - 60):][:120]


def parse_strictly(data):
    parser = expat.ParserCreate()
    parser.Parse(data, True)


def expect_readable(run):
    with zipfile.ZipFile(run.workbook) as book:
        for name in book.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                parse_strictly(book.read(name))
    openpyxl.load_workbook(run.workbook)
    run.workbook.with_suffix(".html").read_bytes().decode("utf-8")
    for path in run.folder.iterdir():
        path.read_bytes().decode("utf-8")


def call(project, *arguments, **options):
    """As project.call, but what is no UTF-8 on the terminal would not go unseen."""
    done = project.call(*arguments, **options)
    expect_clean(done)
    return done


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("place", ["an error", "a page", "an event", "a finish reason", "an id", "the text"])
def test_what_a_server_sends(endpoint, project, place, name):
    text = BYTES[name]
    answers = {
        "an error": plain(500, b'{"error": {"message": "' + text + b'"}}'),
        "a page": plain(500, b"<p>" + text),
        "an event": stream(content("a"), b'data: {"error": {"message": "' + text + b'"}}\n\n'),
        "a finish reason": stream(content("a"), b'data: {"choices": [{"delta": {}, "finish_reason": "' + text
                                  + b'"}]}\n\n'),
        "an id": stream(content("a"), b'data: {"id": "' + text + b'", "choices": [], "usage": '
                        b'{"completion_tokens": 1}}\n\n'),
        "the text": stream(b'data: {"choices": [{"delta": {"content": "' + text + b'"}}]}\n\n',
                           finish(completion_tokens=1)),
    }
    project.setup(["m,40,2,3,1,,,"], CONFIG + "save_llm_responses : True\n")
    server = endpoint(lambda request, connection: answers[place])
    done = call(project, "run", "config.yaml", "--verbose", *NO_VERDICT, address=server.address)
    assert done.returncode in (0, 3), done.stderr
    (folder,) = project.run_folders()
    expect_readable(Run(folder, project.folder / "books"))


def every_letter():
    """All code points, in texts of some hundreds; those of no UTF-8 as JSON's escapes of half a pair."""
    for first in range(1, 0x110000, 400):
        yield "".join(chr(c) for c in range(first, min(first + 400, 0x110000)) if not 0xd800 <= c < 0xe000)


def test_every_part_of_a_workbook_of_all_code_points_is_xml(endpoint, project):
    texts = [t for t in every_letter() if any(unicodedata.category(c) != "Cn" for c in t) or "\uffff" in t]
    texts.append("\U0010ffff\ufffe")
    project.setup([f"m,40,2,{len(texts)},8,,,"], CONFIG + "max_consecutive_errors : 0\n"
                  "labels : {note: \"a\\uFFFE\\uFFFF\\u202Eb\"}\n")
    server = endpoint(lambda request, connection: plain(500, json.dumps(
        {"error": {"message": texts[request["index"] % len(texts)]}}, ensure_ascii=False).encode()))
    done = call(project, "run", "config.yaml", *NO_VERDICT, address=server.address)
    assert done.returncode == 3, done.stderr
    (folder,) = project.run_folders()
    expect_readable(Run(folder, project.folder / "books"))


def test_names_and_labels(endpoint, project):
    model = "m\ufffe\uffff" + TURNING
    project.setup([f'"{model}",40,2,6,2,,,', f'"n{model}",40,2,6,2,,,'],
                  CONFIG + 'labels : {release: "%s", "%s": x}\nnumber : 1\n' % (TURNING, "\u202ek"))
    done = call(project, "plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1")
    assert done.returncode == 2, "number is no setting"
    (project.folder / "config.yaml").write_text((project.folder / "config.yaml").read_text()
                                                .replace("number : 1\n", ""))
    server = endpoint(lambda request, connection: GOOD,
                      models=[{"id": model, "context_length": 8}, {"id": "n" + model}])
    call(project, "plan", "config.yaml", address=server.address)
    done = call(project, "run", "config.yaml", "--verbose", *NO_VERDICT, address=server.address)
    assert done.returncode == 0, done.stderr
    assert {r["body"]["model"] for r in server.requests} == {model, "n" + model}, "sent as it was written"
    (folder,) = project.run_folders()
    expect_readable(Run(folder, project.folder / "books"))
    other = another_run(folder, project.folder / "out" / "other")
    policy = project.write("policy.yaml", "gates : {client_ttft_s_p50: {max: 1e-9}}\nmin_requests : 1\nmin_runs : 1\n")
    for command in (["report", str(folder)], ["switching", str(folder)], ["report", str(folder), str(other)],
                    ["compare", str(folder), str(other)],
                    ["compare", str(folder), str(other), "--output", "verdict"]):
        done = call(project, *command)
        assert done.returncode in (0, 1, 2, 3), done.stderr
    for path in list(project.folder.rglob("*.xml")):
        minidom.parseString(path.read_bytes())
    assert list(project.folder.rglob("*.xml")) and policy


def test_rows_stay_data_but_on_a_terminal(endpoint, project):
    model = "m" + TURNING
    project.setup(["x,40,2,1,1,,,"])
    server = endpoint(lambda request, connection: GOOD, models=[{"id": model}])
    piped = project.call("rows", "config.yaml", address=server.address)
    assert piped.returncode == 0 and model in piped.stdout, piped.stderr
    assert call(project, "rows", "config.yaml", "--model", "n" + TURNING, "--output", "rows-2.csv",
                address=server.address).returncode == 0
    ours, theirs = pty.openpty()
    process = subprocess.Popen([PROGRAM, "rows", "config.yaml"], cwd=project.folder, stdin=subprocess.DEVNULL,
                               stdout=theirs, stderr=theirs, env=project.environment(server.address))
    assert process.wait(timeout=60) == 0
    os.close(theirs)
    shown = os.read(ours, 65536).decode().replace("\r\n", "\n")
    os.close(ours)
    assert "\nm???" in shown and not OBEYED.search(shown), shown
