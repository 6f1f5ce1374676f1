"""Who is found, on both databases; and that what changes is found at once."""

from __future__ import annotations

import pyarrow as pa
import pytest

from huoshui.data.customers import listing, queries, services
from huoshui.data.customers.models import Customer, SearchDue, SearchText
from huoshui.data.customers.services import profiles, resolving, searching
from huoshui.data.customers.tests.factories import NOW, make_colleague, make_customers, make_house, tell
from huoshui.kernel.actors import CONSOLE, RIGHTS, Actor, Role, Scope
from huoshui.kernel.errors import NotAllowed

NOBODY = Actor(name="nobody", rights=frozenset())


def found(words: str, actor: Actor = CONSOLE, limit: int | None = None) -> list[int]:
    return listing.ids_by_words(words, actor=actor, limit=limit)


def right() -> bool:
    ids = list(Customer.objects.values_list("pk", flat=True))
    return dict(SearchText.objects.values_list("pk", "words")) == searching.words_now(ids)


def test_people_are_found_by_any_part_of_what_is_known(database):
    make_house()
    mei, ann = make_customers("C-17", "C-18")
    tell(
        [mei, ann],
        name=["单小梅", "Ann O'Neil"],
        phone=["+8613812345678", None],
        email=[None, "ann.neil@example.com"],
    )
    for words in (
        "单",
        "小梅",
        "shanxiaomei",
        "sxm",
        "shan mei",
        "13812",
        "5678",
        "+86 138 1234",
        "C-17",
        str(mei),
    ):
        assert found(words) == [mei], words
    for words in ("ann", "oneil", "O'NEIL", "ann.neil@", "neil", "c18"):
        assert found(words) == [ann], words
    assert set(found("c-1")) == {mei, ann}
    assert len(found("c-1", limit=1)) == 1
    for words in ("", " ", "x", "%", "' OR 1=1 --", '"*', "shan ann", "<script>", "\x00", "x" * 5000):
        assert found(words) == [], words


def test_what_changes_is_found_as_it_is_now(database):
    make_house()
    (mei,) = make_customers("1", load_id=1)
    tell([mei], name=["王梅"], load_id=2)
    assert found("wangmei") == [mei]
    tell([mei], name=["李梅"], load_id=3, valid_from=NOW.replace(year=2027))
    assert (found("wangmei"), found("limei")) == ([], [mei])
    services.undo_load(3, actor=CONSOLE, still_used=queries.created_by(1))
    assert (found("wangmei"), found("limei")) == ([mei], [])
    services.delete(actor=CONSOLE, customer_id=mei, now=NOW)
    assert found("wangmei") == []
    services.restore(actor=CONSOLE, customer_id=mei, now=NOW)
    assert found("wangmei") == [mei]
    assert right()
    services.undo_load(2, actor=CONSOLE, still_used=queries.created_by(1))
    services.undo_load(1, actor=CONSOLE, still_used=queries.created_by(99))
    assert not Customer.objects.exists()
    assert right()


def test_of_very_many_a_note_is_made_and_taken_up_later(database, monkeypatch):
    monkeypatch.setattr(searching, "AT_ONCE", 2)
    make_house()
    ids = make_customers("a1", "a2", "a3", "a4")
    assert found("a") == []
    assert SearchDue.objects.count() == 4
    assert found("a3") == [ids[2]]  # who is named exactly is found before
    seen = []
    assert services.index_due(progress=lambda done, of: seen.append((done, of))) == 4
    assert (sorted(found("a")), seen[-1]) == ([], (4, 4))  # one letter begins something of everybody
    tell(ids[:1], name=["Ada"])
    assert found("ad") == ids[:1]
    assert right()
    assert not SearchDue.objects.exists()


def test_a_load_of_very_many_makes_notes_only_however_small_its_transactions_become(database, monkeypatch):
    monkeypatch.setattr(searching, "AT_ONCE", 2)
    for module in (profiles, resolving):
        monkeypatch.setattr(module, "short_slices", lambda total: (slice(n, n + 1) for n in range(total)))
    ids = make_customers("a1", "a2", "a3")
    assert SearchDue.objects.count() == 3
    services.index_due()
    tell(ids, name=["Ada", "Ben", "Eve"], load_id=7)
    assert (found("ada"), SearchDue.objects.count()) == ([], 3)
    services.index_due()
    services.undo_load(7, actor=CONSOLE, still_used=pa.array([], pa.int64()))
    assert (found("ada"), SearchDue.objects.count()) == (ids[:1], 3)
    services.index_due()
    assert right()


def test_a_rebuild_repairs_any_drift(database):
    make_house()
    ann, bob = make_customers("ann", "bob")
    SearchText.objects.filter(pk=ann).delete()
    SearchText.objects.filter(pk=bob).update(words="nonsense")
    SearchText.objects.create(pk=999_999_999_999_999, words="stranger")
    assert services.rebuild() == 2
    assert right()
    assert (found("nonsense"), found("stranger")) == ([], [])


def test_everybody_finds_only_whom_they_may_see(database):
    make_house()
    mine, hers = make_customers("m1", "h1")
    tell([mine, hers], name=["王梅", "王芳"], email=["wm@example.com", "wf@example.com"])
    me, she = make_colleague("me@example.com"), make_colleague("she@example.com")
    services.assign_owner(actor=CONSOLE, customer_ids=[mine], owner_id=me, now=NOW)
    services.assign_owner(actor=CONSOLE, customer_ids=[hers], owner_id=she, now=NOW)
    own = Actor(name="me", rights=RIGHTS[Role.OPERATOR], user_id=me, scope=Scope.OWN)
    assert found("王", own) == found("wang", own, limit=8) == [mine]
    for words in ("h1", "wf@example.com", str(hers), "王芳"):
        assert found(words, own) == [], words
    with pytest.raises(NotAllowed):
        found("王", NOBODY)
