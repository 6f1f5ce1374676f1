"""``huoshui plan``: plans without a browser."""

from __future__ import annotations

from pathlib import Path

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.figures import pair
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def plan() -> None:
    """Customer development plans: which there are, and what they say today.

    \b
    Example:
      huoshui plan list
      huoshui plan show 1
      huoshui plan goals 1
      huoshui plan set-goal 1 revenue "+20 %"
      huoshui plan export 1 --to plan.docx
    """


@plan.command("list")
@shows_result
@click.option("--archived", is_flag=True, help="Those in the archive instead.")
def list_(choices: Choices, archived: bool) -> None:
    """List the plans, the newest first."""
    open_house()
    from huoshui.plan.plans import queries
    from huoshui.plan.plans.pages.head import STATES
    from huoshui.project.api.plans import line

    found = queries.plans(CONSOLE, archived=archived)
    if choices.as_json:
        output.print_json([line(one) for one in found])
        return
    for one in found:
        state = STATES[one.state][0].in_(choices.language)
        click.echo(f"{one.id}  {state}  {one.first_day} – {one.last_day}  {one.title}")
    if not found:
        say("there are no plans yet: begin one in the browser or by the API")


@plan.command()
@shows_result
@click.argument("number", type=int)
def goals(choices: Choices, number: int) -> None:
    """Show how the goals of the plan NUMBER stand: actual and target, pace, and the chance of reaching it."""
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake
    from huoshui.plan.plans.goals import reading
    from huoshui.plan.plans.pages.goals import line
    from huoshui.project.api.goals_shapes import goal_told

    house = HOUSE()
    found = reading.overview(
        actor=CONSOLE, plan_id=number, tables=open_lake().snapshot(), house=house, now=clock.now()
    )
    if choices.as_json:
        output.print_json([goal_told(one).model_dump() for one in found.standings])
        return
    rows = []
    for one in found.standings:
        told = line(one, house.currency, choices.language)
        rows.append(("  " * one.goal.depth + told.name, told.actual, told.target, told.pace, told.chance))
    output.print_table((), rows)
    if not rows:
        say("this plan has no goals yet: set them on its page")


@plan.command("set-goal")
@shows_result
@click.argument("number", type=int)
@click.argument("metric")
@click.argument("target")
@click.option("--name", default="", help="What it is called (default: as its metric).")
@click.option("--from", "first", metavar="DATE", help="First day (default: that of the plan).")
@click.option("--to", "last", metavar="DATE", help="Last day, included (default: that of the plan).")
@click.option("--where", multiple=True, metavar="DIM=VALUE", help="Only this slice. May be repeated.")
@click.option(
    "--baseline",
    type=click.Choice(["year", "before"]),
    default="year",
    help="Measured against the same days a year before, or as many just before (default: year).",
)
@click.option(
    "--path",
    type=click.Choice(["linear", "seasonal"]),
    default="linear",
    help="How the target is reached (default: linear).",
)
def set_goal(
    choices: Choices,
    number: int,
    metric: str,
    target: str,
    name: str,
    first: str | None,
    last: str | None,
    where: tuple[str, ...],
    baseline: str,
    path: str,
) -> None:
    """Set a goal of the plan NUMBER: METRIC is to reach TARGET.

    TARGET is a value ("1200000", "90 %") or relative to the baseline ("+20 %", "+10 points"). What is set here can be
    changed, split and taken out on the page of the goal.

    \b
    Example:
      huoshui plan set-goal 1 revenue "+20 %" --where channel=web
    """
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake
    from huoshui.plan.plans.goals import reading, services
    from huoshui.plan.plans.goals.setting import Draft, declared
    from huoshui.plan.plans.pages.goals import line
    from huoshui.project.api.goals_shapes import goal_told

    days = reading.days_of(actor=CONSOLE, plan_id=number)
    tables, house, now = open_lake().snapshot(), HOUSE(), clock.now()
    made = services.add(
        actor=CONSOLE,
        plan_id=number,
        draft=Draft(
            metric=metric,
            target=target,
            first_day=clock.parse_day(first) if first is not None else days[0],
            last_day=clock.parse_day(last) if last is not None else days[1],
            name=name or declared(metric).label.in_(choices.language),
            cut=dict(pair(text) for text in where),
            baseline_kind=baseline,
            path=path,
        ),
        tables=tables,
        now=now,
    )
    one = reading.one(actor=CONSOLE, plan_id=number, goal_id=made, tables=tables, house=house, now=now)
    if choices.as_json:
        output.print_json(goal_told(one).model_dump())
        return
    told = line(one, house.currency, choices.language)
    click.echo(f"{made}  {told.name}: {told.target}")


@plan.command()
@shows_result
@click.argument("number", type=int)
def show(choices: Choices, number: int) -> None:
    """Show the plan NUMBER with the figures of now: its text, or all of it with --json."""
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake
    from huoshui.plan.plans.document import reading, telling

    paper = reading.paper(
        actor=CONSOLE,
        plan_id=number,
        tables=open_lake().snapshot(),
        house=HOUSE(),
        language=choices.language,
        now=clock.now(),
    )
    if choices.as_json:
        output.print_json(telling.told(paper))
        return
    for text in telling.lines(paper):
        click.echo(text)


@plan.command()
@shows_result
@click.argument("number", type=int)
@click.option("--to", required=True, metavar="FILE", help="FILE.docx, FILE.pdf or FILE.pptx.")
@click.option(
    "--snapshot", type=int, metavar="ID", help="Number of a snapshot of the plan (default: of now)."
)
def export(choices: Choices, number: int, to: str, snapshot: int | None) -> None:
    """Write the plan NUMBER as a Word document, a PDF or slides.

    The file is made of a snapshot and says its number and time. Without --snapshot the plan is frozen as it stands;
    while plan and data are unchanged, the last snapshot serves again.

    \b
    Example:
      huoshui plan export 1 --to plan.pdf --language zh
    """
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.kernel.texts import Text
    from huoshui.lake import open_lake
    from huoshui.plan.plans.exporting import services
    from huoshui.plan.plans.exporting.errors import NotAnExport

    file, now = Path(to), clock.now()
    kind = file.suffix.lower().removeprefix(".")
    if kind not in services.KINDS:
        raise NotAnExport(
            Text(
                "The name of the file says what it becomes, and this ending is none of them",
                "文件格式由扩展名决定，不支持此扩展名",
            ),
            received=file.name[:80],
            valid=", ".join(f".{one}" for one in services.KINDS),
            next_step="Give a name such as plan.docx",
        )
    if snapshot is None:
        tables = open_lake().snapshot()
        snapshot = services.freeze(actor=CONSOLE, plan_id=number, tables=tables, house=HOUSE(), now=now)
    made = services.export(
        actor=CONSOLE, plan_id=number, number=snapshot, kind=kind, language=choices.language, now=now
    )
    try:
        file.write_bytes(made)
    except OSError as error:
        raise NotAnExport(
            Text("The file cannot be written", "无法写入文件"),
            received=str(file),
            valid="a folder that exists and may be written in",
            next_step="Choose another place with --to",
        ) from error
    if choices.as_json:
        output.print_json({"file": str(file), "plan": number, "snapshot": snapshot, "bytes": len(made)})
        return
    click.echo(f"{file}: snapshot {snapshot}, {len(made):,} bytes")
