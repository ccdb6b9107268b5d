"""Reads the workbook of a framework: the one way from uploaded bytes to a document and the faults in its cells."""

from agreements.exchange.documents import DocumentFault, DocumentRefused
from agreements.exchange.workbook.gathering import Gathered, gather
from agreements.exchange.workbook.guard import NotOpened
from agreements.exchange.workbook.opening import open_workbook


def read_workbook(content: bytes, *, name: str) -> Gathered:
    """Return the document of the workbook `content`, with where its entries stand and what is wrong in its cells.

    :raises DocumentRefused: if the file is not opened at all.
    """
    try:
        sheets = open_workbook(content)
    except NotOpened as refusal:
        raise DocumentRefused((DocumentFault(refusal.code, str(refusal)),), name=name) from refusal
    return gather(sheets)
