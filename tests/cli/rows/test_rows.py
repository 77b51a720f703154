"""rows writes a CSV that plan and run accept: what the endpoint or a bundle file offers, combined."""

import csv
import io
import json
import re
import socket
import threading

import pytest

from support.bench import CONFIG, HEADER

SMALL = "Meta-Llama-3.1-8B-Instruct"
LARGE = "Meta-Llama-3.3-70B-Instruct"


def table(text):
    """(model, input, output, requests, concurrency) of each row."""
    lines = list(csv.reader(io.StringIO(text)))
    assert ",".join(lines[0]) == HEADER
    assert all(line[5:] == ["", "", ""] for line in lines[1:])
    return [(line[0], *map(int, line[1:5])) for line in lines[1:]]


def experts(bundle):
    """{name: [(tier, batch sizes)]} of the demo's bundle file, by another reader than ours."""
    found = {}
    for line in bundle.read_text().splitlines():
        if name := re.match(r"  - name: (\S+)", line):
            tiers = found[name[1]] = []
        elif tier := re.match(r"      - \{tokens: (\d+), batch_sizes: (\[[\d, ]+\])", line):
            tiers.append((int(tier[1]), json.loads(tier[2])))
    assert len(found) == 5 and all(found.values())
    return found


@pytest.fixture
def lists():
    """lists(*models) is the address of an endpoint whose /models says so, each (id, context)."""
    listeners = []

    def start(*models):
        body = json.dumps({"data": [{"id": name} | ({"context_length": context} if context else {})
                                    for name, context in models]}).encode()
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d"
                                       b"\r\n\r\n%s" % (len(body), body))

        threading.Thread(target=serve, daemon=True).start()
        return "http://127.0.0.1:%d/v1" % listener.getsockname()[1]

    yield start
    for one in listeners:
        one.close()


@pytest.fixture
def configured(project):
    """A config whose CSV is not there yet."""
    project.write("config.yaml", CONFIG)
    return project


# --- From an endpoint ---------------------------------------------------------------------------


def test_what_the_endpoint_lists_becomes_rows_that_plan_and_run_accept(simulate, demo_bundle,
                                                                       configured):
    simulator = simulate(demo_bundle)
    done = configured.call("rows", "config.yaml", address=simulator.address)
    assert done.returncode == 0 and done.stderr == ""
    names = list(experts(demo_bundle))
    assert table(done.stdout) == [(name, 1000, 128, 10, 1) for name in names]
    assert simulator.truth.read_text() == "", "a model was touched"

    done = configured.call("rows", "config.yaml", "--input-tokens", "50", "--output-tokens", "4",
                           "--concurrency", "1,2", "--requests", "3", "--output", "rows.csv",
                           "--model", SMALL, "--model", LARGE, address=simulator.address)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "rows.csv: 4 rows\n")
    done = configured.call("plan", "config.yaml", address=simulator.address)
    assert done.returncode == 0 and "may hide a switch" in done.stderr and "4 rows, 12 requests" in done.stdout
    run = configured.run(address=simulator.address)
    assert [(s["model"], s["num_concurrent_requests"], s["results_num_completed_requests"])
            for s in run.summaries] == [(SMALL, 1, 3), (SMALL, 2, 3), (LARGE, 1, 3), (LARGE, 2, 3)]


def test_what_does_not_fit_a_context_is_left_out_and_told(lists, configured):
    address = lists(("short", 4096), ("untold", None), ("long", 131072))
    done = configured.call("rows", "config.yaml", "--input-tokens", "4000,8000,50000",
                           "--output-tokens", "96,97", "--concurrency", "1,8", address=address)
    assert done.returncode == 0
    wanted = [(name, i, o, n, c) for name in ("short", "untold", "long")
              for i in (4000, 8000, 50000) for o in (96, 97) for c, n in ((1, 10), (8, 24))
              if name != "short" or i + o <= 4096]
    assert table(done.stdout) == wanted
    assert done.stderr == ("left out: 10 rows of short: 50097 tokens of input and output do not fit "
                           "into 4096\n")


