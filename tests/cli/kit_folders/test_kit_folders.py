"""Folders that the starter kit left: what is told of them is computed from their files, and a broken file costs its row
alone."""

import json

import openpyxl
import pytest
from support.bench import CONFIG

SENTENCE = ("Error while running LLM API requests. Check your model name, LLM API type, env variables and endpoint "
            "status.")
UUID = "00000000-0000-4000-8000-{:012d}"


def response(start_s, ttft_s, **more):
    """As the kit writes one; times of day begin at eleven."""
    def moment(seconds):
        return f"11:00:{seconds:09.6f}"
    made = {"error_code": None, "error_msg": "", "prompt_name": "default", "start_time": moment(start_s),
            "end_time": moment(start_s + ttft_s + 0.1), "server_number_input_tokens": 100,
            "server_number_output_tokens": 8, "server_ttft_s": ttft_s, "server_end_to_end_latency_s": ttft_s + 0.1,
            "server_output_token_per_s_per_request": 80.0, "batch_size_used": None, "number_input_tokens": 100,
            "number_output_tokens": 8, "client_ttft_s": ttft_s + 0.002,
            "client_end_to_end_latency_s": ttft_s + 0.102, "client_inter_token_latencies_s": [ttft_s, 0.01]}
    return made | more


def failed(start_s, message="500 Server Error: Internal Server Error for url: http://h"):
    return {"error_code": SENTENCE, "error_msg": message, "prompt_name": "default",
            "start_time": f"11:00:{start_s:09.6f}"}


class Folder:
    def __init__(self, path):
        self.path = path
        path.mkdir()
        self.count = 0

    def add(self, responses, model="m", name="100_8_1", **summary):
        self.count += 1
        stem = f"synthetic_0_{model}_{name}_stream_" + UUID.format(self.count)
        done = [r for r in responses if r["error_code"] is None]
        whole = {"name": f"{stem}_summary", "model": model, "num_concurrent_requests": 1,
                 "results_server_ttft_s_mean": 0.2, "results_num_requests_started": len(responses),
                 "results_number_errors": len(responses) - len(done), "results_num_completed_requests": len(done),
                 "results_error_code_frequency": "{}", "num_input_tokens": 100, "num_output_tokens": 8, "model_idx": 0,
                 "timestamp": 1764400000 + self.count}
        (self.path / f"{stem}_summary.json").write_text(json.dumps(whole | summary, indent=4))
        (self.path / f"{stem}_individual_responses.json").write_text(json.dumps(responses, indent=4))
        return stem


@pytest.fixture
def kit(project):
    return Folder(project.folder / "kit")


def report(project, folder, expect=0):
    done = project.call("report", str(folder), "--output", "books")
    assert done.returncode == expect, done.stderr
    path = next(line.split(":", 1)[1].strip() for line in done.stdout.splitlines() if line.startswith("workbook"))
    book = openpyxl.load_workbook(project.folder / path)
    heads, *lines = book["Results"].iter_rows(values_only=True)
    return book, [dict(zip(heads, line)) for line in lines], done


SWITCH = [response(2 * i, 0.613 if i == 0 else 0.2 + 0.001 * (i % 3)) for i in range(8)]


@pytest.mark.parametrize("order", [SWITCH, SWITCH[::-1]], ids=["by start", "by end"])
def test_the_rule_is_computed(project, kit, order):
    kit.add(order)
    rest = [r["server_ttft_s"] for r in SWITCH[1:]]
    _, (line,), _ = report(project, kit.path)
    assert line["switching_verdict"] == "found"
    assert line["switching_time"] == pytest.approx(0.613 - sum(rest) / 7)
    assert line["switching_source"] == "server"
    told = project.call("switching", str(kit.path))
    assert "documented rule" not in told.stdout, "it agrees"


def test_without_a_switch_the_rule_tells_none(project, kit):
    kit.add(SWITCH[1:])
    _, (line,), _ = report(project, kit.path)
    assert line["switching_verdict"] == "none" and line["switching_time"] is None


def test_batches_and_the_image_are_computed(project, kit):
    batches = [response(5 * i + 0.001 * k, 0.3 + 0.01 * i) for i in range(4) for k in range(4)]
    kit.add(batches, name="multimodal_small_100_8_4", num_concurrent_requests=4)
    _, (line,), _ = report(project, kit.path)
    assert line["request_batching_frequencies"] == "{4: 16}"
    assert line["representative_batch_size"] == 4
    assert line["multimodal_img_size"] == "small"


@pytest.mark.parametrize("frequency", [f"{{'{SENTENCE}': 2}}", f"{{'{SENTENCE}': np.int64(2)}}", "{}", "lost"])
def test_errors_whose_code_is_a_sentence_are_counted_and_shown(project, kit, frequency):
    kit.add([*SWITCH[:6], failed(20), failed(22)], results_error_code_frequency=frequency)
    book, (line,), _ = report(project, kit.path)
    assert line["number_errors"] == 2
    assert line["error_code_frequency"] == f"{{'{SENTENCE}': 2}}"
    cells = [cell for row in book["Errors"].iter_rows(values_only=True) for cell in row]
    assert SENTENCE in cells and "No request failed." not in cells
    assert any(str(cell).startswith("500 Server Error") for cell in cells)
    heads, _, *requests = book["Requests"].iter_rows(values_only=True)
    codes = [row[heads.index("error_code")] for row in requests]
    assert codes.count(SENTENCE) == 2
    assert [row[heads.index("http_status")] for row in requests].count(500) == 2


def test_errors_are_counted_where_the_summary_does_not_say_how_many(project, kit):
    kit.add([*SWITCH[:6], failed(20), failed(22)], results_number_errors=float("nan"))
    _, (line,), _ = report(project, kit.path)
    assert line["number_errors"] == 2 and line["error_code_frequency"] == f"{{'{SENTENCE}': 2}}"


