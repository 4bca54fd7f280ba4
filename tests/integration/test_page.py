"""The report of an audit, opened in a real Chromium: no payload runs in it, keys are enough, and it can be read by everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest
from srcos_contracts.finding import Excerpt, Finding, Location, Related
from srcos_contracts.ledger.background import Background, Link, Seen, SessionLine
from srcos_contracts.report.page import PageReport
from srcos_contracts.report.summary import Summary

from .chromium import Browser, Tab, chromium
from .pages import write_many

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
OPENS_WITHIN = 2000
"""Milliseconds, for a page with 10,000 findings."""
HOSTILE = (
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=2>",
    "<svg onload=window.ran=3>",
    "javascript:window.ran=4",
    '" onmouseover="window.ran=5" autofocus onfocus="window.ran=6',
    "\u2028window.ran=7\u2029",
    "${window.ran=8} {{window.ran=9}} $data $script `${window.ran=10}`",
    "<!--<script>",
    "]]><script>window.ran=11</script>",
    "\\u003cscript\\u003ewindow.ran=12\\u003c/script\\u003e",
    "';window.ran=13;//",
    "\x1b[2J\x00\u202ewindow.ran=14",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: Browser) -> Tab:
    opened = browser.tab()
    opened.size(1280, 900)
    return opened


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an audit of two of the stored sets."""
    path = tmp_path_factory.mktemp("page") / "audit.html"
    sets = ROOT / "examples/sets/invalid"
    paths = (str(sets / "session-single-owner"), str(sets / "conflict-decided"))
    assert run_audit(AuditRequest(CheckRequest(paths, most=1), report=str(path))) == 1
    return path


def _hostile_page(path: Path) -> None:
    def place(text: str, line: int) -> Location:
        return Location(text, line, 1, Excerpt(f'{{"id": "{text}"}}', 8, len(text)))

    with path.open("w", encoding="utf-8") as stream:
        page = PageReport(stream, HOSTILE[0])
        for line, text in enumerate(HOSTILE, 1):
            related = (Related(place(text, 9), text, text, text, text),)
            page.add(Finding("schema-type", "error", text, place(text, line), text, text, text, text, text, None, related))
        page.background = Background(
            {"schema-type": HOSTILE[0]},
            [SessionLine(text, (text,), 1, (Seen(0.0, text, text, text, text, text, 1),)) for text in HOSTILE],
            0,
            {(text, line): [Link(text, text, text, True)] for line, text in enumerate(HOSTILE, 1)},
        )
        page.close(Summary())


OPEN_ALL = """(async () => {
  // What is opened is drawn a little later, and may hold more to open.
  for (let still = 0, seen = -1; still < 4; ) {
    const all = document.querySelectorAll("*").length;
    for (const details of document.querySelectorAll("details")) details.open = true;
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)));
    still = all === seen ? still + 1 : 0;
    seen = all;
  }
  for (const node of document.querySelectorAll("*")) for (const kind of ["mouseover", "focus", "load", "error", "click"])
    if (!["summary", "button"].includes(node.localName)) node.dispatchEvent(new Event(kind));
  return document.body.innerText;
})()"""


