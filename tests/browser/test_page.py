"""The page in a real browser, from disk, with the network off."""

import csv
import os
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SECTIONS = (
    "answer",
    "wrong",
    "winners",
    "growth",
    "costs",
    "accuracy",
    "memory",
    "devices",
    "heat",
    "capabilities",
    "disagreements",
    "table",
    "environment",
    "meaning",
)


def scroll_through(page):
    """Show every part once, so that what waits for the eye is drawn."""
    y = 0
    while y < page.evaluate("document.documentElement.scrollHeight"):
        page.evaluate(f"scrollTo(0, {y})")
        page.wait_for_timeout(150)
        y += 600
    page.wait_for_function("[...document.querySelectorAll('.chart')].every((place) => place.dataset.chart)")
    page.wait_for_selector("#cells-table tbody tr")
    page.evaluate("scrollTo(0, 0)")


def rows(page):
    return page.locator("#cells-table tbody tr").all_inner_texts()


def to_table(page):
    page.locator("#table-place").scroll_into_view_if_needed()
    page.wait_for_selector("#cells-table tbody tr")


def test_everything_is_drawn_from_disk_without_an_error(visit, rich_run):
    page = visit(rich_run.report())
    scroll_through(page)
    assert page.locator("h2[id]").evaluate_all("all => all.map((one) => one.id)")[: len(SECTIONS)] == list(SECTIONS)
    assert page.locator(".chart svg").count() == page.locator(".chart").count() == 6
    assert page.locator("#trouble").is_hidden()
    assert "NaN" not in "".join(page.locator(".chart svg").evaluate_all("all => all.map((one) => one.outerHTML)"))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_as_wide_as_the_window(visit, rich_run, width):
    page = visit(rich_run.report(), width=width)
    scroll_through(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_framework_is_toggled_in_the_legend_of_all_charts(visit, rich_run):
    page = visit(rich_run.report())
    marks = page.locator("figure[data-group=answer] .chart")
    before = int(marks.get_attribute("data-marks"))
    page.get_by_role("button", name="torch").click()
    page.wait_for_function(f"document.querySelector('figure[data-group=answer] .chart').dataset.marks < {before}")
    assert page.get_by_role("button", name="torch").get_attribute("aria-pressed") == "false"
    assert "off=torch" in page.url
    scroll_through(page)
    assert page.locator(".heat tbody tr").count() == 4


def test_the_table_sorts_and_filters_and_the_address_remembers(visit, rich_run):
    path = rich_run.report()
    page = visit(path)
    to_table(page)
    page.locator("#cells-table thead th", has_text="time (s)").click()
    page.wait_for_function("location.hash.includes('sort=min_s')")
    page.locator("[data-filter=operator]").fill("hvp")
    page.locator("[data-filter=min_s]").fill("<1e-4")
    page.wait_for_function("location.hash.includes('f.min_s') && location.hash.includes('f.operator')")
    page.wait_for_function(
        "[...document.querySelectorAll('#cells-table tbody tr')].every(r => r.textContent.includes('hvp'))"
    )
    shown = rows(page)
    times = [float(text.split("\t")[5]) for text in shown]
    assert times == sorted(times)
    assert 0 < max(times) < 1e-4
    again = visit(path, page.evaluate("location.hash"))
    again.wait_for_selector("#cells-table tbody tr")
    assert rows(again) == shown


def test_a_link_to_an_outcome_shows_its_cells(visit, rich_run):
    page = visit(rich_run.report())
    page.locator("#wrong ~ .wide a.pill", has_text="timeout").click()
    page.wait_for_selector("#cells-table tbody tr")
    page.wait_for_function("document.querySelectorAll('#cells-table tbody tr').length === 1")
    assert "because timeout" in rows(page)[0]


def test_a_failed_cell_says_why_and_shows_its_log(visit, rich_run):
    page = visit(rich_run.report())
    page.locator("#heatmap").scroll_into_view_if_needed()
    page.locator(".heat button", has_text="crashed").click()
    dialog = page.locator("dialog#cell")
    assert "because crashed" in dialog.inner_text()
    assert "log of crashed\nline 2" in dialog.locator("pre").inner_text()
    address = page.evaluate("location.hash")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert "cell=" not in page.url
    again = visit(rich_run.directory / "report.html", address)
    assert "because crashed" in again.locator("dialog#cell").inner_text()


def test_a_link_opens_a_section_with_its_view(visit, rich_run):
    page = visit(rich_run.report(), "#growth?op=hvp&v.growth=ratio_to_best&problem=quadratic+cpu")
    page.wait_for_selector("figure[data-group=growth] svg")
    assert page.locator("select[name=op]").input_value() == "hvp"
    assert page.locator("figure[data-group=growth] .chart").get_attribute("data-chart") == "ratio_to_best"
    assert abs(page.locator("#growth").bounding_box()["y"]) < 450
    page.locator("figure[data-group=growth] label", has_text="ratio to gradient").click()
    page.wait_for_function("location.hash.includes('v.growth=ratio_to_gradient')")
    assert page.locator("figure[data-group=growth] svg").count() == 1


def test_hostile_text_is_text_everywhere(visit, rich_run):
    page = visit(rich_run.report(), "#table?f.status=error")
    page.wait_for_selector("#cells-table tbody tr")
    assert "<img src=x" in rows(page)[0]
    page.locator("#cells-table [data-cell]").first.click()
    assert "onerror=alert(2)" in page.locator("dialog#cell").inner_text()
    assert page.locator("img").count() == 0


def test_the_downloads_are_all_records(visit, rich_run, tmp_path):
    page = visit(rich_run.report())
    to_table(page)
    with page.expect_download() as waiting:
        page.locator("[data-download=csv]").click()
    waiting.value.save_as(tmp_path / "all.csv")
    with open(tmp_path / "all.csv", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert len(found) == len(rich_run.frame)
    assert [row["status"] for row in found] == list(rich_run.frame["status"])
    assert [row["min_s"] and float(row["min_s"]) for row in found[:5]] == pytest.approx(
        list(rich_run.frame["min_s"][:5]), rel=1e-4
    )


def test_the_keyboard_reaches_what_the_mouse_does(visit, rich_run):
    page = visit(rich_run.report())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    nameless = page.evaluate("""[...document.querySelectorAll('button, select, input, a[href]')].filter((one) =>
        one.offsetParent && !(one.getAttribute('aria-label') || one.textContent.trim() ||
                              one.closest('label')?.textContent.trim())).length""")
    assert nameless == 0
    levels = page.locator("h1, h2, h3").evaluate_all("all => all.map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert page.locator("[role=img]").evaluate_all("all => all.every((one) => one.getAttribute('aria-label'))")


def test_without_script_every_cell_is_there(chromium, rich_run):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(rich_run.report().resolve().as_uri())
    assert page.locator("noscript table tbody tr, #table-place ~ div table tbody tr").count() == len(rich_run.summary)
    context.close()


@pytest.mark.parametrize("statuses", [("error",), ("ok",), ()])
def test_poor_runs_have_a_page_without_an_error(visit, make_run, record, statuses):
    planned = [record("torch", "never")]
    page = visit(make_run([record(status=status) for status in statuses], planned=planned).report())
    to_table(page)
    assert len(rows(page)) == len(statuses) + 1


def test_thousands_of_cells_are_small_and_quick(visit, make_run, record):
    problems, methods = 42, 40
    cells = [
        record(
            f"{['jax', 'torch', 'numpy'][m % 3]}",
            f"method-{m}",
            problem=f"problem_{p}",
            n=n,
            round=r,
            min_s=1e-6 * n * (m + 1) * r,
            reason="",
            rel_error=1e-15 * (p + m),
        )
        for p in range(problems)
        for m in range(methods)
        for n in (10, 100, 1000)
        for r in (1, 2, 3)
    ]
    run = make_run(cells, rounds=3)
    start = time.perf_counter()
    path = run.report()
    made = time.perf_counter() - start
    start = time.perf_counter()
    page = visit(path)
    ready = time.perf_counter() - start
    print(f"{len(run.summary)} cells: {path.stat().st_size / 1e6:.2f} MB, made in {made:.1f} s, ready in {ready:.1f} s")
    assert path.stat().st_size < 4e6
    assert page.locator("figure[data-group=answer] svg").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_screenshots(visit, rich_run, tmp_path, width, scheme):
    page = visit(rich_run.report(), width=width, scheme=scheme)
    scroll_through(page)
    folder = Path(os.environ.get("HESSBENCH_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"report-{scheme}-{width}.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 50_000
