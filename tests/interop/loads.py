"""What a server itself says of its loads and of its responses, whoever asked for them. Moments are the monotonic
clock's, in nanoseconds, as in a run's journal."""

import dataclasses
import datetime
import http.client
import json
import re
import threading
import time
import urllib.request


@dataclasses.dataclass(frozen=True)
class Load:
    model: str
    begin_ns: int
    end_ns: int

    @property
    def seconds(self):
        return (self.end_ns - self.begin_ns) / 1e9


@dataclasses.dataclass(frozen=True)
class Timing:
    """One response: the tokens of its whole prompt, what the prompt took, and from the first token to the last; or all
    that it took, a load included. None: the server does not tell."""
    prompt_tokens: int
    tokens: int = 0
    prompt_s: float = None
    rest_s: float = None
    whole_s: float = None

    @property
    def gap_s(self):
        return self.rest_s / (self.tokens - 1) if self.tokens > 1 else None


class EventLoads(threading.Thread):
    """Follows the events of llama-server as a router: a load goes from `loading` to `loaded`. They stand in LOG, too."""

    def __init__(self, host, port, log):
        super().__init__(daemon=True)
        self.loads, self.begun, self.log = [], {}, log
        self.connection = http.client.HTTPConnection(host, port)
        self.connection.request("GET", "/models/sse")
        self.events = self.connection.getresponse()
        self.start()

    def run(self):
        for line in self.events:
            now = time.monotonic_ns()
            if line.startswith(b"data:"):
                self.take(json.loads(line[5:]), now)

    def take(self, event, now):
        model, data = event["model"], event.get("data") or {}
        if data.get("status") == "loading":
            self.begun.setdefault(model, now)
        elif data.get("status") == "loaded" and model in self.begun:
            self.loads.append(Load(model, self.begun.pop(model), now))
            self.log.write_text("".join(json.dumps(dataclasses.asdict(load)) + "\n" for load in self.loads))
        elif data.get("status") == "unloaded":
            self.begun.pop(model, None)


def lines_of(log):
    """The whole lines of a log of JSON objects."""
    text = log.read_text() if log.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def written_loads(log):
    """The loads in the log of python_server.py."""
    return [Load(**line) for line in lines_of(log) if "model" in line]


def written_timings(log):
    """The responses in the log of python_server.py."""
    return [Timing(**line) for line in lines_of(log) if "prompt_tokens" in line]


PROMPT = re.compile(r"new prompt, .*task\.n_tokens = (\d+)")
PREFILL = re.compile(r"prompt eval time =\s+([\d.]+) ms")
REST = re.compile(r"\|\s+eval time =\s+([\d.]+) ms /\s+(\d+) tokens")


def printed_timings(log):
    """The responses in the log that llama-server prints (-lv 4). One request at a time: their lines are in order."""
    text = log.read_text(errors="replace")
    prompts, prefills, rests = PROMPT.findall(text), PREFILL.findall(text), REST.findall(text)
    return [Timing(int(prompt), int(tokens), float(prefill) / 1e3, float(rest) / 1e3)
            for prompt, prefill, (rest, tokens) in zip(prompts, prefills, rests)]


# Ollama's own log, with OLLAMA_DEBUG=1: a runner is started for a model, and is ready; a prompt of so many tokens comes to
# it; the web server that Ollama is built on prints how long the whole response took.
RUNNER = re.compile(r"time=(\S+) .*msg=\"(?:starting runner\" cmd=.*--model \S*sha256-([0-9a-f]{64})"
                    r"|llama runner started in ([\d.]+) seconds)")
CACHED = re.compile(r"loading cache slot.* prompt=(\d+)")
RESPONSE = re.compile(r"\[GIN\].*\| 200 \| +(\S+) \|.*POST +\"(?:/v1/chat/completions|/api/chat)\"")
PART = re.compile(r"([\d.]+)(h|ms|m|s|µs|ns)")
SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


def ollama_loads(log, models):
    """The loads in Ollama's log, whose moments are the wall clock's. MODELS: their names by the SHA-256 of their files."""
    later_ns = time.time_ns() - time.monotonic_ns()
    found, model = [], None
    for moment, blob, seconds in RUNNER.findall(log.read_text(errors="replace")):
        if blob:
            model = models[blob]
        elif model:
            end = int(datetime.datetime.fromisoformat(moment).timestamp() * 1e9) - later_ns
            found.append(Load(model, end - int(float(seconds) * 1e9), end))
            model = None  # whoever waits for the runner writes the line once more
    return found


def ollama_timings(log):
    """The responses in Ollama's log. One request at a time: their lines are in order."""
    text = log.read_text(errors="replace")
    return [Timing(int(prompt), whole_s=sum(float(count) * SECONDS[unit] for count, unit in PART.findall(whole)))
            for prompt, whole in zip(CACHED.findall(text), RESPONSE.findall(text))]


class Residents(threading.Thread):
    """Asks Ollama ten times a second which models are resident; keeps each change."""

    def __init__(self, host, port):
        super().__init__(daemon=True)
        self.address, self.changes, self.ended = f"http://{host}:{port}/api/ps", [], threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.1):
            with urllib.request.urlopen(self.address, timeout=30) as response:
                names = sorted(model["name"] for model in json.load(response)["models"])
            if names and (not self.changes or self.changes[-1] != names):
                self.changes.append(names)


def histogram(text, name):
    """Sum and count of a histogram of Prometheus, over all its labels."""
    def total(kind):
        return sum(float(value) for value in re.findall(rf"^{name}_{kind}(?:{{.*}})? (\S+)$", text, re.MULTILINE))
    return total("sum"), total("count")
