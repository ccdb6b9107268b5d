"""How long a set of forms takes as a PDF, against Chromium and against plain tables.

``.venv/bin/python benchmarks/forms_pdf.py`` (a minute; ``--repeats`` makes it shorter). The set is ปผ.1–3 with ten
indicators and two KPI templates, signed by everybody. Everything is warm: fonts and styles are read, Chromium has its
page open. Runs take turns and the fastest of each counts, so that other work on the machine weighs on both alike.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.utils import translation  # noqa: E402 -- the modules need the settings above
from playwright.sync_api import sync_playwright  # noqa: E402
from weasyprint import HTML  # noqa: E402

from benchmarks.figures import say  # noqa: E402
from reports import documents, pdf  # noqa: E402
from reports.rows.form_set import form_set  # noqa: E402
from tests.browser.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.reports import contents, papers  # noqa: E402

TEMPLATES = ("2", "10")


def one_set():
    """Return the HTML of the set as it is printed."""
    source = contents.source(contents.finished(), contents.all_signatures())
    whole = form_set(source, verify_url=contents.verify_url)
    sheets = tuple(sheet for sheet in whole.kpi_sheets if sheet.code in TEMPLATES)
    return documents.document([replace(whole, kpi_sheets=sheets)], forms=list(documents.FORMS), digits="arabic")


def plain_tables(pages, elements):
    """Return a document of so many pages of one plain table each, and about as many elements in all."""
    across = 6
    rows = max(1, round(elements / pages / (across + 1)))
    table = "<table>" + ("<tr>" + "<td>ข้อความ 12.34</td>" * across + "</tr>") * rows + "</table>"
    style = "table { width: 100%; break-after: page; font-size: 8pt } td { border: 1px solid }"
    return f'<!doctype html><html lang="th"><style>{style}</style>{table * pages}</html>'


def elements_of(html):
    """Return how many elements a document has."""
    return html.count("<") - html.count("</") - 1


def main():
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--repeats", type=int, default=15)
    repeats = asked.parse_args().repeats
    with translation.override("th"), sync_playwright() as playwright:
        html = one_set()
        pages = int(papers.facts_of(pdf.render(html))["Pages"])
        plain = plain_tables(pages, elements_of(html))
        sheet = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        styles = "".join(f"<style>{path.read_text()}</style>" for path in pdf.STYLES)
        sheet.goto(pdf.STYLES[0].as_uri())
        styled = html.replace("</head>", f"{styles}</head>").replace("../fonts/", f"{pdf.FONTS[0].parent.as_uri()}/")

        def chromium():
            sheet.set_content(styled)
            return sheet.pdf(prefer_css_page_size=True, print_background=True)

        ways = {"ours": lambda: pdf.render(html), "plain": lambda: HTML(string=plain).write_pdf(), "chromium": chromium}
        taken = {name: [] for name in ways}
        for _ in range(repeats + 1):
            for name, way in ways.items():
                begun = time.perf_counter()
                way()
                taken[name].append(time.perf_counter() - begun)
        # The first of each warms up.
        ours, tables, browser = (min(one[1:]) for one in taken.values())
        more = {"pages": pages, "elements": elements_of(html)}
        say("set of forms ÷ Chromium printing the same HTML", ours / browser, 1, **more, seconds=round(ours, 3))
        say("set of forms ÷ as many pages of plain tables, plain WeasyPrint", ours / tables, None)
        say("pages that Chromium makes of it", int(papers.facts_of(chromium())["Pages"]), None)


if __name__ == "__main__":
    main()
