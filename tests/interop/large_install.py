"""What `make interop-large` needs beside the small servers: Ollama built from its Go module, LiteLLM's proxy, and vLLM
for CPUs with a small model and two adapters. Gigabytes, and minutes of building."""

import hashlib
import json
import pathlib
import shutil
import sys
import tarfile

import install
from install import HERE, PIP
from trouble import Trouble, helper, need

OLLAMA = "github.com/ollama/ollama@v0.17.4"
OLLAMA_SUM = "h1:X3KNm9x4BlHqk/AXMGtC7pBAFd46nmJmy8yDaBZLo9s="  # what it stands on is locked by its own go.sum
HEADERS = "vendor/llama.cpp/vendor"
MISSING = ("miniaudio", "nlohmann", "stb")
BUILD_S = 3600


class Installed(install.Installed):
    """The folder of the large servers; GGUF models and llama-server are those of the small ones."""

    def __init__(self, folder, small):
        super().__init__(folder)
        self.models, self.small = small.models, small
        self.ollama = self.folder / "ollama" / "ollama"
        self.litellm = self.folder / "litellm" / "bin" / "litellm"
        self.vllm = self.folder / "vllm" / "bin" / "vllm"
        self.vllm_model = self.folder / "vllm" / "models"

    @property
    def binaries(self):
        return self.small.binaries


def locks(names):
    """What a part follows from: its hash changes with any of it."""
    parts = [(HERE / name).read_bytes() for name in (*names, "large_install.py")]
    return hashlib.sha256(b"\0".join([sys.version.encode(), *parts])).hexdigest()


def install_large(folder, names):
    """Brings what is missing of NAMES, or of all where it is empty; raises Trouble with one sentence."""
    installed = Installed(folder, install.install(pathlib.Path(folder).with_name("servers")))
    installed.folder.mkdir(parents=True, exist_ok=True)
    for name, (bring, *sources) in PARTS.items():
        mark = installed.folder / f"{name}.complete"
        if (names and name not in names) or (mark.exists() and mark.read_text() == locks(sources)):
            continue
        print(f"Installing into {folder}: {name}", file=sys.stderr, flush=True)
        shutil.rmtree(installed.folder / name, ignore_errors=True)
        bring(installed, installed.folder / name)
        mark.write_text(locks(sources))
    return installed


def environment(folder, requirements):
    """A Python environment of locked wheels; returns its Python."""
    python = folder / "bin" / "python"
    helper([sys.executable, "-m", "venv", folder], "No Python environment can be made (Debian: python3-venv)")
    wheels(python, requirements)
    return python


def wheels(python, requirements, *options):
    helper([python, *PIP, "install", *options, "--no-cache-dir", "--require-hashes", "--only-binary", ":all:", "--requirement",
            HERE / requirements], f"The package index gave not all of {requirements}", timeout=BUILD_S)


def ollama(installed, folder):
    """Built from its module, which lacks headers that llama-cpp-python's source has."""
    need("go", "g++")
    module = json.loads(helper(["go", "mod", "download", "-json", OLLAMA], "The Go module of Ollama was not found"))
    if module["Sum"] != OLLAMA_SUM:
        raise Trouble(f"The Go module of Ollama is not the one that was locked: its sum is {module['Sum']}")
    source = folder / "source"
    shutil.copytree(module["Dir"], source, copy_function=shutil.copyfile)
    for path in (source, *source.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the module's copy cannot be written to
    headers(installed, folder, source / "llama" / "llama.cpp" / "vendor")
    helper(["go", "build", "-C", source, "-mod=readonly", "-buildvcs=false", "-o", installed.ollama, "."], "Ollama was not built",
           timeout=BUILD_S)
    shutil.rmtree(source)


def headers(installed, folder, target):
    lock = ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--requirement",
            HERE / "source.txt")
    helper([installed.small.python, *PIP, "download", *lock, "--dest", folder], "The package index gave not all of source.txt")
    (archive,) = folder.glob("llama_cpp_python-*.tar.gz")
    root = f"{archive.name.removesuffix('.tar.gz')}/{HEADERS}/"
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            path = pathlib.PurePosixPath(member.name.removeprefix(root))
            if member.isfile() and path.parts[0] in MISSING:
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                (target / path).write_bytes(opened.extractfile(member).read())
    archive.unlink()


def litellm(_, folder):
    environment(folder, "requirements-litellm.txt")


def vllm(installed, folder):
    """The wheel asks for a build of torch that the index lacks; it runs with the one that is there. By the version of
    a package "vllm" it knows that it is the CPU's: the wheel's own name is another."""
    python = environment(folder, "requirements-vllm.txt")
    wheels(python, "wheel-vllm.txt", "--no-deps")
    (packages,) = folder.glob("lib/python3*/site-packages")
    name = packages / "vllm-0.32.0+cpu.dist-info"
    name.mkdir()
    (name / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n")
    tests = HERE.parent
    helper([tests / "tools" / "install-packages", folder / "tokenizers", tests / "cli" / "tokenizers"],
           "The package index gave no tokenizer")
    helper([python, HERE / "vllm_model.py", folder / "tokenizers" / "node_modules" / "@lenml" / "tokenizer-qwen2_5" / "models",
            installed.vllm_model], "The models for vLLM were not made")


PARTS = {  # how each is brought, and the files that it follows from
    "ollama": (ollama, "source.txt"),
    "litellm": (litellm, "requirements-litellm.txt"),
    "vllm": (vllm, "requirements-vllm.txt", "wheel-vllm.txt", "vllm_model.py"),
}
