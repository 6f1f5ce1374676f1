"""The words of the company's plan, in both languages: a start-up for smart homes of the middle and upper class."""

from __future__ import annotations

from huoshui.demo.planning.groups import GROUPS
from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.beginning import Chapter, Template, block, text

RENOVATORS, SECURITY, BUSY = (group.slug for group in GROUPS)
CITES = "cites"
"""Stands for everything that is known of the market."""

OVERVIEW = text(
    "Qimu makes homes of the middle and upper class smart: light, safety, climate and cleaning that work together "
    "from the first evening. Our customers are 30 to 50 years old, earn well and have little time.\n\n"
    "In the coming year we want to **grow by a fifth without paying more for it**. We win people while they renovate, "
    "bring them to their second room within ninety days, and keep the customers who bring most. "
    "Every measure below supports one of our three promises, has a budget and an owner, and counts for what it is "
    "measured to add against people who were left out.\n\n"
    "We meet every week over progress and every month over causes. The figures in this plan are those of today.",
    "栖木让中高端家庭真正用上智能家居：灯光、安防、环境与清洁，入住第一晚就协同工作。"
    "我们的客户 30–50 岁，收入较高，时间稀缺。\n\n"
    "未来一年，我们要在**获客成本不上升的前提下增长两成**：在装修阶段赢得客户，九十天内带到第二个房间，"
    "并留住贡献最大的那一部分客户。下面每项措施都支撑三条价值主张之一，有预算、有负责人，"
    "并以相对对照组实测带来的增量计功。\n\n"
    "每周看进度，每月看原因。本计划中的数字均为当天的实际数字。",
)

PERSONAS = (
    block(
        "persona",
        name=Text("Ms Lin, renovating a flat of 140 m²", "林女士，140 平方米新居装修中"),
        segment=RENOVATORS,
        story=Text(
            "37, product director in Hangzhou, married, one child. The flat is handed over in spring; she plans each "
            "room with a designer and reads two evenings a week.",
            "37 岁，杭州某公司产品总监，已婚，一个孩子。新房春天交付，"
            "和设计师一间一间地定方案，每周有两个晚上在做功课。",
        ),
        pains=Text(
            "- Brands do not talk to each other\n- Wiring has to be decided before she knows what she wants\n"
            "- Nobody is answerable for the whole",
            "- 各品牌互不相通\n- 还没想清楚要什么，就得先定水电点位\n- 没有人对整体负责",
        ),
        expectations=Text(
            "A plan for the whole home before the electrician comes, and one person to call.",
            "在水电进场之前拿到全屋方案，有事只找一个人。",
        ),
        behaviour=Text(
            "Searches online, asks friends, then tries it in a shop. Buys in three to five orders over half a year.",
            "网上搜索、问朋友，再到门店体验；半年内分三到五次下单。",
        ),
        case=Text(
            "A couple in Shanghai came for two curtain motors, got a drawing of all rooms within two days, and ordered "
            "lamps, hub and lock within eight weeks.",
            "上海一对夫妻来买两台窗帘电机，两天内收到全屋点位图，八周内又下单了灯具、网关和门锁。",
        ),
    ),
    block(
        "persona",
        name=Text("Mr Zhao, a father who is often away", "赵先生，常出差的父亲"),
        segment=SECURITY,
        story=Text(
            "42, sales manager in Chengdu, away ten days a month. His parents live with the family.",
            "42 岁，成都某企业销售经理，每月出差十天，父母同住。",
        ),
        pains=Text(
            "- Does not know whether the door is shut\n- False alarms at night\n- Worries about who sees the pictures",
            "- 出门在外不知道门关没关\n- 半夜误报\n- 担心画面被谁看到",
        ),
        expectations=Text(
            "To see at a glance that all is well; pictures that stay at home.",
            "一眼看到家里平安；画面只留在家里。",
        ),
        behaviour=Text(
            "Begins with a lock; three of five buy a camera within ninety days.",
            "从门锁开始，五人中有三人在九十天内加购摄像头。",
        ),
        case=Text(
            "A customer in Chengdu wrote a bad review over false alarms. We exchanged the sensor within two days and "
            "called back after a week; he has recommended four friends since.",
            "成都一位客户因误报留下差评。我们两天内换新传感器，一周后回访；此后他推荐了四位朋友。",
        ),
    ),
    block(
        "persona",
        name=Text("Ms Chen, who wants her evenings back", "陈女士，想把晚上还给自己"),
        segment=BUSY,
        story=Text(
            "33, lawyer in Shenzhen, lives with a partner and a cat.",
            "33 岁，深圳律师，和伴侣、一只猫同住。",
        ),
        pains=Text(
            "- Setting up takes a weekend\n- Supplies run out unnoticed\n- Help desks that never answer",
            "- 设置要花掉一个周末\n- 耗材用完了才发现\n- 客服总没人回",
        ),
        expectations=Text(
            "It works by itself, and what it needs arrives in time.", "自己就能用好，耗材到点就来。"
        ),
        behaviour=Text(
            "Buys a robot vacuum, then supplies every four months; answers messages in the evening.",
            "先买扫地机器人，之后每四个月补一次耗材；晚上才回消息。",
        ),
        case=Text(
            "A customer in Shenzhen was about to return her vacuum. Somebody set it up with her by video in twenty "
            "minutes; she has ordered supplies three times.",
            "深圳一位客户准备退货，顾问用视频花二十分钟帮她设好；之后她已三次复购耗材。",
        ),
    ),
)

