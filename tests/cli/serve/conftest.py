import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from workbench import Workbench  # noqa: E402


@pytest.fixture
def serve(project):
    """serve(*options) starts a workbench over the project's runs; each is ended with the test."""
    started = []

    def start(*options, **how):
        (project.folder / "out").mkdir(exist_ok=True)
        started.append(Workbench(project.folder, *options, **how))
        return started[-1]

    yield start
    for one in started:
        assert one.close() == one.expected, one.log()
