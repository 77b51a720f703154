"""The servers that are tested: how each is started, on a port that the kernel picks, and ended, by its process id."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

import checks
import loads
from trouble import Trouble, last_word

HOST = "127.0.0.1"
CONTEXT = 4096
BUILT_FOR = ("avx2", "avx_vnni")
STUDY = ("--set", "probe.steady=6")
PLAIN = ("run", "--set", "probe.steady=12")  # one pass: more of what does not wait tells how it varies
STUDIES = (PLAIN, ("pairs", "--order", "all-pairs", "--passes", "2", *STUDY),
           ("stays", "--order", "residency", "--passes", "3", *STUDY))


HERE = pathlib.Path(__file__).resolve().parent
SPOKEN = (("openai", "/v1/chat/completions"), ("openai-completions", "/v1/completions"),
          ("openai-responses", "/v1/responses"), ("anthropic", "/v1/messages"))


class Server:
    """A process that says on which port it listens. NAME stands in the table; CAPACITY is how many models stay (None:
    no design can tell); INPUTS are the prompt lengths that it is asked for; KEY is what it is asked with, API the llm_api;
    RUNS are names and options of what is run."""

    name, capacity, inputs, listening = "", None, "120", r"listening on http://127\.0\.0\.1:(\d+)"
    start_s, key, api, runs = 120, "interop", "openai", STUDIES
    needs = ()  # what its binaries were built for, as /proc/cpuinfo names it: they end by SIGILL without

    def __init__(self, installed, folder):
        self.installed, self.folder = installed, folder
        self.log = folder / "server.log"
        self.process = None
        self.port = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {"LD_LIBRARY_PATH": str(self.installed.binaries)}

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([str(part) for part in self.command()], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **self.environment()})
        self.port = self.wait()
        return self

    def wait(self):
        """The port, once the server listens."""
        end = time.monotonic() + self.start_s
        while time.monotonic() < end and self.process.poll() is None:
            said = re.search(self.listening, self.log.read_text(errors="replace"))
            if said:
                return int(said[1]) if said.groups() else None
            time.sleep(0.05)
        text = self.log.read_text(errors="replace")
        self.stop()
        raise Trouble(f"{self.name} did not start: {last_word(text)}")

    def stop(self):
        """Ends the server, and what it started."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    @property
    def address(self):
        return f"http://{HOST}:{self.port}/v1"

    def listed(self):
        with urllib.request.urlopen(f"{self.address}/models", timeout=30) as response:
            return json.load(response)["data"]

    def loads(self):
        """The loads so far, by the server's own log."""
        return []

    def timings(self):
        """The responses so far, by the server's own log."""
        return loads.printed_timings(self.log)

    def averages(self):
        """Sums and counts so far, by the server's own histograms: TTFT, and gaps. None: it has none."""
        return None

    def found(self, evidence):
        """How its loads were found."""
        return checks.found(evidence)

    def further(self, evidence):
        """Checks of this server alone."""
        return []

    def prepare(self):
        """Before each run."""


class LlamaServer(Server):
    """llama-server, on one thread: two would wait for each other, and for the client, where cores are few."""

    needs = BUILT_FOR

    def options(self):
        return (self.installed.binaries / "llama-server", "--host", HOST, "--port", "0", "--no-ui", "-c", CONTEXT, "-np", "1",
                "-t", "1", "--load-mode", "none", "-lv", "4")


class Single(LlamaServer):
    """One model, asked directly: its rows differ in length only, and it is never loaded again."""

    name, inputs = "llama-server, one model", "80,120,160"

    def command(self):
        return (*self.options(), "-m", self.installed.models / "m-b.gguf", "--alias", "m-b")


