"""TLS is verified: a certificate that is not trusted sends nothing, one that is works."""

import subprocess
import threading

import pytest
from support.certificate import make_certificate
from support.endpoint import content, finish, stream

ANSWER = stream(content("a"), finish(completion_tokens=1)).replace(
    b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


class TlsServer:
    """`openssl s_server` that answers one connection with the same bytes."""

    def __init__(self, folder):
        self.certificate, key = make_certificate(folder)
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", str(self.certificate),
             "-key", str(key), "-naccept", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = b""
        while b"ACCEPT" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        port = self.said.rsplit(b":", 1)[1].split()[0].decode()
        self.address = f"https://127.0.0.1:{port}/v1"
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        for line in self.process.stdout:
            self.said += line
            if b'"messages"' in line or b'"max_tokens"' in line or b"Content-Length" in line:
                try:
                    self.process.stdin.write(ANSWER)
                    self.process.stdin.flush()
                except OSError:
                    pass
                return

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def server(tmp_path):
    one = TlsServer(tmp_path)
    yield one
    one.close()


def run(project, server, *more, expect):
    project.setup(["m,10,1,1,1,,,"])
    return project.run("--set", "connection.preconnect=false", *more, address=server.address,
                       expect=expect)


def test_an_unknown_certificate_is_refused(project, server):
    (only,), = run(project, server, expect=3).responses
    assert only["error_code"] == "tls_error" and "certificate" in only["error_msg"]
    assert b"Bearer" not in server.said


def test_a_certificate_from_ca_file_is_trusted(project, server):
    (only,), = run(project, server, "--set", f"connection.ca_file={server.certificate}",
                   expect=0).responses
    assert only["error_code"] is None and only["new_connection"]
    assert only["client_connect_s"] > 0
    assert only["client_ttft_from_sent_s"] == only["client_ttft_s"], "the handshake stands apart"
