"""Each value of llm_api: a run against the simulator's own reading of the dialect, and what is made of
what scripted servers say: text, reasoning, usage, cache, why it ended, errors, streams that are cut."""

import json
import pathlib
import re
import time

import pytest
from support.bench import CONFIG, NO_VERDICT, Run
from support.endpoint import OK, plain, stream

MODEL = "Meta-Llama-3.1-8B-Instruct"
FIRST = "Meta-Llama-3.3-70B-Instruct"


def sse(name, **members):
    return b"event: %s\ndata: %s\n\n" % (name.encode(), json.dumps(members).encode())


def typed(type_, **members):
    return sse(type_, type=type_, **members)


def data(**members):
    return b"data: %s\n\n" % json.dumps(members).encode()


def line(**members):
    return json.dumps(members).encode() + b"\n"


class Completions:
    api, path, variables = "openai-completions", "/v1/completions", ("OPENAI_API_BASE", "OPENAI_API_KEY")
    base, key, words = "/v1", ("authorization", "Bearer demo-key"), ("length", "stop")
    reasons = images = False
    told = {"cached_tokens": 3}
    start = b""

    @staticmethod
    def text(text):
        return data(id="c1", choices=[{"index": 0, "text": text, "finish_reason": None}])

    @staticmethod
    def end(word):
        return (data(id="c1", choices=[{"index": 0, "text": "", "finish_reason": word}])
                + data(id="c1", choices=[], usage={"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
                                                   "prompt_tokens_details": {"cached_tokens": 3}}) + b"data: [DONE]\n\n")

    error = data(error={"message": "lost the node"})
    refusal = {"error": {"message": "no such model"}}


class Responses(Completions):
    api, path = "openai-responses", "/v1/responses"
    words = ("max_output_tokens", "completed")
    reasons = images = True
    told = {"cached_tokens": 3, "response_id": "r1"}
    start = (typed("response.created", response={"id": "r1", "status": "in_progress", "usage": None})
             + typed("response.output_item.added", output_index=0, item={"type": "message"}))

    @staticmethod
    def text(text):
        return typed("response.output_text.delta", item_id="m", delta=text)

    @staticmethod
    def thinking(text):
        return typed("response.reasoning_text.delta", item_id="r", delta=text)

    @staticmethod
    def end(word):
        whole = word == "completed"
        response = {"id": "r1", "status": "completed" if whole else "incomplete",
                    "incomplete_details": None if whole else {"reason": word},
                    "output": [{"type": "message", "content": [{"type": "output_text", "text": "abc"}]}],
                    "usage": {"input_tokens": 12, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 3,
                              "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 15}}
        return (typed("response.output_text.done", text="abc")
                + typed("response.completed" if whole else "response.incomplete", response=response))

    error = typed("error", code="server_error", message="lost the node", param=None)


class Anthropic:
    api, path, variables = "anthropic", "/v1/messages", ("ANTHROPIC_API_BASE", "ANTHROPIC_API_KEY")
    base, key, words = "/v1", ("x-api-key", "demo-key"), ("max_tokens", "end_turn")
    reasons = images = True
    told = {"cached_tokens": 3, "response_id": "m1"}
    start = (typed("message_start", message={"id": "m1", "type": "message", "content": [], "usage": {
                "input_tokens": 5, "cache_creation_input_tokens": 4, "cache_read_input_tokens": 3, "output_tokens": 1}})
             + typed("content_block_start", index=0, content_block={"type": "text", "text": ""}) + typed("ping"))

    @staticmethod
    def text(text):
        return typed("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    @staticmethod
    def thinking(text):
        return typed("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": text})

    @staticmethod
    def end(word):
        return (typed("content_block_stop", index=0)
                + typed("message_delta", delta={"stop_reason": word}, usage={"output_tokens": 2})
                + typed("message_delta", delta={"stop_reason": word}, usage={"output_tokens": 3}) + typed("message_stop"))

    error = typed("error", error={"type": "overloaded_error", "message": "lost the node"})
    refusal = {"type": "error", "error": {"type": "not_found_error", "message": "no such model"}}


class Ollama:
    api, path, variables = "ollama", "/api/chat", ("OLLAMA_HOST", None)
    base, key, words = "", (None, None), ("length", "stop")
    reasons = images = True
    told = {"server_load_s": 2.0, "server_prompt_s": 0.25, "server_end_to_end_latency_s": 3.0, "server_ttft_s": None}
    start = b""

    @staticmethod
    def text(text):
        return line(model="m", message={"role": "assistant", "content": text}, done=False)

    @staticmethod
    def thinking(text):
        return line(model="m", message={"role": "assistant", "content": "", "thinking": text}, done=False)

    @staticmethod
    def end(word):
        return line(model="m", message={"role": "assistant", "content": ""}, done=True, done_reason=word,
                    total_duration=3 * 10**9, load_duration=2 * 10**9, prompt_eval_count=12,
                    prompt_eval_duration=25 * 10**7, eval_count=3, eval_duration=1)

    error = line(error="lost the node")
    refusal = {"error": "no such model"}


class Tgi:
    api, path, variables = "tgi", "/generate_stream", ("TGI_API_BASE", "TGI_API_KEY")
    base, key, words = "", ("authorization", "Bearer demo-key"), ("length", "eos_token")
    reasons, images = False, True
    told = {}
    start = b""

    @staticmethod
    def text(text):
        return data(index=1, token={"id": 1, "text": text, "special": False}, generated_text=None, details=None)

    @staticmethod
    def end(word):
        return data(index=4, token={"id": 2, "text": "</s>", "special": True}, generated_text="abc",
                    details={"finish_reason": word, "generated_tokens": 3, "input_length": 12})

    error = b"event:error\n" + data(error="lost the node", error_type="generation")
    refusal = {"error": "no such model", "error_type": "validation"}


class Litellm(Completions):
    api, path, spoken = "litellm", "/v1/chat/completions", "openai"
    reasons = images = True
    told = {"cached_tokens": 3, "response_id": "c1"}

    @staticmethod
    def text(text):
        return data(id="c1", choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])

    @staticmethod
    def thinking(text):
        return data(id="c1", choices=[{"index": 0, "delta": {"reasoning_content": text}, "finish_reason": None}])

    @staticmethod
    def end(word):
        return Completions.end(word).replace(b'"text": ""', b'"delta": {}')


DIALECTS = [Completions, Responses, Anthropic, Ollama, Tgi, Litellm]
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)


