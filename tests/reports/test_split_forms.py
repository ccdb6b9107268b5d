"""The forms of an agreement that was split: one ปผ.1 of the whole, and the others for each part."""

import re

import pytest
from django.urls import reverse

from agreements.models import State
from tests.agreements.services.test_splits import assessed
from tests.reports import papers
from tests.splits import bring_whole, was_split

pytestmark = pytest.mark.django_db


def pages(client, place, reader, query=""):
    client.force_login(reader)
    response = client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]) + query)
    return papers.pages_of(response.content)


def preview(client, place):
    return client.get(reverse("reports:preview", args=[place.agreement.pk])).content.decode()


def plain(text):
    return re.sub(r"\s+", " ", text)


def test_the_first_form_is_of_the_whole_with_its_parts_and_days(client):
    place = bring_whole(assessed(), State.CLOSED)

    text = plain(" ".join(pages(client, place, place.assessee, "?forms=1")))

    assert text.count("แบบสรุปการประเมินผลการปฏิบัติราชการ") == 1
    for figure in ("64.84", "83.15", "70.33", "÷ 182 วัน"):
        assert figure in text
    rows = re.findall(r'<td class="mid">([^<]*)<br>([^<]*)</td><td class="mid">(\d+)</td><td>', preview(client, place))
    assert rows == [("1 ต.ค. 2555 –", "29 ธ.ค. 2555", "90"), ("30 ธ.ค. 2555 –", "31 มี.ค. 2556", "92")]


def test_there_is_a_set_of_the_other_forms_for_each_part(client):
    place = bring_whole(assessed(), State.CLOSED)

    second = plain(" ".join(pages(client, place, place.assessee, "?forms=2")))
    third = plain(" ".join(pages(client, place, place.assessee, "?forms=3")))

    for text in (second, third):
        assert text.count("ช่วงที่ 1 : 1 ต.ค. 2555 – 29 ธ.ค. 2555 (90 วัน)") == 1
        assert text.count("ช่วงที่ 2 : 30 ธ.ค. 2555 – 31 มี.ค. 2556 (92 วัน)") == 1
        # All four places of both parts are signed: the assessee signed the whole, and so each part, at the end.
        assert text.count("ลงนามทางอิเล็กทรอนิกส์") == 8
    assert second.index("80.00") < second.index("50.00")
    assert third.index("100.00") < third.index("66.67")


def test_before_release_the_assessee_finds_no_merged_figure(client):
    place = assessed()

    own = plain(" ".join(pages(client, place, place.assessee, "?forms=1")))
    theirs = plain(" ".join(pages(client, place, place.hr, "?forms=1")))

    assert [figure in own for figure in ("70.33", "64.84", "83.15", "100.00", "66.67")] == [False] * 5
    assert [figure in theirs for figure in ("70.33", "64.84", "83.15")] == [True] * 3


def test_before_anything_is_assessed_the_parts_are_named_without_figures(client):
    place = was_split()

    client.force_login(place.hr)

    rows = re.findall(r"<td class=\"mid\">(\d+)</td><td>[^<]*<br>.*?</td>(.*?)</tr>", preview(client, place))
    assert rows == [(days, '<td class="mid"></td>' * 3) for days in ("90", "92")]
