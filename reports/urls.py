"""Addresses of the documents."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("people/slips.pdf", views.slips_pdf, name="slips"),
    path("agreements/<int:pk>/forms/", views.preview, name="preview"),
    path("agreements/<int:pk>/forms.pdf", views.forms_pdf, name="forms-pdf"),
]
