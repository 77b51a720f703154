"""An address whose scheme is not what its port speaks is named as that."""

import http.server
import ssl
import threading

import pytest
from support.certificate import make_certificate


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


@pytest.mark.parametrize("speaks, code, told", [
    ("http", "tls_error", "the port speaks no TLS: write http:// in the address"),
    ("https", "connection_reset", "where the port speaks TLS, write https:// in the address"),
])
def test_the_other_scheme_is_named(project, tmp_path, speaks, code, told):
    server = Quiet(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    if speaks == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*make_certificate(tmp_path))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    project.setup(["m,10,1,2,1,,,"])
    address = f"{'http' if speaks == 'https' else 'https'}://127.0.0.1:{server.server_port}/v1"
    run = project.run("--set", "connection.preconnect=false", address=address, expect=3)
    plan = project.call("plan", "config.yaml", address=address)
    for r in run.responses[0]:
        assert r["error_code"] == code and told in r["error_msg"], r["error_msg"]
    assert told in plan.stderr
    server.shutdown()
    server.server_close()
