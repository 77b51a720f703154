"""The simulator failing on demand: what each kind of `faults:` does to the bytes, what the ground
truth says of it, and what a run records."""

import json
import pathlib
import socket
import time

import pytest
from support.bench import CONFIG
from support.raw import BUNDLE, PATIENT, Caller, ask, chat, truth

GENERIC = "/api/v2/predict/generic/stream/p/e"
ROW = "one,10,5,4,1,,,"


@pytest.fixture
def serve(simulate, tmp_path):
    """serve("{kind: reset, request: 2}", …) starts a simulator with these faults."""
    def start(*faults, behaviour="{}", arguments=(), bundle=BUNDLE):
        path = tmp_path / "bundle.yaml"
        path.write_text(bundle + f"behaviour: {behaviour}\nfaults:\n"
                        + "".join(f"  - {fault}\n" for fault in faults))
        return simulate(path, *arguments)
    return start


def run(project, simulator, rows=(ROW,), config=CONFIG, expect=0):
    project.setup(list(rows), config)
    return project.run(*PATIENT, address=simulator.address, expect=expect)


def codes(done):
    return [r["error_code"] for r in done.responses[0]]


def events(body):
    return [line for line in body.split(b"\n\n") if line]


# --- Each kind, by its bytes ------------------------------------------------------------------


def reset(answer):
    assert answer.end == "reset" and answer.raw == b""


def reset_stream(answer):
    assert answer.end == "reset" and answer.status == 200 and len(answer.events()) == 2


def stall(answer):
    assert answer.end == "whole" and len(answer.events()) == 7
    moments = [moment for moment, _ in answer.chunks]
    assert moments[2] - moments[1] >= 0.4 and moments[1] < 0.5


def no_end(answer):
    assert answer.end == "whole" and len(answer.events()) == 2
    assert answer.raw.endswith(b"\n\n\r\n0\r\n\r\n") and b"[DONE]" not in answer.raw


def cut(answer):
    assert answer.end == "closed" and len(answer.chunks) == 2
    rest = answer.raw.split(answer.chunks[-1][1] + b"\r\n")[1]
    size, part = rest.split(b"\r\n")
    assert part.startswith(b"data: {") and 0 < len(part) < int(size, 16)


def bad_json(answer):
    assert answer.end == "whole" and answer.body.endswith(b"data: [DONE]\n\n")
    with pytest.raises(json.JSONDecodeError):
        json.loads(events(answer.body)[2][6:])
    assert [json.loads(e[6:])["choices"][0]["delta"]["content"][0]
            for i, e in enumerate(events(answer.body)[:6]) if i != 2] == [" "] * 5


def error_event(answer):
    assert answer.end == "whole" and len(answer.chunks) == 4
    assert json.loads(answer.chunks[2][1][6:])["error"] == {
        "message": "The simulated node lost the request.", "type": "server_error", "param": None,
        "code": "internal_server_error"}
    assert answer.chunks[3][1] == b"data: [DONE]\n\n"


def huge_event(answer):
    assert answer.end == "whole" and len(answer.chunks[2][1]) > 24 << 20
    assert set(json.loads(answer.chunks[2][1][6:])["padding"]) == {"."}
    assert [len(e["choices"]) for i, e in enumerate(answer.events()) if i != 2] == [1] * 6 + [0]


def hang_up(answer):
    assert answer.end == "whole" and len(answer.events()) == 7
    assert "connection" not in answer.headers
    assert answer.connection.recv(1) == b"", "and then it hung up"


def error_500(answer):
    assert answer.status == 500 and answer.json()["error"]["code"] == "internal_server_error"
    assert answer.json()["error"]["type"] == "server_error"


def error_502(answer):
    assert answer.status == 502 and answer.headers["content-type"] == "text/html"
    assert answer.body.startswith(b"<html>")


def error_503(answer):
    assert answer.status == 503 and answer.json()["error"]["code"] == "maintenance"


def slow_head(answer):
    assert answer.end == "whole" and len(answer.events()) == 7
    arrived, moments = 0, []
    for moment, size in answer.arrivals:
        if arrived < len(answer.head):
            moments.append(moment)
        arrived += size
    assert len(moments) > 20, "it came in many pieces"
    assert moments[-1] - moments[0] > 0.3


