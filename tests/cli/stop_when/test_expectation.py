"""plan tells how long a study until it is sure may take, and is expected to."""

import re

import pytest
from support.arithmetic import t_quantile
from support.bench import CONFIG

ROWS = ["a,200,2,6,1,,,", "b,200,2,6,1,,,", "c,200,2,6,1,,,"]


def planned(project, *arguments, expect=0):
    done = project.call("plan", "config.yaml", "--offline", *arguments)
    assert done.returncode == expect, done.stderr
    return " ".join(done.stdout.split()) if expect == 0 else done.stderr


def expected(told):
    """The expected passes; None where it is not expected to be sure."""
    number = re.search(r"Expected: (\d+) passes, if", told)
    assert number or "Expected: all" in told
    return int(number[1]) if number else None


def by_hand(groups, times, half_width, most, share, noise):
    """The first number of passes whose t interval is narrow enough; the first visit is left out."""
    total = (share ** 2 + noise ** 2) ** 0.5
    for passes in range(2, most + 1):
        visits = passes * times
        df = groups * (visits - 1) - 1
        if df >= 2 and t_quantile(1 - 0.05 / most / 2, df) * total / visits ** 0.5 <= half_width:
            return passes
    return None


# Six requests at concurrency 1 are five steady ones; the example's TTFTs vary by 5 %.
NOISE = 0.05 * (1 + 1 / 5) ** 0.5


@pytest.mark.parametrize("order, of, groups, times", [
    ("as-listed", "rows", 3, 1),
    ("rotate", "rows", 3, 3),
    ("all-pairs", "pairs", 6, None),
])
@pytest.mark.parametrize("half_width, most", [(0.3, 12), (0.2, 9), (0.5, 4), (0.05, 5)])
def test_the_expected_is_that_of_the_t_interval(project, order, of, groups, times, half_width, most):
    project.setup(ROWS, CONFIG + f"order: {order}\n"
                  f"stop_when: {{half_width: {half_width}, at_most_passes: {most}, of: {of}}}\n")
    told = planned(project)
    if times is None:  # each pair once in a pass, and the visit that the circuit begins with
        times = (6 * most + 1) / most / 6
    assert expected(told) == by_hand(groups, times, half_width, most, 0.2, NOISE)
    assert "what it costs varies by 20 %, and every visit pays" in told


def test_it_tells_the_most(project):
    project.setup(ROWS, CONFIG + "stop_when: {at_most_passes: 7}\n")
    told = planned(project)
    assert "order as-listed, at most 7 passes:" in told
    assert "at most: 3 rows, 21 steps, 126 requests" in told
    assert ("after the pass, from the second on, by which the switch to each row is known within ±10 % "
            "(at 99.3 %), or is none that matters; after 7 in any case.") in told


def test_where_no_row_shows_a_switch_the_most_is_expected(project):
    project.setup(["a,200,2,4,4,,,", "b,200,2,4,4,,,"], CONFIG + "stop_when: {}\n")
    assert "Expected: all 12, since no row shows a switch." in planned(project)


def test_without_a_rule_nothing_is_told_of_it(project):
    project.setup(ROWS, CONFIG + "passes: 2\n")
    told = planned(project)
    assert "Expected" not in told and "at most" not in told


BUNDLE = """\
node: {hbm_gb: 30, ddr_to_hbm_gb_per_s: 200, switch_overhead_s: 0.005, eviction: lru}
noise: {jitter: 0.01}
experts:
  - {name: a, weight_gb: 20, prefill_tokens_per_s: 4000, decode_tokens_per_s: 4000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: b, weight_gb: 24, prefill_tokens_per_s: 4000, decode_tokens_per_s: 4000,
     tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


def test_a_run_tells_how_much_ttfts_and_switches_vary(simulate, project):
    """The simulator's loads hardly vary, so two passes are enough where the example expects more."""
    project.setup(ROWS[:2], CONFIG + "passes: 3\n")
    address = simulate(project.write("bundle.yaml", BUNDLE)).address
    project.run("--name", "like", address=address)
    project.setup(ROWS[:2], CONFIG + "stop_when: {half_width: 0.25}\n")
    example, like = planned(project), planned(project, "--like", "out/like")
    assert "if TTFTs and switches are as in out/like" in like
    share = float(re.search(r"what it costs varies by (\S+) %", like)[1])
    assert share < 10 and "(that run does not show it)" not in like
    assert expected(like) < (expected(example) or 13)
    told = planned(project, "--resolve", "60ms", "--like", "out/like")
    assert re.search(r"costs is taken to vary by \S+ % from visit to visit, as in that run.", told)


def test_a_run_that_cannot_be_read_is_told(project):
    project.setup(ROWS, CONFIG + "stop_when: {}\n")
    assert "nowhere" in planned(project, "--like", "nowhere", expect=2)
