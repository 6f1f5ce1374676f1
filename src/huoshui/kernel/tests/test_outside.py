"""What a person typed leads nowhere inside (WEB-05)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel import outside
from huoshui.kernel.outside import AddressRefused, NoAnswer
from huoshui.kernel.tests.trap import Trap

LOOPBACK = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "0177.0.0.01", "127.000.000.001", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "0", "0.0.0.0", "[::]", "localhost", "localhost.", "LOCALHOST", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①",
    "127.0.0.1%00.example.com", "[::1%25lo]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
)  # fmt: skip
INSIDE = (
    "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "10.0.0.1", "192.168.1.1", "172.16.0.1",
    "metadata", "db.internal", "printer.local", "gateway.lan", "2852039166", "0xa9fea9fe",
)  # fmt: skip
ODD = (
    "file:///etc/passwd", "gopher://hooks.example.com/_x", "ftp://hooks.example.com/", "dict://hooks.example.com:443/",
    "http://hooks.example.com/", "//hooks.example.com/", "hooks.example.com", "", "https://", "https:///x",
    "https://hooks.example.com:25/", "https://hooks.example.com:6379/", "https://hooks.example.com:22/",
    "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://hooks.example.com:x/",
    "https://user:word@hooks.example.com/", "https://user@hooks.example.com/", "https://@hooks.example.com/",
    "https://hooks.example.com#@127.0.0.1/", "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com /",
    "https://hooks.example.com/\r\nHost: inside", "https://hooks.example.com/\tx", "https://exa mple.com/",
    "https://" + "a" * 64 + ".example.com/", "https://hooks.example.com/" + "x" * 2000,
)  # fmt: skip
LEADING_IN = (
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.100.100.200",
    "168.63.129.16", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fe80::1", "fec0::1", "fd00::1", "ff02::1", "64:ff9b::a00:1",
    "2002:a00:1::1", "2001:0:a00:1::", "2001:db8::1", "::10.0.0.1", "not an address", "fe80::1%eth0",
)  # fmt: skip


@pytest.fixture
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.close()


def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host}:{port} was asked for")


@pytest.mark.parametrize("host", [*LOOPBACK, *INSIDE])
def test_an_address_inside_is_refused_before_anybody_is_asked(host: str):
    for port in ("", ":443", ":8443"):
        with pytest.raises(AddressRefused):
            outside.post(f"https://{host}{port}/x", b"", {}, resolve=never)


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_is_refused_before_anybody_is_asked(url: str):
    with pytest.raises(AddressRefused):
        outside.post(url, b"", {}, resolve=never)


@pytest.mark.parametrize("beside", [(), ("93.184.216.34",)])
@pytest.mark.parametrize("address", LEADING_IN)
def test_a_name_that_leads_inside_is_refused_also_beside_a_public_address(address: str, beside: tuple[str]):
    def resolve(host: str, port: int) -> list[str]:
        return [*beside, address]

    with pytest.raises(AddressRefused):
        outside.post("https://127.0.0.1.nip.io/", b"", {}, resolve=resolve)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_a_public_address_is_one_that_the_registry_calls_global(address):
    if outside.is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not any((address.is_private, address.is_loopback, address.is_link_local))


def test_the_line_goes_to_the_address_that_was_checked_however_the_name_answers_later(
    trap: Trap, monkeypatch
):
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    dialled: list[tuple[str, int]] = []

    def dial(place: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dial)
    with pytest.raises(NoAnswer) as refused:
        outside.post("https://hooks.example.com/", b"", {}, resolve=lambda _h, _p: next(answers))
    assert dialled == [("93.184.216.34", 443)]
    assert not refused.value.went
    assert trap.reached == 0


def test_a_host_that_the_operator_names_is_called_and_only_on_its_port(trap: Trap):
    answer = outside.post(trap.url, b"body", {"X-One": "1"}, inner=trap.inner)
    assert (answer.status, answer.text, trap.bodies) == (200, "fine", [b"body"])
    for other in (f"http://127.0.0.1:{trap.port + 1}/", f"http://127.1:{trap.port}/", "http://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            outside.post(other, b"", {}, inner=trap.inner)


def test_a_redirect_is_an_answer_and_not_followed(trap: Trap):
    trap.says = (302, {"Location": trap.url}, b"")
    assert outside.post(trap.url, b"", {}, inner=trap.inner).status == 302
    assert trap.reached == 1


def test_an_answer_that_drips_ends_at_the_deadline(trap: Trap):
    trap.drips = True
    began = time.monotonic()
    with pytest.raises(NoAnswer) as refused:
        outside.post(trap.url, b"", {}, inner=trap.inner, seconds=0.4)
    assert time.monotonic() - began < 2
    assert refused.value.went
    assert refused.value.problem == "it took too long"


def test_only_the_beginning_of_an_answer_is_read(trap: Trap):
    trap.says = (200, {}, b"x" * 3_000_000)
    assert len(outside.post(trap.url, b"", {}, inner=trap.inner).text) == outside.MOST_READ
