"""The page of the semantic search in a headless Chromium.

    test_browser.py

The environment: that of test_search.py; CHROMIUM, the program.  With SHOT=FOLDER
pictures of the page, light and dark, are left there.
"""

import os

from playwright.sync_api import expect, sync_playwright

from served import CHESS, Page
from tap import run, test


class Browser:
    """A page of the browser at the search's address."""

    def __init__(self, chromium, served, scheme="light", scripts=True):
        self.context = chromium.new_context(
            color_scheme=scheme, java_script_enabled=scripts,
            viewport={"width": 1000, "height": 760})
        self.page = self.context.new_page()
        self.page.set_default_timeout(30000)
        self.wrong = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self.wrong.append(message.text)
                     if "Content Security Policy" in message.text else None)
        self.page.on("dialog", lambda dialog: self.wrong.append("dialog"))
        self.page.goto(served.address)

    def __enter__(self):
        return self.page

    def __exit__(self, kind, *error):
        self.context.close()
        assert kind or not self.wrong, self.wrong


def ask(page, text):
    page.fill("#q", text)
    with page.expect_response(lambda response: "part=1" in response.url):
        page.press("#q", "Enter")
    page.wait_for_selector("#answer:not([aria-busy])")


@test
def keyboard_alone(chromium, served):
    """A question is asked, filtered and its plan read by keyboard alone."""
    with Browser(chromium, served) as page:
        keys = page.keyboard
        keys.type(CHESS)  # the field has the focus
        keys.press("Enter")
        page.wait_for_selector(".rows")
        expect(page.locator(".rows h2").first).to_have_text("pawnstorm")
        keys.press("Tab")
        keys.press("Tab")
        keys.type("educ")  # in the list of sections
        expect(page.locator(".rows h2").first).not_to_have_text("pawnstorm")
        assert "section=education" in page.url
        keys.press("Tab")
        keys.press("Tab")
        keys.press("ArrowRight")
        page.wait_for_url("**mode=hybrid**")
        expect(page.locator("#answer .facts").first).to_contain_text("score")
        page.locator("summary").focus()
        keys.press("Enter")
        assert "Execution Time" in page.locator("details pre").last.inner_text()


@test
def filters_and_back(chromium, served):
    """A size narrows the answers, none is told, and Back goes back."""
    with Browser(chromium, served) as page:
        ask(page, "web server")
        page.select_option("select", "httpd")
        expect(page.locator(".rows li")).to_have_count(2)
        page.fill("[name=size]", "1000")
        page.press("[name=size]", "Enter")
        expect(page.locator(".rows li")).to_have_count(1)
        page.fill("[name=size]", "1")
        page.press("[name=size]", "Enter")
        page.wait_for_selector(".none")
        page.go_back()
        expect(page.locator(".rows li")).to_have_count(1)


@test
def wrong_questions(chromium, served):
    """An empty question, a wrong size and a long text are told as such."""
    with Browser(chromium, served) as page:
        ask(page, " ")
        assert "Type a question" in page.inner_text("[role=alert]")
        ask(page, "x " * 5000)
        assert "1,000 characters" in page.inner_text("[role=alert]")
        page.fill("[name=size]", "much")
        ask(page, CHESS)
        assert "whole number" in page.inner_text("[role=alert]")


@test
def nothing_is_run(chromium, served):
    """What is asked and what rows say is text, and nothing overflows."""
    with Browser(chromium, served) as page:
        ask(page, "<img src=x onerror=alert(1)> mark-up bold quoted")
        assert page.locator("#answer img").count() == 0
        ask(page, "x" * 900)
        assert page.evaluate("document.documentElement.scrollWidth"
                             " <= document.documentElement.clientWidth")


@test
def without_scripts(chromium, served):
    """Without scripts a question is answered too."""
    with Browser(chromium, served, scripts=False) as page:
        page.fill("#q", CHESS)
        page.press("#q", "Enter")
        page.wait_for_selector(".rows")
        expect(page.locator(".rows h2").first).to_have_text("pawnstorm")
        assert page.input_value("#q") == CHESS


@test
def light_and_dark(chromium, served):
    """The page follows the system's light and dark."""
    seen = {}
    for scheme in ("light", "dark"):
        with Browser(chromium, served, scheme) as page:
            ask(page, CHESS)
            seen[scheme] = page.evaluate(
                "getComputedStyle(document.body).backgroundColor")
            if "SHOT" in os.environ:
                page.screenshot(path=f"{os.environ['SHOT']}/{scheme}.png")
    assert len(set(seen.values())) == 2, seen


@test
def database_gone(chromium, served):
    """Without the database the page says so."""
    with Page(PGHOST="/nowhere") as other, Browser(chromium, other) as page:
        ask(page, CHESS)
        assert "does not answer" in page.inner_text("[role=alert]")


@test
def page_gone(chromium, served):
    """When the page's own server has ended, the open page says so."""
    with Page() as other, Browser(chromium, other) as page:
        ask(page, CHESS)
        other.process.terminate()
        other.process.wait(20)
        page.press("#q", "Enter")
        page.wait_for_selector("[role=alert]")
        assert "Was it ended?" in page.inner_text("[role=alert]")


if __name__ == "__main__":
    with sync_playwright() as player, Page() as here:
        run(player.chromium.launch(executable_path=os.environ["CHROMIUM"],
                                   args=["--no-sandbox"]), here)
