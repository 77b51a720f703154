"""Limits of what the server told: by hand from the summaries that they are read from."""

import pytest
from support.releases import ONE_RUN, line_of, qualification

TWO_RUNS = "min_requests: 20\nchecks:\n  - rows: 'a*'\n    limits:\n"


def told_by_server(**figures):
    return lambda i: {"telemetry_polls": 5, "telemetry_failed_polls": 0, **figures}


@pytest.mark.parametrize("limit, verdict, reason", [
    ("server_waiting_max: {max: 1}", "over its limit", "6 requests, and at most 1 request is allowed"),
    ("server_waiting_max: {max: 6}", "pass", ""),
    ("server_waiting_mean: {max: 2.5}", "pass", ""),
    ("server_waiting_mean: {max: 2.4}", "over its limit", "2.5 requests, and at most 2.4 requests is allowed"),
    ("server_preemptions: {max: 0}", "over its limit", "1.5, and at most 0 is allowed"),
    ("server_prefix_hit_share: {min: 0.5}", "over its limit", "40 %, and at least 50 % is asked for"),
    ("server_gpu_power_w_mean: {max: 100}", "missing",
     "the server did not tell it in each run of the candidate; run with telemetry"),
    ("server_queue_time_s_mean: {max: 100}", "missing",
     "the server did not tell it in each run of the candidate; run with telemetry"),
])
def test_limits_hold_for_each_run_of_the_candidate(release, project, limit, verdict, reason):
    """Of two runs: a mean is that of both, a most the larger, and what one of them lacks is missing."""
    figures = [dict(server_waiting_max=6, server_waiting_mean=4, server_preemptions=0, server_prefix_hit_share=0.5,
                    server_queue_time_s_mean=1),
               dict(server_waiting_max=2, server_waiting_mean=1, server_preemptions=3, server_prefix_hit_share=0.3)]
    for i, told in enumerate(figures):
        release(f"base/{i}", seed=i)
        release(f"new/{i}", seed=i, summaries=told_by_server(**told))
    project.write("policy.yaml", TWO_RUNS + f"      {limit}\n")
    line = line_of(qualification(project, project.folder / "base", project.folder / "new"), limit.split(":")[0])
    assert (line["verdict"], line["reason"]) == (verdict, reason)


def test_margins_go_by_runs_and_by_what_is_better(release, project):
    """Nearly the same in all runs of a side, so that a tenth more shows."""
    for i in range(3):
        small = 1 + i / 1000
        base = dict(server_queue_time_s_mean=small, server_generated_tokens_per_s=100 * small, server_waiting_max=0)
        new = {key: 1.1 * value for key, value in base.items()}
        release(f"base/{i}", seed=i, summaries=told_by_server(**base))
        release(f"new/{i}", seed=i, summaries=told_by_server(**new))
    project.write("policy.yaml", TWO_RUNS + "".join(f"      {name}: {{margin: 0.05}}\n" for name in base))
    told = qualification(project, project.folder / "base", project.folder / "new")
    assert line_of(told, "server_queue_time_s_mean")["verdict"] == "regressed"
    assert line_of(told, "server_generated_tokens_per_s")["verdict"] == "improved"
    assert line_of(told, "server_generated_tokens_per_s")["ratio"] == pytest.approx(1.1)
    line = line_of(told, "server_waiting_max")
    assert (line["verdict"], line["reason"]) == ("inconclusive", "a value of 0 has no ratio; give max or min")


def test_one_run_shows_no_spread_of_what_the_server_told(release, project):
    base = release("base", summaries=told_by_server(server_running_mean=2))
    new = release("new", summaries=told_by_server(server_running_mean=2))
    project.write("policy.yaml", ONE_RUN + TWO_RUNS + "      server_running_mean: {margin: 0.05}\n")
    line = line_of(qualification(project, base, new), "server_running_mean")
    assert line["verdict"] == "inconclusive" and line["reason"].startswith("one run does not show how much")


def test_a_name_that_is_nearly_one_is_told_which(project):
    project.write("policy.yaml", "checks:\n  - limits:\n      server_wating_max: {max: 1}\n")
    done = project.call("compare", "a", "b", "--policy", "policy.yaml")
    assert done.returncode == 2
    assert "'server_wating_max' cannot be checked (did you mean 'server_waiting_max'?)" in done.stderr
