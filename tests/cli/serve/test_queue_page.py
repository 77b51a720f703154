"""Runs that wait for their endpoint, as the page of a new run shows them: their place, another order, no waiting."""

import json
import threading

import pytest
from new_run_page import NewRunPage
from selenium.webdriver.common.keys import Keys
from support.endpoint import content, finish, stream


class Held:
    """An endpoint that responds to no request for tokens before it may."""

    def __init__(self, endpoint):
        self.go_on = threading.Event()
        self.asked = 0

        def answer(request, connection):
            self.asked += 1
            self.go_on.wait(300)
            return stream(content("a"), finish(prompt_tokens=20, completion_tokens=4))

        self.address = endpoint(answer, models=[{"id": "m"}]).address


@pytest.fixture
def held(endpoint):
    made = Held(endpoint)
    yield made
    made.go_on.set()


@pytest.fixture
def page(held, serve, project, browser):
    """With a run `alpha` under way, which waits for its first response."""
    workbench = serve(environment=project.environment(held.address))
    browser.visit(workbench.link)
    browser.wait("nav a[href='/new']")
    made = NewRunPage(browser, workbench.host).open()
    draft(made, "alpha")
    made.run()
    made.until(lambda: held.asked > 0)
    yield made.open()
    held.go_on.set()
    made.until(lambda: (project.folder / "out" / "alpha" / "manifest.json").exists()
               and manifest(project, "alpha")["status"] != "running")


def manifest(project, name):
    return json.loads((project.folder / "out" / name / "manifest.json").read_text())


def draft(page, name):
    page.put("Model", "m")
    page.fill(Input="20", Output="4", Requests="2", Name_of_the_run=name)
    page.totals()


def put_into_the_queue(page, *names):
    for name in names:
        draft(page, name)
        assert "alpha measures this endpoint now" in page.ask().text
        button = page.browser.one("#run-dialog button[type=submit]")
        assert button.text == "Put into the queue"
        button.click()
        page.until(lambda: name in waiting(page))


def waiting(page):
    return page.browser.run("return [...document.querySelectorAll('#queue li strong')].map((one) => one.textContent)")


def test_what_waits_is_shown_reordered_and_removed(page, held, project):
    put_into_the_queue(page, "beta", "gamma", "delta")
    assert waiting(page) == ["beta", "gamma", "delta"] and "waits for alpha" in page.browser.one("#queue li").text
    button = page.browser.one("[aria-label='Sooner: delta']")
    page.browser.run("arguments[0].focus()", button)
    page.press(Keys.ENTER)
    page.until(lambda: waiting(page) == ["beta", "delta", "gamma"])
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "Sooner: delta"
    assert page.browser.one("#status").text == "delta is at place 2 now."
    page.press(Keys.SPACE)
    page.until(lambda: waiting(page) == ["delta", "beta", "gamma"])
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "Later: delta"
    page.browser.one("[aria-label='Remove beta']").click()
    page.until(lambda: waiting(page) == ["delta", "gamma"])
    assert not (project.folder / "out" / "delta").exists()
    held.go_on.set()
    page.until(lambda: waiting(page) == [], 120)
    page.until(lambda: all((project.folder / "out" / name / "manifest.json").exists() and manifest(project, name)["status"] == "done"
                           for name in ("alpha", "delta", "gamma")), 120)
    assert manifest(project, "alpha")["started_utc"] < manifest(project, "delta")["started_utc"] < manifest(project, "gamma")["started_utc"]
    assert not (project.folder / "out" / "beta").exists()
    assert "shared_endpoint" not in manifest(project, "alpha") or not manifest(project, "alpha")["shared_endpoint"]


def test_run_anyway_says_what_it_costs(page, held, project):
    draft(page, "beta")
    page.ask()
    assert "what switches cost cannot be measured in either" in page.browser.one("#anyway-words").text
    page.control("Run it now anyway").click()
    button = page.browser.one("#run-dialog button[type=submit]")
    assert button.text == "Run anyway"
    button.click()
    page.led_to_run()
    page.until(lambda: held.asked > 1)
    held.go_on.set()
    page.until(lambda: all(manifest(project, name)["status"] == "done" for name in ("alpha", "beta")), 120)
    assert manifest(project, "alpha")["shared_endpoint"] is manifest(project, "beta")["shared_endpoint"] is True