class Router(LlamaServer):
    """Three models, of which `capacity` stay."""

    def __init__(self, installed, folder, capacity):
        super().__init__(installed, folder)
        self.capacity = capacity
        self.name = f"llama-server router, {capacity} of 3 stay"
        self.events = None

    def command(self):
        return (*self.options(), "--models-dir", self.installed.models, "--models-max", self.capacity)

    def start(self):
        super().start()
        self.events = loads.EventLoads(HOST, self.port, self.folder / "loads.jsonl")
        return self

    def loads(self):
        return list(self.events.loads)

    def prepare(self):
        """Where all models stay, calibrating has loaded them all: they are unloaded. The router says yes at once, and
        would send requests to a model that is about to end."""
        if self.capacity < len(self.listed()):
            return
        for model in self.listed():
            self.post("/models/unload", {"model": model["id"]})
        end = time.monotonic() + 30
        while any(model["status"]["value"] != "unloaded" for model in self.listed()):
            if time.monotonic() > end:
                raise Trouble(f"{self.name} did not unload its models within 30 s")
            time.sleep(0.05)

    def post(self, path, body):
        """Asks the server; an unloaded model cannot be unloaded, which is no fault."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            if error.code != 400:
                raise


class Emptied(Router):
    """All models would stay, but each row has all of them unloaded before: every visit pays. The router's own word stands
    beside."""

    runs = (("emptied", "--order", "all-pairs", "--passes", "4", "--set", "residency_source=auto", "--set",
             "before_step=unload_all", *STUDY),)

    def __init__(self, installed, folder):
        super().__init__(installed, folder, 3)
        self.name = "llama-server router, before_step: unload_all"

    def found(self, evidence):
        return checks.all_found(evidence)

    def further(self, evidence):
        return [checks.words(evidence), checks.told_load_times(evidence), checks.nothing_claimed(evidence)]


class PythonServer(Server):
    """llama-cpp-python's server of several models: one stays, and its streams say nothing of usage. It computes the
    whole output of every token of a prompt, so prompts are short."""

    name, capacity, inputs, listening = "llama-cpp-python", 1, "32", r"running on http://127\.0\.0\.1:(\d+)"
    needs = BUILT_FOR

    def __init__(self, installed, folder):
        super().__init__(installed, folder)
        self.written = folder / "events.jsonl"

    def environment(self):
        return {**super().environment(), "LLAMA_CPP_LIB_PATH": str(self.installed.binaries)}

    def command(self):
        config = self.folder / "config.json"
        models = [{"model": str(path), "model_alias": path.stem, "n_ctx": CONTEXT, "n_threads": 1,
                   "n_threads_batch": 1, "use_mmap": False, "verbose": False} for path in sorted(self.installed.models.glob("*.gguf"))]
        config.write_text(json.dumps({"host": HOST, "port": 0, "models": models}))
        return self.installed.python, loads.__file__.replace("loads.py", "python_server.py"), config, self.written

    def loads(self):
        return loads.written_loads(self.written)

    def timings(self):
        return loads.written_timings(self.written)


class Spoken(Server):
    """llama.cpp's server in one of the dialects that it has: one model, asked at that dialect's path alone."""

    inputs, runs = "80,120,160", (PLAIN,)

    def __init__(self, installed, folder, api, path):
        super().__init__(installed, folder)
        self.api, self.name = api, f"llama.cpp, POST {path}"

    def command(self):
        return self.installed.python, HERE / "module_server.py", self.installed.models / "m-b.gguf", "m-b", CONTEXT

    def further(self, evidence):
        return [checks.usage(evidence), checks.times(evidence, told=self.api != "anthropic")]


def lacks(server, processor=pathlib.Path("/proc/cpuinfo")):
    """What the server's binaries were built for and this processor has not."""
    flags = re.search(r"^flags\s*:(.*)$", processor.read_text(), re.M)
    return sorted(set(server.needs) - set(flags[1].split())) if flags else []


def small(installed, folder):
    """The servers of `make interop`, in the order of the table."""
    return [
        Router(installed, folder / "router-1", 1),
        Router(installed, folder / "router-2", 2),
        Router(installed, folder / "router-all", 3),
        Emptied(installed, folder / "router-emptied"),
        Single(installed, folder / "single"),
        PythonServer(installed, folder / "python"),
        *(Spoken(installed, folder / api, api, path) for api, path in SPOKEN),
    ]
