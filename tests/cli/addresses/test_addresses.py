"""Where an endpoint's name has several addresses, a run stays with one and records it, unless it is
asked to spread its requests over all."""

import collections
import json
import pathlib
import socket
import subprocess

import pytest
from support.bench import CONFIG, Run
from support.certificate import make_certificate
from support.endpoint import content, finish, stream
from support.http2 import Http2Endpoint

SOURCE = pathlib.Path(__file__).with_name("fake_names.c")
GOOD = stream(content("a"), content("b"), finish(prompt_tokens=40, completion_tokens=2))
LOOPBACK = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
SPREAD = CONFIG + "connection: {spread: true}\n"
NAME = "bundle.test"


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    made = tmp_path_factory.mktemp("fake") / "fake_names.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, SOURCE, "-ldl"], check=True)
    return made


@pytest.fixture
def names(library, monkeypatch):
    def have(addresses, name=NAME):
        for key, value in {"LD_PRELOAD": library, "FAKE_NAME": name, "FAKE_ADDRESSES": " ".join(addresses)}.items():
            monkeypatch.setenv(key, str(value))
    return have


def held_port(hosts):
    """A port that is free at each of HOSTS, and the sockets that keep it from every other program at those of
    ours where nothing is to listen: they refuse whoever connects."""
    while True:
        holders, port = {}, 0
        try:
            for host in [*LOOPBACK, "::1"]:
                holder = holders[host] = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
                holder.bind((host, port))
                port = holder.getsockname()[1]
        except OSError:  # another program's, at this host
            for holder in holders.values():
                holder.close()
            continue
        for host in hosts:
            if host in holders:
                holders.pop(host).close()
        return port, list(holders.values())


@pytest.fixture
def servers(endpoint):
    """servers(host, ...) starts one endpoint at each, all at one port, which it returns with them. Nothing else
    listens at that port on the other addresses of this machine that tests use."""
    held = []

    def start(*hosts, answer=lambda request, connection: GOOD, **how):
        port, holders = held_port(hosts)
        held.extend(holders)
        return port, {host: endpoint(answer, host=host, port=port, **how) for host in hosts}
    yield start
    for holder in held:
        holder.close()


def url(port, name=NAME, scheme="http"):
    return f"{scheme}://{name}:{port}/v1"


def remotes(run):
    return [r["remote_address"] for responses in run.responses
            for r in sorted(responses, key=lambda r: r["request_index"])]


def test_each_request_records_where_it_went(servers, project):
    for host, shown in {"127.0.0.2": "127.0.0.2", "::1": "[::1]"}.items():
        port, _ = servers(host)
        project.setup(["m,40,2,4,2,,,"])
        run = project.run(address=f"http://{shown}:{port}/v1")
        assert remotes(run) == [host] * 4
        assert "remote_addresses" not in run.manifest, "a number is not looked up"


def test_a_run_stays_with_one_address(names, servers, project):
    """Though the name's addresses come in another order each time."""
    names(LOOPBACK)
    port, started = servers(*LOOPBACK)
    project.setup(["m,40,2,4,2,,,", "n,40,2,4,1,,,", "o,40,2,4,,100,constant,"])
    run = project.run("--set", "connection.reuse=never", address=url(port))
    (used,) = set(remotes(run))
    assert run.manifest["remote_addresses"]["used"] == used
    assert run.manifest["remote_addresses"]["name"] == NAME
    assert run.manifest["remote_addresses"]["count"] == 3
    assert set(run.manifest["remote_addresses"]["found"].split(", ")) == set(LOOPBACK)
    for host, server in started.items():
        assert len(server.requests) == (12 if host == used else 0)
        assert (server.gets > 0) == (host == used), "what is asked ahead goes there too"
    assert {r["headers"]["host"] for r in started[used].requests} == {f"{NAME}:{port}"}


def test_it_is_one_that_accepts_connections(names, servers, project):
    names(LOOPBACK)
    port, _ = servers("127.0.0.3")
    project.setup(["m,40,2,4,2,,,"])
    run = project.run(address=url(port))
    assert set(remotes(run)) == {"127.0.0.3"} == {run.manifest["remote_addresses"]["used"]}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_is_wherever_something_listens(servers, project, host):
    port, _ = servers(host)
    project.setup(["m,40,2,4,2,,,", "m,40,2,4,,100,constant,"])
    run = project.run(address=url(port, "localhost"))
    assert set(remotes(run)) == {host}
    told = run.manifest["remote_addresses"]
    assert (told["name"], told["count"], told["used"]) == ("localhost", 2, host)
    assert set(told["found"].split(", ")) == {"127.0.0.1", "::1"}


def test_a_name_that_is_not_known_fails_its_requests(names, project):
    names([])
    project.setup(["m,40,2,2,1,,,"])
    run = project.run(address=url(1), expect=3)
    assert {r["error_code"] for r in run.responses[0]} == {"dns_error"}
    assert run.manifest["remote_addresses"]["count"] == 0


