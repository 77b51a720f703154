"""Where counting is known to load no model, a run counts before its first row; elsewhere it sends nothing."""

import json

import pytest
from support.bench import CONFIG
from support.endpoint import content, finish, plain, stream

TEMPLATE = 20
BUNDLE = """
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000}
experts:
  - {name: a, weight_gb: 80, template_tokens: 11, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 5000, tiers: [{tokens: 4096, batch_sizes: [1, 2]}]}
  - {name: b, weight_gb: 70, template_tokens: 50, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 5000, tiers: [{tokens: 4096, batch_sizes: [1, 2]}]}
"""


def words_of(request):
    return len(request["body"]["messages"][0]["content"].split())


def is_chat(request):
    return request["line"].split()[1].endswith("/chat/completions")


class Server:
    """Counts TEMPLATE tokens more than words; `counts` without responding, too. Where its list says how
    models stand, whatever is asked of a model loads it."""

    def __init__(self, counts=True, template=TEMPLATE, list_of=None):
        self.counts, self.template, self.list_of = counts, template, list_of

    def __call__(self, request, connection):
        tokens = words_of(request) + self.template
        if self.list_of:
            self.list_of(request["body"]["model"])
        if is_chat(request):
            return stream(content("a"), content("b"), finish(prompt_tokens=tokens, completion_tokens=2))
        if self.counts and request["line"].split()[1].endswith("/messages/count_tokens"):
            return plain(200, json.dumps({"input_tokens": tokens}).encode())
        return plain(404, b'{"detail":"Not Found"}')


def sent_before_the_rows(server, rows):
    """What was sent before the requests of the rows: [(model, whether it is a request to the model)]."""
    return [(r["body"]["model"], is_chat(r)) for r in server.requests[:-rows]]


def kept(project):
    (path,) = project.folder.glob("**/.calibration.json")
    return json.loads(path.read_text())["calibrations"]


def test_the_simulator_is_asked_and_no_model_touched(project, simulate):
    project.write("bundle.yaml", BUNDLE)
    project.setup(["a,300,2,3,1,,,", "b,300,2,3,1,,,", "a,100,2,2,2,,,"])
    simulator = simulate(project.folder / "bundle.yaml")
    run = project.run(address=simulator.address)
    assert [[r["server_number_input_tokens"] - r["asked_input_tokens"] for r in responses]
            for responses in run.responses] == [[0] * 3, [0] * 3, [0] * 2], "from the first request on"
    assert simulator.truth.read_text().count("\n") == 8
    assert "calibrated before the first row: 2 models, counted by /messages/count_tokens" in run.process.stderr
    assert run.manifest["counted"] == {"models": 2, "by": "/messages/count_tokens", "requests": False}
    again = project.run(address=simulator.address)
    assert "calibrated" not in again.process.stderr and "counted" not in again.manifest, "it is known"
    assert "counted" not in project.call("compare", str(run.folder), str(again.folder)).stdout, "no difference"


@pytest.mark.parametrize("counts, config, before", [
    (True, "", [("m", False)] * 2),
    (False, "", [("m", False)] * 2 + [("m", True)] * 2),
    (True, "order: shuffle\n", [("m", False)] * 2),
    (False, "order: shuffle\n", [("m", False)] * 2),
    (False, "probe: {steady: 1}\n", [("m", False)] * 2),
])
def test_a_server_of_one_model(project, endpoint, counts, config, before):
    """A study's first visit may have to load it, so no request goes to the model before."""
    project.setup(["m,200,2,2,1,,,"], CONFIG + config)
    server = endpoint(Server(counts), models=[{"id": "m"}])
    run = project.run(address=server.address)
    load = 4 if "probe" in config else 2
    assert sent_before_the_rows(server, load) == before
    known = counts or ("m", True) in before
    assert words_of(server.requests[-load]) == (200 - TEMPLATE if known else 200)
    assert ("calibrated before the first row: 1 model" in run.process.stderr) == known
    if known:
        assert run.manifest["counted"]["requests"] == (("m", True) in before)


@pytest.mark.parametrize("listed", [
    [{"id": "m"}, {"id": "n"}],
    [],
    [{"id": "other"}],
    [{"id": "m", "status": "unloaded"}],
    [{"id": "m", "status": {"value": "unloaded"}}, {"id": "n", "status": {"value": "loaded"}}],
])
def test_elsewhere_nothing_is_sent_and_a_line_says_what_calibrate_brings(project, endpoint, listed):
    project.setup(["m,200,2,2,1,,,"])
    server = endpoint(Server(), models=listed)
    run = project.run(address=server.address)
    assert sent_before_the_rows(server, 2) == [] and "counted" not in run.manifest
    assert words_of(server.requests[0]) == 200
    (line,) = [line for line in run.process.stderr.splitlines() if "calibrate" in line]
    assert line == ("how 'm' counts tokens is not known: first prompts may miss their length; "
                    "'coebench calibrate config.yaml' learns it before a run, but may load models")
    assert "calibrate" not in project.run(address=server.address).process.stderr, "it is known now"


