"""TLS is verified: a certificate that is not trusted sends nothing, one that is works. The simulator
speaks it too."""

import http.client
import http.server
import json
import shutil
import ssl
import subprocess
import threading

import pytest
from support import bench
from support.certificate import call, make_certificate, make_expired
from support.endpoint import content, finish, stream

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")  # of before 1.2, to be refused

ANSWER = stream(content("a"), finish(completion_tokens=1)).replace(
    b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


class TlsServer:
    """`openssl s_server` of two connections: the GET that asks what the server is, and a request, which it
    answers with the same bytes."""

    def __init__(self, folder):
        self.certificate, key = make_certificate(folder)
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", str(self.certificate),
             "-key", str(key), "-naccept", "2"],
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
            if line.startswith(b"GET "):
                self.process.stdin.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                self.process.stdin.flush()
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


CERTIFICATE = "check the address's host name, connection.ca_file, and this machine's date"
HANDSHAKE = "check the address's host and port, and that TLS 1.2 or later is spoken there"


def refused(project, server, *more, told, hint=CERTIFICATE):
    project.setup(["m,10,1,3,1,,,"])
    run = project.run(*more, address=server.address, expect=3)
    for r in run.responses[0]:
        assert r["error_code"] == "tls_error"
        assert told in r["error_msg"], r["error_msg"]
        assert hint in r["error_msg"]
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
            f"connection.ca_file={certificate}", told="", hint=HANDSHAKE)


LOW_FLOOR = """\
openssl_conf = all
[all]
ssl_conf = kinds
[kinds]
system_default = floor
[floor]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
"""


@pytest.mark.parametrize("most, completes", [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)],
                         ids=lambda value: getattr(value, "name", ""))
def test_tls_1_2_is_our_least_where_the_system_allows_less(project, tls, tmp_path, monkeypatch, most, completes):
    """Debian's OpenSSL refuses 1.1 by itself: this one does not, as a client beside us shows."""
    certificate, key = make_certificate(tmp_path)
    server = tls(certificate, key, most=most)
    floor = project.write("openssl.cnf", LOW_FLOOR)
    monkeypatch.setenv("OPENSSL_CONF", str(floor))
    beside = subprocess.run(["openssl", "s_client", "-connect", server.address.split("/")[2]], timeout=60,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert f"New, {'TLSv1.2' if completes else 'TLSv1.0'}, Cipher is" in beside.stdout, beside.stdout + beside.stderr
    if not completes:
        refused(project, server, "--set", f"connection.ca_file={certificate}", told="", hint=HANDSHAKE)
        return
    project.setup(["m,10,1,3,1,,,"])
    run = project.run("--set", f"connection.ca_file={certificate}", address=server.address)
    assert all(r["error_code"] is None for r in run.responses[0])


def test_insecure_works_and_every_report_says_so(project, tls, tmp_path):
    certificate, key = make_certificate(tmp_path, "subjectAltName=DNS:another.example")
    server = tls(certificate, key)
    project.setup(["m,10,1,3,1,,,"])
    run = project.run("--set", "connection.insecure=true", address=server.address)
    assert all(r["error_code"] is None for r in run.responses[0]) and server.said
    assert "certificates are not checked; any server at https://127.0.0.1" in run.process.stderr
    assert "row 1: " in run.process.stdout and "; no certificate was checked" in run.process.stdout
    assert run.summaries[0]["connection_insecure"] is True
    assert run.manifest["settings"]["connection"]["insecure"] is True
    heading, (line,) = run.table()
    assert line[heading.index("flags")].endswith("; no certificate was checked")
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
    (["--tls-certificate", "none.pem", "--tls-key", "key.pem"], "'none.pem' cannot be opened: No such file"),
    (["--tls-certificate", "certificate.pem", "--tls-key", "certificate.pem"],
     "certificate.pem: no private key for certificate.pem"),
])
def test_files_that_cannot_serve(project, demo_bundle, options, sentence):
    make_certificate(project.folder)
    done = project.call("simulate", str(demo_bundle), *options, timeout=20)
    assert done.returncode == 2 and sentence in done.stderr


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory):
    """A good pair, and files of every kind that belong to no pair."""
    folder = tmp_path_factory.mktemp("bad")
    certificate, key = make_certificate(folder)
    for name in ("encrypted", "encrypted-pkcs8"):
        call("rsa" if name == "encrypted" else "pkcs8", *([] if name == "encrypted" else ["-topk8"]), "-in", key,
             "-out", folder / f"{name}.pem", *(["-aes256"] if name == "encrypted" else []), "-passout", "pass:secret")
    call("rsa", "-in", key, "-pubout", "-out", folder / "public.pem")
    call("genrsa", "-out", folder / "other.pem", "2048")
    call("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", folder / "of-another-kind.pem")
    call("genrsa", "-out", folder / "weak-key.pem", "512")
    call("req", "-x509", "-key", folder / "weak-key.pem", "-subj", "/CN=weak", "-out", folder / "weak.pem")
    call("x509", "-in", certificate, "-outform", "DER", "-out", folder / "binary.pem")
    (folder / "empty.pem").touch()
    (folder / "folder.pem").mkdir()
    (folder / "cut.pem").write_bytes(certificate.read_bytes()[:900])
    (folder / "cut-key.pem").write_bytes(key.read_bytes()[:900])
    (folder / "cut-chain.pem").write_bytes(certificate.read_bytes() + certificate.read_bytes()[:900])
    (folder / "large.pem").write_bytes(5 * (1 << 20) * b"#")
    return folder


