"""Stand-ins for services that runs are sent to."""

import http.server
import threading

from support import bench
from support.simulator import Simulator


class StandIn:
    """A server at `address`, in a thread; its handler finds what it is given beside `http`."""

    def __init__(self, handler, **given):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        vars(self.http).update(given)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def started_by(kind):
    """For a fixture: start(**how), and all that it started ends."""
    started = []

    def start(**how):
        started.append(kind(**how))
        return started[-1]

    yield start
    for one in started:
        one.close()


def measured_run(folder, rows, labels, code=0):
    """A project, and one run of it against the demo's bundle."""
    node = Simulator("configs/bundle_demo.yaml", folder)
    project = bench.Project(folder / "project")
    project.setup(rows)
    try:
        return project, project.run("--name", "first", *labels, address=node.address, expect=code)
    finally:
        node.close()
