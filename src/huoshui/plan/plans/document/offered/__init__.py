"""The templates that every house has."""

from collections.abc import Mapping

from huoshui.plan.plans.document.beginning import Template
from huoshui.plan.plans.document.offered.blank import BLANK
from huoshui.plan.plans.document.offered.churn import CHURN
from huoshui.plan.plans.document.offered.development import DEVELOPMENT
from huoshui.plan.plans.document.offered.growth import GROWTH

TEMPLATES: Mapping[str, Template] = {one.slug: one for one in (DEVELOPMENT, GROWTH, CHURN, BLANK)}

__all__ = ["TEMPLATES"]
