"""Versions, their differences, and sign-offs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from huoshui.desk.threads import queries, services
from huoshui.desk.threads.differences import difference, words
from huoshui.desk.threads.errors import NoSuchSignOff, NoSuchVersion, NotAContent, NotASignOff
from huoshui.desk.threads.models import SignOff, Version
from huoshui.desk.users import queries as users
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.services import Draft
from huoshui.desk.worklist.tests.people import NOW, colleague, id_of
from huoshui.kernel.actors import Role, Scope
from huoshui.kernel.errors import NotAllowed
from huoshui.web.subjects import NoSuchSubject

TEXTS = st.text(alphabet="ab 客户沉默\n，.12", max_size=60)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "a.b", "1"]), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@given(TEXTS, TEXTS)
def test_the_pieces_of_a_difference_are_both_texts(a, b):
    pieces = words(a, b)
    assert "".join(p.text for p in pieces if p.kind != "in") == a
    assert "".join(p.text for p in pieces if p.kind != "out") == b
    assert all(p.text for p in pieces)
    if a == b:
        assert all(p.kind == "same" for p in pieces)


def test_chinese_is_compared_by_characters_and_latin_by_words():
    assert [(p.kind, p.text) for p in words("沉默客户发短信", "沉默客户发邮件")] == [
        ("same", "沉默客户发"), ("out", "短信"), ("in", "邮件"),
    ]  # fmt: skip
    assert [(p.kind, p.text) for p in words("send an sms", "send an email")] == [
        ("same", "send an "), ("out", "sms"), ("in", "email"),
    ]  # fmt: skip


def test_long_texts_are_compared_by_lines_first():
    a = "\n".join(f"line {n} 客户" for n in range(2000))
    pieces = words(a, a.replace("line 1000 客户", "line 1000 门店"))
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [("out", "客户"), ("in", "门店")]


@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_is_empty_exactly_where_documents_are_equal(a, b):
    assert difference(a, a) == []
    assert (difference(a, b) == []) == (repr(a) == repr(b) or _same(a, b))


def _same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return a == b


def test_fields_are_named_by_their_way():
    a = {"goal": "留存", "channels": [{"name": "sms", "budget": 100}], "end": None}
    b = {"goal": "留存率", "channels": [{"name": "sms", "budget": 120}, "mail"]}
    found = {c.field: (c.kind, c.before, c.after) for c in difference(a, b)}
    assert found == {
        "goal": ("changed", "留存", "留存率"),
        "channels[1].budget": ("changed", 100, 120),
        "channels[2]": ("added", None, "mail"),
        "end": ("removed", None, None),
    }


def state(actor, subject, number) -> str:
    signing = queries.sign_off(actor=actor, subject=subject, number=number)
    assert signing is not None
    return signing.state


@pytest.mark.usefixtures("database")
def test_versions_are_numbered_kept_and_restored(about):
    mei = colleague("Mei")
    subject = about(mei)

    def save(content) -> int:
        return services.save_version(actor=mei, subject=subject, content=content, now=NOW)

    assert [save({"a": 1}), save({"a": 1}), save({"a": 2}), save("text")] == [1, 1, 2, 3]
    assert services.restore_version(actor=mei, subject=subject, number=1, now=NOW) == 4
    assert [v.content for v in queries.versions(actor=mei, subject=subject)] == [
        {"a": 1},
        "text",
        {"a": 2},
        {"a": 1},
    ]
    (change,) = queries.difference(actor=mei, subject=subject, a=1, b=2)
    assert (change.field, change.before, change.after) == ("a", 1, 2)
    for number in (0, 5, 10**30):
        with pytest.raises(NoSuchVersion):
            queries.version(actor=mei, subject=subject, number=number)
    for content in ({"a": object()}, {"a": float("nan")}, "x" * 1_000_001, "a\0b"):
        with pytest.raises(NotAContent):
            save(content)


@pytest.mark.django_db
def test_nobody_sees_versions_of_what_they_may_not_see(about):
    mei, bo = colleague("Mei"), colleague("Bo", scope=Scope.OWN)
    subject = about(mei)
    services.save_version(actor=mei, subject=subject, content="x", now=NOW)
    for attempt in (
        lambda: queries.versions(actor=bo, subject=subject),
        lambda: queries.difference(actor=bo, subject=subject, a=1, b=1),
        lambda: queries.sign_off(actor=bo, subject=subject, number=1),
        lambda: services.restore_version(actor=bo, subject=subject, number=1, now=NOW),
        lambda: services.ask(actor=bo, subject=subject, number=1, of=[id_of(mei)], now=NOW),
    ):
        with pytest.raises(NoSuchSubject):
            attempt()
    with pytest.raises(NotASignOff, match="may not see"):
        services.ask(actor=mei, subject=subject, number=1, of=[id_of(bo)], now=NOW)


@pytest.mark.usefixtures("database")
def test_a_sign_off_is_given_by_those_who_were_asked_and_nobody_else(about):
    mei, bo, chen = colleague("Mei"), colleague("Bo"), colleague("Chen")
    vera = colleague("Vera", role=Role.VIEWER)
    subject = about(mei)
    services.save_version(actor=mei, subject=subject, content="x", now=NOW)

    def ask(of) -> int:
        return services.ask(actor=mei, subject=subject, number=1, of=of, now=NOW)

    for of in ([], [id_of(mei)], [id_of(vera)], [10**9], [id_of(bo), id_of(mei)]):
        with pytest.raises(NotASignOff):
            ask(of)
    sign_off_id = ask([id_of(bo)])
    with pytest.raises(NotASignOff):
        ask([id_of(chen)])
    assert queries.waiting_for(actor=bo) == [(subject, 1)]

    def answer(actor, word, **named) -> None:
        services.answer(actor=actor, sign_off_id=sign_off_id, word=word, now=NOW, **named)

    for actor, word in ((chen, "approved"), (mei, "approved"), (bo, "returned"), (bo, "perhaps")):
        with pytest.raises(NotASignOff):
            answer(actor, word)
    with pytest.raises(NotAllowed):
        answer(vera, "approved")
    with pytest.raises(NoSuchSignOff):
        services.answer(actor=bo, sign_off_id=10**9, word="approved", now=NOW)
    answer(bo, "approved")
    assert state(mei, subject, 1) == "approved"
    assert queries.waiting_for(actor=bo) == []


@pytest.mark.usefixtures("database")
def test_a_department_is_asked_and_one_of_its_members_answers_for_it(about):
    sales, other = (team.id for team in users.teams()[:2])
    mei, bo, chen = colleague("Mei", teams=(sales,)), colleague("Bo", teams=(sales,)), colleague("Chen")
    vera = colleague("Vera", role=Role.VIEWER, teams=(other,))
    subject = about(mei)
    services.save_version(actor=mei, subject=subject, content="x", now=NOW)
    for teams in ([other], [10**9], [sales, other]):
        with pytest.raises(NotASignOff):
            services.ask(actor=mei, subject=subject, number=1, of=[], teams=teams, now=NOW)
    assert list(queries.teams_to_ask(actor=mei, subject=subject)) == [sales]
    assert queries.teams_to_ask(actor=bo, subject=subject) == {sales: users.teams()[0].name}
    request = services.ask(actor=mei, subject=subject, number=1, of=[id_of(chen)], teams=[sales], now=NOW)
    # Who asked is of the department, too: their own word is not wanted.
    assert [queries.waiting_for(actor=one) for one in (mei, bo, chen, vera)] == [
        [],
        [(subject, 1)],
        [(subject, 1)],
        [],
    ]
    with pytest.raises(NotASignOff, match="not asked"):
        services.answer(actor=mei, sign_off_id=request, word="approved", now=NOW)
    services.answer(actor=bo, sign_off_id=request, word="approved", now=NOW)
    dan = colleague("Dan", teams=(sales,))
    with pytest.raises(NotASignOff, match="answered already"):
        services.answer(actor=dan, sign_off_id=request, word="returned", reason="late", now=NOW)
    signing = queries.sign_off(actor=chen, subject=subject, number=1)
    assert signing is not None
    assert (signing.state, signing.awaits(chen), signing.awaits(bo)) == ("waiting", True, False)
    assert [(one.team_id, one.name, one.word) for one in signing.asked] == [
        (sales, "Bo", "approved"),
        (None, "Chen", ""),
    ]
    services.answer(actor=chen, sign_off_id=request, word="approved", now=NOW)
    assert state(mei, subject, 1) == "approved"


PEOPLE: list[Any] = []
TEAM = "team"
"""Answered for by the last two of the people."""


class OneDocument(RuleBasedStateMachine):
    """A document that is saved, sent round and answered in any order; the state is worked out a second time here."""

    @initialize()
    def start(self) -> None:
        SignOff.objects.all().delete()
        Version.objects.all().delete()
        task_id = worklist.add(actor=PEOPLE[0], draft=Draft(title="plan"), now=NOW)
        self.subject = f"task:{task_id}"
        self.number = services.save_version(actor=PEOPLE[0], subject=self.subject, content="0", now=NOW)
        self.asked: dict[int, tuple[int, dict[int | str, str]]] = {}

    @rule()
    def save(self) -> None:
        self.number = services.save_version(
            actor=PEOPLE[0], subject=self.subject, content=str(self.number), now=NOW
        )

    @rule(of=st.sets(st.sampled_from([1, 2, 3, TEAM]), min_size=1), behind=st.integers(0, 1))
    def ask(self, of, behind) -> None:
        number = max(1, self.number - behind)

        def attempt() -> int:
            return services.ask(
                actor=PEOPLE[0],
                subject=self.subject,
                number=number,
                of=[id_of(PEOPLE[n]) for n in of if n != TEAM],
                teams=PEOPLE[3].team_ids if TEAM in of else (),
                now=NOW,
            )

        if number < self.number or number in self.asked:
            with pytest.raises(NotASignOff):
                attempt()
        else:
            self.asked[number] = (attempt(), dict.fromkeys(of, ""))

    @rule(who=st.integers(0, 3), word=st.sampled_from(["approved", "returned"]), behind=st.integers(0, 1))
    def answer(self, who, word, behind) -> None:
        number = self.number - behind
        if number not in self.asked:
            return
        sign_off_id, words_ = self.asked[number]

        def attempt() -> None:
            services.answer(actor=PEOPLE[who], sign_off_id=sign_off_id, word=word, reason="because", now=NOW)

        wanted: list[int | str] = [
            one for one in ([who, TEAM] if who > 1 else [who]) if words_.get(one) == ""
        ]
        if number < self.number or not wanted:
            with pytest.raises(NotASignOff):
                attempt()
        else:
            attempt()
            words_.update(dict.fromkeys(wanted, word))

    @invariant()
    def the_state_follows_from_the_answers(self) -> None:
        for number, (_id, words_) in getattr(self, "asked", {}).items():
            found = state(PEOPLE[0], self.subject, number)
            said = set(words_.values())
            if number < self.number:
                assert found == "outdated"
            elif "returned" in said:
                assert found == "returned"
            else:
                assert found == ("approved" if said == {"approved"} else "waiting")


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_is_saved_asked_and_answered_the_state_of_a_sign_off_follows():
    team = users.teams()[0].id
    PEOPLE[:] = [
        colleague(name, teams=(team,) if place > 1 else ())
        for place, name in enumerate(("Mei", "Bo", "Chen", "Dan"))
    ]
    run_state_machine_as_test(
        OneDocument,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
