"""The self-test's table, computed again from the bundle files, run directories and ground truths that
it keeps. Counts must be right on any machine; of times only the arithmetic and the verdicts are held
here, since a busy machine may measure what it likes."""

import csv
import json
import os
import re
import signal
import statistics
import subprocess
import time

import pytest

from support import arithmetic, bench

PROFILES = ["fast-large", "slow-small"]
COUNTS = ["requests", "requests seen", "input tokens", "output tokens", "chunks", "batch size",
          "server TTFT", "switch (server)"]
TIMES = ["TTFT", "inter-token time", "end-to-end", "throughput", "send schedule",
         "switch (client)"]
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}


def number(cell):
    """A cell and how far it may be off by rounding."""
    value, _, unit = cell.partition(" ")
    value = value.removesuffix("/s")
    digits = len(value.partition(".")[2])
    scale = UNITS.get(unit, 1)
    return float(value) * scale, 0.51 * 10 ** -digits * scale


def tables(output):
    """{profile: {quantity: {column: cell, …, "verdict": …}}}"""
    found, profile = {}, None
    for line in output.splitlines():
        if heading := re.match(r"(\S+): .* tokens/s$", line):
            found[profile := heading[1]] = {}
        name, cells = line[:17].strip(), [line[17 + 10 * i:27 + 10 * i].strip() for i in range(5)]
        if profile and name in COUNTS + TIMES:
            found[profile][name] = dict(zip(["known", "measured", "error", "within", "tolerance"],
                                            cells), verdict=line[67:].strip())
    return found


class Evidence:
    """What one profile's folder says."""

    def __init__(self, folder):
        bundle = (folder / "bundle.yaml").read_text()
        self.about = {key: float(value) for key, value in re.findall(r"(\w+): ([\d.]+)", bundle)}
        self.rows = list(csv.DictReader((folder / "rows.csv").open()))
        self.run = bench.Run(folder / "run", folder)
        self.responses = self.run.responses
        truth = [json.loads(line) for line in (folder / "truth.jsonl").open()]
        assert not any(line["cancelled"] for line in truth)
        truth.sort(key=lambda line: line["arrived_ns"])
        self.seen = []
        for responses in self.responses:
            self.seen.append(truth[:len(responses)])
            truth = truth[len(responses):]
        assert truth == [] and len(self.rows) == 4
        self.load_s = (self.about["switch_overhead_s"]
                       + self.about["weight_gb"] / self.about["ddr_to_hbm_gb_per_s"])

    def joined(self, *rows):
        return [(response, seen) for row in rows or range(4)
                for response, seen in zip(self.responses[row], self.seen[row], strict=True)]

    def pairs(self):
        """{quantity: [(known, measured), …]}"""
        about, rows = self.about, self.rows
        input_tokens = int(rows[0]["input_tokens"]) + about["template_tokens"]
        assert len({row["input_tokens"] for row in rows}) == 1
        prefill_s = about["prefill_overhead_s"] + input_tokens / about["prefill_tokens_per_s"]
        together, paced = self.seen[2], self.seen[3]
        row_s = (max(s["last_token_ns"] for s in together)
                 - min(s["arrived_ns"] for s in together)) / 1e9
        gap_s = 1 / float(rows[3]["qps"])
        blind = [dict(r, server_ttft_s=None) for r in self.responses[0]]
        return {
            "requests": [(sum(int(row["num_requests"]) for row in rows),
                          sum(s["results_num_completed_requests"] for s in self.run.summaries))],
            "requests seen": [(sum(map(len, self.seen)), sum(map(len, self.responses)))],
            "input tokens": [(input_tokens, r["number_input_tokens"]) for r, _ in self.joined()],
            "output tokens": [(int(row["output_tokens"]), r["number_output_tokens"])
                              for row, responses in zip(rows, self.responses) for r in responses],
            "chunks": [(s["completion_tokens"], len(r["client_inter_token_latencies_s"]))
                       for r, s in self.joined()],
            "batch size": list(zip(sorted(s["batch_size"] for s in together),
                                   sorted(r["batch_size_used"] for r in self.responses[2]))),
            "server TTFT": [(prefill_s + (self.load_s if i == 0 else 0), r["server_ttft_s"])
                            for i, r in enumerate(self.responses[0])],
            "switch (server)": [(self.load_s, self.run.summaries[0]["switching_time_documented_s"])],
            "TTFT": [((s["first_token_ns"] - s["arrived_ns"]) / 1e9, r["client_ttft_s"])
                     for r, s in self.joined(0, 1)],
            "inter-token time": [((s["last_token_ns"] - s["first_token_ns"]) / 1e9
                                  / (s["completion_tokens"] - 1),
                                  r["client_mean_inter_token_latency_s"])
                                 for r, s in self.joined(0)
                                 if r["client_mean_inter_token_latency_s"] is not None],
            "end-to-end": [((s["last_token_ns"] - s["arrived_ns"]) / 1e9,
                            r["client_end_to_end_latency_s"]) for r, s in self.joined(0)],
            "throughput": [(sum(s["completion_tokens"] for s in together) / row_s,
                            self.run.summaries[2]["results_client_total_output_throughput"])],
            "send schedule": [(gap_s, (s["arrived_ns"] - paced[0]["arrived_ns"]) / 1e9 - i * gap_s)
                              for i, s in enumerate(paced[1:])],
            "switch (client)": [(self.seen[0][0]["switch_s"], arithmetic.switching_time(blind))],
        }


