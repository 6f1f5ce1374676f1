"""``HUOSHUI_SMTP_URL``: what of it is believed."""

from __future__ import annotations

import pytest

from huoshui.project.allowed import BadSetting
from huoshui.project.configuration import read


def smtp_of(tmp_path, url):
    return read({"HUOSHUI_SMTP_URL": url}, tmp_path).smtp


def test_the_address_of_a_mail_server_is_read(tmp_path):
    assert read({}, tmp_path).smtp is None
    found = smtp_of(tmp_path, "smtp://me%40x.com:p%40ss@mail.example.com?from=crm@example.com")
    assert (found.host, found.port, found.user, found.password) == (
        "mail.example.com",
        587,
        "me@x.com",
        "p@ss",
    )
    assert (found.tls, found.sender) == ("start", "crm@example.com")
    assert smtp_of(tmp_path, "smtps://mail.example.com?from=a@b.com").port == 465
    assert smtp_of(tmp_path, "smtp://127.0.0.1:25?from=a@b.com&tls=none").tls == "none"
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com?from=a@b.com",
        "smtp://mail.example.com",
        "smtp://mail.example.com?from=nobody",
        "smtp://mail.example.com?from=a@b.com%0d%0aBcc:c@d.com",
        "smtp://u:secret@mail.example.com?from=a@b.com&tls=none",
        "smtp://mail.example.com:port?from=a@b.com",
        "smtp://mail.example.com?from=a@b.com&x=1",
    ],
)
def test_an_address_that_is_none_is_refused_without_telling_the_password(tmp_path, url):
    with pytest.raises(BadSetting) as refused:
        smtp_of(tmp_path, url)
    assert "HUOSHUI_SMTP_URL" in str(refused.value)
    assert "secret" not in str(refused.value)
