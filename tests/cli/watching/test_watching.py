"""The live display in a real pseudo-terminal: it draws, follows the width, and leaves nothing behind."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from support.bench import NO_VERDICT, PROGRAM, Run
from support.endpoint import OK, content, finish, stream


def plain(said):
    return re.sub(r"\x1b\[\d*m", "", said.decode(errors="replace"))


class Terminal:
    """The program on a pseudo-terminal of our own, what it wrote kept as text."""

    def __init__(self, project, address, columns, *more, term="xterm", **variables):
        self.master, slave = pty.openpty()
        modes = termios.tcgetattr(slave)
        modes[3] |= termios.NOFLSH  # else Ctrl-C throws away what nobody has read yet
        termios.tcsetattr(slave, termios.TCSANOW, modes)
        self.resize(columns)
        environment = {**project.environment(address), "TERM": term, **variables}
        self.process = subprocess.Popen(
            [PROGRAM, "run", "config.yaml", *NO_VERDICT, *more], cwd=project.folder, env=environment,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.said = b""

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, until, seconds=20):
        """Reads until `until` says so of what was written, or the program has ended; without colours."""
        deadline = time.monotonic() + seconds
        while not until(plain(self.said)):
            assert time.monotonic() < deadline, plain(self.said)
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.master, 65536)
                except OSError:  # the program's side is closed
                    break
        return plain(self.said)

    def end(self):
        self.read(lambda said: False)
        code = self.process.wait(10)
        os.close(self.master)
        return code, plain(self.said)


def answer(request, connection):
    time.sleep(0.15)
    if request["index"] == 4:
        return b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
    return stream(content("a"), content("b"), finish(completion_tokens=2))


def screen(said, columns):
    """What a terminal would show at the end: only the codes that the display uses are known."""
    lines, row, col = [""], 0, 0
    for code, text in re.findall(r"(\x1b\[\d*[A-Z]|\r\n|\r|\n)|([^\x1b\r\n]+)", said):
        if code.endswith("A"):
            row -= int(code[2:-1] or 1)
        elif code.endswith("J"):
            lines[row] = lines[row][:col]
            del lines[row + 1:]
        elif code == "\r":
            col = 0
        elif code in ("\r\n", "\n"):
            row, col = row + 1, 0
            if row == len(lines):
                lines.append("")
        for letter in text:
            assert col < columns, f"a line was folded: {text}"
            lines[row] = lines[row][:col].ljust(col) + letter + lines[row][col + 1:]
            col += 1
    return lines


def test_the_block_is_drawn_and_leaves_only_closing_lines(endpoint, project):
    project.setup(["some-model,10,2,8,2,,,", "some-model,10,2,4,2,,,"])
    terminal = Terminal(project, endpoint(answer).address, 110)
    code, said = terminal.end()
    assert code == 0
    for part in ("█", "░", "in flight", "TTFT p50", "p95", "tokens/s", "left: row", ", run ",
                 "failed: 503 × 1"):
        assert part in said, part
    shown = "\n".join(screen(said, 110))
    assert "█" not in shown and "in flight" not in shown
    assert "1/2 some-model 10→2 c=2: done, 7/8" in shown
    assert "503 × 1: HTTP 503: busy" in shown
    assert "workbook: " in shown


def test_a_row_that_its_time_ends_shows_its_time(endpoint, project):
    header = "model_name,input_tokens,output_tokens,concurrent_requests,duration_s,warmup_requests,cooldown_requests"
    project.setup(["some-model,10,2,2,1.5,3,1"], header=header)
    terminal = Terminal(project, endpoint(answer).address, 110)
    terminal.read(lambda said: "warm-up 0/3, " in said and " in 0/1.5 s, " in said and "in 1/1.5 s, 2 in flight" in said)
    code, said = terminal.end()
    assert code == 0
    done = re.search(r"1/1 some-model 10→2 c=2: done, (\d+)/(\d+) in", said)
    assert int(done[1]) in (int(done[2]), int(done[2]) - 1)  # one fails, unless it is of the warm-up


@pytest.mark.parametrize("columns, narrow", [(80, False), (40, True), (20, True)])
def test_no_line_is_wider_than_the_terminal(endpoint, project, columns, narrow):
    model = "a-model-with-quite-a-long-name-for-a-terminal"
    project.setup([f"{model},10,2,8,2,,,"])
    terminal = Terminal(project, endpoint(answer).address, columns)
    code, said = terminal.end()
    live = said[:said.rindex("\x1b[J")]
    for line in re.split(r"[\r\n]|\x1b\[\d*[A-Z]", live):
        assert len(line) < columns or line.startswith("endpoint: ") or line == f"  '{model}'"
    assert code == 0 and ("█" in said) != narrow


def test_a_resize_leaves_no_debris(endpoint, project):
    project.setup(["some-model,10,2,60,2,,,"])
    terminal = Terminal(project, endpoint(answer).address, 120)
    terminal.read(lambda said: "TTFT p50" in said)
    terminal.resize(50)
    code, said = terminal.end()
    assert code == 0 and "left " in said


@pytest.mark.parametrize("variables, coloured", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_the_block_shows_how_the_row_went_and_what_failed(endpoint, project, variables, coloured):
    project.setup(["m,10,2,24,2,,,"])
    terminal = Terminal(project, endpoint(answer).address, 100, **variables)
    code, said = terminal.end()
    assert code == 0
    assert re.search(r"TTFT [▁▂▃▄▅▆▇█]{2,}", said), "TTFT over the row"
    assert re.search(r"requests/s [▁▂▃▄▅▆▇█]{2,} [\d.]+", said), "and the rate, with its last"
    assert "failed: 503 × 1" in said
    raw = terminal.said.decode()
    assert ("\x1b[31m" in raw and "\x1b[32m" in raw) == coloured, "red from the first failure on"
    assert bool(re.search(r"\x1b\[\d*m", raw)) == coloured


def test_a_study_has_a_line_for_each_pass_and_each_step_that_fails(endpoint, project):
    project.setup(["a,10,2,1,1,,,", "b,10,2,1,1,,,"])
    code, said = Terminal(project, endpoint(answer).address, 120, "--set", "passes=3").end()
    lines = screen(said, 120)
    assert [line.split(" in ")[0] for line in lines if line.startswith("pass ")] == [
        f"pass {k} of 3: 2 steps" for k in (1, 2, 3)]
    assert [line for line in lines if re.match(r"\d/6 ", line)] == [
        line for line in lines if line.startswith("5/6 a 10→2 c=1: failed, 0/1")]
    assert code == 3


@pytest.mark.parametrize("more, term", [((), "dumb"), (("--no-progress",), "xterm")])
def test_a_dumb_terminal_gets_plain_lines(endpoint, project, more, term):
    project.setup(["m,10,2,3,1,,,"])
    code, said = Terminal(project, endpoint(answer).address, 80, *more, term=term).end()
    assert code == 0 and "\x1b" not in said and "█" not in said
    assert "1/1 m 10→2 c=1: 3 requests" in said


def test_long_answers_show_that_they_come(endpoint, project):
    def slow(request, connection):
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in (content("a"), content("b"), finish(completion_tokens=2)):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            time.sleep(0.4)
        return b"0\r\n\r\n"

    project.setup(["m,10,2,2,2,,,"])
    code, said = Terminal(project, endpoint(slow).address, 100).end()
    assert code == 0 and "first responses arrive: 2 chunks" in said


def test_quiet_tells_only_what_is_wrong(endpoint, project):
    def refused(request, connection):
        return b"HTTP/1.1 404 No\r\nContent-Length: 7\r\n\r\nno such"

    project.setup(["m,10,2,2,1,,,"])
    done = project.call("run", "config.yaml", "--quiet", address=endpoint(refused).address)
    assert done.returncode == 3 and done.stdout == ""
    assert "1/1 m 10→2 c=1: failed, 0/2" in done.stderr and "404 × 2: HTTP 404: no such" in done.stderr
    done = project.call("run", "config.yaml", "--quiet", *NO_VERDICT,
                        address=endpoint(answer).address)
    assert done.returncode == 0 and done.stdout + done.stderr == ""


def test_names_are_cut_only_where_there_is_no_room(endpoint, project):
    names = ["Meta-Llama-3.3-70B-Instruct", "Meta-Llama-3.1-8B-Instruct"]
    project.setup([f"{name},1000,64,8,1,,," for name in names])
    address = endpoint(lambda request, connection: answer({"index": 0}, connection)).address
    code, said = Terminal(project, address, 80).end()
    table = said[said.rindex("#  model"):]
    shown = [re.search(r"^ +\d +(\S+)", line)[1] for line in table.splitlines()[1:3]]
    assert code == 0 and len(set(shown)) == 2, shown
    done = project.call("run", "config.yaml", address=address)
    assert all(name in done.stdout for name in names)


def test_ctrl_c_at_the_keyboard(endpoint, project):
    project.setup(["m,10,2,200,2,,,"])
    server = endpoint(answer)
    terminal = Terminal(project, server.address, 100)
    terminal.read(lambda said: "TTFT p50" in said)
    os.write(terminal.master, b"\x03")
    code, said = terminal.end()
    assert code == 130 and "interrupted" in said
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert len(run.responses[0]) == len(server.requests)


@pytest.mark.parametrize("shown", ["in flight", "TTFT p50", "1/2 some-model"])
@pytest.mark.parametrize("sent, code", [("keys", 130), (signal.SIGTERM, 143)])
def test_two_signals_at_a_moment_leave_a_clean_screen(endpoint, project, shown, sent, code):
    """While nothing has come back yet, in a row, and between rows."""
    def later(request, connection):
        time.sleep(60 if shown == "in flight" or request["index"] > 5 else 0.1)
        return stream(content("a"), finish(completion_tokens=1))

    between = shown.startswith("1/2")
    project.setup(["some-model,10,2,6,2,,,"] * 2 if between else ["some-model,10,2,200,2,,,"])
    server = endpoint(later)
    terminal = Terminal(project, server.address, 100, "--set", "time_delay=60")
    terminal.read(lambda said: shown + (" 10→2 c=2: done" if between else "") in said
                  and (shown != "TTFT p50" or len(server.requests) == 8))
    for _ in range(2):
        if sent == "keys":
            os.write(terminal.master, b"\x03")
        else:
            terminal.process.send_signal(sent)
        if not between:  # two that come at once are one
            terminal.read(lambda said: "stopping" in said)
        time.sleep(0.3)
    ended, said = terminal.end()
    assert ended == code
    left = "\n".join(screen(said, 100))
    assert "none failed" not in left and "█" not in left and "workbook: " in left
    assert ("1 of 2 steps was not run" in left) if between else ("cancelled × 2" in left)


def test_a_terminal_that_stands_still_holds_up_no_run(endpoint, project):
    """As after Ctrl-S, or when a remote connection hangs: nobody reads, and its buffer is full."""
    project.setup(["some-model,10,2,30,2,,,"] * 8)
    server = endpoint(lambda request, connection: answer({"index": 0}, connection))
    terminal = Terminal(project, server.address, 100)
    deadline = time.monotonic() + 60
    while len(server.requests) < 240:
        assert time.monotonic() < deadline, f"held up after {len(server.requests)} requests"
        time.sleep(0.05)
    code, said = terminal.end()
    assert code == 0 and "8/8 some-model 10→2 c=2: done, 30/30" in said


def test_a_closed_terminal_loses_no_run(endpoint, project):
    project.setup(["m,10,2,12,2,,,"])
    terminal = Terminal(project, endpoint(answer).address, 100)
    terminal.read(lambda said: "TTFT p50" in said)
    os.close(terminal.master)
    terminal.process.wait(30)
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert len(run.responses[0]) == 12 and run.manifest["status"] == "done"
    assert run.workbook.exists()


def test_a_vanished_stdout_loses_no_run_and_is_told(endpoint, project):
    project.setup(["m,10,2,3,1,,,"])
    process = project.start("run", "config.yaml", address=endpoint(answer).address)
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait(30) == 2
    assert "not all of the output could be written" in errors
    process.stderr.close()
    (folder,) = project.run_folders()
    assert Run(folder, project.folder / "books").workbook.exists()


def test_verbose_closes_each_row_with_its_figures(endpoint, project):
    project.setup(["m,10,2,3,1,,,"])
    run = project.run("--verbose", address=endpoint(answer).address)
    said = run.process.stderr
    value = run.summaries[0]["results_client_ttft_s_quantiles_p50"]
    assert f"    p50 = {value:.6g}" in said
    for part in ("client_ttft_s (s)", "Number Of Errored Requests: 0",
                 "Number Of Completed Requests: 3", "Overall Output Throughput"):
        assert part in said


def test_the_block_is_drawn_while_three_loops_fail(endpoint, project):
    """Each failure is of another kind: the table of kinds grows under the display."""
    def failing(request, connection):
        time.sleep(0.02)
        if request["index"] % 4 == 0:
            return answer({"index": 0}, connection)
        return b"HTTP/1.1 %d No\r\nContent-Length: 2\r\n\r\nno" % (400 + request["index"] % 150)

    project.setup(["some-model,10,2,400,9,,,"])
    server = endpoint(failing)
    code, said = Terminal(project, server.address, 400, "--set", "threads=3", "--set",
                          "max_consecutive_errors=0").end()
    assert code == 0 and "failed: " in said and "503 × " in said
    assert re.search(r"1/1 some-model 10→2 c=9: done, \d+/400", said)
    assert len(server.requests) == 400


def test_a_mix_has_a_block_with_a_line_for_each_member(endpoint, project):
    header = "model_name,input_tokens,output_tokens,num_requests,qps,mix"
    project.setup(["first-model,10,2,8,5,day", "second-model,10,2,4,4,day", "third-model,10,2,3,9,"], header=header)
    terminal = Terminal(project, endpoint(answer).address, 110)
    terminal.read(lambda said: re.search(r"1\+2/3 mix day\r?\n[█░]+ \d+/12, \d+ in flight, .*\r?\n.*requests/s.*left: mix .*"
                                         r"\r?\n  1 first-model \d/8, \d in flight, TTFT p50 .*\r?\n  2 second-model \d/4, ",
                                         said))
    code, said = terminal.end()
    assert code == 0
    assert "1 failed" in said
    shown = "\n".join(screen(said, 110))
    assert "in flight" not in shown and "░" not in shown
    for line in ("1/3 first-model 10→2 5/s const mix day: done, ", "2/3 second-model 10→2 4/s const mix day: done, ",
                 "3/3 third-model 10→2 9/s const: done, 3/3"):
        assert line in shown, line


def test_a_mix_is_two_short_lines_on_a_narrow_terminal(endpoint, project):
    project.setup(["first-model,10,2,6,5,day", "second-model,10,2,4,4,day"],
                  header="model_name,input_tokens,output_tokens,num_requests,qps,mix")
    terminal = Terminal(project, endpoint(answer).address, 40)
    terminal.read(lambda said: re.search(r"1\+2/2 mix day\r?\n\d+/10, \d+ in flight, (none|1) failed", said))
    code, said = terminal.end()
    assert code == 0
    assert all(len(line) < 40 for line in re.findall(r"[^\r\n\x1b]*in flight[^\r\n\x1b]*", said))
