"""A plan of empty parts."""

from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.beginning import Chapter, Template, text
from huoshui.plan.plans.document.content import PARTS

BLANK = Template(
    slug="blank",
    label=Text("Blank", "空白"),
    says=Text("The parts of a plan without words.", "只有章节，没有内容。"),
    chapters=(
        Chapter(
            slug="overview",
            blocks=(
                text(
                    "What is to be reached for our customers, by when, and why now.",
                    "我们要为客户达成什么，到什么时候，为什么是现在。",
                ),
            ),
        ),
        *(Chapter(slug=slug) for slug in PARTS if slug != "overview"),
    ),
)
