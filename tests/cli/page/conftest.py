"""A real browser, without a window, and pages that real runs left."""

import json
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from support.bench import CONFIG

HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "a"]

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.02, reports_batch_size: true}
faults: [{kind: error-500, request: 8}]
experts:
"""


class Browser:
    """Chromium, driven from outside: what it shows, says and asks for."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, width=1280, height=1000, scheme="light", media="screen"):
        self.set(width, height, scheme, media)
        self.driver.get_log("browser"), self.driver.get_log("performance")  # of the page before
        self.driver.get(f"file://{path}")
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

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked_for(self):
        """The addresses that were asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="session")
def browser():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--no-first-run"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(120)
    yield Browser(driver)
    driver.quit()


@pytest.fixture
def run(simulate, project):
    """Circuits of three models, two of which would like to be HTML."""
    names = [json.dumps(name) for name in HOSTILE]
    experts = "".join(f"  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,\n"
                      "     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}\n" for name in names)
    project.setup([f"{name},200,4,4,2,,," for name in HOSTILE],
                  CONFIG + "order: all-pairs\npasses: 2\nprobe: {steady: 3}\nlabels: {release: '<b>1.20</b>'}\n")
    return project.run(address=simulate(project.write("bundle.yaml", BUNDLE + experts)).address)


@pytest.fixture
def page(run):
    return run.workbook.with_suffix(".html")