def test_the_image_is_found_behind_a_model_of_that_name(project, kit):
    kit.add(SWITCH, model="seer-multimodal", name="multimodal_Large_100_8_1")
    _, (line,), _ = report(project, kit.path)
    assert line["multimodal_img_size"] == "large"


def test_numbers_that_are_texts_are_numbers(project, kit):
    texts = {"num_input_tokens": "100", "num_output_tokens": "8", "num_concurrent_requests": "1",
             "results_number_errors": "0", "results_num_completed_requests": "8", "results_server_ttft_s_mean": "0.25"}
    kit.add([r | {"server_ttft_s": str(r["server_ttft_s"])} for r in SWITCH], **texts)
    _, (line,), _ = report(project, kit.path)
    assert (line["num_input_tokens"], line["num_concurrent_requests"], line["num_completed_requests"]) == (100, 1, 8)
    assert line["server_ttft_s_mean"] == 0.25
    assert line["switching_verdict"] == "found" and line["switching_source"] == "server"


def test_what_python_writes_for_no_number_is_null(project, kit):
    """Its example begins with a row of one request, which has no standard deviation."""
    kit.add(SWITCH[:1], results_server_ttft_s_stddev=float("nan"), results_client_ttft_s_max=float("inf"),
            results_client_ttft_s_min=float("-inf"), results_client_ttft_s_mean=0.5)
    kit.add([SWITCH[0] | {"acceptance_rate": float("nan"), "error_msg": "NaN, -Infinity"}, *SWITCH[1:]])
    _, (one, whole), _ = report(project, kit.path)
    assert one["client_ttft_s_mean"] == 0.5 and one.get("client_ttft_s_max") is None
    assert whole["switching_verdict"] == "found"


# --- Broken files ---------------------------------------------------------------------------------


def cut(path):
    text = path.read_text()
    path.write_text(text[:len(text) // 2])


BREAKS = {"cut": cut, "empty": lambda path: path.write_text(""), "text": lambda path: path.write_text("lost"),
          "zeros": lambda path: path.write_bytes(bytes(4096))}


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("ending", ["summary", "individual_responses"])
def test_a_broken_file_costs_its_row_alone(project, kit, how, ending):
    kit.add(SWITCH)
    lost = kit.add(SWITCH, model="n")
    kit.add(SWITCH[1:])
    BREAKS[how](kit.path / f"{lost}_{ending}.json")
    _, lines, done = report(project, kit.path, expect=3)
    assert [line["model"] for line in lines] == ["m", "m"]
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("warning")]
    assert f"{lost}_{ending}.json" in warning and warning.endswith("; the step is left out of kit")
    told = project.call("switching", str(kit.path))
    assert told.returncode == 3 and "left out" in told.stderr


def test_where_nothing_is_left_there_is_no_report(project, kit):
    (kit.path / f"{kit.add(SWITCH)}_summary.json").write_text("{")
    done = project.call("report", str(kit.path))
    assert done.returncode == 2 and "is not a summary" in done.stderr


@pytest.mark.parametrize("ending", ["summary", "individual_responses"])
@pytest.mark.parametrize("side", ["base", "candidate", "both"])
def test_a_row_with_a_broken_file_is_missing_in_a_comparison(project, ending, side):
    policy = project.write("policy.yaml", "min_runs: 1\nmin_requests: 1\nchecks:\n  - limits:\n"
                           "      client_ttft_s_p50: {max: 60}\n")
    copies = {name: project.folder / name for name in ("base", "candidate")}
    for i, copy in enumerate(copies.values()):
        other = Folder(copy)
        other.count = 10 * i
        other.add(SWITCH)
        lost = other.add(SWITCH, model="n")
        if side in (copy.name, "both"):
            cut(copy / f"{lost}_{ending}.json")
    done = project.call("compare", "base", "candidate", "--policy", str(policy))
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("FAIL") and "missing" in done.stdout
    assert "warning: " in done.stderr and "left out" in done.stderr


def more(path):
    """As when two programs write to one file."""
    path.write_text(path.read_text() + "[]\nlost")


@pytest.mark.parametrize("broken", [cut, more])
@pytest.mark.parametrize("ending", ["_summary.json", "_individual_responses.json"])
def test_a_step_with_a_broken_file_starts_over(simulate, demo_bundle, project, ending, broken):
    address = simulate(demo_bundle).address
    project.setup(["Meta-Llama-3.1-8B-Instruct,100,4,3,1,,,", "Meta-Llama-3.1-8B-Instruct,200,4,4,1,,,"],
                  CONFIG + "seed: 5\n")
    run = project.run(address=address)
    before = {path: path.read_bytes() for path in run.folder.glob(f"{run.names[0]}*")}
    broken(run.folder / f"{run.names[1]}{ending}")
    told = project.call("report", str(run.folder), "--output", "made")
    if told.returncode == 0:
        return  # what stands behind a summary's object is passed over, so the step has ended
    assert f"'coebench run --resume {run.folder}' resumes it" in told.stderr
    done = project.call("run", "--resume", str(run.folder), address=address)
    assert done.returncode in (0, 4), done.stderr
    assert "resumed: 1 of 2 steps have ended; 1 of the others starts over" in done.stderr
    again = type(run)(run.folder, project.folder / "books")
    assert again.names[0] == run.names[0] and again.names[1] != run.names[1]
    assert [len(r) for r in again.responses] == [3, 4]
    assert {path: path.read_bytes() for path in before} == before
    assert openpyxl.load_workbook(again.workbook)["Results"].max_row == 3
    assert [a["name"] for a in again.manifest["attempts"]] == [run.names[1]]
