"""Servers whose streams hold no usage, that count wrongly, or that cut what does not fit."""

import json
import time

import pytest
from support.bench import CONFIG
from support.endpoint import content, event, finish, plain, stream

TEMPLATE = 20


def words_of(request):
    """The prompt's length in words, whichever endpoint it was sent to."""
    body = request["body"]
    return len((body["input"] if "input" in body else body["messages"][0]["content"]).split())


def path_of(request):
    return request["line"].split()[1]


def reply(**members):
    return plain(200, json.dumps(members).encode())


def is_chat(request):
    return path_of(request) == "/v1/chat/completions"


def no_usage():
    return stream(content("a"), event(choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]),
                  b"data: [DONE]\n\n")


class Counting:
    """A server that counts `template` + `per_word` a word, and nothing in its streams. What else it has
    is said by `counts`: path to (member, whether the template is counted)."""

    def __init__(self, template=TEMPLATE, per_word=1, counts=None, usage=False, context=10 ** 9):
        self.template, self.per_word, self.context = template, per_word, context
        self.counts, self.usage = counts or {}, usage

    def count(self, words, template=True):
        return min(round(self.per_word * words) + (self.template if template else 1), self.context)

    def __call__(self, request, connection):
        path, words = path_of(request), words_of(request)
        if path in self.counts:
            member, template = self.counts[path]
            return reply(**{member: self.count(words, template)})
        if not is_chat(request):
            return plain(404, b'{"detail":"Not Found"}')
        if request["body"]["stream"]:
            return stream(content("a"), finish(prompt_tokens=self.count(words), completion_tokens=1)) \
                if self.usage else no_usage()
        assert "stream_options" not in request["body"]
        return reply(id="x", choices=[{"message": {"content": "a"}, "finish_reason": "length"}],
                     usage={"prompt_tokens": self.count(words), "completion_tokens": 1,
                            "total_tokens": self.count(words) + 1})


EXTRAS = {"/extras/tokenize/count": ("count", False)}


def calibrate(project, server, *options, expect=0):
    done = project.call("calibrate", "config.yaml", *options, address=server.address)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def table(done):
    return [(line[:40].strip(), *line[40:].split(None, 2)) for line in done.stdout.splitlines()[1:]]


def known(project):
    found = list(project.folder.glob("**/.calibration.json"))
    return {one["model"]: (round(one["overhead_tokens"]), round(one["tokens_per_word"], 2))
            for path in found for one in json.loads(path.read_text())["calibrations"]}


def flags_of(run):
    heading, rows = run.table()
    return [row[heading.index("flags")] if "flags" in heading else None for row in rows]


# --- No usage in the streams ----------------------------------------------------------------------


@pytest.mark.parametrize("per_word", [1, 1.5])
def test_such_a_server_is_asked_once_per_model_without_streaming(endpoint, project, per_word):
    project.setup(["a,1000,1,3,1,,,", "b,600,1,3,1,,,"])
    server = endpoint(Counting(per_word=per_word, counts=EXTRAS))
    done = calibrate(project, server)
    for name, line in zip("ab", table(done)):
        assert line[0] == name and abs(float(line[1]) - TEMPLATE) <= 1
        assert float(line[2]) == pytest.approx(per_word, abs=0.001)
        assert line[3] == "/extras/tokenize/count and one response"
    assert all(len([r for r in server.requests if r["body"]["model"] == name and is_chat(r)]) == 2
               for name in "ab"), "a stream without usage, and one without streaming"
    whole = [r for r in server.requests if is_chat(r) and not r["body"]["stream"]]
    assert [r["body"]["model"] for r in whole] == ["a", "b"]
    before = len(server.requests)
    run = project.run(address=server.address)
    sent = [words_of(r) for r in server.requests[before:]]
    wanted = [round((asked - TEMPLATE) / per_word) for asked in (1000, 600) for _ in range(3)]
    assert all(abs(a - b) <= 1 for a, b in zip(sent, wanted)), (sent, wanted)
    assert [s["num_prompts_unconfirmed"] for s in run.summaries] == [0, 0]
    assert flags_of(run) == [None, None]


