"""A node that is as unruly as the world: what each key of the bundle file does is seen in the time
that answers took, and stands in the ground truth of that very run."""

import concurrent.futures
import json
import random
import statistics
import time
import urllib.request

import pytest

SPEED = "prefill_tokens_per_s: 10000, decode_tokens_per_s: 1000"
TIER = "tiers: [{tokens: 8192, batch_sizes: [1]}]"
LOAD_S = 0.03  # 0.01 and 20 GB at 1000 GB/s
WORDS = 100    # prefill takes 10 ms


def bundle(project, node="hbm_gb: 50", noise="", models="ab"):
    experts = "".join(f"  - {{name: {m}, weight_gb: 20, {SPEED}, {TIER}}}\n" for m in models)
    return project.write("bundle.yaml",
                         f"node: {{ddr_to_hbm_gb_per_s: 1000, switch_overhead_s: 0.01, {node}}}\n"
                         f"noise: {{{noise}}}\nexperts:\n{experts}")


def ask(simulator, model, words=WORDS, tokens=1, stream=False):
    """How long an answer took, of one token unless told: its time to first token."""
    body = {"model": model, "max_tokens": tokens, "stream": stream,
            "messages": [{"role": "user", "content": "word " * words}]}
    request = urllib.request.Request(simulator.address + "/chat/completions",
                                     json.dumps(body).encode(),
                                     {"Authorization": "Bearer demo-key"})
    begin = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return time.monotonic() - begin


def truths(simulator, count):
    """The truth of so many requests; a line is written as its answer is out."""
    deadline = time.monotonic() + 20
    while len(lines := simulator.truth.read_text().splitlines()) < count:
        assert time.monotonic() < deadline, "the truth is not told"
        time.sleep(0.01)
    assert len(lines) == count
    return sorted((json.loads(line) for line in lines), key=lambda t: t["index"])


def oversleep():
    """By how much this machine, busy as it is, wakes a sleeper late."""
    begin = time.monotonic()
    time.sleep(0.005)
    return time.monotonic() - begin - 0.005


PARTS = ("switch_s", "warmup_s", "second_s", "prefill_s", "stall_s", "pause_s")


def calls(simulator, models, words=WORDS):
    """Calls one after another: the truth of each, with the time that it took here under "took_s",
    which nothing but overhead may part from the truth: what the machine's own sleepers saw meanwhile, and a little."""
    before = len(simulator.truth.read_text().splitlines())
    took, overslept = zip(*((ask(simulator, model, words), oversleep()) for model in models))
    told = truths(simulator, before + len(took))[before:]
    for truth, took_s in zip(told, took):
        truth["took_s"] = took_s
        assert truth["time_to_first_token_s"] == pytest.approx(sum(truth[p] for p in PARTS))
        assert took_s >= truth["queue_s"] + truth["time_to_first_token_s"] - 1e-6
    assert min(t["took_s"] - t["queue_s"] - t["time_to_first_token_s"] for t in told) < 0.02 + max(overslept)
    return told


def test_a_plain_node_is_as_exact_as_ever(simulate, project):
    told = calls(simulate(bundle(project)), "aabab")
    assert [t["switch_s"] for t in told] == pytest.approx([LOAD_S, 0, LOAD_S, 0, 0])
    for truth in told:
        assert truth["prefill_s"] == pytest.approx(0.01)
        assert (truth["second_s"], truth["pause_s"], truth["queue_pause_s"]) == (0, 0, 0)
        assert (truth["replica"], truth["unloaded"]) == (0, [])
    assert [t["resident"] for t in told] == [["a-8k-BS1"]] * 2 + [["a-8k-BS1", "b-8k-BS1"]] * 3


# --- Noise ----------------------------------------------------------------------------------------

def test_loads_vary_and_the_seed_says_how(simulate, project):
    file = bundle(project, "hbm_gb: 20", "load_spread: 0.5")
    told = calls(simulate(file, "--seed", 3), "ab" * 10)
    again = calls(simulate(file, "--seed", 3), "ab" * 10)
    other = calls(simulate(file, "--seed", 4), "ab" * 10)
    loads = [t["switch_s"] for t in told]
    assert loads == [t["switch_s"] for t in again]
    assert not set(loads) & {t["switch_s"] for t in other}
    pooled = [s / LOAD_S for s in loads + [t["switch_s"] for t in other]]
    assert all(share > 0 for share in pooled)
    assert statistics.mean(pooled) == pytest.approx(1, abs=5 * 0.5 / 40 ** 0.5)
    assert 0.25 < statistics.stdev(pooled) < 1
    told.sort(key=lambda t: t["switch_s"])
    quick, slow = ([t["took_s"] for t in half] for half in (told[:10], told[10:]))
    assert statistics.median(slow) > statistics.median(quick)


