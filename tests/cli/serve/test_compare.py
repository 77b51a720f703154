"""Runs held against each other in the workbench: verdict, sentence and page are those of `compare` and `report`."""

import json

import pytest
from selenium.webdriver.support.select import Select
from workbench import NODE

SLOWER = NODE.replace("prefill_tokens_per_s: 20000", "prefill_tokens_per_s: 500")
ROWS = ["a,20,4,30,1,,,N/A", "b,20,4,30,1,,,N/A"]
POLICY = """\
rows:
  client_ttft_s_p50: {direction: lower, margin: 0.5}
"""


@pytest.fixture
def ran(simulate, project):
    """Two runs of one release and one of a slower one, by name."""
    project.setup(ROWS)
    for name, node in (("alpha", NODE), ("beta", NODE), ("slow", SLOWER)):
        simulator = simulate(project.write(f"{name}.yaml", node))
        project.run("--name", name, "--set", f"labels.release={name}", address=simulator.address)


@pytest.fixture
def opened(ran, serve):
    workbench = serve()
    workbench.enter()
    return workbench


def ids_of(workbench):
    return {run["name"]: run["id"] for run in workbench.api("GET", "/runs").json()["runs"]}


def compare(workbench, base, candidate, **more):
    ids = ids_of(workbench)
    return workbench.api("POST", "/compare", {"base": ids.get(base, base), "candidate": ids.get(candidate, candidate)} | more)


def test_the_verdict_is_that_of_the_command(opened, project):
    for base, candidate in (("alpha", "beta"), ("alpha", "slow")):
        said = project.call("compare", f"out/{base}", f"out/{candidate}", "--output", f"by-hand-{candidate}")
        made = compare(opened, base, candidate)
        assert made.status == 200, made.body
        found = made.json()
        assert found["verdict"] == {0: "pass", 1: "fail"}[said.returncode]
        assert said.stdout.rstrip().splitlines()[-1].startswith(found["sentence"] + ". Open ")
        page = opened.page(found["report"])
        assert page.status == 200 and "sandbox" in page.headers["Content-Security-Policy"]
        assert found["sentence"].split(":")[0] in page.body.decode()
        workbook = opened.page(found["workbook"])
        assert workbook.body.startswith(b"PK") and "attachment" in workbook.headers["Content-Disposition"]
    assert found["verdict"] == "fail"


def test_it_is_kept_until_a_run_changes(opened, project):
    first = compare(opened, "alpha", "beta").json()
    folder = project.folder / "out" / ".workbench" / "comparisons" / first["id"]
    (page,) = folder.glob("*.html")
    made_at = page.stat().st_mtime_ns
    assert compare(opened, "alpha", "beta").json() == first and page.stat().st_mtime_ns == made_at
    other = compare(opened, "beta", "alpha").json()
    assert other["id"] != first["id"]
    (project.folder / "out" / "alpha" / "note.txt").write_text("another state")
    assert compare(opened, "alpha", "beta").json()["id"] not in (first["id"], other["id"])
    assert opened.page(first["report"]).status == 200


def test_nothing_is_written_into_the_runs(opened, project):
    before = {path: path.stat().st_mtime_ns for name in ("alpha", "beta") for path in (project.folder / "out" / name).rglob("*")}
    assert compare(opened, "alpha", "beta").status == 200
    ids = ids_of(opened)
    assert opened.api("POST", "/studies", {"runs": [ids["alpha"], ids["beta"]]}).status == 200
    after = {path: path.stat().st_mtime_ns for name in ("alpha", "beta") for path in (project.folder / "out" / name).rglob("*")}
    assert before == after


def test_a_policy_is_named_and_never_a_path(opened, project):
    listed = opened.api("GET", "/policies").json()
    assert "policy:standard" in listed["policies"] and listed["usual"] is None
    standard = compare(opened, "alpha", "beta", policy="policy:standard")
    assert standard.status == 200
    project.write("mine.yaml", POLICY)
    for name in ("mine.yaml", "../../etc/passwd", "/etc/passwd", "policy:none", "policy:standard/..", "--output=x", "", 5, [], {}):
        refused = compare(opened, "alpha", "beta", policy=name)
        assert refused.status == 400 and "GET /api/v1/policies" in refused.json()["error"], name


