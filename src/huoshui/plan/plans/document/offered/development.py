"""The customer development plan 客户发展管理计划书, in its nine parts."""

from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.beginning import Chapter, Template, block, text

_OVERVIEW = Chapter(
    slug="overview",
    blocks=(
        text(
            "**What this plan is for.** In the period of this plan we win the right customers, let more of "
            "them come back, and "
            "keep those who matter most. It says for whom we work, what we promise them, which measures keep "
            "the promise, and by "
            "which figures we will know.\n\n"
            "- **Where we stand:** the figures below are computed from our own orders and are always of the "
            "last refresh.\n"
            "- **Where we want to be:** growth of at least 20 %, satisfaction of at least 90 %, and a market "
            "share of 5 % within "
            "a year; the goals say it metric by metric.\n"
            "- **How we get there:** one value proposition, a few measures that each support it, one owner for each.\n"
            "- **How we stay honest:** progress every week, a retrospective every month; what counts of a "
            "measure is its "
            "measured lift.",
            "**这份计划要做什么。** 在计划周期内，赢得对的客户，让更多客户回来，并留住最重要的客户。计划说明我"
            "们为谁服务、承诺什么、"
            "用哪些措施兑现承诺，以及用哪些数字检验。\n\n"
            "- **现状：** 下面的数字由本公司订单计算得出，始终以最近一次刷新为准。\n"
            "- **目标：** 一年内增长不低于 20%，客户满意度不低于 90%，市场份额达到 5%；各项指标见“目标与 KPI”。\n"
            "- **路径：** 一个价值主张，少数几项措施，每项都支撑它，每项都有负责人。\n"
            "- **检验：** 每周看进展，每月做复盘；措施的效果以实测增量为准。",
        ),
        block(
            "metrics",
            metrics="revenue,orders,active_customers,new_customers,average_order_value,repeat_rate",
            period="365d",
        ),
    ),
)
_CUSTOMERS = Chapter(
    slug="customers",
    blocks=(
        text(
            "## Whom we serve\n\n"
            "Our core customers are households of 30 to 50 years with a high income, in first- and second-tier "
            "cities, who are "
            "furnishing or renewing a home of the middle and upper class. They decide after searching online, "
            "asking friends, "
            "and trying things in a shop. Replace this by what your own segments show.",
            "## 我们服务谁\n\n"
            "核心客户是一二线城市 30–50 岁、收入较高的家庭，正在装修或更新中高端住宅。他们的决策路径是：线上搜"
            "索、听朋友推荐、"
            "到店体验。请按本公司的分群结果改写。",
        ),
        block("table", metrics="customers_by_stage", by="stage", period="365d"),
        text(
            "Each class of value gets other resources: **high-value** customers have their own manager and the "
            "first access "
            "to what is new; **potential** ones get recommendations and incentives to grow; **ordinary** ones "
            "are served by "
            "automatic marketing; those **at risk** are called before they leave.",
            "不同价值等级投入不同资源：**高价值**客户有专属顾问并优先体验新品；**潜力**客户获得推荐与成长激励；"
            "**普通**客户由自动化营销服务；"
            "**流失风险**客户在离开之前就有人联系。",
        ),
        block(
            "table",
            metrics="active_customers,orders,revenue,average_order_value",
            by="value_class",
            period="365d",
        ),
        block(
            "persona",
            name=Text("The family that renews its home", "翻新住宅的家庭"),
            segment="value-class-high",
            story=Text(
                "A couple of about forty with one child, both in demanding jobs, has bought a flat of 140 m² "
                "and is renovating. "
                "They want light, curtains, lock and heating to work together, and no cables to be seen.",
                "四十岁左右的夫妇，有一个孩子，工作都忙，刚买下一套 140 平方米的房子，正在装修。希望灯光、窗帘"
                "、门锁和暖气能联动，且看不到走线。",
            ),
            pains=Text(
                "Devices of five brands and five apps\nNobody answers for the whole when something "
                "fails\nAfraid of having to open the walls again",
                "五个品牌，五个应用\n出了问题没有人对整体负责\n担心日后还要再次开墙",
            ),
            expectations=Text(
                "One plan for the whole home with a fixed price\nInstallation in one day, by "
                "appointment\nSomebody who calls back after a week",
                "一份固定价格的全屋方案\n预约安装，一天完成\n使用一周后有人回访",
            ),
            behaviour=Text(
                "Searches and compares in the evening, decides at the weekend in a shop\nBuys the first set "
                "during renovation, adds rooms within a year\nRecommends to neighbours of the same estate",
                "晚上搜索、比较，周末到店决定\n装修期购买首套，一年内补充其他房间\n会推荐给同小区的邻居",
            ),
            case=Text(
                "Bought a lock and two lamps to try; when the installer showed the scene “coming home”, "
                "ordered the whole living "
                "room the same week. Write a case of your own here, without name, phone or address.",
                "先买了一把门锁和两盏灯试用；安装师傅演示“回家模式”之后，同一周订了整个客厅。请换成本公司的真实"
                "案例，不写姓名、电话与地址。",
            ),
        ),
        block(
            "persona",
            name=Text("The first-time buyer of one device", "首次购买单品的客户"),
            segment="stage-new",
            story=Text(
                "Moved into a rented flat, wants one thing to be easier: the light, the door, or the heating.",
                "租住公寓，只想让一件事更方便：灯光、开门或取暖。",
            ),
            pains=Text(
                "Does not know whether it fits the home\nFears a complicated set-up",
                "不知道是否适配自己的家\n担心安装设置复杂",
            ),
            expectations=Text(
                "Works in ten minutes\nCan be taken along when moving", "十分钟即可使用\n搬家时可以带走"
            ),
            behaviour=Text(
                "Buys online in a promotion, reads reviews first\nComes back within 60 days or never",
                "在促销时线上购买，先看评价\n60 天内会再来，否则往往不再来",
            ),
            case=Text(
                "Bought a lamp, could not pair it and nearly sent it back; a colleague answered in ten "
                "minutes. The second "
                "order came three weeks later.",
                "买了一盏灯，配不上网，差点退货；客服十分钟内解决。三周后下了第二单。",
            ),
        ),
    ),
)
_RESEARCH = Chapter(
    slug="research",
    blocks=(
        text(
            "## What we know of the market\n\n"
            "Say how large the market is and how it grows, who else our customers consider, and what they told "
            "us. Every number "
            "that is not our own needs a source, a date, and how sure we are: enter it in the research "
            "register and cite it here.",
            "## 我们对市场的了解\n\n"
            "写明市场规模与增速、客户还会考虑哪些对手、客户亲口告诉我们什么。凡不是本公司的数字，都要有出处、日"
            "期与可信度：先录入研究库，再在这里引用。",
        ),
        block(
            "finding",
            text=Text(
                "**Size and trend.** State the size of the market we can serve, its growth, and our share of "
                "it. Choose the "
                "sources of these figures below.",
                "**规模与趋势。** 写明可服务市场的规模、增速，以及我们的份额，并在下方选择出处。",
            ),
        ),
        block(
            "finding",
            text=Text(
                "**Competitors.** Who is better at what, and what nobody does for our customers yet.",
                "**竞争对手。** 谁在哪方面更强，哪些事还没有人为我们的客户做好。",
            ),
        ),
        block("chart", metric="revenue", by="month", period="365d", look="line"),
        block("chart", metric="revenue", by="channel", period="365d", look="bar"),
        block(
            "quote",
            text=Text(
                "I do not want to become an expert. I want somebody who answers for the whole home.",
                "我不想变成专家，我只想有人对整个家负责。",
            ),
            by=Text("an interview; replace it by one of yours", "客户访谈，请换成本公司的访谈"),
        ),
    ),
)
_VALUE = Chapter(
    slug="value",
    blocks=(
        text(
            "A value proposition is short, can be told apart from every competitor's, and is seen in concrete "
            "scenes. Every "
            "measure of this plan has to support one; the checks beside the plan name those that do not.",
            "价值主张要简短、能与每个对手区分开，并落在具体场景里。本计划的每项措施都必须支撑其中之一；旁边的检"
            "查会指出没有做到的措施。",
        ),
        block(
            "proposition",
            statement=Text(
                "One plan, one price, one team for the whole home", "一份方案、一个价格、一支团队，负责整个家"
            ),
            differentiation=Text(
                "Works with the devices that are there already\nInstalled in one day, with a fixed price "
                "before the work begins\nOne number to call, also after five years",
                "兼容客户已有的设备\n一天装完，开工前价格已定\n一个电话，五年之后依然有效",
            ),
            scenes=Text(
                "Coming home at night: the door opens, the hall is lit, the heating is on\nTravelling: water, "
                "gas and doors are watched, and one message says that all is well\nParents who live alone: the "
                "light at night comes on by itself",
                "夜里回家：门开，玄关灯亮，暖气已启动\n出差在外：水、燃气、门窗有人看着，一条消息报平安\n独居的"
                "父母：起夜时灯自动亮起",
            ),
        ),
    ),
)
_STRATEGY = Chapter(
    slug="strategy",
    blocks=(
        text(
            "## Channels\n\n"
            "Where customers find us and where they buy: the own shop, market places, stores, partners in "
            "renovation, and "
            "recommendations. Say for each what it is for and what a customer won there may cost.",
            "## 渠道\n\n客户在哪里找到我们、在哪里购买：自营商城、电商平台、门店、装修合作伙伴、老客推荐。写明"
            "每个渠道的作用，以及在那里获得一位客户最多花多少钱。",
        ),
        block("table", metrics="revenue,orders,average_order_value", by="channel", period="365d"),
        block("measures", group="channel"),
        text(
            "## Promotions\n\nFew, with a reason and an end. Each names its control group, so that we know "
            "what it added.",
            "## 促销\n\n少而有理由，有结束时间。每次促销都保留对照组，才能知道它带来了多少增量。",
        ),
        block("measures", group="promotion"),
        text(
            "## Advertising\n\nPaid search, content and social media. Spend is entered by day and channel, so "
            "that the cost of "
            "winning a customer is known.",
            "## 广告\n\n搜索投放、内容与社交媒体。按日、按渠道录入花费，获客成本才算得清。",
        ),
        block("measures", group="advertising"),
        text(
            "## Brand\n\nWhat we want to be known for, and where we show it: cases of real homes, reviews, fairs.",
            "## 品牌\n\n希望客户记住我们什么，在哪里呈现：真实案例、评价、展会。",
        ),
        block("measures", group="brand"),
        text(
            "## Experience\n\nBefore the sale: an answer within ten minutes and a plan that fits. Delivery: "
            "progress that can be "
            "seen. After it: a call after one week of use, and every bad review closed.",
            "## 体验\n\n售前：十分钟内答复，方案合适。交付：进度可见。售后：使用一周后回访，每条差评都有结果。",
        ),
        block("measures", group="experience"),
    ),
)
_GOALS = Chapter(
    slug="goals",
    blocks=(
        text(
            "Goals are demanding and can be reached: the forecast says how likely each is. They are broken "
            "down by quarter, "
            "segment and channel so that the parts add up to the whole. The figures fill in by themselves.",
            "目标既有挑战，又能达成：预测会给出每个目标实现的概率。目标按季度、分群、渠道分解，各部分相加等于总"
            "目标。数字自动更新。",
        ),
        block("goals"),
        block("metrics", metrics="revenue,new_customers,average_order_value,cac,nps", period="30d"),
        block(
            "metrics",
            metrics="sales_growth_yoy,customer_growth,csat,cac_to_order_value,high_value_retention_12m",
            period="365d",
            compare="",
        ),
        block("chart", metric="new_customers", by="month", period="365d", look="bar"),
    ),
)
_EXECUTION = Chapter(
    slug="execution",
    blocks=(
        text(
            "## People and training\n\n"
            "| Team | Does | Is measured by | Learns |\n| --- | --- | --- | --- |\n"
            "| Marketing | wins customers | cost per new customer | measuring with control groups |\n"
            "| Sales | turns interest into orders | conversion, order value | the scenes of the value proposition |\n"
            "| Operations | brings customers back | repeat rate | segments and campaigns |\n"
            "| Service | keeps the promise | satisfaction, open complaints | wording of difficult calls |",
            "## 人员与培训\n\n"
            "| 团队 | 做什么 | 考核什么 | 学什么 |\n| --- | --- | --- | --- |\n"
            "| 市场 | 获取客户 | 单客获客成本 | 用对照组衡量效果 |\n"
            "| 销售 | 把兴趣变成订单 | 转化率、客单价 | 价值主张的场景 |\n"
            "| 运营 | 让客户回来 | 复购率 | 分群与营销活动 |\n"
            "| 售后 | 兑现承诺 | 满意度、未结投诉 | 疑难沟通话术 |",
        ),
        block("measures", group="training"),
        text(
            "## Responsibility and resources\n\nEach measure has one owner, who may decide within its budget. "
            "Departments "
            "share the data of customers and close the loop: what service hears goes to marketing within a week.",
            "## 职责与资源\n\n每项措施只有一位负责人，在预算内可以自行决定。各部门共享客户数据、形成闭环：售后"
            "听到的问题，一周内到达市场部。",
        ),
        block("measures"),
        text("## Timeline", "## 时间表"),
        block("schedule"),
        text(
            "## Budget\n\nBy channel, measure and month. What was spent is read from the data, not typed.",
            "## 预算\n\n按渠道、措施和月份编制。实际花费读取自数据，不用手填。",
        ),
        block("budget"),
    ),
)
_REVIEW = Chapter(
    slug="review",
    blocks=(
        text(
            "- **Every week:** half an hour on what moved, what is late, and who does what until next week.\n"
            "- **Every month:** a retrospective with frozen numbers. What works is strengthened; what does not "
            "is changed or ended.\n"
            "- **A goal is adjusted** only in a monthly review, with the reason written down.\n"
            "- **A measure is stopped** when its measured lift stays below its cost for two months.\n"
            "- **Personas** are reviewed at least once a year, with people of several departments.",
            "- **每周：** 半小时，看变化、看延误，明确下周谁做什么。\n"
            "- **每月：** 用冻结的数字做复盘。有效的加强，无效的调整或停止。\n"
            "- **调整目标** 只在月度复盘上进行，并写明理由。\n"
            "- **停止措施：** 实测增量连续两个月低于成本。\n"
            "- **客户画像** 每年至少复核一次，由多个部门共同参与。",
        ),
        block("reviews"),
    ),
)
_APPENDIX = Chapter(
    slug="appendix",
    blocks=(
        text(
            "## Where the figures come from\n\nAll figures of our own are computed from imported orders, order "
            "changes and "
            "customers by the definitions in *Metrics*; cited figures are listed under *Sources*. An export "
            "names the snapshot "
            "whose numbers it shows and can be made again from it.",
            "## 数字从哪里来\n\n本公司的数字，均由导入的订单、订单变更与客户数据，按“指标”中的定义计算；引用的"
            "数字列在“出处”中。"
            "导出的文档会注明所用的数据快照，日后可由该快照重新生成。",
        ),
        block("chart", metric="orders", by="month", period="365d", look="bar"),
        block("chart", metric="average_order_value", by="month", period="365d", look="line"),
    ),
)
DEVELOPMENT = Template(
    slug="development",
    label=Text("Customer development plan", "客户发展管理计划书"),
    says=Text(
        "Nine parts from overview to appendix, with personas, value proposition, strategy, goals and budget.",
        "从概述到附录共九个部分：画像、价值主张、营销策略、目标、执行与预算。",
    ),
    chapters=(
        _OVERVIEW,
        _CUSTOMERS,
        _RESEARCH,
        _VALUE,
        _STRATEGY,
        _GOALS,
        _EXECUTION,
        _REVIEW,
        _APPENDIX,
    ),
)
