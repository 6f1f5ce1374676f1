"""Every kind of import with Chinese and English headers, and what all kinds have in common."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from huoshui.data.connectors import queries, services
from huoshui.data.connectors.errors import NoSuchLoad
from huoshui.data.connectors.tests.house import NOW, House
from huoshui.data.customers import queries as customers
from huoshui.data.privacy import queries as privacy
from huoshui.data.privacy import reach
from huoshui.desk.users import services as users
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

# Slow: nearly every test loads several files.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SALE = "customer,date,amount\na,2024-01-01,1\nb,2024-01-02,2\nb,2024-01-03,x\n"


def numbered(number, source):
    (found,) = [f for f in customers.find(number) if f.source == source]
    return customers.profile(found.customer_id)


# -- the kinds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "header"),
    [
        ("people en", "Customer ID,Full Name,E-mail,Mobile,Company,Owner,Tags,Gender,City,Create Date"),
        ("people zh", "客户编号,姓名,邮箱,手机,公司,负责人,标签,性别,城市,注册时间"),
    ],
)
def test_customers_come_with_contacts_account_owner_tags_and_attributes(shared_house, source, header):
    owner = f"owner.{source[-2:]}@example.com"
    users.add(actor=CONSOLE, email=owner, name="Owner", role=Role.OPERATOR, now=NOW)
    text = f"""{header}
c1,  王 小明 ,Ming@Example.com,07400 123456,活水公司,{owner.upper()},"VIP, 老客;VIP",F,Leeds,2020-05-01
c2,,not an address,12,活水公司,nobody@example.com,,,,
c1,,,,,,新客,,York,
"""
    report = shared_house.load(text, "customers", source=source)
    slug = report.source
    assert (report.loaded, report.facts["customers"], report.customers_new) == (3, 2, 2)
    assert (
        report.rules["contact_unreadable"],
        report.rules["owner_unknown"],
        report.rules["same_key_twice"],
    ) == (2, 1, 1)
    ming = numbered("c1", slug)
    assert (ming.name, ming.email, ming.phone) == ("王 小明", "ming@example.com", "+447400123456")
    assert ming.account_name == "活水公司" == numbered("c2", slug).account_name
    where = f"WHERE source = '{slug}' AND customer_id = {ming.customer_id}"
    tags = {tag for (tag,) in shared_house.answers(f"SELECT tag FROM customer_tags {where}")}
    assert tags == {"新客"}
    row = shared_house.answer(
        f"SELECT gender, city, created_at FROM customers WHERE customer_id = {ming.customer_id}"
    )
    assert row == ("F", "York", datetime(2020, 4, 30, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    "header", ["sku,name,category,brand,price,cost", "商品编号,商品名称,类目,品牌,单价,成本"]
)
def test_products(shared_house, header):
    source = f"goods {'en' if header.isascii() else 'zh'}"
    text = f"{header}\nl1,Lamp,Light,Shine,10.50,4\nl1,Lamp 2,,,11,\n,Post,,,1,\n"
    report = shared_house.load(text, "products", source=source)
    assert (report.loaded, report.facts["products"], report.rules["same_key_twice"]) == (3, 2, 1)
    found = shared_house.answers(
        "SELECT product_id, name, category, brand, unit_price::DOUBLE, unit_cost::DOUBLE FROM products "
        f"WHERE source = '{report.source}' ORDER BY product_id"
    )
    assert found == [
        ("l1", "Lamp 2", "Light", "Shine", 11.0, 4.0),
        ("name:post", "Post", "=postage", None, 1.0, None),
    ]


ORDERS = {
    "en": (
        "order number,customer id,order date,net sales,discount,tax,shipping,total,channel,coupon",
        "order number,sku,description,quantity,unit price,cost",
    ),
    "zh": (
        "订单编号,会员号,下单时间,商品总额,优惠,税费,运费,订单总额,渠道,优惠券",
        "订单编号,商品编号,商品名称,数量,单价,成本",
    ),
}


@pytest.mark.parametrize("language", ORDERS)
def test_orders_and_then_their_lines(shared_house, language):
    orders, lines = ORDERS[language]
    text = f"""{orders}
