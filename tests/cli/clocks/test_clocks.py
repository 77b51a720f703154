"""Durations and order are the monotonic clock's: what happens to the wall clock changes neither."""

import calendar
import pathlib
import subprocess
import time

import pytest
from support.endpoint import OK, content, finish, stream

FOLDER = pathlib.Path(__file__).parent


def compiled(name, folder):
    made = folder / f"{name}.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, FOLDER / f"{name}.c", "-ldl"],
                   check=True)
    return made


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return compiled("set_clock", tmp_path_factory.mktemp("clock"))


def utc(*moment):
    return calendar.timegm(moment + (0,) * (9 - len(moment)))


CASES = {  # time zone, what the clock shows as the run begins, and how it is set
    "midnight": ("UTC", utc(2026, 3, 1, 23, 59, 59) + 0.6, 0, 0),
    "summer time begins": ("Europe/Berlin", utc(2026, 3, 29, 0, 59, 59) + 0.6, 0, 0),
    "summer time ends": ("Europe/Berlin", utc(2026, 10, 25, 0, 59, 59) + 0.6, 0, 0),
    "an hour ahead and back": ("UTC", utc(2026, 3, 1, 12), 70, 3600e3),
    "an hour back and ahead": ("UTC", utc(2026, 3, 1, 12), 70, -3600e3),
    "a little ahead and back": ("UTC", utc(2026, 3, 1, 12), 7, 20),
    "a little back and ahead": ("UTC", utc(2026, 3, 1, 12), 7, -20),
}


SET_UNTIL = 16  # a request of 32


@pytest.mark.parametrize("case", CASES)
def test_no_duration_and_no_order_changes(endpoint, project, library, monkeypatch, case):
    zone, at, every_ms, by_ms = CASES[case]
    took = {}
    until = project.folder / "until"

    def answer(request, connection):
        began = time.monotonic()
        if request["index"] == SET_UNTIL:
            until.touch()
        time.sleep(0.03)
        moments = []
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in (content("a"), content("b"), finish(completion_tokens=2)):
            moments.append(time.monotonic())
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            time.sleep(0.01)
        took[request["index"]] = [moment - began for moment in moments]
        return b"0\r\n\r\n"

    server = endpoint(answer)
    project.setup(["one,10,2,8,1,,,", "two,10,2,8,1,,,"])
    for name, value in {"LD_PRELOAD": library, "TZ": zone, "SET_CLOCK_AT": at,
                        "SET_CLOCK_EVERY_MS": every_ms, "SET_CLOCK_UNTIL": until,
                        "SET_CLOCK_BY_MS": by_ms}.items():
        monkeypatch.setenv(name, str(value))
    run = project.run("--order", "rotate", address=server.address)
    requests = [r for responses in run.responses for r in responses]
    assert len(requests) == len(took) == 32
    for index, r in enumerate(requests):  # one after the other
        first, second, third = took[index]
        assert first - 0.001 < r["client_ttft_s"] < first + 1
        assert 0 <= r["client_inter_token_latencies_s"][1] < second - first + 1
        assert third - 0.001 < r["client_end_to_end_latency_s"] < third + 1
    assert [r["request_index"] for r in requests] == list(range(8)) * 4
    sent = [r["sent_monotonic_ns"] for r in requests]
    assert sent == sorted(sent)
    assert [s["step_index"] for s in run.summaries] == [0, 1, 2, 3]
    for summary in run.summaries:
        assert 8 * 0.05 < summary["wall_time_s"] < 8
    assert 4 * 8 * 0.05 < sum(s["wall_time_s"] for s in run.summaries) < 32
    walls = [r["start_timestamp_utc"] for r in requests]
    if abs(by_ms) > 1000:
        assert walls != sorted(walls), "the clock was set, and the times for people show it"
    assert run.folder.name.startswith(time.strftime("%Y", time.gmtime(at)))
    kernel = [r for r in requests if "first_content" in r["kernel_stamped_moments"]]
    unset = requests if every_ms == 0 else requests[SET_UNTIL + 1:]
    assert sum(r in kernel for r in unset) >= len(unset) / 2, "stamps are of use, but while it is set"


def test_a_run_over_midnight_is_read_in_its_order(endpoint, project, library, monkeypatch):
    """Also where only times of day tell, as in folders of the starter kit."""
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("SET_CLOCK_AT", str(utc(2026, 3, 1, 23, 59, 54)))
    good = stream(content("a"), finish(completion_tokens=1))
    # However long the program takes to begin, up to six seconds, midnight is in the sixth request.
    server = endpoint(lambda request, connection: time.sleep(6.04 if request["index"] == 5 else 0.04) or good)
    project.setup(["one,10,1,12,1,,,"])
    run = project.run(address=server.address)
    times = [r["start_time"] for r in run.responses[0]]
    assert times[0] > times[-1], "midnight has passed"
    ends = [r["end_timestamp_utc"] for r in run.responses[0]]
    assert ends == sorted(ends)
    for r in run.responses[0]:
        over = 6 if r["request_index"] == 5 else 0
        assert 0.03 < r["client_end_to_end_latency_s"] - over < 1
    (run.folder / "manifest.json").unlink()
    text = run.folder / f"{run.names[0]}_individual_responses.json"
    text.write_text(text.read_text().replace("_monotonic_ns", "_forgotten_ns"))
    done = project.call("switching", f"out/{run.folder.name}", address=server.address)
    assert done.returncode == 0, done.stderr


def test_what_came_while_the_program_was_put_aside_came_no_earlier(endpoint, project, tmp_path, monkeypatch):
    """Three parts 20 ms apart are read at once, since the reading waits 60 ms behind the look at the first of them: the
    others came after that look, and no duration may end before the server had sent what ends it."""
    took = {}

    def answer(request, connection):
        began = time.monotonic()
        moments = []
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in (content("a"), content("b"), finish(completion_tokens=2)):
            moments.append(time.monotonic() - began)
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            time.sleep(0.02)
        took[request["index"]] = moments
        return b"0\r\n\r\n"

    server = endpoint(answer)
    project.setup(["one,10,2,4,1,,,"])
    monkeypatch.setenv("LD_PRELOAD", str(compiled("slow_read", tmp_path)))
    monkeypatch.setenv("SLOW_READ_MS", "60")
    run = project.run(address=server.address)
    requests = [r for responses in run.responses for r in responses]
    assert len(requests) == len(took) == 4
    for index, r in enumerate(requests):
        first, second, third = took[index]
        assert r["client_ttft_s"] > first - 0.001
        assert r["client_ttft_s"] + r["client_inter_token_latencies_s"][1] > second - 0.001
        assert r["client_end_to_end_latency_s"] > third - 0.001
