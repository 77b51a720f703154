"""SambaStudio's generic APIs, versions 1 and 2: what is sent, and a run against the simulator's own
reading of them."""

import json

import pytest
from support.bench import CONFIG
from support.endpoint import plain

STUDIO = CONFIG.replace("sncloud", "sambastudio") + "sampling_params: {do_sample: false, temperature: 0.5}\n"
MODEL = "Meta-Llama-3.1-8B-Instruct"


def lines(*values):
    return plain(200, b"\n".join(json.dumps(v).encode() for v in values) + b"\n")


def v2(**value):
    return {"result": {"items": [{"id": "item1", "value": value}]}}


def v1(**value):
    return {"result": {"responses": [value]}}


LAST = {"is_last_response": True, "completion": "a b", "stop_reason": "max_len_reached",
        "prompt_tokens_count": 10, "completion_tokens_count": 2, "total_tokens_count": 12,
        "time_to_first_token": 0.25, "model_execution_time": 0.5,
        "throughput_after_first_token": 40.0, "batch_size_used": 4}


def run(project, url, rows=("Bundle/" + MODEL + ",10,2,2,1,,,",), expect=0):
    project.setup(list(rows), STUDIO)
    project.write(".env", f"SAMBASTUDIO_URL={url}\nSAMBASTUDIO_API_KEY=demo-key\n")
    return project.run("--set", "prompt.count=content", expect=expect)


@pytest.mark.parametrize("version, path, wrap", [
    (2, "/api/v2/predict/generic/p/e", v2), (1, "/api/predict/generic/p/e", v1)])
def test_what_is_sent_and_what_is_read(endpoint, project, version, path, wrap):
    server = endpoint(lambda r, c: lines(wrap(is_last_response=False, stream_token="a"),
                                         wrap(is_last_response=False, stream_token=" b"),
                                         wrap(**LAST)))
    (only, _), = run(project, server.address.replace("/v1", path)).responses
    request = server.requests[0]
    assert request["line"].split()[1] == path.replace("generic/", "generic/stream/")
    assert request["headers"]["key"] == "demo-key"
    body = request["body"]
    params = {"max_tokens_to_generate": 2, "select_expert": MODEL, "process_prompt": False,
              "top_k": 1, "do_sample": False, "temperature": 0.5}
    if version == 2:
        assert body["params"] == params and body["items"][0]["id"] == "item1"
        prompt = body["items"][0]["value"]
    else:
        assert body["params"] == {
            "max_tokens_to_generate": {"type": "int", "value": "2"},
            "select_expert": {"type": "str", "value": MODEL},
            "process_prompt": {"type": "bool", "value": "False"},
            "top_k": {"type": "int", "value": "1"},
            "do_sample": {"type": "bool", "value": "False"},
            "temperature": {"type": "float", "value": "0.5"}}
        prompt = body["instance"]
    assert len(prompt.split()) == 10
    assert only["error_code"] is None and only["finish_reason"] == "max_len_reached"
    assert only["server_ttft_s"] == 0.25 and only["batch_size_used"] == 4
    assert only["server_output_token_per_s_per_request"] == 40.0
    assert len(only["client_inter_token_latencies_s"]) == 2


def test_an_endpoint_of_one_model_names_no_expert(endpoint, project):
    server = endpoint(lambda r, c: lines(v2(**LAST)))
    (only, _), = run(project, server.address.replace("/v1", "/api/v2/predict/generic/p/e"),
                     ["solo,10,2,2,1,,,"]).responses
    assert "select_expert" not in server.requests[0]["body"]["params"]
    assert len(only["client_inter_token_latencies_s"]) == 1, "the completion is the first content"


def test_an_error_inside_the_lines_fails_the_request(endpoint, project):
    server = endpoint(lambda r, c: lines(v2(is_last_response=False, stream_token="a"),
                                         {"error": {"code": 500, "message": "lost the node"}}))
    (only, _), = run(project, server.address.replace("/v1", "/api/v2/predict/generic/p/e"),
                     expect=3).responses
    assert only["error_code"] == "stream_error" and "lost the node" in only["error_msg"]


@pytest.mark.parametrize("path", ["/api/v2/predict/generic/p/e", "/api/predict/generic/stream/p/e",
                                  "/v1/chat/completions"])
def test_a_run_against_the_simulated_bundle(simulate, demo_bundle, project, path):
    simulator = simulate(demo_bundle)
    prefix = "" if "chat" in path else "Bundle/"
    done = run(project, simulator.address.replace("/v1", path),
               [f"{prefix}{MODEL},50,4,4,1,,,", f"{prefix}gpt-oss-120b,50,4,4,1,,,"])
    truth = [json.loads(line) for line in simulator.truth.open()]
    assert [t["model"] for t in truth] == [MODEL] * 4 + ["gpt-oss-120b"] * 4
    for responses, summary, first in zip(done.responses, done.summaries, (truth[0], truth[4])):
        assert [r["server_number_output_tokens"] for r in responses] == [4] * 4
        assert not first["hit"]
        assert summary["switching_time_documented_s"] == pytest.approx(first["switch_s"], abs=1e-9)
        assert not any(r["new_connection"] for r in responses)
