"""The calculator page in a real browser: same numbers, own refusals, no foreign request, usable.

Needs a built site (``ITP_SITE`` names its folder), Playwright and a Chromium; ``.ci/run`` has all.
Each drawn case is computed twice: in the browser from the site's wheel, and here.
"""

import contextlib
import functools
import http.server
import json
import os
import random
import threading
import zipfile
from pathlib import Path

import pytest

from itp_carT.bleeding import INSTRUMENTS
from itp_carT.calculator import TOOLS, page, run

pytestmark = [pytest.mark.browser, pytest.mark.site]

ROOT = Path(__file__).parents[1]
SITE = Path(os.environ.get("ITP_SITE", "."))
AXE = os.environ.get("ITP_AXE", "")
PATIENCE = 180_000  # ms, for Python to start on a slow machine
READY = "#itp-calculator[data-state=ready]"
PLAN = {"height": "162 cm", "weight": "60 kg", "infusion": "2026-03-09",
        "cells_per_kg": "1.5e7 cells/kg"}  # fmt: skip


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the site without a word."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def base():
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextlib.contextmanager
def opened(browser, base, path="calculator.html", **settings):
    """Open a page that may ask nothing of another host and log no error."""
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | settings
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = context.new_page()
    shown.asked, shown.errors = [], []
    shown.on("request", lambda request: shown.asked.append(request.url))
    shown.on("pageerror", lambda error: shown.errors.append(str(error)))
    shown.on("console", lambda line: line.type == "error" and shown.errors.append(line.text))
    shown.on("requestfailed", lambda request: shown.errors.append(f"failed: {request.url}"))
    shown.goto(base + path)
    yield shown
    foreign = [url for url in shown.asked if not url.startswith((base, "data:", "blob:"))]
    assert foreign == []
    assert shown.errors == []
    context.close()


@pytest.fixture(scope="module")
def calculator(browser, base):
    """One page with Python running, shared: the tests ask it one calculation after another."""
    with opened(browser, base) as shown:
        shown.wait_for_selector(READY, timeout=PATIENCE)
        yield shown


# --- using the page -----------------------------------------------------------------------------


def choose(shown, tool):
    shown.evaluate("key => { location.hash = ''; location.hash = key; }", tool)
    shown.wait_for_selector(f'form[data-tool="{tool}"]')
    shown.click("button[type=reset]")
    shown.wait_for_timeout(50)


def enter(shown, tool, given):
    """Fill in the form as a person does, in its order."""
    for field in TOOLS[tool].fields:
        value = given.get(field.name)
        if value is None:
            continue
        box = shown.locator(f'[data-field="{field.name}"]')
        if field.kind == "several":
            for word in value:
                box.locator(f'input[value="{word}"]').check()
        elif field.kind == "choice":
            box.locator("select").select_option(value)
        else:
            box.locator("input, textarea").fill(value)


def compute(shown, tool, given):
    choose(shown, tool)
    enter(shown, tool, given)
    shown.click(".itp-compute")
    shown.wait_for_selector(".itp-result h3, .itp-error:not([hidden]), .itp-result [role=alert]")


def copied(shown):
    shown.click(".itp-copy")
    shown.wait_for_function("document.querySelector('.itp-buttons [role=status]').textContent")
    return json.loads(shown.evaluate("navigator.clipboard.readText()"))


def cells(shown):
    """Return the texts of every table, as the page holds them."""
    return shown.eval_on_selector_all(
        ".itp-result table",
        "tables => tables.map(t => [...t.tBodies[0].rows].map(r => "
        "[...r.cells].map(c => c.textContent)))",
    )


# --- drawn cases --------------------------------------------------------------------------------


def some(draw, **choices):
    """Keep each of the choices with a chance of one half."""
    return {name: value for name, value in choices.items() if draw.random() < 0.5}