def test_without_any_counting_endpoint_a_word_is_taken_for_a_token(endpoint, project):
    project.setup(["a,1000,1,3,1,,,"])
    server = endpoint(Counting())
    done = calibrate(project, server)
    assert done.stdout.splitlines()[1].split() == ["a", "20", "1", "(assumed)", "one", "response"]
    assert len([r for r in server.requests if is_chat(r) and not r["body"]["stream"]]) == 1
    before = len(server.requests)
    project.run(address=server.address)
    assert [words_of(r) for r in server.requests[before:]] == [980] * 3


def test_a_length_that_nobody_confirmed_is_flagged(endpoint, project):
    project.setup(["a,1000,1,3,1,,,"])
    server = endpoint(Counting())
    run = project.run(address=server.address)
    assert run.summaries[0]["num_prompts_unconfirmed"] == 3
    sentence = "the lengths of 3 prompts are not confirmed: no response counts them, and calibrate has not"
    assert flags_of(run) == [sentence]
    assert f"row 1: {sentence}" in run.process.stdout
    calibrate(project, server)
    assert flags_of(project.run(address=server.address)) == [None]


def test_a_streamed_count_needs_no_more(endpoint, project):
    project.setup(["a,1000,1,3,1,,,"])
    server = endpoint(Counting(usage=True, counts=EXTRAS))
    assert table(calibrate(project, server))[0][1:] == ("20", "1.000", "its responses")
    assert [(path_of(r), r["body"].get("stream")) for r in server.requests if is_chat(r)] == \
        [("/v1/chat/completions", True)] * 2
    assert not [r for r in server.requests if "extras" in path_of(r)]


# --- In which order, and what is left loaded --------------------------------------------------------


def test_the_runs_first_model_is_counted_first_and_another_last(endpoint, project):
    project.setup(["a,100,1,3,1,,,", "b,100,1,3,1,,,", "c,100,1,3,1,,,"])
    server = endpoint(Counting(usage=True))
    for order in "as-listed", "reverse":
        before = len(server.requests)
        done = calibrate(project, server, "--order", order)
        models = [r["body"]["model"] for r in server.requests[before:] if is_chat(r)]
        visited = "abc" if order == "as-listed" else "cab"
        assert models == [name for name in visited for _ in range(2)]
        assert done.stderr == ""


def test_with_one_model_the_runs_first_visit_is_marked(endpoint, project):
    project.setup(["a,100,1,4,1,,,", "a,200,1,4,1,,,"])
    server = endpoint(Counting(usage=True))
    done = calibrate(project, server)
    assert done.stderr == ("note: counting may have loaded 'a', which the run visits first: that visit "
                           "may find it loaded (predecessor_unknown)\n")
    run = project.run(address=server.address)
    heading, rows = run.table()
    marked = ["predecessor_unknown" in (row[heading.index("switch_flags")] or "") for row in rows]
    assert marked == [True, False]


def test_that_counting_may_load_a_model_is_said(endpoint, project):
    project.setup(["a,100,1,4,1,,,"])
    server = endpoint(Counting())
    assert "Counting may load a model" in project.call("calibrate", "--help").stdout
    done = project.call("plan", "config.yaml", address=server.address)
    assert "elsewhere 'coebench calibrate' does, and may load a model" in done.stdout


def test_counting_may_take_as_long_as_a_load(endpoint, project):
    counts = Counting(counts={"/v1/messages/count_tokens": ("input_tokens", True)})

    def slow(request, connection):
        time.sleep(1)
        return counts(request, connection)

    project.setup(["a,100,1,4,1,,,"])
    done = calibrate(project, endpoint(slow), "--set", "connection.connect_timeout=0.2")
    assert table(done) == [("a", "20", "1.000", "/messages/count_tokens")]


# --- Counts that are not believed -------------------------------------------------------------------


ALWAYS = {"/v1/messages/count_tokens": ("input_tokens", True)}


