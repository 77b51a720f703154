"""Chromium without a window, driven from outside."""

import json
import os
import shutil

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait


class Browser:
    """Chromium, driven from outside: what it shows, says and asks for."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, **look):
        """A page that is a file."""
        return self.visit(f"file://{path}", **look)

    def visit(self, address, width=1280, height=1000, scheme="light", media="screen"):
        self.set(width, height, scheme, media)
        self.driver.get_log("browser"), self.driver.get_log("performance")  # of the page before
        self.driver.get(address)
        return self

    def set(self, width, height, scheme, media):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def one(self, selector):
        return self.driver.find_element("css selector", selector)

    def wait(self, selector, seconds=60):
        """The element, once it is there."""
        return self.until(lambda: self.one(selector), seconds)

    def until(self, true, seconds=60):
        """What true() is, once it is something: what a page takes away meanwhile is looked for again."""
        return WebDriverWait(self.driver, seconds, ignored_exceptions=[StaleElementReferenceException]).until(lambda _: true())

    def at_rest(self):
        """Waits until the workbench's first page has what it looks up, which moves all that stands below."""
        self.wait("section[aria-label='The last run'] p")
        self.until(lambda: "…" not in [one.text for one in self.all("section[aria-label='The last run'] .sentence")])

    def keep(self, name):
        """A picture, where somebody wants to look."""
        if os.environ.get("PICTURES"):
            self.driver.save_screenshot(f"{os.environ['PICTURES']}/{name}.png")

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked_for(self):
        """The addresses that were asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def close(self):
        self.driver.quit()


def start():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--no-first-run"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(120)
    return Browser(driver)