def patient(draw):
    return {
        "height": f"{draw.uniform(145, 195):.1f} cm",
        "weight": draw.choice(
            [f"{draw.uniform(45, 110):.1f} kg", f"{draw.uniform(100, 240):.0f} lb"]
        ),
    } | some(draw, sex=draw.choice("FM"), age=str(draw.randint(18, 65)))


def plan_case(draw):
    split = draw.choice(["10/30/60", "50/50", "33.3/33.3/33.4"])
    product = {
        "product_concentration": f"{draw.uniform(3, 20):.2f}e7 cells/mL",
        "product_counting": "viable CAR-positive",
        "product_volume": f"{draw.randint(50, 100)} mL",
    }
    return (
        patient(draw)
        | {"infusion": f"2026-{draw.randint(1, 12):02d}-{draw.randint(6, 28):02d}"}
        | {"cells_per_kg": f"{draw.uniform(1, 2):.2f}e7 cells/kg"}
        | some(draw, split=split, bsa_formula=draw.choice(["dubois", "haycock", "boyd"]))
        | draw.choice([{}, product])
    )


def lab_case(draw):
    term, values, unit = draw.choice(
        [
            ("platelet-count-decreased", (3, 180), "10^9/L"),
            ("neutrophil-count-decreased", (100, 2500), "/uL"),
            ("anemia", (5, 14), "g/dL"),
            ("creatinine-increased", (0.5, 8), "mg/dL"),
            ("alanine-aminotransferase-increased", (10, 900), "U/L"),
            ("hypokalemia", (2, 4), "mmol/L"),
        ]
    )
    edition = draw.choice(["ctcae-v5.0", "ctcae-v4.03"])
    given = {"edition": edition, "term": f"{edition}:{term}"}
    low, high = values
    given["value"] = f"{draw.uniform(low, high):.2f} {unit}"
    middle = (low + high) / 2
    given |= some(draw, lln=f"{middle:.2f} {unit}", baseline=f"{middle:.2f} {unit}")
    if "increased" in term:
        given["uln"] = f"{low + (high - low) / 10:.2f} {unit}"
        given.pop("lln", None)
    return given


def crs_case(draw):
    return {"scale": draw.choice(["astct-2019", "ctcae-v5.0"])} | some(
        draw,
        temperature=f"{draw.uniform(36, 41):.1f} C",
        vasopressors=draw.sample(["norepinephrine", "dopamine", "vasopressin"], 2),
        hypoxia=draw.choice(["none", "facemask", "CPAP", "low-flow nasal cannula"]),
        fever_explained=draw.choice(["yes", "no"]),
        death=draw.choice(["yes", "no"]),
        masked_by=["tocilizumab"],
    )


def icans_case(draw):
    tasks = some(draw, orientation="3", naming="3", command="1", writing="0", counting="1")
    score = {"ice": str(draw.randint(1, 10))}
    return draw.choice([tasks, score]) | some(
        draw,
        consciousness=draw.choice(["awake", "awakens spontaneously", "awakens to voice"]),
        seizure=draw.choice(["none", "resolves rapidly", "prolonged"]),
        motor=draw.choice(["none", "deep focal weakness"]),
        pressure=draw.choice([["none"], ["focal edema"], ["papilledema", "Cushing triad"]]),
    )


def response_case(draw):
    days = sorted({-6, *draw.sample(range(7, 200), 7)})
    lines = [
        f"{day}, {draw.randint(2, 260) if day > 0 else draw.randint(2, 29)} 10^9/L, "
        f"{draw.choice(['no', 'no', 'no', 'yes', 'unknown'])}"
        for day in days
    ]
    keys = ["nct05315778", "nct05315778-literal", "iwg-2009", "chinese-2020", "ash-2019"]
    return {"counts": "\n".join(lines), "criteria": draw.choice(keys)} | some(
        draw, rescue=f"{draw.randint(20, 100)}, platelet transfusion"
    )