PROPOSITIONS = (
    block(
        "proposition",
        statement=Text(
            "One drawing for the whole home before the electrician comes",
            "水电进场前，给你一张全屋智能点位图",
        ),
        differentiation=Text(
            "Others sell devices. We draw the home first, free of charge, within two days, and answer for all of it.",
            "别人卖单品，我们先免费出图，两天交付，并对整体效果负责。",
        ),
        scenes=Text(
            "The week before wiring: the drawing tells the electrician where cables go\n"
            "Moving in: everything is set up in one afternoon\n"
            "A year later: a new room joins in ten minutes",
            "水电开工前一周：点位图告诉师傅线走哪里\n入住当天：一个下午全部调好\n一年以后：新房间十分钟接入",
        ),
    ),
    block(
        "proposition",
        statement=Text("Safe at a glance, and your pictures stay at home", "一眼安心，画面不出家门"),
        differentiation=Text(
            "Lock, sensors and camera decide together, so false alarms are rare. Pictures are kept in the hub at home.",
            "门锁、传感器与摄像头联合判断，误报少；画面存在家里的网关，不上传。",
        ),
        scenes=Text(
            "Boarding a plane: one look, the door is shut\nAt night: no alarm for the cat\n"
            "A visit: grandparents open by finger",
            "登机前：看一眼，门已关好\n深夜：不会因为猫而误报\n老人来访：按一下手指就能进门",
        ),
    ),
    block(
        "proposition",
        statement=Text("Set up once, cared for ever after", "设好一次，一直省心"),
        differentiation=Text(
            "A consultant sets up by video within a day, and supplies arrive before they run out.",
            "顾问当天视频调试；耗材在用完之前送到。",
        ),
        scenes=Text(
            "The first evening: set up by video in twenty minutes\nEvery four months: supplies lie at the door\n"
            "A question: somebody answers until ten at night",
            "第一晚：视频调试二十分钟搞定\n每四个月：耗材已在门口\n有疑问：晚上十点前都有人回",
        ),
    ),
)

STRATEGY = text(
    "People decide in three steps: **they search, they ask friends, they try it**. We are there at each step, and "
    "spend where a newcomer costs least for what they bring.\n\n"
    "| Step | What we do | Promise |\n|---|---|---|\n"
    "| Search | Guides on wiring and layout, short videos of real homes | Drawing |\n"
    "| Ask | Referrals with a gift for both sides | Care |\n"
    "| Try | An evening in the shop, the drawing within two days | Drawing, safety |\n"
    "| Stay | Set-up by video, supplies in time, members' day | Care |",
    "客户的决策分三步：**网上搜索、朋友推荐、到店体验**。三步我们都在场，把钱花在单位价值获客成本最低的地方。\n\n"
    "| 步骤 | 我们做什么 | 支撑的主张 |\n|---|---|---|\n"
    "| 搜索 | 水电点位与户型攻略，真实家庭短视频 | 点位图 |\n"
    "| 询问 | 老客推荐，双方有礼 | 省心 |\n"
    "| 体验 | 门店体验夜，两天出图 | 点位图、安心 |\n"
    "| 留存 | 视频调试、耗材到点送、会员日 | 省心 |",
)

