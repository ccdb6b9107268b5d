"""The notices of the reader, and whether they are mailed."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import clock
from agreements.forms.deadlines import MailForm
from agreements.models import Agreement, Notice
from agreements.services import notice_words, notices as services
from agreements.views.requests import UserRequest, posted

ROWS_A_PAGE = 30


@require_GET
def notices(request: UserRequest) -> HttpResponse:
    """List what the portal has told the reader, the newest first."""
    told = Notice.objects.visible_to(request.user).select_related(
        "agreement__person", "agreement__organisation", "round"
    )
    only_unread = "unread" in request.GET
    if only_unread:
        told = told.unread()
    page = Paginator(told.order_by("-created_at", "-pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    today = clock.today()
    keys = [notice.agreement_id for notice in page.object_list if notice.agreement_id is not None]
    # Whoever was replaced since keeps the sentence, and is no longer told whose agreement it was.
    seen = set(Agreement.objects.visible_to(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    rows = [
        {
            "notice": notice,
            "says": notice_words.sentence(notice, today),
            "how_long": notice_words.how_long(notice, today),
            "about": notice.agreement if notice.agreement_id in seen else None,
        }
        for notice in page.object_list
    ]
    return render(request, "agreements/notices.html", {"page": page, "rows": rows, "only_unread": only_unread})


@require_GET
def open_notice(request: UserRequest, pk: int) -> HttpResponse:
    """Go on to the task that a notice is about; it counts as read then."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    services.read_one(notice, at=clock.now())
    if not url_has_allowed_host_and_scheme(notice.link, allowed_hosts=None):
        return redirect("agreements:notices")
    return redirect(notice.link)


@require_POST
def read_notice(request: UserRequest, pk: int) -> HttpResponse:
    """Keep that a notice was read."""
    services.read_one(get_object_or_404(Notice.objects.visible_to(request.user), pk=pk), at=clock.now())
    return redirect("agreements:notices")


@require_POST
def read_all(request: UserRequest) -> HttpResponse:
    """Keep that the reader has read everything."""
    services.read_all(request.user, at=clock.now())
    messages.success(request, _("All notices are marked as read."))
    return redirect("agreements:notices")


@require_http_methods(["GET", "POST"])
def mail_settings(request: UserRequest) -> HttpResponse:
    """Show and keep whether the reader wants the daily e-mail."""
    form = MailForm(posted(request), initial={"wants_mail": request.user.wants_mail})
    if request.method == "POST" and form.is_valid():
        services.set_mail(request.user, wanted=form.cleaned_data["wants_mail"])
        messages.success(request, _("Your choice is saved."))
        return redirect("agreements:mail-settings")
    return render(request, "agreements/mail_settings.html", {"form": form})
