import pytest
from support.talking import Talk


@pytest.fixture
def temporary(project, monkeypatch):
    """Where temporary folders go; it has to be empty in the end."""
    folder = project.folder / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert not list(folder.iterdir())


@pytest.fixture
def talk(project, temporary):
    """talk(address, *words) begins a chat on a terminal, and waits for its prompt."""
    started = []

    def begin(address, *words, **how):
        started.append(Talk(project, address, *words, **how))
        started[-1].opening = started[-1].begin()
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