@pytest.mark.parametrize("drift", [9, -0.9])
def test_prefill_drifts_with_the_time_since_the_start(simulate, project, drift):
    before_s = time.monotonic()
    simulator = simulate(bundle(project, noise=f"drift_per_min: {drift}"))
    after_s = time.monotonic()
    told = calls(simulator, "aaaa", words=2000)
    time.sleep(3)
    told += calls(simulator, "aaa", words=2000)
    for truth in told:
        assert truth["prefill_s"] == pytest.approx(
            0.2 * (1 + drift) ** (truth["since_start_s"] / 60))
    moments = [t["batch_started_ns"] / 1e9 - t["since_start_s"] for t in told]
    assert max(moments) - min(moments) < 1e-6  # one start for all
    assert before_s <= moments[0] <= after_s
    early = min(t["took_s"] for t in told[1:4])
    late = min(t["took_s"] for t in told[4:])
    assert late > early if drift > 0 else late < early


def test_what_is_due_in_a_pause_waits_for_its_end(simulate, project):
    every_s, for_s = 0.5, 0.2
    simulator = simulate(bundle(project, noise=f"pauses: {{every_s: {every_s}, for_s: {for_s}}}"))
    told = calls(simulator, "aaa")
    while told[-1]["since_start_s"] < 2.2:
        told += calls(simulator, "a" * 3)

    def phase(moment_s):  # 0: a pause begins
        return (moment_s + 1e-7) % every_s if moment_s + 1e-7 >= every_s else every_s / 2

    for truth in told:
        begun_s = truth["since_start_s"]
        assert phase(begun_s) >= for_s - 1e-6
        assert phase(begun_s + truth["time_to_first_token_s"]) >= for_s - 1e-6
        held_s = truth["pause_s"] + truth["queue_pause_s"]
        assert 0 <= held_s <= for_s + 1e-6
        assert truth["queue_s"] == pytest.approx(truth["queue_pause_s"], abs=1e-9)
        if truth["pause_s"]:  # it was due in the pause at whose end it came
            assert phase(begun_s + truth["time_to_first_token_s"]) == pytest.approx(for_s, abs=1e-6)
    held = [t for t in told if t["pause_s"] + t["queue_pause_s"] > 0.05]
    free = [t for t in told if t["pause_s"] + t["queue_pause_s"] == 0]
    assert held and min(t["took_s"] for t in held) >= 0.06
    assert min(t["took_s"] for t in free) < 0.05


def test_tokens_due_in_a_pause_leave_after_it(simulate, project):
    simulator = simulate(bundle(project, noise="pauses: {every_s: 0.5, for_s: 0.2}"))
    ask(simulator, "a", tokens=1200, stream=True)  # 1 ms for each
    (truth,) = truths(simulator, 1)
    first_s = truth["since_start_s"] + truth["time_to_first_token_s"]
    begun_ns = truth["batch_started_ns"] - truth["since_start_s"] * 1e9
    held = 0
    for k, left_ns in enumerate(truth["token_ns"]):
        due_s = first_s + k / 1000
        pause_s = due_s % 0.5
        if due_s >= 0.5 and 0.001 < pause_s < 0.199:
            assert (left_ns - begun_ns) / 1e9 >= due_s - pause_s + 0.2 - 1e-6
            held += 1
    assert held >= 300  # of two pauses at least


def test_the_second_request_after_a_load_is_slow_too(simulate, project):
    told = calls(simulate(bundle(project, "hbm_gb: 20", "second_request: 0.2")), "aaaabbba")
    assert [t["second_s"] for t in told] == [0, 0.2, 0, 0, 0, 0.2, 0, 0]
    assert [t["hit"] for t in told] == [False, True, True, True, False, True, True, False]
    assert all(t["took_s"] >= 0.21 for t in told if t["second_s"])
    assert min(t["took_s"] for t in told if t["hit"] and not t["second_s"]) < 0.2


# --- Memory ---------------------------------------------------------------------------------------

class Memory:
    """Each rule told again, for rooms of one size."""

    def __init__(self, rule, room, pinned=()):
        self.rule, self.room, self.pinned = rule, room, pinned
        self.order = []  # as they were loaded; for a clock the circle
        self.used, self.uses, self.referenced = {}, {}, {}
        self.hand, self.turn = 0, 0

    def victim(self):
        may = [m for m in self.order if m not in self.pinned]
        if self.rule == "fifo":
            return may[0]
        if self.rule == "lru":
            return min(may, key=self.used.get)
        if self.rule == "lfu":
            return min(may, key=lambda m: (self.uses[m], self.used[m]))
        while True:
            model = self.order[self.hand % len(self.order)]
            if model in may and not self.referenced[model]:
                return model
            self.referenced[model] = self.referenced[model] and model not in may
            self.hand = (self.hand + 1) % len(self.order)

    def use(self, model):
        """(hit, evicted)"""
        hit, evicted = model in self.order, None
        if not hit and len(self.order) == self.room:
            evicted = self.victim()
            place = self.order.index(evicted)
            if self.rule == "clock":  # the new one takes its place and the hand moves on
                self.order[place] = model
                self.hand = (place + 1) % len(self.order)
            else:
                del self.order[place]
                self.order.append(model)
        elif not hit:
            self.order.append(model)
        self.turn += 1
        self.used[model] = self.turn
        self.uses[model] = self.uses[model] + 1 if hit else 1
        self.referenced[model] = True
        return hit, evicted


