"""The workbench in a real browser: from the printed link to a run's report, on a wide screen and a phone."""

import threading

import pytest
from selenium.webdriver.common.keys import Keys
from support.endpoint import content, finish, stream
from workbench import NODE, ROWS


@pytest.fixture
def workbench(simulate, project, serve, browser):
    """One over three runs, opened by its link."""
    simulator = simulate(project.write("bundle.yaml", NODE))
    project.setup(ROWS)
    for name in ("alpha", "beta", "<b>gamma"):
        folder = name.replace("<b>", "")
        project.run("--name", folder, "--set", f"labels.release={name}", address=simulator.address)
    made = serve()
    browser.visit(made.link)
    browser.wait("main table")
    browser.at_rest()
    return made


def test_from_the_link_to_a_report(workbench, browser):
    browser.keep("runs")
    assert [cell.text for cell in browser.all("tbody td:first-child")] == ["gamma", "beta", "alpha"]
    assert "release=<b>gamma" in browser.one("tbody tr").text
    assert "#" not in browser.driver.current_url and workbench.link.split("#")[1] not in browser.driver.current_url
    browser.one("tbody a").click()
    frame = browser.wait("iframe")
    browser.until(lambda: "here" in browser.one("#status").text)
    browser.keep("run")
    browser.driver.switch_to.frame(frame)
    assert browser.wait("#headline .sentence").text
    assert browser.run("return typeof Chart") == "function"
    with pytest.raises(Exception):
        browser.run("return window.parent.document.title")
    browser.driver.switch_to.default_content()
    assert not [c for c in browser.complaints() if "cross-origin frame" not in c]
    assert {url.split("/")[2] for url in browser.asked_for() if url.startswith("http")} == {workbench.host}


def test_a_search_finds(workbench, browser):
    browser.one("input[name=search]").send_keys("BET", Keys.ENTER)
    browser.until(lambda: "search=BET" in browser.driver.current_url)
    browser.wait("main table")
    assert [cell.text for cell in browser.all("tbody td:first-child")] == ["beta"]
    assert browser.one("input[name=search]").get_attribute("value") == "BET"


def test_a_run_is_deleted_behind_a_question(workbench, browser, project):
    browser.one("tbody a").click()
    browser.wait("button.danger").click()
    field = browser.wait("dialog[open] input")
    field.send_keys("beta", Keys.ENTER)
    browser.until(lambda: "not the run's name" in browser.one("dialog .note").text)
    browser.keep("delete")
    assert (project.folder / "out" / "gamma").exists()
    field.send_keys(Keys.ESCAPE)
    assert not browser.all("dialog[open]")
    browser.one("button.danger").click()
    field = browser.one("dialog[open] input")
    field.clear()
    field.send_keys("gamma", Keys.ENTER)
    browser.until(lambda: browser.driver.current_url.endswith("/runs"))
    browser.wait("main table")
    assert [cell.text for cell in browser.all("tbody td:first-child")] == ["beta", "alpha"]
    assert not (project.folder / "out" / "gamma").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(workbench, browser, scheme):
    browser.visit(f"http://{workbench.host}/runs", width=390, height=844, scheme=scheme)
    browser.wait("main table")
    browser.keep(f"phone-{scheme}")
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    assert browser.run("return document.documentElement.dataset.theme") == scheme


def test_the_keyboard_reaches_all(workbench, browser):
    body = browser.one("body")
    seen = []
    for _ in range(20):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(browser.run("const e = document.activeElement; return e.textContent.trim() || e.name"))
    assert body and {"coebench", "Runs", "search", "Find", "gamma"} <= set(seen)
    wanted = browser.all("tbody a")[0]
    browser.run("arguments[0].focus()", wanted)
    wanted.send_keys(Keys.ENTER)
    browser.wait("iframe")


def test_a_tab_without_a_session_says_what_to_do(workbench, browser):
    browser.driver.switch_to.new_window("tab")
    try:
        browser.visit(f"http://{workbench.host}/runs")
        assert "press Enter in the terminal" in browser.wait(".note").text
    finally:
        browser.driver.close()
        browser.driver.switch_to.window(browser.driver.window_handles[0])


def test_a_link_that_was_used_says_so(workbench, browser):
    browser.driver.get("about:blank")
    browser.visit(workbench.link)
    browser.until(lambda: "used before" in browser.one("#said").text)


def test_a_run_under_way_is_watched_and_stopped(workbench, browser, endpoint, project):
    go_on = threading.Event()

    def answer(request, connection):
        go_on.wait(120)
        return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

    project.setup(["m,20,4,500,2,,,N/A"])
    running = project.start("run", "config.yaml", "--name", "delta", "--set", "stop_grace=60",
                            address=endpoint(answer).address)
    try:
        browser.until(lambda: reload(browser) == "delta", 120)
        browser.one("tbody a").click()
        assert "Under way: 0 of 1 step ended, 0 requests completed." in browser.wait("#progress").text
        assert "No step of it has ended yet" in browser.one("main").text
        browser.keep("under-way")
        browser.one("#progress button").click()
        browser.until(lambda: "sends nothing more" in browser.one("#status").text)
        go_on.set()
        assert running.wait(120) == 130
        browser.until(lambda: browser.all("iframe") and not browser.all("#progress"))
    finally:
        go_on.set()
        running.kill()
        running.communicate()


def reload(browser):
    browser.driver.refresh()
    browser.wait("tbody a")
    browser.at_rest()
    return browser.one("tbody a").text