def test_every_servers_way_to_list_a_context(endpoint, configured):
    """vLLM, llama-server, LM Studio, OpenRouter: of several, the least holds."""
    listed = [{"id": "a", "max_model_len": 4096}, {"id": "b", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}},
              {"id": "c", "max_context_length": 4096},
              {"id": "d", "context_length": 131072, "top_provider": {"context_length": 4096}},
              {"id": "e:latest", "context_length": 4096}]
    address = endpoint(None, models=listed).address
    done = configured.call("rows", "config.yaml", "--input-tokens", "3968,3969", address=address)
    assert done.returncode == 0
    assert table(done.stdout) == [(one["id"], 3968, 128, 10, 1) for one in listed]
    assert done.stderr.count("left out: 1 row of ") == 5
    done = configured.call("rows", "config.yaml", "--input-tokens", "3968,3969", "--model", "e",
                           address=address)
    assert table(done.stdout) == [("e", 3968, 128, 10, 1)]
    assert done.stderr.startswith("left out: 1 row of e:") and "does not list" not in done.stderr


def test_nothing_left_is_refused(lists, configured):
    done = configured.call("rows", "config.yaml", "--input-tokens", "9000",
                           address=lists(("short", 4096), ("shorter", 512)))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines() == [
        "left out: 1 row of short: 9128 tokens of input and output do not fit into 4096",
        "left out: 1 row of shorter: 9128 tokens of input and output do not fit into 512",
        "coebench rows: no row is left to write; ask for other lengths or models"]


def test_a_named_model_that_is_not_listed_is_warned_of_and_kept(lists, configured):
    done = configured.call("rows", "config.yaml", "--model", "gpt-oss-12b", "--model", "other",
                           address=lists(("other", 4096), ("gpt-oss-120b", 4096)))
    assert done.returncode == 0
    assert [row[0] for row in table(done.stdout)] == ["gpt-oss-12b", "other"]
    assert done.stderr == ("warning: the endpoint does not list the model 'gpt-oss-12b' (did you "
                           "mean 'gpt-oss-120b'?); its rows are kept\n")


def test_names_that_hold_commas_and_quotes_come_through(lists, configured):
    names = ["a,b", 'say "x"', " blank ", "two\nlines", "plain"]
    address = lists(*((name, 4096) for name in names))
    done = configured.call("rows", "config.yaml", "--output", "rows.csv", address=address)
    assert done.returncode == 0
    text = (configured.folder / "rows.csv").read_text()
    assert [row[0] for row in table(text)] == names
    assert '"a,b",1000,' in text and '"say ""x""",1000,' in text and "\nplain,1000," in text
    done = configured.call("plan", "config.yaml", address=address)
    assert done.returncode == 0 and done.stderr == "" and "5 rows, 50 requests" in done.stdout


def test_a_name_that_no_csv_can_hold_is_refused(lists, configured):
    done = configured.call("rows", "config.yaml", address=lists(("NA", 4096), ("good", 4096)))
    assert done.returncode == 2 and done.stdout == ""
    assert "rows:2: model_name: is empty" in done.stderr


def test_rows_that_cannot_show_a_switch_are_warned_of(lists, configured):
    done = configured.call("rows", "config.yaml", "--concurrency", "2,4", "--requests", "4",
                           address=lists(("one", 4096)))
    assert done.returncode == 0 and len(table(done.stdout)) == 2
    assert done.stderr.startswith("warning: rows:3: cannot show a switch") and \
        done.stderr.count("\n") == 1


def test_an_endpoint_that_lists_nothing(endpoint, configured):
    silent = endpoint(lambda request, connection: None).address  # its list is empty
    for address, part in ((silent, "lists no models"), ("http://127.0.0.1:9/v1", "cannot be listed")):
        done = configured.call("rows", "config.yaml", address=address)
        assert done.returncode == 2 and done.stdout == ""
        assert part in done.stderr and "--model" in done.stderr and "--bundle" in done.stderr
        done = configured.call("rows", "config.yaml", "--model", "a", address=address)
        assert done.returncode == 0 and table(done.stdout) == [("a", 1000, 128, 10, 1)]
        assert done.stderr.startswith("warning: ") and done.stderr.count("\n") == 1


