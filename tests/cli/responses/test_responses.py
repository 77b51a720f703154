"""save_llm_responses: what was said in each completed request, exactly, in start order."""

import json
import resource
import time

import pytest
from support.bench import CONFIG, completed
from support.endpoint import OK, content, event, finish, plain, stream

MODEL = "Meta-Llama-3.1-8B-Instruct"
KEEP = ("--set", "save_llm_responses=True")

# Each part as a server may write it in JSON, and the text that it says.
PARTS = [
    (b'" \\"quoted\\" \\\\ \\/ "', ' "quoted" \\ / '),
    (b'"\\n\\ttabs\\b\\f\\r\\u0001\\u007f"', "\n\ttabs\b\f\r\x01\x7f"),
    (b'"\\u00e9\\u2028\\ud83c\\udf52"', "é\u2028\U0001f352"),
    ('"ä 模型 🍒"'.encode(), "ä 模型 🍒"),
    (b'"\xe2\x82"', ""), (b'"\xac"', "€"),  # one letter in two chunks
    (b'""', ""), (b"null", ""),
    (b'"{\\"completion\\":\\"\\"}\\n"', '{"completion":""}\n'),
    (b'"broken \xff"', "broken \ufffd"),
]
SAID = "".join(text for _, text in PARTS)


def chat(part):
    return b'data: {"choices":[{"index":0,"delta":{"content":%s}}]}\n\n' % part


def chat_answer(parts):
    return stream(event(choices=[{"delta": {"role": "assistant", "content": ""}}]),
                  event(choices=[{"delta": {"reasoning": "so \"it\" is"}}]), *map(chat, parts),
                  finish(prompt_tokens=10, completion_tokens=2))


def generic_answer(wrap):
    def answer(parts):
        last = b'{"is_last_response":true,"stream_token":"","completion":"all of it again"}'
        return plain(200, b"".join(wrap % value + b"\n" for value in [
            *(b'{"is_last_response":false,"stream_token":%s}' % part for part in parts), last]))
    return answer


# How the address ends, how it answers, and where the prompt stands in a request.
DIALECTS = {
    "openai": ("/v1", chat_answer, lambda body: body["messages"][0]["content"]),
    "v2": ("/api/v2/predict/generic/p/e",
           generic_answer(b'{"result":{"items":[{"id":"item1","value":%s}]}}'),
           lambda body: body["items"][0]["value"]),
    "v1": ("/api/predict/generic/p/e", generic_answer(b'{"result":{"responses":[%s]}}'),
           lambda body: body["instance"]),
}


def start(project, address, *options, rows=("m,10,2,1,1,,,",), config=CONFIG, expect=0):
    """A run of `address`, by the dialect that it calls for."""
    studio = "generic" in address
    project.setup(list(rows), config.replace("sncloud", "sambastudio") if studio else config)
    if studio:
        project.write(".env", f"SAMBASTUDIO_URL={address}\nSAMBASTUDIO_API_KEY=demo-key\n")
    return project.run(*options, address=address, expect=expect)


def texts(run, step=0):
    """The lines of a step's file, each whole, and the bytes all UTF-8."""
    raw = (run.folder / f"{run.names[step]}_response_texts.jsonl").read_bytes()
    assert not raw or raw.endswith(b"\n")
    return [json.loads(line) for line in raw.decode().split("\n")[:-1]]


@pytest.mark.parametrize("name", DIALECTS)
def test_the_text_is_the_servers_and_the_prompt_is_what_it_got(endpoint, project, name):
    path, answer, prompt_of = DIALECTS[name]
    server = endpoint(lambda r, c: answer([part for part, _ in PARTS]))
    run = start(project, server.address.replace("/v1", path), *KEEP, rows=["m,10,2,3,1,,,"])
    lines = texts(run)
    assert [list(line) for line in lines] == [["prompt", "completion", "request_index"]] * 3
    assert [line["request_index"] for line in lines] == [0, 1, 2]
    for line, request, response in zip(lines, server.requests, run.responses[0], strict=True):
        assert line["completion"] == SAID
        assert line["prompt"] == {"name": response["prompt_name"],
                                  "template": prompt_of(request["body"])}
    assert len({line["prompt"]["template"] for line in lines}) == 3


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_a_text_that_comes_whole_is_kept(endpoint, project, name):
    path, _, _ = DIALECTS[name]
    last = {"is_last_response": True, "completion": SAID, "prompt_tokens_count": 10}
    value = {"result": {"items": [{"value": last}], "responses": [last]}}
    server = endpoint(lambda r, c: plain(200, json.dumps(value).encode() + b"\n"))
    (line,) = texts(start(project, server.address.replace("/v1", path), *KEEP))
    assert line["completion"] == SAID


def test_an_answer_of_reasoning_alone_has_an_empty_text(endpoint, project):
    server = endpoint(lambda r, c: stream(event(choices=[{"delta": {"reasoning": "so"}}]), finish()))
    (line,) = texts(start(project, server.address, *KEEP))
    assert line["completion"] == ""


def test_beside_a_picture_the_prompt_is_its_text(endpoint, project):
    server = endpoint(lambda r, c: stream(content("a"), finish()))
    (line,) = texts(start(project, server.address, *KEEP, rows=["m,10,2,1,1,,,small"]))
    (text, picture) = server.requests[0]["body"]["messages"][0]["content"]
    assert line["prompt"]["template"] == text["text"]
    assert "image_url" in picture


