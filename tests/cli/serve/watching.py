"""Streams of events as a page of the workbench reads them, and runs whose journal a test writes line by line."""

import fcntl
import http.client
import json
import pathlib
import subprocess
import time


class Stream:
    """GET …/events, read to its end or as far as one wants."""

    def __init__(self, workbench, run):
        self.connection = http.client.HTTPConnection("127.0.0.1", workbench.port, timeout=120)
        self.connection.request("GET", f"/api/v1/runs/{run}/events", headers={"X-Coebench": workbench.secret})
        self.response = self.connection.getresponse()
        self.status, self.headers = self.response.status, self.response.headers
        self.seen, self.comments = [], 0

    def next(self):
        """(word, data) of the next event; None at the end."""
        word = data = None
        while line := self.response.readline().decode():
            line = line.rstrip("\n")
            if line.startswith("event: "):
                word = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line.startswith(":"):
                self.comments += 1
            elif word:
                self.seen.append((word, data))
                return word, data
        return None

    def until(self, wanted):
        """Reads on until wanted(picture) of what all events together say."""
        while not wanted(picture := self.picture()):
            assert self.next() is not None, f"the stream ended: {self.seen}"
        return picture

    def all(self):
        while self.next() is not None:
            pass
        return self.picture()

    def all_there_is(self):
        """The same of a stream that may be cut off."""
        try:
            return self.all()
        except (http.client.HTTPException, OSError):
            return self.picture()

    def picture(self):
        return picture(self.seen)

    def close(self):
        self.connection.close()


def picture(events):
    """What a page knows that was told all this."""
    known = {"run": None, "rows": {}, "failures": {}, "points": {}, "state": None, "order": []}
    for word, data in events:
        if word == "run":
            known |= {"run": data, "rows": {}, "failures": {}, "points": {}, "completed": 0, "failed": 0}
        elif word == "begins":
            known["rows"][data["step"]] = dict(data, how=None)
            known["order"].append(("begins", data["step"]))
        elif word == "ends":
            known["rows"][data["step"]]["how"] = data["how"]
            known["order"].append(("ends", data["step"]))
        elif word == "figures":
            for row in data["rows"]:
                known["rows"].setdefault(row["step"], {}).update(row)
            known["completed"], known["failed"] = data["completed"], data["failed"]
            known["failures"] = data.get("failures", known["failures"])
            if data.get("every_s") != known.get("every_s") and "points" in data:
                known["points"], known["every_s"] = {}, data["every_s"]
            known["points"] |= {point[0]: point[1:] for point in data.get("points", ())}
        elif word == "end":
            known["state"] = data["state"]
    return known


def request_line(step, failure=None, **more):
    """As the program writes one, as far as watchers care."""
    facts = {"error_code": failure, "error_msg": "a \"quote\" and a \\ in it, and } too", "number_output_tokens": 10,
             "client_ttft_s": None if failure else 0.25, "client_end_to_end_latency_s": None if failure else 1.0,
             "client_inter_token_latencies_s": [0.25, 0.5, 0.25], "retry_wait_s": None, "probe_burst": None, "phase": None,
             "end_timestamp_utc": "2026-11-29T07:00:10.500000Z", "deep": {"a": [{"b": "]}"}]}} | more
    return json.dumps({"step": step, "request": facts}, separators=(",", ":"))


class Forged:
    """A run under way whose process is a sleeping one, and whose journal is the test's own."""

    def __init__(self, folder, rows=2, requests=4):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.process = subprocess.Popen(["sleep", "1000"])
        self.manifest = {
            "run_name": self.folder.name, "started_utc": "2026-11-29T07:00:00.000000Z", "status": "running",
            "endpoint": {"address": "http://127.0.0.1:9/v1", "dialect": "openai"}, "settings": {}, "steps": [],
            "rows": [{"line": 2 + i, "model_name": f"m{i}", "input_tokens": 20, "output_tokens": 10,
                      "num_requests": requests, "concurrent_requests": 2} for i in range(rows)],
            "visits": [2 + i for i in range(rows)]}
        self.write_manifest()
        began = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        (self.folder / "run.pid").write_text(f"{self.process.pid} {began}\n")
        self.journal = self.folder / "journal.jsonl"
        self.journal.touch()
        self.locked = self.journal.open("r")  # as who writes to it holds it
        fcntl.flock(self.locked, fcntl.LOCK_EX)

    def write_manifest(self, **members):
        self.manifest |= members
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest))

    def add(self, *lines):
        with self.journal.open("a") as journal:
            journal.write("".join(f"{line}\n" for line in lines))

    def begins(self, step):
        self.add(json.dumps({"step": step, "begins": f"row_{step}"}, separators=(",", ":")))

    def ends(self, step, how="done"):
        self.add(json.dumps({"step": step, "ends": how}, separators=(",", ":")))

    def end(self):
        self.locked.close()
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


def wait_until(true, patience_s=120):
    deadline = time.monotonic() + patience_s
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found