def sequence(models, count, seed):
    """Some are asked for more often than others."""
    weights = [2 ** -i for i in range(len(models))]
    return random.Random(seed).choices(models, weights, k=count)


@pytest.mark.parametrize("pinned", ["", "c"])
@pytest.mark.parametrize("rule", ["lru", "fifo", "lfu", "clock"])
def test_each_rule_evicts_whom_it_should(simulate, project, rule, pinned):
    file = bundle(project, f"hbm_gb: 60, eviction: {rule}, pinned: [{pinned}]", models="abcdef")
    asked = sequence("abcdef", 60, rule)
    told = calls(simulate(file), asked)
    memory = Memory(rule, 3, pinned)
    for model, truth in zip(asked, told):
        hit, evicted = memory.use(model)
        assert truth["hit"] == hit
        assert truth["evicted"] == ([f"{evicted}-8k-BS1"] if evicted else [])
        assert sorted(truth["resident"]) == sorted(f"{m}-8k-BS1" for m in memory.order)
    assert all(t["took_s"] >= LOAD_S for t in told if not t["hit"])
    assert min(t["took_s"] for t in told if t["hit"]) < LOAD_S


def test_random_eviction_takes_any_and_the_seed_says_whom(simulate, project):
    file = bundle(project, "hbm_gb: 60, eviction: random, pinned: [c]", models="abcdef")
    asked = random.Random(1).choices("abcdef", k=40)
    runs = [calls(simulate(file, "--seed", seed), asked) for seed in (3, 3, 4)]
    evicted = [[t["evicted"] for t in run] for run in runs]
    assert evicted[0] == evicted[1] != evicted[2]
    resident = []
    for truth in runs[0]:
        own = truth["configuration"]
        assert truth["hit"] == (own in resident)
        assert len(truth["evicted"]) == (own not in resident and len(resident) == 3)
        for victim in truth["evicted"]:
            assert victim != "c-8k-BS1"
            resident.remove(victim)
        resident += [] if truth["hit"] else [own]
        assert sorted(truth["resident"]) == sorted(resident)
    for rule in ("lru", "fifo", "lfu", "clock"):
        memory = Memory(rule, 3, "c")
        assert [t["hit"] for t in runs[0]] != [memory.use(model)[0] for model in asked]


def test_no_eviction_keeps_all(simulate, project):
    told = calls(simulate(bundle(project, "hbm_gb: 20, eviction: none", models="abc")), "abcabc")
    assert [t["hit"] for t in told] == [False] * 3 + [True] * 3


def test_what_idles_too_long_is_loaded_again(simulate, project):
    node = "hbm_gb: 60, idle_unload_s: 1.5, pinned: [c]"
    simulator = simulate(bundle(project, node, models="abc"))
    told = calls(simulator, "abcab")
    time.sleep(1.6)
    told += calls(simulator, "acbc")
    assert [t["hit"] for t in told] == [False] * 3 + [True] * 2 + [False, True, False, True]
    assert sorted(told[5]["unloaded"]) == ["a-8k-BS1", "b-8k-BS1"]
    assert sorted(told[5]["resident"]) == ["a-8k-BS1", "c-8k-BS1"]
    assert all(t["unloaded"] == [] for t in told[:5] + told[6:])
    assert all(t["evicted"] == [] for t in told)
    assert all(t["took_s"] >= LOAD_S for t in told if not t["hit"])


# --- Replicas and schedule ------------------------------------------------------------------------

def test_each_replica_loads_for_itself(simulate, project):
    told = calls(simulate(bundle(project, "hbm_gb: 20, replicas: 2")), "aaaabbbaa")
    assert [t["replica"] for t in told] == [0, 1] * 4 + [0]
    assert [t["hit"] for t in told] == [False, False, True, True, False, False, True, False, False]
    assert all(t["took_s"] >= LOAD_S for t in told if not t["hit"])
    assert min(t["took_s"] for t in told if t["hit"]) < LOAD_S


def test_a_sticky_expert_stays_with_its_replica(simulate, project):
    file = bundle(project, "hbm_gb: 20, replicas: 2, routing: sticky", models="abc")
    told = calls(simulate(file), "ababccba")
    assert [t["replica"] for t in told] == [0, 1, 0, 1, 0, 0, 1, 0]
    assert [t["hit"] for t in told] == [False, False, True, True, False, True, True, False]


