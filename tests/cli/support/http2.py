"""An endpoint that speaks HTTP/2 over TLS, by a library that is not the program's (python3-h2)."""

import json
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events


class Http2Endpoint:
    """Each POST is answered by answer(request) → list of (seconds to wait, bytes), sent one after the
    other, or an error code that its stream is reset by; requests of one connection are answered beside each
    other."""

    def __init__(self, answer, certificate, key, protocols=("h2",), host="127.0.0.1", port=0):
        self.answer = answer
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(protocols)
        self.requests = []
        self.connections = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server((host, port))
        self.address = "https://127.0.0.1:%d/v1" % self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                connection = self.context.wrap_socket(connection, server_side=True)
            except OSError:
                continue
            self.sockets.append(connection)
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        lock = threading.Lock()
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        bodies, methods = {}, {}
        try:
            with lock:
                state.initiate_connection()
                connection.sendall(state.data_to_send())
            while data := connection.recv(65536):
                with lock:
                    for event in state.receive_data(data):
                        self.take(event, state, bodies, methods, connection, lock)
                    connection.sendall(state.data_to_send())
        except OSError:
            pass

    def take(self, event, state, bodies, methods, connection, lock):
        if isinstance(event, h2.events.RequestReceived):
            methods[event.stream_id] = dict(event.headers)[b":method"]
            bodies[event.stream_id] = b""
        elif isinstance(event, h2.events.DataReceived):
            bodies[event.stream_id] += event.data
            state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            threading.Thread(target=self.reply, daemon=True,
                             args=(event.stream_id, methods[event.stream_id],
                                   bodies[event.stream_id], state, connection, lock)).start()

    def reply(self, stream, method, body, state, connection, lock):
        if method == b"GET":
            parts = [(0, b'{"data":[]}')]
        else:
            with self.lock:
                request = {"index": len(self.requests), "body": json.loads(body)}
                self.requests.append(request)
            parts = self.answer(request)
        try:
            with lock:
                if isinstance(parts, h2.errors.ErrorCodes):
                    state.reset_stream(stream, parts)
                    connection.sendall(state.data_to_send())
                    return
                state.send_headers(stream, [(":status", "200")])
                connection.sendall(state.data_to_send())
            for seconds, data in parts:
                threading.Event().wait(seconds)
                with lock:
                    state.send_data(stream, data)
                    connection.sendall(state.data_to_send())
            with lock:
                state.end_stream(stream)
                connection.sendall(state.data_to_send())
        except OSError:
            pass

    def close(self):
        self.listener.close()
        for one in self.sockets:
            one.close()
