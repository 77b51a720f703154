"""A flood: all is said, nothing waits for the node, and a slow reader does not stop the others."""

import http.client
import json
import re
import socket
import time

import pytest
from support import bench

MODEL = "DeepSeek-V3.1"  # 180 tokens a second, where the node's times hold
PATHS = ["/v1/chat/completions", "/api/v2/predict/generic/stream/p/e",
         "/api/predict/generic/stream/p/e"]


def body_for(path, tokens):
    if path.startswith("/v1"):
        return {"model": MODEL, "max_tokens": tokens, "stream": True,
                "stream_options": {"include_usage": True},
                "messages": [{"role": "user", "content": "a b c"}]}
    params = {"max_tokens_to_generate": tokens, "select_expert": MODEL}
    if "v2" in path:
        return {"items": [{"id": "item1", "value": "a b c"}], "params": params}
    typed = {k: {"type": "int" if isinstance(v, int) else "str", "value": str(v)}
             for k, v in params.items()}
    return {"instance": "a b c", "params": typed}


def ask(simulator, path, tokens):
    """The connection of a request that was sent."""
    connection = http.client.HTTPConnection(simulator.address.split("/")[2], timeout=20)
    connection.request("POST", path, json.dumps(body_for(path, tokens)),
                       {"Authorization": f"Bearer {bench.KEY}", "key": bench.KEY})
    return connection


def events(said):
    """The JSON of each event, of any of the dialects."""
    return [json.loads(line.removeprefix("data: ")) for line in said.decode().split("\n")
            if line and line != "data: [DONE]"]


# Less than a block, some blocks, blocks and a rest.
@pytest.mark.parametrize("tokens", [1, 63, 64, 128, 20001])
@pytest.mark.parametrize("path", PATHS)
def test_all_is_said(simulate, demo_bundle, path, tokens):
    simulator = simulate(demo_bundle, "--flood")
    before = time.monotonic()
    said = ask(simulator, path, tokens).getresponse().read()
    all_events = events(said)
    if path.startswith("/v1"):
        *words, finish, last = all_events
        assert finish["choices"][0]["finish_reason"] == "length"
        assert all(w["choices"][0]["delta"]["content"].strip() for w in words)
        assert last["usage"]["completion_tokens"] == tokens
        assert last["usage"]["prompt_tokens"] == 3 + 4
        assert said.endswith(b"data: [DONE]\n\n")
    else:
        *words, last = all_events
        assert f'"completion_tokens_count":{tokens},'.encode() in said
        assert all(re.search(r"'stream_token': ' \w+'", str(w)) for w in words)
    assert len(words) == tokens
    assert time.monotonic() - before < tokens / 180 + 5, "the node's times do not hold"


def test_a_reader_that_does_not_read_stops_nobody(simulate, demo_bundle):
    simulator = simulate(demo_bundle, "--flood")
    idle = ask(simulator, PATHS[0], 30000)
    for _ in range(3):
        busy = ask(simulator, PATHS[0], 30000)
        assert busy.getresponse().read().count(b'"role"') == 30000
        busy.close()
    assert idle.getresponse().read().count(b'"role"') == 30000, "it gets all once it reads"
    idle.close()
    gone = ask(simulator, PATHS[0], 30000)
    part = gone.getresponse()
    part.read(1000)
    part.close()
    gone.close()
    deadline = time.monotonic() + 20
    while len(simulator.truth.read_text().splitlines()) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    truth = [json.loads(line) for line in simulator.truth.read_text().splitlines()]
    assert [t["cancelled"] for t in truth] == [False] * 4 + [True]
    assert [t["completion_tokens"] for t in truth[:4]] == [30000] * 4


def test_a_run_counts_a_flood(project, simulate, demo_bundle):
    simulator = simulate(demo_bundle, "--flood")
    project.setup([f"{MODEL},50,500,40,8,,,"])
    responses, = project.run(address=simulator.address).responses
    assert [r["server_number_output_tokens"] for r in responses] == [500] * 40
    assert [len(r["client_inter_token_latencies_s"]) for r in responses] == [500] * 40


