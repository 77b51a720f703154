import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from starting import Held  # noqa: E402
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


@pytest.fixture
def opened(serve, project):
    """opened(...) starts a workbench and enters it; nothing of the endpoint is in its environment."""
    def enter(*options, address=None, key=None, **how):
        workbench = serve(*options, environment=project.environment(address, key), **how)
        assert workbench.enter().status == 200
        return workbench
    return enter


@pytest.fixture
def held(endpoint):
    made = []

    def hold(**how):
        made.append(Held(endpoint, **how))
        return made[-1]

    yield hold
    for one in made:
        one.go_on.set()


@pytest.fixture
def browsed(opened, browser):
    """The workbench's list of runs, by its next link."""
    opened.next_link()
    browser.visit(opened.link)
    browser.wait("main table")
    browser.at_rest()
    return opened
