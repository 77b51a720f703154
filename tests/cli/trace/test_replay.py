"""Rows that send a trace: the node's own log, beside a reading of the file that is written here, tells whether each line
left at its moment, to its model, with its lengths."""

import csv
import datetime
import io
import json
import random
import signal
import time

import pytest
from support.bench import CONFIG, NO_VERDICT, Run
from support.endpoint import content, finish, plain, stream
from support.measured import run_measured

ROWS = "model_name,trace,trace_speed,trace_from_s,trace_for_s,mix"
TEMPLATE = 16
NODE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000, switch_overhead_s: 0.001}
experts:
""" + "".join(f"""\
  - {{name: {name}, weight_gb: 10, template_tokens: {TEMPLATE}, prefill_tokens_per_s: 1000000,
     decode_tokens_per_s: 20000, tiers: [{{tokens: 4096, batch_sizes: [1, 2, 4, 8, 16]}}]}}
""" for name in "abc")
MODELS = 'trace_models: {GPT-4: b, "*": a}\n'


# --- The files, and what they say, as (moment, name, input, output) -------------------------------

def azure(rng, count):
    at, text = datetime.datetime(2023, 11, 16, 23, 59, 58), "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    for _ in range(count):
        at += datetime.timedelta(microseconds=rng.randrange(1000, 90000))
        text += f"{at:%Y-%m-%d %H:%M:%S.%f}0,{rng.randrange(20, 400)},{rng.randrange(1, 9)}\n"
    return text


def read_azure(text):
    for line in text.splitlines()[1:]:
        at, given, made = line.split(",")
        day, rest = at.split(" ")
        hours, minutes, seconds = rest.split(":")
        days = (datetime.date.fromisoformat(day) - datetime.date(2023, 1, 1)).days
        yield days * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds), None, int(given), int(made)


def burstgpt(rng, count):
    at, text = 7, "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    for k in range(count):
        at += rng.choice([0, 0, 0, 0, 1, 2])
        made = rng.choice([0, *range(1, 9)])
        text += f"{at},{rng.choice(['', f'x{k}'])},1,{rng.choice(['ChatGPT', 'GPT-4'])},{rng.randrange(20, 400)},{made},9,Chat\n"
    return text


def read_burstgpt(text):
    """Lines that made nothing are left out; those of one second are spread over it, or up to the next one."""
    lines = [line for line in csv.DictReader(io.StringIO(text)) if line["Response tokens"] != "0"]
    stamps = [int(line["Timestamp"]) for line in lines]
    first = int(text.splitlines()[1].split(",")[0])
    for k, line in enumerate(lines):
        place, together = k - stamps.index(stamps[k]), stamps.count(stamps[k])
        yield stamps[k] + place / together - first, line["Model"], int(line["Request tokens"]), int(line["Response tokens"])


def mooncake(rng, count):
    at, text = 0, ""
    for k in range(count):
        at += rng.randrange(1, 90)
        text += json.dumps({"timestamp": at, "input_length": rng.randrange(20, 400), "output_length": rng.randrange(1, 9),
                            "hash_ids": [k]}) + "\n"
    return text


def read_mooncake(text):
    for one in map(json.loads, text.splitlines()):
        yield one["timestamp"] / 1000, None, one["input_length"], one["output_length"]


def ours(rng, count):
    at, text = 0.0, ""
    for _ in range(count):
        text += json.dumps({"at_s": at, "model": rng.choice(["GPT-4", "b", "x"]), "input_tokens": rng.randrange(20, 400),
                            "output_tokens": rng.randrange(1, 9)}) + "\n"
        at += rng.random() * 0.09
    return text


def read_ours(text):
    for one in map(json.loads, text.splitlines()):
        yield one["at_s"], one["model"], one["input_tokens"], one["output_tokens"]


FORMATS = {"azure": (azure, read_azure), "burstgpt": (burstgpt, read_burstgpt), "mooncake": (mooncake, read_mooncake),
           "ours": (ours, read_ours)}


def measure(simulate, project, rows=("*,day.trace,,,,",), config=CONFIG + MODELS, arguments=(), node=NODE, header=ROWS):
    simulator = simulate(project.write("bundle.yaml", node))
    project.setup(rows, config, header=header)
    run = project.run(*arguments, address=simulator.address)
    simulator.close()
    return run, [json.loads(line) for line in simulator.truth.open()]


def sent(run, truth):
    """What left, in the order of its moments: moment, model, tokens of prompt and response, by the node's own log."""
    by_id = {one["id"]: one for one in truth}
    records = sorted((r for responses in run.responses for r in responses), key=lambda r: r["intended_monotonic_ns"])
    for r in records:
        one = by_id[r["response_id"]]
        assert one["arrived_ns"] >= r["intended_monotonic_ns"], "none leaves early"
        yield (r["intended_monotonic_ns"] - records[0]["intended_monotonic_ns"]) / 1e9, one["model"], one["prompt_tokens"], one["completion_tokens"]


