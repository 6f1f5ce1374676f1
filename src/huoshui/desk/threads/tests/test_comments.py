"""Comments, what is found in them, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from huoshui.desk.threads import bodies, queries, services
from huoshui.desk.threads.errors import (
    CommentChanged,
    NoSuchComment,
    NoSuchMention,
    NotAComment,
    NotYours,
)
from huoshui.desk.worklist.tests.people import NOW, colleague, id_of
from huoshui.kernel.actors import Role, Scope
from huoshui.kernel.errors import NotAllowed
from huoshui.web.subjects import NoSuchSubject

COLLEAGUES = {1: "王梅", 2: "王梅梅", 3: "Ada Byron", 4: "Ada", 5: "ada"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@王梅 请看", {1}), ("@王梅梅请看", {2}), ("问@王梅，好吗", {1}), ("@Ada Byron knows", {3}),
        ("@ada", {4, 5}), ("@Adam", set()), ("mail ada@ada.example", set()), ("x@Ada", set()), ("王梅", set()),
        ("(@Ada)", {4, 5}), ("https://x.example/@Ada", set()),
    ],
)  # fmt: skip
def test_colleagues_are_named_behind_an_at_sign(body, found):
    assert bodies.mentioned(body, COLLEAGUES) == found


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("见 https://a.example/x?y=1。好", ["https://a.example/x?y=1"]),
        ("(http://a.example/b_(c)).", ["http://a.example/b_(c)"]),
        ("javascript:alert(1) data:text/html,x //evil.example ftp://x", []),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ('https://a.example/"onclick="x', ["https://a.example/"]),
        ("HTTPS://A.example!", ["HTTPS://A.example"]),
    ],
)
def test_links_are_found_in_plain_text(body, links):
    assert [piece.text for piece in bodies.pieces(body, []) if piece.kind == "link"] == links


@given(st.text(alphabet="@王梅Ada http://x.y,。<>&\n()", max_size=80))
def test_the_pieces_of_a_body_are_the_body(body):
    pieces = bodies.pieces(body, list(COLLEAGUES.values()))
    assert "".join(piece.text for piece in pieces) == body
    assert all(piece.text for piece in pieces)


@pytest.mark.usefixtures("database")
def test_who_is_named_is_told_once_and_gets_a_letter(about):
    mei, bo = colleague("Mei"), colleague("Bo")
    subject = about(mei)
    said = services.comment(actor=mei, subject=subject, body="@bo look, @Bo!", now=NOW)
    assert list(said.told) == ["Bo"]
    assert queries.unread(actor=bo) == 1
    services.edit(actor=mei, comment_id=said.id, version=1, body="@Bo and more", now=NOW)
    (notice,) = queries.mentions(actor=bo).rows
    assert notice.title == "回访王芳"
    letters = apps.get_model("mail", "Letter").objects.filter(to="bo@house.example")
    assert letters.count() == 1
    assert "回访" not in letters.get().text
    services.read(actor=bo, mention_id=notice.id, now=NOW)
    assert queries.unread(actor=bo) == 0
    with pytest.raises(NoSuchMention):
        services.read(actor=mei, mention_id=notice.id, now=NOW)


@pytest.mark.django_db
def test_who_wants_no_letters_gets_none(about):
    mei, bo = colleague("Mei"), colleague("Bo")
    services.wish(actor=bo, mail_mentions=False)
    services.comment(actor=mei, subject=about(mei), body="@Bo", now=NOW)
    assert queries.unread(actor=bo) == 1
    assert not apps.get_model("mail", "Letter").objects.exists()


@pytest.mark.django_db
def test_who_was_picked_stands_in_the_comment(about):
    mei, bo = colleague("Mei"), colleague("Bo")
    said = services.comment(actor=mei, subject=about(mei), body="look", named=[id_of(bo), 10**6], now=NOW)
    assert queries.comment(actor=bo, comment_id=said.id).body == "look @Bo"
    assert list(said.told) == ["Bo"]


@pytest.mark.django_db
def test_who_may_not_see_the_subject_is_not_told(about):
    mei, bo = colleague("Mei"), colleague("Bo", scope=Scope.OWN)
    said = services.comment(actor=mei, subject=about(mei), body="@Bo", now=NOW)
    assert (list(said.told), list(said.untold)) == ([], ["Bo"])
    assert queries.unread(actor=bo) == 0


@pytest.mark.usefixtures("database")
def test_an_edit_keeps_what_was_said_before_and_the_second_editor_is_told(about):
    mei = colleague("Mei")
    said = services.comment(actor=mei, subject=about(mei), body="one", now=NOW)
    later = NOW + timedelta(minutes=1)
    services.edit(actor=mei, comment_id=said.id, version=1, body="two", now=later)
    assert queries.wordings(actor=mei, comment_id=said.id) == [("one", later)]
    with pytest.raises(CommentChanged):
        services.edit(actor=mei, comment_id=said.id, version=1, body="three", now=later)
    assert queries.comment(actor=mei, comment_id=said.id).body == "two"


@pytest.mark.django_db
def test_a_comment_is_its_writers_and_a_deleted_one_comes_back(about):
    mei, bo = colleague("Mei"), colleague("Bo")
    subject = about(mei)
    said = services.comment(actor=mei, subject=subject, body="one @Bo", now=NOW)
    with pytest.raises(NotYours):
        services.edit(actor=bo, comment_id=said.id, version=1, body="x", now=NOW)
    with pytest.raises(NotYours):
        services.delete(actor=bo, comment_id=said.id, now=NOW)
    services.delete(actor=mei, comment_id=said.id, now=NOW)
    assert queries.comments(actor=mei, subject=subject).total == 0
    assert queries.unread(actor=bo) == 0
    with pytest.raises(NotYours):
        services.restore(actor=bo, comment_id=said.id, now=NOW)
    services.restore(actor=mei, comment_id=said.id, now=NOW)
    assert queries.comments(actor=mei, subject=subject).total == 1


@pytest.mark.django_db
def test_nobody_learns_of_comments_on_what_they_may_not_see(about):
    mei, bo = colleague("Mei"), colleague("Bo", scope=Scope.OWN)
    subject = about(mei)
    said = services.comment(actor=mei, subject=subject, body="one", now=NOW)
    for refused, attempt in (
        (NoSuchSubject, lambda: queries.comments(actor=bo, subject=subject)),
        (NoSuchSubject, lambda: services.comment(actor=bo, subject=subject, body="x", now=NOW)),
        (NoSuchComment, lambda: queries.comment(actor=bo, comment_id=said.id)),
        (NoSuchComment, lambda: queries.wordings(actor=bo, comment_id=said.id)),
        (NoSuchComment, lambda: services.edit(actor=bo, comment_id=said.id, version=1, body="x", now=NOW)),
        (NoSuchComment, lambda: services.delete(actor=bo, comment_id=said.id, now=NOW)),
        (NoSuchComment, lambda: services.delete(actor=bo, comment_id=2**70, now=NOW)),
    ):
        with pytest.raises(refused):
            attempt()


@pytest.mark.django_db
def test_what_is_no_comment_is_refused(about):
    mei, vera = colleague("Mei"), colleague("Vera", role=Role.VIEWER)
    subject = about(mei)
    for body in ("", " \n ", "\u202e\u0000", "x" * 5001):
        with pytest.raises(NotAComment):
            services.comment(actor=mei, subject=subject, body=body, now=NOW)
    with pytest.raises(NotAllowed):
        services.comment(actor=vera, subject=subject, body="x", now=NOW)
    for strange in ("", "task", "task:", "task:x", "task:999999", "nothing:1", "task:²", "task:" + "9" * 90):
        with pytest.raises(NoSuchSubject):
            services.comment(actor=mei, subject=strange, body="x", now=NOW)
    assert queries.comments(actor=vera, subject=subject).total == 0