@pytest.mark.parametrize("wrong, why", [
    (Counting(template=0, per_word=8.1), "8.1 tokens a word, which is implausible (0.25 to 8)"),
    (Counting(template=0, per_word=0.2), "0.2"),
    (Counting(template=10001), "10001 tokens for the template, which is implausible (0 to 10000)"),
    (Counting(template=-5), "-5 tokens for the template, which is implausible (0 to 10000)"),
    (Counting(template=0, per_word=0, context=7), ""),
])
def test_what_is_not_believed_is_neither_used_nor_kept(endpoint, project, wrong, why):
    right = Counting(usage=True)

    def serve(request, connection):
        if path_of(request) in ALWAYS:
            return reply(input_tokens=max(1, wrong.count(words_of(request))))
        return right(request, connection)

    project.setup(["a,1000,1,3,1,,,"])
    server = endpoint(serve)
    done = calibrate(project, server)
    assert done.stderr.startswith("note: a: /messages/count_tokens is not used: ")
    assert why in done.stderr
    assert table(done) == [("a", "20", "1.000", "its responses")]
    assert known(project) == {"a": (20, 1)}


@pytest.mark.parametrize("template, per_word", [(0, 1), (10000, 1), (50, 8), (30, 0.5)])
def test_what_can_be_is_believed(endpoint, project, template, per_word):
    project.setup(["a,100000,1,3,1,,,"])
    server = endpoint(Counting(template=template, per_word=per_word, counts=ALWAYS))
    ((_, overhead, word, by),) = table(calibrate(project, server))
    assert by == "/messages/count_tokens"
    assert abs(float(overhead) - template) <= 2 and abs(float(word) - per_word) < 0.01


def test_wrong_counts_everywhere_teach_nothing(endpoint, project):
    project.setup(["a,1000,1,3,1,,,"])
    server = endpoint(Counting(template=0, per_word=20, usage=True, counts=ALWAYS))
    done = calibrate(project, server, expect=3)
    assert "not counted: it counted 20 tokens a word, which is implausible (0.25 to 8)" in done.stdout
    assert known(project) == {}


# --- Prompts that are cut ---------------------------------------------------------------------------


CUT = "the server counted 512 of every prompt: it cuts them to its context; 700 cannot be measured"


def test_prompts_that_a_row_finds_cut_are_told_and_nothing_is_kept(endpoint, project):
    project.setup(["a,700,1,6,1,,,", "a,300,1,6,1,,,"])
    server = endpoint(Counting(usage=True, context=512))
    run = project.run(address=server.address)
    assert CUT in flags_of(run)[0] and "cannot be measured" not in (flags_of(run)[1] or "")
    assert "row 1: " in run.process.stdout and CUT in run.process.stdout
    assert [s["num_prompts_cut"] for s in run.summaries] == [6, 0]
    assert [s["prompts_cut_to_tokens"] for s in run.summaries] == [512, None]
    assert known(project) == {"a": (20, 1)}, "what the second row taught"
    assert {words_of(r) for r in server.requests[:6]} == {700}


def test_a_template_that_was_known_outlives_a_row_that_is_cut(endpoint, project):
    project.setup(["a,300,1,6,1,,,"])
    server = endpoint(Counting(usage=True, context=512))
    project.run(address=server.address)
    project.setup(["a,700,1,6,2,,,"])
    assert CUT in flags_of(project.run(address=server.address))[0]
    assert known(project) == {"a": (20, 1)}


def test_a_template_of_its_own_makes_no_difference(endpoint, project):
    """Its first prompt is cut too, and counts more than its words."""
    project.setup(["a,700,1,6,1,,,"])
    server = endpoint(Counting(usage=True, template=200))
    project.run(address=server.address)
    assert known(project) == {"a": (200, 1)}
    cut = endpoint(Counting(usage=True, template=200, context=512))
    path, = project.folder.glob("**/.calibration.json")
    path.write_text(path.read_text().replace(server.address, cut.address))
    kept = path.read_text()
    assert CUT in flags_of(project.run(address=cut.address))[0]
    assert path.read_text() == kept


def test_calibrate_tells_prompts_that_are_cut(endpoint, project):
    project.setup(["a,700,1,3,1,,,"])
    done = calibrate(project, endpoint(Counting(usage=True, context=10)), expect=3)
    assert "not counted: the server counted 10 of every prompt: it cuts them to its context; 700 " \
        "cannot be measured" in done.stdout
    done = calibrate(project, endpoint(Counting(usage=True, context=512)), expect=3)
    assert "not counted: the counts do not follow the words: 284 of 264 words, 512 of 512; the " \
        "server may cut prompts to its context" in done.stdout
    assert known(project) == {}


