"""A command, and the most memory that it had."""

import os
import signal
import subprocess
import sys

from support import bench

# A child begins with the memory of its parent, which is small here, and a test's is not.
MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measurable(environment):
    """Under the address sanitizer, memory that was given back is kept for a while: here, little of it."""
    options = [environment["ASAN_OPTIONS"]] if environment.get("ASAN_OPTIONS") else []
    return {**environment, "ASAN_OPTIONS": ":".join([*options, "quarantine_size_mb=16"])}


def command_measured(folder, *arguments):
    """A command that soon ends: its exit code, what it wrote to standard output, and its most memory in MiB."""
    done = subprocess.run([sys.executable, "-c", MEASURED, "memory", bench.PROGRAM, *arguments], cwd=folder, text=True,
                          stdout=subprocess.PIPE, timeout=600, env=measurable(dict(os.environ)))
    return done.returncode, done.stdout, int((folder / "memory").read_text()) / 1024


def run_measured(project, address):
    """`coebench run config.yaml`: its exit code, what it printed, and its most memory in MiB."""
    with (project.folder / "said").open("w") as out:
        process = subprocess.Popen([sys.executable, "-c", MEASURED, "memory", bench.PROGRAM, "run", "config.yaml"],
                                   cwd=project.folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                   start_new_session=True, env=measurable(project.environment(address)))
    try:
        code = process.wait(300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return code, (project.folder / "said").read_text(), int((project.folder / "memory").read_text()) / 1024
