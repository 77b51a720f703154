"""A new run in a real browser: from the printed link to a report, in each mode, by mouse and by keyboard."""

import json
import re

import pytest
from new_run_page import NewRunPage
from selenium.webdriver.common.keys import Keys
from support.bench import KEY, Run
from workbench import NODE

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
                    "a5f645400000000049454e44ae426082")


@pytest.fixture
def simulator(simulate, project):
    return simulate(project.write("bundle.yaml", NODE))


@pytest.fixture
def workbench(simulator, project, serve):
    return serve(environment=project.environment(simulator.address))


def opened(workbench, browser):
    """The page, reached from the link as a newcomer does."""
    browser.visit(workbench.link)
    browser.wait("nav a[href='/new']").click()
    browser.wait("#tab-synthetic")
    return NewRunPage(browser, workbench.host).open()


@pytest.fixture
def page(workbench, browser):
    return opened(workbench, browser)


def the_run(project):
    (folder,) = [one for one in project.run_folders() if one.name != ".workbench"]
    return Run(folder, project.folder / "out")


def write_data(project, page):
    project.write("pictures/one.png", PNG)
    data = project.write("data.jsonl", "".join(json.dumps(line) + "\n" for line in [
        {"prompt": "What is this?", "image_path": "pictures/one.png"}, {"prompt": "And \U0001f600 that?"}]))
    page.control("Its pictures").send_keys(str(project.folder / "pictures/one.png"))
    page.control("Data set").send_keys(str(data))
    page.until(lambda: page.browser.one("#data-words").text == "data.jsonl: 2 prompts, 1 picture.")


def synthetic(page, project):
    page.fill(Input="20", Output="4", Requests="3")
    yield "1 row: 3 requests, 60 tokens in and 12 out"
    (row,) = the_run(project).summaries
    assert (row["model"], row["num_input_tokens"], row["results_num_completed_requests"]) == ("a", 20, 3)
    assert row["num_concurrent_requests"] == 1


def real_workload(page, project):
    page.put("Model", "b")
    page.put("Requests", "4")
    page.put("Requests per second", "40")
    page.fill(Input="20", Output="4", Moments_of_sending="exponential")
    yield "1 row: 4 requests"
    (row,) = the_run(project).summaries
    assert (row["model"], row["qps"], row["qps_distribution"], row["results_num_completed_requests"]) == ("b", 40, "exponential", 4)


def custom(page, project):
    assert page.plan_words() == "Choose a data set first."
    write_data(project, page)
    yield "1 row: 2 requests"
    (told,) = the_run(project).folder.glob("*_response_texts.jsonl")
    prompts = [json.loads(line)["prompt"]["template"] for line in told.read_text().splitlines()]
    assert sorted(prompts) == ["And \U0001f600 that?", "What is this?"]


def bundle(page, project):
    page.paste("model name, row 1", "a\t20\t4\t2\t1\nb\t30\t4\t3\t1")
    page.put("Order", "reverse")
    yield "2 rows: 5 requests, 130 tokens in and 20 out"
    run = the_run(project)
    assert [(s["model"], s["num_input_tokens"], s["results_num_completed_requests"]) for s in run.summaries] == [("b", 30, 3), ("a", 20, 2)]


def switching(page, project):
    page.fill(Input="20", Output="4", Passes="2", Probe="3")
    yield "2 rows in "
    run = the_run(project)
    assert {s["model"] for s in run.summaries} == {"a", "b"} and len(run.summaries) > 4
    assert run.manifest["settings"]["order"] == "all-pairs" and list(run.folder.glob("*_probe.json"))


def search(page, project):
    page.fill(Input="20", Output="2", Time_to_first_token="0.05", Kept_by_this_share="0.9", Time_for_the_search="40")
    yield "A search of 1 row: at most "
    run = the_run(project)
    assert run.manifest["search"]["row_2"]["end"] in ("found", "never_kept", "always_kept", "client_limit", "not_sure")
    assert run.manifest["settings"]["slo"] == {"client_ttft_s": 0.05}


def mix(page, project):
    for row in (1, 2):
        page.put(f"input tokens, row {row}", "20")
        page.put(f"output tokens, row {row}", "4")
        page.put(f"qps, row {row}", "20")
    yield "2 rows: 20 requests, 400 tokens in and 80 out"
    run = the_run(project)
    assert {s["model"] for s in run.summaries} == {"a", "b"} and len(list(run.folder.glob("mix_mix_*.json"))) == 1


MODES = {"synthetic": synthetic, "real-workload": real_workload, "custom": custom, "bundle": bundle, "switching": switching,
         "search": search, "mix": mix}


@pytest.mark.parametrize("mode", MODES)
def test_from_the_link_to_a_report(page, browser, project, mode):
    page.choose(mode)
    steps = MODES[mode](page, project)
    words = next(steps)
    page.until(lambda: words in page.plan_words())
    browser.keep(f"new-{mode}")
    page.run()
    assert page.report()
    assert list(steps) == []
    assert not [c for c in browser.complaints() if "404" not in c and "cross-origin frame" not in c
                and not ("/api/v1/plan" in c and "409" in c)]  # a check that a newer one came before


