"""The pages of threads, as colleagues open them."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from huoshui.desk.threads import queries, services, uploads
from huoshui.desk.threads.models import Attachment, Comment
from huoshui.desk.threads.tests.test_files import PDF, photo
from huoshui.desk.users import queries as users
from huoshui.desk.worklist.tests.people import NOW
from huoshui.desk.worklist.tests.test_pages import PROBES
from huoshui.kernel import plugs


@pytest.fixture(autouse=True)
def _house(db):
    apps.get_model("organisation", "Organisation").objects.create(
        currency="CNY", time_zone="Asia/Shanghai", founded_at=NOW
    )


def actor(client):
    return users.actor_of(client.user.pk)


def body(answer):
    return answer.content.decode()


def sent(name: str = "报价.pdf", content: bytes = PDF) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, content)}


def test_a_comment_stands_on_the_page_of_what_it_is_about(signed_in, about):
    mei, bo = signed_in("operator", name="王梅"), signed_in("operator", name="Bo")
    subject = about(actor(mei))
    page = f"/work/{subject.partition(':')[2]}/"
    answer = bo.post(
        f"/about/{subject}/comment/", {"body": "@王梅 see https://a.example/x\n好", "next": page}
    )
    assert answer.headers["Location"] == page
    seen = body(mei.get(page))
    assert '<b class="hs-mention">@王梅</b>' in seen
    assert '<a href="https://a.example/x" rel="noopener noreferrer nofollow ugc"' in seen
    assert "1 comment names you" in body(mei.get("/inbox/")) or "1 new" in body(mei.get("/inbox/"))
    (notice,) = queries.mentions(actor=actor(mei)).rows
    opened = mei.post(f"/inbox/{notice.id}/open/")
    assert opened.headers["Location"] == page
    assert queries.unread(actor=actor(mei)) == 0
    assert bo.post(f"/inbox/{notice.id}/open/").status_code == 404


def test_what_cannot_be_said_stays_in_the_field(signed_in, about):
    mei = signed_in("operator")
    subject = about(actor(mei))
    answer = mei.post(f"/about/{subject}/comment/", {"body": "x" * 5001})
    assert answer.status_code == 400
    assert "x" * 5001 in body(answer)
    assert not Comment.objects.exists()


def test_an_edit_is_shown_with_what_was_said_before_and_a_stale_one_is_kept_in_the_field(signed_in, about):
    mei, bo = signed_in("operator"), signed_in("operator")
    said = services.comment(actor=actor(mei), subject=about(actor(mei)), body="first words", now=NOW)
    path = f"/comments/{said.id}/edit/"
    mei.post(path, {"body": "second words", "version": "1"})
    assert "first words" in body(bo.get(path))
    stale = mei.post(path, {"body": "third words", "version": "1"})
    assert stale.status_code == 409
    assert "third words" in body(stale)
    assert bo.post(path, {"body": "mine", "version": "2"}).status_code == 403
    assert queries.comment(actor=actor(mei), comment_id=said.id).body == "second words"


def test_a_deleted_comment_comes_back_by_undo(signed_in, about):
    mei = signed_in("operator")
    subject = about(actor(mei))
    said = services.comment(actor=actor(mei), subject=subject, body="words of mine", now=NOW)
    mei.post(f"/comments/{said.id}/delete/")
    page = mei.get(f"/about/{subject}/")
    assert "words of mine" not in body(page)
    (toast,) = page.context["toasts"]
    mei.post(toast.undo, toast.fields)
    assert "words of mine" in body(mei.get(f"/about/{subject}/"))


def test_a_file_is_saved_and_never_shown_by_the_browser(signed_in, about):
    mei = signed_in("operator")
    subject = about(actor(mei))
    mei.post(f"/about/{subject}/attach/", sent("合同\u202e.jpg", photo()))
    (file,) = queries.files(actor=actor(mei), subject=subject)
    answer = mei.get(f"/files/{file.id}/")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"CANARY" not in answer.content
    newest = apps.get_model("audit", "Entry").objects.latest("number")
    assert (newest.act, newest.subject) == ("file.downloaded", subject)


def test_a_refused_file_is_said_to_be_and_nothing_is_kept(signed_in, about):
    mei = signed_in("operator")
    subject = about(actor(mei))
    path = f"/about/{subject}/attach/"
    assert mei.post(path, sent("a.svg", b"<svg onload=x()>")).status_code == 302
    assert "Files of this type are not taken" in body(mei.get("/inbox/"))
    assert mei.post(path, {}).status_code == 302
    too_much = sent("a.txt", b"x" * (uploads.LARGEST + 100_000))
    assert mei.post(path, too_much).status_code == 413
    assert not Attachment.objects.exists()


def test_a_file_needs_the_token_of_its_form(signed_in, about):
    mei = signed_in("operator")
    subject = about(actor(mei))
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = mei.cookies
    assert strict.post(f"/about/{subject}/attach/", sent()).status_code == 403
    assert not Attachment.objects.exists()


def test_nothing_of_others_is_found_by_number_and_nothing_changes(signed_in, about):
    mei, bo = signed_in("operator", scope="own"), signed_in("operator", scope="team", teams=["service"])
    subject = about(actor(mei), "CANARY task")
    said = services.comment(actor=actor(mei), subject=subject, body="CANARY words", now=NOW)
    file_id = services.attach(actor=actor(mei), subject=subject, name="CANARY.pdf", content=PDF, now=NOW)
    services.save_version(actor=actor(mei), subject=subject, content="CANARY text", now=NOW)
    models = ("Comment", "Wording", "Mention", "Attachment", "Version", "SignOff", "Verdict")
    tables = [apps.get_model("threads", name).objects for name in models]
    before = [list(table.values()) for table in tables]
    for path in (
        f"/about/{subject}/", f"/about/{subject}/versions/", f"/comments/{said.id}/edit/", f"/files/{file_id}/",
        "/about/task:999999/", "/about/nothing:1/", "/about/x/", f"/files/{10**30}/", f"/comments/{10**30}/edit/",
    ):  # fmt: skip
        answer = bo.get(path)
        assert answer.status_code == 404, path
        assert "CANARY" not in body(answer), path
    for path, data in (
        (f"/about/{subject}/comment/", {"body": "x"}), (f"/about/{subject}/attach/", sent()),
        (f"/comments/{said.id}/edit/", {"body": "x", "version": "1"}), (f"/comments/{said.id}/delete/", {}),
        (f"/comments/{said.id}/restore/", {}), (f"/files/{file_id}/delete/", {}), (f"/files/{file_id}/restore/", {}),
        (f"/about/{subject}/versions/1/restore/", {}), (f"/about/{subject}/versions/1/ask/", {"of": "1"}),
        (f"/about/{subject}/versions/1/answer/", {"word": "approved"}),
    ):  # fmt: skip
        answer = bo.post(path, data)
        assert answer.status_code == 404, path
        assert "CANARY" not in body(answer), path
    assert [list(table.values()) for table in tables] == before


def test_viewers_read_and_write_nothing(signed_in, stranger, about):
    mei, vera = signed_in("operator"), signed_in("viewer")
    subject = about(actor(mei))
    said = services.comment(actor=actor(mei), subject=subject, body="words of mine", now=NOW)
    file_id = services.attach(actor=actor(mei), subject=subject, name="a.pdf", content=PDF, now=NOW)
    assert "words of mine" in body(vera.get(f"/about/{subject}/"))
    assert "<textarea" not in body(vera.get(f"/about/{subject}/"))
    assert vera.get(f"/files/{file_id}/").status_code == 200
    for path, data in (
        (f"/about/{subject}/comment/", {"body": "x"}), (f"/about/{subject}/attach/", sent()),
        (f"/comments/{said.id}/edit/", {"body": "x", "version": "1"}), (f"/comments/{said.id}/delete/", {}),
        (f"/files/{file_id}/delete/", {}),
    ):  # fmt: skip
        assert vera.post(path, data).status_code == 403, path
    assert stranger.get(f"/files/{file_id}/").status_code == 302
    assert Comment.objects.get().body == "words of mine"


def test_hostile_words_are_words(signed_in, about):
    mei = signed_in("operator", name='"><script>__x(0)</script>')
    subject = about(actor(mei))
    for probe in PROBES:
        services.comment(actor=actor(mei), subject=subject, body=f"{probe} @{probe}", now=NOW)
    for number, probe in enumerate(PROBES):
        name = f"{probe.replace('/', '').replace(chr(92), '')} {number}.txt"
        services.attach(actor=actor(mei), subject=subject, name=name, content=b"x", now=NOW)
    for number in (0, 1):
        content = {probe: f"{probe} {number}" for probe in PROBES}
        services.save_version(actor=actor(mei), subject=subject, content=content, note=PROBES[0], now=NOW)
    pages = [f"/about/{subject}/", f"/about/{subject}/?page=2", f"/about/{subject}/versions/", "/work/1/"]
    for path in pages:
        page = body(mei.get(path))
        for probe in PROBES:
            if {"<", '"', "'"} & set(probe):
                assert probe not in page, path
        assert "<script>__x" not in page
        assert 'href="javascript' not in page.lower()
    for file in queries.files(actor=actor(mei), subject=subject):
        assert "\n" not in mei.get(f"/files/{file.id}/").headers["Content-Disposition"]


def test_versions_are_compared_restored_and_signed_off_on_their_page(signed_in, about):
    mei, bo = signed_in("operator", name="Mei"), signed_in("operator", name="Bo")
    subject = about(actor(mei))
    path = f"/about/{subject}/versions/"
    assert "No versions yet" in body(mei.get(path))
    for text in ("沉默客户发短信", "沉默客户发邮件"):
        services.save_version(actor=actor(mei), subject=subject, content={"text": text}, now=NOW)
    assert "沉默客户发<del>短信</del><ins>邮件</ins>" in body(mei.get(path))
    assert "2 versions" in body(mei.get(f"/about/{subject}/"))
    mei.post(f"{path}2/ask/", {"of": str(bo.user.pk), "note": "please"})
    assert "version 2" in body(bo.get("/inbox/"))
    bo.post(f"{path}2/answer/", {"word": "returned"})
    assert "Say why it is returned" in body(bo.get(path))
    bo.post(f"{path}2/answer/", {"word": "returned", "reason": "too dear"})
    assert "too dear" in body(mei.get(path))
    mei.post(f"{path}1/restore/")
    assert queries.version(actor=actor(mei), subject=subject, number=3).content == {"text": "沉默客户发短信"}
    assert "outdated by a newer version" in body(mei.get(f"{path}?b=2"))
    assert mei.get(f"{path}?b=9").status_code == 404
    assert mei.get(f"{path}?a=x&b={'9' * 40}").status_code == 200


def test_letters_are_switched_off_on_the_page(signed_in):
    mei = signed_in("operator")
    mei.post("/inbox/wish/", {})
    assert not queries.wants_mail(mei.user.pk)
    mei.post("/inbox/wish/", {"mail": "yes"})
    assert queries.wants_mail(mei.user.pk)


def test_the_page_asks_the_database_the_same_however_much_was_said(
    signed_in, about, django_assert_max_num_queries
):
    mei, bo = signed_in("operator", name="Mei"), signed_in("operator", name="Bo")
    subject = about(actor(mei))
    for number in range(30):
        services.comment(actor=actor(bo), subject=subject, body=f"@Mei {number}", now=NOW)
    mei.get("/inbox/")
    with django_assert_max_num_queries(18):
        mei.get(f"/about/{subject}/")
    with django_assert_max_num_queries(14):
        mei.get("/inbox/")


def test_notes_and_files_stand_on_pages_of_customers_and_tasks():
    for page in ("customer", "task"):
        assert {panel.slug for panel in plugs.PANELS if panel.page == page} >= {
            f"comments_of_{page}", f"files_of_{page}",
        }  # fmt: skip


def test_a_department_is_ticked_and_a_member_finds_it_among_what_waits(signed_in, about):
    mei, bo = signed_in("operator"), signed_in("operator", teams=["service"], name="薄")
    subject = about(actor(mei), "年度计划")
    services.save_version(actor=actor(mei), subject=subject, content="x", now=NOW)
    at = f"/about/{subject}/versions/"
    (team,) = actor(bo).team_ids
    assert f'name="team" value="{team}"' in body(mei.get(at))
    assert body(mei.get(at)).count('name="team"') == 1, "of the other departments nobody could answer"
    assert mei.post(f"{at}1/ask/", {"team": [team]}).status_code == 302
    assert "年度计划" in body(bo.get(reverse("threads:inbox")))
    assert 'value="approved"' in body(bo.get(at))
    assert 'value="approved"' not in body(mei.get(at))
    bo.post(f"{at}1/answer/", {"word": "approved"})
    page = body(mei.get(at))
    assert "薄" in page
    assert queries.sign_off(actor=actor(mei), subject=subject, number=1).state == "approved"  # type: ignore[union-attr]
