"""Ranks that mpirun starts know each other's clocks within what they say, and messages arrive whole.

A rank in a time namespace of its own has a monotonic clock that is whole seconds ahead of its neighbours' and
runs at the same rate, since it is the same machine: so the true offset is known to the nanosecond.
"""

import json
import os
import subprocess

import pytest
from support.mpi import BUILD, ENVIRONMENT, ahead, mpirun

RANKS = BUILD / "mpi" / "ranks"


def run(*parts):
    """What all of them print, a line of JSON each, by rank."""
    done = subprocess.run(mpirun(*parts), env=os.environ | ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(seen, key=lambda one: one["rank"])


def check(seen, ahead_s):
    assert [one["rank"] for one in seen] == list(range(len(ahead_s)))
    for one, so_far in zip(seen, ahead_s):
        assert one["done"] and one["ranks"] == len(ahead_s), one
        assert one["root_ns"] == seen[0]["root_ns"]
        assert abs(one["offset_ns"] + so_far * 10**9) <= one["uncertain_ns"] + 2, one
        assert abs(one["own_ns"] - one["root_ns"] - so_far * 10**9) <= one["start_uncertain_ns"] + 2, one
        assert (one["uncertain_ns"] > 0) == (one["rank"] > 0)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_messages_arrive_whole_and_in_order(ranks):
    seen = run((ranks, RANKS, 0, 400))
    check(seen, [0] * ranks)
    assert seen[0]["right"] == 400 * (ranks - 1)


def test_clocks_that_began_elsewhere_are_known():
    """Rank 0 is 5,000 s ahead of rank 1, which is 100 days behind rank 2."""
    days = 100 * 24 * 3600
    seen = run((1, *ahead(5000), RANKS, 0.5, 20), (1, RANKS, 0.5, 20), (1, *ahead(days), RANKS, 0.5, 20))
    check(seen, [0, -5000, days - 5000])


def test_without_mpirun_it_is_alone():
    done = subprocess.run([RANKS, "0", "5"], env=os.environ | ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    check([json.loads(done.stdout)], [0])
