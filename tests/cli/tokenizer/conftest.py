import pytest
from support.helpers import BUILD
from support.token_counts import train


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with a tokenizer.json and a SentencePiece model."""
    folder = tmp_path_factory.mktemp("trained")
    train(folder)
    return folder


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setenv("COEBENCH_TOKENIZER", str(BUILD / "tokenizer"))
    for name in ("HF_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