EXECUTION = text(
    "- **Marketing** brings people in while they renovate, and answers for what a newcomer costs\n"
    "- **Sales** turns drawings into homes, and answers for the second order within ninety days\n"
    "- **Operations** keeps customers: members, supplies, win-back\n"
    "- **Service** closes every bad review within two days\n\n"
    "Each team has satisfaction and conversion among its own figures. Every colleague is trained in drawing and in "
    "talking of the whole home before the campaign for renovators begins.",
    "- **市场部**：在装修阶段带来客户，对获客成本负责\n- **销售部**：把图纸变成全屋，对九十天内的第二单负责\n"
    "- **运营部**：会员、耗材、老客回归，对留存负责\n- **客服部**：每条差评两天内闭环\n\n"
    "四个部门的考核都包含满意度与转化。装修季活动开始前，全员完成点位图与全屋讲解培训。",
)

REVIEW = text(
    "**Every Monday** we look at progress: which goals are behind, which measures are late, what was spent. "
    "**On the first working day of a month** we look for causes: what moved, by whom it moved, what each campaign "
    "really added; what works gets more, what does not is changed or ended. A change of this plan needs a reason, and "
    "the figures of each review are kept as they were on the day.",
    "**每周一**看进度：哪些目标落后、哪些措施延期、花了多少。**每月第一个工作日**看原因：什么变了、谁带来的变化、"
    "每次活动真正增加了多少；有效的加码，无效的调整或停止。修改计划必须写明原因，每次复盘的数字按当天原样保存。",
)

PLAN = Template(
    slug="smart-home",
    label=Text("Customer development plan of Qimu, smart homes", "栖木智能家居客户发展管理计划书"),
    says=Text("The plan of the invented company", "演示公司的计划"),
    chapters=(
        Chapter(
            slug="overview",
            blocks=(
                OVERVIEW,
                block(
                    "metrics", metrics="revenue,sales_growth_yoy,total_customers,cac,nps,csat", compare="year"
                ),
            ),
        ),
        Chapter(
            slug="customers",
            blocks=(
                text(
                    "We serve three groups. Their figures are computed from what they bought; their stories come from "
                    "interviews.",
                    "我们服务三类客户。数字来自他们的实际购买，故事来自访谈。",
                ),
                *PERSONAS,
                block(
                    "chart",
                    metric="customers_by_stage",
                    by="stage",
                    look="bar",
                    title=Text("Where our customers stand", "客户处在哪个阶段"),
                ),
            ),
        ),
        Chapter(
            slug="research",
            blocks=(
                block(
                    "finding",
                    text=Text(
                        "The market grows by about a tenth a year. Whoever is there before the wiring wins the home: "
                        "six of ten interviewed had chosen their brand by then. Competitors are cheaper by the "
                        "device and weak in the whole.",
                        "市场每年增长约一成；水电之前到场的品牌赢得整个家：十位受访者中有六位此时已选定品牌。"
                        "竞品单品更便宜，整体方案较弱。",
                    ),
                    cites=CITES,
                ),
                block(
                    "chart",
                    metric="new_customers",
                    by="first_channel",
                    look="bar",
                    title=Text("Where new customers come from", "新客户从哪里来"),
                ),
                block(
                    "table",
                    metrics="revenue,active_customers,average_order_value",
                    by="city_tier",
                    title=Text("By tier of city", "按城市等级"),
                ),
            ),
        ),
        Chapter(slug="value", blocks=PROPOSITIONS),
        Chapter(
            slug="strategy",
            blocks=(
                STRATEGY,
                block("measures", group="channel", title=Text("Channels", "渠道")),
                block("measures", group="promotion", title=Text("Promotions", "促销")),
                block("measures", group="advertising", title=Text("Advertising", "广告")),
                block("measures", group="brand", title=Text("Brand", "品牌")),
                block("measures", group="experience", title=Text("Experience", "体验")),
            ),
        ),
        Chapter(
            slug="goals",
            blocks=(
                block("goals"),
                block(
                    "chart",
                    metric="revenue",
                    by="month",
                    look="line",
                    title=Text("Monthly sales", "月销售额"),
                ),
                block(
                    "metrics",
                    metrics="repeat_rate,retention_12m,high_value_retention_12m,revenue_concentration",
                    compare="year",
                ),
            ),
        ),
        Chapter(slug="execution", blocks=(EXECUTION, block("schedule"), block("budget"))),
        Chapter(slug="review", blocks=(REVIEW, block("reviews"))),
    ),
)