@pytest.mark.parametrize("threads", [1, 2])
def test_lines_stand_in_start_order_and_failed_requests_have_none(endpoint, project, threads):
    """Answers end in quite another order; every fifth fails after it has said something."""
    def answer(request, connection):
        said = f"answer to {request['body']['messages'][0]['content']}"
        if request["index"] % 5 == 3:
            return stream(content(said), event(error={"message": "lost"}))
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        time.sleep(0.05 * (4 - request["index"] % 4))
        for part in (content(said[:7]), content(said[7:]), finish(completion_tokens=2)):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        return b"0\r\n\r\n"

    server = endpoint(answer)
    run = start(project, server.address, *KEEP, "--set", f"threads={threads}",
                rows=["m,10,2,40,8,,,", "n,10,2,10,,50,uniform,"])
    ended = [line["request"]["request_index"] for line in run.journal()
             if line["step"] == 0 and "request" in line]
    assert ended != sorted(ended), "the test says nothing"
    for step, responses in enumerate(run.responses):
        lines = texts(run, step)
        assert 0 < len(lines) < len(responses)
        assert [line["request_index"] for line in lines] == [
            r["request_index"] for r in completed(responses)]
        for line in lines:
            assert line["completion"] == f"answer to {line['prompt']['template']}"
    names = [p.name for p in run.folder.iterdir()]
    assert len([n for n in names if "summary" in n]) == 2
    assert len([n for n in names if "individual_responses" in n]) == 2
    assert len([n for n in names if n.endswith("_response_texts.jsonl")]) == 2
    assert not [n for n in names if n.startswith(".part")]


def test_a_row_without_a_completed_request_leaves_an_empty_file(endpoint, project):
    server = endpoint(lambda r, c: plain(500, b"no"))
    assert texts(start(project, server.address, *KEEP, expect=3)) == []


def test_a_row_that_was_stopped_keeps_what_was_complete(endpoint, project):
    def answer(request, connection):
        if request["index"] < 2:
            return stream(content("all"), finish())
        connection.sendall(OK + b"Content-Length: 999\r\n\r\n" + content("part"))
        time.sleep(3)

    run = start(project, endpoint(answer).address, *KEEP, rows=["m,10,2,9,1,,,"],
                config=CONFIG.replace("timeout : 60", "timeout : 1"), expect=3)
    assert [line["completion"] for line in texts(run)] == ["all", "all"]


@pytest.mark.parametrize("options", [(), ("--set", "save_llm_responses=no")])
def test_nothing_is_kept_unasked(endpoint, project, options):
    run = start(project, endpoint(lambda r, c: stream(content("said so"), finish())).address,
                *options)
    assert not list(run.folder.glob("*texts*"))
    for path in run.folder.iterdir():
        assert b"said so" not in path.read_bytes(), path


@pytest.mark.parametrize("path", ["/v1", "/api/v2/predict/generic/p/e",
                                  "/api/predict/generic/stream/p/e"])
def test_a_run_against_the_simulated_bundle(simulate, demo_bundle, project, path):
    model = MODEL if path == "/v1" else "Bundle/" + MODEL
    run = start(project, simulate(demo_bundle).address.replace("/v1", path), *KEEP,
                rows=[f"{model},50,6,30,4,,,", f"{model},20,3,5,1,,,"])
    for step, (responses, count) in enumerate(zip(run.responses, (30, 5), strict=True)):
        lines = texts(run, step)
        assert [line["request_index"] for line in lines] == [r["request_index"] for r in responses]
        assert len(lines) == count
        for line in lines:
            assert line["prompt"]["template"].split() and line["completion"].split()


def test_a_text_without_end_is_given_up(endpoint, project):
    """Events of a MiB each; nobody is to keep more than one and a bit."""
    part = chat(b'"%s"' % (b"a" * (1 << 20)))

    def answer(request, connection):
        if request["index"] == 1:
            return stream(content("short"), finish())
        connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % (70 * len(part)))
        for _ in range(70):
            connection.sendall(part)

    run = start(project, endpoint(answer).address, *KEEP, rows=["m,10,2,2,1,,,"])
    assert [r["error_code"] for r in run.responses[0]] == ["too_large", None]
    assert run.responses[0][0]["error_msg"] == (
        "the response's text is larger than a MiB and 256 bytes for each token that was asked for")
    assert [line["completion"] for line in texts(run)] == ["short"]


def test_a_full_disk_is_told_and_leaves_no_half_file(endpoint, project):
    def fill_up():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))

    said = content("a" * 10000)
    server = endpoint(lambda r, c: stream(said, finish()))
    project.setup(["m,10,2,5000,4,,,"])
    done = project.call("run", "config.yaml", *KEEP, address=server.address, before=fill_up)
    assert done.returncode == 2, done.stderr
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("coebench: ")]
    assert "journal.jsonl: cannot be written: File too large" in told
    assert "what was measured so far is in" in told
    (folder,) = project.run_folders()
    assert sorted(p.name for p in folder.iterdir()) == ["journal.jsonl", "manifest.json"]
    assert len(server.requests) < 2500, "it went on sending what could not be kept"
