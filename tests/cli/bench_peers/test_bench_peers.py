"""bench-load says in one sentence which client it is measured beside cannot run."""

import os
import pathlib
import subprocess

import pytest

BENCH = pathlib.Path(__file__).parents[2] / "bench" / "bench-load"


@pytest.mark.parametrize("missing", ["aiohttp", "requests"])
def test_a_missing_peer_is_told_in_one_sentence(tmp_path, missing):
    for module in ("aiohttp", "requests"):
        absent = f'raise ModuleNotFoundError("No module named {module!r}")\n' if module == missing else ""
        (tmp_path / f"{module}.py").write_text(absent)
    done = subprocess.run([BENCH, tmp_path, "1"], env=dict(os.environ, PYTHONPATH=str(tmp_path)), timeout=60,
                          capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("bench-load: ") and f"python3-{missing}" in sentence
