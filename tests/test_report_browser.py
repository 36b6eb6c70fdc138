"""The report of the example study in a real browser: on a phone, a desk, on paper, by keyboard.

Needs Playwright and a Chromium; ``.ci/run`` has both. Screenshots go to the folder that
``ITP_PICTURES`` names, to be looked at; what is asserted are facts, never bytes of a picture.
"""

import contextlib
import io
import os
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from itp_carT.cli import main

pytestmark = pytest.mark.browser

STUDY = Path(__file__).parents[1] / "examples" / "study"
AXE = os.environ.get("ITP_AXE", "")
PHONE, DESK = (360, 740), (1280, 900)
A4 = 794  # CSS pixels, as wide as the paper
MARGIN = 53  # the 14 mm of the style sheet


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    pytest.importorskip("matplotlib", reason="pictures need the extra plots")
    place = tmp_path_factory.mktemp("report") / "report.html"
    done = CliRunner().invoke(main, ["analyze", str(STUDY), "--report", str(place)])
    assert done.exit_code == 0, done.output
    return place


@pytest.fixture
def folder(tmp_path):
    return Path(os.environ.get("ITP_PICTURES", tmp_path))


@contextlib.contextmanager
def opened(browser, file, size=DESK, **settings):
    """Open the report; it may load nothing but itself, and log no error."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="en-GB", **settings
    )
    shown = context.new_page()
    asked, errors = [], []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.on("console", lambda line: line.type in ("error", "warning") and errors.append(line.text))
    shown.on("requestfailed", lambda request: errors.append(f"failed: {request.url}"))
    shown.goto(file.as_uri())
    yield shown
    assert [url for url in asked if not url.startswith("data:image/svg+xml")] == [file.as_uri()]
    assert errors == []
    context.close()


def colors_of(png):
    """The different colors of a picture, each as three numbers."""
    from PIL import Image  # comes with Matplotlib

    with Image.open(io.BytesIO(png)) as picture:
        return {color for _, color in picture.convert("RGB").getcolors(1 << 24)}


# --- what is seen -------------------------------------------------------------------------------

CUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('.wide, .skip') && (box.right > innerWidth + 1 || box.left < -1);
}).map(e => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40))"""
CLIPPED = """() => [...document.querySelectorAll('h1, h2, p, dt, dd, li, th, td, caption, summary')]
  .filter(e => {
    const style = getComputedStyle(e);
    return e.scrollWidth > e.clientWidth + 1 && style.overflowX !== 'visible' && e.clientWidth;
  }).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_window_and_shows_its_pictures(browser, file, folder, size, scheme):
    with opened(browser, file, size, color_scheme=scheme) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert shown.evaluate(CUT) == []
        assert shown.evaluate(CLIPPED) == []
        shown.screenshot(path=folder / f"report-{size[0]}-{scheme}.png", full_page=True)
        colors = colors_of(shown.screenshot())
        assert len(colors) > 30
        paper = max(colors, key=sum) if scheme == "light" else min(colors, key=sum)
        assert (sum(paper) > 740) is (scheme == "light")
        text = shown.evaluate("getComputedStyle(document.body).color")
        assert (sum(map(int, re.findall(r"\d+", text))) > 384) is (scheme == "dark")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_picture_is_drawn_and_large_enough_to_be_read(browser, file, folder, size):
    with opened(browser, file, size) as shown:
        images = shown.locator("figure img")
        assert images.count() == 5
        for at in range(images.count()):
            image = images.nth(at)
            natural, box = image.evaluate("e => e.naturalWidth"), image.bounding_box()
            assert natural > 500
            # letters of 8 to 11 points keep at least 70 % of their size
            assert box["width"] >= 0.7 * natural
            assert box["height"] > 200
            place = folder / f"picture-{at}-{size[0]}.png"
            image.screenshot(path=place)
            assert len(colors_of(place.read_bytes())) > 20, at


def test_wide_tables_and_pictures_scroll_in_their_own_box(browser, file):
    with opened(browser, file, PHONE) as shown:
        boxes = shown.locator(".wide")
        wide = [
            at
            for at in range(boxes.count())
            if boxes.nth(at).evaluate("e => e.scrollWidth > e.clientWidth + 1")
        ]
        assert len(wide) >= 8
        for at in (wide[0], wide[-1]):
            box = boxes.nth(at)
            box.focus()
            for _ in range(5):
                shown.keyboard.press("ArrowRight")
            shown.wait_for_function("e => e.scrollLeft > 20", arg=box.element_handle())
            assert shown.evaluate("scrollX") == 0
        caption = shown.locator(".wide caption span").first
        box = caption.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
    with opened(browser, file, DESK) as shown:
        beyond = shown.eval_on_selector_all(
            ".wide", "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert beyond == 0  # at a desk nothing needs to be scrolled


# --- for everybody ------------------------------------------------------------------------------


@pytest.mark.skipif(not AXE, reason="axe-core is absent: ITP_AXE names its axe.min.js")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_audit_finds_nothing(browser, file, size, scheme):
    with opened(browser, file, size, color_scheme=scheme) as shown:
        shown.evaluate(Path(AXE).read_text(encoding="utf-8"))
        report = shown.evaluate("axe.run()")
        assert [
            (one["id"], one["impact"], node["target"], node.get("failureSummary"))
            for one in report["violations"]
            for node in one["nodes"][:3]
        ] == []
        assert len(report["passes"]) > 20


def test_headings_are_in_order_and_pictures_and_boxes_have_names(browser, file):
    with opened(browser, file) as shown:
        levels = shown.eval_on_selector_all(
            "h1, h2, h3, h4", "all => all.map(e => Number(e.tagName[1]))"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        images, boxes = shown.get_by_role("img"), shown.get_by_role("region")
        assert images.count() == 5
        words = [images.nth(at).get_attribute("alt") for at in range(5)]
        assert all(len(one) > 40 for one in words)
        assert len(set(words)) == 5
        names = [boxes.nth(at).get_attribute("aria-label") for at in range(boxes.count())]
        assert len(names) > 15
        assert all(names)
        assert shown.get_by_role("navigation", name="Sections").count() == 1
        for role in ("main", "banner", "contentinfo"):
            assert shown.get_by_role(role).count() == 1


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, file):
    at_focus = """() => {
      const e = document.activeElement, style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      return {tag: e.tagName, name: e.className, text: e.textContent.slice(0, 40),
              ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
              seen: box.right > 0 && box.left < innerWidth
                && box.bottom > 0 && box.top < innerHeight};
    }"""
    with opened(browser, file, PHONE) as shown:
        shown.keyboard.press("Tab")
        first = shown.evaluate(at_focus)
        assert first["text"] == "Skip to the content"
        assert first["seen"]
        shown.keyboard.press("Enter")
        assert shown.url.endswith("#content")
        met = []
        for _ in range(70):
            shown.keyboard.press("Tab")
            met.append(shown.evaluate(at_focus))
        assert all(one["ring"] and one["seen"] for one in met), met
        assert sum(one["name"] == "wide" for one in met) >= 6
        assert any(one["tag"] == "A" for one in met)
        assert not any(one["text"] in ("The data", "Patients") for one in met), "skipped the menu"


def test_a_figure_leads_to_where_it_comes_from_and_back(browser, file):
    with opened(browser, file) as shown:
        figure = shown.locator("dl.figures a").first
        figure.focus()
        before = shown.evaluate("scrollY")
        shown.keyboard.press("Enter")
        target = shown.locator(".derivation:target")
        assert target.count() == 1
        assert target.locator(".key").inner_text() in target.inner_text()
        box = target.bounding_box()
        assert 0 <= box["y"] < DESK[1]
        shown.go_back()
        shown.wait_for_function("y => Math.abs(scrollY - y) < 50", arg=before)


def test_with_colors_forced_the_focus_and_the_boxes_are_still_seen(browser, file):
    with opened(browser, file, forced_colors="active", reduced_motion="reduce") as shown:
        border = shown.locator("dl.figures > div").first.evaluate(
            "e => getComputedStyle(e).borderTopStyle"
        )
        assert border == "solid"
        shown.keyboard.press("Tab")
        shown.keyboard.press("Tab")
        outline = shown.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        moving = shown.eval_on_selector_all(
            "*",
            "all => all.filter(e => getComputedStyle(e).animationName !== 'none'"
            " || parseFloat(getComputedStyle(e).transitionDuration) > 0).length",
        )
        assert moving == 0


def test_text_may_be_twice_as_large(browser, file):
    with opened(browser, file, DESK) as shown:
        shown.add_style_tag(content="html { font-size: 200% }")
        assert shown.evaluate("document.documentElement.scrollWidth") <= DESK[0]
        assert shown.evaluate(CUT) == []


# --- on paper -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_there_is_no_menu_and_nothing_is_cut(browser, file, folder, scheme):
    with opened(browser, file, (A4 - 2 * MARGIN, 1000), color_scheme=scheme) as shown:
        shown.emulate_media(media="print", color_scheme=scheme)
        assert not shown.is_visible("nav")
        assert not shown.is_visible(".skip")
        assert shown.is_visible("h1")
        wide = shown.evaluate(
            "() => [...document.querySelectorAll('table, img, p, dd, dt, li')].filter(e =>"
            " e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"
        )
        assert wide == []
        tall = shown.eval_on_selector_all("img", "all => all.map(e => e.height)")
        assert max(tall) < 1000  # no picture is taller than a page
        background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == "rgb(255, 255, 255)"
        paper = shown.pdf(
            path=folder / f"report-{scheme}.pdf", format="A4", prefer_css_page_size=True
        )
        assert paper.startswith(b"%PDF")
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        assert 8 <= pages <= 40


def test_a_report_without_pictures_and_with_problems_is_usable_too(browser, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    labs = study / "labs.csv"
    lines = labs.read_text(encoding="utf-8").splitlines()
    labs.write_text("\n".join([*lines, *[line.replace("PLAT", "<b>") for line in lines[1:40]]]),
                    encoding="utf-8")  # fmt: skip
    place = tmp_path / "report.html"
    done = CliRunner().invoke(
        main, ["analyze", str(study), "--report", str(place), "--no-pictures"]
    )
    assert done.exit_code == 0, done.output
    with opened(browser, place, PHONE) as shown:
        summary = shown.locator("summary")
        assert summary.inner_text() == "The problems"
        summary.focus()
        shown.keyboard.press("Enter")
        assert shown.locator("details li").count() > 1
        assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert shown.evaluate(CUT) == []
