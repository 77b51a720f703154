"""No page keeps anybody out: axe-core finds nothing serious, in both themes."""

import pytest
from barriers import barriers
from new_run_page import NewRunPage
from watching import Forged, request_line
from workbench import NODE, ROWS

MODES = ["synthetic", "real-workload", "custom", "bundle", "switching", "search", "mix"]


@pytest.fixture
def workbench(simulate, project, serve, browser):
    """One over a run, opened by its link."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(ROWS)
    project.run("--name", "alpha", address=simulator.address)
    made = serve(environment=project.environment(simulator.address))
    browser.visit(made.link)
    browser.wait("nav a[href='/new']")
    return made


def test_what_keeps_people_out_is_found(workbench, browser):
    """A control without a label, and a text that hardly differs from its ground."""
    browser.run("document.body.insertAdjacentHTML('beforeend', '<input id=bare><p id=faint>Hardly seen</p>');"
                "document.getElementById('faint').style.color = '#eeeeee';")
    assert {one.split()[0] for one in barriers(browser)} == {"label", "color-contrast"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lists_and_reports(workbench, browser, scheme):
    host = workbench.host
    browser.visit(f"http://{host}/runs", scheme=scheme)
    browser.wait("main table")
    assert barriers(browser) == []
    browser.wait("tbody a").click()
    frame = browser.wait("iframe")
    browser.wait("button.danger").click()
    assert browser.all("dialog[open]") and barriers(browser) == []
    browser.one("dialog[open] button[type=button]").click()
    assert barriers(browser) == []
    browser.driver.switch_to.frame(frame)
    browser.wait("#headline .sentence")
    assert barriers(browser) == []
    browser.driver.switch_to.default_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mode", MODES)
def test_a_new_run(workbench, browser, mode, scheme):
    page = NewRunPage(browser, workbench.host).open(mode, scheme=scheme)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.until(page.plan_words)
    assert barriers(browser) == []
    page.put("Time limit", "-1")
    if mode != "custom":
        page.fault_of("Time limit")
        assert barriers(browser) == []
        page.put("Time limit", "600")
        page.totals()
        page.ask()
        assert barriers(browser) == []


@pytest.mark.parametrize("path", ["/enter", "/locked"])
def test_the_way_in(workbench, browser, path):
    browser.driver.delete_all_cookies() if path == "/locked" else None
    browser.visit(f"http://{workbench.host}{'/runs' if path == '/locked' else path}")
    browser.wait("h1")
    assert barriers(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path, shows", [("/", "main .sentence"), ("/compare", "select[name=base]"), ("/history", "canvas"),
                                         ("/watch", "main h1"), ("/chat", "#question")])
def test_what_else_there_is(workbench, browser, path, shows, scheme):
    browser.visit(f"http://{workbench.host}{path}", scheme=scheme)
    browser.wait(shows)
    assert barriers(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_run_that_is_watched(workbench, browser, scheme, project):
    run = Forged(project.folder / "out" / "later")
    try:
        run.begins(0)
        run.add(request_line(0))
        browser.visit(f"http://{workbench.host}/", scheme=scheme)
        browser.wait("main .running a").click()
        browser.wait("#progress tbody td")
        assert barriers(browser) == []
    finally:
        run.end()
