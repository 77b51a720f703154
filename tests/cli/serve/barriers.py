"""Looks for barriers in a page as it stands, by axe-core: what keeps people out who see, hear or move otherwise."""

from support.helpers import helper

# Frames are looked at one by one: what is in a sandbox cannot tell the page around it.
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(
  ({ violations }) => done(violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, where: nodes.map((node) => node.html) }))),
  (error) => done(String(error)));
"""


def barriers(browser):
    """Serious and critical ones, each as a line with where it is."""
    source = (helper("axe") / "node_modules" / "axe-core" / "axe.min.js").read_text()
    browser.driver.set_script_timeout(120)
    browser.run(source + "; window.axe = axe;")
    found = browser.driver.execute_async_script(RUN)
    assert isinstance(found, list), found
    return [f"{one['id']} ({one['impact']}): {one['help']}: {' '.join(one['where'])}" for one in found
            if one["impact"] in ("serious", "critical")]
