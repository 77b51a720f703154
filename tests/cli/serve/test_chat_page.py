"""The chat's page in a real browser: one model, two side by side, stop, pictures, saving, by keyboard and on a phone."""

import json
import struct
import time
import zlib

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from support.endpoint import content, event, finish, stream
from test_chat import Forever

MODELS = [{"id": "first-model"}, {"id": "second-model"}]


def picture():
    """A PNG of 40 by 30 pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"".join(bytes([x * 6, y * 8, 120]) for x in range(40)) for y in range(30))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def replies(request, connection):
    asked = request["body"]["messages"][-1]["content"]
    asked = asked if isinstance(asked, str) else asked[0]["text"]
    words = f"{request['body']['model']} heard: {asked} <b>&amp;</b>\n\nAnd a second paragraph of it."
    return stream(*[content(one + " ") for one in words.split(" ")],
                  event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
                  finish(prompt_tokens=12, completion_tokens=9))


def visit(browser, workbench, **look):
    """By the printed link, and from there to the chat."""
    browser.visit(workbench.link, **look)
    browser.wait("nav a[href='/chat']").click()
    browser.wait("#question")


@pytest.fixture
def opened(serve, project, endpoint, browser):
    """opened(answer) opens the chat of a workbench in the browser."""
    def enter(answer=replies, **look):
        server = endpoint(answer, models=MODELS)
        workbench = serve(environment=project.environment(server.address, "some-secret-key"))
        visit(browser, workbench, **look)
        workbench.endpoint = server
        return workbench
    return enter


def ask(browser, text, responses):
    """Asks by Enter, and waits until there are so many responses in all, each with its figures."""
    browser.one("#question").send_keys(text, Keys.ENTER)
    browser.until(lambda: len(browser.all(".response:not([aria-busy]) dl.figures")) == responses)


def texts(browser, column):
    return [one.text for one in browser.all(f"section.column[aria-label='{column}'] .response .words")]


def test_a_conversation(opened, browser):
    workbench = opened()
    assert workbench.endpoint.address in browser.one("#endpoint").text
    assert "key from the environment" in browser.one("#endpoint").text
    assert browser.one("#model-a").get_attribute("value") == "first-model"
    assert browser.driver.switch_to.active_element.get_attribute("id") == "question"
    browser.one("#system").send_keys("Be kind.")
    browser.one("#temperature").send_keys("0.5")
    number = browser.one("#tokens")
    number.clear()
    number.send_keys("77")
    assert browser.one("input[type=range]").get_attribute("value") == "77"
    ask(browser, "Is <i>it</i>?", 1)
    ask(browser, "Sure?", 2)
    assert texts(browser, "Model")[0].strip() == "first-model heard: Is <i>it</i>? <b>&amp;</b>\n\nAnd a second paragraph of it.", \
        "what came is text, never markup"
    figures = [one.text for one in browser.all(".response")[1].find_elements("css selector", "dt, dd")]
    assert figures[::2] == ["latency", "time to first token", "throughput", "prompt", "response"]
    assert figures[7:10:2] == ["12 tokens", "9 tokens"]
    first, second = [request["body"] for request in workbench.endpoint.requests]
    assert (first["max_tokens"], first["temperature"], first["model"]) == (77, 0.5, "first-model")
    assert [m["content"] for m in first["messages"]] == ["Be kind.", "Is <i>it</i>?"]
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "user"]
    assert not [one for one in browser.all(".note") if one.is_displayed()] and not browser.complaints()
    assert {url.split("/")[2] for url in browser.asked_for() if url.startswith("http")} == {workbench.host}
    browser.keep("chat")
    browser.set(1200, 1000, "dark", "screen")
    browser.one("#theme").click()
    browser.keep("chat-dark")


def test_two_models_have_the_same_question(opened, browser):
    last = []

    def loads(request, connection):
        if last != [request["body"]["model"]]:
            time.sleep(1)
        last[:] = [request["body"]["model"]]
        return replies(request, connection)

    workbench = opened(loads)
    browser.one("#both").click()
    assert browser.one("#model-b").get_attribute("value") == "second-model"
    ask(browser, "Which one?", 2)
    assert texts(browser, "Model")[0].startswith("first-model heard: Which one?")
    assert texts(browser, "Model beside it")[0].startswith("second-model heard: Which one?")
    asked = [(r["body"]["model"], len(r["body"]["messages"])) for r in workbench.endpoint.requests]
    assert asked == [("first-model", 1), ("second-model", 1)], "each has a conversation of its own"
    browser.one("#both").click()
    ask(browser, "Alone?", 3)
    ask(browser, "Alone again?", 4)
    browser.one("#both").click()
    ask(browser, "Both?", 6)
    assert len(workbench.endpoint.requests[-1]["body"]["messages"]) == 3
    told = browser.one(".switch").text
    assert told.startswith("this model's first answer after another model: +") and "against 1 other of it" in told
    browser.keep("chat-two")


def test_stop_by_button_and_by_escape(opened, browser):
    slow = Forever("It goes on and on")
    workbench = opened(slow)
    for how in ("button", "escape"):
        slow.gone.clear()
        before = len(browser.all(".response"))
        browser.one("#question").send_keys("Go", Keys.ENTER)
        browser.until(lambda: len(browser.all(".response .words")) == before + 1
              and browser.all(".response .words")[-1].text.startswith("It goes on and"))
        stop = next(one for one in browser.all("button") if one.text == "Stop")
        if how == "button":
            stop.click()
        else:
            browser.one("#question").send_keys(Keys.ESCAPE)
        browser.until(lambda: not browser.all(".response[aria-busy]"))
        assert browser.all(".response")[-1].text.rstrip().endswith("It was stopped.")
        assert browser.all(".response .words")[-1].text == "It goes on and on" and slow.gone.wait(60)
        browser.until(lambda: not stop.is_enabled())
    assert len(workbench.endpoint.requests[1]["body"]["messages"]) == 3, "what came of it is part of the conversation"


def test_a_picture_goes_with_a_question(opened, browser, project):
    workbench = opened()
    path = project.write("view.png", picture())
    browser.one("#picture").send_keys(str(path))
    ask(browser, "What is it?", 1)
    shown = browser.one(".question img")
    browser.until(lambda: browser.run("return arguments[0].naturalWidth", shown) == 40)
    ask(browser, "Sure?", 2)
    first, second = [request["body"]["messages"] for request in workbench.endpoint.requests]
    assert first[0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert second[0] == first[0] and second[-1]["content"] == "Sure?"
    project.write("text.png", b"no picture")
    browser.one("#picture").send_keys(str(project.folder / "text.png"))
    browser.one("#question").send_keys("And this?", Keys.ENTER)
    assert "neither PNG nor JPEG" in browser.wait(".response .note").text


def test_a_failure_is_told_and_leaves_no_turn(opened, browser):
    def fails_once(request, connection):
        if request["index"] == 0:
            return b"HTTP/1.1 429 Many\r\nContent-Length: 0\r\n\r\n"
        return replies(request, connection)

    workbench = opened(fails_once)
    browser.one("#question").send_keys("x", Keys.ENTER)
    assert browser.wait(".response .note").text.startswith("Failed: 429: the endpoint limits how much one key may ask")
    ask(browser, "y", 1)
    assert [m["content"] for m in workbench.endpoint.requests[1]["body"]["messages"]] == ["y"]
    browser.keep("chat-failed")


def test_a_conversation_is_saved_and_begun_anew(opened, browser, project):
    downloads = project.folder / "downloads"
    opened()
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    save = next(one for one in browser.all("button") if one.text == "Save as a data set")
    assert not save.is_enabled()
    ask(browser, "one", 1)
    ask(browser, "two", 2)
    save.click()
    reference = browser.wait("section.column code").text
    browser.until(lambda: (downloads / "chat.jsonl").exists())
    (line,) = (downloads / "chat.jsonl").read_text().splitlines()
    assert open(reference).read() == line + "\n"
    assert [m["content"] for m in json.loads(line)["messages"] if m["role"] == "user"] == ["one", "two"]
    next(one for one in browser.all("button") if one.text == "New conversation").click()
    assert not browser.all(".response") and not save.is_enabled()


def test_a_model_is_typed_where_none_is_listed(opened, browser, serve, project, endpoint):
    server = endpoint(replies)
    workbench = serve(environment=project.environment(server.address, "some-secret-key"))
    visit(browser, workbench)
    assert "Type a model's name." in browser.one("main > .note").text
    browser.one("#model-a").send_keys("typed-model")
    ask(browser, "x", 1)
    assert server.requests[0]["body"]["model"] == "typed-model"


def test_a_phone(opened, browser):
    opened(width=390, height=800)
    browser.one("#both").click()
    ask(browser, "A question that is long enough to need more than one line on a phone", 2)
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    browser.keep("chat-phone")


def test_by_keyboard_alone(opened, browser):
    opened()
    body = browser.one("body")
    ask(browser, "x", 1)
    reached = set()
    for _ in range(40):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        focused = browser.driver.switch_to.active_element
        if focused != body:
            reached.add(focused.get_attribute("id") or focused.text or focused.get_attribute("type")
                        or focused.get_attribute("class"))
    assert {"model-a", "tokens", "temperature", "system", "both", "question", "picture", "Ask", "New conversation",
            "Save as a data set", "Settings"} <= reached, reached
    unlabelled = browser.run("""return [...document.querySelectorAll('input, textarea, select')]
        .filter((one) => !one.labels.length && !one.getAttribute('aria-label')).map((one) => one.outerHTML)""")
    assert unlabelled == []