def test_a_wrong_key_is_told_and_shown_nowhere(simulate, demo_bundle, configured):
    done = configured.call("rows", "config.yaml", address=simulate(demo_bundle).address,
                           key="wrong-secret-zyxw")
    assert done.returncode == 2 and "HTTP 401" in done.stderr
    assert "zyxw" not in done.stdout + done.stderr


# --- From a bundle file -------------------------------------------------------------------------


def test_a_bundle_gives_a_row_for_each_configuration_without_endpoint_or_key(demo_bundle, project):
    done = project.call("rows", "--bundle", str(demo_bundle), key=None)
    assert done.returncode == 0 and done.stderr == ""
    visited = []
    for name, input_tokens, output_tokens, requests, concurrency in table(done.stdout):
        tier = next(t for t, _ in experts(demo_bundle)[name] if t >= input_tokens + output_tokens)
        visited.append((name, tier, concurrency))
        assert requests >= max(10, 3 * concurrency) and requests % concurrency == 0
    assert visited == [(name, tier, size) for name, tiers in experts(demo_bundle).items()
                       for tier, sizes in tiers for size in sizes]


def test_asked_lengths_take_the_batch_sizes_of_their_tier(demo_bundle, project):
    done = project.call("rows", "--bundle", str(demo_bundle), "--model", SMALL, "--model", LARGE,
                        "--input-tokens", "4000,16000,20000", "--output-tokens", "96", key=None)
    assert [row[:2] + row[4:] for row in table(done.stdout)] == \
        [(SMALL, 4000, c) for c in (1, 2, 4, 8)] + [(SMALL, 16000, c) for c in (1, 2, 4)] + \
        [(LARGE, 4000, c) for c in (1, 2, 4, 8, 16, 32)] + \
        [(LARGE, 16000, c) for c in (1, 2, 4)] + [(LARGE, 20000, 1)]
    assert done.stderr == (f"left out: 3 rows of {SMALL}: 20096 tokens of input and output do not "
                           "fit into 16384\n")


def test_concurrency_above_the_largest_batch_size_is_kept_where_asked_for(demo_bundle, project):
    done = project.call("rows", "--bundle", str(demo_bundle), "--model", SMALL,
                        "--input-tokens", "100", "--concurrency", "4,64", key=None)
    assert [row[3:] for row in table(done.stdout)] == [(12, 4), (192, 64)]


def test_an_output_too_long_for_a_tier_leaves_that_tier_out(demo_bundle, project):
    done = project.call("rows", "--bundle", str(demo_bundle), "--model", SMALL,
                        "--output-tokens", "5000", "--concurrency", "1", key=None)
    assert [row[1:3] for row in table(done.stdout)] == [(1144, 5000), (7288, 5000)]
    assert done.stderr == (f"left out: 1 row of {SMALL}: 5001 tokens of input and output do not fit "
                           "into 4096\n")


def test_a_model_that_the_bundle_does_not_list(demo_bundle, project):
    done = project.call("rows", "--bundle", str(demo_bundle), "--model", "gpt-oss-20b", key=None)
    assert done.returncode == 0 and table(done.stdout) == [("gpt-oss-20b", 1000, 128, 10, 1)]
    assert "the bundle does not list the model 'gpt-oss-20b' (did you mean 'gpt-oss-120b'?)" \
        in done.stderr


def test_a_file_for_the_client_alone_is_enough(project):
    """Without the speeds that only the simulator needs."""
    project.write("b.yaml", "node: {hbm_gb: 100}\nexperts:\n  - name: one\n    weight_gb: 10\n"
                            "    tiers: [{tokens: 100, batch_sizes: [1, 3]}]\n")
    done = project.call("rows", "--bundle", "b.yaml", "--output-tokens", "10", key=None)
    assert table(done.stdout) == [("one", 40, 10, 10, 1), ("one", 40, 10, 12, 3)]


# --- Faults -------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_not_replaced(demo_bundle, project):
    project.write("mine.csv", "precious")
    done = project.call("rows", "--bundle", str(demo_bundle), "--output", "mine.csv", key=None)
    assert done.returncode == 2 and "mine.csv: is there already" in done.stderr
    assert (project.folder / "mine.csv").read_text() == "precious"
    done = project.call("rows", "--bundle", str(demo_bundle), "--output", "no/such.csv", key=None)
    assert done.returncode == 2 and "no/such.csv" in done.stderr


