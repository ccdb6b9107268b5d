"""Writes a framework as a file that import_framework reads."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from agreements.exchange.files import WRITTEN, write_framework_file
from agreements.exchange.workbook.spreading import NotWritable
from agreements.services import frameworks


class Command(BaseCommand):
    """Export a framework as YAML, JSON or an Excel workbook."""

    help = "Write a framework as YAML, JSON or XLSX: CODE the latest published (or the draft), CODE@2 a version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="CODE, or CODE@2 for a version")
        parser.add_argument("--format", choices=sorted(WRITTEN), default="yaml", help="yaml unless told otherwise")
        parser.add_argument("--output", metavar="FILE", help="where to; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            framework = frameworks.framework_called(options["code"])
            content = write_framework_file(frameworks.framework_document(framework), options["format"])
            if options["output"]:
                Path(options["output"]).write_bytes(content)
            elif options["format"] == "xlsx":
                sys.stdout.buffer.write(content)
            else:
                self.stdout.write(content.decode(), ending="")
        except (frameworks.NoSuchFramework, NotWritable) as refusal:
            self._refuse(str(refusal))
        except OSError as error:
            problem = {"file": options["output"], "problem": error.strerror}
            self._refuse(_("%(file)s cannot be written: %(problem)s.") % problem)

    def _refuse(self, line: str) -> None:
        self.stderr.write(line)
        sys.exit(1)
