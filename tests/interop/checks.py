"""What coebench measured, held against what the server's own log says: one check, one line of the table."""

import dataclasses
import json
import statistics

LEAST_SHARE, MOST_S = -0.05, 0.7
NEAR_S, ROUNDED_S = 0.020, 1e-5
LATE_CLOSERS = 1


@dataclasses.dataclass(frozen=True)
class Check:
    what: str
    target: str
    measured: str
    held: bool


def begin_of(request):
    return request["started_monotonic_ns"]


def end_of(request):
    """When the wait for the request's first token ended, or for its end where none came."""
    return request.get("first_content_monotonic_ns") or request.get("done_monotonic_ns") or begin_of(request)


class Evidence:
    """The runs against one server, with the server's loads and timings laid beside them. TIMINGS: for each run, those
    of the responses in it; None: the server tells of none."""

    def __init__(self, runs, loads, timings):
        self.runs, self.timings = runs, timings
        self.loads = [self.of_run(run, loads) for run in runs]

    @staticmethod
    def of_run(run, loads):
        """The loads that each step waited for. A load is counted once: with the first request that met it."""
        steps, used = {}, set()
        for step, request in run.requests:
            model = run.steps[step]["row"]["model"]
            for load in loads:
                if (load not in used and load.model == model and load.begin_ns < end_of(request)
                        and begin_of(request) < load.end_ns):
                    used.add(load)
                    steps.setdefault(step, []).append((load, request))
        return steps

    def visits(self):
        """Each visit's step, with the seconds that its server loaded for (0: no load)."""
        for run, loads in zip(self.runs, self.loads):
            for i, step in enumerate(run.steps):
                yield step, sum(load.seconds for load, _ in loads.get(i, []))

    def completed(self):
        return sum(request["error_code"] is None for run in self.runs for _, request in run.requests)

    def paired(self):
        """Each completed request with the server's timing of it, and whether it waited for a load."""
        for run, loads, timings in zip(self.runs, self.loads, self.timings):
            waited = {id(request) for met in loads.values() for _, request in met}
            done = [(step, request) for step, request in run.requests if request["error_code"] is None]
            if timings is None or len(done) == len(timings):
                for (step, request), timing in zip(done, timings or [None] * len(done)):
                    yield run.steps[step]["row"]["model"], request, timing, id(request) in waited


def commands(ended):
    ill = [f"{command} ended with {code}: {last}" for command, code, last in ended if code != 0]
    return Check("commands that end well", f"{len(ended)} of {len(ended)}",
                 f"{len(ended) - len(ill)} of {len(ended)}" + "".join(f"; {one}" for one in ill), not ill)


def requests(evidence):
    codes = [str(request["error_code"]) for run in evidence.runs for _, request in run.requests
             if request["error_code"] is not None]
    sent = sum(len(run.requests) for run in evidence.runs)
    told = f" ({', '.join(sorted(set(codes)))})" if codes else ""
    return Check("failed requests", f"at most {LATE_CLOSERS}", f"{len(codes)} of {sent}{told}", len(codes) <= LATE_CLOSERS)


def found(evidence):
    """A run's first visit, before which nobody knows what ran, is in no count of its row that has others."""
    visits = [(step, seconds) for step, seconds in evidence.visits() if not step["left_out"]]
    loaded = [step for step, seconds in visits if seconds > 0]
    missed = [step for step in loaded if step["verdict"] != "detected"]
    false = [step for step, seconds in visits if seconds == 0 and step["verdict"] == "detected"]
    return [Check("loads missed", "0", f"{len(missed)} of {len(loaded)} in {len(visits)} visits{named(missed)}", not missed),
            Check("loads that were none", "0", f"{len(false)} of {len(visits) - len(loaded)}{named(false)}", not false)]


def all_found(evidence):
    """Where every visit is to pay. One in twenty may be too noisy to be sure."""
    visits = list(evidence.visits())
    missed = [step for step, seconds in visits if seconds > 0 and step["verdict"] in ("not detected", "not measurable")]
    doubted = [step for step, seconds in visits if seconds > 0 and step["verdict"] == "inconclusive"]
    false = [step for step, seconds in visits if seconds == 0 and step["verdict"] == "detected"]
    loaded = sum(seconds > 0 for _, seconds in visits)
    return [Check("visits that loaded", "all", f"{loaded} of {len(visits)}", loaded == len(visits) > 0),
            Check("loads missed", "0", f"{len(missed)} of {loaded}{named(missed)}", not missed),
            Check("loads in doubt", "at most 1 in 20", f"{len(doubted)} of {loaded}{named(doubted)}", 20 * len(doubted) <= loaded),
            Check("loads that were none", "0", f"{len(false)} of {len(visits) - loaded}{named(false)}", not false)]