@pytest.mark.parametrize("format", FORMATS)
def test_each_line_leaves_at_its_moment_to_its_model_with_its_lengths(simulate, project, format):
    make, read = FORMATS[format]
    text = make(random.Random(format), 60)
    project.write("day.trace", text)
    run, truth = measure(simulate, project, ["*,day.trace,2,,,"])
    expected = list(read(text))
    models = {"GPT-4": "b"}
    assert len(truth) == len(expected) == sum(map(len, run.responses))
    got = list(sent(run, truth))
    for (at, model, given, made), (wanted_at, name, *lengths) in zip(got, expected):
        assert at == pytest.approx((wanted_at - expected[0][0]) / 2, abs=2e-6)
        assert (model, given, made) == (models.get(name, "a"), *lengths)
    (mix,) = run.folder.glob("mix_day_*.json")
    members = {summary["model"]: summary for summary in run.summaries}
    assert set(members) == {models.get(name, "a") for _, name, *_ in expected}
    for model, summary in members.items():
        lengths = [line[2:] for line in expected if models.get(line[1], "a") == model]
        assert summary["num_requests"] == len(lengths) == summary["results_num_completed_requests"]
        assert summary["num_input_tokens"] == pytest.approx(sum(given for given, _ in lengths) / len(lengths), abs=0.5)
        assert summary["trace"] == "day.trace" and summary["trace_speed"] == 2 and summary["mix"] == "day"
        assert summary["qps_distribution"] == "trace"


def test_a_window_of_it_is_sent(simulate, project):
    text = azure(random.Random(5), 80)
    project.write("day.trace", text)
    run, truth = measure(simulate, project, ["*,day.trace,0.5,1,0.8,noon"])
    lines = list(read_azure(text))
    inside = [line for line in lines if 1 <= line[0] - lines[0][0] < 1.8]
    got = list(sent(run, truth))
    assert [line[1:] for line in got] == [("a", *line[2:]) for line in inside]
    for (at, *_), (wanted_at, *_) in zip(got, inside):
        assert at == pytest.approx((wanted_at - inside[0][0]) / 0.5, abs=2e-6)
    assert run.summaries[0]["mix"] == "noon"
    heading, table = run.table()
    keys = ("trace", "trace_speed", "trace_from_s", "trace_for_s")
    assert [table[0][heading.index(key)] for key in keys] == ["day.trace", 0.5, 1, 0.8]


def test_a_trace_runs_beside_rows_of_its_mix(simulate, project):
    project.write("day.trace", azure(random.Random(5), 20))
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["*,,,,,day.trace,day", "c,40,4,12,20,,day"], CONFIG + MODELS,
                  header="model_name,input_tokens,output_tokens,num_requests,qps,trace,mix")
    run = project.run(address=simulator.address)
    assert [(summary["model"], summary["num_requests"]) for summary in run.summaries] == [("a", 20), ("c", 12)]
    (mix,) = run.folder.glob("mix_*.json")
    assert len(json.loads(mix.read_text())["members"]) == 2