def first_model(dialect):
    """Of the demo bundle: TGI has one model."""
    return FIRST if dialect is Tgi else MODEL


def good(dialect):
    return stream(dialect.start, dialect.text("a"), dialect.text("b"), dialect.text("c"), dialect.end(dialect.words[0]))


def prepare(project, dialect, address, rows=("m,10,3,1,1,,,",), config=""):
    base, key = dialect.variables
    project.setup(list(rows), CONFIG.replace("sncloud", dialect.api) + config)
    project.write(".env", f"{base}={address.removesuffix('/v1') + dialect.base}\n"
                  + (f"{key}=demo-key\n" if key else ""))


def run(project, dialect, address, *arguments, expect=0, **how):
    prepare(project, dialect, address, **how)
    return project.run("--set", "prompt.count=content", *arguments, expect=expect, key=None)


@every
@pytest.mark.parametrize("early", [False, True])
def test_what_is_sent_and_what_is_read(endpoint, project, dialect, early):
    word = dialect.words[early]
    server = endpoint(lambda r, c: stream(dialect.start, dialect.text("a"), dialect.text("b"), dialect.text("c"),
                                          dialect.end(word)))
    (only,), = run(project, dialect, server.address).responses
    request = server.requests[0]
    assert request["line"].split()[1] == dialect.path
    name, value = dialect.key
    assert name is None and "authorization" not in request["headers"] or request["headers"][name] == value
    assert only["error_code"] is None and only["finish_reason"] == word
    assert only["server_number_input_tokens"] == 12 and only["server_number_output_tokens"] == 3
    assert len(only["client_inter_token_latencies_s"]) == 3
    for name, value in dialect.told.items():
        assert only[name] == value, name


