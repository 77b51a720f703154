"""What people type by habit is understood, and a reader that leaves early is no fault."""

import subprocess

import pytest
from support.bench import PROGRAM


def call(*arguments):
    return subprocess.run([PROGRAM, *arguments], text=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("word, same_as, note", [
    ("-V", "--version", ""),
    ("version", "--version", ""),
    ("-h", "--help", ""),
    ("--hlep", "--help", "coebench: '--hlep' is taken for '--help'\n"),
    ("--vresion", "--version", "coebench: '--vresion' is taken for '--version'\n"),
])
def test_words_for_help_and_version(word, same_as, note):
    done, wanted = call(word), call(same_as)
    assert (done.returncode, done.stdout, done.stderr) == (0, wanted.stdout, note)


def test_a_misspelt_help_of_a_command_is_named():
    done = call("run", "--hlep")
    assert done.returncode == 2 and "did you mean '--help'?" in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["manual"], ["help", "wire"]])
def test_a_pipe_whose_reader_left_is_no_fault(arguments):
    """As of `coebench --help | head`: the reader has gone before anything is written."""
    process = subprocess.Popen(["sh", "-c", 'read go; exec "$0" "$@"', PROGRAM, *arguments], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stdin.write("\n")
    process.stdin.close()
    assert process.stderr.read() == "" and process.wait(30) == 0
    process.stderr.close()


def test_a_full_disk_is_still_one():
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and "not all of the output could be written" in done.stderr


def test_a_missing_key_says_for_which_address(project):
    project.setup(["m,10,2,2,1,,,"])
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1", key=None)
    assert done.returncode == 2
    assert ("the API key is missing for http://127.0.0.1:1/v1: set SAMBANOVA_API_KEY in the environment or in .env; "
            "'make demo' runs against a simulated bundle and needs none") in done.stderr


def test_an_address_that_may_hold_a_secret_is_not_shown(project):
    project.setup(["m,10,2,2,1,,,"])
    done = project.call("plan", "config.yaml", "--offline", address="http://me:secret@127.0.0.1:1/v1", key=None)
    assert done.returncode == 2 and "the API key is missing: set" in done.stderr and "secret" not in done.stderr