def test_all_faults_of_the_options_are_told_at_once(project):
    done = project.call("rows", "--bundle", "none.yaml", "--input-tokens", "1,x",
                        "--output-tokens", "", "--concurrency", "0", "--requests", "0", key=None)
    assert done.returncode == 2 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    for line, part in zip(lines, ("--input-tokens: 'x'", "--output-tokens: holds an empty place",
                                  "--concurrency: '0'", "--requests: '0'")):
        assert line.startswith(f"coebench rows: {part}")


def test_bundle_and_config_faults(project, demo_bundle):
    done = project.call("rows", "--bundle", "none.yaml", key=None)
    assert done.returncode == 2 and "none.yaml" in done.stderr
    project.write("bad.yaml", "node: {hbm_gb: 1}\nexpert: []\n")
    done = project.call("rows", "--bundle", "bad.yaml", key=None)
    assert done.returncode == 2 and "bad.yaml:2" in done.stderr and done.stdout == ""
    done = project.call("rows", "none.yaml", key=None)
    assert done.returncode == 2 and "none.yaml" in done.stderr
    project.write("config.yaml", CONFIG)
    done = project.call("rows", "config.yaml", address="http://127.0.0.1:9/v1", key=None)
    assert done.returncode == 2 and "SAMBANOVA_API_KEY" in done.stderr


def test_too_many_rows_are_refused(demo_bundle, project):
    numbers = ",".join(map(str, range(1, 401)))
    done = project.call("rows", "--bundle", str(demo_bundle), "--input-tokens", numbers,
                        "--concurrency", numbers, key=None)
    assert done.returncode == 2 and done.stdout == "" and "more than 100000 rows" in done.stderr


# --- What all rows have alike ---------------------------------------------------------------------

def test_the_shape_of_traffic_stands_in_each_row(configured):
    words = ["--qps-end", "8", "--qps-ramp", "exponential", "--burstiness", "0.5", "--max-in-flight", "9", "--prefix-tokens",
             "20", "--turns", "3", "--turn-input-tokens", "40", "--think-time", "0.5", "--mix", "a, b", "--duration", "5"]
    done = configured.call("rows", "--bundle", "bundle:demo", "--model", SMALL, "--input-tokens", "100", "--sweep", "qps=1..4*2",
                        *words, key=None)
    assert done.returncode == 0 and not done.stderr, done.stderr
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    asked = {"qps_end": "8", "qps_ramp": "exponential", "burstiness": "0.5", "max_in_flight": "9", "prefix_tokens": "20",
             "turns": "3", "turn_input_tokens": "40", "think_time_s": "0.5", "mix": "a, b", "duration_s": "5"}
    assert [line["qps"] for line in lines] == ["1", "2", "4"]
    assert all(asked.items() <= line.items() for line in lines)
    configured.write("rows.csv", done.stdout)
    planned = configured.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("words, sentence", [
    (["--burstiness", "2"], "--burstiness: is for requests at a rate; set --sweep qps="),
    (["--sweep", "concurrent_requests=1..4*2", "--qps-end", "2"], "--qps-end: is for requests at a rate"),
    (["--turns", "one"], "--turns: 'one' is not a whole number"),
    (["--turn-input-tokens", "5"], "--turn-input-tokens: is for sessions; set --turns"),
    (["--mix", "x_individual_responses"], "--mix: 'x_individual_responses' is not a name"),
])
def test_a_shape_that_says_nothing_is_refused(project, words, sentence):
    done = project.call("rows", "--bundle", "bundle:demo", *words, key=None)
    assert done.returncode == 2 and not done.stdout and f"coebench rows: {sentence}" in done.stderr, done.stderr


def test_the_address_may_be_given(project, lists):
    """In the place of the environment's, and in another dialect than the config's."""
    project.setup(["m,1,1,1,1,,,"])
    address = lists(("here", 0))
    done = project.call("rows", "config.yaml", "--url", address, "--api", "openai", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0 and [line[0] for line in table(done.stdout)] == ["here"], done.stderr
