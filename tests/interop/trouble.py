"""What stops the whole test, and the one place where its helpers are run."""

import os
import shutil
import subprocess


class Trouble(Exception):
    """One sentence: what is missing, and why nothing could be tested."""


UNREACHED = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "ProxyError", "dial tcp", "EAI_AGAIN")


def last_word(text):
    """The last line that names an error, else the last line that says anything; one that says that nobody could be
    reached before all others."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(word in line for word in UNREACHED for line in lines):
        return "the registry cannot be reached"
    errors = [line for line in lines if line.lower().startswith(("error", "fatal"))]
    return (errors or lines or ["it said nothing"])[-1]


def need(*programs):
    """Raises Trouble where one of them is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise Trouble(f"{' and '.join(missing)} must be installed first ('make interop-deps' does it where it can)")


def helper(command, what, *, timeout=600, environment=None):
    """Runs a program that the test needs; where it fails, the sentence begins with WHAT."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace",
                              timeout=timeout, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    except FileNotFoundError:
        raise Trouble(f"{what}: {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Trouble(f"{what}: {command[0]} did not end within {timeout} s") from None
    if done.returncode != 0:
        raise Trouble(f"{what}: {last_word(done.stderr + done.stdout)}")
    return done.stdout
