"""Releases to compare: what they are made from, and what a comparison of them says."""

import json

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.005}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
  - {name: b, weight_gb: 24, prefill_tokens_per_s: 50000, decode_tokens_per_s: 2000,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""
ONE_RUN = "min_runs: 1\n"
POLICY = ONE_RUN + """\
min_requests: 20
slo: {client_ttft_s: 10}
checks:
  - limits:
      client_ttft_s_p50: {margin: 0.05}
      client_end_to_end_latency_s_p95: {max: 60}
      error_rate: {max: 0.01}
      goodput_share: {min: 0.99}
"""
LINES = 8


def names_of(folder):
    return [step["name"] for step in json.loads((folder / "manifest.json").read_text())["steps"]]


def compare(project, base, candidate, *arguments, policy="policy.yaml"):
    done = project.call("compare", str(base), str(candidate), "--policy", policy, *map(str, arguments))
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout


def qualification(project, base, candidate, policy="policy.yaml"):
    code, _ = compare(project, base, candidate, "--output", "made", policy=policy)
    (path,) = sorted((project.folder / "made").glob("*.json"), key=lambda p: p.stat().st_mtime)[-1:]
    told = json.loads(path.read_text())
    assert (code == 0) == (told["verdict"] == "pass")
    return told


def verdicts(told, measure):
    return [line["verdict"] for line in told["lines"] if line["measure"] == measure]


def line_of(told, measure):
    """The one line of a measure."""
    (line,) = [line for line in told["lines"] if line["measure"] == measure]
    return line
