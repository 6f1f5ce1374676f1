"""A letter that is written quickly is the letter that the `email` package writes."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huoshui.desk.mail import delivery, writing

SAID = {
    "sender": "shop@example.org",
    "name": "活水商城",
    "to": "mei.wang@example.com",
    "to_name": "王梅",
    "subject": "春季上新",
    "text": "你好，王梅！",
    "html": "<p>你好，王梅！</p>",
    "message_id": "1f-0123456789abcdef.abc.defghijklm",
    "now": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    "leave": "https://crm.example.com/privacy/leave/x.y/",
    "reply_to": "service@example.org",
}
TEXT = st.text(st.characters(codec="utf-8"), max_size=200) | st.sampled_from(
    [
        "",
        "x" * 2000,
        "é" * 300,
        "你好 " * 200,
        ".\r\n.\r\n..",
        "From a\nb",
        "=20\t \n ",
        "a\r\nb\rc\n\nd",
        "--=_x\n",
    ]
)
NAME = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["", "Mei Wang", '"Mei", Wang', "王" * 40, "Mei\r\nBcc: x@example.org", "=?utf-8?q?x?=", "a" * 300, "é ü"]
)
ADDRESS = st.sampled_from(
    [
        "mei.wang@example.com",
        "m+1@example.com",
        "o'neil@example.com",
        "梅@example.com",
        "mei@例子.cn",
        "a" * 60 + "@b.cn",
    ]
)


def both(**changes):
    said = {**SAID, **changes}
    try:
        slow = delivery.message(**said).as_bytes()
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            writing.written(**said)
        return None
    return message_from_bytes(slow, policy=policy.default), writing.written(**said)


def lines(part) -> list[str]:
    whole: str = part.get_content()
    return whole.rstrip("\r\n").splitlines()  # the end of the last line says nothing


@settings(max_examples=40, deadline=None)
@given(
    name=NAME,
    to_name=NAME,
    subject=NAME,
    text=TEXT,
    html=TEXT,
    to=ADDRESS,
    leave=st.sampled_from(["", SAID["leave"]]),
)
@example("a", "王" * 15, "x", "x", "x", "mei@example.com", "")
@example("a", "王" * 16, "x", "x", "x", "mei@example.com", "")
def test_both_ways_write_the_same_letter(name, to_name, subject, text, html, to, leave):
    made = both(name=name, to_name=to_name, subject=subject, text=text, html=html or "x", to=to, leave=leave)
    if made is None:
        return
    slow, raw = made
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998 or b"\n" in line or b"\r" in line]
    quick = message_from_bytes(raw, policy=policy.default)
    assert [key for key, _ in quick.items()] == [key for key, _ in slow.items()]
    for header in set(slow.keys()) - {"Content-Type", "To", "From"}:
        assert quick[header] == slow[header]
    for header in ("To", "From"):
        assert parseaddr(str(quick[header]))[1] == parseaddr(str(slow[header]))[1]
        assert [one.display_name for one in quick[header].addresses] == [
            one.display_name for one in slow[header].addresses
        ]
    for kind in ("plain", "html"):
        assert lines(quick.get_body((kind,))) == lines(slow.get_body((kind,)))
    assert not quick.defects


def test_what_a_server_on_the_way_would_write_anew_is_not_written():
    for text in ("x" * 2000, "é" * 900, "你好" * 900, "plain"):
        raw = both(text=text, html=f"<p>{text}</p>")[1]
        assert max(raw) < 128
        assert max(len(line) for line in raw.split(b"\r\n")) <= 200


@pytest.mark.parametrize("wrong", [{"subject": "a\r\nBcc: x@y.z"}, {"message_id": "a\r\nBcc: x@y.z"}])
def test_nothing_becomes_a_header(wrong):
    with pytest.raises(ValueError, match=r"."):
        writing.written(**{**SAID, **wrong})