ENCRYPTED = "the private key is encrypted; write it without a passphrase (openssl pkey -in FILE -out NEW)"
NO_KEY = "no private key for certificate.pem can be read there: it holds none in PEM, or a damaged one"
NO_PAIR = "its private key is not that of the certificate in certificate.pem"


@pytest.mark.parametrize("certificate, key, sentence", [
    ("certificate", "encrypted", f"encrypted.pem: {ENCRYPTED}"),
    ("certificate", "encrypted-pkcs8", f"encrypted-pkcs8.pem: {ENCRYPTED}"),
    ("certificate", "other", f"other.pem: {NO_PAIR}"),
    ("certificate", "of-another-kind", f"of-another-kind.pem: {NO_PAIR}"),
    ("certificate", "public", f"public.pem: {NO_KEY}"),
    ("certificate", "empty", f"empty.pem: {NO_KEY}"),
    ("certificate", "cut-key", f"cut-key.pem: {NO_KEY}"),
    ("certificate", "none", "'none.pem' cannot be opened: No such file or directory"),
    ("certificate", "folder", "'folder.pem' is a folder; a file is needed here"),
    ("certificate", "large", "large.pem: larger than 4194304 bytes, which is more than this file may be"),
    ("empty", "key", "empty.pem: no certificate in PEM can be read there: none stands in it"),
    ("binary", "key", "binary.pem: no certificate in PEM can be read there: none stands in it"),
    ("key", "key", "key.pem: no certificate in PEM can be read there: none stands in it"),
    ("cut", "key", "cut.pem: no certificate in PEM can be read there: bad end line"),
    ("cut-chain", "key", "cut-chain.pem: no certificate in PEM can be read there: bad end line"),
    ("weak", "weak-key", "weak.pem: no certificate in PEM can be read there: ee key too small"),
])
def test_files_that_are_no_pair(project, demo_bundle, bad_files, certificate, key, sentence):
    """Nothing is asked at the terminal, and one sentence tells."""
    shutil.copytree(bad_files, project.folder, dirs_exist_ok=True)
    done = project.call("simulate", str(demo_bundle), "--tls-certificate", f"{certificate}.pem", "--tls-key",
                        f"{key}.pem", timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"coebench simulate: {sentence}\n")


def test_key_and_chain_in_one_file_serve(project, simulate, demo_bundle):
    """The certificate is the first of them; what stands between does not matter."""
    certificate, key = make_certificate(project.folder)
    chain = project.write("chain.pem", b"a note\n" + key.read_bytes() + 3 * certificate.read_bytes())
    simulator = simulate(demo_bundle, "--tls-certificate", chain, "--tls-key", chain)
    host = simulator.address.split("/")[2]
    done = subprocess.run(["openssl", "s_client", "-showcerts", "-connect", host], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.stdout.count("BEGIN CERTIFICATE") == 3, done.stdout
