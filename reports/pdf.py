"""HTML of the forms to PDF: bundled fonts and styles only, Thai text that can be searched.

Nothing here knows what a form says; `render` takes a whole HTML document.
"""

import gc
import os
import re
import sys
from collections.abc import ItemsView, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.draw import text as drawing
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = Path(settings.BASE_DIR) / "static"
STYLES = (STATIC / "css" / "forms.css", STATIC / "css" / "forms-paper.css")
FONTS = (STATIC / "fonts" / "Sarabun-Regular.ttf", STATIC / "fonts" / "Sarabun-Bold.ttf")
IMAGES = (STATIC / "css" / "dots.svg",)
BUNDLED = {path.as_uri(): path for path in (*STYLES, *FONTS, *IMAGES)}

# Made at installation of libthai's own dictionary and reports/office-terms.txt. libthai reads it with its first line.
DICTIONARY = Path(sys.prefix) / "thai" / "thbrk.tri"
if DICTIONARY.exists():
    os.environ.setdefault("LIBTHAI_DICTDIR", str(DICTIONARY.parent))

SARA_AM = "\u0e33"
MARKS = re.compile("[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]")


class NotBundled(ValueError):
    """A document asked for something that is not one of the portal's own fonts, styles and images."""


class BundledFetcher(URLFetcher):
    """Fetch the portal's own fonts, styles and images by their exact address, and nothing else."""

    def __init__(self) -> None:
        # Without this WeasyPrint would print a warning and go on without the missing thing.
        super().__init__(fail_on_errors=True)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the bundled file at `url`.

        :raises NotBundled: if `url` is anything else.
        """
        if url not in BUNDLED:
            raise NotBundled(url)
        return URLFetcherResponse(url, BUNDLED[url].read_bytes())


#: For the archive: fonts embedded, every glyph with its meaning, colours defined.
PDF_A = "pdf/a-3u"


def render(html: str, *, variant: str | None = None) -> bytes:
    """Return the PDF of the document `html`, of a `variant` such as PDF_A where one is named.

    :raises weasyprint.urls.FatalURLFetchingError: if it refers to anything that is not bundled.
    """
    # Pango's font map is shared by all documents of the process.
    with _one_at_a_time, _no_garbage_collection():
        fonts, styles = _bundle()
        document = HTML(string=html, url_fetcher=BundledFetcher(), base_url="about:blank")
        pdf: bytes = document.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant=variant)
    return pdf


_one_at_a_time = Lock()


@cache
def _bundle() -> tuple[Any, list[Any]]:
    """Return the fonts and parsed styles that all documents share."""
    fonts = FontConfiguration()
    return fonts, [CSS(filename=path, font_config=fonts, url_fetcher=BundledFetcher()) for path in STYLES]


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Spare the collector a layout's many boxes, which all live until the end: a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# --- Text that can be searched ---------------------------------------------------------------------------------------
# Readers put text together from glyphs and their places, and lose Thai marks on the way: ผู้รับ is found as ผูร้ บ ั. A
# line with marks therefore says its text itself (ActualText).
# HarfBuzz draws ำ as two glyphs in one cluster with its consonant, and WeasyPrint learns what a glyph means from
# clusters: จำนวน would be found as จานวน, or every า as ำ. What a line with ำ teaches holds only until another line
# teaches better.
class GlyphTexts(dict[int, str]):
    """What each glyph of a font means; `doubtful` ones are kept, but not taken for known."""

    def __init__(self, learned: dict[int, str]) -> None:
        super().__init__(learned)
        self.doubtful: set[int] = set()

    def __contains__(self, glyph: object) -> bool:
        """Return whether the meaning of `glyph` is certain."""
        return super().__contains__(glyph) and glyph not in self.doubtful

    def __setitem__(self, glyph: int, text: str) -> None:
        """Learn what `glyph` means."""
        self.doubtful.discard(glyph)
        super().__setitem__(glyph, text)


_draw_first_line = drawing.draw_first_line


def _draw_searchable_line(stream: Any, textbox: Any, *args: Any) -> Any:
    if not MARKS.search(textbox.text):
        return _draw_first_line(stream, textbox, *args)
    certain = {key: _texts_of(font).keys() - _texts_of(font).doubtful for key, font in _fonts_of(stream)}
    spoken = textbox.text.encode("utf-16-be").hex()
    stream.begin_marked_content("Span", f"<</ActualText <feff{spoken}>>>")
    emojis = _draw_first_line(stream, textbox, *args)
    stream.end_marked_content()
    if SARA_AM in textbox.text:
        for key, font in _fonts_of(stream):
            texts = _texts_of(font)
            texts.doubtful |= texts.keys() - certain.get(key, set())
    return emojis


def _fonts_of(stream: Any) -> ItemsView[Any, Any]:
    """Return the fonts that the document has used so far."""
    return stream._fonts.items()  # noqa: SLF001 -- WeasyPrint has no public way to them


def _texts_of(font: Any) -> GlyphTexts:
    if not isinstance(font.to_unicode, GlyphTexts):
        font.to_unicode = GlyphTexts(font.to_unicode)
    return font.to_unicode


drawing.draw_first_line = _draw_searchable_line
