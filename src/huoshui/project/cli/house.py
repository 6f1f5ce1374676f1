"""``huoshui init``, ``huoshui demo`` and ``huoshui doctor``."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import FAILED, say
from huoshui.project.cli.serving import refuse_demo_elsewhere, serve_house


@click.command()
@shows_result
def init(choices: Choices) -> None:
    """Set up a house: its folder, its database, its currency and its time zone.

    Currency and time zone stay what they are here for good, because amounts and days are counted in them. Doing it
    again changes nothing. Importing a first file does the same by itself.

    \b
    Examples:
      huoshui init
      HUOSHUI_CURRENCY=GBP HUOSHUI_TIME_ZONE=Europe/London huoshui init
    """
    house = open_house(found=True)
    from django.conf import settings

    organisation = house.organisation
    if choices.as_json:
        output.print_json(
            {
                "home": str(settings.HUOSHUI_HOME),
                "currency": organisation.currency,
                "time_zone": organisation.time_zone,
                "founded_at": organisation.founded_at,
                "fresh": house.fresh,
            }
        )
        return
    zh = choices.language == "zh"
    if not house.fresh:
        say("there was a house here already; nothing changed")
    values = f"{organisation.currency} · {organisation.time_zone}"
    click.echo(f"{'主目录' if zh else 'House'} {settings.HUOSHUI_HOME} · {values}")
    say("next: huoshui import FILE --as transactions")


@click.command()
@click.option(
    "--customers",
    type=click.IntRange(1, 1_000_000),
    default=20_000,
    show_default=True,
    help="How many people.",
)
@click.option(
    "--days", type=click.IntRange(1, 3_650), default=730, show_default=True, help="How many days of history."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    help="Another seed, another company.",
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day (default: yesterday)."
)
@click.option(
    "--months",
    type=click.IntRange(0, 24),
    help="As of the end of how many past months it is computed, too (default: 6; 1 above 100,000 customers).",
)
@click.option("--no-serve", is_flag=True, help="Print the figures and end; do not serve the pages.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages (default 8000).")
@shows_result
def demo(
    choices: Choices,
    customers: int,
    days: int,
    seed: int,
    until: datetime | None,
    months: int | None,
    no_serve: bool,
    port: int | None,
) -> None:
    """Invent a shop for smart-home products, load it, compute everything, print its figures and serve its pages.

    In the end an address is printed that signs you in once, as an administrator of the invented house. Ctrl+C ends it.

    The company speaks Chinese, also where the terminal does not. With --language en its segments, plan, campaigns,
    products, places and people have English names: the same customers, orders and figures.

    The house is made in HUOSHUI_HOME if that is set (refused unless it is empty or a demo house), else in
    ./huoshui-demo. The same seed, --until and --language give the same company; asking for another one replaces it.
    Nobody in it is real: addresses end in example.com, phone numbers are from +86 199 0000 0000 on. The truth about it
    (who has left, what a campaign really did, what comes next) is written beside the house, into HOME-truth.

    \b
    Examples:
      huoshui demo
      huoshui demo --language en
      huoshui demo --customers 100000 --days 1095 --seed 7 --until 2026-06-30
    """
    from huoshui.project import demo_house, setting_up

    chosen = demo_house.configured()
    refuse_demo_elsewhere(chosen.url)
    now = clock.now()
    zone = clock.zone_named(chosen.time_zone)
    last = until.date() if until is not None else now.astimezone(zone).date() - timedelta(days=1)
    spoken = choices.asked or "zh"
    if months is None:
        # Looking back takes as long as computing today, each time.
        months = 6 if customers <= 100_000 else 1
    arguments = demo_house.Arguments(
        customers=customers,
        days=days,
        seed=seed,
        months=months,
        until=last,
        language=spoken,
        currency=chosen.currency,
        time_zone=chosen.time_zone,
    )
    from huoshui.demo.catalogue import HOUSE
    from huoshui.demo.invention import Invention, check_until

    check_until(last, today=now.astimezone(zone).date())
    ready = demo_house.prepare(chosen, arguments)
    house = setting_up.open_house(
        actor=CONSOLE, now=now, say=say, found=True, demo=True, name=HOUSE.in_(spoken)
    )
    from huoshui.demo import lives, services
    from huoshui.lake import open_lake

    invention = Invention(customers=customers, days=days, seed=seed, until=last, language=spoken)
    truths = demo_house.truth_folder(chosen)
    if ready:
        say(f"this demo company is in {chosen.home} already")
    else:
        with output.progress() as tell:
            services.build(
                actor=CONSOLE,
                lake=open_lake(),
                invention=invention,
                truths=truths,
                zone=house.organisation.zone,
                now=now,
                months=months,
                tell=tell,
            )
        demo_house.remember(chosen.home, arguments, done=True)
    from huoshui.project.cli.overview import print_overview

    print_overview(choices, house.organisation)
    say(f"the truth about the company lies in {truths}; nothing in the house reads it")
    members = enumerate(lives.members(invention))
    cast = (f"{lives.number(place)} {one.name.in_(spoken)} ({one.role})" for place, one in members)
    say(f"the cast: {' · '.join(cast)}")
    here = f"HUOSHUI_HOME={chosen.home} "
    say(f"try: {here}huoshui customer K100002")
    stages = "SELECT stage, count(*) AS n FROM traits GROUP BY ALL ORDER BY n DESC"
    say(f'try: {here}huoshui sql "{stages}"')
    if no_serve:
        say(f"to see its pages: {here}huoshui serve")
        return
    serve_house(port=port)


@click.command()
@click.option("--deep", is_flag=True, help="Read every file and compare it with its checksum.")
@shows_result
def doctor(choices: Choices, deep: bool) -> None:
    """Look an installation over. Each line says ok, or what is wrong and what to do; exit code 1 for a problem.

    Nothing is changed: no folder is made, nothing is migrated or repaired. Without --deep the files of the lake are
    counted and measured; with it every byte of both stores is read, so that one that changed by itself is found.
    """
    from huoshui.project import examination

    findings = list(examination.examine(deep=deep))
    zh = choices.language == "zh"
    if choices.as_json:
        output.print_json(
            [
                {
                    "what": f.slug,
                    "ok": f.in_order,
                    "text": f.text.in_(choices.language),
                    **({"next_step": f.next_step.in_(choices.language)} if f.next_step else {}),
                }
                for f in findings
            ]
        )
    else:
        ok, problem = ("正常", "问题") if zh else ("ok", "problem")
        output.print_table(
            (),
            [
                (
                    ok if f.in_order else problem,
                    f.title.in_(choices.language),
                    output.cell(f.text.in_(choices.language)),
                )
                for f in findings
            ],
        )
        steps = [f.next_step.in_(choices.language) for f in findings if f.next_step]
        for step in dict.fromkeys(steps):
            click.echo(f"→ {output.cell(step)}")
    if not all(f.in_order for f in findings):
        raise click.exceptions.Exit(FAILED)
