"""Sessions: what each turn's body holds, when it leaves, who keeps the place, and what a failure ends; by an
endpoint that keeps what it was sent, and by the simulated node's own log."""

import json
import math
import random
import threading
import time
import zlib

import pytest
from support.bench import HEADER
from support.chat import DIALECTS, Chat, limit, prepare
from support.endpoint import plain, stream

MORE = HEADER + ",turns,turn_input_tokens,think_time_s"
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)
OPENAI = DIALECTS[0]


def words(text):
    return len(text.split())


def odd(messages, tokens):
    """Pieces that a body has to hold exactly as they came: quotes, line ends, other alphabets."""
    chance = random.Random(repr(messages))
    return [chance.choice([" word", "\n", " \"q\"", "\\n", " ü", " 語", "\t", " </s>", " \u0007", " 🙂"])
            for _ in range(tokens)]


def sessions(heard, said):
    """The requests as conversations: each begins with a prompt of its own. Holds each body against the one
    before it and the response that came."""
    found = {}
    for messages, response in zip(heard, said):
        turns = found.setdefault(messages[0 if messages[0][0] == "user" else 1][1], [])
        if turns:
            before, came = turns[-1]
            assert messages[:-1] == [*before, ("assistant", came)]
            assert messages[-1][0] == "user"
        else:
            assert [role for role, _ in messages] == ["user"] or [role for role, _ in messages] == ["system", "user"]
        turns.append((messages, response))
    return list(found.values())


class Talk(Chat):
    """Keeps its responses beside what it heard."""

    def __init__(self, dialect, **how):
        super().__init__(dialect, words=self.speak, **how)
        self.said, self.lock = {}, threading.Lock()

    def speak(self, messages, tokens):
        pieces = odd(messages, tokens)
        self.said[repr(messages)] = "".join(pieces)
        return pieces

    def responses(self):
        return [self.said[repr(messages)] for messages in self.heard]


@every
def test_each_turn_sends_the_whole_history_with_the_responses_as_they_came(endpoint, project, dialect):
    chat = Talk(dialect)
    prepare(project, dialect, endpoint(chat).address, ["m,60,9,5,2,,,,4,12,,25"], MORE + ",prefix_tokens")
    project.call("calibrate", "config.yaml", key=None)
    del chat.heard[:]
    run = project.run(key=None)
    (responses,), (summary,) = run.responses, run.summaries
    found = sessions(chat.heard, chat.responses())
    assert [len(turns) for turns in found] == [4] * 5
    for turns in found:
        assert chat.tokens(turns[0][0]) == 60
        assert [words(messages[-1][1]) for messages, _ in turns[1:]] == [12] * 3
    assert len({turn[0][0][1] for turns in found for turn in turns}) == 1  # the system message
    texts = [messages[-1][1] for turns in found for messages, _ in turns]
    assert len(set(texts)) == len(texts) == 20
    # The records: k in the order of leaving, session and turn beside it.
    assert sorted(r["request_index"] for r in responses) == list(range(20))
    by_index = sorted(responses, key=lambda r: r["request_index"])
    assert [r["sent_monotonic_ns"] for r in by_index] == sorted(r["sent_monotonic_ns"] for r in responses)
    assert sorted((r["session"], r["turn"]) for r in responses) == [(s, t) for s in range(5) for t in range(1, 5)]
    counted = sorted(chat.tokens(messages) for messages in chat.heard)
    assert sorted(r["number_input_tokens"] for r in responses) == counted
    assert {r["asked_input_tokens"] for r in responses if r["turn"] > 1} == {None}
    assert summary["results_num_requests_started"] == summary["results_num_completed_requests"] == 20
    assert (summary["turns"], summary["turn_input_tokens"], summary["think_time_s"]) == (4, 12, 0)
    assert summary["num_prompts_off"] == 0 and summary["num_turns_not_sent"] == 0


def texts_of(chat):
    """What users say, by session and turn; sessions are known by their first text."""
    return sorted(tuple(text for role, text in messages if role == "user") for messages in chat.heard)


