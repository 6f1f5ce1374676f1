"""What only people know: the share of a market, entered by hand with its source."""

from __future__ import annotations

from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.entered import EnteredRows

MARKET_SHARE = Metric(
    slug="market_share",
    label=Text("Market share", "市场份额"),
    meaning=Text(
        "The part of the market that is ours, as a colleague entered it with its source. A period has the value of the "
        "entry that touches it and ends last; without an entry it has none. Nothing is computed: returns and anonymous "
        "sales are as the source takes them.",
        "我们占市场的比例，由同事按来源手工录入。某一时期取与其有重叠、且结束最晚的一条录入值；没有录入则没有数字。"
        "不作任何计算，退货与匿名销售依来源的口径。",
    ),
    numerator=Text("share of the market as entered by hand", "手工录入的市场份额"),
    unit="share",
    grain="order",
    rows=EnteredRows(),
    unknown=Text(
        "Nobody has entered a value that touches these days: enter one, with its source, on the page of the metric",
        "没有录入与这些日子重叠的数值：请在该指标页面录入，并注明来源",
    ),
    of_people=False,
    entered=True,
)

CATALOGUE = (MARKET_SHARE,)
