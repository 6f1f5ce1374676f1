"""The customers who moved from one stage to another between two moments, which may lie within a day."""

from __future__ import annotations

from datetime import UTC, datetime

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE_ZONE, POPULATIONS, TRAITS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.standing import standing

NOBODY = "nobody"
"""The stage of somebody who was not there yet."""


class NotACell(HuoshuiError):
    """A group of customers that the overview does not have."""

    code = "not_a_cell"
    says = Text("There is no such group of customers", "没有这一组客户")


def stage_flow(before: datetime, after: datetime, from_stage: str | None, to_stage: str) -> str:
    """The population of those who were in one stage and are in another; ``None``: who was not there before."""
    return f"stage_flow:{_written(before)}/{from_stage or NOBODY}/{_written(after)}/{to_stage}"


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="stage_flow",
            label=Text("Stage", "阶段变化"),
            members=_moved,
            sentence=_moved_in_words,
        ),
    )


def _moved(tables: Tables, argument: str) -> IbisTable:
    before, from_stage, after, to_stage = _flow_of(argument)
    zone = HOUSE_ZONE()
    then = standing(tables, before, zone, ("stage",))
    now = standing(tables, after, zone, ("stage",))
    now = now.filter(now.stage == to_stage).select("customer_id")
    if from_stage == NOBODY:
        return now.anti_join(then, "customer_id")
    return now.semi_join(then.filter(then.stage == from_stage), "customer_id")


def _moved_in_words(argument: str) -> Text:
    before, from_stage, after, to_stage = _flow_of(argument)
    then, now = _day(before), _day(after)
    stages = TRAITS["stage"].values
    to = stages[to_stage]
    if from_stage == NOBODY:
        return Text(f"not there on {then}, {to.en.lower()} on {now}", f"{then} 尚无，{now} 为{to.zh}")
    was = stages[from_stage]
    return Text(
        f"{was.en.lower()} on {then}, {to.en.lower()} on {now}", f"{then} 为{was.zh}，{now} 为{to.zh}"
    )


def _flow_of(argument: str) -> tuple[datetime, str, datetime, str]:
    parts = argument.split("/")
    stages = TRAITS["stage"].values
    valid = "MOMENT/STAGE/MOMENT/STAGE, such as 2024-02-01T00:00:00Z/active/2024-03-01T00:00:00Z/silent"
    if len(parts) != 4 or parts[1] not in (*stages, NOBODY) or parts[3] not in stages:
        raise NotACell("There is no such move", received=repr(argument[:60]), valid=valid)
    return _moment(parts[0], valid), parts[1], _moment(parts[2], valid), parts[3]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str, valid: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not 1900 <= moment.year <= 2200:
            raise ValueError
    except ValueError as error:
        raise NotACell("This is not a moment", received=repr(text[:40]), valid=valid) from error
    return moment.astimezone(UTC)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(HOUSE_ZONE()):%Y-%m-%d}"