def test_what_is_said_depends_on_no_order(endpoint, project):
    """The same texts for one thread and three, for one place and five, with pauses and without."""
    said = []
    for threads, places, pause in ((1, 2, ""), (3, 5, ""), (1, 1, "0.01"), (3, 3, "0.02")):
        chat = Chat(OPENAI, words=lambda messages, tokens: [" same"] * tokens)
        prepare(project, OPENAI, endpoint(chat).address, [f"m,30,4,7,{places},,,,3,10,{pause}"], MORE)
        project.call("calibrate", "config.yaml", key=None)
        del chat.heard[:]
        project.run("--seed", "5", "--set", f"threads={threads}", key=None)
        said.append(texts_of(chat))
        assert len(chat.heard) == 21
    assert said[0] == said[1] == said[2] == said[3]
    assert {len(texts) for texts in said[0]} == {1, 2, 3}


def quiet(chat, sentence=b"", status=503, fails=lambda messages: False):
    def answer(request, connection):
        messages = chat.dialect.messages(request["body"])
        if fails(messages):
            chat.heard.append(messages)
            return plain(status, sentence)
        return chat(request, connection)

    return answer


def turn_of(messages):
    return sum(role == "user" for role, _ in messages)


def test_a_session_that_fails_ends(endpoint, project):
    """The second turn of about every third session fails."""
    chat = Chat(OPENAI)

    def fails(messages):
        return turn_of(messages) == 2 and zlib.crc32(messages[0][1].encode()) % 3 == 0

    prepare(project, OPENAI, endpoint(quiet(chat, fails=fails)).address, ["m,30,4,12,3,,,,4,10,"], MORE)
    run = project.run("--seed", "11", key=None)
    (responses,), (summary,) = run.responses, run.summaries
    failed = {r["session"] for r in responses if r["error_code"] == 503}
    assert 2 <= len(failed) <= 10
    for session in range(12):
        turns = sorted(r["turn"] for r in responses if r["session"] == session)
        assert turns == ([1, 2] if session in failed else [1, 2, 3, 4])
    assert summary["num_turns_not_sent"] == 2 * len(failed)
    assert summary["results_number_errors"] == len(failed)
    assert [summary[f"results_turn_{t}_num_requests_started"] for t in (1, 2, 3, 4)] == [12, 12] + [12 - len(failed)] * 2
    assert [summary[f"results_turn_{t}_num_completed_requests"] for t in (1, 2, 3, 4)] == [12] + [12 - len(failed)] * 3
    assert [summary[f"results_turn_{t}_num_not_sent"] for t in (1, 2, 3, 4)] == [0, 0] + [len(failed)] * 2
    assert f"{2 * len(failed)} turns were not sent" in run.process.stdout
    assert f"{48 - 3 * len(failed)}/48" in run.process.stdout
    heading, lines = run.table()
    assert lines[0][heading.index("num_turns_not_sent")] == 2 * len(failed)


@pytest.mark.parametrize("loop", ["2,,", ",40,"])
def test_a_retry_saves_the_session(endpoint, project, loop):
    """The third turn is refused once each time; the next attempt says the same."""
    chat, refused = Chat(OPENAI), set()

    def fails(messages):
        once = turn_of(messages) == 3 and repr(messages) not in refused
        refused.add(repr(messages)) if once else None
        return once

    prepare(project, OPENAI, endpoint(quiet(chat, fails=fails, status=429)).address,
            [f"m,30,4,4,{loop},,4,10,"], MORE, "retry: {attempts: 2, on: [429], max_wait: 1}\n")
    run = project.run(key=None)
    (responses,), (summary,) = run.responses, run.summaries
    assert len(responses) == 20 and summary["results_num_retries"] == 4 and summary["num_turns_not_sent"] == 0
    for session in range(4):
        mine = [r for r in responses if r["session"] == session]
        assert sorted((r["turn"], r["attempt"]) for r in mine) == [(1, 1), (2, 1), (3, 1), (3, 2), (4, 1)]
        assert len({r["request_index"] for r in mine if r["turn"] == 3}) == 1
    counts = [sum(messages == other for other in chat.heard) for messages in chat.heard if turn_of(messages) == 3]
    assert set(counts) == {2}


def pauses(responses):
    """Between a response's end and the next turn of its session, in seconds."""
    found = []
    for one in responses:
        before = [r for r in responses if r["session"] == one["session"] and r["turn"] == one["turn"] - 1]
        if before:
            found.append((one["sent_monotonic_ns"] - before[0]["done_monotonic_ns"]) / 1e9)
    return found


ALMOST_NEVER = 1.95  # Kolmogorov's distribution is above it once in a thousand


def distance(values, share):
    values = sorted(values)
    n = len(values)
    return max(max((i + 1) / n - share(v), share(v) - i / n) for i, v in enumerate(values)) * math.sqrt(n)