def test_lateness_is_told_at_the_end(project, simulate, demo_bundle):
    simulator = simulate(demo_bundle)
    project.setup([f"{MODEL},50,20,5,1,,,"])
    project.run(address=simulator.address)
    simulator.close()
    told = re.search(r"^(\d+) tokens, late by: median ([\d.]+) us, p99 ([\d.]+) us, "
                     r"at most ([\d.]+) us$", simulator.said, re.MULTILINE)
    assert int(told[1]) == 100
    assert 0 <= float(told[2]) <= float(told[3]) <= float(told[4])


def test_answers_behind_each_other_on_one_connection(simulate, demo_bundle):
    """Requests that were sent ahead: the last answer begins while those before it still wait for a
    reader that holds little, and yet has one head."""
    simulator = simulate(demo_bundle, "--flood")
    host, port = simulator.address.split("/")[2].split(":")
    wholes, request = 6, b""
    for k in range(wholes + 1):
        body = json.dumps({"model": "gpt-oss-120b", "max_tokens": 100000, "stream": k == wholes,
                           "messages": [{"role": "user", "content": "a"}]}).encode()
        request += (b"POST %s HTTP/1.1\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n%s\r\n%s"
                    % (PATHS[0].encode(), bench.KEY.encode(), len(body),
                       b"Connection: close\r\n" if k == wholes else b"", body))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect((host, int(port)))
        client.sendall(request)
        time.sleep(0.3)
        said = b"".join(iter(lambda: client.recv(1 << 20), b""))
    assert said.count(b"HTTP/1.1 200 OK") == wholes + 1
    assert said.count(b'"object":"chat.completion.chunk"') == 100001
    assert said.endswith(b"\r\n0\r\n\r\n")


def test_a_flood_says_it_in_the_manner_asked_for(project, simulate, demo_bundle):
    """Chunks of several tokens have no pattern; a pattern serves lines that are written otherwise."""
    for manner, chunks, line in [("{tokens_per_chunk: 3, role_chunk: true}", 67, b"data: {"),
                                 ("{no_space: true, crlf: true}", 200, b"data:{"),
                                 ("{reasoning_tokens: 30, buffered: true}", 200, b"data: {")]:
        bundle = project.write("manner.yaml", demo_bundle.read_text() + f"behaviour: {manner}\n")
        said = ask(simulate(bundle, "--flood"), PATHS[0], 200).getresponse().read()
        spoken = [e["choices"][0]["delta"] for e in
                  events(said.replace(b"\r", b"").replace(b"data:{", b"data: {")
                         .replace(b"data:[", b"data: [")) if e["choices"]]
        words = [d.get("reasoning", "") + d.get("content", "") for d in spoken]
        assert sum(len(w.split()) for w in words) == 200
        assert len([w for w in words if w]) == chunks
        assert said.startswith(line)
        assert sum("reasoning" in d for d in spoken) == (30 if "reasoning" in manner else 0)


def test_a_flood_and_faults_exclude_each_other(project, demo_bundle):
    bundle = project.write("faulty.yaml", demo_bundle.read_text()
                           + "faults: [{kind: reset, request: 1}]\n")
    done = project.call("simulate", str(bundle), "--flood", timeout=20)
    assert done.returncode == 2 and "with --flood nothing goes wrong" in done.stderr


def test_lateness_counts_from_what_the_manner_and_the_network_allow(project, simulate, demo_bundle):
    """A chunk cannot be late before its last token, and what travels is not late."""
    bundle = project.write("slow.yaml", demo_bundle.read_text()
                           + "noise: {network_delay_s: 1}\nbehaviour: {tokens_per_chunk: 200}\n")
    simulator = simulate(bundle)
    ask(simulator, PATHS[0], 180).getresponse().read()  # its last token comes a second later
    simulator.close()
    told = re.search(r"^(\d+) tokens, late by: median ([\d.]+) us", simulator.said, re.MULTILINE)
    assert int(told[1]) == 180
    assert float(told[2]) < 0.5e6