o1,c1,2024-01-01 10:00,,1,2,3,25,web,TEN
o2,c1,2024-01-02 10:00,10,,,,,app,
o1,c1,2024-01-01 10:00,,1,2,3,30,web,TEN
o3,,2024-01-03 10:00,7,,,,,,
o4,c2,2024-01-04 10:00,-4,,,,,,
"""
    report = shared_house.load(text, "orders", source=f"orders {language}")
    source = report.source
    assert (report.rows, report.loaded) == (5, 4)
    assert report.rules == {"anonymous": 1, "return": 1}
    assert (report.facts["orders"], report.facts["order_changes"]) == (3, 1)
    found = shared_house.answers(
        "SELECT order_id, revenue::DOUBLE, discount::DOUBLE, tax::DOUBLE, shipping::DOUBLE, total::DOUBLE, channel, "
        f"coupon, customer_id IS NULL FROM orders WHERE source = '{source}' ORDER BY order_id"
    )
    assert found == [
        ("o1", 25.0, 1.0, 2.0, 3.0, 30.0, "web", "TEN", False),
        ("o2", 10.0, None, None, None, 10.0, "app", None, False),
        ("o3", 7.0, None, None, None, 7.0, None, None, True),
    ]
    text = f"{lines}\no1,p1,Lamp,2,10,4\no1,p2,Key,1,5,\nmissing,p1,Lamp,1,1,1\no2,p1,Lamp,-1,10,4\n"
    report = shared_house.load(text, "order_lines", source=source)
    assert (report.rows, report.loaded, report.facts["order_lines"]) == (4, 2, 2)
    assert [(line, reason.split("; ")[-1]) for line, _, reason in shared_house.rejects(report)] == [
        (4, "load the orders first"),
        (5, "import returns as transactions"),
    ]
    found = shared_house.answers(
        "SELECT line_no, product_id, revenue::DOUBLE, unit_cost::DOUBLE, ordered_at, customer_id IS NULL "
        f"FROM order_lines WHERE source = '{source}' ORDER BY line_no"
    )
    moment = datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert found == [(1, "p1", 20.0, 4.0, moment, False), (2, "p2", 5.0, None, moment, False)]


@pytest.mark.parametrize(
    "header",
    [
        "message id,user id,anonymous id,event,timestamp,session,sku,value,properties",
        "事件id,用户id,匿名id,事件名称,时间,会话,商品编号,数值,属性",
    ],
)
def test_events(shared_house, header):
    source = f"events {'en' if header.isascii() else 'zh'}"
    text = f"""{header}
m1,u1,,Product Viewed,2024-01-01T10:00:00Z,s1,p1,1.5,"{{""a"": 1}}"
m2,,v1,Product Viewed,2024-01-01T10:01:00Z,s1,p1,,
m3,,v1,Cart Opened,2024-01-01T10:02:00Z,s1,,,
m1,u1,,Product Viewed,2024-01-01T10:00:00Z,s1,p2,,
,u1,,Opened,2024-01-01 10:00,,,,
,u1,,Opened,2024-01-01 10:00,,,,
m9,u1,,Broken,2024-01-01 10:00,,,,{{a}}
m8,u1,,,2024-01-01 10:00,,,,
"""
    report = shared_house.load(text, "events", source=source)
    assert (report.rows, report.loaded, report.customers_new) == (8, 4, 1)
    assert sorted(report.reasons.values()) == [1, 1, 2]
    found = shared_house.answers(
        "SELECT message_id, name, product_id, customer_id IS NULL, visitor_id IS NULL FROM events "
        f"WHERE source = '{report.source}' ORDER BY occurred_at, message_id"
    )
    assert [row[1:] for row in found] == [
        ("Product Viewed", "p2", False, True) if found[0][0] == "m1" else ("Opened", None, False, True),
        ("Opened", None, False, True) if found[0][0] == "m1" else ("Product Viewed", "p2", False, True),
        ("Product Viewed", "p1", True, False),
        ("Cart Opened", None, True, False),
    ]
    visitors = f"SELECT count(DISTINCT visitor_id) FROM events WHERE source = '{report.source}'"
    assert shared_house.answer(visitors) == (1,)


@pytest.mark.parametrize(
    "header", ["date,source,campaign,spend,views,clicks", "日期,渠道,计划,花费,展现量,点击量"]
)
def test_spend_of_one_day_channel_and_campaign_is_added_up(shared_house, header):
    source = f"spend {'en' if header.isascii() else 'zh'}"
    text = f"""{header}