# --- Blocks ---------------------------------------------------------------------------------------

def test_equal_blocks_are_equal_text(simulate, project):
    """What a prefix cache knew of each prompt is as long as the blocks that it has in common with an earlier one."""
    rng = random.Random(8)
    heads = [[100 + k for k in range(n)] for n in (2, 3)] + [[500]]
    asked = [[*rng.choice(heads), *(1000 + 10 * k + i for i in range(rng.randrange(1, 3)))] for k in range(25)]
    lines = [{"timestamp": 60 * k, "input_length": 512 * len(ids) - rng.randrange(200), "output_length": 2, "hash_ids": ids}
             for k, ids in enumerate(asked)]
    project.write("day.trace", "".join(json.dumps(line) + "\n" for line in lines))
    node = NODE.replace("tokens: 4096", "tokens: 8192") + "noise: {prefix_cache: true}\n"
    # one at a time, so that each is in the cache before the next comes
    run, truth = measure(simulate, project, ["*,day.trace,,,,,1"], CONFIG + MODELS + "passes : 2\n", node=node,
                         header=ROWS + ",max_in_flight")
    prompts, by_id, cached = [], {one["id"]: one for one in truth}, []
    records = [r for responses in run.responses for r in sorted(responses, key=lambda r: r["intended_monotonic_ns"])]
    for r, line in zip(records, lines * 2):
        one = by_id[r["response_id"]]
        assert one["prompt_tokens"] == line["input_length"]
        words = [(block, i) for block in line["hash_ids"] for i in range(512)][:line["input_length"] - TEMPLATE]
        common = 0
        for other in prompts:
            same = next((i for i, (a, b) in enumerate(zip(words, other)) if a != b), min(len(words), len(other)))
            common = max(common, TEMPLATE + same)
        if prompts:
            # whole blocks of the node's cache, and never the last token
            assert one["cached_tokens"] == min(common, line["input_length"] - 1) // 16 * 16
        cached.append(one["cached_tokens"])
        prompts.append(words)
    assert sum(cached[:25]) > 25 * 512 and min(cached[25:]) > 800  # the second pass says the same texts
    assert all(summary["num_prompts_cached"] == 0 for summary in run.summaries), "reuse is what is measured"


# --- What cannot be sent --------------------------------------------------------------------------

HEAD = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"


@pytest.mark.parametrize("row, text, config, words", [
    ("*,day.trace,,,,", HEAD + "1,GPT-4,30,2,0,x\n2,Llama,30,2,0,x\n3,Llama,30,2,0,x\n", "trace_models: {GPT-4: b}\n",
     ["day.trace:3: the trace's model 'Llama' (2 lines) maps to nothing", "trace_models"]),
    ("*,day.trace,,,,", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-01-01 00:00:00,9,9\n", "",
     ['the trace names no model; set trace_models: {"*": MODEL}']),
    ("*,day.trace,,,,", HEAD + "2,GPT-4,30,2,0,x\n1,GPT-4,30,2,0,x\n", MODELS,
     ["day.trace:3: its moment is 1 s before that of line 2; sort the file by time"]),
    ("*,no.trace,,,,", "", MODELS, ["rows.csv:2: trace: there is no file 'no.trace'"]),
    ("a,day.trace,,,,", HEAD + "1,GPT-4,30,2,0,x\n", MODELS, ["rows.csv:2: model_name: 'a' is not \"*\""]),
    ("*,day.trace,0,,,", HEAD, MODELS, ["rows.csv:2: trace_speed: '0' is not a number above 0"]),
    ("*,day.trace,,-1,,", HEAD, MODELS, ["rows.csv:2: trace_from_s: '-1' is not a number of 0 or more"]),
    ("*,day.trace,,50,,", HEAD + "1,GPT-4,30,2,0,x\n", MODELS, ["no request is left to send", "1 before the window"]),
    ("*,day.trace,,,,", HEAD + "1,GPT-4,30,2,0,x\n", "trace_models: {GPT-4: [b]}\n", ["trace_models: 'GPT-4' leads to no"]),
])
def test_it_is_refused_with_line_and_remedy(project, row, text, config, words):
    project.write("day.trace", text)
    project.setup([row], CONFIG + config, header=ROWS)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("column, cell", [
    ("input_tokens", "5"), ("output_tokens", "5"), ("num_requests", "5"), ("concurrent_requests", "5"), ("qps", "5"),
    ("duration_s", "5"), ("burstiness", "0.5"), ("qps_end", "3"), ("stddev_input_tokens", "3"), ("warmup_requests", "1"),
    ("dataset", "x.jsonl"), ("share", "2"),
])
def test_what_a_trace_says_itself_is_left_empty(project, column, cell):
    project.write("day.trace", azure(random.Random(1), 3))
    project.setup([f"*,day.trace,{cell}"], CONFIG + MODELS, header=f"model_name,trace,{column}")
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and f"rows.csv:2: {column}: leave it empty in a row with a trace" in done.stderr


