"""What a trace holds, against readers of its formats written here; and a run as a trace."""

import csv
import datetime
import json
import random
import subprocess

import pytest
from support.bench import HEADER, PROGRAM
from support.endpoint import content, finish, stream
from support.measured import command_measured


def quantile(values, share):
    values = sorted(values)
    rank = share * (len(values) - 1)
    low = int(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (rank - low) * (values[high] - values[low])


def mooncake(path, rng, count):
    at, fresh = 0, 10
    with path.open("w") as out:
        for _ in range(count):
            at += rng.randrange(0, 400)
            own = rng.randrange(1, 9)
            ids = [*range(rng.randrange(0, 5)), *range(fresh, fresh + own)]
            fresh += own
            print(json.dumps({"timestamp": at, "input_length": 512 * len(ids) - rng.randrange(512),
                              "output_length": rng.randrange(1, 700), "hash_ids": ids}), file=out)


def read_mooncake(path):
    for line in path.open():
        one = json.loads(line)
        yield one["timestamp"] / 1000, None, one["input_length"], one["output_length"], one["hash_ids"], None


def azure(path, rng, count):
    at = datetime.datetime(2023, 11, 16, 23, 59, 30)
    with path.open("w", newline="") as out:
        out.write("TIMESTAMP,ContextTokens,GeneratedTokens\r\n")
        for _ in range(count):
            at += datetime.timedelta(microseconds=rng.randrange(1, 500000))
            out.write(f"{at:%Y-%m-%d %H:%M:%S.%f}0,{rng.randrange(1, 7000)},{rng.randrange(1, 900)}\r\n")


def read_azure(path):
    for one in csv.DictReader(path.open(newline="")):
        at = datetime.datetime.strptime(one["TIMESTAMP"][:26], "%Y-%m-%d %H:%M:%S.%f")
        yield (at - datetime.datetime(2023, 1, 1)).total_seconds(), None, int(one["ContextTokens"]), \
            int(one["GeneratedTokens"]), [], None


def burstgpt(path, rng, count):
    at = 5
    with path.open("w") as out:
        out.write("Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n")
        for _ in range(count):
            at += rng.choice([0, 0, 0, 1, 2, 9])
            given, made = rng.randrange(1, 3000), rng.choice([0, rng.randrange(1, 800), rng.randrange(1, 800)])
            out.write(f"{at},{rng.choice(['', rng.randrange(60)])},1.5,{rng.choice(['ChatGPT', 'GPT-4'])},{given},"
                      f"{made},{given + made},Conversation log\n")


def read_burstgpt(path):
    for one in csv.DictReader(path.open()):
        yield float(one["Timestamp"]), one["Model"], int(one["Request tokens"]), int(one["Response tokens"]), [], \
            one["Session ID"] or None


FORMATS = {"Mooncake": (mooncake, read_mooncake), "Azure": (azure, read_azure),
           "BurstGPT": (burstgpt, read_burstgpt)}


def look(path, *arguments):
    done = subprocess.run([PROGRAM, "trace", str(path), "--json", *arguments], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("format", FORMATS)
def test_figures_are_those_of_the_file(tmp_path, format):
    make, read = FORMATS[format]
    path = tmp_path / "trace"
    make(path, random.Random(4), 1000)
    told, lines = look(path), list(read(path))
    sent = [line for line in lines if line[3] > 0]
    assert told["format"] == format and told["requests"] == len(sent)
    assert told["left_out_without_output"] == len(lines) - len(sent)
    assert sum(told["requests_by_part"]) == len(sent)
    # Stamps of one second are spread over it: the last may stand up to a second behind its own.
    assert told["span_s"] == pytest.approx(sent[-1][0] - sent[0][0], abs=1)
    for key, place in (("input_tokens", 2), ("output_tokens", 3)):
        values = [line[place] for line in sent]
        assert told[key]["mean"] == pytest.approx(sum(values) / len(values))
        assert (told[key]["min"], told[key]["max"]) == (min(values), max(values))
        for share in (5, 25, 50, 75, 95, 99):
            assert told[key][f"p{share}"] == pytest.approx(quantile(values, share / 100))
    names = list(dict.fromkeys(line[1] for line in sent if line[1]))
    assert [m["name"] for m in told["models"]] == names
    assert [m["requests"] for m in told["models"]] == [sum(line[1] == name for line in sent) for name in names]
    sessions = [line[5] for line in sent if line[5] is not None]
    assert told["sessions"] == (len(set(sessions)) or None) and told["requests_in_sessions"] == len(sessions)
    blocks = [block for line in sent for block in line[4]]
    assert told["blocks"] == (len(blocks) or None)
    assert told["blocks_seen_before"] == (len(blocks) - len(set(blocks)) if blocks else None)


def test_a_window_and_a_speed(tmp_path):
    path = tmp_path / "trace"
    azure(path, random.Random(1), 500)
    at = [line[0] for line in read_azure(path)]
    inside = [t for t in at if 10 <= t - at[0] < 40]
    told = look(path, "--from", "10", "--for", "30", "--speed", "4")
    assert told["requests"] == len(inside)
    assert told["left_out_before"] == sum(t - at[0] < 10 for t in at)
    assert told["span_s"] == pytest.approx((inside[-1] - inside[0]) / 4)


def test_people_see_it_in_a_few_lines(tmp_path):
    path = tmp_path / "burst.csv"
    burstgpt(path, random.Random(4), 300)
    done = subprocess.run([PROGRAM, "trace", str(path)], text=True, capture_output=True)
    assert done.returncode == 0 and not done.stderr
    for word in ("BurstGPT format", "rate ", "█", "input ", "output ", "ChatGPT", "GPT-4", "sessions", "left out"):
        assert word in done.stdout
    assert len(done.stdout.splitlines()) < 12 and max(map(len, done.stdout.splitlines())) < 110


@pytest.mark.parametrize("text, sentence", [
    ("", "is empty"),
    ("a,b\n1,2\n", ":1: no trace that is known begins so"),
    ("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-01-02 00:00:00,1,1\n2023-01-01 00:00:00,1,1\n",
     ":3: its moment is 86400 s before that of line 2; sort the file by time"),
    ("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-01-02 00:00:00,-1,1\n",
     ":2: ContextTokens: '-1' is not a whole number of tokens"),
    ("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-01-02 00:00:00,1,0\n", "no request is left to send: 1 without"),
])
def test_what_is_wrong_is_named(tmp_path, text, sentence):
    path = tmp_path / "trace"
    path.write_text(text)
    done = subprocess.run([PROGRAM, "trace", str(path)], text=True, capture_output=True)
    assert done.returncode == 2 and not done.stdout
    assert str(path) in done.stderr and sentence in done.stderr


@pytest.mark.parametrize("option, value", [("--speed", "0"), ("--speed", "fast"), ("--from", "-1"), ("--for", "0")])
def test_a_window_that_is_none_is_refused(tmp_path, option, value):
    done = subprocess.run([PROGRAM, "trace", "x", option, value], text=True, capture_output=True)
    assert done.returncode == 2 and option in done.stderr and value in done.stderr


def test_a_million_lines_take_little_memory(tmp_path):
    path = tmp_path / "trace"
    line = '{"timestamp": %d, "input_length": 4000, "output_length": 100, "hash_ids": [1, 2, 3, %d, %d]}\n'
    with path.open("w") as out:
        out.writelines(line % (11 * k + 1, 10 + 2 * k, 11 + 2 * k) for k in range(1_000_000))
    code, said, memory_mib = command_measured(tmp_path, "trace", "trace", "--json")
    told = json.loads(said)
    assert code == 0 and told["requests"] == 1_000_000
    assert told["blocks"] == 5_000_000 and told["blocks_seen_before"] == 3 * 999_999
    assert memory_mib < 200


# --- A run as a trace -----------------------------------------------------------------------------

MORE = HEADER + ",max_in_flight,warmup_requests"


def test_a_run_becomes_a_trace(endpoint, project):
    """Two open-loop rows, one held back, and a closed one; each line against the responses' own moments."""
    server = endpoint(lambda r, c: stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2)))
    project.setup(["first,40,2,12,,60,exponential,,,", "second,40,2,5,,40,,,1,2", "third,40,2,3,1,,,,,"], header=MORE)
    run = project.run("--seed", "3", address=server.address)
    done = project.call("export", "--format", "trace", str(run.folder), "--output", "made")
    assert done.returncode == 0, done.stderr
    path = project.folder / "made" / run.folder.name / "trace.jsonl"
    lines = [json.loads(line) for line in path.open()]

    expected = []
    for name, responses, model in zip(run.names, run.responses, ("first", "second", "third")):
        phases = run.folder / f"{name}_phases.json"
        for r in [*responses, *(json.loads(phases.read_text()) if phases.exists() else [])]:
            at = r["sent_monotonic_ns"] if model == "third" else r["intended_monotonic_ns"]
            expected.append((at, model))
    expected.sort()
    assert len(lines) == 12 + 7 + 3
    assert [line["model"] for line in lines] == [model for _, model in expected]
    for line, (at, _) in zip(lines, expected):
        assert line["at_s"] == pytest.approx((at - expected[0][0]) / 1e9, abs=1e-3)
        assert (line["input_tokens"], line["output_tokens"]) == (40, 2)
    assert lines[0]["at_s"] == 0
    first = [line["at_s"] for line in lines if line["model"] == "first"]
    intended = sorted(r["intended_monotonic_ns"] for r in run.responses[0])
    assert first == pytest.approx([(at - intended[0]) / 1e9 for at in intended], abs=2e-9)

    told = look(path)
    assert told["format"] == "coebench" and told["requests"] == 22
    assert [(m["name"], m["requests"]) for m in told["models"]] == [("first", 12), ("second", 7), ("third", 3)]
    assert told["span_s"] == pytest.approx(lines[-1]["at_s"])
