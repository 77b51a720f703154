"""What every command line test needs: the program, a simulated bundle, a scripted endpoint."""

import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support import bench  # noqa: E402
from support.endpoint import Endpoint  # noqa: E402
from support.simulator import Simulator  # noqa: E402

# A shell starts what runs in its background with SIGINT ignored, and every program started from there
# inherits that; a handler of Python's own is the default again in a program that Python starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def simulate(tmp_path):
    """simulate(bundle, *options) starts one; all are ended with the test, if not before."""
    started = []

    def start(bundle, *options):
        folder = tmp_path / f"simulator-{len(started)}"
        folder.mkdir()
        started.append(Simulator(bundle, folder, *options))
        return started[-1]

    yield start
    for simulator in started:
        simulator.close()


@pytest.fixture
def endpoint():
    """endpoint(answer) starts an endpoint that answers as the function says; ended with the test."""
    started = []

    def start(answer, **how):
        started.append(Endpoint(answer, **how))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def browser():
    """A real browser; started with the first test that wants one."""
    from support.browser import start
    one = start()
    yield one
    one.close()


@pytest.fixture
def project(tmp_path):
    """An empty working folder with a way to run the program in it."""
    return bench.Project(tmp_path / "work")


REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def demo_bundle():
    return REPOSITORY / "configs" / "bundle_demo.yaml"


os.environ.pop("SAMBANOVA_API_KEY", None)
