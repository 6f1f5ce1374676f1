"""The churn programme 流失应对方案: three levels of response."""

from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.beginning import Chapter, Template, block, text

CHURN = Template(
    slug="churn",
    label=Text("Churn programme", "流失应对方案"),
    says=Text(
        "Who is about to leave and why, and a response in three levels that is measured.",
        "谁将流失、为何流失，以及三级应对与效果衡量。",
    ),
    chapters=(
        Chapter(
            slug="overview",
            blocks=(
                text(
                    "Winning a customer costs many times what keeping one does. This programme notices early "
                    "who is leaving, "
                    "answers in three levels by value and risk, and counts only what a control group confirms.",
                    "赢得一位新客户的成本，是留住一位老客户的数倍。本方案及早发现将要离开的客户，按价值与风险分"
                    "三级应对，只认对照组证实的效果。",
                ),
                block(
                    "metrics", metrics="churn_12m,retention_12m,repeat_rate,active_customers", period="365d"
                ),
            ),
        ),
        Chapter(
            slug="customers",
            title=Text("Who is leaving", "谁在流失"),
            blocks=(
                text(
                    "Signs: a longer interval than the customer's own rhythm, fewer visits, more complaints. "
                    "Stages are "
                    "computed from each customer's rhythm, not from a fixed number of days.",
                    "信号：间隔超过客户自己的购买节奏、来访减少、投诉增多。生命周期阶段按每位客户自己的节奏计算"
                    "，而不是固定天数。",
                ),
                block("table", metrics="customers_by_stage", by="stage", period="365d"),
                block("segment", segment="value-class-at-risk"),
            ),
        ),
        Chapter(
            slug="research",
            title=Text("Why they leave", "为何流失"),
            blocks=(
                block(
                    "finding",
                    text=Text(
                        "**Reasons**, from feedback, calls and surveys: price, a defect that was not solved, "
                        "moved house, a "
                        "competitor, no further need. Give each its share and its source.",
                        "**原因**，来自反馈、电话与问卷：价格、问题未解决、搬家、竞争对手、没有新需求。写明各自"
                        "占比与出处。",
                    ),
                ),
                block("chart", metric="repeat_rate", by="quarter", period="365d", look="line"),
            ),
        ),
        Chapter(
            slug="value",
            blocks=(
                block(
                    "proposition",
                    statement=Text(
                        "A problem of yours is ours until it is solved", "您的问题，解决之前就是我们的问题"
                    ),
                    differentiation=Text(
                        "One person answers from the first call to the end\nWe call before the customer complains",
                        "同一位同事从头跟到底\n在客户投诉之前主动联系",
                    ),
                    scenes=Text(
                        "A device goes offline twice in a week: service calls the same day",
                        "设备一周内两次掉线：客服当天致电",
                    ),
                ),
            ),
        ),
        Chapter(
            slug="strategy",
            title=Text("Three levels of response", "三级应对"),
            blocks=(
                text(
                    "| Level | Who | Response | Within |\n| --- | --- | --- | --- |\n"
                    "| 1 light | overdue, ordinary value | automatic benefit and content | 3 days |\n"
                    "| 2 medium | overdue, potential value | the account manager calls | 2 days |\n"
                    "| 3 heavy | at risk, high value | an executive, a custom solution, special rights | 1 day |",
                    "| 级别 | 对象 | 应对 | 时限 |\n| --- | --- | --- | --- |\n"
                    "| 一级（轻） | 逾期、普通价值 | 自动发放权益与内容 | 3 天 |\n"
                    "| 二级（中） | 逾期、潜力客户 | 客户经理致电 | 2 天 |\n"
                    "| 三级（重） | 流失风险、高价值 | 高管出面、定制方案、特殊权益 | 1 天 |",
                ),
                block("measures"),
            ),
        ),
        Chapter(
            slug="goals",
            blocks=(block("goals"), block("chart", metric="retention_12m", by="quarter", look="line")),
        ),
        Chapter(slug="execution", blocks=(block("schedule"), block("budget"))),
        Chapter(
            slug="review",
            blocks=(
                text(
                    "Every week: how many entered each level, how many were reached, how many came back. Every "
                    "month: the "
                    "measured lift of each level against its cost.",
                    "每周：各级新增多少、触达多少、回来多少。每月：各级实测增量与成本对比。",
                ),
                block("reviews"),
            ),
        ),
    ),
)