def test_where_none_accepts_each_request_tries_all(names, project):
    names(LOOPBACK)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    project.setup(["m,40,2,2,1,,,"])
    run = project.run(address=url(port), expect=3)
    assert {r["error_code"] for r in run.responses[0]} == {"connection_refused"}
    assert run.manifest["remote_addresses"]["used"] == ""


def test_an_endpoint_that_is_waited_for_is_chosen_once_it_is_there(names, endpoint, project):
    names(LOOPBACK)
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
    project.setup(["m,40,2,4,2,,,"])
    process = project.start("run", "config.yaml", "--set", "wait_ready=60", address=url(port))
    while not list(project.folder.glob("out/*/manifest.json")):
        assert process.poll() is None, process.communicate()
    endpoint(lambda request, connection: GOOD, host="127.0.0.2", port=port)
    out, errors = process.communicate(timeout=100)
    (folder,) = project.run_folders()
    run = Run(folder, project.folder / "books")
    assert set(remotes(run)) == {"127.0.0.2"} == {run.manifest["remote_addresses"]["used"]}, out + errors


def test_a_proxy_looks_names_up_itself(names, project):
    names(LOOPBACK)
    project.setup(["m,40,2,1,1,,,"], CONFIG + "connection: {proxy: 'http://127.0.0.1:1'}\n")
    run = project.run(address=url(1), expect=3)
    assert "remote_addresses" not in run.manifest


# --- plan ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses, config, options, warned", [
    (LOOPBACK, CONFIG, [], "has 3 addresses (127.0.0.1, 127.0.0.2, 127.0.0.3)"),
    (LOOPBACK, SPREAD, [], "spreads its requests over all that accept connections"),
    (LOOPBACK[:1], CONFIG, [], None),
    (LOOPBACK[:1], SPREAD, [], "nothing to spread over: 127.0.0.1 is one address"),
    (LOOPBACK, CONFIG, ["--offline"], None),
], ids=["several", "several to spread over", "one", "one to spread over", "offline"])
def test_plan_warns_of_several(names, servers, project, addresses, config, options, warned):
    names(addresses)
    port, started = servers("127.0.0.1", models=[{"id": "m"}])
    project.setup(["m,40,2,4,2,,,"], config)
    done = project.call("plan", "config.yaml", *options, address=url(port))
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "address" in line]
    assert len(lines) == (warned is not None) and (not warned or warned in lines[0]), done.stderr
    assert not started["127.0.0.1"].requests


# --- Spread -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row, options", [
    ("m,40,2,30,6,,,", []),
    ("m,40,2,30,6,,,", ["--set", "connection.reuse=never"]),
    ("m,40,2,30,6,,,", ["--set", "connection.preconnect=false"]),
    ("m,40,2,30,6,,,", ["--set", "threads=2"]),
    ("m,40,2,30,,200,constant,", []),
    ("m,40,2,30,,200,constant,", ["--set", "connection.reuse=never"]),
    ("m,40,2,30,,200,constant,", ["--set", "threads=2"]),
])
def test_requests_are_spread_by_their_index(names, servers, project, row, options):
    names(LOOPBACK)
    port, started = servers(*LOOPBACK)
    project.setup([row], SPREAD)
    run = project.run(*options, address=url(port))
    assert remotes(run) == LOOPBACK * 10
    assert [len(server.requests) for server in started.values()] == [10, 10, 10]
    assert run.manifest["remote_addresses"]["used"] == ", ".join(LOOPBACK)
    assert run.summaries[0]["switching_verdict"] == "spread over addresses"
    assert run.summaries[0]["switching_time_documented_s"] is None
    study = json.loads((run.folder / "switching.json").read_text())
    assert {step["reason"] for step in study["steps"]} == {"spread over addresses"}


def test_connections_are_opened_ahead_to_each_and_used_again(names, servers, project):
    """One at a time: the next request to an address is sent on the connection of the one before."""
    names(LOOPBACK)
    port, started = servers(*LOOPBACK)
    project.setup(["m,40,2,30,3,,,"], SPREAD)
    run = project.run("--set", "connection.reuse=always", address=url(port))
    first = sorted(run.responses[0], key=lambda r: r["request_index"])[:3]
    assert [r["new_connection"] for r in first] == [False] * 3
    assert collections.Counter(remotes(run)) == dict.fromkeys(LOOPBACK, 10)
    assert sum(r["new_connection"] for r in run.responses[0]) <= 6


@pytest.fixture
def trusted(tmp_path, names):
    """A certificate of the name, with its key."""
    names(LOOPBACK)
    return make_certificate(tmp_path, f"subjectAltName=DNS:{NAME}")


def test_the_certificate_is_the_names(trusted, simulate, demo_bundle, project):
    certificate, key = trusted
    simulator = simulate(demo_bundle, "--tls-certificate", certificate, "--tls-key", key)
    project.setup(["gpt-oss-120b,40,2,4,2,,,"], CONFIG + f"connection: {{ca_file: {certificate}}}\n")
    run = project.run(address=url(simulator.address.split(":")[2].split("/")[0], scheme="https"))
    assert set(remotes(run)) == {"127.0.0.1"}, "where it listens"


