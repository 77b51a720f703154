"""What plan expects a mix to pay for switches, beside what the node of the same file tells of a run."""

import json
import re

import pytest
from support.bench import CONFIG

HEADER = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution,mix,share,trace"
NODE = """\
node: {{hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000, switch_overhead_s: 0.01, eviction: {eviction}{more}}}
experts:
""" + "".join(f"""\
  - {{{{name: {name}, weight_gb: {weight}, prefill_overhead_s: 0.005, prefill_tokens_per_s: 20000,
     decode_tokens_per_s: 2000, tiers: [{{{{tokens: 512, batch_sizes: {{sizes}}}}}}, {{{{tokens: 2048, batch_sizes: [1]}}}}]}}}}
""" for name, weight in (("a", 40), ("b", 50), ("c", 30)))
MODELS = 'trace_models: {x: a, "*": b}\n'
OPEN = ["a,100,10,120,,8,exponential,day,,", "b,100,10,80,,5,exponential,day,,", "c,100,10,40,,2,exponential,day,,"]
CLOSED = ["a,100,10,60,1,,,day,,", "b,100,10,40,1,,,day,,", "c,100,10,30,1,,,day,,"]
SHARED = ["a,100,10,150,3,,,day,5,", "b,100,10,,,,,day,3,", "c,100,10,,,,,day,2,"]
TRACE = ["*,,,,,,,day,,day.trace"]


def node(sizes="[1]", eviction="lru", more=""):
    return NODE.format(sizes=sizes, eviction=eviction, more=more)


def write_trace(project):
    lines = [{"at_s": 0.07 * k, "model": "xy"[k % 5 % 2], "input_tokens": 100 + 900 * (k % 7 == 0), "output_tokens": 10}
             for k in range(120)]
    project.write("day.trace", "".join(json.dumps(line) + "\n" for line in lines))


def expected(project, *more):
    done = project.call("plan", "config.yaml", "--offline", "--seed", "7", "--set", "bundle=node.yaml", *more,
                        address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("rows, how", [
    (OPEN, {}), (OPEN, {"eviction": "fifo"}), (OPEN, {"more": ", schedule: group"}), (OPEN, {"sizes": "[1, 2, 4]"}),
    (CLOSED, {}), (SHARED, {}), (TRACE, {}),
])
def test_as_many_calls_pay_as_planned(simulate, project, rows, how):
    """Up to a few, as what a call meets is a matter of milliseconds where calls are close."""
    write_trace(project)
    simulator = simulate(project.write("node.yaml", node(**how)))
    project.setup(rows, CONFIG + MODELS, header=HEADER)
    said = re.search(r"mix day, followed through the bundle file's node: (\d+) of (\d+) calls \(\d+ %\) wait for a load; of row 1 "
                     r"(\d+) of (\d+), row 2 .*?\. (\d+) loads take ([\d.]+) s, (\d+) % of", expected(project))
    run = project.run("--seed", "7", address=simulator.address)
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    paying, calls, first_pays, first, loads = map(int, said.groups()[:5])
    assert calls == len(truth) == sum(map(len, run.responses))
    assert paying == pytest.approx(sum(not one["hit"] for one in truth), abs=calls * 0.07)
    assert first == sum(one["model"] == "a" for one in truth)
    assert first_pays == pytest.approx(sum(not one["hit"] for one in truth if one["model"] == "a"), abs=calls * 0.05)
    switches = {one["batch"]: one["switch_s"] for one in truth if not one["hit"]}
    assert loads == pytest.approx(len(switches), abs=calls * 0.07)
    assert float(said[6]) == pytest.approx(sum(switches.values()), rel=0.15)


def test_what_is_not_followed_is_said(project):
    project.write("node.yaml", node(more=", replicas: 2"))
    project.setup(OPEN, CONFIG, header=HEADER)
    assert "mix day: its switches are not expected: it has several replicas." in expected(project)
    project.write("node.yaml", node().replace("name: c", "name: d"))
    assert "the bundle file lacks the model or the tier of some of its calls" in expected(project)
    project.write("node.yaml", re.sub(r"decode_tokens_per_s: \d+,", "", node()))
    assert "if each call takes as long as guessed below" in expected(project)
    assert "wait for a load" not in expected(project, "--set", "bundle=")


def test_a_long_mix_is_followed_by_its_first_calls(project):
    project.write("node.yaml", node())
    project.setup([row.replace(",120,", ",150000,").replace(",80,", ",90000,").replace(",8,", ",8000,").replace(",5,", ",5000,")
                   for row in OPEN[:2]], CONFIG, header=HEADER)
    assert re.search(r"\d+ of the first 190000 calls", expected(project))
