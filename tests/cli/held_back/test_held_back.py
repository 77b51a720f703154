"""Whether something on the way held tokens back goes by how they arrived, not by how long the first
one took."""

import time

import pytest
from support.endpoint import OK, content, finish

TOKENS = 16
HELD = "responses came at once: all tokens of"
EVENTS = [content(chr(97 + k)) for k in range(TOKENS)] + [finish(prompt_tokens=40, completion_tokens=TOKENS)]


def whole(connection):
    """As a proxy that keeps all until the end sends it."""
    body = b"".join(EVENTS)
    time.sleep(0.05)
    connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def after_a_long_prompt(connection):
    """Tokens come one by one, long after they were asked for."""
    time.sleep(2.5)
    connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % sum(map(len, EVENTS)))
    for event in EVENTS:
        connection.sendall(event)
        time.sleep(0.006)


@pytest.mark.parametrize("send, held", [(whole, True), (after_a_long_prompt, False)])
def test_by_arrivals(endpoint, project, send, held):
    project.setup([f"m,40,{TOKENS},6,3,,,"])
    run = project.run(address=endpoint(lambda request, connection: send(connection)).address)
    assert (HELD in run.process.stdout) == held, run.process.stdout
    assert run.summaries[0]["results_num_at_once"] == (6 if held else 0)
    if not held:
        assert any(r["client_ttft_s"] > 0.95 * r["client_end_to_end_latency_s"] for r in run.responses[0])
