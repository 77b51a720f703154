"""The rows of a new run as a table, and its config and rows as text."""

import csv
import io
import json

import pytest
from new_run_page import NewRunPage
from selenium.webdriver.common.keys import Keys
from workbench import NODE


@pytest.fixture
def page(simulate, project, serve, browser):
    workbench = serve(environment=project.environment(simulate(project.write("bundle.yaml", NODE)).address))
    browser.visit(workbench.link)
    browser.wait("nav a[href='/new']")
    return NewRunPage(browser, workbench.host).open("bundle")


def rows(page):
    return list(csv.DictReader(io.StringIO(page.text("Rows (CSV)"))))


def models(page):
    return [row["model_name"] for row in rows(page)]


def test_rows_are_added_copied_moved_and_removed(page):
    page.put("model name, row 1", "a")
    page.put("input tokens, row 1", "20")
    page.browser.one(".rows-table [aria-label='Copy row 1']").click()
    page.put("model name, row 2", "b")
    page.browser.one(".rows-table .controls button").click()
    page.put("model name, row 3", "c")
    assert models(page) == ["a", "b", "c"] and [row["input_tokens"] for row in rows(page)] == ["20"] * 3
    page.control("model name, row 3").send_keys(Keys.ALT, Keys.ARROW_UP)
    assert models(page) == ["a", "c", "b"] and "Row 3 is row 2 now." == page.browser.one("#status").text
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "model name, row 2"
    page.browser.one("[aria-label='Move down row 1']").click()
    assert models(page) == ["c", "a", "b"]
    page.control("model name, row 1").send_keys(Keys.ARROW_DOWN)
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "model name, row 2"
    page.browser.one("[aria-label='Remove row 1']").click()
    assert models(page) == ["a", "b"]


def test_what_a_spreadsheet_copied_is_pasted(page):
    page.paste("input tokens, row 1", "20\t4\t2\n30\t5\t3\n")
    assert [(r["input_tokens"], r["output_tokens"], r["num_requests"]) for r in rows(page)] == [("20", "4", "2"), ("30", "5", "3")]
    page.paste("input tokens, row 1", "Model Name\tinput_tokens\toutput_tokens\tnum_requests\tqps\twarmup\r\n"
                                      "a\t20\t4\t2\t5\ttrue\r\n\"b\tc\"\t30\t4\t2\t5\t\r\n")
    assert [row["model_name"] for row in rows(page)] == ["a", "b\tc"] and rows(page)[0]["warmup"] == "true"
    assert "The table has 2 rows now." == page.browser.one("#status").text


def test_a_csv_is_imported_and_exported(page, project, browser):
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(project.folder)})
    text = "model_name;input_tokens;output_tokens;num_requests;concurrent_requests;stddev_input_tokens\na;20;4;2;1;3\nb;30;4;2;1;\n"
    page.control("Import CSV").send_keys(str(project.write("mine.csv", "\ufeff" + text)))
    page.until(lambda: models(page) == ["a", "b"])
    page.totals()
    page.browser.all(".rows-table .controls button")[-1].click()
    exported = project.folder / "rows.csv"
    page.until(exported.exists)
    assert exported.read_text() == text.replace(";", ",")
    page.control("Import CSV").send_keys(str(project.write("none.csv", "x,y\n1,2\n")))
    page.until(lambda: "none.csv has no column model_name" in page.browser.one("#status").text)
    assert models(page) == ["a", "b"]


@pytest.mark.parametrize("cell", ["a,b", 'say "x"', "a;b", " a ", "a|b", "=1+1", "Zoë", "a\tb"])
def test_any_cell_is_written_as_others_read_it(page, cell):
    page.browser.run("const e = arguments[0]; e.value = arguments[1]; e.dispatchEvent(new Event('input'))",
                     page.control("model name, row 1"), cell)
    assert models(page) == [cell]


def test_columns_are_added(page):
    page.put("Add column", "duration s")
    page.put("duration s, row 1", "2")
    assert rows(page)[0]["duration_s"] == "2"