def test_what_a_model_cannot_take_is_left_out_and_counted(simulate, project):
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
        f"2023-01-01 00:00:00.{k:02}5,{4090 if k % 3 == 0 else 50},{7 if k % 2 == 0 else 2}\n" for k in range(30))
    project.write("day.trace", text)
    run, truth = measure(simulate, project, config=CONFIG + MODELS + "bundle : bundle.yaml\n")
    fitting = [line for line in read_azure(text) if line[2] + line[3] <= 4096]
    assert len(fitting) == 25 and [line[2:] for line in sent(run, truth)] == [line[2:] for line in fitting]
    assert "trace: 5 lines are left out, of more tokens than the 4096 that the bundle file has for 'a'" in run.process.stderr


def test_plan_shows_members_requests_tokens_and_time(project):
    text = burstgpt(random.Random(4), 300)
    project.write("day.trace", text)
    project.setup(["*,day.trace,4,,,"], CONFIG + MODELS + "timeout : 5\n".replace("timeout", "settle"), header=ROWS)
    done = project.call("plan", "config.yaml", "--offline", "--set", "timeout=600", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    lines = list(read_burstgpt(text))
    for model in "ab":
        own = [line for line in lines if (line[1] == "GPT-4") == (model == "b")]
        (shown,) = [line.split() for line in done.stdout.splitlines() if line.split()[1:3] == ["2", model]]
        assert int(shown[5]) == len(own) and shown[7:] == ["trace", "mix", "day"]
        assert int(shown[3]) == pytest.approx(sum(line[2] for line in own) / len(own), abs=0.5)
    left_out = 300 - len(lines)
    assert f"trace: {left_out} lines are left out: {left_out} without output tokens" in done.stderr
    assert f"{len(lines)} requests" in done.stdout
    short = project.call("plan", "config.yaml", "--offline", "--set", "timeout=3", address="http://127.0.0.1:9/v1")
    assert "and timeout (3 s) cuts it off before" in short.stderr


# --- Retries, resumption, and back again ----------------------------------------------------------

def test_a_line_that_failed_is_sent_again(endpoint, project):
    refused = set()

    def answer(request, connection):
        prompt = json.dumps(request["body"]["messages"])
        if len(refused) < 5 and prompt not in refused:
            refused.add(prompt)
            return plain(503, b"busy")
        return stream(content("a"), finish(prompt_tokens=40, completion_tokens=1))
    server = endpoint(answer)
    text = azure(random.Random(2), 20)
    project.write("day.trace", text)
    project.setup(["*,day.trace,,,,"], CONFIG + MODELS + "retry : {attempts: 2}\nprompt : {count: content}\n", header=ROWS)
    run = project.run(address=server.address)
    assert run.summaries[0]["results_num_completed_requests"] == 20 and len(run.responses[0]) == 25
    completed = sorted((r for r in run.responses[0] if r["error_code"] is None), key=lambda r: r["intended_monotonic_ns"])
    lines = list(read_azure(text))
    for r, line in zip(completed, lines):
        assert (r["intended_monotonic_ns"] - completed[0]["intended_monotonic_ns"]) / 1e9 == \
            pytest.approx(line[0] - lines[0][0], abs=2e-6)


def test_a_run_that_was_cut_off_sends_all_of_it_once_more(simulate, project):
    text = azure(random.Random(3), 60)
    project.write("day.trace", text)
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["*,day.trace,,,,"], CONFIG + MODELS, header=ROWS)
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=simulator.address)
    journal, deadline = project.folder / "out" / "r" / "journal.jsonl", time.monotonic() + 30
    while not journal.exists() or journal.read_text().count('"request":{') < 10:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    done = project.call("run", "--resume", "out/r", address=simulator.address)
    assert done.returncode in (0, 4), done.stderr
    run = Run(project.folder / "out" / "r", project.folder / "books")
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    assert [line[2:] for line in sent(run, truth)] == [line[2:] for line in read_azure(text)]
    # another file of that name is another run
    project.write("day.trace", azure(random.Random(4), 59))
    again = project.call("run", "--resume", "out/r", address="http://127.0.0.1:9/v1")
    assert again.returncode == 2 and "cannot be resumed" in again.stderr


