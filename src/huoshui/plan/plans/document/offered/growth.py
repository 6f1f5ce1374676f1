"""The customer growth policy 客户增长策略制度."""

from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.beginning import Chapter, Template, block, text

GROWTH = Template(
    slug="growth",
    label=Text("Customer growth policy", "客户增长策略制度"),
    says=Text(
        "Principles, targets, segmentation, acquisition and retention, and who does what in four phases.",
        "原则、目标、客户细分、获取与留存策略，以及四个阶段的分工。",
    ),
    chapters=(
        Chapter(
            slug="overview",
            blocks=(
                text(
                    "**Purpose.** This policy says how the company grows its base of customers and the value "
                    "of each, so that "
                    "all departments work by the same rules and the same figures.\n\n"
                    "**Scope.** All departments that meet customers: marketing, sales, operations, service.\n\n"
                    "**Principles.**\n\n"
                    "1. Customer first: growth that annoys customers is no growth.\n"
                    "2. Driven by data: what is claimed is measured, with a control group where it can be.\n"
                    "3. Across departments: one customer, one record, one conversation.\n"
                    "4. Always improving: what works is strengthened, what does not is changed.",
                    "**目的。** 规定公司如何扩大客户规模、提升客户价值，使各部门按同一套规则、同一组数字工作。\n\n"
                    "**范围。** 所有直接面对客户的部门：市场、销售、运营、售后。\n\n"
                    "**原则。**\n\n"
                    "1. 客户至上：让客户反感的增长不是增长。\n"
                    "2. 数据驱动：凡有主张必有测量，能设对照组的就设对照组。\n"
                    "3. 跨部门协作：一位客户、一份档案、一个口径。\n"
                    "4. 持续改进：有效的加强，无效的调整。",
                ),
                block(
                    "metrics", metrics="active_customers,new_customers,revenue,retention_12m", period="365d"
                ),
            ),
        ),
        Chapter(
            slug="goals",
            blocks=(
                text(
                    "- Base customers: **+20 %** a year\n- High-value customers: **+15 %** a year\n"
                    "- Cost of winning a customer: at most **5 %** of the value of a single interaction\n"
                    "- Retention of high-value customers: at least **90 %**\n- Market share: **+10 points** in "
                    "three years\n\n"
                    "Set these as goals of the plan; each then shows where it stands and how likely it is to "
                    "be reached.",
                    "- 基础客户：每年 **+20%**\n- 高价值客户：每年 **+15%**\n- 获客成本：不超过单次交互价值的 **5%**\n"
                    "- 高价值客户留存率：不低于 **90%**\n- 市场份额：三年 **+10 个百分点**\n\n"
                    "请在“目标”中设定，之后每项都会显示当前进展与实现概率。",
                ),
                block("goals"),
                block(
                    "metrics",
                    metrics="customer_growth,cac_to_order_value,high_value_retention_12m,market_share",
                    compare="",
                ),
                block("chart", metric="new_customers", by="quarter", period="365d", look="bar"),
            ),
        ),
        Chapter(
            slug="customers",
            blocks=(
                text(
                    "Customers are told apart by place, person, attitude and behaviour. For each group: "
                    "collect and analyse, "
                    "describe traits and needs, tailor the strategy, watch and improve.\n\n"
                    "| By | Looks at | Used for |\n| --- | --- | --- |\n"
                    "| place | region, tier of city | stores, delivery |\n| person | age, income, occupation | "
                    "range, price |\n"
                    "| attitude | way of life, values | content, brand |\n| behaviour | frequency, loyalty, "
                    "use | campaigns, service |",
                    "客户按地理、人口、心理和行为细分。每个群体：收集分析、描述特征与需求、定制策略、跟踪改进。\n\n"
                    "| 维度 | 看什么 | 用于 |\n| --- | --- | --- |\n| 地理 | 地区、城市等级 | 门店、配送 |\n"
                    "| 人口 | 年龄、收入、职业 | 品类、价格 |\n| 心理 | 生活方式、价值观 | 内容、品牌 |\n| "
                    "行为 | 频次、忠诚度、使用场景 | 活动、服务 |",
                ),
                block("table", metrics="active_customers,orders,revenue", by="value_class", period="365d"),
                block("segment", segment="value-class-high"),
            ),
        ),
        Chapter(
            slug="strategy",
            blocks=(
                text(
                    "## Winning customers\n\nOnline: search, social media, content, e-mail. Offline: stores, "
                    "partners, fairs. "
                    "Recommendation: a reward for both sides, paid after the return period.",
                    "## 获取客户\n\n线上：搜索、社交媒体、内容、邮件。线下：门店、合作伙伴、展会。推荐：推荐人"
                    "与被推荐人都有奖励，过退货期后发放。",
                ),
                block("measures", group="channel"),
                text(
                    "## Keeping customers\n\nFour tiers with rights and rules for rising; care on birthdays, "
                    "holidays and "
                    "anniversaries; complaints answered within one working day; offers by what somebody bought.",
                    "## 留住客户\n\n普通、银、金、钻四级会员，权益与升级规则公开；生日、节日、周年关怀；投诉一"
                    "个工作日内答复；按购买历史推荐。",
                ),
                block("measures", group="experience"),
                block("chart", metric="repeat_rate", by="quarter", period="365d", look="line"),
            ),
        ),
        Chapter(
            slug="value",
            blocks=(
                block(
                    "proposition",
                    statement=Text(
                        "The longer you stay, the better we know your home", "相处越久，越懂您的家"
                    ),
                    differentiation=Text(
                        "Advice from what is installed already\nRights that grow with the years",
                        "根据已安装的设备给出建议\n权益随年限增长",
                    ),
                    scenes=Text(
                        "In the third year the lock reports an empty battery before it fails\nA new room needs "
                        "no new app",
                        "第三年，门锁在没电之前提醒更换\n新增一个房间，不需要新的应用",
                    ),
                ),
            ),
        ),
        Chapter(
            slug="execution",
            blocks=(
                text(
                    "1. **Make the strategy:** project team, research, plan. Four weeks.\n"
                    "2. **Provide resources:** budget, people, material. Two weeks.\n"
                    "3. **Carry out and watch:** effect in real time, a meeting every week.\n"
                    "4. **Improve:** a retrospective every month, a new version of this policy every year.",
                    "1. **制定策略：** 项目组、调研、方案，四周。\n2. **资源保障：** 预算、人员、物料，两周。\n"
                    "3. **执行与监控：** 实时看效果，每周例会。\n4. **优化：** 每月复盘，每年修订本制度。",
                ),
                block("schedule"),
                block("budget"),
            ),
        ),
        Chapter(
            slug="review",
            blocks=(
                text(
                    "Every department answers for its figures in the monthly review. Changes of this policy "
                    "need the sign-off "
                    "of marketing, sales, operations and service.",
                    "各部门在月度复盘上对自己的数字负责。修订本制度须经市场、销售、运营、售后共同签批。",
                ),
                block("reviews"),
            ),
        ),
    ),
)
