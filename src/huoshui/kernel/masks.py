"""Phones and e-mail addresses as people see them who may not see them whole."""

from __future__ import annotations

from huoshui.kernel.actors import Actor, Right

HIDDEN = "****"


def phone(number: str) -> str:
    """A phone number with its middle hidden: ``+8613800138000`` → ``138****8000``; short ones keep two digits only.

    A mainland number of China is written without its country code; of others it stays: ``+4420****4567``.
    """
    digits = number.strip()
    if digits.startswith("+86") and len(digits) == 14:
        digits = digits.removeprefix("+86")
    if len(digits) < 8:
        return digits[:2] + HIDDEN if digits else ""
    return digits[: max(len(digits) - 8, 3)] + HIDDEN + digits[-4:]


def email(address: str) -> str:
    """An e-mail address with its name and host hidden but for their first letter and the ending:
    ``rose@example.com`` → ``r***@e***.com``."""
    name, at, host = address.strip().rpartition("@")
    if not at:
        return HIDDEN if address.strip() else ""
    label, dot, ending = host.rpartition(".")
    return f"{name[:1]}***@{label[:1]}***{dot}{ending}" if dot else f"{name[:1]}***@***"


def phone_for(actor: Actor, number: str) -> str:
    """A phone number as ``actor`` may see it: whole with the right to reveal contacts, else masked."""
    return number if actor.may(Right.CONTACTS_REVEAL) else phone(number)


def email_for(actor: Actor, address: str) -> str:
    """An e-mail address as ``actor`` may see it: whole with the right to reveal contacts, else masked."""
    return address if actor.may(Right.CONTACTS_REVEAL) else email(address)
