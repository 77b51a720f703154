"""A connection that the server resets within a response is recorded as that, whichever way the kernel
shows it."""

import pathlib
import socket
import struct
import subprocess
import time

import pytest
from support.endpoint import OK, content

SOURCE = pathlib.Path(__file__).with_name("bare_error.c")


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    made = tmp_path_factory.mktemp("bare") / "bare_error.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, SOURCE, "-ldl"], check=True)
    return made


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


@pytest.mark.parametrize("wait_s", [0, 0.05], ids=["unread bytes wait", "all is read"])
@pytest.mark.parametrize("alone", [True, False], ids=["an error alone", "an error and the end of reading"])
def test_a_reset_within_a_response_is_one(endpoint, project, library, monkeypatch, alone, wait_s):
    def respond(request, connection):
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(content("a")) + chunk(content("b")))
        time.sleep(wait_s)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    if alone:
        monkeypatch.setenv("LD_PRELOAD", str(library))
    project.setup(["m,10,4,6,2,,,"])
    run = project.run(address=endpoint(respond).address, expect=3)
    assert [r["error_code"] for r in run.responses[0]] == 6 * ["connection_reset"], run.responses[0]
    assert all("select/poll" not in r["error_msg"] for r in run.responses[0])