def with_count(dialect, counted):
    """A response that by its reason ended early, of which the server counted so many tokens."""
    end = dialect.end(dialect.words[1])
    for member in (b'"completion_tokens": ', b'"output_tokens": ', b'"eval_count": ', b'"generated_tokens": '):
        end = end.replace(member + b"3", member + str(counted).encode())
    return stream(dialect.start, dialect.text("a"), dialect.text("b"), dialect.text("c"), end)


@pytest.mark.parametrize("dialect", [Completions, Responses, Litellm], ids=lambda d: d.api)
@pytest.mark.parametrize("counted", [2, 3])
def test_a_reason_that_the_count_contradicts_is_no_early_end(endpoint, project, dialect, counted):
    """Where ignore_eos can be asked: all tokens asked for are there, or one is missing."""
    server = endpoint(lambda r, c: with_count(dialect, counted))
    done = run(project, dialect, server.address, "--set", "ignore_eos=true")
    noted = "1 of 1 response ended by itself, although ignore_eos was asked" in done.process.stdout
    assert noted == (counted < 3), done.process.stdout
    assert done.summaries[0]["results_num_stopped_at_length"] == (counted == 3)
    assert project.call("report", str(done.folder), "--output", str(done.folder.parent), key=None).returncode == 0
    again = Run(done.folder, done.folder.parent)
    for heading, (line,) in (done.table(), again.table()):  # the second from the run directory alone
        cells = dict(zip(heading, line))
        assert cells.get("num_stopped_at_length") == (1 if counted == 3 else None)
        assert ("ended by itself" in (cells.get("flags") or "")) == noted


@every
def test_the_text_is_kept(endpoint, project, dialect):
    server = endpoint(lambda r, c: stream(dialect.start, dialect.text("a\n"), dialect.text("\"ü\""),
                                          dialect.end(dialect.words[0])))
    done = run(project, dialect, server.address, "--set", "save_llm_responses=true")
    texts, = done.folder.glob("*_response_texts.jsonl")
    assert json.loads(texts.read_text())["completion"] == "a\n\"ü\""


def test_what_one_dialect_counts_is_not_expected_of_another(simulate, demo_bundle, project):
    """At one address: chats have a template, completions have none."""
    simulator = simulate(demo_bundle)
    for dialect in (Litellm, Completions, Responses, Completions, Litellm):
        done = run(project, dialect, simulator.address, "--set", "prompt.count=total", rows=[f"{MODEL},100,4,4,1,,,"])
        lengths = [r["server_number_input_tokens"] for r in sorted(done.responses[0], key=lambda r: r["request_index"])]
        assert lengths[1:] == [100, 100, 100], dialect.api
    assert lengths == [100] * 4, "what was learned of this one is known yet"


@every
def test_a_nul_is_a_letter_like_others(endpoint, project, dialect):
    """Inside a text, as all of a token, and as all of a response: counted, and kept as it was sent."""
    texts = [["a\0b", "\0", "\0c"], ["\0"]]
    server = endpoint(lambda r, c: stream(dialect.start, *map(dialect.text, texts[r["index"] % 2]),
                                          dialect.end(dialect.words[0]).replace(b'"abc"', b'"\\u0000"')))
    done = run(project, dialect, server.address, "--set", "save_llm_responses=true", rows=["m,10,3,2,1,,,"])
    assert sorted(len(r["client_inter_token_latencies_s"]) for r in done.responses[0]) == [1, 3]
    kept, = done.folder.glob("*_response_texts.jsonl")
    assert sorted(json.loads(line)["completion"] for line in kept.open()) == ["\0", "a\0b\0\0c"]


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d.reasons], ids=lambda d: d.api)
def test_reasoning_is_no_content(endpoint, project, dialect):
    def say(request, connection):
        connection.sendall(OK + b"Connection: close\r\n\r\n" + dialect.start + dialect.thinking("so"))
        time.sleep(0.4)
        connection.sendall(dialect.text("a") + dialect.end(dialect.words[0]))
        connection.close()

    (only,), = run(project, dialect, endpoint(say).address).responses
    assert only["error_code"] is None
    assert len(only["client_inter_token_latencies_s"]) == 2
    assert only["client_ttft_content_s"] - only["client_ttft_s"] > 0.3


