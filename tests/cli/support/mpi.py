"""Programs that mpirun starts on this machine, in several ranks."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from support.bench import PROGRAM, with_seed

BUILD = pathlib.Path(PROGRAM).resolve().parent
RANKED = BUILD / "coebench-mpi"

# Two mpirun that start at once would both make the same folder of theirs: each worker of the tests has its own
# place for it, whose name has to be short.
FOLDER = tempfile.TemporaryDirectory(prefix="ranks")

# As root, and more ranks than cores, mpirun starts only when told that both are meant. A sanitizer would
# report what MPI itself keeps to its end.
ENVIRONMENT = {"TMPDIR": FOLDER.name, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "ASAN_OPTIONS": "detect_leaks=0", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}


def mpirun(*parts):
    """The words that start ranks: each part is (how many, command…)."""
    assert shutil.which("mpirun"), "mpirun is not here: 'make test-deps' installs it"
    words = ["mpirun", "--oversubscribe", "--mca", "pml", "ob1", "--mca", "btl_tcp_if_include", "lo"]
    for number, (ranks, *command) in enumerate(parts):
        words += [":"] if number else []
        words += ["-np", str(ranks), *map(str, command)]
    return words


class Ranked:
    """Runs that several ranks share, in a project's folder."""

    def __init__(self, project):
        self.project = project
        self.started = []

    def start(self, ranks, address, *words):
        """So many ranks, or a list of the parts that mpirun starts; returns the process of mpirun."""
        parts = ranks if isinstance(ranks, list) else [(ranks, RANKED, *with_seed(words, self.project.folder))]
        self.started.append(subprocess.Popen(
            mpirun(*parts), cwd=self.project.folder, text=True, stdin=subprocess.DEVNULL,
            env=self.project.environment(address, "demo-key") | ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return self.started[-1]

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def end(process, code=0):
    """Waits for it; what it wrote."""
    out, err = process.communicate(timeout=200)
    assert process.returncode == code, out + err
    return out + err


def ranks_of(process):
    """Children of mpirun, by their rank."""
    found = {}
    for entry in os.listdir("/proc"):
        try:
            if not entry.isdigit() or int(open(f"/proc/{entry}/stat").read().rpartition(")")[2].split()[1]) != process.pid:
                continue
            words = dict(word.split("=", 1) for word in open(f"/proc/{entry}/environ").read().split("\0") if "=" in word)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if "OMPI_COMM_WORLD_RANK" in words:
            found[int(words["OMPI_COMM_WORLD_RANK"])] = int(entry)
    return found


def ahead(seconds):
    """The words before a program whose monotonic clock is to be so far ahead."""
    as_root = ["--map-root-user"] if os.geteuid() else []
    return "unshare", *as_root, "--time", "--monotonic", str(seconds)
