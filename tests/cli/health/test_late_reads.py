"""A response that is read late: no moment is earlier than its bytes came."""

import json
import os
import signal
import time

from support.endpoint import OK, content, finish


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def stop(pid):
    """Stops the program once it waits: within the call that sends, libcurl reads by itself."""
    time.sleep(0.05)
    while open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "S":
        time.sleep(0.001)
    os.kill(pid, signal.SIGSTOP)


def test_an_event_is_not_as_early_as_what_came_before_it(endpoint, project):
    """While the program is stopped the head and comments come, then the events: one reading takes all.
    The kernel joins packets that wait, which then bear the last one's time, but not so many."""
    sent = {}

    def respond(request, connection):
        stop(program[0])
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            connection.sendall(chunk(b": the model is being loaded, and this is sent meanwhile\n\n"))
        time.sleep(0.1)
        sent[request["index"]] = time.monotonic_ns()
        connection.sendall(chunk(content("a")))
        time.sleep(0.1)
        connection.sendall(chunk(content("b")) + chunk(finish(completion_tokens=2)) + chunk(b""))
        time.sleep(0.02)
        os.kill(program[0], signal.SIGCONT)

    project.setup(["m,10,2,4,1,,,"])
    program = []
    server = endpoint(respond)
    process = project.start("run", "config.yaml", address=server.address)
    program.append(process.pid)
    out, err = process.communicate()
    assert process.returncode in (0, 4), out + err  # the client was late, and says so
    (folder,) = project.run_folders()
    (path,) = folder.glob("*_individual_responses.json")
    records = json.loads(path.read_text())
    assert any(r["first_byte_monotonic_ns"] < sent[r["request_index"]] - 50_000_000 for r in records), "its own moment"
    for r in records:
        at = sent[r["request_index"]] - 50_000
        assert r["first_event_monotonic_ns"] >= at and r["first_content_monotonic_ns"] >= at
