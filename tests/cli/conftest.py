"""What every command line test needs: the program, a simulated bundle, a scripted endpoint."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support import bench  # noqa: E402
from support.endpoint import Endpoint  # noqa: E402

# A shell starts what runs in its background with SIGINT ignored, and every program started from there
# inherits that; a handler of Python's own is the default again in a program that Python starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Simulator:
    """`coebench simulate BUNDLE` on a port the kernel picks, ended by its process id."""

    def __init__(self, bundle, folder, *options):
        self.truth = folder / "truth.jsonl"
        port_file = folder / "port"
        self.process = subprocess.Popen(
            [bench.PROGRAM, "simulate", str(bundle), "--port-file", str(port_file),
             "--ground-truth", str(self.truth), *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while not port_file.exists():
            assert self.process.poll() is None, self.process.stderr.read().decode()
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.02)
        scheme = "https" if "--tls-key" in options else "http"
        self.address = f"{scheme}://127.0.0.1:{port_file.read_text().strip()}/v1"

    def close(self):
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        errors = self.process.stderr.read().decode()
        self.said = self.process.stdout.read().decode()
        self.process.stderr.close()
        self.process.stdout.close()
        assert code == 0, f"the simulator ended with {code}: {errors}"


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
