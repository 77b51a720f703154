"""What the simulated node says is loaded, and what it loads and unloads when it is told to, by the paths of llama.cpp's
router, llama-swap and Ollama: held against its ground truth."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from support.bench import KEY

# One of two fits. A load takes 0.3 s.
NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 100, switch_overhead_s: 0.1}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""
LOAD_S = 0.3


class Node:
    def __init__(self, simulator):
        self.simulator = simulator
        self.root = simulator.address.removesuffix("/v1")

    def ask(self, path, body=None, key=KEY):
        """Status and response; a POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def get(self, path):
        status, told = self.ask(path)
        assert status == 200, told
        return told

    def chat(self, model, tokens=4):
        status, told = self.ask("/v1/chat/completions", {
            "model": model, "messages": [{"role": "user", "content": "word " * 20}], "max_tokens": tokens})
        assert status == 200, told

    def states(self):
        return {one["id"]: one["status"]["value"] for one in self.get("/models")["data"]}

    def wait(self, model, state):
        deadline = time.monotonic() + 20
        while self.states()[model] != state:
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.01)

    def truth(self):
        self.simulator.close()
        return [json.loads(line) for line in self.simulator.truth.open()]


@pytest.fixture
def node(simulate, project):
    return Node(simulate(project.write("bundle.yaml", NODE)))


def test_lists_tell_what_requests_have_loaded(node):
    assert node.states() == {"a": "unloaded", "b": "unloaded"}
    assert node.get("/running") == {"running": []} and node.get("/api/ps") == {"models": []}
    for model, other in ("a", "b"), ("b", "a"):
        node.chat(model)
        assert node.states() == {model: "loaded", other: "unloaded"}
        assert node.get("/v1/models")["data"] == node.get("/models")["data"]
        assert node.get("/running") == {"running": [{"model": model, "state": "ready"}]}
        assert [one["name"] for one in node.get("/api/ps")["models"]] == [model]
    assert [one["hit"] for one in node.truth()] == [False, False]


UNLOADS = {"llama.cpp": ("/models/unload", {"model": "a"}), "llama-swap": ("/api/models/unload/a", {}),
           "llama-swap, all": ("/api/models/unload", {}), "Ollama": ("/api/generate", {"model": "a", "keep_alive": 0})}
LOADS = {"llama.cpp": ("/models/load", {"model": "a"}), "llama-swap": ("/upstream/a/health", None),
         "Ollama": ("/api/generate", {"model": "a"})}


@pytest.mark.parametrize("how", UNLOADS)
def test_what_is_unloaded_is_loaded_again(node, how):
    node.chat("a")
    node.chat("a")
    status, told = node.ask(*UNLOADS[how])
    assert status == 200, told
    assert node.states()["a"] == "unloaded"
    node.chat("a")
    truth = node.truth()
    assert [one["hit"] for one in truth] == [False, True, False]
    assert truth[2]["unloaded"] == [truth[0]["configuration"]]


@pytest.mark.parametrize("how", LOADS)
def test_what_is_loaded_ahead_needs_no_load(node, how):
    begin = time.monotonic()
    status, told = node.ask(*LOADS[how])
    assert status == 200, told
    node.wait("a", "loaded")
    assert time.monotonic() - begin >= LOAD_S - 0.01
    node.chat("a")
    (one,) = node.truth()
    assert one["hit"] and one["switch_s"] == 0


def test_a_request_waits_for_a_load_that_is_under_way(simulate, project):
    long_s = 3
    node = Node(simulate(project.write("bundle.yaml", NODE.replace("switch_overhead_s: 0.1", f"switch_overhead_s: {long_s - 0.2}"))))
    assert node.ask("/models/load", {"model": "a"})[0] == 200
    assert node.states()["a"] == "loading"
    assert node.get("/running") == {"running": [{"model": "a", "state": "starting"}]}
    assert node.get("/api/ps") == {"models": []}
    begin = time.monotonic()
    node.chat("b")  # the node loads one after another
    assert time.monotonic() - begin >= long_s
    (one,) = node.truth()
    assert not one["hit"] and one["queue_s"] > 0 and one["evicted"] == ["a-4k-BS1"]


def test_what_cannot_be_done_is_refused(node):
    for path, body, status, part in (
            ("/models/unload", {"model": "a"}, 400, "not loaded"),
            ("/models/unload", {"model": "none"}, 404, "no model 'none'"),
            ("/models/load", {}, 404, "no model"),
            ("/api/models/unload/none", {}, 404, "no model 'none'"),
            ("/api/generate", {"model": "none"}, 404, "none")):
        told = node.ask(path, body)
        assert told[0] == status and part in json.dumps(told[1]), told
    node.chat("a")
    status, told = node.ask("/models/load", {"model": "a"})
    assert status == 400 and "is loaded" in told["error"]["message"]
    for path in "/models", "/models/sse", "/running":
        assert node.ask(path, key="wrong")[0] == 401
    assert node.ask("/models/load", {"model": "b"}, key="wrong")[0] == 401
    assert node.states() == {"a": "loaded", "b": "unloaded"}


def test_what_runs_is_not_unloaded(simulate, project):
    slow = NODE.replace("decode_tokens_per_s: 2000", "decode_tokens_per_s: 10")
    node = Node(simulate(project.write("bundle.yaml", slow)))
    asked = threading.Thread(target=node.chat, args=("a", 30))
    asked.start()
    node.wait("a", "loaded")
    for path, body in UNLOADS.values():
        status, told = node.ask(path, body)
        assert status == 400 and "in use" in json.dumps(told)
    asked.join()
    assert node.ask("/models/unload", {"model": "a"})[0] == 200


class Events(threading.Thread):
    """Follows /models/sse: (model, status, moment) as they come."""

    def __init__(self, node):
        super().__init__(daemon=True)
        place = urllib.parse.urlsplit(node.root)
        self.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        self.connection.request("GET", "/models/sse", headers={"Authorization": f"Bearer {KEY}"})
        self.response = self.connection.getresponse()
        assert self.response.status == 200
        self.told = []
        self.start()

    def run(self):
        try:
            for line in self.response:
                now = time.monotonic_ns()
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    assert event["event"] == "model_status"
                    self.told.append((event["model"], event["data"]["status"], now))
        except (OSError, http.client.HTTPException):
            pass  # the node has ended

    def wait(self, count):
        deadline = time.monotonic() + 20
        while len(self.told) < count:
            assert time.monotonic() < deadline, self.told
            time.sleep(0.01)


def test_events_tell_each_load_at_its_moment(node):
    events, others = Events(node), Events(node)
    others.connection.sock.close()
    node.chat("a")
    node.chat("b")
    node.chat("b")
    node.ask("/models/unload", {"model": "b"})
    events.wait(6)
    assert sorted(one[:2] for one in events.told) == sorted([
        ("a", "loading"), ("a", "loaded"), ("a", "unloaded"), ("b", "loading"), ("b", "loaded"), ("b", "unloaded")])
    at = {one[:2]: one[2] for one in events.told}
    for one in node.truth()[:2]:
        model, begin = one["model"], one["batch_started_ns"]
        assert begin <= at[model, "loading"] < begin + 1e9 * LOAD_S
        assert begin + 1e9 * LOAD_S <= at[model, "loaded"] <= one["token_ns"][-1] + 1e9
