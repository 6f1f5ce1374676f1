"""What the domain of a sender says of itself in DNS: whether mail from it is believed (SPF, DKIM, DMARC) and answered.

Gmail, Yahoo and Outlook want all three of who sends many messages; without them mail goes to spam or is refused. The
records are the operator's to write; here they are looked up and said in words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

import dns.exception
import dns.resolver

from huoshui.act.channels.queries import Identity
from huoshui.desk.mail.delivery import in_ascii
from huoshui.kernel.texts import Text

SECONDS = 3.0
"""For one question."""
WHOLE = 12.0
"""For all questions about one sender."""
MOST_LOOKUPS = 10
"""Terms of SPF that ask DNS again (RFC 7208, 4.6.4)."""
STRONG_KEY = 256
"""Bytes of a public RSA key that are surely of 2,048 bits or more: those of 1,024 take 162."""

Ask = Callable[[str, str], Sequence[str]]
State = Literal["good", "warn", "bad", "unknown"]


class NoWord(Exception):
    """DNS did not answer; that says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: ``record`` is what DNS says, ``step`` what to do."""

    title: Text
    state: State
    said: Text
    step: Text | None = None
    record: str = ""


def asking(resolver: dns.resolver.Resolver | None = None) -> Ask:
    """Questions to the name servers of this machine: records of a name as texts, none where there are none.

    Raises `NoWord` where nobody answers, and for every further question after `WHOLE` seconds.
    """
    server = resolver or dns.resolver.Resolver()
    until = monotonic() + WHOLE

    def ask(name: str, kind: str) -> Sequence[str]:
        left = until - monotonic()
        if left <= 0:
            raise NoWord("timed out")
        try:
            answer = server.resolve(name, kind, lifetime=min(SECONDS, left), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise NoWord(type(error).__name__) from error
        if kind == "TXT":
            return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]
        return [row.to_text() for row in answer]

    return ask


def check(identity: Identity, *, envelope: str, ask: Ask) -> list[Check]:
    """What there is to say about the domain of a sender; ``envelope`` is where its messages come back to."""
    host = in_ascii(identity.address).rpartition("@")[2]
    back = in_ascii(envelope or identity.address).rpartition("@")[2]
    checks: list[tuple[Text, Callable[[], Check]]] = [
        (SPF, lambda: _spf(back, ask)),
        (DKIM, lambda: _dkim(host, identity.selector, ask)),
        (DMARC, lambda: _dmarc(host, back, ask)),
        (ANSWERS, lambda: _mx(back, ask)),
    ]
    return [_unless_silent(title, look) for title, look in checks]


SPF = Text("SPF: who may send for the domain", "SPF：谁可以代表该域名发信")
DKIM = Text("DKIM: the signature of messages", "DKIM：邮件签名")
DMARC = Text("DMARC: what to do with forged mail", "DMARC：如何处理伪造邮件")
ANSWERS = Text("Receiving: where messages come back to", "收信：退信能否收到")


def _unless_silent(title: Text, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except NoWord:
        return Check(
            title=title,
            state="unknown",
            said=Text("DNS did not answer.", "DNS 没有应答。"),
            step=Text(
                "Look again later, or from a machine that reaches name servers.",
                "请稍后重试，或在能访问域名服务器的机器上查看。",
            ),
        )


def _spf(host: str, ask: Ask) -> Check:
    found = _records(host, "v=spf1", ask)
    record = " | ".join(found)
    if not found:
        return Check(
            title=SPF,
            state="bad",
            said=Text(f"{host} does not say who may send for it.", f"{host} 没有声明谁可以代它发信。"),
            step=Text(
                f"Write a TXT record for {host}. Your mail provider gives the words, such as "
                "v=spf1 include:spf.provider.example ~all",
                f"请为 {host} 添加 TXT 记录，内容由邮件服务商提供，例如 v=spf1 include:spf.provider.example ~all",
            ),
        )
    if len(found) > 1:
        return Check(
            title=SPF,
            state="bad",
            record=record,
            said=Text("There are several records, so none counts.", "存在多条记录，因此全部无效。"),
            step=Text("Put them into one.", "请合并为一条。"),
        )
    terms = found[0].lower().split()
    if "+all" in terms or "all" in terms:
        return Check(
            title=SPF,
            state="bad",
            record=record,
            said=Text("It lets everybody send for the domain.", "它允许任何人代该域名发信。"),
            step=Text("End it with ~all or -all.", "请以 ~all 或 -all 结尾。"),
        )
    if (lookups := _lookups(found[0], ask, 0)) > MOST_LOOKUPS:
        return Check(
            title=SPF,
            state="bad",
            record=record,
            said=Text(
                f"It asks DNS {lookups} times; after {MOST_LOOKUPS} receivers take it for broken.",
                f"它需要 {lookups} 次 DNS 查询；超过 {MOST_LOOKUPS} 次，收信方会视为无效。",
            ),
            step=Text("Take out what is not needed.", "请删去不需要的部分。"),
        )
    return Check(
        title=SPF,
        state="good",
        record=record,
        said=Text(
            "It is there. Whether it names your mail server, its provider says.",
            "记录有效。其中是否包含你的邮件服务器，请对照服务商说明。",
        ),
    )


def _dkim(host: str, selector: str, ask: Ask) -> Check:
    if not selector:
        return Check(
            title=DKIM,
            state="unknown",
            said=Text(
                "The key is found by its selector, which is not known here.",
                "查找密钥需要选择器，这里还没有填写。",
            ),
            step=Text(
                "Turn on DKIM at your mail provider and enter the selector with the sender.",
                "请在邮件服务商处开启 DKIM，并在发件人处填写选择器。",
            ),
        )
    name = f"{selector}._domainkey.{host}"
    found = [text for text in ask(name, "TXT") if "p=" in text.replace(" ", "")]
    if not found:
        return Check(
            title=DKIM,
            state="bad",
            said=Text(f"There is no key at {name}.", f"{name} 处没有密钥。"),
            step=Text(
                "Write the TXT or CNAME record that your mail provider shows there.",
                "请按邮件服务商给出的内容添加 TXT 或 CNAME 记录。",
            ),
        )
    tags = _tags(found[0])
    try:
        key = base64.b64decode(re.sub(r"\s", "", tags.get("p", "")), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        return Check(
            title=DKIM,
            state="bad",
            record=found[0],
            said=Text("The key is empty or cut: it was withdrawn.", "密钥为空或不完整：已被撤销。"),
            step=Text(
                "Write the key anew as your mail provider shows it.", "请按邮件服务商给出的内容重新填写密钥。"
            ),
        )
    if tags.get("k", "rsa") == "rsa" and len(key) < STRONG_KEY:
        return Check(
            title=DKIM,
            state="warn",
            record=found[0],
            said=Text("The key has less than 2,048 bits.", "密钥不足 2048 位。"),
            step=Text("Ask your mail provider for a longer one.", "请向邮件服务商更换更长的密钥。"),
        )
    return Check(
        title=DKIM,
        state="good",
        record=found[0],
        said=Text(
            "The key is there. Your mail server signs with it; it must sign List-Unsubscribe as well.",
            "密钥有效，由邮件服务器用它签名；签名须包含 List-Unsubscribe。",
        ),
    )


def _dmarc(host: str, back: str, ask: Ask) -> Check:
    # Without a record of its own the one of the domain above counts (RFC 7489, 6.6.3).
    labels = host.split(".")
    for start in range(max(len(labels) - 1, 1)):
        above = ".".join(labels[start:])
        if found := _records(f"_dmarc.{above}", "v=DMARC1", ask):
            break
    else:
        return Check(
            title=DMARC,
            state="bad",
            said=Text(
                f"{host} does not say what to do with mail that only claims to come from it.",
                f"{host} 没有声明如何处理冒用它的邮件。",
            ),
            step=Text(
                f"Write a TXT record for _dmarc.{host}, to begin with: v=DMARC1; p=none",
                f"请为 _dmarc.{host} 添加 TXT 记录，可先用：v=DMARC1; p=none",
            ),
        )
    tags = _tags(found[0])
    record = " | ".join(found)
    if len(found) > 1 or tags.get("p", "") not in ("none", "quarantine", "reject"):
        return Check(
            title=DMARC,
            state="bad",
            record=record,
            said=Text("The record cannot be read, so none counts.", "记录无法识别，因此无效。"),
            step=Text(
                "Keep one, with p=none, p=quarantine or p=reject.",
                "请只保留一条，并写明 p=none、p=quarantine 或 p=reject。",
            ),
        )
    if not (back == above or back.endswith(f".{above}")):
        return Check(
            title=DMARC,
            state="warn",
            record=record,
            said=Text(
                f"Messages come back to {back}, which is not of {above}: only a DKIM signature of {above} is believed.",
                f"退信地址属于 {back}，不属于 {above}：只有 {above} 的 DKIM 签名会被认可。",
            ),
            step=Text("Sign with a key of the sender's domain.", "请使用发件域名的密钥签名。"),
        )
    if tags["p"] == "none":
        return Check(
            title=DMARC,
            state="warn",
            record=record,
            said=Text(
                "It is there and asks for nothing yet: forged mail is delivered.",
                "记录有效，但尚未要求处理：伪造邮件仍会送达。",
            ),
            step=Text(
                "When SPF and DKIM are in order, go on to p=quarantine.",
                "待 SPF 与 DKIM 正常后，可改为 p=quarantine。",
            ),
        )
    return Check(
        title=DMARC,
        state="good",
        record=record,
        said=Text("Forged mail is kept away from people.", "伪造邮件会被拦截。"),
    )


def _mx(back: str, ask: Ask) -> Check:
    servers = [text.split()[-1].rstrip(".") for text in ask(back, "MX")]
    if [name for name in servers if name]:
        return Check(
            title=ANSWERS,
            state="good",
            record=", ".join(sorted(servers)),
            said=Text(f"{back} receives mail.", f"{back} 可以收信。"),
        )
    return Check(
        title=ANSWERS,
        state="bad",
        said=Text(
            f"{back} receives no mail: returned messages are lost, and some servers refuse such senders.",
            f"{back} 不能收信：退信会丢失，部分服务器也会拒收此类发件人。",
        ),
        step=Text("Choose an address of a domain with an MX record.", "请选用有 MX 记录的域名下的地址。"),
    )


def _records(name: str, begin: str, ask: Ask) -> list[str]:
    return [text for text in ask(name, "TXT") if re.match(rf"{begin}(?=[\s;]|$)", text, re.IGNORECASE)]


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _is, value in pairs if name.strip()}


def _lookups(record: str, ask: Ask, so_far: int) -> int:
    """How many questions a record of SPF asks in all, counted no further than is too many."""
    for term in record.lower().split()[1:]:
        name, _, value = term.lstrip("+-~?").partition(":")
        if term.startswith("redirect="):
            name, value = "redirect", term.partition("=")[2]
        if name.partition("/")[0] not in ("include", "a", "mx", "ptr", "exists", "redirect"):
            continue
        so_far += 1
        if so_far > MOST_LOOKUPS:
            return so_far
        if name in ("include", "redirect") and value and "%" not in value:
            for inner in _records(value, "v=spf1", ask)[:1]:
                so_far = _lookups(inner, ask, so_far)
    return so_far