def bleeding_case(draw):
    key = draw.choice(list(INSTRUMENTS))
    chosen = INSTRUMENTS[key]
    found = {
        f"{key} {item.key}": draw.choice(item.levels).key
        for item in chosen.items
        if draw.random() < 0.7
    }
    given = {"instrument": key} | found
    if len(chosen.items) > 1:
        given |= some(draw, rest="none")
    if chosen.takes_age:
        given |= some(draw, age=str(draw.randint(18, 90)))
    return given


def escalation_case(draw):
    design = draw.choice(["boin", "keyboard", "mtpi-2", "i3+3"])
    given = {"design": design, "target": draw.choice(["0.2", "0.25", "0.30"])}
    treated = [3, 3, draw.choice([3, 6])]
    state = {
        "treated": ",".join(map(str, treated)),
        "dlt": ",".join(str(draw.randint(0, 2)) for _ in treated),
        "current": str(draw.randint(1, 3)),
    }
    return given | draw.choice([{}, state])


DRAWN = {
    "plan": plan_case,
    "bsa": patient,
    "lab": lab_case,
    "crs": crs_case,
    "icans": icans_case,
    "response": response_case,
    "bleeding": bleeding_case,
    "escalation": escalation_case,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_browser_finds_what_the_library_finds(calculator, tool):
    draw = random.Random(f"calculator {tool}")
    answered = 0
    for _ in range(8):
        given = DRAWN[tool](draw)
        here = run(tool, given)
        compute(calculator, tool, given)
        if "error" in here:
            assert here["error"]["message"] in calculator.inner_text("#itp-calculator"), given
            continue
        answered += 1
        assert calculator.inner_text(".itp-result h3") == here["headline"], given
        assert cells(calculator) == [
            [list(row) for row in panel["rows"]] for panel in here["panels"]
        ], given
        assert copied(calculator)["result"] == json.loads(json.dumps(here["document"])), given
        shown = calculator.inner_text(".itp-result")
        for text in (*here["warnings"], *here["remarks"], *here["reading"]):
            assert text in shown, given
        for source in here["sources"]:
            assert source["reference"] in shown, given
    assert answered >= 4, "most drawn cases should have an answer"


@pytest.mark.parametrize(
    ("tool", "given", "field"),
    [
        ("plan", PLAN | {"height": "162"}, "height"),
        ("plan", PLAN | {"cells_per_kg": "3e7 cells/kg"}, "cells_per_kg"),
        ("plan", PLAN | {"infusion": ""}, "infusion"),
        ("bsa", {"height": "1.62 cm", "weight": "60 kg"}, "height"),
        ("lab", {"value": "18"}, "value"),
        ("crs", {"temperature": "39"}, "temperature"),
        ("icans", {"ice": "11"}, "ice"),
        ("response", {"counts": "1, 45, no"}, "counts"),
        ("bleeding", {"age": "400"}, "age"),
        ("escalation", {"treated": "3", "dlt": "5"}, "dlt"),
    ],
)
def test_bad_input_shows_the_librarys_own_text_at_its_field(calculator, tool, given, field):
    expected = run(tool, given)["error"]
    assert expected["field"] == field
    compute(calculator, tool, given)
    box = calculator.locator(f'[data-field="{field}"]')
    control = box.locator("input, select, textarea").first
    error = box.locator(".itp-error")
    assert error.inner_text() == expected["message"]
    assert control.get_attribute("aria-invalid") == "true"
    assert error.get_attribute("id") in control.get_attribute("aria-describedby").split()
    assert control.evaluate("element => element === document.activeElement")
    assert calculator.locator(".itp-result h3").count() == 0


# --- languages ----------------------------------------------------------------------------------


def test_the_page_speaks_chinese_and_keeps_what_was_entered(calculator):
    choose(calculator, "plan")
    enter(calculator, "plan", PLAN)
    calculator.click(".itp-languages [lang=zh-Hans]")
    try:
        words = page()["zh-Hans"]
        assert calculator.input_value("#itp-height") == PLAN["height"]
        labels = calculator.eval_on_selector_all(
            ".itp-field > label, .itp-field > legend",
            "all => all.map(l => l.firstChild.textContent)",
        )
        assert labels == [field["label"] for field in words["tools"][0]["fields"]]
        calculator.click(".itp-compute")
        calculator.wait_for_selector(".itp-result h3")
        here = run("plan", PLAN, lang="zh-Hans")
        assert calculator.inner_text(".itp-result h3") == here["headline"]
        assert copied(calculator)["result"] == run("plan", PLAN)["document"]
        calculator.fill("#itp-height", "162")
        calculator.click(".itp-compute")
        calculator.wait_for_selector(".itp-error:not([hidden])")
        refused = run("plan", PLAN | {"height": "162"}, lang="zh-Hans")["error"]
        shown = calculator.inner_text(".itp-error:not([hidden])")
        assert refused["message"] in shown
        assert refused["original"] in shown
        assert "lang=zh-Hans" in calculator.url
    finally:
        calculator.click(".itp-languages [lang=en]")


# --- for everybody ------------------------------------------------------------------------------

ASKED = {
    "plan": PLAN,
    "bsa": {"height": "162 cm", "weight": "60 kg"},
    "lab": {"value": "18 10^9/L"},
    "crs": {"temperature": "39 C", "hypoxia": "facemask"},
    "icans": {"ice": "7"},
    "response": {"counts": "-3, 8 10^9/L, yes\n14, 45 10^9/L, no\n30, 120 10^9/L, no"},
    "bleeding": {"age": "66", "chinese-adult viscera": "with anemia", "rest": "none"},
    "escalation": {},
}


@pytest.mark.skipif(not AXE, reason="axe-core is absent: ITP_AXE names its axe.min.js")
@pytest.mark.parametrize("tool", TOOLS)
def test_an_accessibility_audit_finds_nothing_serious(calculator, tool):
    found = []
    if not calculator.evaluate("typeof axe === 'object'"):
        calculator.evaluate(Path(AXE).read_text(encoding="utf-8"))
    for theme in ("light", "dark"):
        calculator.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        compute(calculator, tool, ASKED[tool])
        calculator.wait_for_timeout(400)  # colors of the theme fade over
        report = calculator.evaluate(
            # the theme's search button is named "Search" and shows its keys: not of this page
            "axe.run({exclude: [['.search-button-field']]})"
        )
        found += [
            (theme, one["id"], one["impact"], node["target"], node.get("failureSummary"))
            for one in report["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
    calculator.evaluate("document.documentElement.dataset.theme = 'light'")
    assert found == []


def test_a_plan_is_computed_by_keyboard_alone(calculator):
    third = PLAN | {"infusion": "2026-03-03"}  # day and month alike, whatever the locale
    choose(calculator, "plan")
    calculator.evaluate("document.querySelector('.itp-menu a').focus()")
    typed = {"itp-height": "162 cm", "itp-weight": "60 kg", "itp-cells_per_kg": "1.5e7 cells/kg"}
    for _ in range(60):
        calculator.keyboard.press("Tab")
        at = calculator.evaluate("document.activeElement.id")
        if at in typed:
            calculator.keyboard.type(typed.pop(at))
        if at == "itp-infusion":
            calculator.keyboard.type("03032026")
        if not typed:
            break
    assert typed == {}
    calculator.keyboard.press("Enter")
    calculator.wait_for_selector(".itp-result h3")
    assert (
        calculator.evaluate("document.activeElement.textContent") == run("plan", third)["headline"]
    )
    for _ in range(60):
        calculator.keyboard.press("Tab")
        if calculator.evaluate("document.activeElement.className") == "itp-copy":
            break
    calculator.keyboard.press("Enter")
    calculator.wait_for_function("document.querySelector('.itp-buttons [role=status]').textContent")
    assert json.loads(calculator.evaluate("navigator.clipboard.readText()"))["given"] == (
        third | {"bsa_formula": "mosteller", "bags": "1"}
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_off(calculator, width, tmp_path):
    """Pictures go to the folder that ITP_PICTURES names, to be looked at."""
    folder = Path(os.environ.get("ITP_PICTURES", tmp_path))
    calculator.set_viewport_size({"width": width, "height": 800})
    try:
        for tool in TOOLS:
            compute(calculator, tool, ASKED[tool])
            calculator.screenshot(path=folder / f"{tool}-{width}.png", full_page=True)
            wide = calculator.evaluate(
                "[...document.querySelectorAll('.itp-calculator, .itp-calculator *')]"
                ".filter(e => e.getBoundingClientRect().right > innerWidth + 1"
                " && !e.closest('thead, .itp-json')).map(e => e.className + e.tagName)"
            )
            assert wide == [], tool
            assert calculator.evaluate("document.documentElement.scrollWidth") <= width, tool
    finally:
        calculator.set_viewport_size({"width": 1280, "height": 900})


def test_on_paper_there_is_the_answer_and_no_menu(calculator):
    compute(calculator, "bsa", ASKED["bsa"])
    calculator.emulate_media(media="print")
    assert calculator.is_visible(".itp-result h3")
    assert not calculator.is_visible(".itp-menu")
    assert not calculator.is_visible(".itp-copy")
    calculator.emulate_media(media="screen")


# --- loading ------------------------------------------------------------------------------------


def test_python_is_loaded_on_this_page_only(browser, base):
    with opened(browser, base, "index.html") as shown:
        shown.wait_for_load_state("networkidle")
        assert not [url for url in shown.asked if "calculator/" in url or "calculator.js" in url]


def test_loading_shows_the_bytes_that_have_come(browser, base):
    held = []
    context = browser.new_context()

    def hold(route):
        held.append(route)

    context.route("**/attrs-*.whl", hold)
    shown = context.new_page()
    shown.goto(base + "calculator.html", wait_until="commit")
    shown.wait_for_function("document.querySelector('.itp-load progress')?.value > 0.1",
                            timeout=PATIENCE)  # fmt: skip
    assert 0.1 < shown.evaluate("document.querySelector('.itp-load progress').value") < 1
    assert shown.inner_text(".itp-bytes").endswith(" MB")
    held[0].continue_()
    shown.wait_for_selector(READY, timeout=PATIENCE)
    assert not shown.is_visible(".itp-load progress")
    context.close()


def test_without_webassembly_the_page_says_so(browser, base):
    context = browser.new_context()
    context.add_init_script("delete globalThis.WebAssembly")
    shown = context.new_page()
    shown.goto(base + "calculator.html")
    shown.wait_for_selector("#itp-calculator[data-state=unable]")
    assert shown.inner_text(".itp-status") == page()["en"]["words"]["unable"]
    context.close()


def test_a_file_that_is_missing_is_told(browser, base):
    context = browser.new_context()
    context.route("**/attrs-*.whl", lambda route: route.fulfill(status=404))
    shown = context.new_page()
    shown.goto(base + "calculator.html")
    shown.wait_for_selector("#itp-calculator[data-state=failed]", timeout=PATIENCE)
    assert "404" in shown.inner_text(".itp-status")
    context.close()


def test_the_wheel_of_the_site_holds_this_very_library():
    (wheel,) = (SITE / "calculator" / "wheels").glob("itp_cart-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("itp_carT/")}
        ours = {
            path.relative_to(ROOT / "src").as_posix(): path
            for path in (ROOT / "src" / "itp_carT").rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
        assert held == set(ours)
        assert [name for name in held if archive.read(name) != ours[name].read_bytes()] == []
