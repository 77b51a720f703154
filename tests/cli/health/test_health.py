"""How well the client itself kept up: the kernel's clock, lanes, and the verdict on each row."""

import json
import os
import re
import signal
import socket
import threading
import time

import pytest
from support.bench import CONFIG, Run, completed
from support.endpoint import OK, content, finish, stream


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def spaced(sent):
    """Sends a chunk, a second, then the end; notes when each went out, before and after. The count
    of input tokens tells which request it was, from 1, since a count of 0 is none."""
    def answer(request, connection):
        moments = sent.setdefault(request["index"], [])
        time.sleep(0.02)  # past the client's send, within which nothing is stamped
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in (chunked(content("a")), chunked(content("b")),
                     chunked(finish(prompt_tokens=request["index"] + 1, completion_tokens=2))
                     + b"0\r\n\r\n"):
            time.sleep(0.02)
            moments.append(time.monotonic_ns())
            connection.sendall(part)
            moments.append(time.monotonic_ns())
    return answer


def test_arrivals_are_the_kernels(endpoint, project):
    sent = {}
    project.setup(["m,10,2,12,3,,,"])
    run = project.run(address=endpoint(spaced(sent)).address)
    (responses,) = run.responses
    assert len(completed(responses)) == 12
    stamped = [r["kernel_stamped_moments"] for r in responses]
    # A client that the machine holds up just between its look and its reading knows less, and says so.
    assert sum(moments == ["first_byte", "first_event", "first_content", "last_chunk", "done"]
               for moments in stamped) >= 6
    for response, moments in zip(responses, stamped):
        a0, a1, b0, b1, c0, c1 = sent[response["number_input_tokens"] - 1]
        # Where the second was read together with the first, it has the time of the last of them.
        together = response["client_coalesced_chunks"] != []
        # Between the moments just before and after the server's own write.
        for moment, before, after in (("first_content", a0, a1), ("last_chunk", b0, c1 if together else b1),
                                      ("done", c0, c1)):
            assert before - 50_000 <= response[f"{moment}_monotonic_ns"]
            assert response[f"{moment}_monotonic_ns"] <= after + 50_000 or moment not in moments
        assert response["client_ttft_s"] == pytest.approx(
            (response["first_content_monotonic_ns"] - response["sent_monotonic_ns"]) / 1e9)
    (summary,) = run.summaries
    assert summary["client_kernel_stamped_share"] >= 0.5
    assert summary["client_connections_opened"] == 0
    assert 0 <= summary["client_read_lateness_s_p50"] <= summary["client_read_lateness_s_p99"] \
        <= summary["client_read_lateness_s_max"]


INSTANT = """\
node: {hbm_gb: 1000, ddr_to_hbm_gb_per_s: 1000000, eviction: none}
experts:
  - name: m
    weight_gb: 0.001
    prefill_overhead_s: 0
    prefill_tokens_per_s: 1000000000
    decode_tokens_per_s: 1000000
    tiers: [{tokens: 4096, batch_sizes: [1]}]
"""


