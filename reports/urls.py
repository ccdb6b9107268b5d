"""Addresses of the documents."""

from django.urls import path

from reports import (
    announcement_views,
    dashboard_views,
    form_2_views,
    framework_views,
    memo_views,
    print_views,
    report_form_views,
    round_views,
    submission_views,
    views,
)

app_name = "reports"
urlpatterns = [
    path("rounds/<int:pk>/board.xlsx", round_views.board_list, name="board-workbook"),
    path("rounds/<int:pk>/summary.xlsx", round_views.summary, name="summary-workbook"),
    path("rounds/<int:pk>/detail.xlsx", round_views.detail, name="detail-workbook"),
    path("rounds/<int:pk>/announcement.pdf", announcement_views.announcement_pdf, name="announcement-pdf"),
    path("rounds/<int:pk>/print/", print_views.print_forms, name="print-forms"),
    path("rounds/<int:pk>/blank.pdf", print_views.blank_pdf, name="blank-forms"),
    path("people/slips.pdf", views.slips_pdf, name="slips"),
    path("agreements/<int:pk>/forms/", views.preview, name="preview"),
    path("agreements/<int:pk>/forms.pdf", views.forms_pdf, name="forms-pdf"),
    path("agreements/<int:pk>/form-2.xlsx", form_2_views.form_2_xlsx, name="form-2-workbook"),
    path("frameworks/<int:pk>/print/", framework_views.preview, {"paper": "framework"}, name="framework"),
    path("frameworks/<int:pk>/print.pdf", framework_views.paper_pdf, {"paper": "framework"}, name="framework-pdf"),
    path(
        "frameworks/<int:pk>/print/units/",
        framework_views.preview,
        {"paper": "responsibilities"},
        name="responsibilities",
    ),
    path(
        "frameworks/<int:pk>/print/units.pdf",
        framework_views.paper_pdf,
        {"paper": "responsibilities"},
        name="responsibilities-pdf",
    ),
    path("frameworks/<int:pk>/print/followed/", framework_views.preview, {"paper": "followed"}, name="followed"),
    path(
        "frameworks/<int:pk>/print/followed.pdf",
        framework_views.paper_pdf,
        {"paper": "followed"},
        name="followed-pdf",
    ),
    path("frameworks/indicators/<int:pk>/sheet/", framework_views.sheet_beside, name="sheet-beside"),
    path(
        "frameworks/<int:pk>/indicators/<str:code>/print/",
        framework_views.preview,
        {"paper": "indicator"},
        name="indicator-sheet",
    ),
    path(
        "frameworks/<int:pk>/indicators/<str:code>/print.pdf",
        framework_views.paper_pdf,
        {"paper": "indicator"},
        name="indicator-sheet-pdf",
    ),
    path("dashboards/print.pdf", dashboard_views.dashboard_as_pdf, name="dashboard-pdf"),
    path("dashboards/dashboard.xlsx", dashboard_views.dashboard_as_workbook, name="dashboard-workbook"),
    path("monitoring/<int:pk>/memo.pdf", memo_views.memo_as_pdf, name="memo-pdf"),
    path("monitoring/<int:pk>/memo.xlsx", memo_views.memo_as_workbook, name="memo-workbook"),
    path("report-forms/blank/", report_form_views.form_list, name="blank-report-forms"),
    path("report-forms/<int:pk>/blank/", report_form_views.preview, name="blank-report-form"),
    path("report-forms/<int:pk>/blank.pdf", report_form_views.form_pdf, name="blank-report-form-pdf"),
    path("submissions/<int:pk>/report.pdf", submission_views.report_pdf, name="submission-pdf"),
]
