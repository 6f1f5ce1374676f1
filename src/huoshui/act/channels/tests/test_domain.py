from __future__ import annotations

import base64
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from huoshui.act.channels import domain
from huoshui.act.channels.queries import Identity

LONG, SHORT = (base64.b64encode(b"k" * n).decode() for n in (294, 162))
GOOD = {
    ("example.org", "TXT"): ["v=spf1 include:spf.provider.example ~all", "google-site-verification=x"],
    ("spf.provider.example", "TXT"): ["v=spf1 ip4:192.0.2.0/24 -all"],
    ("mail2026._domainkey.example.org", "TXT"): [f"v=DKIM1; k=rsa; p={LONG}"],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@example.org"],
    ("example.org", "MX"): ["10 mx.example.org."],
}
NAMES = ("SPF", "DKIM", "DMARC", "Receiving")


def identity(address: str = "shop@example.org", selector: str = "mail2026") -> Identity:
    return Identity(
        id=1, slug="shop", name="x", address=address, reply_to="", contact="", selector=selector,
        usual=True, team_ids=frozenset(), retired=False,
    )  # fmt: skip


def states(records, envelope: str = "", **who) -> dict[str, str]:
    checks = domain.check(identity(**who), envelope=envelope, ask=lambda *asked: records.get(asked, []))
    assert [one.title.en.partition(":")[0] for one in checks] == list(NAMES)
    assert all((one.step is not None) == (one.state != "good") for one in checks)
    return {name: one.state for name, one in zip(NAMES, checks, strict=True)}


def test_a_domain_in_order_has_nothing_to_do():
    assert set(states(GOOD).values()) == {"good"}


def test_a_domain_that_says_nothing_has_all_to_do():
    assert states({}) == dict.fromkeys(NAMES, "bad")
    assert states({}, selector="")["DKIM"] == "unknown"


@pytest.mark.parametrize(
    ("name", "state", "records"),
    [
        ("SPF", "bad", {("example.org", "TXT"): ["v=spf1 ~all", "v=spf1 -all"]}),
        ("SPF", "bad", {("example.org", "TXT"): ["v=spf1 +all"]}),
        ("SPF", "bad", {("example.org", "TXT"): ["v=spf10 -all"]}),
        ("SPF", "bad", {("example.org", "TXT"): ["v=spf1 include:example.org -all"]}),
        ("SPF", "bad", {("example.org", "TXT"): ["v=spf1 " + "mx " * 11 + "-all"]}),
        ("SPF", "good", {("example.org", "TXT"): ["V=SPF1 a/24 mx -all"]}),
        ("DKIM", "bad", {("mail2026._domainkey.example.org", "TXT"): ["v=DKIM1; p="]}),
        ("DKIM", "warn", {("mail2026._domainkey.example.org", "TXT"): [f"p={SHORT}"]}),
        ("DKIM", "good", {("mail2026._domainkey.example.org", "TXT"): ["k=ed25519; p=MCowBQYDK2VwAyEA"]}),
        ("DMARC", "warn", {("_dmarc.example.org", "TXT"): ["v=DMARC1; p=none"]}),
        ("DMARC", "bad", {("_dmarc.example.org", "TXT"): ["v=DMARC1; p=nothing"]}),
        ("DMARC", "bad", {("_dmarc.example.org", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}),
        ("Receiving", "bad", {("example.org", "MX"): ["0 ."]}),
    ],
)
def test_each_record_is_read_as_receivers_read_it(name, state, records):
    assert states(GOOD | records)[name] == state


def test_a_part_of_a_domain_goes_by_the_record_above_it():
    below = GOOD | {("news.example.org", "TXT"): ["v=spf1 -all"]}
    assert states(below, envelope="b@news.example.org")["DMARC"] == "good"
    assert states(GOOD, envelope="b@provider.example")["DMARC"] == "warn"


@pytest.fixture
def name_server():
    """A name server on this machine that knows `GOOD`; ``broken.example`` gets no answer."""
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, asker = door.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(raw)
            [asked] = query.question
            name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
            if "broken" in name:
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            if texts := GOOD.get((name, kind)):
                said = [f'"{t[:200]}" "{t[200:]}"' if kind == "TXT" else t for t in texts]
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *said))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            door.sendto(answer.to_wire(), asker)

    threading.Thread(target=serve, daemon=True).start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], door.getsockname()[1]
    yield resolver
    door.close()


def test_a_name_server_is_asked_and_one_that_is_silent_says_nothing(name_server, monkeypatch, socket_enabled):
    monkeypatch.setattr(domain, "SECONDS", 0.2)
    monkeypatch.setattr(domain, "WHOLE", 0.5)
    ask = domain.asking(name_server)
    assert {one.state for one in domain.check(identity(), envelope="", ask=ask)} == {"good"}
    silent = domain.check(identity(address="x@broken.example"), envelope="", ask=domain.asking(name_server))
    assert {one.state for one in silent} == {"unknown"}