def test_a_run_that_was_exported_can_be_replayed(simulate, project):
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["a,60,3,20,,30,exponential,", "b,90,5,15,,25,exponential,"], CONFIG,
                  header="model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution,mix")
    project.write("rows.csv", (project.folder / "rows.csv").read_text().replace("exponential,", "exponential,day"))
    first = project.run("--name", "first", address=simulator.address)
    done = project.call("export", "--format", "trace", "out/first", "--output", "made")
    assert done.returncode == 0, done.stderr
    project.setup(["*,made/first/trace.jsonl,,,,"], CONFIG + "trace_models : {a: a, b: b}\n", header=ROWS)
    second = project.run("--name", "second", address=simulator.address)
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    by_model = lambda at: (at[1:], at[0])  # two of them leave at one moment
    one, other = sorted(sent(first, truth), key=by_model), sorted(sent(second, truth), key=by_model)
    assert len(one) == len(other) == 35
    for a, b in zip(one, other):
        assert a[0] == pytest.approx(b[0], abs=2e-6) and a[1:] == b[1:]


def test_a_file_that_has_changed_ends_the_run(simulate, project):
    """Fewer lines than the plan counted: nothing is made up for them."""
    text = HEAD + "".join(f"{k / 500},GPT-4,30,1,0,x\n" for k in range(8000))
    path = project.write("day.trace", text)
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["*,day.trace,,,,"], CONFIG + MODELS, header=ROWS)
    process = project.start("run", "config.yaml", *NO_VERDICT, "--name", "r", address=simulator.address)
    journal, deadline = project.folder / "out" / "r" / "journal.jsonl", time.monotonic() + 30
    while not journal.exists() or journal.read_text().count('"request":{') < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with path.open("r+") as file:
        file.truncate(len(text) // 2)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and "day.trace" in said, said


def test_a_file_of_a_million_lines_takes_little_memory(simulate, project):
    """All of it is read, twice to plan and once to send; what is kept is what was sent."""
    with project.write("day.trace", HEAD).open("a") as file:
        file.writelines(f"{k / 1000},{'GPT-4' if k % 10 else 'x'},30,1,0,x\n" for k in range(1_000_000))
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(["*,day.trace,0.1,999.9,,"], CONFIG + MODELS, header=ROWS)
    code, said, memory_mib = run_measured(project, simulator.address)
    simulator.close()
    assert code in (0, 4), said
    assert len(simulator.truth.read_text().splitlines()) == 100
    assert memory_mib < 200