def words(evidence):
    """What the server says before each visit, as the study keeps it, beside its log."""
    visits = list(evidence.visits())
    held = [step["server_says_loaded_before"] is (seconds == 0) for step, seconds in visits]
    return Check("server's word, as logged", "all", f"{sum(held)} of {len(held)}", 0 < len(held) == sum(held))


def summary(run, step):
    return json.loads((run.folder / f"{step['name']}_summary.json").read_text())


def told_load_times(evidence):
    """`state_load_s`, by the events that coebench follows, beside the log of who follows them too."""
    pairs = [(summary(run, step)["state_load_s"], sum(load.seconds for load, _ in loads.get(i, [])))
             for run, loads in zip(evidence.runs, evidence.loads) for i, step in enumerate(run.steps)]
    apart = [abs(ours - theirs) for ours, theirs in pairs if ours is not None]
    held = len(apart) == len(pairs) and 0 < len(pairs) and statistics.median(apart) <= NEAR_S
    middle = f"{1e3 * statistics.median(apart):.1f} ms" if apart else "–"
    return Check("state_load_s − logged load", "within 20 ms", f"{middle} ({len(apart)} of {len(pairs)} told)", held)


def nothing_claimed(evidence):
    claimed = [run.name for run in evidence.runs if run.study["residency"] or run.study["call_mix"]]
    return Check("residency", "not claimed", ", ".join(claimed) or "not claimed", not claimed)


def named(steps):
    return "".join(f"; {step['run']} step {step['step_index']} {step['verdict']}" for step in steps)


def costs(evidence):
    """Each model's median of estimate less logged load, within −5 % of the load and +0.7 s."""
    models = {}
    for step, seconds in evidence.visits():
        if seconds > 0 and step["verdict"] == "detected":
            models.setdefault(step["row"]["model"], []).append((step["estimate_s"] - seconds, seconds))
    parts, held = [], bool(models)
    for model, pairs in sorted(models.items()):
        over = statistics.median(pair[0] for pair in pairs)
        load = statistics.median(pair[1] for pair in pairs)
        held = held and LEAST_SHARE * load <= over <= MOST_S
        parts.append(f"{model} {over:+.3f} of {load:.3f} s")
    return Check("estimate − logged load", "−5 % to +0.7 s", ", ".join(parts) or "no load was found", held)


def capacity(run, expected):
    """How many models stay, by the study that asks for it; where no model is ever loaded, no design can tell."""
    told = (run.study.get("residency") or {}).get("capacity_rows") if run else None
    measured = "not told" if told is None else str(told)
    return Check("models that stay", "not told" if expected is None else str(expected), measured, told == expected)


def prompts(evidence):
    """By the server's log, which must tell of each completed request, or where it has no such lines by the responses'
    usage; from each model's second one on."""
    seen, exact, counted = set(), 0, evidence.completed()
    for model, request, timing, _ in evidence.paired():
        if model in seen:
            tokens = timing.prompt_tokens if timing else request["server_number_input_tokens"]
            exact += tokens == request["asked_input_tokens"]
        seen.add(model)
    counted -= len(seen)
    return Check("prompts of exact length", "all", f"{exact} of {counted}", 0 < counted == exact)


def usage(evidence):
    """What each response told of its tokens, in the dialect's own words, beside the log."""
    pairs = list(evidence.paired())
    same = sum((request["server_number_input_tokens"], request["server_number_output_tokens"]) ==
               (timing.prompt_tokens, timing.tokens) for _, request, timing, _ in pairs)
    return Check("usage, as logged", "all", f"{same} of {evidence.completed()}", 0 < evidence.completed() == same)


def times(evidence, told):
    """What each response told of the server's own times, beside the log, which rounds them; or TOLD is false, and none
    is told. No TTFT is told either way: nothing says how long a request waited."""
    held = 0
    for _, request, timing, _ in evidence.paired():
        prompt_s, speed = request["server_prompt_s"], request["server_output_token_per_s_per_request"]
        if told:
            same = (prompt_s is not None and abs(prompt_s - timing.prompt_s) <= ROUNDED_S
                    and speed is not None and abs(1 / speed - timing.gap_s) <= ROUNDED_S)
        else:
            same = prompt_s is speed is None
        held += same and request["server_ttft_s"] is None
    return Check("server's times, as logged" if told else "server's times", "all" if told else "not told",
                 f"{held} of {evidence.completed()}", 0 < evidence.completed() == held)


