"""The servers of `make interop-large`, which take gigabytes, or minutes of building."""

import dataclasses
import hashlib
import json
import secrets
import shutil
import socket
import urllib.request

import checks
import loads
from install import HERE
from servers import CONTEXT, HOST, PLAIN, Router, Server
from trouble import helper


def free_port():
    """A port that the kernel picks, for servers that do not say which one they got."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def fetched(url, body=None):
    """What is there, or what is said to BODY."""
    request = urllib.request.Request(url, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return response.read().decode()


class Ollama(Server):
    """One model stays. Its log tells of its loads, of each prompt, and of each response as a whole; /api/ps tells what
    is resident; responses of its own protocol tell what their load took, those of OpenAI's do not. Built from its module
    alone it uses nothing that is newer than SSE2, and computes slowly, so prompts are short."""

    name, capacity, inputs, listening = "Ollama, 1 of 3 stays", 1, "20", r"Listening on 127\.0\.0\.1:(\d+)"

    def __init__(self, installed, folder):
        super().__init__(installed, folder)
        self.residents, self.models = None, sorted(installed.models.glob("*.gguf"))

    def environment(self):
        return {"OLLAMA_HOST": f"{HOST}:{self.port or 0}", "OLLAMA_MODELS": str(self.folder / "models"), "HOME": str(self.folder),
                "OLLAMA_MAX_LOADED_MODELS": "1", "OLLAMA_NUM_PARALLEL": "1", "OLLAMA_CONTEXT_LENGTH": str(CONTEXT),
                "OLLAMA_DEBUG": "1", "OLLAMA_NO_CLOUD": "1"}

    def command(self):
        return self.installed.ollama, "serve"

    def start(self):
        super().start()
        try:
            for path in self.models:
                recipe = self.folder / path.stem
                recipe.write_text(f"FROM {path}\nPARAMETER num_thread 1\n")
                helper([self.installed.ollama, "create", path.stem, "-f", recipe], "Ollama did not take the model",
                       environment=self.environment())
        except BaseException:
            self.stop()
            raise
        self.residents = loads.Residents(HOST, self.port)
        return self

    def stop(self):
        if self.residents:
            self.residents.ended.set()
            self.residents.join()
        super().stop()

    def loads(self):
        names = {hashlib.sha256(path.read_bytes()).hexdigest(): f"{path.stem}:latest" for path in self.models}
        return loads.ollama_loads(self.log, names)

    def timings(self):
        return loads.ollama_timings(self.log)

    def further(self, evidence):
        told = {}
        for path in self.models * 3:
            name = f"{path.stem}:latest"
            body = {"model": name, "messages": [{"role": "user", "content": "a"}], "stream": False, "options": {"num_predict": 1}}
            told.setdefault(name, []).append(json.loads(fetched(f"http://{HOST}:{self.port}/api/chat", body))["load_duration"] / 1e9)
        return [checks.told_costs(evidence, told), checks.residents(self.residents.changes, self.loads(), self.capacity)]


class OllamaDialect(Ollama):
    """The same, asked in its own dialect, whose responses tell what their load took."""

    name, api, runs = "Ollama, POST /api/chat", "ollama", (PLAIN,)

    @property
    def address(self):
        return f"http://{HOST}:{self.port}"

    def further(self, evidence):
        return [checks.told_loads(evidence)]


class LiteLLM(Server):
    """A proxy before a router of which one model stays. The router's log tells of loads, prompts and gaps, a callback in
    the proxy of first chunks. It starts with a key only that nobody guesses."""

    name, capacity, listening = "LiteLLM before a router, 1 of 3 stays", 1, r"running on http://127\.0\.0\.1:(\d+)"
    needs = Router.needs

    def __init__(self, installed, folder):
        super().__init__(installed, folder)
        self.router = Router(installed, folder / "router", 1)
        self.key, self.times = f"sk-{secrets.token_hex(32)}", folder / "times.jsonl"

    def environment(self):
        return {"HOME": str(self.folder), "LITELLM_MASTER_KEY": self.key, "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "NO_PROXY": HOST, "no_proxy": HOST, "INTEROP_TIMES": str(self.times)}

    def command(self):
        config = self.folder / "config.yaml"
        models = [{"model_name": path.stem, "litellm_params": {"model": f"openai/{path.stem}", "api_key": "none",
                                                               "api_base": self.router.address}}
                  for path in sorted(self.installed.models.glob("*.gguf"))]
        shutil.copy(HERE / "litellm_times.py", self.folder)
        config.write_text(json.dumps({"model_list": models, "litellm_settings": {"callbacks": "litellm_times.instance"}}))
        return self.installed.litellm, "--config", config, "--host", HOST, "--port", free_port(), "--telemetry", "False"

    def start(self):
        self.folder.mkdir(parents=True)
        self.router.start()
        try:
            return super().start()
        except BaseException:
            self.router.stop()
            raise

    def stop(self):
        super().stop()
        self.router.stop()

    def loads(self):
        return self.router.loads()

    def timings(self):
        behind, before = self.router.timings(), loads.lines_of(self.times)
        return [dataclasses.replace(timing, **line) for timing, line in zip(behind, before)]


class Vllm(Server):
    """One model with two adapters, of which one has a place. No model is ever loaded; histograms tell of all times."""

    name, start_s, listening = "vLLM, a model and two adapters", 600, r"Application startup complete"

    def environment(self):
        return {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "HOME": str(self.folder),
                "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}

    def command(self):
        self.chosen = free_port()
        model = self.installed.vllm_model
        return (self.installed.vllm, "serve", model / "base", "--served-model-name", "base", "--enforce-eager", "--host", HOST,
                "--port", self.chosen, "--max-model-len", CONTEXT, "--dtype", "float32", "--enable-lora", "--max-loras", "1",
                "--max-lora-rank", "8", "--lora-modules", f"one={model / 'one'}", f"two={model / 'two'}")

    def wait(self):
        super().wait()
        return self.chosen

    def timings(self):
        return None

    def averages(self):
        text = fetched(f"http://{HOST}:{self.port}/metrics")
        return [loads.histogram(text, name) for name in ("vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds")]


def large(installed, folder):
    """The servers of `make interop-large`, in the order of the table."""
    return [Ollama(installed, folder / "ollama"), OllamaDialect(installed, folder / "ollama-dialect"),
            LiteLLM(installed, folder / "litellm"), Vllm(installed, folder / "vllm")]
