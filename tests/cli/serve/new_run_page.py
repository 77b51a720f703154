"""The page of a new run, used as people do: controls by their labels, what is told by its words."""

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

BY_LABEL = """
const wanted = arguments[0];
const label = [...document.querySelectorAll('label')].find((one) => one.textContent.trim().startsWith(wanted));
const control = label && (document.getElementById(label.htmlFor) || label.querySelector('input, select, textarea'));
return control || document.querySelector(`[aria-label="${CSS.escape(wanted)}"]`);
"""

PASTE = """
const data = new DataTransfer();
data.setData('text/plain', arguments[1]);
arguments[0].dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
"""


class NewRunPage:
    def __init__(self, browser, host):
        self.browser, self.driver, self.host = browser, browser.driver, host

    def until(self, condition, seconds=60):
        try:
            return self.browser.until(condition, seconds)
        except TimeoutException:
            raise AssertionError(f"{self.driver.current_url} stays so:\n{self.browser.one('body').text}") from None

    def open(self, mode="synthetic", **look):
        self.browser.visit(f"http://{self.host}/new#{mode}", **look)
        self.driver.refresh()  # an address that differs behind the '#' alone loads nothing
        self.until(lambda: self.browser.all("#endpoint details"))
        self.until(lambda: "Asking" not in self.browser.one("#endpoint").text)
        return self

    def choose(self, mode):
        self.browser.one(f"#tab-{mode}").click()

    def control(self, label):
        found = self.browser.run(BY_LABEL, label)
        assert found is not None, f"no control is labelled {label}"
        return found

    def fill(self, **values):
        """Labels with '_' for ' ', and what is typed or chosen."""
        for label, value in values.items():
            self.put(label.replace("_", " "), value)

    def put(self, label, value):
        control = self.control(label)
        if control.tag_name == "select":
            Select(control).select_by_visible_text(value)
        else:
            control.clear()
            control.send_keys(value)

    def paste(self, label, text):
        self.browser.run(PASTE, self.control(label), text)

    def advanced(self):
        self.browser.run("document.getElementById('advanced').open = true")

    def type_text(self, label, text):
        """The whole text of an editor, as if typed."""
        self.advanced()
        self.browser.run("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                         self.control(label), text)

    def text(self, label):
        return self.control(label).get_property("value")

    def fault_of(self, label):
        """What stands beside a control, once something does."""
        def told():
            control = self.control(label)
            spots = control.find_elements("xpath", "ancestor::*[contains(@class,'field') or self::td][1]//span[contains(@class,'fault')]")
            return control.get_attribute("aria-invalid") == "true" and spots and spots[0].text
        return self.until(told)

    def totals(self):
        """The sentence of the plan, once the draft is sound and nothing newer is being checked."""
        self.until(lambda: self.browser.all("#plan[data-sound=true]:not([aria-busy])"))
        return self.browser.run("return document.querySelector('#plan .totals').textContent")

    def plan_words(self):
        return self.browser.run("return document.getElementById('plan').innerText")

    def ask(self):
        """The plan's dialog, with the endpoint's word."""
        self.browser.one("#plan-and-run").click()
        self.until(lambda: "Asking" not in self.browser.one("#run-dialog").text)
        return self.browser.one("#run-dialog")

    def run(self):
        """Runs the draft; returns the run's number."""
        self.ask()
        self.browser.one("#run-dialog button[type=submit]").click()
        return self.led_to_run()

    def led_to_run(self):
        self.until(lambda: "/run/" in self.driver.current_url)
        return self.driver.current_url.rsplit("/", 1)[1]

    def report(self):
        """Waits for the run's end and opens its report."""
        self.until(lambda: self.browser.all("iframe.report-frame") and not self.browser.all("#progress"), 120)
        self.until(lambda: "here" in self.browser.one("#status").text)
        self.driver.switch_to.frame(self.browser.one("iframe.report-frame"))
        try:
            return self.browser.wait("#headline .sentence").text
        finally:
            self.driver.switch_to.default_content()

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def tab_to(self, wanted, most=60):
        """Presses Tab until the focus is on what `wanted(element)` is true of."""
        for _ in range(most):
            self.press(Keys.TAB)
            if wanted(self.driver.switch_to.active_element):
                return self.driver.switch_to.active_element
        raise AssertionError("the keyboard does not reach it")