2024-01-01,search,a,1.5,100,1
2024-01-01,search,a,2.5,200,
2024-01-01,search,,4,x,
2024-01-02,search,,8,,
"""
    report = shared_house.load(text, "spend", source=source)
    assert (report.loaded, report.rejected, report.rules) == (3, 1, {"same_key_added_up": 1})
    found = shared_house.answers(
        "SELECT day, campaign, amount::DOUBLE, impressions, clicks FROM spend "
        f"WHERE source = '{report.source}' ORDER BY day"
    )
    assert found == [(date(2024, 1, 1), "a", 4.0, 300, 1), (date(2024, 1, 2), "", 8.0, None, None)]


@pytest.mark.parametrize(
    "header", ["email,date,survey,question,type,score", "邮箱,提交时间,问卷,问题,指标,得分"]
)
def test_answers(shared_house, header):
    source = f"answers {'en' if header.isascii() else 'zh'}"
    text = f"""{header}
A@b.com,2024-01-01,s,q,NPS,9
a@b.com,2024-01-01,s,q,NPS,7
,2024-01-02,s,q,CSAT,4.5
a@b.com,2024-01-03,s,q,NPS,
"""
    report = shared_house.load(text, "answers", source=source)
    assert report.reasons.get("score is empty") == 1
    found = shared_house.answers(
        f"SELECT metric, score, customer_id IS NULL FROM answers WHERE source = '{report.source}' ORDER BY score"
    )
    assert found[0] == ("csat", 4.5, True)
    assert found[-1][0] == "nps"


@pytest.mark.parametrize(
    "header",
    [
        "customer id,purpose,channel,opt in,date,wording version,source,proof",
        "会员号,用途,渠道,是否同意,同意时间,文案版本,来源,凭证",
    ],
)
def test_consents_without_proof_are_set_aside(shared_house, header):
    source = f"consents {'en' if header.isascii() else 'zh'}"
    text = f"""{header}
