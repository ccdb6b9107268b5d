"""Scores a results file by the published rules, each score with how it came about."""

import json
import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeAlias

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.exchange.documents import MAX_BYTES, Document, DocumentRefused, read_documents
from agreements.exchange.scores import scores_document, scores_text
from agreements.explain import explain_fault
from agreements.services import frameworks
from scoring import AgreementScore, FrameworkRules, Refused, framework_named, read_results_document

Scored: TypeAlias = tuple[FrameworkRules, AgreementScore]


class FileRefused(Exception):
    """The file cannot be scored; `lines` says why, a fault a line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Command(BaseCommand):
    """Score the documents of a file: all of them or, where one is refused, none."""

    help = "Score a results file: each document's scores with how they came about (docs/scoring.md)."
    # What is scored is in the file; nothing of the portal but an imported framework is asked.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="results: .yaml, .yml or .json")
        parser.add_argument("--format", choices=("json", "text"), default="json", help="json unless told otherwise")
        parser.add_argument("--language", choices=("th", "en"), default="th", help="of the sentences; Thai by default")

    def handle(self, *args: Any, **options: Any) -> None:
        _speak_utf8()
        with translation.override(options["language"]):
            try:
                scored = _score_all(options["file"])
            except FileRefused as refusal:
                self.stderr.write("\n".join(refusal.lines))
                sys.exit(1)
            self.stdout.write(_as_json(scored) if options["format"] == "json" else _as_text(scored))


def _speak_utf8() -> None:
    # Sentences have × and ÷, which the encodings of old Thai terminals lack.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def _score_all(name: str) -> list[Scored]:
    documents = _documents(name)
    scored: list[Scored] = []
    lines: list[str] = []
    for number, document in enumerate(documents, start=1):
        try:
            scored.append(_score(document))
        except FileRefused as refusal:
            where = _("document %(number)s") % {"number": number}
            lines += [f"{name}: {where}: {line}" if len(documents) > 1 else f"{name}: {line}" for line in refusal.lines]
    if lines:
        raise FileRefused(lines)
    return scored


def _documents(name: str) -> list[Document]:
    try:
        with Path(name).open("rb") as file:
            return read_documents(file.read(MAX_BYTES + 1), name=name)
    except (OSError, ValueError) as error:
        # A name with a null character is a ValueError.
        problem = error.strerror if isinstance(error, OSError) else str(error)
        message = _("The file cannot be read: %(problem)s.") % {"problem": problem}
        raise FileRefused([f"{name}: {message}"]) from error
    except DocumentRefused as refusal:
        raise FileRefused([f"{name}: {_in_one_line(str(fault))}" for fault in refusal.faults]) from refusal


def _score(document: Document) -> Scored:
    try:
        read = read_results_document(document, framework=_framework_of(document))
        return read.rules, read.score()
    except Refused as refusal:
        raise FileRefused([_in_one_line(explain_fault(fault)) for fault in refusal.faults]) from refusal


def _framework_of(document: Document) -> Document | None:
    """Return the document of the imported framework that `document` names, if it names one."""
    code = framework_named(document)
    if code is None:
        return None
    try:
        return frameworks.framework_document(frameworks.framework_called(code))
    except frameworks.NoSuchFramework as refusal:
        raise FileRefused([f"framework: {_in_one_line(str(refusal))}"]) from refusal
    except DatabaseError as error:
        message = _("Imported frameworks cannot be asked for: %(problem)s") % {"problem": error}
        raise FileRefused([f"framework: {_in_one_line(message)}"]) from error


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _as_json(scored: list[Scored]) -> str:
    return "\n".join(json.dumps(scores_document(*one), ensure_ascii=False) for one in scored)


def _as_text(scored: list[Scored]) -> str:
    return "\n\n\n".join(scores_text(*one) for one in scored)
