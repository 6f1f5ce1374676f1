"""The three groups of people that the company's plan speaks of, as segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A segment: ``slug`` is what plans call it by."""

    slug: str
    label: Text
    rule: Mapping[str, Any]


def _bought(*categories: str) -> Mapping[str, Any]:
    where = [{"property": "category", "op": "in", "value": list(categories)}]
    return {"products": "times", "op": ">=", "value": 1, "where": where}


GROUPS = (
    Group(
        slug="whole-home",
        label=Text("Renovators of a whole home", "全屋装修家庭"),
        rule={
            "all": [
                {"attribute": "renovation", "op": "in", "value": ["装修中", "筹备中"]},
                {"attribute": "household_income", "op": "in", "value": ["30–50 万", "50–80 万", "80 万以上"]},
            ]
        },
    ),
    Group(
        slug="security-first",
        label=Text("Families who want to be safe", "安防优先家庭"),
        rule={"all": [_bought("安防 Security")]},
    ),
    Group(
        slug="time-savers",
        label=Text("Busy people who save time", "省时省心族"),
        rule={"all": [_bought("清洁 Cleaning", "环境 Climate")]},
    ),
)
