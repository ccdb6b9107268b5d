"""Saying in public whether a form's content was signed: by the code on it, or by the form itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agreements.services import verification
from agreements.views import throttle

# A code has 48 bits: with a hundred thousand signatures kept, one guess in three thousand million finds one. So only
# guesses that find nothing are counted, and few people ever notice.
MOST_MISSES = 60
MOST_FILES = 30


@login_not_required
@require_GET
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """Say whether the content with this code was signed, when and by which positions; never a name or a score."""
    typed = code or request.GET.get("code", "")
    plain = verification.plain_code(typed)
    if not verification.is_code(plain):
        return _page(request, typed=typed)
    if throttle.is_exhausted(request, "codes", most=MOST_MISSES):
        return _too_many(request, typed=typed)
    answer = verification.verify_code(plain)
    if not answer.signatures:
        throttle.count(request, "codes")
    return _page(request, typed=typed, answers=[answer])


@login_not_required
@require_GET
def verify_typed(request: HttpRequest) -> HttpResponse:
    """Ask for a code or a file, or go on to the code that was typed."""
    plain = verification.plain_code(request.GET.get("code", ""))
    if verification.is_code(plain):
        return redirect("agreements:verify", code=plain)
    return verify(request)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def verify_file(request: HttpRequest) -> HttpResponse:
    """Read the codes off a PDF, a scan or a photograph, which is not kept, and say the same of each."""
    upload = request.FILES.get("file")
    if request.method == "GET":
        return redirect("agreements:verify-typed")
    if upload is None:
        return _page(request, refusal=_("Choose a file first."))
    if throttle.is_exhausted(request, "files", most=MOST_FILES):
        return _too_many(request)
    throttle.count(request, "files")
    try:
        found = verification.verify_file(upload)
    except verification.FileRefused as refusal:
        return _page(request, refusal=str(refusal))
    return _page(request, answers=list(found.answers), file=found)


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "agreements/verify.html", context, status=status)


def _too_many(request: HttpRequest, **context: Any) -> HttpResponse:
    refusal = _("Too many tries came from your network. Wait ten minutes and try again.")
    return _page(request, status=429, refusal=refusal, **context)
