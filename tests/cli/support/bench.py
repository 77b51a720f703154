"""Running the program and reading what it leaves, with nothing of its own code."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import uuid

import openpyxl

PROGRAM = os.environ.get("COEBENCH", "build/coebench")
KEY = "demo-key"

HEADER = ("model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"
          "qps_distribution,multimodal_img_size")

CONFIG = """\
model_configs_path : rows.csv
llm_api : sncloud
output_files_dir : out
consolidated_results_dir : books
timeout : 60
time_delay : 0
use_multiple_prompts : False
concurrency_enabled : False
max_workers : 4
"""


# Endpoints that answer in a millisecond, on a machine that others use too: whether the client kept
# up is not what most tests are about.
NO_VERDICT = ("--set", "health.read_lateness=1000", "--set", "health.schedule_delay=1000",
              "--set", "health.coalesced=1000", "--set", "health.loop_cpu=1")


# What a run draws is the same each time a test runs: no test fails by chance.
SEED = ("--set", "seed=7")


def with_seed(words, folder):
    """The words of a command line that measures, with a seed where neither they nor a file they name give one."""
    files = [pathlib.Path(folder) / word for word in words[1:] if word.endswith(".yaml")]
    told = any(re.search(r"^seed *:", path.read_text(errors="replace"), re.M) for path in files if path.is_file())
    if told or words[:1] not in (("run",), ("bench",)) or any(re.match("--seed|seed=|--resume|--help", word) for word in words):
        return words
    return (words[0], *SEED, *words[1:])


class Project:
    seeded = True  # false where a test asks for runs that draw a seed of their own

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def setup(self, rows, config=CONFIG, header=HEADER):
        self.write("config.yaml", config)
        self.write("rows.csv", "\n".join([header, *rows]) + "\n")

    def environment(self, address, key=KEY):
        kept = {k: v for k, v in os.environ.items()
                if not re.match(r"SAMBA|OPENAI|ANTHROPIC|OLLAMA|TGI", k)}
        if address:
            kept["SAMBANOVA_API_BASE"] = address
        if key:
            kept["SAMBANOVA_API_KEY"] = key
        return kept

    def words(self, arguments):
        return with_seed(arguments, self.folder) if self.seeded else arguments

    def call(self, *arguments, address=None, key=KEY, timeout=300, before=None):
        """Runs the program, in a process that called `before`, to its end; returns the process."""
        return subprocess.run([PROGRAM, *self.words(arguments)], cwd=self.folder, timeout=timeout,
                              env=self.environment(address, key), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=before)

    def start(self, *arguments, address=None, key=KEY):
        return subprocess.Popen([PROGRAM, *self.words(arguments)], cwd=self.folder,
                                env=self.environment(address, key), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, *arguments, address=None, expect=0, key=KEY):
        """`coebench run config.yaml`, then the one run it left. `expect` is its exit code; None: whatever it is."""
        before = set(self.run_folders())
        done = self.call("run", "config.yaml", *NO_VERDICT, *arguments, address=address, key=key)
        assert expect in (None, done.returncode), done.stdout + done.stderr
        (new,) = set(self.run_folders()) - before
        return Run(new, self.folder / "books", done)

    def run_folders(self):
        out = self.folder / "out"
        return [p for p in out.iterdir() if p.is_dir()] if out.exists() else []


class Run:
    """One run directory and its workbook."""

    def __init__(self, folder, books, process=None):
        self.folder = folder
        self.process = process
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.names = [step["name"] for step in self.manifest["steps"]] + self.unlisted()
        self.summaries = [json.loads((folder / f"{n}_summary.json").read_text())
                          for n in self.names]
        self.responses = [json.loads((folder / f"{n}_individual_responses.json").read_text())
                          for n in self.names]
        self.workbook = books / f"consolidated_results_{folder.name}.xlsx"

    def unlisted(self):
        """Steps of a run that was cut off before its manifest was written again: their summaries tell."""
        listed = {step["name"] for step in self.manifest["steps"]}
        if len(listed) == len(self.manifest["visits"]) or self.manifest["status"] == "done":
            return []
        paths = [path for path in self.folder.glob("*_summary.json")
                 if path.name.removesuffix("_summary.json") not in listed]
        paths.sort(key=lambda path: json.loads(path.read_text())["step_index"])
        return [path.name.removesuffix("_summary.json") for path in paths]

    def table(self):
        """The first sheet as (heading, rows)."""
        sheet = openpyxl.load_workbook(self.workbook).worksheets[0]
        lines = list(sheet.iter_rows(values_only=True))
        return list(lines[0]), [list(line) for line in lines[1:]]

    def journal(self):
        return [json.loads(line) for line in (self.folder / "journal.jsonl").open()]


def another_run(folder, to):
    """A copy of a run that counts as a run of its own: each of its steps gets a fresh UUID."""
    shutil.copytree(folder, to)
    for step in json.loads((to / "manifest.json").read_text())["steps"]:
        old, new = step["name"], step["name"][:-36] + str(uuid.uuid4())
        for path in sorted(to.iterdir()):
            if path.name == "manifest.json" or path.name == "switching.json" or path.name.endswith("_summary.json"):
                path.write_text(path.read_text().replace(old, new))
            if path.name.startswith(old):
                path.rename(to / path.name.replace(old, new))
    return to


def completed(responses):
    return [r for r in responses if r["error_code"] is None]