# kind: (the rest of the fault, what the bytes show, what a run records, does the connection live)
KINDS = {
    "reset": ("", reset, "connection_reset", False),
    "reset-stream": ("after_tokens: 2", reset_stream, "connection_reset", False),
    "stall": ("after_tokens: 2, duration_s: 0.4", stall, None, True),
    "no-end": ("after_tokens: 2", no_end, "truncated", True),
    "cut": ("after_tokens: 2", cut, "truncated", False),
    "bad-json": ("after_tokens: 2", bad_json, "bad_stream", True),
    "error-event": ("after_tokens: 2", error_event, "stream_error", True),
    "huge-event": ("after_tokens: 2", huge_event, "too_large", True),
    "hang-up": ("after_tokens: 2", hang_up, None, False),
    "error-500": ("", error_500, 500, True),
    "error-502": ("", error_502, 502, True),
    "error-503": ("", error_503, 503, True),
    "slow-head": ("duration_s: 0.4", slow_head, None, True),
    "listener-closed": ("duration_s: 0", reset, "connection_reset", False),
}
ON_ARRIVAL = {"reset", "error-500", "error-502", "error-503", "listener-closed"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_fault_does(serve, kind):
    details, show, _, lives = KINDS[kind]
    simulator = serve("{kind: %s, request: 2%s}" % (kind, details and ", " + details))
    caller, spare = Caller(simulator), Caller(simulator)
    assert len(caller.ask(chat()).events()) == 7
    show(caller.ask(chat()))
    after = (caller if lives else spare).ask(chat())
    assert len(after.events()) == 7, "only that one was struck"
    caller.close()
    spare.close()
    lines = truth(simulator, 3)
    assert [line["fault"] for line in lines] == [None, kind, None]
    assert [line["index"] for line in lines] == [0, 1, 2]
    assert not any(line["cancelled"] for line in lines), "no client gave up"
    assert ("batch" not in lines[1]) == (kind in ON_ARRIVAL), "whether the node worked for it"


# Whether a run connects again before a closed listener is back is a race; it has its own test.
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"listener-closed"}))
def test_what_a_run_records(serve, project, kind):
    details, _, code, _ = KINDS[kind]
    simulator = serve("{kind: %s, request: 2%s}" % (kind, details and ", " + details))
    done = run(project, simulator)
    assert codes(done) == [None, code, None, None]
    struck = done.responses[0][1]
    assert bool(struck["error_msg"]) == (code is not None)
    assert [line["fault"] for line in truth(simulator, 4)] == [None, kind, None, None]
    if details.startswith("after_tokens") and code:
        assert struck["client_ttft_s"] > 0, "what came before is kept"
    quoted = code if isinstance(code, int) else f"'{code}'"
    assert done.summaries[0]["results_error_code_frequency"] == (f"{{{quoted}: 1}}" if code else "{}")


def test_a_run_does_without_a_connection_that_was_hung_up(serve, project):
    """By the clock, so that there is time to notice; a request sent in that moment would be reset. Where
    one was, the others have connections of their own."""
    simulator = serve("{kind: hang-up, request: 2}")
    done = run(project, simulator, ["one,10,10,4,,1,,"], CONFIG + "connection: {preconnect: false}\n")
    (responses,) = done.responses
    assert [r["error_code"] for r in responses] == [None] * 4
    assert [r["new_connection"] for r in responses] == [True, False, True, True]


def test_every_kind_of_the_manual_is_tested():
    from support.bench import PROGRAM
    import re
    import subprocess
    manual = subprocess.run([PROGRAM, "manual"], capture_output=True, text=True, check=True).stdout
    kinds = re.search(r"faults\[\]\.kind\S* \(one of (.*?);", manual)[1].replace("\\-", "-")
    assert set(re.split(r", | or ", kinds)) == set(KINDS)


# --- More of some kinds -----------------------------------------------------------------------


