"""Programs of others that tests drive: `make test-deps` brings them from PyPI and npm into build/."""

import pathlib

BUILD = pathlib.Path(__file__).resolve().parents[3] / "build"


def helper(name):
    """The folder of one; a test whose registry could not be reached fails and says so."""
    folder = BUILD / name
    assert (folder / "complete").exists(), f"build/{name} is missing: 'make test-deps' brings it from its registry"
    return folder