def allowed(quantity, known):
    if quantity in COUNTS:
        return 1e-9 if quantity in ["server TTFT", "switch (server)"] else 0
    least = {"inter-token time": 20e-6, "throughput": 0}.get(quantity, 1e-3)
    return max(0.05 * known, least)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Two self-tests at a time: one that keeps what it did and judges all, and one that leaves
    nothing behind and judges counts."""
    folder = tmp_path_factory.mktemp("kept")
    temporary = tmp_path_factory.mktemp("temporary")
    # Whatever endpoint a user has set up is left alone.
    environment = dict(os.environ, TMPDIR=str(temporary), SAMBANOVA_API_KEY="not-for-a-selftest",
                       SAMBANOVA_API_BASE="http://127.0.0.1:1/v1", COEBENCH_SIMULATOR_KEY="other")
    started = [subprocess.Popen([bench.PROGRAM, "selftest", *options], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for options in (["--keep", str(folder)], ["--counts-only", "--seed", "7"])]
    try:
        said = [process.communicate(timeout=200) for process in started]
    finally:
        for process in started:
            process.kill()
    return folder, temporary, [(process.returncode, out, err)
                               for process, (out, err) in zip(started, said)]


def test_the_table_follows_from_what_is_kept(kept):
    folder, _, ((code, output, errors), _) = kept
    found = tables(output)
    assert list(found) == PROFILES, output + errors
    outside = 0
    for profile in PROFILES:
        assert list(found[profile]) == COUNTS + TIMES
        for quantity, pairs in Evidence(folder / profile).pairs().items():
            line = found[profile][quantity]
            # A client that was held up: no switch stands out, or of every gap it knows bounds alone.
            if not pairs or any(m is None for _, m in pairs):
                assert quantity == "inter-token time" or len(pairs) == 1 and "switch" in quantity
                assert (line["measured"], line["verdict"]) == ("–", "OUTSIDE")
                outside += 1
                continue
            known = statistics.median(k for k, _ in pairs)
            wrong = [abs(m - k) for k, m in pairs]
            within = max(wrong) if quantity in COUNTS else arithmetic.quantile(wrong, 95)
            for column, value in [("known", known), ("within", within),
                                  ("measured", statistics.median(m for _, m in pairs)),
                                  ("error", statistics.median(m - k for k, m in pairs)),
                                  ("tolerance", allowed(quantity, known))]:
                shown, rounding = number(line[column])
                assert shown == pytest.approx(value, abs=rounding), (profile, quantity, column)
            assert line["verdict"] == ("ok" if within <= allowed(quantity, known) else "OUTSIDE")
            if quantity in COUNTS:
                assert line["verdict"] == "ok", (profile, quantity, line)
            outside += line["verdict"] == "OUTSIDE"
    assert code == (1 if outside else 0)
    closing = f"{outside} of 28 judged values are OUTSIDE" if outside else "All 28 judged values"
    assert closing in output


def test_the_resolution_is_what_pairs_of_errors_differ_by(kept):
    folder, _, ((_, output, _), _) = kept
    evidence = [Evidence(folder / profile) for profile in PROFILES]
    errors = [m - k for one in evidence for k, m in one.pairs()["TTFT"]]
    apart = [abs(a - b) for i, a in enumerate(errors) for b in errors[:i]]
    late = [(s["first_token_ns"] - s["arrived_ns"]) / 1e9 - s["queue_s"]
            - s["time_to_first_token_s"] for one in evidence for _, s in one.joined()]
    for pattern, value in [(r"TTFT difference below (\S+ \S+) cannot be seen",
                            arithmetic.quantile(apart, 95)),
                           (r"TTFT is (\S+ \S+) longer", statistics.median(errors)),
                           (r"first tokens (\S+ \S+) after", statistics.median(late))]:
        shown, rounding = number(re.search(pattern, output)[1])
        assert shown == pytest.approx(value, abs=rounding), pattern
    assert f"of {len(errors)} requests" in output
    assert max(len(line) for line in output.splitlines()) <= 80


def test_on_a_busy_machine_counts_alone_are_judged(kept):
    _, temporary, (_, (code, output, errors)) = kept
    assert code == 0, output + errors
    for lines in tables(output).values():
        assert [line["verdict"] for line in lines.values()] == (
            ["ok"] * len(COUNTS) + ["not judged"] * len(TIMES))
    assert "All 16 judged values" in output
    assert "1/4 large" in errors and "1/4 large" not in output
    assert list(temporary.iterdir()) == []


def test_what_was_kept_is_not_written_over(tmp_path):
    (tmp_path / "fast-large").mkdir()
    done = subprocess.run([bench.PROGRAM, "selftest", "--keep", str(tmp_path)], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    assert f"{tmp_path}/fast-large is there already" in done.stderr
    assert list((tmp_path / "fast-large").iterdir()) == []


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return listed.read().split()


@pytest.mark.parametrize("how, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143),
                                       (signal.SIGKILL, -9)])
def test_the_simulator_ends_with_it(how, code, tmp_path):
    process = subprocess.Popen([bench.PROGRAM, "selftest"], env=dict(os.environ, TMPDIR=str(tmp_path)),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("1/4"):
            break
    (simulator,) = children(process.pid)
    assert os.getpgid(int(simulator)) == int(simulator) != os.getpgid(process.pid), "Ctrl-C would reach it too"
    process.send_signal(how)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert "TTFT" not in output
    if how != signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []
    for _ in range(500):  # nobody reaps what is left behind here but the system's init
        try:
            if open(f"/proc/{simulator}/stat").read().split()[2] == "Z":
                break
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.02)
    else:
        pytest.fail("the simulator is still there")