def test_a_stall_longer_than_patience_is_an_idle_timeout(serve, project):
    simulator = serve("{kind: stall, request: 2, after_tokens: 2, duration_s: 20}")
    done = run(project, simulator, ["one,10,100,4,1,,,"],
               CONFIG + "connection: {idle_timeout: 1}\n")
    assert codes(done) == [None, "idle_timeout", None, None]
    struck = truth(simulator, 4)[1]
    assert struck["fault"] == "stall" and struck["cancelled"] and struck["completion_tokens"] == 2


def test_a_stall_is_silent_where_comments_are_not(serve):
    simulator = serve("{kind: stall, request: 2, duration_s: 0.5}", behaviour="{keep_alive_s: 0.05}")
    caller = Caller(simulator)
    caller.ask(chat())
    answer = caller.ask(chat())
    caller.close()
    assert b"keep-alive" not in answer.body and answer.chunks[1][0] >= 0.5


def test_a_stall_before_any_token_delays_the_head(serve, project):
    simulator = serve("{kind: stall, request: 3, after_tokens: 0, duration_s: 0.4}")
    (responses,) = run(project, simulator).responses
    third = responses[2]
    assert third["error_code"] is None and third["client_time_to_first_byte_s"] >= 0.4
    assert third["server_ttft_s"] < 0.1, "the node knows nothing of it"


def test_a_stream_may_break_before_its_first_token(serve):
    simulator = serve("{kind: no-end, request: 1, after_tokens: 0}")
    answer = ask(simulator)
    assert answer.status == 200 and answer.body == b"" and answer.end == "whole"


def test_a_stream_may_break_after_its_last_token(serve, project):
    simulator = serve("{kind: no-end, request: 2, after_tokens: 5}")
    done = run(project, simulator)
    assert codes(done) == [None, "truncated", None, None]
    assert truth(simulator, 2)[1]["completion_tokens"] == 5


@pytest.mark.parametrize("kind, after", [("no-end", 6), ("stall", 6)])
def test_an_answer_too_short_is_not_struck(serve, kind, after):
    simulator = serve("{kind: %s, request: 1, after_tokens: %d, duration_s: 20}" % (kind, after))
    assert len(ask(simulator).events()) == 7
    assert truth(simulator, 1)[0]["fault"] is None


@pytest.mark.parametrize("kind", sorted(set(KINDS) - ON_ARRIVAL))
def test_a_whole_answer_is_not_struck_by_what_breaks_streams(serve, kind):
    simulator = serve("{kind: %s, request: 1, after_tokens: 0, duration_s: 20}" % kind)
    assert ask(simulator, chat(stream=False)).status == 200
    assert truth(simulator, 1)[0]["fault"] is None


def test_the_head_comes_slowly_while_the_node_works(serve):
    simulator = serve("{kind: slow-head, request: 1, duration_s: 0.2}")
    answer = ask(simulator)
    (only,) = truth(simulator, 1)
    assert answer.arrivals[0][0] < 0.2, "the first byte does not wait for the load of 0.26 s"
    assert not only["hit"] and len(answer.events()) == 7


def test_nobody_connects_while_the_listener_is_closed(serve):
    simulator = serve("{kind: listener-closed, request: 2, duration_s: 1}")
    stays, struck = Caller(simulator), Caller(simulator)
    stays.ask(chat())
    began, refused = time.monotonic(), 0
    assert struck.ask(chat()).end == "reset"
    struck.close()
    while True:
        try:
            socket.create_connection(("127.0.0.1", stays.port), timeout=20).close()
            break
        except ConnectionRefusedError:
            refused += 1
            assert time.monotonic() - began < 20
            time.sleep(0.02)
    assert refused > 0 and time.monotonic() - began > 0.8
    assert len(stays.ask(chat()).events()) == 7, "connections there are stay"
    stays.close()
    assert len(ask(simulator).events()) == 7


def test_a_run_sees_refused_connections(serve, project):
    slower = BUNDLE.replace("template_tokens: 5", "template_tokens: 5, prefill_overhead_s: 0.04")
    simulator = serve("{kind: listener-closed, request: 2, duration_s: 1}", bundle=slower)
    done = run(project, simulator, ["one,10,1,30,,10,constant,"],
               CONFIG + "connection: {preconnect: false}\n")
    seen = codes(done)
    assert seen[0] is None and seen.count("connection_reset") == 1
    assert seen.count("connection_refused") >= 1 and seen[-1] is None