def test_nothing_of_a_payload_runs(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    _hostile_page(path)
    tab.open(path)
    shown = tab.value(OPEN_ALL)
    assert tab.value("window.ran === undefined")
    # Markup of a payload is seen as the text that it is, and makes no element of any kind.
    for text in HOSTILE[:5]:
        assert text in shown
    assert tab.value("document.querySelectorAll('script').length") == 2
    assert tab.value("document.querySelectorAll('img, iframe, object, embed, a[href^=javascript], svg [onload]').length") == 0
    handlers = "[...document.querySelectorAll('*')].flatMap(n => n.getAttributeNames()).filter(n => n.startsWith('on'))"
    assert tab.value(handlers) == []
    assert "\u2028" not in shown
    assert "\u202e" not in shown
    assert tab.complaints() == []


def test_the_policy_stops_a_script_that_got_in_all_the_same(tab: Tab, audited: Path) -> None:
    tab.open(audited)
    tab.value("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.ran=1\">')")
    tab.value("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran=2'}))")
    tab.value("new Promise(done => setTimeout(done, 100))")
    assert tab.value("window.ran === undefined")
    assert any("Content Security Policy" in text for text in tab.complaints())


def test_the_page_says_what_the_audit_found(tab: Tab, audited: Path) -> None:
    tab.open(audited)
    assert tab.complaints() == []
    heads = tab.value("[...document.querySelectorAll('#rules > details > summary strong')].map(n => n.textContent)")
    assert {"session-single-owner", "conflict-decided"} <= set(heads)
    shown = tab.value(OPEN_ALL)
    assert "tab tab-1, is owned by urn:srcos:agent:shopper here" in shown
    assert "first owner here: urn:srcos:agent:form-filler" in shown
    assert "What to do: decide who owns the session" in shown
    # The graph around a finding names what the record refers to, and says what is missing.
    graphs = tab.value("[...document.querySelectorAll('#rules svg')].map(n => n.getAttribute('aria-label'))")
    assert any("policy: not in the set urn:srcos:decision:form-help-0001" in graph for graph in graphs)
    assert tab.value("document.querySelectorAll('#lives > div > details').length") >= 1
    assert tab.value("document.querySelectorAll('#lives .fault').length") >= 1


def test_the_filter_leaves_what_was_looked_for(tab: Tab, audited: Path) -> None:
    tab.open(audited)
    tab.value("document.getElementById('filter').focus()")
    tab.write("is owned by urn:srcos:agent:shopper")
    heads = tab.when(
        "[...document.querySelectorAll('#rules > details > summary strong')].map(n => n.textContent)", ["session-single-owner"]
    )
    assert heads == ["session-single-owner"]
    assert re.fullmatch(r"\d+ of \d+ findings\.", tab.value("document.getElementById('shown').textContent"))


def _focused(tab: Tab) -> Any:
    return tab.value("document.activeElement.id || document.activeElement.className || document.activeElement.localName")


def test_keys_are_enough(tab: Tab, audited: Path) -> None:
    tab.open(audited)
    tab.press("Tab")
    assert _focused(tab) == "skip"
    tab.press("Enter")
    assert _focused(tab) == "findings"
    tab.press("Tab")
    assert _focused(tab) == "filter"
    tab.press("Tab")
    assert _focused(tab) == "summary"
    head = "document.activeElement.querySelector('strong')?.textContent"
    first = tab.value(head)
    assert tab.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert tab.value("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    tab.press("ArrowDown")
    second = tab.value(head)
    assert second not in (None, first)
    tab.press("ArrowUp")
    assert tab.value(head) == first
    tab.press("Enter")
    assert tab.value("document.activeElement.parentNode.open")
    tab.press("ArrowDown")
    assert tab.value("document.activeElement.querySelector('.place') !== null")
    tab.press(" ")
    assert tab.value("document.activeElement.parentNode.querySelector('.inside') !== null")
    tab.press("Home")
    assert tab.value(head) == first
    tab.press("End")
    assert tab.value("document.activeElement.closest('#rules') !== null && document.activeElement !== document.body")
    tab.press("Tab", shift=True)
    assert tab.value("document.activeElement !== document.body")


CONTRASTS = """(() => {
  const numbers = color => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = node => { for (; node; node = node.parentElement) { const c = numbers(getComputedStyle(node).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "NOSCRIPT", "title"].includes(node.nodeName) || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(numbers(node.ownerSVGElement ? style.fill : style.color)), light(ground(node))];
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), node.textContent.slice(0, 40)]);
  }
  return found;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_light_and_in_dark(tab: Tab, audited: Path, scheme: str) -> None:
    tab.prefer(scheme)
    tab.open(audited)
    tab.value(OPEN_ALL)
    grounds = tab.value("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
    measured = tab.value(CONTRASTS)
    assert len(measured) > 100
    assert [entry for entry in measured if entry[0] < 4.5] == []


def test_landmarks_names_and_rest(tab: Tab, audited: Path) -> None:
    tab.prefer("light", less_motion=True)
    tab.open(audited)
    tab.value(OPEN_ALL)
    for landmark in ("header", "main", "section[aria-labelledby=findings]", "section[aria-labelledby=sessions]"):
        assert tab.value(f"document.querySelectorAll({json.dumps(landmark)}).length") == 1
    tree = tab.ask("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node.get("ignored")}
    assert ("searchbox", "Show findings that contain") in named
    assert ("region", "Findings") in named
    for role in ("image", "img", "button", "link", "searchbox", "DisclosureTriangle", "table"):
        assert (role, "") not in named
    assert tab.value("document.documentElement.lang") == "en"
    moving = "[...document.querySelectorAll('*')].filter(n => getComputedStyle(n).animationName !== 'none' || parseFloat(getComputedStyle(n).transitionDuration) > 0).length"
    assert tab.value(moving) == 0


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(tab: Tab, audited: Path, width: int) -> None:
    tab.size(width, 800)
    tab.open(audited)
    tab.value(OPEN_ALL)
    wide = "[...document.querySelectorAll('body *')].filter(n => n.getBoundingClientRect().right > document.documentElement.clientWidth)"
    outside = f"{wide}.filter(n => !n.closest('.wide *, pre *')).map(n => n.outerHTML.slice(0, 100))"
    assert tab.value(outside) == []
    assert tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_long_state_leaves_the_other_columns_their_room(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    with path.open("w", encoding="utf-8") as stream:
        page = PageReport(stream, "ledgers/")
        seen = Seen(
            0.0, "1970-01-01T00:00:00Z", "BrowserAutomationReceipt", "s" * 1000, "urn:srcos:receipt:browser-automation:1", "a.jsonl", 1
        )
        page.background = Background(sessions=[SessionLine("urn:srcos:session:a", (), 1, (seen,))])
        page.close(Summary(1, 1))
    tab.open(path)
    tab.value(OPEN_ALL)
    widths = tab.value("[...document.querySelectorAll('td')].map(n => n.getBoundingClientRect().width)")
    assert len(widths) == 5
    assert widths[2] < 300 < widths[3]
    assert min(widths) > 60


def test_paper_has_no_controls(tab: Tab, audited: Path) -> None:
    tab.open(audited)
    tab.print_like("print")
    assert tab.value("getComputedStyle(document.querySelector('.controls')).display") == "none"
    assert tab.value("getComputedStyle(document.querySelector('#rules')).display") != "none"
    assert len(tab.ask("Page.printToPDF")["data"]) > 10_000


def test_ten_thousand_findings_open_in_time(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    write_many(path, 10_000)
    tab.open(path)
    assert tab.value("document.documentElement.dataset.ready") == "yes"
    assert tab.value("document.getElementById('shown').textContent") == "10,000 of 10,000 findings."
    assert tab.value("performance.getEntriesByType('navigation')[0].loadEventEnd") < OPENS_WITHIN
    # The largest group opens with its first lines, and goes on when it is asked to.
    tab.value("document.querySelector('#rules > details').open = true")
    assert tab.when("document.querySelectorAll('#rules > details[open] details').length", 100) == 100
    tab.value("document.querySelector('#rules > details[open] button').click()")
    assert tab.when("document.querySelectorAll('#rules > details[open] details').length", 200) == 200
