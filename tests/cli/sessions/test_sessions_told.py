"""What plan, reports and exports tell of sessions, computed again from the records."""

import json
import re
import statistics

import openpyxl
import pytest
from support.bench import HEADER, NO_VERDICT, Run
from support.chat import DIALECTS, Chat, prepare
from support.endpoint import plain

MORE = HEADER + ",turns,turn_input_tokens,think_time_s"
OPENAI = DIALECTS[0]


def percentile(values, share):
    """Type 7, as numpy's."""
    values = sorted(values)
    at = (len(values) - 1) * share
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def measure(endpoint, project, rows, header=MORE):
    """Some second turns fail; a cache knows what the turn before held."""
    chat = Chat(OPENAI, cached=lambda tokens, messages: 0 if len(messages) == 1 else tokens // 2)

    def answer(request, connection):
        messages = OPENAI.messages(request["body"])
        if len(messages) == 3 and len(messages[0][1]) % 3 == 0:
            chat.heard.append(messages)
            return plain(500, b"no")
        return chat(request, connection)

    prepare(project, OPENAI, endpoint(answer).address, rows, header)
    return project.run("--seed", "4", key=None), chat


def by_turn(responses, turn, key):
    return [r[key] for r in responses if r["turn"] == turn and r["error_code"] is None and r[key] is not None]


def test_figures_turn_by_turn(endpoint, project):
    run, _ = measure(endpoint, project, ["m,30,3,15,3,,,,3,8,0.01", "m,20,2,3,1,,,,,,"])
    (responses, _), (summary, other) = run.responses, run.summaries
    failed = sum(r["error_code"] is not None for r in responses)
    assert 0 < failed < 15 and not any("turn" in key for key in other)
    for turn in (1, 2, 3):
        sent = [r for r in responses if r["turn"] == turn]
        assert summary[f"results_turn_{turn}_num_requests_started"] == len(sent)
        assert summary[f"results_turn_{turn}_num_not_sent"] == 15 - len(sent)
        for key in ("client_ttft_s", "client_end_to_end_latency_s", "number_input_tokens",
                    "number_output_tokens", "cached_tokens"):
            values = by_turn(responses, turn, key)
            told = [summary[f"results_turn_{turn}_{key}_{which}"] for which in ("p50", "p95", "mean")]
            assert told == pytest.approx([percentile(values, 0.5), percentile(values, 0.95),
                                          statistics.fmean(values)])
        assert not any(key.startswith(f"results_turn_{turn}_server_ttft_s") for key in summary)
    assert "results_turn_4_num_requests_started" not in summary
    # The same once more, from the run directory alone.
    out = run.process.stdout
    lines = re.findall(r"^ +(?:1 +)?([123])  +(\d+/15)  +([\d.]+)  +([\d.]+|–) ", out, re.M)
    assert [(turn, done) for turn, done, _, _ in lines] == [
        (str(turn), f"{len(by_turn(responses, turn, 'number_input_tokens'))}/15") for turn in (1, 2, 3)]
    sheet = openpyxl.load_workbook(run.workbook)["Turns"]
    heading, *rest = list(sheet.iter_rows(values_only=True))
    names = [str(cell).split("\n")[0] for cell in heading]
    table = [dict(zip(names, line)) for line in rest if line[1] == 1 and line[3]]
    assert [line["turn"] for line in table] == [1, 2, 3]
    for line in table:
        turn = line["turn"]
        assert line["requests sent"] + line["not sent"] == 15
        mine = statistics.fmean(by_turn(responses, turn, "number_input_tokens"))
        assert next(v for k, v in line.items() if k.startswith("input tokens")) == pytest.approx(mine)
    page = (run.workbook.parent / run.workbook.name.replace(".xlsx", ".html")).read_text()
    turns = json.loads(re.search(r'"turns":(\[\{"run".*?\}\]\}\])', page).group(1))
    assert [(one["turn"], one["not_sent"]) for one in turns[0]["turns"]] == [
        (turn, summary[f"results_turn_{turn}_num_not_sent"]) for turn in (1, 2, 3)]


def test_the_page_shows_them(endpoint, project, browser):
    run, _ = measure(endpoint, project, ["m,30,3,6,3,,,,3,8,0.01"])
    browser.open(run.workbook.parent / run.workbook.name.replace(".xlsx", ".html"))
    rows = browser.run("return [...document.querySelectorAll('#turns tbody tr')].map((tr) => "
                       "[...tr.children].map((cell) => cell.textContent.trim()))")
    summary, = run.summaries
    assert [row[:4] for row in rows] == [
        [str(turn), *(str(summary[f"results_turn_{turn}_{key}"]) for key in
                      ("num_requests_started", "num_completed_requests", "num_not_sent"))] for turn in (1, 2, 3)]
    assert not browser.complaints()


def test_a_run_is_exported_as_a_trace_of_sessions(endpoint, project):
    run, _ = measure(endpoint, project, ["m,30,3,4,2,,,,3,8,0.01", "m,30,3,4,2,,,,2,8,", "m,20,2,3,1,,,,,,"])
    assert project.call("export", "--format", "trace", str(run.folder)).returncode == 0
    path, = project.folder.glob("**/trace.jsonl")
    lines = [json.loads(line) for line in path.open()]
    wanted = []
    for step, responses in enumerate(run.responses):
        wanted += [(f"{step}-{r['session']}", r["turn"]) if r["turn"] else (None, None) for r in responses]
    assert sorted(map(str, ((line.get("session"), line.get("turn")) for line in lines))) == sorted(map(str, wanted))
    told = project.call("trace", str(path), "--json")
    assert told.returncode == 0, told.stderr
    shown = project.call("trace", str(path)).stdout
    assert re.search(r"sessions +8, ", shown) and "3 requests belong to none" in shown


def plan(project, row, header, *arguments, expect=0):
    project.setup([row], header=header)
    done = project.call("plan", "config.yaml", "--offline", *arguments, address="http://127.0.0.1:9/v1")
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_plan_counts_turns_and_their_growing_prompts(project):
    """5 sessions of 4 turns: 20 requests; prompts of 100, 100 + 60, … tokens; one session after another takes
    4 responses of 0.5 s + 10 tokens at 100/s, and 3 pauses of 2 s."""
    out, _ = plan(project, "m,100,10,5,1,,,,4,50,2", MORE)
    assert "sessions of 4 turns, 2 s between" in out and "c=1 ×4 turns" in out
    assert "20 requests, %d input and 200 output tokens; about 42 s" % (5 * (4 * 100 + 6 * 60)) in out
    out, _ = plan(project, "m,100,10,5,,1,constant,,4,50,2", MORE)
    assert "20 requests" in out and "about 12 s" in out  # the last begins at 4 s, and takes 8.4


NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 1000}
experts:
  - {name: m, weight_gb: 1, tiers: [{tokens: 512, batch_sizes: [1]}, {tokens: 1024, batch_sizes: [1, 2]}]}