def test_the_kit_s_defaults(page, browser):
    for label, value in (("Input", "1000"), ("Output", "1000"), ("Requests", "10"), ("Requests at once", "1"), ("Time limit", "600")):
        assert page.control(label).get_property("value") == value
    assert page.control("Picture").get_property("value") == "N/A"
    page.choose("real-workload")
    assert page.control("Requests per second").get_property("value") == "1"
    options = [one.text for one in page.control("Moments").find_elements("css selector", "option")]
    assert options == ["constant", "uniform", "exponential"]
    assert page.totals().startswith("1 row: 10 requests, 10,000 tokens in and 10,000 out, about ")


def test_the_keyboard_alone(page, browser, project):
    browser.run("document.activeElement.blur()")
    page.tab_to(lambda one: one.get_attribute("id") == "tab-synthetic")
    page.press(Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.one("#tab-real-workload").get_attribute("aria-selected") == "true"
    page.press(Keys.ARROW_LEFT)
    for name, value in (("input_tokens", "20"), ("output_tokens", "4"), ("num_requests", "2")):
        control = page.tab_to(lambda one: one.get_attribute("name") == name)
        assert browser.run("return getComputedStyle(arguments[0]).outlineStyle", control) == "solid", "the focus is seen"
        page.press(Keys.CONTROL + "a", value)
    page.until(lambda: "1 row: 2 requests, 40 tokens in" in page.plan_words())
    page.press(Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element.text == "Run")
    page.press(Keys.ESCAPE)
    page.until(lambda: not browser.all("#run-dialog[open]"))
    assert page.driver.switch_to.active_element.get_attribute("name") == "num_requests"
    assert not [one for one in project.run_folders() if one.name != ".workbench"]
    page.press(Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element.text == "Run")
    page.press(Keys.ENTER)
    page.led_to_run()
    assert page.report()
    assert the_run(project).summaries[0]["results_num_completed_requests"] == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(page, browser, scheme):
    for mode in MODES:
        page.open(mode, width=390, height=844, scheme=scheme)
        page.advanced()
        page.until(lambda: page.plan_words())
        browser.keep(f"new-phone-{mode}-{scheme}")
        assert browser.run("return document.documentElement.scrollWidth") <= 390, mode
        assert browser.run("return document.documentElement.dataset.theme") == scheme


def test_name_labels_and_seed_are_the_run_s(page, project):
    page.fill(Input="20", Output="4", Requests="1", Name_of_the_run="alpha", Seed="7",
              Labels="release=2.10, note=y, odd=a: #b \"c\", operator=Zoë")
    page.totals()
    page.run()
    page.report()
    run = the_run(project)
    assert run.folder.name == "alpha" and run.manifest["settings"]["seed"] == 7
    assert run.manifest["settings"]["labels"] == {"release": "2.10", "note": "y", "odd": "a: #b \"c\"", "operator": "Zoë"}


def test_a_draft_stays_as_it_was_left(page, browser):
    page.choose("bundle")
    page.paste("model name, row 1", "a\t21\t4\t2\t1\nb\t31\t4\t3\t1")
    page.until(lambda: "2 rows: 5 requests" in page.plan_words())
    browser.visit(f"http://{page.host}/runs")
    browser.wait("nav a[href='/new']").click()
    browser.wait("#tab-bundle[aria-selected=true]")
    assert page.control("input tokens, row 2").get_property("value") == "31"


# --- The endpoint -----------------------------------------------------------------------------------------------------


def test_where_the_key_comes_from_and_never_the_key(page, browser, simulator):
    words = browser.one("#endpoint-words").text
    assert simulator.address in words and "its key comes from the environment" in words
    assert "It lists 2 models." in browser.one("#endpoint").text
    assert "demo-key" not in browser.driver.page_source


def test_another_endpoint_for_the_session(simulator, serve, project, browser):
    page = opened(serve(environment=project.environment("http://127.0.0.1:9/v1", key=None)), browser)
    assert "no key" in browser.one("#endpoint-words").text
    browser.one("#endpoint summary").click()
    page.put("Address", simulator.address)
    page.put("Key", KEY)
    page.control("Key").send_keys(Keys.ENTER)
    page.until(lambda: simulator.address in browser.one("#endpoint-words").text)
    page.until(lambda: "It lists 2 models." in browser.one("#endpoint").text)
    assert "its key was typed for this session" in browser.one("#endpoint-words").text
    assert KEY not in browser.driver.page_source and KEY not in browser.run("return JSON.stringify(sessionStorage)")
    page.advanced()
    assert re.fullmatch(rf"coebench run config.yaml --seed \d+ --url {re.escape(simulator.address)}",
                        browser.one("#command-line").text)
    page.fill(Input="20", Output="4", Requests="1")
    page.totals()
    page.run()
    page.report()
    run = the_run(project)
    assert run.summaries[0]["results_num_completed_requests"] == 1
    for path in project.folder.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes(), path
    page.open()
    browser.one("#endpoint summary").click()
    browser.one("#endpoint button[type=button]").click()
    page.until(lambda: "127.0.0.1:9/" in browser.one("#endpoint-words").text)


def test_models_that_cannot_be_listed_are_typed(serve, project, browser):
    page = opened(serve(environment=project.environment("http://127.0.0.1:9/v1")), browser)
    assert page.control("Model").tag_name == "input"
    assert "the model's name" in page.fault_of("Model")
    page.put("Model", "m")
    page.until(lambda: "1 row: 10 requests" in page.plan_words())
    page.choose("switching")
    page.put("Models", "m\nn\n")
    page.until(lambda: "2 rows in " in page.plan_words())
    dialog = page.ask()
    assert "127.0.0.1:9" in dialog.text and not browser.one("#run-dialog button[type=submit]").is_enabled()
