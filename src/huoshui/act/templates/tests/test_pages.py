"""Templates are written, looked at as a customer, tested and put away, by whom that is allowed."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from django.apps import apps

from huoshui.act.templates import fields, queries
from huoshui.act.templates.tests.conftest import keep, words


def page(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_template_is_written_on_its_page_and_each_saving_is_a_version(street, signed_in):
    mei = signed_in("operator")
    assert "There are no templates yet" in page(mei.get("/templates/"))
    said = {"name": "Hello", "subject_zh": "广告：你好", "body_zh": "{{ name | 朋友 }}"}
    answer = mei.post("/templates/new/", {**said, "body_zh": "{{ nobody }}"})
    assert answer.status_code == 400
    assert "There is no such field here" in answer.content.decode()
    there = mei.post("/templates/new/", said)["Location"]
    assert "Version 1" in page(mei.get(there))
    assert mei.post(f"{there}edit/", {**said, "seen": 1, "body_zh": "二"}).status_code == 302
    late = mei.post(f"{there}edit/", {**said, "seen": 1, "body_zh": "三"})
    assert late.status_code == 400
    assert "<ins>二</ins>" in late.content.decode()
    assert "三" in late.content.decode()
    assert "Version 1" in page(mei.get(f"{there}?version=1"))
    assert queries.templates()[0].version == 2
    copied = mei.post(f"{there}copy/")["Location"]
    assert "Copy of Hello" in page(mei.get(copied))


def test_the_letter_is_shown_as_any_customer_and_brings_no_script_along(street, signed_in):
    number = keep(zh=words("{{ name | 朋友 }} {{ monetary }}", subject="广告 {{ name | 朋友 }}"))
    mei = signed_in("operator")
    shown = page(mei.get(f"/templates/{number}/?who=mei"))
    assert "广告 王梅" in shown
    (letter,) = re.findall(r'<iframe[^>]* src="([^"]+)"', shown)
    answer = mei.get(letter.replace("&amp;", "&"))
    assert "王梅 ¥1,699" in page(answer)
    policy = answer["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no message" in page(mei.get(f"/templates/{number}/?who=ann"))
    assert "Nobody is known" in page(mei.get(f"/templates/{number}/?who=stranger&language=zh"))
    form = {"name": "x", "subject_zh": "广告", "body_zh": "未保存 {{ monetary }}"}
    assert "未保存 ¥1,235" in page(mei.post("/templates/preview/", form))
    assert "{{ x }}" in page(mei.post("/templates/preview/", {**form, "body_zh": "{{ x }}"}))


def test_a_test_goes_to_the_one_who_asks(street, signed_in):
    number = keep(zh=words("{{ name | 朋友 }}，[去](https://shop.example/)"))
    mei = signed_in("operator", email="writer@example.com")
    mei.post(f"/templates/{number}/test/", {"who": "mei", "language": "zh", "version": 1})
    letter = apps.get_model("mail", "Letter").objects.get()
    assert (letter.to, letter.subject) == ("writer@example.com", "[测试] 广告：你好")
    assert "王梅" in letter.html
    assert 'href="https://shop.example/"' in letter.html
    assert mei.post(f"/templates/{number}/test/", {"who": "nobody at all"}).status_code == 404


def test_who_looks_does_not_write(street, signed_in, stranger):
    number = keep(zh=words("一"))
    for role, may in (("viewer", False), ("analyst", False), ("operator", True), ("manager", True)):
        reader = signed_in(role)
        assert ("Edit" in page(reader.get(f"/templates/{number}/"))) == may
        assert (reader.get(f"/templates/{number}/edit/").status_code == 200) == may
        assert (reader.post(f"/templates/{number}/retire/").status_code == 302) == may
        assert (reader.post(f"/templates/{number}/bring-back/").status_code == 302) == may
        assert reader.post("/templates/rules/", {"marked": "no"}).status_code == 403
    signed_in("operator").post(f"/templates/{number}/retire/")
    assert queries.templates() == []
    assert "Put away" in page(signed_in("viewer").get("/templates/"))
    assert stranger.get(f"/templates/{number}/").status_code == 302
    assert signed_in("operator").get("/templates/99/").status_code == 404
    assert signed_in().post("/templates/rules/", {"marked": "no"}).status_code == 302
    assert not queries.marks_subjects()


@pytest.mark.parametrize("how_many", [1, 4])
def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    street, signed_in, how_many, django_assert_max_num_queries
):
    for at in range(how_many):
        keep(f"T{at}", zh=words("一"))
    mei = signed_in("operator")
    with django_assert_max_num_queries(14):
        page(mei.get("/templates/"))


def test_each_field_is_offered_as_what_one_writes_with_a_sample_of_what_stands_there(street, signed_in):
    shown = page(signed_in("operator").get("/templates/new/"))
    codes = re.findall(r'data-inserts="([^"]+)"', shown)
    written = [unescape(code) for code in codes]
    assert "{{ name | friend }}" in written
    assert "{{ monetary }}" in written
    assert "{{ phone }}" not in written
    for code in written:  # the code stands there to be typed, and it is one that can be saved
        assert escape(code) in re.sub(r"<button.*?</button>", "", shown, flags=re.S)
        text = words(code).layout("en")
        assert [merge.field in fields.by_slug() for merge in text.merges] == [True]
    assert "¥1,235" in shown
    assert "Ann Lee" in shown