def test_the_usual_policy_is_taken_as_the_command_takes_it(ran, serve, project):
    (project.folder / "configs").mkdir(exist_ok=True)
    project.write("configs/qualification.yaml", project.call("init", "fresh").returncode == 0 and
                  (project.folder / "fresh" / "configs" / "qualification.yaml").read_text())
    workbench = serve()
    workbench.enter()
    assert workbench.api("GET", "/policies").json()["usual"] == "configs/qualification.yaml"
    made = compare(workbench, "alpha", "beta").json()
    (report,) = (project.folder / "out" / ".workbench" / "comparisons" / made["id"]).glob("*.json")
    assert json.loads(report.read_text())["policy"] == "configs/qualification.yaml"


def test_what_cannot_be_compared_says_why(opened):
    same = compare(opened, "alpha", "alpha")
    assert same.status == 422 and "comparison could not be made: " in same.json()["error"]
    for base in ("0" * 16, "alpha; rm", 5, None, {"id": 1}):
        assert opened.api("POST", "/compare", {"base": base, "candidate": ids_of(opened)["beta"]}).status == 400
    assert opened.ask("POST", "/api/v1/compare", b"{", X_Coebench=opened.secret, Origin=f"http://{opened.host}").status == 400
    assert opened.page("/api/v1/comparisons/0123456789abcdef/report").status == 404


def test_one_study_over_several_runs(opened, project):
    ids = ids_of(opened)
    made = opened.api("POST", "/studies", {"runs": [ids["beta"], ids["alpha"]]})
    assert made.status == 200, made.body
    found = made.json()
    said = project.call("report", "out/beta", "out/alpha", "--output", "by-hand")
    assert said.stdout.rstrip().splitlines()[-1].startswith(found["sentence"] + ". Open ")
    assert opened.page(found["report"]).status == opened.page(found["workbook"]).status == 200
    for runs in ([], "x", None, [5], ["0" * 16], [ids["beta"]] * 49):
        assert opened.api("POST", "/studies", {"runs": runs}).status == 400
    assert opened.page("/api/v1/studies/0123456789abcdef/workbook").status == 404


def test_two_ticked_runs_are_compared(browsed, browser):
    compare_button, study_button, watch_button = browser.all("[role=group] button")
    assert not any(button.is_enabled() for button in (compare_button, study_button, watch_button))
    for box in browser.all("tbody input[type=checkbox]")[:2]:
        box.click()
    assert compare_button.is_enabled() and study_button.is_enabled() and not watch_button.is_enabled()
    browser.keep("ticked")
    compare_button.click()
    frame = browser.wait("iframe")
    browser.until(lambda: browser.one("#status").text.startswith("FAIL: "))
    assert [Select(browser.one(f"select[name={name}]")).first_selected_option.text.split(" · ")[0]
            for name in ("base", "candidate")] == ["beta", "slow"]
    browser.driver.switch_to.frame(frame)
    assert browser.wait("#headline .sentence").text.startswith("FAIL: ")
    browser.driver.switch_to.default_content()
    browser.keep("compare")
    [button for button in browser.all("main form button") if button.text == "Swap them"][0].click()
    chosen = "return document.querySelector('select[name=base]')?.selectedOptions[0].text || ''"
    browser.until(lambda: browser.run(chosen).startswith("slow"))
    assert not [c for c in browser.complaints() if "cross-origin frame" not in c]


def test_runs_and_policy_are_chosen_on_the_page(browsed, browser):
    browser.visit(f"http://{browsed.host}/compare")
    search = browser.wait("input[aria-label='Search for the baseline']")
    search.send_keys("alph")
    names = "return [...document.querySelectorAll('select[name=base] option')].map((one) => one.text.split(' · ')[0]).join()"
    browser.until(lambda: browser.run(names) == "alpha")
    Select(browser.one("select[name=candidate]")).select_by_index(1)
    assert "policy:standard" in browser.one("select[name=policy]").text
    browser.one("main form button[type=submit]").click()
    browser.wait("iframe")
    assert "base=" + ids_of(browsed)["alpha"] in browser.driver.current_url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_study_on_a_phone(browsed, browser, scheme):
    ids = ids_of(browsed)
    browser.visit(f"http://{browsed.host}/compare?study={ids['alpha']}&study={ids['beta']}", width=390, height=844, scheme=scheme)
    browser.wait("iframe")
    assert "One study over 2 runs" in browser.one("h1").text
    browser.keep(f"study-{scheme}")
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    browser.visit(f"http://{browsed.host}/compare", width=390, height=844, scheme=scheme)
    browser.wait("select[name=base]")
    browser.keep(f"compare-phone-{scheme}")
    assert browser.run("return document.documentElement.scrollWidth") <= 390