c1,marketing,email,yes,2024-01-01 10:00,v1,form,scan-1.pdf
c1,,SMS,拒绝,2024-01-02 10:00,,shop,scan-2.pdf
c1,marketing,email,yes,2024-01-03 10:00,v1,form,
c1,marketing,email,yes,,v1,form,scan-4.pdf
c1,marketing,email,yes,2024-01-05 10:00,v1,,scan-5.pdf
c1,marketing,pigeon,yes,2024-01-06 10:00,v1,form,scan-6.pdf
,marketing,email,yes,2024-01-07 10:00,v1,form,scan-7.pdf
"""
    report = shared_house.load(text, "consents", source=source)
    assert (report.rows, report.loaded, report.facts["consents"]) == (7, 2, 2)
    titles = header.split(",")
    assert [(line, titles.index(column)) for line, column, _ in shared_house.rejects(report)] == [
        (4, 7),
        (5, 4),
        (6, 6),
        (7, 2),
        (8, 0),
    ]
    person = customers.find("c1")[0].customer_id
    said = [s for s in privacy.statements(person) if s.evidence.startswith("scan")]
    assert ("email", "granted", "form") in {(s.channel, s.state, s.source) for s in said}
    facts = shared_house.answers(
        "SELECT channel, state, purpose FROM consents WHERE load_id = " + str(report.load_id)
    )
    assert sorted(facts) == [("email", "granted", "marketing"), ("sms", "withdrawn", "marketing")]


def test_people_without_proof_of_their_consent_are_not_marketable_and_the_import_says_so(shared_house):
    source = "unproven"
    people = "Customer ID,Email,Accepts Marketing\n" + "".join(
        f"u{n},u{n}@example.com,yes\n" for n in range(100)
    )
    report = shared_house.load(people, "customers", source=source)
    told = reach.of_new_customers(report.load_id, report.customers_new, now=NOW)
    assert told is not None
    assert (told.people, told.silent, told.by["email"]) == (100, 100, 0)

    header = "customer id,channel,state,given at,origin,evidence\n"
    said = "".join(f"u{n},email,yes,2024-01-01,,scan-{n}.pdf\n" for n in range(100))
    assert "origin" in shared_house.refused("nothing_to_load", header + said, "consents", source=source)
    ids = [customers.find(f"u{n}@example.com")[0].customer_id for n in range(100)]
    assert privacy.allowed(ids, purpose="marketing", channel="email", now=NOW) == set()

    proven = "u1,email,yes,2024-01-01,form,scan-1.pdf\nu2,email,yes,2924-01-01,form,scan-2.pdf\n"
    proven += "u3,any,yes,2024-01-01,form,scan-3.pdf\nu3,sms,no,2024-01-02,call,88\n"
    report = shared_house.load(header + proven, "consents", source=source)
    assert (report.loaded, report.rejected) == (3, 1)
    assert privacy.allowed(ids, purpose="marketing", channel="email", now=NOW) == {ids[1], ids[3]}
    told = reach.of_statements(report.load_id, report.facts["consents"], now=NOW)
    assert told is not None
    assert (told.people, told.silent) == (2, 0)
    assert told.by == {"email": 2, "sms": 0, "phone": 0, "wecom": 1}


# -- money of other countries ------------------------------------------------------------------------------------

RATES = """日期,币种,汇率
2024-01-01,USD,0.78545
2024-01-02,USD,0.8
2024-01-01,CNY,0.11
2024-01-03,USD,0
2024-01-03,GBP,1
2024-01-02,XXX,1
"""
FOREIGN = """order,customer,date,amount,currency,quantity
1,a,2024-01-01 12:00,10.01,USD,1
2,a,2024-01-02 12:00,10,USD,1
2,a,2024-01-02 12:00,-5,USD,-1
3,a,2024-01-01 12:00,10,cny,1
4,a,2024-01-01 12:00,10,,1
5,a,2024-01-02 12:00,9000000,USD,1
"""


def test_foreign_money_is_converted_at_the_rate_of_its_day(house):
    message = house.refused("rate_missing", FOREIGN)
    assert "CNY on 2024-01-01, USD on 2024-01-01, USD on 2024-01-02" in message
    assert "fx_rates" in message
    assert house.answers("SELECT * FROM orders") == []
    assert customers.count() == 0

    report = house.load(RATES, "fx_rates")
    assert (report.loaded, report.rejected) == (3, 3)
    assert set(report.reasons) == {
        "rate is not above zero",
        "currency is the currency of the house",
        "currency is not an ISO 4217 currency code",
    }
    report = house.load(FOREIGN)
    assert report.rejected == 0
    found = house.answers(
        "SELECT order_id, revenue::DOUBLE, revenue_original::DOUBLE, currency FROM orders ORDER BY 1"
    )
    assert found == [
        ("1", 7.8624, 10.01, "USD"),
        ("2", 8.0, 10.0, "USD"),
        ("3", 1.1, 10.0, "CNY"),
        ("4", 10.0, 10.0, "GBP"),
        ("5", 7200000.0, 9000000.0, "USD"),
    ]
    assert house.answer("SELECT revenue::DOUBLE, revenue_original::DOUBLE FROM order_changes") == (-4.0, -5.0)
    message = house.refused("rate_missing", "order,date,amount\n9,2024-02-01,1\n", currency="EUR")
    assert "EUR on 2024-02-01" in message


# -- what all have in common -------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_tells_the_same(house):
    before = house.everything(), house.lake.snapshot().version, customers.count()
    dry = house.load(SALE, dry_run=True)
    assert (house.everything(), house.lake.snapshot().version, customers.count()) == before
    assert queries.loads(actor=CONSOLE) == []
    assert dry.load_id is None
    real = house.load(SALE)
    assert real.load_id is not None
    assert dry.first_rejects == real.first_rejects
    told = (
        "rows",
        "loaded",
        "rejected",
        "facts",
        "customers_new",
        "customers_known",
        "rules",
        "reasons",
        "mapping",
    )
    assert {n: dry.as_dict()[n] for n in told} == {n: real.as_dict()[n] for n in told}

    # With --strict one bad row refuses the file; what was loaded stays.
    message = house.refused("rows_rejected", SALE.replace("2024", "2023"), strict=True)
    assert "line 4" in message
    again = house.load(SALE)
    assert (again.already, again.load_id) == (real.load_id, None)
    # Read in another way, the same file is another import.
    assert house.load(SALE, mapping={"customer": ""}).already is None
    undone = house.undo(real)
    assert undone.customers_removed == 2
    with pytest.raises(NoSuchLoad, match="undone already"):
        house.undo(real)
    assert house.load(SALE).already is None


def test_only_who_may_import_imports(shared_house):
    viewer = actor_of_role("a viewer", Role.VIEWER)
    with pytest.raises(NotAllowed, match=r"imports\.run"):
        shared_house.load(SALE, actor=viewer)
    with pytest.raises(NotAllowed):
        services.undo(actor=viewer, lake=shared_house.lake, load_id=1, now=NOW)
    with pytest.raises(NotAllowed):
        queries.loads(actor=viewer)


@pytest.mark.parametrize(
    ("code", "options", "words"),
    [
        ("mapping_wrong", {"mapping": {"customer": "nowhere"}}, "nowhere"),
        ("mapping_wrong", {"mapping": {"nonsense": "amount"}}, "ordered_at"),
        ("mapping_wrong", {"kind": "nonsense"}, "transactions"),
        ("mapping_wrong", {"source": "…"}, "source"),
        ("column_missing", {"mapping": {"amount": ""}}, "unit_price"),
        ("column_missing", {"kind": "fx_rates"}, "--map currency=COLUMN"),
        ("not_a_currency", {"currency": "XYZ"}, "XYZ"),
        ("not_a_date", {"time_zone": "Mars"}, "Mars"),
    ],
)
def test_what_cannot_be_done_as_told_is_refused(shared_house, code, options, words):
    assert words in shared_house.refused(code, SALE, **options)


def test_dates_that_can_be_read_two_ways_are_asked_about(shared_house):
    text = "customer,date,amount\nd,03/04/2024,1\nd,05/04/2024,2\n"
    assert "--date-order dmy" in shared_house.refused("dates_ambiguous", text)
    report = shared_house.load(text, date_order="mdy", source="mdy")
    assert shared_house.answer(f"SELECT min(ordered_at) FROM orders WHERE source = '{report.source}'") == (
        datetime(2024, 3, 4, tzinfo=UTC),
    )
    report = shared_house.load(text + "d,25/03/2024,4\n", source="seen")
    assert shared_house.answer(f"SELECT max(ordered_at) FROM orders WHERE source = '{report.source}'") == (
        datetime(2024, 4, 4, 23, tzinfo=UTC),
    )


def test_times_are_those_of_the_source(shared_house):
    text = "customer,date,amount\nz,2024-05-01 12:00,1\n"
    report = shared_house.load(text, time_zone="Asia/Shanghai", source="shanghai")
    moment = shared_house.answer(f"SELECT ordered_at FROM orders WHERE source = '{report.source}'")
    assert moment == (datetime(2024, 5, 1, 4, tzinfo=UTC),)


def test_the_source_is_guessed_from_the_columns(house: House):
    first = house.load(SALE, name="sales-2024-01.csv")
    assert (first.source, first.source_guessed) == ("shop", True)
    more = house.load(SALE.replace("2024", "2023"), name="other.csv")
    assert more.source == "shop"
    other = house.load("订单编号,下单时间,单价\n1,2024-01-01,1\n", name="till-2024-02.csv")
    assert (other.source, other.source_guessed) == ("till", True)
    told = house.load(SALE.replace("2024", "2022"), source="My CRM!")
    assert (told.source, told.source_guessed) == ("my_crm", False)


def test_the_journal_tells_what_became_of_each_file(house: House):
    good = house.load(SALE)
    house.refused("nothing_to_load", "customer,date,amount\na,2024-01-01,x\n", name="bad.csv")
    house.undo(good)
    assert [(load.state, load.file_name, load.loaded) for load in queries.loads(actor=CONSOLE)] == [
        ("undone", "file.csv", 2),
        ("failed", "bad.csv", 0),
    ]
    assert "None of the 1 rows" in queries.loads(actor=CONSOLE)[1].report["failed"]