# --- One model by two names -------------------------------------------------------------------------


def test_a_name_and_its_latest_are_calibrated_once_and_known_by_both(endpoint, project):
    project.setup(["x,100,1,3,1,,,", "x:latest,100,1,3,1,,,", "y,100,1,3,1,,,"])
    server = endpoint(Counting(usage=True), models=[{"id": "x:latest"}, {"id": "y"}])
    done = calibrate(project, server)
    assert [line[0] for line in table(done)] == ["x", "y"]
    assert known(project) == dict.fromkeys(("x", "x:latest", "y"), (20, 1))
    done = project.call("plan", "config.yaml", address=server.address)
    assert "does not list" not in done.stderr
    assert "rows.csv:3: model_name: by the endpoint's list 'x:latest' and the 'x' of line 2 are one " \
        "model; between them there is no switch" in done.stderr


@pytest.mark.parametrize("models, same", [(["x:latest"], True), (["x", "x:latest"], False), ([], False)])
def test_what_was_learned_by_one_name_serves_the_other_where_the_list_says_so(endpoint, project, models,
                                                                              same):
    server = endpoint(Counting(usage=True), models=[{"id": name} for name in models])
    project.setup(["x:latest,100,1,3,1,,,"])
    calibrate(project, server)
    project.setup(["x,100,1,3,1,,,"])
    run = project.run(address=server.address)
    first = min(run.responses[0], key=lambda r: r["request_index"])
    assert first["server_number_input_tokens"] == (100 if same else 120)


# --- Responses that reach the context ---------------------------------------------------------------


def cut_at(context, list_context=True, **listed):
    """Ends each response where prompt and response reach the context, as servers do."""
    def serve(request, connection):
        if not is_chat(request):
            return plain(404, b'{"detail":"Not Found"}')
        prompt = words_of(request)
        output = min(request["body"]["max_tokens"], context - prompt)
        return stream(*(content("a") for _ in range(output)),
                      event(choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]),
                      finish(prompt_tokens=prompt, completion_tokens=output))
    return serve


@pytest.mark.parametrize("member", [{"max_model_len": 256}, {"meta": {"n_ctx": 256}}, {}])
def test_responses_that_reach_the_context_are_told(endpoint, project, member):
    project.setup(["m,200,100,3,1,,,", "m,200,10,3,1,,,"])
    run = project.run(address=endpoint(cut_at(256), models=[{"id": "m"} | member]).address)
    cut = bool(member)
    sentence = "3 responses were cut: prompt and response reach the context of 256"
    assert [sentence in (flags or "") for flags in flags_of(run)] == [cut, False]
    assert (sentence in run.process.stdout) == cut
    assert [s["num_responses_cut"] for s in run.summaries] == [3 * cut, 0]
    assert [s["context_tokens"] for s in run.summaries] == [256 if cut else None, None]


def test_a_response_that_ends_elsewhere_is_not_called_cut_by_the_context(endpoint, project):
    project.setup(["m,200,100,3,1,,,"])
    run = project.run(address=endpoint(cut_at(256), models=[{"id": "m", "context_length": 4096}]).address)
    assert run.summaries[0]["num_responses_cut"] == 0
    assert "reach the context" not in flags_of(run)[0]


def test_the_bundle_file_tells_the_context_where_the_list_does_not(endpoint, project):
    project.write("bundle.yaml", "node: {hbm_gb: 100}\nexperts:\n  - name: m\n    weight_gb: 10\n"
                                 "    tiers: [{tokens: 128, batch_sizes: [1]}, "
                                 "{tokens: 256, batch_sizes: [1]}]\n")
    project.setup(["m,200,100,3,1,,,"], CONFIG + "bundle: bundle.yaml\n")
    run = project.run(address=endpoint(cut_at(256)).address)
    assert "prompt and response reach the context of 256" in flags_of(run)[0]
