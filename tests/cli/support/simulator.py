"""A simulated bundle that tests measure."""

import subprocess
import time

from support import bench


class Simulator:
    """`coebench simulate BUNDLE` on a port the kernel picks, ended by its process id."""

    def __init__(self, bundle, folder, *options):
        self.truth = folder / "truth.jsonl"
        port_file = folder / "port"
        self.process = subprocess.Popen(
            [bench.PROGRAM, "simulate", str(bundle), "--port-file", str(port_file),
             "--ground-truth", str(self.truth), *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while not port_file.exists():
            assert self.process.poll() is None, self.process.stderr.read().decode()
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.02)
        scheme = "https" if "--tls-key" in options else "http"
        self.address = f"{scheme}://127.0.0.1:{port_file.read_text().strip()}/v1"

    def close(self):
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        errors = self.process.stderr.read().decode()
        self.said = self.process.stdout.read().decode()
        self.process.stderr.close()
        self.process.stdout.close()
        assert code == 0, f"the simulator ended with {code}: {errors}"
