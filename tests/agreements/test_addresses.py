import pytest
from django.test import RequestFactory

from agreements.addresses import client_address


def asked_from(address, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **headers)


@pytest.mark.parametrize(
    ("behind", "address", "forwarded", "counted"),
    [
        (False, "10.0.0.7", None, "10.0.0.7"),
        (False, "10.0.0.7", "203.0.113.9", "10.0.0.7"),
        (True, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        # What came with the request stands before what our proxy appended.
        (True, "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        (True, "10.0.0.1", "", "10.0.0.1"),
        (True, "10.0.0.1", None, "10.0.0.1"),
        # gunicorn behind a socket knows no address.
        (True, "", "203.0.113.9", "203.0.113.9"),
        (False, "", None, None),
        (False, "::ffff:10.0.0.7", None, "10.0.0.7"),
        (False, "2001:db8:1:2:aaaa:bbbb:cccc:dddd", None, "2001:db8:1:2::"),
        (False, "2001:db8:1:2::1", None, "2001:db8:1:2::"),
        (False, "fe80::1%eth0", None, "fe80::"),
    ],
)
def test_an_address_is_what_our_own_machine_saw(settings, behind, address, forwarded, counted):
    settings.BEHIND_PROXY = behind

    assert client_address(asked_from(address, forwarded)) == counted