def test_http_2_shares_a_connection_to_each(trusted, project):
    certificate, key = trusted
    answer = lambda request: [(0.02, content("a")), (0.02, finish(prompt_tokens=40, completion_tokens=2))]  # noqa: E731
    started = []
    for host in LOOPBACK:
        port = int(started[0].address.split(":")[2].split("/")[0]) if started else 0
        started.append(Http2Endpoint(answer, certificate, key, host=host, port=port))
    project.setup(["m,40,2,30,6,,,"], CONFIG + f"connection: {{spread: true, http: 2, ca_file: {certificate}}}\n")
    run = project.run(address=url(port, scheme="https"))
    for one in started:
        one.close()
    assert remotes(run) == LOOPBACK * 10
    assert run.summaries[0]["connections_opened_ahead"] == 3
    assert run.summaries[0]["client_connections_opened"] == 0
    assert {r["http_version"] for r in run.responses[0]} == {"2"}


def test_an_address_that_accepts_nothing_gets_no_request(names, servers, project):
    names(LOOPBACK)
    port, started = servers("127.0.0.1", "127.0.0.3")
    project.setup(["m,40,2,10,2,,,"], SPREAD)
    run = project.run(address=url(port))
    assert remotes(run) == ["127.0.0.1", "127.0.0.3"] * 5
    assert f"127.0.0.2 of '{NAME}' accepts no connection" in run.process.stderr


def test_one_address_alone_measures_as_ever(names, servers, project):
    names(LOOPBACK[:1])
    port, started = servers("127.0.0.1")
    project.setup(["m,40,2,10,1,,,"], SPREAD)
    run = project.run(address=url(port))
    assert run.summaries[0]["switching_verdict"] in ("found", "none")


@pytest.mark.parametrize("asked, said", [
    ("order: rotate", "an order"), ("probe: {steady: 3}", "a probe"),
    ("stop_when: {half_width: 0.1, at_most_passes: 5}", "stop_when"),
])
def test_spread_is_refused_beside_what_measures_switches(project, asked, said):
    project.setup(["m,40,2,10,1,,,", "n,40,2,10,1,,,"], SPREAD + asked + "\n")
    done = project.call("plan", "config.yaml", "--offline", address=url(1))
    assert done.returncode == 2
    assert "config.yaml:10: connection.spread: each address has its own memory" in done.stderr
    assert f"leave it out, or {said}" in done.stderr


def test_spread_is_refused_behind_a_proxy(project):
    project.setup(["m,40,2,10,1,,,"], CONFIG + "connection: {spread: true, proxy: 'http://127.0.0.1:1'}\n")
    done = project.call("plan", "config.yaml", "--offline", address=url(1))
    assert done.returncode == 2 and "a proxy looks the endpoint's name up itself" in done.stderr


# --- Resumed ------------------------------------------------------------------------------------


def cut_off(project, names, servers):
    """A run of two rows that was cut off before the second; with the address that it used."""
    names(LOOPBACK)
    port, started = servers(*LOOPBACK)
    project.setup(["m,40,2,4,1,,,", "n,40,2,4,1,,,"])
    run = project.run("--name", "cut", address=url(port))
    path = run.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    lost = manifest["steps"].pop()["name"]
    manifest["status"] = "running"
    path.write_text(json.dumps(manifest))
    for file in run.folder.glob(f"{lost}*"):
        file.unlink()
    journal = run.folder / "journal.jsonl"
    journal.write_text("".join(line for line in journal.open() if json.loads(line).get("step") == 0))
    return port, manifest["remote_addresses"]["used"]


def resumed(project, port):
    done = project.call("run", "--resume", "out/cut", "--set", "health.loop_cpu=1", address=url(port))
    return Run(project.folder / "out" / "cut", project.folder / "books", done)


@pytest.mark.parametrize("first", LOOPBACK)
def test_a_resumed_run_stays_with_the_address_it_began_with(names, servers, project, first):
    port, used = cut_off(project, names, servers)
    names([first, *(other for other in LOOPBACK if other != first)])
    run = resumed(project, port)
    assert set(remotes(run)) == {used} == {run.manifest["resumed"][0]["remote_addresses"]["used"]}
    assert "cannot use now" not in run.process.stderr


def test_a_resumed_run_says_where_it_goes_on_with_another(names, servers, project):
    port, used = cut_off(project, names, servers)
    left = [address for address in LOOPBACK if address != used][:1]
    names(left)
    run = resumed(project, port)
    assert remotes(run) == [used] * 4 + left * 4
    assert run.manifest["remote_addresses"]["used"] == used, "what it began with stays"
    assert run.manifest["resumed"][0]["remote_addresses"]["used"] == left[0]
    assert f"the run began with {used} of '{NAME}', which it cannot use now; it resumes with {left[0]}" \
        in run.process.stderr