@pytest.mark.parametrize("schedule, order, loads", [("fifo", "abab", 4), ("group", "aabb", 2)])
def test_a_group_runs_before_others(simulate, project, schedule, order, loads):
    simulator = simulate(bundle(project, f"hbm_gb: 20, schedule: {schedule}", "warmup_s: 1"))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = []
        for model in "abab":  # the others come while the first warms up
            waiting.append(pool.submit(ask, simulator, model))
            time.sleep(0.2)
        took = [one.result() for one in waiting]
    told = truths(simulator, 4)
    for truth, took_s in zip(told, took):
        assert took_s >= truth["queue_s"] + truth["time_to_first_token_s"] - 1e-6
    assert "".join(t["model"] for t in told) == "abab"
    told.sort(key=lambda t: t["batch"])
    assert "".join(t["model"] for t in told) == order
    assert sum(not t["hit"] for t in told) == loads
    assert [t["queue_s"] > 0 for t in told] == [False, True, True, True]


# --- Together -------------------------------------------------------------------------------------

ALL = """\
noise: {load_spread: 0.3, drift_per_min: 0.2, second_request: 0.05, jitter: 0.02,
        pauses: {every_s: 1, for_s: 0.1}}
"""
NODE = """\
node: {hbm_gb: 50, SPEED eviction: lfu, replicas: 2, routing: round-robin, schedule: group,
       idle_unload_s: 30, pinned: [b]}
"""
PLAIN = "node: {hbm_gb: 50, SPEED eviction: lru}\n"
EXPERTS = "experts:\n" + "".join(
    f"  - {{name: {m}, weight_gb: 20, SPEED {TIER}}}\n" for m in "abc")


def written(text, node="ddr_to_hbm_gb_per_s: 1000,", expert=SPEED + ","):
    head, experts = text.split("experts:")
    return head.replace("SPEED", node) + "experts:" + experts.replace("SPEED", expert)


def test_a_run_sees_what_the_truth_tells(simulate, project):
    simulator = simulate(project.write("bundle.yaml", written(ALL + NODE + EXPERTS)))
    project.setup(["a,200,4,8,1,,,", "b,200,4,8,1,,,", "c,200,4,8,1,,,", "a,200,4,8,1,,,"])
    run = project.run(address=simulator.address)
    told = truths(simulator, 32)
    responses = [r for step in run.responses for r in step]
    assert len(responses) == 32
    assert [r["server_ttft_s"] for r in responses] == [t["time_to_first_token_s"] for t in told]
    for truth, response in zip(told, responses):
        assert response["client_ttft_s"] >= truth["queue_s"] + truth["time_to_first_token_s"] - 1e-6
        assert truth["time_to_first_token_s"] == pytest.approx(sum(truth[p] for p in PARTS))
    assert {t["replica"] for t in told} == {0, 1}
    assert sum(t["second_s"] > 0 for t in told) >= 6  # three models on two replicas


def test_plan_reads_the_same_file_and_says_the_same(project):
    project.setup(["a,200,4,8,1,,,", "b,200,4,8,1,,,"])
    said = []
    for text in (PLAIN + EXPERTS, ALL + NODE.replace("lfu", "lru") + EXPERTS):
        project.write("bundle.yaml", written(text, "", ""))
        done = project.call("plan", "config.yaml", "--offline", "--set", "bundle=bundle.yaml",
                            address="http://127.0.0.1:9/v1")
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "bundle.yaml" in said[0]
    assert said[0] == said[1]


@pytest.mark.parametrize("node, noise, sentence", [
    ("eviction: mru", "", "eviction: 'mru' is not one of lru, fifo, none, lfu, random, clock"),
    ("replicas: 0", "", "replicas: '0' is not a whole number from 1 to 64"),
    ("routing: hash", "", "routing: 'hash' is not one of round-robin, sticky"),
    ("schedule: lifo", "", "schedule: 'lifo' is not one of fifo, group"),
    ("pinned: [z]", "", "pinned: there is no expert 'z' in this file"),
    ("pinned: [a, b]", "", "pinned: all configurations of these experts take 40 GB"),
    ("", "pauses: {every_s: 1, for_s: 2}", "pauses: for_s 2 must be shorter than every_s 1"),
    ("", "pauses: {every_s: 1}", "pauses: every_s and for_s belong together"),
    ("", "drift_per_min: -1", "drift_per_min: '-1' is not a number from -0.99 to 10"),
])
def test_what_cannot_be_is_refused_in_one_sentence(project, node, noise, sentence):
    file = bundle(project, f"hbm_gb: 50, {node}", noise, models="abc")
    done = project.call("simulate", str(file), "--port", "0")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
