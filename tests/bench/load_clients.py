"""The simulator, and the four clients that are compared, each run once and checked.

A client's run is a `Run`: nothing is measured of one whose content, usage and ends did not all come."""

import ctypes
import dataclasses
import datetime
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(sys.argv[1])
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
MODEL = "An-Expert-Of-The-Bench-With-A-Long-Name-Instruct"
PATIENCE_S = 60
PYTHON = "/usr/bin/python3"
SENT = re.compile(r'"start_timestamp_utc":"([^"]+)"')

EXPERT = """\
  - name: {name}
    weight_gb: 0.001
    prefill_overhead_s: {prefill}
    prefill_tokens_per_s: 1000000000
    decode_tokens_per_s: {speed}
    tiers: [{{tokens: 100000000, batch_sizes: [{batch}]}}]
"""


def give_up(why):
    sys.exit(f"bench-load: {why}")


def check(is_right, what):
    if not is_right:
        give_up(f"incomplete, so nothing is measured: {what}")


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


@dataclasses.dataclass
class Run:
    events: int
    seconds: float        # from the first to the last that the client saw
    cpu_s: float          # of the process; coebench: with its plan and its results
    resident_mb: float
    row_cpu_s: float = 0   # coebench: from the first send to the last answer in its journal
    seen: dict = dataclasses.field(default_factory=dict)  # by answer id, moments of tokens
    coalesced: dict = dataclasses.field(default_factory=dict)  # those marked so, of coebench
    ended_ns: int = 0
    summary: dict = dataclasses.field(default_factory=dict)  # coebench's
    records: list = dataclasses.field(default_factory=list)  # the same

    @property
    def cpu_us(self):
        return self.cpu_s / self.events * 1e6

    @property
    def row_us(self):
        return self.row_cpu_s / self.events * 1e6


class Simulator:
    """Serves one expert: `streams` at once, a token each `gap_s`. Questions asked within `hold_s` of
    its start begin together. To be used by `with`; after it, where `truth` was asked for, that is what
    was written when, by answer id."""

    def __init__(self, folder, streams, gap_s=1e-6, hold_s=0, flood=False, truth=False, tls=None):
        self.folder, self.tls, self.held, self.truth = folder, tls, None, {}
        self.truth_file = folder / "truth"
        port_file, bundle = folder / "port", folder / "bundle.yaml"
        for old in (port_file, self.truth_file):
            old.unlink(missing_ok=True)
        bundle.write_text(
            "node: {hbm_gb: 1000, ddr_to_hbm_gb_per_s: 1000000, eviction: none}\nexperts:\n" +
            EXPERT.format(name="hold", prefill=hold_s, speed=1, batch=1) +
            EXPERT.format(name=MODEL + "-0", prefill=0, speed=1 / gap_s, batch=streams))
        words = [BUILD / "coebench", "simulate", bundle, "--port-file", port_file]
        words += ["--flood"] if flood else []
        words += ["--ground-truth", self.truth_file] if truth else []
        words += ["--tls-certificate", tls[0], "--tls-key", tls[1]] if tls else []
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                                        preexec_fn=pin(SERVER_CORE))
        self.await_port(port_file)
        self.address = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/v1"
        if hold_s:
            self.hold()

    def await_port(self, port_file):
        deadline = time.monotonic() + 10
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                give_up("the simulator does not start")
            time.sleep(0.01)
        self.port = int(port_file.read_text())

    def hold(self):
        body = b'{"model":"hold","max_tokens":1,"messages":[{"role":"user","content":"go"}]}'
        self.held = socket.create_connection(("127.0.0.1", self.port))
        if self.tls:
            self.held = ssl.create_default_context(cafile=self.tls[0]).wrap_socket(
                self.held, server_hostname="127.0.0.1")
        self.held.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\n"
                          b"Authorization: Bearer demo-key\r\nContent-Length: %d\r\n\r\n%s" %
                          (len(body), body))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        if self.held:
            self.held.close()
        if self.truth_file.exists():
            with open(self.truth_file) as lines:
                self.truth = {one["id"]: one for one in map(json.loads, lines)}


