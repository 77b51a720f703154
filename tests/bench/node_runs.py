"""Real runs over the loopback network against a simulated node, and what the node did by its own record."""

import json
import os
import subprocess
import time


def run(program, folder, *arguments, seed=11, node_seed=None):
    """A run of the config in `folder` against the node of its bundle.yaml, whose own seed is the next one where none
    is given; the run directory."""
    simulator = subprocess.Popen(
        [program, "simulate", "bundle.yaml", "--port-file", "port", "--ground-truth", "truth.jsonl",
         "--seed", str(seed + 1 if node_seed is None else node_seed)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not (folder / "port").exists() or not (folder / "port").read_text().strip():
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.02)
        environment = dict(os.environ, SAMBANOVA_API_KEY="demo-key", SAMBANOVA_API_BASE=
                           f"http://127.0.0.1:{(folder / 'port').read_text().strip()}/v1")
        for words in (["calibrate"], ["run", "--quiet", "--seed", str(seed), *arguments]):
            (folder / "truth.jsonl").write_text("")
            done = subprocess.run([program, words[0], "config.yaml", *words[1:]], cwd=folder,
                                  env=environment, capture_output=True, text=True, timeout=900)
            assert done.returncode in (0, 4), done.stderr
    finally:
        simulator.terminate()
        simulator.wait(10)
    (directory,) = (folder / "out").glob("[0-9]*")
    return directory


def truths(folder, steps):
    """What each step's first batch truly waited for a load. Requests of a step stand together, behind those
    of the calibration."""
    lines = [json.loads(line) for line in (folder / "truth.jsonl").open()]
    lines.sort(key=lambda line: line["index"])
    sent = [summary["probe_requests_started"] + summary["results_num_requests_started"]
            for summary in steps]
    lines = lines[len(lines) - sum(sent):]
    result = []
    for count in sent:
        own, lines = lines[:count], lines[count:]
        first = min(own, key=lambda line: line["batch_started_ns"])
        result.append(first["switch_s"])
    return result