@pytest.mark.parametrize("kind, code", [
    ("cut", "truncated"), ("no-end", "truncated"), ("bad-json", "bad_stream"),
    ("error-event", "stream_error"), ("error-503", 503), ("reset-stream", "connection_reset")])
def test_the_generic_apis_fail_in_their_own_words(serve, project, kind, code):
    simulator = serve("{kind: %s, request: 2}" % kind)
    project.setup(["Bundle/one,10,5,3,1,,,"], CONFIG.replace("sncloud", "sambastudio"))
    project.write(".env", f"SAMBASTUDIO_URL={simulator.address.replace('/v1', GENERIC)}\n"
                          "SAMBASTUDIO_API_KEY=demo-key\n")
    done = project.run(*PATIENT)
    assert codes(done) == [None, code, None]
    if kind.startswith("error"):
        assert "simulated" in done.responses[0][1]["error_msg"]


# --- Whom they strike -------------------------------------------------------------------------


def struck(simulator, count, model="one"):
    for _ in range(count):
        ask(simulator, chat(model=model, max_tokens=1))
    return [line["index"] for line in truth(simulator, count) if line["fault"]]


def test_the_same_seed_strikes_the_same_requests(serve):
    fault = "{kind: error-500, probability: 0.3}"
    once = struck(serve(fault, arguments=("--seed", "5")), 100)
    again = struck(serve(fault, arguments=("--seed", "5")), 100)
    other = struck(serve(fault, arguments=("--seed", "6")), 100)
    assert once == again != other
    assert 10 <= len(once) <= 55 and 10 <= len(other) <= 55


def test_the_example_strikes_its_fifth_request(simulate):
    simulator = simulate(pathlib.Path(__file__).parents[3] / "configs" / "bundle_faults.yaml")
    assert [ask(simulator).status for _ in range(6)] == [200, 200, 200, 200, 503, 200]


def test_a_request_refused_or_listed_is_not_counted(serve):
    simulator = serve("{kind: error-503, request: 2}")
    assert ask(simulator, chat(model="three")).status == 404
    assert ask(simulator, {"model": "one", "prompt": "a"}, "/tokenize").status == 200
    assert [ask(simulator).status for _ in range(3)] == [200, 503, 200]


def test_a_fault_of_one_model_spares_the_others(serve):
    simulator = serve("{kind: error-500, probability: 1, model: two}")
    assert [ask(simulator, chat(model=m)).status for m in ("one", "two", "one", "two")] == [
        200, 500, 200, 500]


def test_a_request_struck_on_arrival_makes_no_switch(serve):
    simulator = serve("{kind: error-500, request: 2}")
    ask(simulator)
    ask(simulator, chat(model="two"))
    ask(simulator)
    assert [line.get("hit") for line in truth(simulator, 3)] == [False, None, True]


def test_the_first_fault_of_the_list_strikes(serve):
    simulator = serve("{kind: error-500, request: 1}", "{kind: error-503, probability: 1}")
    assert [ask(simulator).status for _ in range(2)] == [500, 503]


@pytest.mark.parametrize("fault, sentence", [
    ("{kind: resets, request: 1}", "kind: 'resets' is not one of reset,"),
    ("{request: 1}", "'kind' is missing"),
    ("{kind: reset}", "reset: say when it strikes, with either 'probability' or 'request'"),
    ("{kind: reset, request: 1, probability: 0.5}", "with either 'probability' or 'request'"),
    ("{kind: reset, probability: 2}", "probability: '2' is not a number from 1e-09 to 1"),
    ("{kind: reset, request: 1, model: three}", "there is no expert 'three' in this file"),
])
def test_a_fault_that_cannot_be_is_told_with_its_line(project, fault, sentence):
    path = project.write("bundle.yaml", BUNDLE + "faults:\n  - " + fault + "\n")
    done = project.call("simulate", str(path), timeout=20)
    line = BUNDLE.count("\n") + 2
    assert done.returncode == 2 and f"bundle.yaml:{line}: " in done.stderr
    assert sentence in done.stderr