class Catcher:
    """The bare endpoint that notes when so many requests come. After it, `told` is what it printed."""

    def __init__(self, folder, requests):
        self.folder, self.tls, self.told = folder, None, None
        self.process = subprocess.Popen([BUILD / "bench/catcher", str(requests)], stdout=subprocess.PIPE, text=True,
                                        preexec_fn=pin(SERVER_CORE))
        self.address = f"http://127.0.0.1:{int(self.process.stdout.readline())}/v1"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        self.told = None if kind else json.loads(said)


class ClientFailed(Exception):
    """A client broke down by itself."""


@dataclasses.dataclass
class Ended:
    """A client that was run on its core: how it went, its user and system time, and that as it grew."""
    code: int
    said: str
    complaint: str
    cpu_s: float
    grew: list  # of (wall clock, CPU so far of all its threads), each 5 ms

    def cpu_between_s(self, begun, ended):
        def at(moment):
            return max((used for when, used in self.grew if when <= moment), default=0)
        return at(ended) - at(begun)


def look(process):
    """The wall clock, and the CPU time of all threads that are there."""
    used = 0
    for task in pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
        try:
            used += int(task.read_text().split()[0]) / 1e9
        except (OSError, IndexError):
            pass  # it just ended
    return time.time(), used


def finish(folder, words, watch=False, patience_s=PATIENCE_S, **more):
    out, err, grew = folder / "out", folder / "err", []
    with open(out, "wb") as said, open(err, "wb") as complaint:
        process = subprocess.Popen([str(word) for word in words], stdout=said, stderr=complaint,
                                   preexec_fn=pin(CLIENT_CORE), **more)
        stopper = threading.Timer(patience_s, process.kill)
        stopper.start()
        try:
            how = os.WEXITED | os.WNOWAIT | os.WNOHANG
            while watch and os.waitid(os.P_PID, process.pid, how) is None:
                grew.append(look(process))
                if callable(watch):
                    watch(process)
                time.sleep(0.005)
            _, status, rusage = os.wait4(process.pid, 0)
        finally:
            stopper.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, out.read_text(), err.read_text(),
                 rusage.ru_utime + rusage.ru_stime, grew)


def read_log(path):
    with open(path) as lines:
        return {one["id"]: one["seen_ns"] for one in map(json.loads, lines)}


def run_small(folder, words, log, streams, tokens):
    """A client that prints its counts and writes its log."""
    ended = finish(folder, words)
    if ended.code != 0:
        raise ClientFailed(ended.complaint.strip().splitlines()[-1:] or
                           f"not done after {PATIENCE_S} s")
    said = json.loads(ended.said)
    check(said["content"] == streams * tokens and said["usage"] == said["done"] == streams,
          f"{words[0]} {words[1]}: {said}")
    run = Run(said["content"], said["seconds"], said["cpu_s"], said["resident_mb"])
    if log:
        run.seen = read_log(log)
        check(len(run.seen) == streams, f"{words[1]}: {len(run.seen)} answers of {streams}")
        run.ended_ns = max(moments[-1] for moments in run.seen.values())
    return run


def run_raw(simulator, streams, tokens, log=False, way="scan"):
    path = simulator.folder / "log" if log else None
    return run_small(simulator.folder, [BUILD / "bench/reader", simulator.port, streams, tokens, MODEL, 1,
                      f"log={path}" if path else way], path, streams, tokens)


def run_sender(simulator, rate, requests, way):
    """The moments of each request, as the bare open loop prints them."""
    said = finish(simulator.folder, [BUILD / "bench/sender", simulator.port, rate, requests, f"{MODEL}-0", way]).said
    return [json.loads(line) for line in said.splitlines()]


def run_python(script):
    def run(simulator, streams, tokens, log=False):
        path = simulator.folder / "log" if log else None
        return run_small(simulator.folder, [PYTHON, "-B", HERE / script, simulator.address, MODEL + "-0",
                          streams, tokens] + ([path] if path else []), path, streams, tokens)
    return run