@every
def test_an_error_inside_the_stream_fails_the_request(endpoint, project, dialect):
    server = endpoint(lambda r, c: stream(dialect.start, dialect.text("a"), dialect.error))
    (only,), = run(project, dialect, server.address, expect=3).responses
    assert only["error_code"] == "stream_error" and "lost the node" in only["error_msg"]


@every
def test_an_error_as_a_status_is_told_in_its_words(endpoint, project, dialect):
    server = endpoint(lambda r, c: plain(404, json.dumps(dialect.refusal).encode()))
    (only,), = run(project, dialect, server.address, expect=3).responses
    assert only["error_code"] == 404 and "no such model" in only["error_msg"]


@every
def test_a_stream_that_is_cut_is_no_good_response(endpoint, project, dialect):
    """Wherever it ends before the response says that it ends."""
    whole = dialect.start + dialect.text("a") + dialect.text("b") + dialect.text("c")
    cuts = [len(dialect.start + dialect.text("a")) + 5, len(whole), len(whole) + 12]
    bodies = [(whole + dialect.end(dialect.words[0]))[:cut] for cut in cuts]
    server = endpoint(lambda r, c: stream(bodies[r["index"]]))
    responses, = run(project, dialect, server.address, rows=[f"m,10,3,{len(cuts)},1,,,"], expect=3).responses
    assert len(responses) == len(cuts)
    assert all(r["error_code"] in ("truncated", "bad_stream") for r in responses), [r["error_code"] for r in responses]


@every
def test_an_image(endpoint, project, dialect):
    server = endpoint(lambda r, c: stream(dialect.start, dialect.text("a"), dialect.end(dialect.words[0])))
    if not dialect.images:
        prepare(project, dialect, server.address, rows=["m,10,3,1,1,,,small"])
        done = project.call("plan", "config.yaml", "--offline", key=None)
        assert done.returncode == 2 and f"{dialect.api} carries no images" in done.stderr
        return
    run(project, dialect, server.address, rows=["m,10,3,1,1,,,small"])
    assert "iVBORw0KGgo" in server.requests[0]["raw"].decode()


@every
def test_a_run_against_the_simulated_bundle(simulate, demo_bundle, project, dialect):
    simulator = simulate(demo_bundle)
    model = first_model(dialect)
    done = run(project, dialect, simulator.address, rows=[f"{model},50,4,4,2,,,", f"{model},50,1,2,1,,,"])
    truth = [json.loads(line) for line in simulator.truth.open()]
    assert {t["model"] for t in truth} == {model}
    for responses, tokens in zip(done.responses, (4, 1)):
        assert {r["server_number_output_tokens"] for r in responses} == {tokens}
        assert {len(r["client_inter_token_latencies_s"]) for r in responses} == {tokens}
        assert {r["finish_reason"] for r in responses} == {dialect.words[0]}
    if dialect is Ollama:
        assert done.responses[0][0]["server_load_s"] == pytest.approx(truth[0]["switch_s"], abs=1e-6)


@every
def test_a_simulator_that_thinks(simulate, demo_bundle, project, dialect, tmp_path):
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(demo_bundle.read_text() + "behaviour: {reasoning_tokens: 2}\n")
    model = first_model(dialect)
    done = run(project, dialect, simulate(bundle).address, "--set", "save_llm_responses=true",
               rows=[f"{model},50,5,1,1,,,"])
    (only,), = done.responses
    assert len(only["client_inter_token_latencies_s"]) == 5
    texts, = done.folder.glob("*_response_texts.jsonl")
    assert len(json.loads(texts.read_text())["completion"].split()) == (3 if dialect.reasons else 5)


@every
@pytest.mark.parametrize("kind, code", [("error-event", "stream_error"), ("cut", "truncated"),
                                        ("no-end", "truncated"), ("error-503", 503)])
