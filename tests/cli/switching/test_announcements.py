"""A proxy that tells its clients, as if it were the model, that it loads one: none of that is a token, and no switch is
lost behind it. The scripted server loads at each change of model, for LOAD_S."""

import json
import random
import statistics
import time

import pytest
from support.bench import CONFIG
from support.endpoint import OK, event, finish

LOAD_S, STEADY_S = 0.8, 0.03
PROBED = CONFIG + "order: all-pairs\nself_pairs: true\npasses: 2\nseed: 3\nprobe: {steady: 4}\n"
ROWS = [f"{model},40,2,1,1,,," for model in "ab"]


class Proxy:
    """Announces a load by `notices` chunks, the first after `before_s`; chunks of the model bear an id where `named`,
    and the first token has no text where `silent`."""

    def __init__(self, named, before_s=0.0, notices=8, silent=False):
        self.named, self.before_s, self.notices, self.silent = named, before_s, notices, silent
        self.resident, self.loads, self.took = None, [], []  # of each request, whether it loaded and for how long
        self.random = random.Random(7)

    def send(self, connection, data):
        connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def announce(self, connection):
        time.sleep(self.before_s)
        for _ in range(self.notices):
            self.send(connection, event(choices=[{"delta": {"reasoning_content": "loading. "}}]))
            time.sleep(LOAD_S / self.notices)

    def chunk(self, finish_reason=None, **delta):
        about = {"id": "chatcmpl-1", "model": self.resident} if self.named else {}
        return event(choices=[{"index": 0, "delta": delta, "finish_reason": finish_reason}], **about)

    def __call__(self, request, connection):
        model = request["body"]["model"]
        loads = model != self.resident
        self.loads.append(loads)
        self.resident = model
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        began = time.monotonic()
        if loads:
            self.announce(connection)
        self.took.append(time.monotonic() - began)
        time.sleep(STEADY_S * self.random.lognormvariate(0, 0.15))
        for _ in range(0 if self.silent else request["body"]["max_tokens"]):
            self.send(connection, self.chunk(content=" w"))
        self.send(connection, self.chunk(finish_reason="length", role="assistant") if self.silent else
                  self.chunk(finish_reason="length"))
        self.send(connection, finish(prompt_tokens=40, completion_tokens=request["body"]["max_tokens"]))
        return b"0\r\n\r\n"


def studied(endpoint, project, proxy):
    project.setup(ROWS, PROBED)
    run = project.run(address=endpoint(proxy).address)
    study = json.loads((run.folder / "switching.json").read_text())
    probes = [json.loads((run.folder / f"{name}_probe.json").read_text()) for name in run.names]
    return run, study, probes


def holds_the_truth(study, proxy):
    """Each visit paid, or not, as the server loaded or did not; what it took is the load, as long as that was."""
    per_visit = len(proxy.loads) // len(study["steps"])
    visits = range(0, len(proxy.loads), per_visit)
    loaded = [any(proxy.loads[i:i + per_visit]) for i in visits]
    took = [sum(proxy.took[i:i + per_visit]) for i in visits]
    assert True in loaded and False in loaded
    assert [step["paid"] for step in study["steps"]] == ["paid" if one else "not paid" for one in loaded]
    for row in study["rows"]:
        assert row["verdict"] == "detected"
        own = [s for s, one, step in zip(took, loaded, study["steps"]) if one and step["row"] == row["row"]]
        assert min(own) >= LOAD_S
        assert row["cost_s"] == pytest.approx(statistics.mean(own), rel=0.3), "what it tells while it loads is no token"


def test_chunks_before_the_responses_id_are_announcements(endpoint, project):
    proxy = Proxy(named=True)
    run, study, probes = studied(endpoint, project, proxy)
    requests = [r for i, probe in enumerate(probes) for r in [*probe, *run.responses[i]]]
    assert len(requests) == len(proxy.loads)
    for r, loads in zip(requests, proxy.loads):
        assert r["announcements"] == (8 if loads else 0)
        assert len(r["client_inter_token_latencies_s"]) == 2 and r["first_reasoning_monotonic_ns"] is None
        assert r["client_ttft_s"] == r["client_ttft_content_s"]
        if loads:
            assert r["announced_s"] >= LOAD_S and r["client_ttft_s"] >= LOAD_S
        else:
            assert r["announced_s"] is None and r["client_ttft_s"] < LOAD_S
    holds_the_truth(study, proxy)
    assert not any("by_content" in row["flags"] for row in study["rows"])
    announced = [s["results_num_announced"] for s in run.summaries]
    assert sum(announced) == sum(proxy.loads)
    names, table = run.table()
    assert [line[names.index("num_announced")] or 0 for line in table] == announced
    assert "1 response began with announcements, which count as no tokens" in run.process.stdout


@pytest.mark.parametrize("before_s", [0.0, STEADY_S], ids=["at once", "as late as a token"])
def test_without_an_id_the_study_goes_by_content(endpoint, project, before_s):
    """Found by what the exposed requests began with, also where some visits to the row loaded nothing."""
    proxy = Proxy(named=False, before_s=before_s)
    run, study, _ = studied(endpoint, project, proxy)
    holds_the_truth(study, proxy)
    assert all("by_content" in row["flags"] for row in study["rows"])
    assert all(summary["results_num_announced"] == 0 for summary in run.summaries)


def test_a_token_without_text_shows_the_switch(endpoint, project):
    """Models that open with a mark would fail every probe."""
    proxy = Proxy(named=True, silent=True)
    run, study, probes = studied(endpoint, project, proxy)
    assert all(r["first_token_without_text"] and r["error_code"] is None for probe in probes for r in probe)
    holds_the_truth(study, proxy)
    for summary in run.summaries:
        assert summary["results_num_first_token_without_text"] == 6, "five of the probe, one of the row"
    names, table = run.table()
    assert [line[names.index("num_first_token_without_text")] for line in table] == [6] * len(table)
    assert "6 responses held tokens without text: the TTFT is the finish" in run.process.stdout
