"""Certificates: one that signs itself, and such as nobody should believe."""

import subprocess


def call(*words, **how):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **how)


def make_certificate(folder, name="subjectAltName=IP:127.0.0.1"):
    """(certificate, key), two files in PEM, for 127.0.0.1 or for what `name` says."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    call("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", name, "-keyout", key, "-out", certificate)
    return certificate, key


def make_expired(folder):
    """(certificate, key, authority): for 127.0.0.1, by an authority of its own, out of date since 2020."""
    authority, authority_key = make_certificate(folder)
    key, request, certificate = folder / "old-key.pem", folder / "old.csr", folder / "old.pem"
    call("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=old", "-keyout", key, "-out", request)
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n"
        "policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n")
    call("ca", "-batch", "-config", "ca.cnf", "-cert", authority, "-keyfile", authority_key, "-in", request,
         "-out", certificate, "-startdate", "20190101000000Z", "-enddate", "20200101000000Z", "-notext",
         cwd=folder)
    return certificate, key, authority
