"""A server that calls `serve(connection)` in a thread of its own for each connection, on a port the kernel picks."""

import socket
import threading


class Listening:
    """What it took stays open until close(). Whoever is one calls listen() when it is ready to serve."""

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "https://127.0.0.1:%d/v1" % self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        self.listener.close()
        for one in self.sockets:
            one.close()
