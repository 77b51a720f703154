"""What coebench does with a server: each command as a user gives it, and what it leaves."""

import json
import os
import subprocess

COMMAND_S = 240
FAMILIES = {"anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_API_KEY"), "ollama": ("OLLAMA_HOST", None)}
CONFIG = """model_configs_path: rows.csv
llm_api: %s
output_files_dir: results
consolidated_results_dir: results
sampling_params: {temperature: 0}
"""


class Run:
    """A run directory: its requests in the order they were sent, and its study."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
        sent = [(line["step"], line["request"]) for line in lines if "request" in line]
        self.requests = sorted(sent, key=lambda pair: pair[1]["started_monotonic_ns"])
        self.study = json.loads((folder / "switching.json").read_text())
        self.steps = self.study["steps"]


class Client:
    """The program in a folder of its own, with a server's address and key in its environment, and no other's."""

    def __init__(self, program, folder, server):
        self.program, self.folder = program, folder
        base, key = FAMILIES.get(server.api, ("OPENAI_API_BASE", "OPENAI_API_KEY"))
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "ANTHROPIC_"))}
        self.environment[base] = server.address
        if key:
            self.environment[key] = server.key
        self.ended = []
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(CONFIG % server.api)

    def call(self, command, *options):
        """Runs a command on the config; keeps its output, and how it ended, with its last word where that was ill."""
        done = subprocess.run([self.program, command, "config.yaml", *options], cwd=self.folder, env=self.environment,
                              text=True, capture_output=True, timeout=COMMAND_S, stdin=subprocess.DEVNULL)
        (self.folder / f"{len(self.ended)}-{command}.txt").write_text(done.stdout + done.stderr)
        last = (done.stderr.strip().splitlines() or [""])[-1]
        self.ended.append((command, done.returncode, last))
        return done.returncode == 0

    def rows(self, inputs):
        self.call("rows", "--input-tokens", inputs, "--output-tokens", "8", "--requests", "5", "--output", "rows.csv")

    def run(self, name, *options):
        """A run, or None where it left no study."""
        self.call("run", "--name", name, "--no-progress", *options)
        folder = self.folder / "results" / name
        return Run(name, folder) if (folder / "switching.json").exists() else None
