"""``huoshui customer``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS, Trait
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result

if TYPE_CHECKING:
    from huoshui.data.customers.queries import FoundCustomer
    from huoshui.desk.organisation.queries import Organisation
    from huoshui.measure.dashboards.queries import CustomerView


class NobodyFound(HuoshuiError):
    """Nobody is known by this."""

    code = "nobody_found"


class SeveralFound(HuoshuiError):
    """More than one customer is known by this."""

    code = "several_found"


@click.command("search-again")
def search_again() -> None:
    """Write anew what customers are found by: names, their sound, phones, e-mails, numbers.

    Needed only when huoshui doctor says so. Search goes on meanwhile; a million customers take some minutes.

    \b
    Example:
      huoshui search-again
    """
    open_house()
    from huoshui.data.customers import services

    count = services.rebuild()
    click.echo(f"huoshui: {count:,} customers can be found", err=True)


@click.command()
@click.argument("identity", metavar="ID")
@shows_result
def customer(choices: Choices, identity: str) -> None:
    """Show everything known of one customer.

    ID is any identity: the shop's own number, a phone in any spelling, an e-mail address, or our id of 15 digits.
    Traits are those of the last refresh and say as of when; orders and changes are those loaded by now.

    \b
    With --json: {"customer_id", "identities", "profile", "attributes", "tags", "consents",
      "traits": {slug: {"value", "as_of", "computed_at"}}, "orders": [...], "changes": [...]}

    \b
    Examples:
      huoshui customer 12347
      huoshui customer "138 0013 8000"
      huoshui customer mei@example.com --json
    """
    house = open_house()
    from huoshui.data.customers import queries as people
    from huoshui.lake import open_lake
    from huoshui.measure.dashboards import queries

    found = people.find(identity)
    if not found:
        raise NobodyFound(
            "Nobody is known by this",
            received=repr(identity[:60]),
            valid="a number of the shop, a phone, an e-mail address, or an id of ours",
        )
    if len(found) > 1:
        raise SeveralFound(
            "Several customers are known by this",
            received=repr(identity[:60]),
            valid="; ".join(_named(one) for one in found[:10]),
            next_step=f"Ask for one of them by its id, for example: huoshui customer {found[0].customer_id}",
        )
    number = found[0].customer_id
    view = open_lake().read(lambda tables: queries.customer(actor=CONSOLE, tables=tables, customer_id=number))
    if choices.as_json:
        output.print_json(as_plain(view))
    else:
        _print(view, choices, house.organisation)


def _named(one: FoundCustomer) -> str:
    by = f"{one.kind} {one.value}"
    return f"{one.customer_id} ({by} of {one.source})" if one.source else f"{one.customer_id} ({by})"


def as_plain(view: CustomerView) -> dict[str, Any]:
    """The view as it is printed with ``--json``."""
    profile = view.profile
    return {
        "customer_id": profile.customer_id,
        "identities": [{"source": i.source, "kind": i.kind, "value": i.value} for i in profile.identities],
        "profile": {
            "name": profile.name or None,
            "phone": profile.phone or None,
            "email": profile.email or None,
            "account_id": profile.account_id,
            "account": profile.account_name or None,
            "owner": profile.owner_name or None,
            "created_at": profile.created_at,
            **profile.guarded,
        },
        "attributes": view.attributes,
        "tags": list(view.tags),
        "consents": [
            {
                "purpose": said.purpose,
                "channel": said.channel,
                "state": said.state,
                "given_at": said.given_at,
                "source": said.source,
                "evidence": said.evidence,
            }
            for said in view.consents
        ],
        "traits": {
            slug: {"value": trait.value, "as_of": trait.as_of, "computed_at": trait.computed_at}
            for slug, trait in view.traits.items()
        },
        "orders_in_all": view.orders_in_all,
        "orders": [
            {
                "order_id": order.order_id,
                "source": order.source,
                "ordered_at": order.ordered_at,
                "revenue": order.revenue,
                "revenue_original": order.revenue_original,
                "currency": order.currency,
                "channel": order.channel,
                "store": order.store,
            }
            for order in view.orders
        ],
        "changes_in_all": view.changes_in_all,
        "changes": [
            {
                "document_id": change.document_id,
                "order_id": change.order_id,
                "source": change.source,
                "occurred_at": change.occurred_at,
                "kind": change.kind,
                "product_id": change.product_id,
                "quantity": change.quantity,
                "revenue": change.revenue,
            }
            for change in view.changes
        ],
    }


def _print(view: CustomerView, choices: Choices, house: Organisation) -> None:
    zh = choices.language == "zh"
    profile = view.profile
    click.echo(
        f"{'客户' if zh else 'Customer'} {profile.customer_id}"
        + (f" · {output.cell(profile.name)}" if profile.name else "")
    )
    known: list[tuple[str, str]] = [
        (f"{i.kind} ({i.source})" if i.source else i.kind, i.value) for i in profile.identities
    ]
    for label, value in (
        ("电话" if zh else "phone", profile.phone),
        ("邮箱" if zh else "e-mail", profile.email),
        ("公司" if zh else "account", profile.account_name),
        ("负责人" if zh else "owner", profile.owner_name),
        *profile.guarded.items(),
    ):
        if value:
            known.append((label, value))
    known.append(("认识于" if zh else "known since", output.moment(profile.created_at, house.zone)))
    _pairs([(label, output.cell(value)) for label, value in known])
    _print_attributes(view, choices)
    _print_consents(view, choices, house)
    _print_traits(view, choices, house)
    _print_orders(view, choices, house)


def _pairs(pairs: list[tuple[str, str]]) -> None:
    output.print_table((), pairs, indent=2)


def _print_attributes(view: CustomerView, choices: Choices) -> None:
    if not (view.attributes or view.tags):
        return
    from huoshui.data.customers import queries

    zh = choices.language == "zh"
    labels = {a.slug: a.label_zh if zh else a.label_en for a in queries.attributes(kind="ordinary")}
    output.heading("属性" if zh else "Attributes")
    pairs = [(labels.get(slug, slug), output.cell(value)) for slug, value in view.attributes.items()]
    if view.tags:
        pairs.append(("标签" if zh else "Tags", ", ".join(output.cell(tag) for tag in view.tags)))
    _pairs(pairs)


def _print_consents(view: CustomerView, choices: Choices, house: Organisation) -> None:
    if not view.consents:
        return
    output.heading("同意记录" if choices.language == "zh" else "Consent")
    rows = [
        (s.purpose, s.channel, s.state, output.moment(s.given_at, house.zone), output.cell(s.source))
        for s in view.consents
    ]
    output.print_table((), rows, indent=2)


def _print_traits(view: CustomerView, choices: Choices, house: Organisation) -> None:
    zh = choices.language == "zh"
    if not view.traits:
        output.heading(
            "还没有计算特征。请运行：huoshui refresh"
            if zh
            else "No traits yet. Compute them with: huoshui refresh"
        )
        return
    one = next(iter(view.traits.values()))
    as_of, computed = output.moment(one.as_of, house.zone), output.moment(one.computed_at, house.zone)
    output.heading(
        f"特征（截至 {as_of}，计算于 {computed}）" if zh else f"Traits (as of {as_of}, computed {computed})"
    )
    rows = []
    # What they bought comes first, what they may be sent last.
    for slug, value in sorted(view.traits.items(), key=lambda pair: TRAITS[pair[0]].over == "consent_states"):
        trait = TRAITS[slug]
        if value.value is not None:
            rows.append(
                (trait.label.in_(choices.language), trait_text(trait, value.value, choices, house), slug)
            )
    output.print_table((), rows, indent=2)
    empty = [
        TRAITS[slug].label.in_(choices.language) for slug, value in view.traits.items() if value.value is None
    ]
    if empty:
        click.echo(f"  {'无值' if zh else 'without a value'}: {('、' if zh else ', ').join(empty)}")


def trait_text(trait: Trait, value: Any, choices: Choices, house: Organisation) -> str:
    """The value of a trait with its unit, for people."""
    language = choices.language
    if value in trait.values:
        return trait.values[value].in_(language)
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, datetime):
        return output.moment(value, house.zone)
    if isinstance(value, Decimal):
        return output.money(value, house.currency)
    if isinstance(value, float):
        text = output.number(value, 2)
    elif isinstance(value, int):
        text = output.number(value)
    else:
        return output.cell(value)
    if trait.unit is None:
        return text
    unit = trait.unit.in_(language)
    return f"{text} {unit.removesuffix('s') if text == '1' and language == 'en' else unit}"


def _print_orders(view: CustomerView, choices: Choices, house: Organisation) -> None:
    zh = choices.language == "zh"
    for title, in_all, rows in (
        (
            "最近的订单" if zh else "Last orders",
            view.orders_in_all,
            [
                (
                    output.moment(o.ordered_at, house.zone),
                    output.cell(o.order_id),
                    output.money(o.revenue, house.currency),
                    output.cell(o.channel or o.store or ""),
                )
                for o in view.orders
            ],
        ),
        (
            "最近的退货与更正" if zh else "Last returns and corrections",
            view.changes_in_all,
            [
                (
                    output.moment(c.occurred_at, house.zone),
                    output.cell(c.document_id),
                    output.money(c.revenue, house.currency),
                    f"{c.kind} {output.cell(c.product_id or '')}".rstrip(),
                )
                for c in view.changes
            ],
        ),
    ):
        if rows:
            output.heading(f"{title}（{len(rows)}/{in_all}）" if zh else f"{title} ({len(rows)} of {in_all})")
            output.print_table((), rows, right=(2,), indent=2)
