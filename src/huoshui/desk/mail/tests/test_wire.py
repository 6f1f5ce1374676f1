from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from huoshui.desk.mail import wire
from huoshui.desk.mail.tests.server import Smtp, serving
from huoshui.desk.mail.wire import Wire, stuffed, without_person
from huoshui.kernel.outreach import Outcome

LETTER = b"Subject: Hello\r\n\r\n.one\r\n..two\r\n"
ME, YOU = "crm@example.org", "mei.wang@example.com"


@pytest.fixture(scope="module")
def running():
    with serving() as found:
        yield found


@pytest.fixture
def post(running, monkeypatch):
    """The server with nothing remembered, and its port; it may take half a second for an answer."""
    server, port = running
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    server.taken.clear(), server.answers.clear(), server.verdicts.clear()
    server.connections = 0
    return server, port


def carry(line: Wire, to: str = YOU, letter: bytes = LETTER):
    return line.carry(sender=ME, to=to, letter=letter)


def test_one_connection_carries_many_letters_as_they_are(post):
    server, port = post
    with Wire(Smtp(port)) as line:
        answers = [carry(line, f"c{n}@example.com") for n in range(20)]
    assert {answer.outcome for answer in answers} == {Outcome.SENT}
    assert answers[0].reference == "7A1B"
    assert server.connections == 1
    assert [envelope.rcpt_tos for envelope, _ in server.taken] == [[f"c{n}@example.com"] for n in range(20)]
    assert server.taken[0][0].content == LETTER


@pytest.mark.parametrize(
    ("answers", "verdicts", "outcome"),
    [
        ("550 5.1.1 <mei.wang@example.com>: no such user", None, Outcome.REFUSED),
        ("554 no", None, Outcome.REFUSED),
        ("530 5.7.0 authentication required", None, Outcome.LATER),
        ("451 4.7.1 greylisted, mei.wang", None, Outcome.LATER),
        ("421 4.3.2 too many", None, Outcome.LATER),
        ("drop", None, Outcome.LATER),
        ("hang", None, Outcome.LATER),
        (None, "554 5.7.1 spam", Outcome.REFUSED),
        (None, "451 4.3.0 disk full", Outcome.LATER),
        (None, "421 4.3.2 going down", Outcome.LATER),
        (None, "drop", Outcome.UNKNOWN),
        (None, "hang", Outcome.UNKNOWN),
    ],
)
def test_what_the_server_does_says_what_came_of_it_and_the_next_letter_goes_out(
    post, answers, verdicts, outcome
):
    server, port = post
    server.answers |= {YOU: answers} if answers else {}
    server.verdicts |= {YOU: verdicts} if verdicts else {}
    with Wire(Smtp(port)) as line:
        assert carry(line, "first@example.com").outcome is Outcome.SENT
        handed = carry(line)
        assert handed.outcome is outcome
        assert "mei" not in handed.answer
        assert carry(line, "next@example.com").outcome is Outcome.SENT
    assert [e.rcpt_tos for e, _ in server.taken] == [["first@example.com"], ["next@example.com"]]


def test_a_connection_that_was_ended_meanwhile_is_opened_again(post):
    server, port = post
    with Wire(Smtp(port)) as line:
        carry(line)
        assert line._server is not None
        assert line._server.sock is not None
        line._server.sock.shutdown(socket.SHUT_RDWR)
        assert carry(line).outcome is Outcome.SENT
    assert server.connections == 2


def test_a_server_that_is_away_means_later(post):
    with Wire(Smtp(9)) as line:
        handed = carry(line)
    assert handed.outcome is Outcome.LATER
    assert "could not be reached" in handed.answer


@contextmanager
def talking(*lines: bytes, pause: float = 0.0):
    """Something that says these lines, one for each it hears, a byte at a time, and then no more."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def talk() -> None:
            try:
                one, _ = door.accept()
                with one:
                    for line in lines:
                        for start in range(len(line) if pause else 1):
                            one.sendall(line[start : start + 1] if pause else line)
                            time.sleep(pause)
                        one.recv(65536)
            except OSError:
                return

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield door.getsockname()[1]


def test_a_server_that_says_one_byte_at_a_time_is_not_waited_for(post):
    with talking(b"220 " + b"x" * 400 + b"\r\n", pause=0.1) as port, Wire(Smtp(port)) as line:
        begun = time.monotonic()
        assert carry(line).outcome is Outcome.LATER
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize("line", [b"999 \xff\xfe\r\n", b"nonsense\r\n", b"\r\n", b"2" * 10_000 + b"\r\n"])
def test_nonsense_is_no_answer(post, line):
    hello = [b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    with talking(*hello[:2], line) as port, Wire(Smtp(port)) as wired:
        assert carry(wired).outcome is Outcome.LATER


def test_a_password_is_not_sent_where_none_is_asked_for(post):
    _server, port = post
    with Wire(Smtp(port, user="crm", password="secret")) as line:
        handed = carry(line)
    assert handed.outcome is Outcome.LATER
    assert "secret" not in handed.answer


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(post):
    _server, port = post
    with Wire(Smtp(port)) as line:
        assert carry(line, "梅@example.com").outcome is Outcome.SENT
    with serving(enable_SMTPUTF8=False) as (_server, port), Wire(Smtp(port)) as line:
        assert carry(line, "梅@example.com").outcome is Outcome.REFUSED
        assert carry(line).outcome is Outcome.SENT


def test_no_line_of_a_letter_ends_it():
    assert stuffed(b"a\n.\r\nb\r.") == b"a\r\n..\r\nb\r\n..\r\n"


def test_an_answer_names_nobody_and_stays_on_its_line():
    said = without_person("550 <mei.wang@example.com>\r\nmei.wang: user unknown\x07", YOU)
    assert said == "550 … …: user unknown"