"""


@pytest.mark.parametrize("turns, loads, said", [
    (2, "m-512-BS1\n", None),
    (5, "m-512-BS1, m-1k-BS1\n", "a session's turns run in more than one tier of 'm': the first in that of 512"),
    (9, None, "the last turn's prompt and response are 1146 tokens; the longest tier of 'm' in the bundle holds 1024")])
def test_plan_tells_tiers_that_turns_grow_into(project, turns, loads, said):
    project.write("node.yaml", NODE)
    out, err = plan(project, f"m,200,10,5,1,,,,{turns},107,", MORE, "--set", "bundle=node.yaml")
    assert loads is None or loads in out
    assert ("tier" in err) == (said is not None) and (said or "") in err


@pytest.mark.parametrize("row, header, said", [
    ("m,100,2,1,1,,,,1001,,", MORE, "turns: '1001' is not a whole number from 1 to 1000"),
    ("m,100,2,1,1,,,,2.5,,", MORE, "turns: '2.5' is not"),
    ("m,100,2,1,1,,,,3,,-1", MORE, "think_time_s: '-1' is not a number of seconds"),
    ("m,100,2,1,1,,,small,3,,", MORE, "turns: a session has no pictures"),
])
def test_what_is_no_session_is_refused(project, row, header, said):
    _, err = plan(project, row, header, expect=2)
    assert f"rows.csv:2: {said}" in err


@pytest.mark.parametrize("cells, said", [(",5,", "turn_input_tokens is not used without turns"),
                                         ("1,,3", "think_time_s is not used without turns")])
def test_what_is_not_used_is_told(project, cells, said):
    _, err = plan(project, f"m,100,2,1,1,,,,{cells}", MORE)
    assert said in err


@pytest.mark.parametrize("api, name, url", [("openai-completions", "OPENAI_API", "/v1"), ("tgi", "TGI_API", "")])
def test_a_dialect_of_one_text_refuses_sessions(project, api, name, url):
    prepared = type("D", (), {"api": api, "variables": (name + "_BASE", name + "_KEY"), "base": url})
    prepare(project, prepared, "http://127.0.0.1:9/v1", ["m,100,2,1,1,,,,3,,"], MORE)
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 2
    assert f"rows.csv:2: turns: {api} sends one text, and has no place for the turns before" in done.stderr


def test_a_session_of_one_turn_is_a_request(endpoint, project):
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,30,3,4,2,,,,1,,"], MORE)
    run = project.run(key=None)
    assert {(r["session"], r["turn"]) for r in run.responses[0]} == {(None, None)}
    assert "turns" not in run.summaries[0] and len(chat.heard) == 4


def test_a_run_that_was_cut_off_starts_its_sessions_over(endpoint, project):
    """Ctrl-C in the middle of a row of sessions; --resume sends all of it, with salts that no cache knows."""
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,40,2,4,1,,,,3,8,0.2,10"], MORE + ",prefix_tokens")
    process = project.start("run", "config.yaml", *NO_VERDICT, "--no-progress", "--seed", "9", key=None)
    while len(chat.heard) < 5:
        assert process.poll() is None
    process.send_signal(2)
    process.communicate(timeout=60)
    folder, = project.run_folders()
    first = list(chat.heard)
    done = project.call("run", "config.yaml", *NO_VERDICT, "--resume", str(folder), key=None)
    assert done.returncode == 0, done.stdout + done.stderr
    run = Run(folder, project.folder / "books")
    assert [(r["session"], r["turn"]) for r in run.responses[0]] == [(s, t) for s in range(4) for t in (1, 2, 3)]
    again = chat.heard[len(first):]
    assert len(again) == 12 and first[0][0] != again[0][0]  # another system message
    assert not {m[1][1].split()[0:6][0:6].__str__() for m in first} & {str(m[1][1].split()[0:6]) for m in again}
    later = [m[-1][1] for m in first if len(m) > 2]
    assert later and set(later) <= {m[-1][1] for m in again}  # the users' later texts are the same


def test_a_mix_may_hold_sessions(endpoint, project):
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address,
            ["m,40,2,6,,30,constant,,3,8,0.02,day", "n,40,2,20,,60,exponential,,,,,day"], MORE + ",mix")
    run = project.run(key=None)
    assert [len(responses) for responses in run.responses] == [18, 20]
    every = [r for responses in run.responses for r in responses]
    assert sorted(r["arrival_index"] for r in every) == list(range(38))
    assert {(r["session"], r["turn"]) for r in run.responses[0]} == {(s, t) for s in range(6) for t in (1, 2, 3)}
    assert run.summaries[0]["num_turns_not_sent"] == 0 and run.summaries[0]["switching_verdict"] == "mixed"


def test_turns_of_a_mix_are_told_by_the_tier_that_they_ran_in(simulate, project):
    """By the node's own log of what it ran for each request."""
    node = project.write("node.yaml", """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 1000, reports_batch_size: true}
experts:
  - {name: m, weight_gb: 1, prefill_tokens_per_s: 100000, decode_tokens_per_s: 10000,
     tiers: [{tokens: 512, batch_sizes: [1]}, {tokens: 1024, batch_sizes: [1, 2]}]}
  - {name: n, weight_gb: 1, prefill_tokens_per_s: 100000, decode_tokens_per_s: 10000,
     tiers: [{tokens: 512, batch_sizes: [1]}]}
""")
    simulator = simulate(node)
    project.setup(["m,300,20,5,,20,constant,,4,130,,day", "n,100,10,20,,60,exponential,,,,,day"], header=MORE + ",mix")
    run = project.run("--set", f"bundle={node}", address=simulator.address)
    simulator.close()
    truth = {t["id"]: t["configuration"] for t in map(json.loads, simulator.truth.open())}
    told = {r["response_id"]: r["configuration"] for responses in run.responses for r in responses}
    assert told == truth
    assert {"m-512-BS1", "n-512-BS1"} < set(told.values()) and any("m-1k" in one for one in told.values())
