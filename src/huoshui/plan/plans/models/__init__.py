"""Plans as people keep them."""

from huoshui.plan.plans.models.budget import BudgetLine
from huoshui.plan.plans.models.goals import Goal
from huoshui.plan.plans.models.measures import Link, Measure
from huoshui.plan.plans.models.plans import OwnTemplate, Plan, ShareLink
from huoshui.plan.plans.models.reviews import Change, Review, Rhythm
from huoshui.plan.plans.models.snapshots import Snapshot

__all__ = [
    "BudgetLine",
    "Change",
    "Goal",
    "Link",
    "Measure",
    "OwnTemplate",
    "Plan",
    "Review",
    "Rhythm",
    "ShareLink",
    "Snapshot",
]
