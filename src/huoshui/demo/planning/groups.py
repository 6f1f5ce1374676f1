"""The three groups of people that the company's plan speaks of, as segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huoshui.demo.catalogue import CLEANING, CLIMATE, FITTING_OUT, PLANNING, SECURITY
from huoshui.demo.places import INCOME
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A segment: ``slug`` is what plans call it by. The names in its ``rule`` are said in both languages."""

    slug: str
    label: Text
    note: Text
    rule: Mapping[str, Any]


def _bought(*categories: Text) -> Mapping[str, Any]:
    where = [{"property": "category", "op": "in", "value": list(categories)}]
    return {"products": "times", "op": ">=", "value": 1, "where": where}


GROUPS = (
    Group(
        slug="whole-home",
        label=Text("Renovators of a whole home", "全屋装修家庭"),
        note=Text(
            "Planning or fitting out a home, with an income of CNY 300,000 a year and more",
            "正在筹备或装修，家庭年收入 30 万元以上",
        ),
        rule={
            "all": [
                {"attribute": "renovation", "op": "in", "value": [FITTING_OUT, PLANNING]},
                {"attribute": "household_income", "op": "in", "value": INCOME[1:]},
            ]
        },
    ),
    Group(
        slug="security-first",
        label=Text("Families who want to be safe", "安防优先家庭"),
        note=Text("Have bought a lock, a sensor or a camera", "买过门锁、传感器或摄像头"),
        rule={"all": [_bought(SECURITY)]},
    ),
    Group(
        slug="time-savers",
        label=Text("Busy people who save time", "省时省心族"),
        note=Text("Have bought something that cleans, or cares for the air", "买过清洁或环境类产品"),
        rule={"all": [_bought(CLEANING, CLIMATE)]},
    ),
)