@pytest.mark.parametrize("loop", ["20,,", ",200,exponential"])
def test_pauses_are_exponential_and_follow_from_the_seed(endpoint, project, loop):
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, [f"m,20,1,40,{loop},,5,10,0.15"], MORE)
    drawn = []
    for _ in range(2):
        run = project.run("--seed", "3", key=None)
        responses, = run.responses
        assert len(responses) == 200
        planned = {(r["session"], r["turn"]): r["intended_monotonic_ns"] for r in responses}
        ended = {(r["session"], r["turn"]): r["done_monotonic_ns"] for r in responses}
        drawn.append({key: (planned[key] - ended[key[0], key[1] - 1]) / 1e9 for key in planned if key[1] > 1})
    assert drawn[0].keys() == drawn[1].keys()
    assert all(drawn[0][key] == pytest.approx(drawn[1][key], abs=1e-6) for key in drawn[0])
    seen = list(drawn[0].values())
    assert distance(seen, lambda pause: 1 - math.exp(-pause / 0.15)) < ALMOST_NEVER
    assert distance(seen, lambda pause: 1 - math.exp(-pause / 0.3)) > ALMOST_NEVER
    # No turn leaves before its pause is over; how much later is this machine's.
    assert min(r["sent_monotonic_ns"] - r["intended_monotonic_ns"] for r in responses) >= 0
    assert min(a - b for a, b in zip(sorted(pauses(responses)), sorted(seen))) > -1e-3


def test_without_a_pause_the_next_turn_leaves_at_once(endpoint, project):
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,20,1,20,2,,,,5,10,"], MORE)
    responses, = project.run(key=None).responses
    gaps = sorted(pauses(responses))
    assert len(gaps) == 80 and gaps[40] < 0.05
    planned = {(r["session"], r["turn"]): r["intended_monotonic_ns"] for r in responses}
    ended = {(r["session"], r["turn"]): r["done_monotonic_ns"] for r in responses}
    assert all(planned[s, t] == ended[s, t - 1] for s, t in planned if t > 1)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_session_keeps_its_place_while_it_pauses(endpoint, project, threads):
    """Closed loop: no more sessions are open at once than places, and the next begins when one has ended."""
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,20,1,9,3,,,,3,10,0.05"], MORE)
    responses, = project.run("--set", f"threads={threads}", key=None).responses
    spans = []
    for session in range(9):
        mine = [r for r in responses if r["session"] == session]
        spans.append((min(r["sent_monotonic_ns"] for r in mine), max(r["done_monotonic_ns"] for r in mine)))
    moments = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    open_now = most = 0
    for _, change in moments:
        open_now += change
        most = max(most, open_now)
    assert most == 3
    starts = sorted(start for start, _ in spans)[3:]
    ends = sorted(end for _, end in spans)
    assert all(start >= end for start, end in zip(starts, ends))


def test_the_arrival_process_begins_sessions(endpoint, project):
    """Open loop: first turns leave at their moments, whatever other sessions do; later ones behind pauses."""
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,20,1,10,,50,constant,,3,10,0.3"], MORE)
    responses, = project.run(key=None).responses
    firsts = sorted(r["intended_monotonic_ns"] for r in responses if r["turn"] == 1)
    assert [round((b - a) / 1e9, 5) for a, b in zip(firsts, firsts[1:])] == [0.02] * 9
    assert len(responses) == 30
    for r in responses:
        late = (r["sent_monotonic_ns"] - r["intended_monotonic_ns"]) / 1e9
        assert r["client_schedule_delay_s"] == pytest.approx(late, abs=1e-6)
        assert r["client_ttft_s"] == pytest.approx(r["client_ttft_from_intended_s"], abs=1e-9)


def test_the_ceiling_holds_later_turns_too(endpoint, project):
    """Of six sessions at once no more than two requests run; a pause takes no place of the ceiling."""
    chat, flight, lock = Chat(OPENAI), {"now": 0, "most": 0}, threading.Lock()

    def answer(request, connection):
        with lock:
            flight["now"] += 1
            flight["most"] = max(flight["most"], flight["now"])
        time.sleep(0.03)
        with lock:
            flight["now"] -= 1
        return chat(request, connection)

    prepare(project, OPENAI, endpoint(answer).address, ["m,20,1,6,,100,constant,,3,10,0.01,2"],
            MORE + ",max_in_flight")
    for threads in ("1", "2"):
        responses, = project.run("--set", f"threads={threads}", key=None).responses
        assert flight["most"] == 2 and len(responses) == 18
        held = [r["client_held_s"] for r in responses if r["turn"] > 1]
        assert max(held) > 0.01
        for r in responses:
            late = (r["sent_monotonic_ns"] - r["intended_monotonic_ns"]) / 1e9
            assert r["client_held_s"] + r["client_schedule_delay_s"] == pytest.approx(late, abs=1e-6)