def clock(what, differences):
    if not differences:
        return Check(what, "within 20 ms", "the server timed other requests than were sent", False)
    median = statistics.median(differences)
    return Check(what, "within 20 ms", f"{1e3 * median:+.1f} ms ({len(differences)} requests)", abs(median) <= NEAR_S)


def clocks(evidence):
    """TTFT and gaps; or where the server tells of whole responses only, their latency, loads included."""
    pairs = list(evidence.paired())
    if any(timing.whole_s is not None for _, _, timing, _ in pairs):
        return [clock("latency − server's", [request["client_end_to_end_latency_from_sent_s"] - timing.whole_s
                                             for _, request, timing, _ in pairs])]
    firsts = [request["client_ttft_from_sent_s"] - timing.prompt_s for _, request, timing, waited in pairs if not waited]
    gaps = [request["client_mean_inter_token_latency_s"] - timing.gap_s for _, request, timing, _ in pairs
            if request["client_mean_inter_token_latency_s"] is not None and timing.gap_s is not None]
    return [clock("TTFT − server's, no load", firsts), clock("gaps − server's", gaps)]


def mean_of(pairs):
    """What a histogram's sum and count grew by in the runs, as a mean; PAIRS: before and after each."""
    return sum(after[0] - before[0] for before, after in pairs) / sum(after[1] - before[1] for before, after in pairs)


def means(evidence, grown):
    """The client's means beside those of the server's two histograms. GROWN: for each run, TTFT and gaps before, and
    after it."""
    done = [request for _, request, _, _ in evidence.paired()]
    firsts = [request["client_ttft_from_sent_s"] for request in done]
    gaps = [(request["client_mean_inter_token_latency_s"], request["server_number_output_tokens"] - 1) for request in done
            if request["client_mean_inter_token_latency_s"] is not None]
    gap = sum(mean * count for mean, count in gaps) / sum(count for _, count in gaps)
    return [mean_clock("mean TTFT − server's", statistics.mean(firsts), mean_of([(old[0], new[0]) for old, new in grown]), len(firsts)),
            mean_clock("mean gap − server's", gap, mean_of([(old[1], new[1]) for old, new in grown]), len(gaps))]


def mean_clock(what, ours_s, theirs_s, count):
    return Check(what, "within 20 ms", f"{1e3 * (ours_s - theirs_s):+.1f} of {1e3 * theirs_s:.1f} ms ({count} requests)",
                 abs(ours_s - theirs_s) <= NEAR_S)


def residents(changes, loads, capacity):
    """Which models the server says are resident, each time that changed, beside its log."""
    most = max((len(names) for names in changes), default=0)
    seen = [names[-1] for names in changes]
    logged = [load.model for load in loads]
    return Check("resident by /api/ps", f"{capacity}, as its log loads", f"{most}; {len(seen)} changes, {len(logged)} loads",
                 most == capacity and seen == logged)


def told_costs(evidence, told):
    """As costs, beside the load times that the server tells whoever asks it by its own protocol. TOLD: by model."""
    models = {}
    for step, seconds in evidence.visits():
        if seconds > 0 and step["verdict"] == "detected":
            models.setdefault(step["row"]["model"], []).append(step["estimate_s"])
    parts = {model: (statistics.median(seconds), statistics.median(told[model])) for model, seconds in sorted(models.items())}
    held = bool(parts) and all(LEAST_SHARE * load <= ours - load <= MOST_S for ours, load in parts.values())
    return Check("estimate − load_duration", "−5 % to +0.7 s",
                 ", ".join(f"{model} {ours - load:+.3f} of {load:.3f} s" for model, (ours, load) in parts.items()), held)


def told_loads(evidence):
    """Each response's `server_load_s`: where the log has a load, no shorter than it; and none longer than the wait for
    the first token."""
    held = loaded = 0
    for run, loads in zip(evidence.runs, evidence.loads):
        logged = {id(request): load.seconds for met in loads.values() for load, request in met}
        for request in (request for _, request in run.requests if request["error_code"] is None):
            told, least = request["server_load_s"], logged.get(id(request), 0)
            loaded += least > 0
            held += told is not None and (1 + LEAST_SHARE) * least <= told <= request["client_ttft_from_sent_s"] + NEAR_S
    return Check("server_load_s, as logged", "all", f"{held} of {evidence.completed()}, {loaded} with a load",
                 0 < loaded and held == evidence.completed())
