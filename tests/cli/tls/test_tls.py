"""TLS is verified: a certificate that is not trusted sends nothing, one that is works. The simulator
speaks it too."""

import http.client
import http.server
import json
import ssl
import subprocess
import threading

import pytest
from support import bench
from support.certificate import make_certificate, make_expired
from support.endpoint import content, finish, stream

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")  # of before 1.2, to be refused

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


# --- Certificates that nobody should believe ------------------------------------------------------


class PythonServer:
    """Python's own TLS, over which each request is answered well; keeps what it was told."""

    def __init__(self, certificate, key, most=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = most
        if most < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(certificate, key)
        said = self.said = []

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                said.append(str(self.headers))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def do_POST(self):
                said.append(str(self.headers))
                self.rfile.read(int(self.headers["content-length"]))
                self.wfile.write(stream(content("a"), finish(completion_tokens=1)))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *_: None
        self.address = f"https://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def tls():
    started = []

    def start(*arguments, **how):
        started.append(PythonServer(*arguments, **how))
        return started[-1]

    yield start
    for one in started:
        one.close()


def refused(project, server, *more, told):
    project.setup(["m,10,1,3,1,,,"])
    run = project.run(*more, address=server.address, expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "tls_error"
        assert told in r["error_msg"], r["error_msg"]
        assert "check the address's host name, connection.ca_file, and this machine's date" in r["error_msg"]
    assert not server.said, "nothing was sent, least of all the key"


def test_an_expired_certificate_is_refused(project, tls, tmp_path):
    certificate, key, authority = make_expired(tmp_path)
    refused(project, tls(certificate, key), "--set", f"connection.ca_file={authority}",
            told="certificate has expired")


def test_a_certificate_for_another_host_is_refused(project, tls, tmp_path):
    certificate, key = make_certificate(tmp_path, "subjectAltName=DNS:another.example")
    refused(project, tls(certificate, key), "--set", f"connection.ca_file={certificate}",
            told="no alternative certificate subject name matches")


def test_a_certificate_that_signs_itself_is_refused(project, tls, tmp_path):
    refused(project, tls(*make_certificate(tmp_path)), told="self-signed certificate")


def test_tls_before_1_2_is_refused(project, tls, tmp_path):
    certificate, key = make_certificate(tmp_path)
    refused(project, tls(certificate, key, most=ssl.TLSVersion.TLSv1_1), "--set",
            f"connection.ca_file={certificate}", told="")


def test_insecure_works_and_every_report_says_so(project, tls, tmp_path):
    certificate, key = make_certificate(tmp_path, "subjectAltName=DNS:another.example")
    server = tls(certificate, key)
    project.setup(["m,10,1,3,1,,,"])
    run = project.run("--set", "connection.insecure=true", address=server.address)
    assert all(r["error_code"] is None for r in run.responses[0]) and server.said
    assert "no certificate is checked; whoever answers at https://127.0.0.1" in run.process.stderr
    assert "row 1: no certificate was checked" in run.process.stdout
    assert run.summaries[0]["connection_insecure"] is True
    assert run.manifest["settings"]["connection"]["insecure"] is True
    heading, (line,) = run.table()
    assert line[heading.index("flags")] == "no certificate was checked"
    assert "no certificate was checked" in run.workbook.with_suffix(".html").read_text()


MODEL = "Meta-Llama-3.1-8B-Instruct"


def test_a_run_against_the_simulator_under_tls(project, simulate, demo_bundle, tmp_path):
    certificate, key = make_certificate(tmp_path)
    simulator = simulate(demo_bundle, "--tls-certificate", certificate, "--tls-key", key)
    project.setup([f"{MODEL},50,40,12,4,,,"])
    run = project.run("--set", f"connection.ca_file={certificate}", address=simulator.address)
    responses, = run.responses
    assert [r["server_number_output_tokens"] for r in responses] == [40] * 12
    assert all(r["error_code"] is None and len(r["client_inter_token_latencies_s"]) == 40
               for r in responses)
    assert run.summaries[0]["client_kernel_stamped_share"] > 0.9
    simulator.close()
    truth = {line["id"]: line["token_ns"] for line in map(json.loads, simulator.truth.open())}
    for response in responses:  # the kernel's time of arrival, under TLS too: after each write
        lateness = response["first_content_monotonic_ns"] - truth[response["response_id"]][0]
        assert response["client_chunk_clock"] in ("kernel", "mixed") and lateness > -50_000
    assert f"listening on {simulator.address}" in simulator.said


def test_a_large_answer_and_a_wrong_protocol_under_tls(simulate, demo_bundle, tmp_path):
    """An answer larger than a record and than what sockets hold comes whole, and a client that does
    not speak TLS is let go without harm."""
    certificate, key = make_certificate(tmp_path)
    simulator = simulate(demo_bundle, "--tls-certificate", certificate, "--tls-key", key, "--flood")
    host = simulator.address.split("/")[2]
    plain = http.client.HTTPConnection(host, timeout=20)
    plain.request("GET", "/v1/models")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse().read()
    plain.close()
    trusting = ssl.create_default_context(cafile=certificate)
    for stream in (False, True):
        connection = http.client.HTTPSConnection(host, timeout=20, context=trusting)
        connection.request("POST", "/v1/chat/completions", headers={"Authorization": f"Bearer {bench.KEY}"},
                           body=json.dumps({"model": "gpt-oss-120b", "max_tokens": 100000,
                                            "stream": stream,
                                            "messages": [{"role": "user", "content": "a"}]}))
        said = connection.getresponse().read().decode()
        connection.close()
        if stream:
            assert said.count("data: {") == 100001 and said.endswith("data: [DONE]\n\n")
        else:
            answer = json.loads(said)
            assert len(answer["choices"][0]["message"]["content"].split()) == 100000


@pytest.mark.parametrize("options, sentence", [
    (["--tls-key", "key.pem"], "--tls-certificate and --tls-key belong together; give both"),
    (["--tls-certificate", "none.pem", "--tls-key", "key.pem"], "none.pem: no certificate in PEM"),
    (["--tls-certificate", "certificate.pem", "--tls-key", "certificate.pem"],
     "certificate.pem: no private key for certificate.pem"),
])
def test_files_that_cannot_serve(project, demo_bundle, options, sentence):
    make_certificate(project.folder)
    done = project.call("simulate", str(demo_bundle), *options, timeout=20)
    assert done.returncode == 2 and sentence in done.stderr