def test_the_user_may_say_that_counting_is_free(project, endpoint):
    project.setup(["m,200,2,2,1,,,", "n,200,2,2,1,,,"], CONFIG + "prompt: {count_free: true}\norder: all-pairs\n")
    server = endpoint(Server(), models=[{"id": "m"}, {"id": "n"}])
    project.run(address=server.address)
    assert sent_before_the_rows(server, 6) == [("m", False)] * 2 + [("n", False)] * 2 or \
        sent_before_the_rows(server, 6) == [("n", False)] * 2 + [("m", False)] * 2
    assert {words_of(r) for r in server.requests[-6:]} == {200 - TEMPLATE}


def test_but_that_is_no_leave_to_ask_models(project, endpoint):
    project.setup(["m,200,2,2,1,,,", "n,200,2,2,1,,,"], CONFIG + "prompt: {count_free: true}\n")
    server = endpoint(Server(counts=False), models=[{"id": "m"}, {"id": "n"}])
    run = project.run(address=server.address)
    assert sent_before_the_rows(server, 4) == [("m", False)] * 2 + [("n", False)] * 2, "two paths' 404s"
    assert "how 'm' and 1 more counts tokens is not known" in run.process.stderr


@pytest.mark.parametrize("loads", [False, True])
def test_a_model_that_is_loaded_is_counted_as_long_as_nothing_new_is(project, endpoint, loads):
    """The list says how models stand, before and after. Counting `a` loads `c`, where it loads."""
    project.setup(["a,200,2,2,1,,,", "b,200,2,2,1,,,", "c,200,2,2,1,,,"])
    status = {"a": "loaded", "b": "loaded", "c": "unloaded"}
    server = endpoint(Server(list_of=lambda model: loads and status.update(c="loaded") or relist()))

    def relist():
        server.models = json.dumps({"data": [{"id": k, "status": {"value": v}} for k, v in status.items()]}).encode()

    relist()
    run = project.run(address=server.address)
    counted = ["a"] if loads else ["a", "b"]
    assert sent_before_the_rows(server, 6) == [(model, False) for model in counted for _ in range(2)]
    assert ("'c' was loaded while prompts were counted; no more are counted" in run.process.stderr) == loads
    assert run.manifest["counted"]["models"] == len(counted)


def becomes(server, answer, models):
    """Another bundle takes the first one's place, at its address."""
    server.answer, server.models = answer, json.dumps({"data": models}).encode()
    server.requests.clear()


def test_another_bundle_at_the_same_address_does_not_inherit(project, endpoint):
    project.setup(["m,200,2,2,1,,,"])
    one = [{"id": "m", "max_model_len": 4096}]
    server = endpoint(Server(template=20), models=one)
    project.run(address=server.address)
    assert words_of(server.requests[-1]) == 180
    becomes(server, Server(template=50), [{"id": "m", "max_model_len": 8192}, {"id": "n"}])
    project.run(address=server.address)
    assert words_of(server.requests[0]) == 200, "nothing is known of this one"
    known = {one["endpoint_says"]: round(one["overhead_tokens"]) for one in kept(project)}
    assert sorted(known.values()) == [20, 50]
    assert sorted(says.split(",")[0] for says in known) == ["1 model", "2 models"]
    becomes(server, Server(template=20, counts=False), one)
    project.run(address=server.address)
    assert [words_of(r) for r in server.requests] == [180, 180], "the first is known again"


def test_what_another_bundle_counted_is_no_fault_of_this_ones_rows(project, endpoint):
    project.setup(["m,200,2,2,1,,,"])
    server = endpoint(Server(template=90), models=[{"id": "m"}])
    project.run(address=server.address)
    project.setup(["m,80,2,2,1,,,"])
    assert project.call("run", "config.yaml", address=server.address).returncode == 2, "80 is within its template"
    becomes(server, Server(template=10), [{"id": "m"}, {"id": "n"}])
    project.run(address=server.address)
    assert words_of(server.requests[0]) == 80
    assert project.call("plan", "config.yaml", address=server.address).returncode == 0
