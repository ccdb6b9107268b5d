import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.models import Posting, User
from agreements.services import staff_list
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return OrganisationFactory(parent=OrganisationFactory(code="a"), code="a-1", kind="group")


@pytest.fixture
def hr(unit):
    return RoleFactory(organisation=unit).user


@pytest.fixture
def signed_in(client, hr):
    client.force_login(hr)
    return client


def download(client, **asked):
    return client.get(reverse("agreements:download-people"), asked).content


def upload(client, content, name="บุคลากร.xlsx"):
    return client.post(reverse("agreements:upload-people"), {"file": SimpleUploadedFile(name, content)})


def check(client):
    return client.get(reverse("agreements:check-people"))


def edited(content, **cells):
    book = openpyxl.load_workbook(io.BytesIO(content))
    for address, value in cells.items():
        book["บุคลากร"][address] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_list_downloaded_and_uploaded_again_changes_nothing(signed_in, unit, form):
    chief = PostingFactory(organisation=unit)
    PostingFactory(organisation=unit, assessor=chief)
    PostingFactory()

    upload(signed_in, download(signed_in, format=form))

    assert dict(check(signed_in).context["plan"].counts) == {"unchanged": 2}


def test_a_change_is_shown_and_then_taken(signed_in, unit):
    posting = PostingFactory(organisation=unit)
    upload(signed_in, edited(download(signed_in), I2="เชี่ยวชาญ"))

    page = check(signed_in)
    [one] = page.context["changed"]
    assert [(heading, change.before, change.after) for heading, change in one["changes"]] == [
        ("ระดับ", "ชำนาญการ", "เชี่ยวชาญ")
    ]
    posting.refresh_from_db()
    assert posting.level == "ชำนาญการ"
    response = signed_in.post(reverse("agreements:check-people"), {"shown": page.context["plan"].digest})

    assert response.headers["Location"] == reverse("agreements:people")
    posting.refresh_from_db()
    assert posting.level == "เชี่ยวชาญ"
    assert check(signed_in).status_code == 302


def test_who_is_on_probation_is_taken_from_the_list(signed_in, unit):
    posting = PostingFactory(organisation=unit)

    def take(**cells):
        upload(signed_in, edited(download(signed_in), **cells))
        digest = check(signed_in).context["plan"].digest
        signed_in.post(reverse("agreements:check-people"), {"shown": digest})
        posting.refresh_from_db()
        return posting.personnel_group

    assert take(O2="ทดลองปฏิบัติหน้าที่ราชการ") == "probation"
    # What the list does not say stays; the group is called as it was written down.
    assert take(I2="เชี่ยวชาญ") == "probation"
    assert take(O2=None) == "civil_servant"


def test_faults_are_shown_with_their_cells_and_given_back_and_nothing_is_taken(signed_in, unit):
    PostingFactory(organisation=unit)
    content = edited(download(signed_in), A3="new.one", C3="=B3", F3="a-1", G3="นิติกร", L3="1/10/2012")
    upload(signed_in, content)

    page = check(signed_in)
    [one] = page.context["faulty"]
    back = signed_in.get(reverse("agreements:faulty-people")).content
    signed_in.post(reverse("agreements:check-people"), {"shown": page.context["plan"].digest})

    assert [cell for cell, _heading, _message in one["faults"]] == ["C3", "L3"]
    lines = openpyxl.load_workbook(io.BytesIO(back))["บุคลากร"]["P3"].value.split("\n")
    assert [line.partition(":")[0] for line in lines] == ["ชื่อตัว", "ตั้งแต่วันที่"]
    assert not User.objects.filter(username="new.one").exists()


def test_what_was_not_shown_is_not_taken(signed_in, unit):
    posting = PostingFactory(organisation=unit)
    upload(signed_in, edited(download(signed_in), I2="เชี่ยวชาญ"))

    for shown in ({}, {"shown": "0" * 64}):
        signed_in.post(reverse("agreements:check-people"), shown)

    posting.refresh_from_db()
    assert posting.level == "ชำนาญการ"


def test_a_file_that_is_no_list_is_refused_at_its_field(signed_in):
    response = upload(signed_in, b"\x89PNG\r\n\x1a\n\0", name="x.xlsx")

    assert (list(response.context["form"].errors), check(signed_in).status_code) == (["file"], 302)


def test_hr_of_another_office_can_do_nothing_with_the_list(client, unit):
    posting = PostingFactory(organisation=unit)
    stranger = RoleFactory().user
    row = staff_list.row_of(posting.user, posting) | {"level": "เชี่ยวชาญ"}
    client.force_login(stranger)

    upload(client, ("\n".join([",".join(row), ",".join(row.values())])).encode(), name="x.csv")
    page = check(client)
    client.post(reverse("agreements:check-people"), {"shown": page.context["plan"].digest})

    assert dict(page.context["plan"].counts) == {"faulty": 1}
    assert Posting.objects.get().level == "ชำนาญการ"