def run_rows(simulator, row, *settings, records=True, watch=True, options=()):
    """coebench over one row, (input, output, requests, concurrency, qps, distribution). To watch its
    CPU time as it grows costs a look every 5 ms, which delays what it does then."""
    folder = simulator.folder / "coebench"
    subprocess.run(["rm", "-rf", folder], check=True)
    folder.mkdir()
    (folder / "rows.csv").write_text(
        "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"
        f"qps_distribution,multimodal_img_size\n{MODEL}-0,{','.join(map(str, row))},\n")
    (folder / "config.yaml").write_text(
        f"model_configs_path: {folder}/rows.csv\nllm_api: openai\noutput_files_dir: {folder}\n"
        f"consolidated_results_dir: {folder}\nrun_name: run\nseed: 1\n" +
        (f"connection: {{ca_file: {simulator.tls[0]}}}\n" if simulator.tls else ""))
    words = [BUILD / "coebench", "run", folder / "config.yaml", "--quiet", *options]
    for setting in settings:
        words += ["--set", setting]
    environment = {**os.environ, "OPENAI_API_BASE": simulator.address, "OPENAI_API_KEY": "demo-key"}
    ended = finish(simulator.folder, words, watch, PATIENCE_S + row[2] / 2000, env=environment)
    if ended.code not in (0, 4):
        give_up(f"coebench run: exit code {ended.code}: {ended.complaint}")
    return take_results(folder / "run", row, ended, records)


def row_span(folder):
    """The first send, and when the last answer was in the journal, on the wall clock. (An answer's
    own end is when the kernel had it, which may be long before a client that is behind reads it.)"""
    with open(folder / "journal.jsonl") as lines:
        sent = [datetime.datetime.fromisoformat(found[1]).timestamp()
                for found in map(SENT.search, lines) if found]
    return min(sent), (folder / "journal.jsonl").stat().st_mtime


def take_results(folder, row, ended, wants_records):
    summary = json.loads(next(folder.glob("*_summary.json")).read_text())
    _, tokens, requests = row[:3]
    check(summary["results_num_completed_requests"] == requests and
          summary["results_number_output_tokens_min"] == tokens ==
          summary["results_number_output_tokens_max"],
          f"coebench: {summary['results_num_completed_requests']} of {requests} requests, "
          f"{summary['results_error_code_frequency']}")
    begun, journaled = row_span(folder)
    run = Run(requests * tokens, journaled - begun, ended.cpu_s, summary["client_resident_mb"],
              ended.cpu_between_s(begun, journaled), summary=summary)
    if wants_records:
        run.records = json.loads(next(folder.glob("*_individual_responses.json")).read_text())
        check(all(one["error_code"] is None and one["finish_reason"] == "length" and
                  one["number_output_tokens_source"] == "server" and
                  len(one["client_inter_token_latencies_s"]) == tokens for one in run.records),
              "coebench: chunks, usage or ends are missing")
    return run


def run_coebench(simulator, streams, tokens, log=False):
    run = run_rows(simulator, (5, tokens, streams, streams, "", ""))
    if log:  # and of a client that falls behind, the last reads are the latest
        for one in run.records:
            moment, moments = one["first_content_monotonic_ns"], []
            for gap in [0, *one["client_inter_token_latencies_s"][1:]]:
                moment += round(gap * 1e9)
                moments.append(moment)
            run.seen[one["response_id"]] = moments
            run.coalesced[one["response_id"]] = set(one["client_coalesced_chunks"])
        run.ended_ns = (max(one["last_chunk_monotonic_ns"] for one in run.records) +
                        round(run.summary["client_read_lateness_s_p99"] * 1e9))
    return run


def expect_peers():
    """Ends the bench in one sentence where a client that coebench is measured beside cannot run."""
    for module in ("aiohttp", "requests"):
        found = subprocess.run([PYTHON, "-c", f"import {module}"], stderr=subprocess.PIPE, text=True)
        if found.returncode != 0:
            give_up(f"{PYTHON} has no {module} (Debian: python3-{module}), so that client cannot be measured: "
                    f"{found.stderr.strip().splitlines()[-1]}")


CLIENTS = {"raw": run_raw, "coebench": run_coebench, "aiohttp": run_python("client_aiohttp.py"),
           "requests": run_python("client_requests.py")}


def middle(runs, figure):
    return statistics.median(figure(run) for run in runs)


def copy_ms(size):
    """Copying so many bytes once, the middle of many times."""
    source, target = ctypes.create_string_buffer(size), ctypes.create_string_buffer(size)
    took = []
    for _ in range(200):
        begun = time.perf_counter_ns()
        ctypes.memmove(target, source, size)
        took.append(time.perf_counter_ns() - begun)
    return statistics.median(took) / 1e6
