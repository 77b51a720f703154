"""What the endurance tests share: a simulated bundle, a project beside it, and what both say."""

import json
import os
import pathlib
import subprocess
import time
import zipfile

BUNDLE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 2000, switch_overhead_s: 0.01}
experts:
  - name: one
    weight_gb: 40
    prefill_tokens_per_s: 50000
    decode_tokens_per_s: 400
    tiers: [{tokens: 4096, batch_sizes: [1, 2, 4, 8]}]
  - name: two
    weight_gb: 40
    prefill_tokens_per_s: 50000
    decode_tokens_per_s: 400
    tiers: [{tokens: 4096, batch_sizes: [1, 2, 4, 8]}]
"""

CONFIG = """\
model_configs_path: rows.csv
llm_api: sncloud
output_files_dir: %s
consolidated_results_dir: %s
seed: 7
prompt: {count: content}
"""

HEADER = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution"


class Simulator:
    """A simulated bundle on a port the kernel picks, ended by its process id."""

    def __init__(self, program, folder, bundle, *options):
        self.truth = folder / "truth.jsonl"
        (folder / "bundle.yaml").write_text(bundle)
        port = folder / "port"
        self.process = subprocess.Popen(
            [program, "simulate", folder / "bundle.yaml", "--port-file", port, "--ground-truth",
             self.truth, "--seed", "1", *options], stdout=subprocess.DEVNULL)
        while not port.exists():
            assert self.process.poll() is None, "the simulator did not start"
            time.sleep(0.02)
        self.address = f"http://127.0.0.1:{port.read_text().strip()}/v1"

    def lines(self):
        """By response id. A last line may still be on its way."""
        with self.truth.open() as file:
            return {line["id"]: line
                    for line in (json.loads(text) for text in file if text.endswith("\n"))}

    def lines_of(self, ids):
        """The same, once all of these are there: a line is written after the last byte has left."""
        deadline = time.monotonic() + 20
        while not ids <= (lines := self.lines()).keys() and time.monotonic() < deadline:
            time.sleep(0.05)
        return lines

    def close(self):
        self.process.terminate()
        assert self.process.wait(20) == 0, "the simulator did not end well"


class Project:
    """A folder with a config and rows, whose results go to `out` and `books`."""

    def __init__(self, program, folder, address, rows, config="", out="out", books="books"):
        self.program = str(program)
        self.folder = folder
        self.address = address
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(CONFIG % (out, books) + config)
        (folder / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")

    def start(self, *arguments):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SAMBA", "OPENAI"))}
        kept.update(SAMBANOVA_API_BASE=self.address, SAMBANOVA_API_KEY="demo-key")
        return subprocess.Popen([self.program, "run", *arguments], cwd=self.folder, env=kept, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, *arguments, timeout=600):
        process = self.start(*arguments)
        process.out, process.err = process.communicate(timeout=timeout)
        return process


def read_lines(path):
    """Every line of a file, each of which must be whole and JSON."""
    text = path.read_text()
    assert not text or text.endswith("\n"), f"{path} ends in the middle of a line"
    return [json.loads(line) for line in text.splitlines()]


class Results:
    """A run directory, read by no code of ours, and checked against itself."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.steps = self.manifest["steps"]
        self.summary = [self.read(s, "summary") for s in self.steps]
        self.load = [self.read(s, "individual_responses") for s in self.steps]
        self.probe = [self.read(s, "probe") if (self.folder / f"{s['name']}_probe.json").exists()
                      else [] for s in self.steps]
        self.attempts = self.manifest.get("attempts", [])
        self.journal = read_lines(self.folder / "journal.jsonl")

    def read(self, step, what):
        return json.loads((self.folder / f"{step['name']}_{what}.json").read_text())

    def texts(self, index):
        """Of the step: prompt by request."""
        path = self.folder / f"{self.steps[index]['name']}_response_texts.jsonl"
        return {line["request_index"]: line["prompt"]["template"] for line in read_lines(path)}

    def set_aside(self, attempt):
        path = self.folder / f"{attempt['name']}_attempt_{attempt['attempt']}.json"
        return json.loads(path.read_text()) if path.exists() else []


def check_files(results):
    """Each file by which tools find results belongs to a step of the run, and none is half."""
    names = {step["name"] for step in results.steps}
    for path in results.folder.iterdir():
        assert not path.name.startswith("."), f"left behind: {path}"
        for word in ("_summary.json", "_individual_responses.json"):
            if path.name.endswith(word):
                assert path.name.removesuffix(word) in names, f"no step has {path}"
        if "attempt" in path.name:
            assert "summary" not in path.name and "individual_responses" not in path.name


def check_journal(results):
    """Of each step's last attempt the journal has what its files have; of earlier ones, what was set
    aside."""
    attempts = {}
    for line in results.journal:
        if "begins" in line:
            attempts.setdefault(line["step"], []).append((line["begins"], []))
        if "request" in line:
            attempts[line["step"]][-1][1].append(line["request"]["response_id"])
    for index, step in enumerate(results.steps):
        name, ids = attempts[index][-1]
        assert name == step["name"]
        assert len(attempts[index]) == results.summary[index]["step_attempt"]
        mine = [r["response_id"] for r in results.load[index] + results.probe[index]]
        assert sorted(map(str, ids)) == sorted(map(str, mine)), f"step {index}"
    earlier = [(index, number + 1, name, ids) for index in sorted(attempts)
               for number, (name, ids) in enumerate(attempts[index][:-1])]
    told = sorted((a["index"], a["attempt"], a["name"], a["requests"]) for a in results.attempts)
    assert told == [(index, number, name, len(ids)) for index, number, name, ids in earlier]
    for index, number, name, ids in earlier:
        kept = results.set_aside({"name": name, "attempt": number})
        assert [r["response_id"] for r in kept] == ids
    return earlier


def check_workbook(path):
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None, f"{path} cannot be read"