def test_a_simulator_that_fails(simulate, demo_bundle, project, dialect, tmp_path, kind, code):
    bundle = tmp_path / "bundle.yaml"
    where = "" if kind == "error-503" else ", after_tokens: 2"
    bundle.write_text(demo_bundle.read_text() + f"faults: [{{kind: {kind}, probability: 1{where}}}]\n")
    model = first_model(dialect)
    responses, = run(project, dialect, simulate(bundle).address, rows=[f"{model},50,4,2,1,,,"], expect=3).responses
    codes = {r["error_code"] for r in responses}
    assert codes <= {code, "bad_stream" if kind == "cut" else code}, codes


@every
def test_the_commands(simulate, demo_bundle, project, dialect):
    """One line each: try, bench, rows, plan, calibrate."""
    simulator = simulate(demo_bundle)
    model = first_model(dialect)
    url = simulator.address.removesuffix("/v1") + dialect.base
    prepare(project, dialect, simulator.address, rows=[f"{model},100,4,1,1,,,"])
    for arguments, said in [
            (("try", model, "--api", dialect.api, "--url", url, "-n", "2", "-o", "4"), "2 of 2"),
            (("rows", "config.yaml"), model + ","),
            (("plan", "config.yaml"), f"dialect:  {getattr(dialect, 'spoken', dialect.api)}"),
            (("calibrate", "config.yaml"), model)]:
        done = project.call(*arguments, key=None)
        assert done.returncode == 0 and said in done.stdout, (arguments, done.stdout, done.stderr)


@every
def test_a_benchmark_in_one_line(simulate, demo_bundle, project, dialect):
    """Nothing but the line and the key's variable says how the endpoint speaks; the node knows what it served."""
    simulator = simulate(demo_bundle)
    model, (_, key) = first_model(dialect), dialect.variables
    words = ["bench", *NO_VERDICT, "--api", dialect.api, "--url", simulator.address.removesuffix("/v1") + dialect.base,
             "--model", model, "--requests", "3", "--input-tokens", "60", "--output-tokens", "5", "--name", "line"]
    if key:
        refused = project.call(*words, "--no-files", key=None)
        assert refused.returncode == 3
        assert f"401: the endpoint refuses the key 'none': {key} is not set" in refused.stdout, refused.stdout
        project.write(".env", f"{key}=demo-key\n")
    done = project.call(*words, key=None)
    assert done.returncode == 0, done.stdout + done.stderr
    responses, = Run(project.folder / "results/line", project.folder / "results", done).responses
    assert [r["server_number_output_tokens"] for r in responses] == [5] * 3
    truth = [json.loads(line) for line in simulator.truth.open()][-3:]  # TGI's way to count needs responses too
    assert [(t["model"], t["completion_tokens"]) for t in truth] == [(model, 5)] * 3


class Failing:
    """Fails the first request of each of `prompts`, as the dialect says that, then none."""

    def __init__(self, dialect, status, prompts):
        self.refused = plain(status, json.dumps(dialect.refusal).encode()).replace(b"\r\n", b"\r\nRetry-After: 0\r\n", 1)
        self.good, self.prompts, self.seen = good(dialect), prompts, []

    def __call__(self, request, connection):
        again = request["raw"] in self.seen
        self.seen.append(request["raw"])
        return self.good if again or len(set(self.seen)) not in self.prompts else self.refused