def test_time_ends_sessions(endpoint, project):
    """Behind duration_s no turn leaves; those that were to come are told as not sent."""
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,20,1,,3,,,,50,10,0.05,1"], MORE + ",duration_s")
    run = project.run(key=None)
    (responses,), (summary,) = run.responses, run.summaries
    assert {r["session"] for r in responses} == {0, 1, 2}
    first = min(r["sent_monotonic_ns"] for r in responses)
    assert max(r["intended_monotonic_ns"] for r in responses) - first < 1.01e9
    assert summary["num_turns_not_sent"] == 150 - len(responses)
    assert run.manifest["steps"][0]["end"] == "done"


def test_warm_up_and_cool_down_count_sessions(endpoint, project):
    chat = Chat(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,20,1,4,2,,,,3,10,,2,1"],
            MORE + ",warmup_requests,cooldown_requests")
    run = project.run(key=None)
    (responses,), (summary,) = run.responses, run.summaries
    phases = json.loads((run.folder / f"{run.names[0]}_phases.json").read_text())
    assert len(chat.heard) == 21 and len(responses) == 12
    assert {r["session"] for r in responses} == {2, 3, 4, 5}
    told = {(r["session"], r["phase"]) for r in phases}
    assert told == {(0, "warmup"), (1, "warmup"), (6, "cooldown")} and len(phases) == 9
    assert summary["results_num_requests_started"] == 12 and summary["num_turns_not_sent"] == 0


def test_texts_that_are_kept_are_those_of_the_turn(endpoint, project):
    chat = Talk(OPENAI)
    prepare(project, OPENAI, endpoint(chat).address, ["m,30,5,2,1,,,,3,10,"], MORE)
    run = project.run("--set", "save_llm_responses=true", key=None)
    path, = run.folder.glob("*_response_texts.jsonl")
    kept = [json.loads(line) for line in path.open()]
    assert [one["prompt"]["template"] for one in kept] == [messages[-1][1] for messages in chat.heard]
    assert [one["completion"] for one in kept] == chat.responses()


NODE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 1000}
noise: {prefix_cache: true}
experts:
  - {name: m, weight_gb: 1, prefill_tokens_per_s: 20000, decode_tokens_per_s: 2000, template_tokens: 10,
     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}
"""


def test_a_node_knows_the_turns_before(simulate, project):
    """By the node's own log: how long each turn's prompt is, and what of it was cached."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["m,200,20,6,2,,,,4,50,0.02"], header=MORE)
    run = project.run(address=simulator.address)
    simulator.close()
    truth = {t["id"]: t for t in (json.loads(line) for line in simulator.truth.open())}
    (responses,), (summary,) = run.responses, run.summaries
    assert len(truth) == len(responses) == 24
    for r in responses:
        t = truth[r["response_id"]]
        assert t["prompt_tokens"] == 200 + (r["turn"] - 1) * (50 + 20) == r["number_input_tokens"]
        assert t["cached_tokens"] == r["cached_tokens"]
        if r["turn"] > 1:  # all whole blocks of the last turn's prompt
            before = 200 + (r["turn"] - 2) * 70
            assert before // 16 * 16 <= t["cached_tokens"] <= before + 20
    assert summary["num_prompts_cached"] == 0 and summary["num_turns_not_sent"] == 0
    for turn in (1, 2, 3, 4):
        mine = [truth[r["response_id"]] for r in responses if r["turn"] == turn]
        assert summary[f"results_turn_{turn}_number_input_tokens_mean"] == 200 + (turn - 1) * 70
        cached = sum(t["cached_tokens"] for t in mine) / 6
        assert summary[f"results_turn_{turn}_cached_tokens_mean"] == pytest.approx(cached)
        ttft = [t["time_to_first_token_s"] for t in mine]
        assert summary[f"results_turn_{turn}_server_ttft_s_mean"] == pytest.approx(sum(ttft) / 6, abs=1e-6)
