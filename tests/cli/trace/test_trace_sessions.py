"""Traces whose lines name sessions: later lines hold what was said before, and wait for the response to it."""

import json
import re

import pytest
from support.bench import CONFIG, HEADER
from support.chat import DIALECTS, Chat, prepare

ROWS = "model_name,trace,trace_speed,trace_from_s,trace_for_s,mix"
MODELS = 'trace_models: {"*": m}\n'
TEMPLATE = 16
NODE = f"""\
node: {{hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000}}
experts:
  - {{name: m, weight_gb: 10, template_tokens: {TEMPLATE}, prefill_tokens_per_s: 1000000, decode_tokens_per_s: 200,
     tiers: [{{tokens: 4096, batch_sizes: [1, 2, 4, 8, 16]}}]}}
"""
OPENAI = DIALECTS[0]


def lines(sessions):
    """Of sessions as lists of (moment, user's tokens, output): each line's input holds all before it."""
    all_lines = []
    for name, turns in sessions.items():
        held = TEMPLATE
        for number, (at, own, output) in enumerate(turns, 1):
            all_lines.append((at, name, number, held + own, output))
            held += own + output
    return sorted(all_lines)


def write(project, listed, with_turns=True):
    text = ""
    for at, name, turn, given, made in listed:
        line = {"at_s": at, "model": "x", "input_tokens": given, "output_tokens": made, "session": name}
        text += json.dumps({**line, "turn": turn} if with_turns else line) + "\n"
    project.write("day.trace", text)


def by_turn(run):
    return {(r["session"], r["turn"]): r for responses in run.responses for r in responses}


def begun(listed):
    """The sessions' numbers, in the order that they begin."""
    return {name: number for number, name in enumerate(dict.fromkeys(line[1] for line in listed))}


@pytest.mark.parametrize("with_turns", [True, False])
def test_a_later_line_leaves_at_its_moment_or_when_the_response_is_over(simulate, project, with_turns):
    """Responses of 40 tokens take 0.2 s: b's second line would leave before, a's and the third of b behind."""
    listed = lines({"a": [(0, 50, 40), (0.5, 20, 10), (0.9, 30, 5)], "b": [(0.1, 80, 40), (0.15, 10, 40), (0.8, 10, 5)],
                    "c": [(0.3, 30, 4)]})
    write(project, listed, with_turns)
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["*,day.trace,,,,"], CONFIG + MODELS, header=ROWS)
    run = project.run(address=simulator.address)
    simulator.close()
    truth = {one["id"]: one for one in map(json.loads, simulator.truth.open())}
    records, number = by_turn(run), begun(listed)
    assert len(records) == len(listed) == len(truth)
    start = records[0, 1]["intended_monotonic_ns"]
    for at, name, turn, given, made in listed:
        record = records[number[name], turn]
        moment = start + round(at * 1e9)
        if turn > 1:
            moment = max(moment, records[number[name], turn - 1]["done_monotonic_ns"])
        assert record["intended_monotonic_ns"] == pytest.approx(moment, abs=2000)
        one = truth[record["response_id"]]
        assert (one["prompt_tokens"], one["completion_tokens"]) == (given, made)
    waits = records[number["b"], 2]["intended_monotonic_ns"] - start
    assert waits > 0.25e9, "it waited"
    (summary,) = run.summaries
    assert summary["num_requests"] == 3 and summary["turns"] == 3 and summary["num_turns_not_sent"] == 0
    assert [summary[f"results_turn_{t}_num_completed_requests"] for t in (1, 2, 3)] == [3, 2, 2]
    assert "7/7" in run.process.stdout


def test_a_line_that_has_no_room_for_the_history_says_none(endpoint, project):
    chat = Chat(OPENAI)
    write(project, [(0, "a", 1, 40, 3), (0.1, "a", 2, 60, 3), (0.2, "a", 3, 50, 3)])
    prepare(project, OPENAI, endpoint(chat).address, ["*,day.trace,,,,"], ROWS, MODELS)
    run = project.run(key=None)
    assert sorted(map(len, chat.heard)) == [1, 1, 3]
    begins = [messages for messages in chat.heard if len(messages) == 1]
    (continued,) = [messages for messages in chat.heard if len(messages) == 3]
    assert continued[0] == begins[0][0] and continued[1] == ("assistant", " a0 a1 a2")
    assert begins[1][0][1] != begins[0][0][1] and not begins[0][0][1].startswith(begins[1][0][1][:40])
    assert "1 later line of sessions to 'm' has fewer input tokens than the line before has in all; it waits" in \
        run.process.stderr


def test_a_session_that_fails_ends(endpoint, project):
    chat = Chat(OPENAI)

    def answer(request, connection):
        return b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno" if request["index"] == 1 else chat(request, connection)

    write(project, [(0, "a", 1, 40, 3), (0.2, "a", 2, 60, 3), (0.4, "a", 3, 90, 3), (0.5, "b", 1, 40, 3)])
    prepare(project, OPENAI, endpoint(answer).address, ["*,day.trace,,,,"], ROWS, MODELS)
    run = project.run(key=None)
    (summary,) = run.summaries
    assert summary["num_turns_not_sent"] == 1 and summary["results_num_requests_started"] == 3


def test_plan_shows_sessions_and_counts_lines(project):
    listed = lines({"a": [(0, 50, 40), (5, 20, 10), (9, 30, 5)], "b": [(1, 80, 40)]})
    write(project, listed)
    project.setup(["*,day.trace,,,,"], CONFIG + MODELS, header=ROWS)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    assert "sessions of up to 3 turns" in done.stdout
    given, made = sum(line[3] for line in listed), sum(line[4] for line in listed)
    tokens = re.search(r"4 requests, (\d+) input and (\d+) output tokens", done.stdout)
    assert int(tokens[1]) == pytest.approx(given, abs=2) and int(tokens[2]) == pytest.approx(made, abs=2)
    project.write("config.yaml", (project.folder / "config.yaml").read_text().replace("sncloud", "tgi"))
    project.write(".env", "TGI_API_BASE=http://127.0.0.1:9\nTGI_API_KEY=k\n")
    done = project.call("plan", "config.yaml", "--offline", key=None)
    assert done.returncode == 2
    assert "rows.csv:2: trace: tgi sends one text, and has no place for the turns before; take the sessions out" in done.stderr


def test_exported_sessions_are_replayed_as_sessions(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["m,60,8,5,2,,,,3,20,0.05"], CONFIG, HEADER + ",turns,turn_input_tokens,think_time_s")
    first = project.run("--name", "first", address=simulator.address)
    done = project.call("export", "--format", "trace", "out/first", "--output", "made")
    assert done.returncode == 0, done.stderr
    project.setup(["*,made/first/trace.jsonl,,,,"], CONFIG + MODELS, header=ROWS)
    second = project.run("--name", "second", address=simulator.address)
    simulator.close()
    one, other = by_turn(first), by_turn(second)
    assert set(one) == set(other) and len(one) == 15
    for key, record in one.items():
        assert record["server_number_input_tokens"] == other[key]["server_number_input_tokens"]
        assert record["server_number_output_tokens"] == other[key]["server_number_output_tokens"]
