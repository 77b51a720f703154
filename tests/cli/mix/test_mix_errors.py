"""What no mix can be is said before anything is sent, with line and remedy."""

import pytest
from support.bench import CONFIG, HEADER

MIX = HEADER + ",warmup,mix"
TWO = ["a,40,20,4,1,,,,,m", "b,40,20,4,2,,,,,m"]


@pytest.mark.parametrize("rows, config, words", [
    (["a,40,20,4,1,,,,,m", "b,40,20,4,,2,,,,m"], CONFIG,
     ["rows.csv:3: mix: line 2 of mix 'm' sends by concurrent_requests, and this row by qps", "give all members qps"]),
    (["a,40,20,4,1,,,,true,m", TWO[1]], CONFIG, ["rows.csv:2: mix: a warm-up row runs alone", "warmup_requests"]),
    (TWO, CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True"),
     ["rows.csv:2: mix: mix 'm' runs alone; leave out concurrency_enabled"]),
    (TWO, CONFIG + "probe : {steady: 5}\n", ["rows.csv:2: mix: a probe needs its row to run alone; set probe.steady to 0"]),
    (["a,40,20,4,1,,,,,x_individual_responses"], CONFIG, ["rows.csv:2: mix: 'x_individual_responses' is not a name"]),
    (["a,40,20,4,1,,,,,summary"], CONFIG, ["rows.csv:2: mix: 'summary' is not a name"]),
])
def test_it_is_refused_with_line_and_remedy(project, rows, config, words):
    project.setup(rows, config, header=MIX)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert not (project.folder / "out").exists() or not project.run_folders()


SHARE = HEADER + ",mix,share,duration_s,warmup_requests"
FIRST = "a,40,20,9,2,,,,m,1,,"


@pytest.mark.parametrize("rows, words", [
    ([FIRST, "b,40,20,9,2,,,,m,,,"], "rows.csv:3: share: line 2 of mix 'm' has one, and this row has none"),
    (["a,40,20,9,2,,,,m,,,", "b,40,20,9,,,,,m,2,,"], "rows.csv:3: share: line 2 of mix 'm' has none"),
    ([FIRST, "b,40,20,,3,,,,m,1,,"], "rows.csv:3: share: concurrent_requests, num_requests and duration_s stand in line 2"),
    ([FIRST, "b,40,20,4,,,,,m,1,,"], "rows.csv:3: share: concurrent_requests, num_requests and duration_s stand in line 2"),
    (["a,40,20,9,,,,,m,1,,", "b,40,20,,,,,,m,1,,"], "rows.csv:2: share: is for closed loop; set concurrent_requests"),
    (["a,40,20,,2,,,,m,1,,", "b,40,20,,,,,,m,1,,"], "rows.csv:2: share: set num_requests or duration_s in this row"),
    (["a,40,20,9,,2,,,m,1,,"], "rows.csv:2: share: is for closed loop"),
    ([FIRST, "b,40,20,,,,,,m,1,,3"], "rows.csv:3: share: leave warmup_requests and cooldown_requests empty"),
    (["a,40,20,9,2,,,,,1,,"], "rows.csv:2: share: is for rows of a mix"),
    (["a,40,20,9,2,,,,m,0,,"], "rows.csv:2: share: '0' is not a number above 0"),
])
def test_shares_that_say_nothing_are_refused(project, rows, words):
    project.setup(rows, header=SHARE)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_plan_shows_a_mix_as_one_visit(project):
    project.setup([TWO[0], "c,40,20,4,1,,,,,", TWO[1]], CONFIG + "order : reverse\n", header=MIX)
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    assert "\n  2 1+3\n" in done.stdout
    assert done.stdout.count("  mix m\n") == 2
    assert "no more requests than run at once" not in done.stderr
    # 4 and 2 waves of 0.7 s together, then 4 waves of 0.7 s
    assert "about 5.6 s" in done.stdout


def test_connections_of_all_members_count(project):
    project.setup(["a,40,20,400,300,,,,,m", "b,40,20,400,300,,,,,m"], header=MIX)

    def few():
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:9/v1", before=few)
    assert done.returncode == 2
    assert "rows.csv:2: mix: the rows of mix 'm' together need" in done.stderr and "ulimit -n" in done.stderr
