"""Programs that mpirun starts on this machine, in several ranks."""

import pathlib
import shutil

from support.bench import PROGRAM

BUILD = pathlib.Path(PROGRAM).resolve().parent
RANKED = BUILD / "coebench-mpi"

# As root, and more ranks than cores, mpirun starts only when told that both are meant. A sanitizer would
# report what MPI itself keeps to its end.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "ASAN_OPTIONS": "detect_leaks=0",
               "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}


def mpirun(*parts):
    """The words that start ranks: each part is (how many, command…)."""
    assert shutil.which("mpirun"), "mpirun is not here: 'make test-deps' installs it"
    words = ["mpirun", "--oversubscribe", "--mca", "btl_tcp_if_include", "lo"]
    for number, (ranks, *command) in enumerate(parts):
        words += [":"] if number else []
        words += ["-np", str(ranks), *map(str, command)]
    return words