def test_an_answer_that_is_there_at_once_came_after_its_request(simulate, project, tmp_path):
    """On one core the server often answers inside the client's send, and libcurl reads on unasked."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # the two processes inherit it
    try:
        (tmp_path / "instant.yaml").write_text(INSTANT)
        simulator = simulate(tmp_path / "instant.yaml")
        project.setup(["m,10,1,300,1,,,"])
        run = project.run(address=simulator.address)
    finally:
        os.sched_setaffinity(0, cores)
    simulator.close()
    written = {one["id"]: one["first_token_ns"]
               for one in map(json.loads, simulator.truth.read_text().splitlines())}
    (responses,) = run.responses
    assert len(completed(responses)) == 300
    assert {"kernel", "program"} == {one["client_chunk_clock"] for one in responses}
    for one in responses:
        assert one["first_byte_monotonic_ns"] >= one["sent_monotonic_ns"]
        assert one["first_content_monotonic_ns"] >= written[one["response_id"]] - 50_000


def test_a_reader_that_slept_tells_the_times_right(endpoint, project):
    """Stopped while answers come in: the kernel's stamps are right, the lateness is told, chunks
    that piled up are marked, and the row is not valid."""
    sent = {}
    server = endpoint(spaced(sent))
    project.setup(["m,10,2,30,3,,,"])
    process = project.start("run", "config.yaml", address=server.address)
    while len(server.requests) < 9:
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    for response in run.responses[0]:
        before, after = sent[response["number_input_tokens"] - 1][:2]
        if response["client_coalesced_chunks"] == []:  # else the last one's time
            assert before - 50_000 <= response["first_content_monotonic_ns"]
            assert (response["first_content_monotonic_ns"] <= after + 50_000 or
                    "first_content" not in response["kernel_stamped_moments"])
    assert any(r["client_coalesced_chunks"] for r in run.responses[0])
    (summary,) = run.summaries
    assert summary["client_read_lateness_s_max"] > 0.9
    assert summary["client_read_lateness_s_p50"] < 0.5 < summary["client_read_lateness_s_p99"], "most were read in time"
    assert summary["client_loop_stall_s_max"] > 0.9
    assert summary["measurement_verdict"] == "invalid: client-limited"
    assert "concurrency was" in summary["measurement_reason"]
    assert process.returncode == 4, out + err
    assert "INVALID" in out and "row 1 is invalid: client-limited: requests left" in out
    heading, (row,) = run.table()
    assert row[heading.index("measurement_verdict")] == "invalid: client-limited"


def read_late(endpoint, project):
    """One run, stopped while a whole answer comes in: its response, and before and after each of
    the two last sends."""
    moments, began, stopped, sent = [], threading.Event(), threading.Event(), threading.Event()

    def answer(request, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        time.sleep(0.02)  # past the client's send, within which nothing is stamped
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(content("a")))
        began.set()
        stopped.wait(10)
        for _ in range(100):
            time.sleep(0.002)
            connection.sendall(chunked(content("b")))
        for part in chunked(content("c")), chunked(finish(completion_tokens=102)) + b"0\r\n\r\n":
            time.sleep(0.1)
            moments.append(time.monotonic_ns())
            connection.sendall(part)
            moments.append(time.monotonic_ns())
        sent.set()

    before = set(project.run_folders())
    process = project.start("run", "config.yaml", address=endpoint(answer).address)
    assert began.wait(10)
    time.sleep(0.5)  # until it has read the first chunk
    process.send_signal(signal.SIGSTOP)
    stopped.set()
    assert sent.wait(30)
    time.sleep(0.1)
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=30)
    (folder,) = set(project.run_folders()) - before
    ((only,),) = Run(folder, project.folder / "books").responses
    assert only["client_coalesced_chunks"] == list(range(2, 102))
    return only, moments


def test_an_answer_read_late_ends_when_its_end_came(endpoint, project):
    """The first chunk has the time of the packets it was joined to, the last chunk and the end have
    their own, not the first one's. However long the machine holds the client up while it reads: the
    connection received nothing meanwhile."""
    project.setup(["m,10,102,1,1,,,"])
    only, moments = read_late(endpoint, project)
    for moment in "last_chunk", "done":
        # Both were read together, so both have the last byte's moment.
        assert moments[2] - 50_000 <= only[f"{moment}_monotonic_ns"] <= moments[3] + 50_000
        assert moment in only["kernel_stamped_moments"]
    assert only["client_chunk_clock"] == "kernel"
    second_ns = only["first_content_monotonic_ns"] + only["client_inter_token_latencies_s"][1] * 1e9
    assert second_ns <= moments[0] + 50_000 and sum(only["client_inter_token_latencies_s"][1:]) == pytest.approx(
        (only["last_chunk_monotonic_ns"] - only["first_content_monotonic_ns"]) / 1e9)


def test_limits_are_settings(endpoint, project):
    def answer(request, connection):
        time.sleep(0.01)
        return stream(content("a"), finish(completion_tokens=1))

    project.setup(["m,10,1,40,2,,,"])
    address = endpoint(answer).address
    run = project.run("--set", "health.loop_cpu=0.0001", address=address)
    assert run.summaries[0]["measurement_verdict"] == "degraded"
    assert "of a core" in run.summaries[0]["measurement_reason"]
    assert "row 1 is degraded: the loop used" in run.process.stdout
    assert run.manifest["settings"]["health"]["loop_cpu"] == 0.0001


# --- Several threads ------------------------------------------------------------------------------


def prompts(run):
    """What was asked, by request index, and nothing of when."""
    return {r["request_index"]: r["asked_input_tokens"] for r in run.responses[0]}


@pytest.mark.parametrize("row, most", [("m,30,1,40,5,,,", 5), ("m,30,1,40,,200,exponential,", 40)])
def test_what_is_sent_does_not_depend_on_the_threads(endpoint, project, row, most):
    asked = {}
    for threads in (1, 3):
        in_flight, highest = [0], [0]

        def answer(request, connection):
            in_flight[0] += 1
            highest[0] = max(highest[0], in_flight[0])
            time.sleep(0.02)
            in_flight[0] -= 1
            return stream(content("a"), finish(completion_tokens=1))

        server = endpoint(answer)
        project.setup([row], CONFIG + "seed: 7\n")
        run = project.run("--set", f"threads={threads}", address=server.address)
        bodies = sorted(json.dumps(r["body"]) for r in server.requests)
        assert len(completed(run.responses[0])) == 40
        assert sorted(prompts(run)) == list(range(40))
        assert highest[0] <= most
        assert run.summaries[0]["connections_opened_ahead"] <= 63
        moments = {r["request_index"]: r["intended_monotonic_ns"] for r in run.responses[0]}
        gaps = [round((moments[k] - moments[0]) / 1e3) for k in range(40)] if most == 40 else None
        asked[threads] = bodies, gaps
    assert asked[1] == asked[3]


def test_places_are_filled_to_the_end_whichever_thread_has_them(endpoint, project):
    """Five in flight until the last five are, though three threads share them."""
    spans = []

    def answer(request, connection):
        begun = time.monotonic()
        time.sleep(0.3)
        spans.append((begun, time.monotonic()))
        return stream(content("a"), finish(completion_tokens=1))

    project.setup(["m,30,1,50,5,,,"])
    project.run("--set", "threads=3", address=endpoint(answer).address)
    spans.sort()
    late = spans[-6][0]  # when the last but five began, five were in flight
    assert sum(begun <= late + 0.2 and end > late for begun, end in spans) >= 5


def test_precise_pacing_is_on_time(endpoint, project):
    def answer(request, connection):
        time.sleep(0.03)
        return stream(content("a"), finish(completion_tokens=1))

    project.setup(["m,10,1,100,,200,,"])
    run = project.run("--set", "pacing=precise", address=endpoint(answer).address)
    moments = sorted((r["request_index"], r["intended_monotonic_ns"]) for r in run.responses[0])
    gaps = {(b[1] - a[1]) for a, b in zip(moments, moments[1:])}
    assert all(abs(gap - 5_000_000) <= 1 for gap in gaps)
    assert all(r["sent_monotonic_ns"] >= r["intended_monotonic_ns"] for r in run.responses[0])
    assert run.manifest["settings"]["pacing"] == "precise"


def test_a_broken_limit_is_told(project):
    project.setup(["m,10,1,4,1,,,"], CONFIG + "health: {loop_cpu: 2}\nthreads: 0\npacing: exact\n")
    done = project.call("run", "config.yaml")
    assert done.returncode == 2
    assert re.search(r"config.yaml:10: .*loop_cpu: '2' is not a number from 0.0001 to 1", done.stderr)
    assert "threads: '0' is not a whole number from 1 to 256" in done.stderr
    assert "one of normal, precise" in done.stderr
    assert os.listdir(project.folder).count("out") == 0