def test_a_fault_stands_in_its_cell_and_field(page):
    page.paste("model name, row 1", "a\t20\t4\t2\t1\nb\tmany\t4\t2\t1")
    assert "'many' is not a whole number" in page.fault_of("input tokens, row 2")
    assert "1 fault to mend" in page.plan_words()
    page.put("input tokens, row 2", "30")
    page.totals()
    assert not page.browser.all(".rows-table [aria-invalid]")
    page.put("Time limit", "-1")
    assert "0.001" in page.fault_of("Time limit")
    page.put("Passes", "0")
    assert "10000" in page.fault_of("Passes")
    dialog = page.ask()
    assert "It cannot run like this" in dialog.text and not page.browser.one("#run-dialog button[type=submit]").is_enabled()


# --- As text ----------------------------------------------------------------------------------------------------------


def test_a_fault_stands_at_its_line(page):
    page.put("model name, row 1", "a")
    config = page.text("Config (YAML)")
    page.type_text("Config (YAML)", config + "timout: 5\n")
    line = config.count("\n") + 1
    page.until(lambda: [n.text for n in page.browser.all(".editor .numbers .bad")] == [str(line)])
    fault = page.browser.one(".editor .faults .bad")
    assert fault.text.startswith(f"Line {line}") and "did you mean 'timeout'?" in fault.text
    fault.find_element("css selector", "button").click()
    area = page.driver.switch_to.active_element
    assert page.browser.run("return arguments[0].value.slice(arguments[0].selectionStart, arguments[0].selectionEnd)", area) == "timout: 5"
    page.type_text("Config (YAML)", config + "time_delay: 5\n")
    page.totals()
    page.type_text("Rows (CSV)", "model_name,input_tokens,output_tokens,num_requests,concurrent_requests\na,20,4,2,1\nb,30,4,x,1\n")
    page.until(lambda: [n.text for n in page.browser.all(".editor .numbers .bad")] == ["3"])


def test_text_that_was_edited_is_used_as_it_stands(page):
    page.type_text("Rows (CSV)", "model_name,input_tokens,output_tokens,num_requests,concurrent_requests\na,20,4,7,1\n")
    page.until(lambda: "1 row: 7 requests" in page.plan_words())
    assert "these fields are not" in page.browser.one("#panel .note").text
    assert not page.control("Passes").is_enabled()
    page.browser.one("#panel .note button").click()
    assert page.control("Passes").is_enabled()
    page.until(lambda: "1 row: 10 requests" in page.plan_words())


def test_what_is_copied_does_the_same_in_a_terminal(page, project):
    page.paste("model name, row 1", "a\t20\t4\t2\t1\nb\t30\t4\t3\t1")
    page.fill(Order="all pairs", Passes="2", Probe="3", Seed="7", Labels="release=2.10", Name_of_the_run="mine")
    page.until(lambda: "2 rows in " in page.plan_words())
    project.write("config.yaml", page.text("Config (YAML)"))
    project.write("rows.csv", page.text("Rows (CSV)"))
    line = page.browser.one("#command-line")
    page.advanced()
    assert line.text == "coebench run config.yaml --name mine --seed 7"
    told = json.loads(project.call("plan", "config.yaml", "--json", "--offline", "--seed", "7", "--name", "mine").stdout)
    assert told["sound"]
    assert page.totals().startswith(f"2 rows in {told['totals']['steps']} steps: {told['totals']['requests']:,} requests, "
                                    f"{told['totals']['input_tokens']:,} tokens in and {told['totals']['output_tokens']:,} out")
    page.choose("search")
    assert page.browser.one("#command-line").text.startswith("coebench search config.yaml")


def test_the_copy_button_copies(page):
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.advanced()
    page.browser.one(".editor button").click()
    page.until(lambda: page.browser.one("#status").text == "Config (YAML) is copied.")
    assert page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])") == page.text("Config (YAML)")
