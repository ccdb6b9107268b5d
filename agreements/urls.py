"""Addresses of the agreements."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from agreements import actions
from agreements.views import (
    agreements,
    evidence,
    framework_files,
    frameworks,
    items,
    results,
    rounds,
    signing,
    what_if,
    work,
)


class ReturnConverter(StringConverter):
    """The acts that send an agreement back."""

    regex = "|".join(action.code for action in agreements.RETURNS)


class ActConverter(StringConverter):
    """The acts that need neither a signature nor a reason."""

    regex = "|".join(action.code for action in agreements.ACTS)


class SignatureConverter(StringConverter):
    """The acts that are signatures."""

    regex = "|".join(action.code for action in actions.SIGNATURES)


register_converter(ReturnConverter, "return")
register_converter(ActConverter, "act")
register_converter(SignatureConverter, "signature")

app_name = "agreements"
urlpatterns = [
    path("", work.work, name="work"),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/<int:pk>/", rounds.round_board, name="round"),
    path("rounds/<int:pk>/start/", work.start, name="start"),
    path("agreements/", work.agreement_list, name="agreements"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/versions/<int:number>/", agreements.earlier_version, name="earlier-version"),
    path("agreements/<int:pk>/items/", items.items, name="items"),
    path("agreements/<int:pk>/items/choose/", items.choose, name="choose"),
    path("agreements/<int:pk>/items/own/", items.own_indicator, name="own-indicator"),
    path("agreements/<int:pk>/items/<uuid:lineage>/", items.own_indicator, name="rewrite-indicator"),
    path("agreements/<int:pk>/items/<uuid:lineage>/remove/", items.remove_item, name="remove-item"),
    path("agreements/<int:pk>/competencies/", items.competencies, name="competencies"),
    path("agreements/<int:pk>/results/", results.results, name="results"),
    path("agreements/<int:pk>/results/<uuid:lineage>/", results.result, name="result"),
    path("agreements/<int:pk>/results/<uuid:lineage>/evidence/", evidence.attach, name="attach"),
    path("agreements/<int:pk>/results/<uuid:lineage>/evidence/remove/", evidence.detach, name="detach"),
    path("agreements/<int:pk>/report/", results.report, name="report"),
    path("agreements/<int:pk>/what-if/", what_if.what_if, name="what-if-first"),
    path("agreements/<int:pk>/what-if/<uuid:lineage>/", what_if.what_if, name="what-if"),
    path("agreements/<int:pk>/assessment/", results.assessment, name="assessment"),
    path("agreements/<int:pk>/assessment/competencies/", results.observed, name="observed"),
    path("agreements/<int:pk>/assessment/plan/", results.plan, name="plan"),
    path("agreements/<int:pk>/assessment/<uuid:lineage>/", results.assess_item, name="assess-item"),
    path("agreements/<int:pk>/sign/<signature:code>/", signing.check, name="check"),
    path("agreements/<int:pk>/return/<return:code>/", agreements.send_back, name="return"),
    path("agreements/<int:pk>/act/<act:code>/", agreements.act, name="act"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/upload/", framework_files.upload, name="framework-upload"),
    path("frameworks/upload/<str:digest>/", framework_files.preview, name="framework-preview"),
    path("frameworks/upload/<str:digest>/marked/", framework_files.marked, name="framework-marked"),
    path("frameworks/<int:pk>/", frameworks.framework, name="framework"),
    path("frameworks/<int:pk>/workbook/", framework_files.workbook, name="framework-workbook"),
    path("frameworks/<int:pk>/indicators/<str:code>/", frameworks.indicator, name="indicator"),
    path("verify/", signing.verify_typed, name="verify-typed"),
    path("verify/<str:code>/", signing.verify, name="verify"),
    path("demo/clock/", rounds.move_demo_clock, name="demo-move-clock"),
]