@every
@pytest.mark.parametrize("status", [429, 502, 503])
def test_what_the_server_refuses_is_sent_again(endpoint, project, dialect, status):
    failing = Failing(dialect, status, prompts=(2, 4))
    server = endpoint(failing)
    done = run(project, dialect, server.address, rows=["m,10,3,4,1,,,"], config="retry: {attempts: 2, max_wait: 1}\n")
    (responses,), (summary,) = done.responses, done.summaries
    assert len(server.requests) == len(responses) == 6 and len(set(failing.seen)) == 4, "the same bytes, again"
    assert [(r["attempt"], r["error_code"]) for r in responses] == [
        (1, None), (1, status), (2, None), (1, None), (1, status), (2, None)]
    assert all("no such model" in r["error_msg"] for r in responses if r["error_code"])
    assert summary["results_num_retries"] == 2 and summary["results_num_completed_requests"] == 4


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@every
def test_a_killed_run_is_resumed(endpoint, project, dialect):
    """The second row starts over, the third is still to come, and the first is not sent again."""
    held = True

    def answer(request, connection):
        wait_for(lambda: not held or request["index"] < 6)
        return good(dialect)

    server = endpoint(answer)
    prepare(project, dialect, server.address, rows=[f"m,{tokens},3,4,1,,," for tokens in (10, 20, 30)],
            config="prompt: {count: content}\n")
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", key=None)
    journal = project.folder / "out/r/journal.jsonl"
    wait_for(lambda: len(server.requests) == 7 and journal.read_text().count('"request":{') == 6)
    process.kill()
    process.communicate(timeout=30)
    held = False
    done = project.call("run", "--resume", "out/r", key=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "resumed: 1 of 3 steps have ended; 1 of the others starts over" in done.stderr
    assert len(server.requests) == 7 + 8 and {r["line"].split()[1] for r in server.requests} == {dialect.path}
    whole = Run(project.folder / "out/r", project.folder / "books", done)
    assert [len([r for r in step if r["error_code"] is None]) for step in whole.responses] == [4, 4, 4]
    assert [s["step_attempt"] for s in whole.summaries] == [1, 2, 1] and whole.manifest["status"] == "done"


def test_the_simulator_lists_its_paths(simulate, demo_bundle, project):
    """Each llm_api that has a case here stands beside the path that its requests went to."""
    simulator = simulate(demo_bundle)
    simulator.close()
    said = [re.fullmatch(r"  POST (\S+) +llm_api: (.+)", line) for line in simulator.said.splitlines()[1:9]]
    paths = {api: line[1] for line in said for api in line[2].split(", ")}
    assert len(said) == 8 and {d.api: d.path for d in DIALECTS}.items() <= paths.items()
    allowed = re.search(r"--api (\S+)", project.call("bench", "--help", key=None).stdout)[1]
    assert set(paths) == set(allowed.split("|"))


def test_the_page_shows_what_one_dialect_took():
    """Each line of its diff stands in the file that it names."""
    root = pathlib.Path(__file__).parents[3]
    diff = re.search(r"```diff\n(.*?)```", (root / "docs/dialects.md").read_text(), re.S)[1].splitlines()
    lines = 0
    for line in diff:
        if line.startswith("+++ "):
            text = (root / line[4:]).read_text()
        else:
            assert line[1:].strip() in text, line
            lines += 1
    assert lines == 11


def test_litellm_is_openai_and_says_so(simulate, demo_bundle, project):
    simulator = simulate(demo_bundle)
    project.setup([f"{MODEL},50,4,2,1,,,"], CONFIG.replace("sncloud", "litellm"))
    project.write(".env", f"OPENAI_API_BASE={simulator.address}\nOPENAI_API_KEY=demo-key\n")
    done = project.call("plan", "config.yaml", key=None)
    assert "a LiteLLM proxy" in done.stderr + done.stdout and "dialect:  openai\n" in done.stdout
    responses, = project.run("--set", "prompt.count=content", key=None).responses
    assert [r["error_code"] for r in responses] == [None, None]


@pytest.mark.parametrize("host, wanted", [
    ("127.0.0.1:{port}", None), ("http://127.0.0.1:{port}", None), (":{port}", None),
    ("localhost", "http://localhost:11434"), ("https://h.example", "https://h.example"),
    ("[::1]", "http://[::1]:11434"), (None, "http://127.0.0.1:11434")])
def test_the_host_of_ollama(endpoint, project, host, wanted):
    """As Ollama's own clients read OLLAMA_HOST."""
    server = endpoint(lambda r, c: None)
    port = server.address.split(":")[2].removesuffix("/v1")
    project.setup(["m,10,3,1,1,,,"], CONFIG.replace("sncloud", "ollama"))
    project.write(".env", f"OLLAMA_HOST={host.format(port=port)}\n" if host else "")
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert f"endpoint: {wanted or 'http://127.0.0.1:' + port}, from" in done.stdout, done.stdout + done.stderr
