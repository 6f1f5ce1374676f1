"""Files in the exact headers of the tools people export from, with invented contents and sums made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.tests.house import rows_of, sums
from huoshui.data.connectors.tools import TOOLS, fitting
from huoshui.data.customers import queries as customers
from huoshui.data.privacy import queries as privacy

# Slow: whole imports, a few per tool.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SHOPIFY_CUSTOMERS = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,"
    "Tags"
)
SHOPIFY_CUSTOMERS_OLD = (
    "First Name,Last Name,Email,Company,Address1,Address2,City,Province,Province Code,Country,Country Code,Zip,Phone,"
    "Accepts Marketing,Total Spent,Total Orders,Tags,Note,Tax Exempt"
)
SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,"
    "Shipping City,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Refunded Amount,"
    "Vendor,Id,Tags,Source,Lineitem discount,Phone"
)


# -- the declarations --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_a_declaration_speaks_of_fields_and_of_columns_it_knows(tool):
    kind = KINDS[tool.kind]
    attributes = {attribute.slug for attribute in customers.attributes(kind="ordinary")}
    for name in tool.columns:
        assert kind.field(name) is not None or name in attributes, name
    known = {folded(c) for text in tool.columns.values() for c in text.replace(" + ", " | ").split(" | ")}
    known |= {folded(c) for c in tool.signature}
    assert not tool.once or folded(tool.order) in known
    assert set(map(folded, tool.once)) <= known
    assert fitting(tool.signature)[0].kind == tool.kind


def test_no_export_is_taken_for_another():
    for tool in TOOLS.values():
        alike = [other.name for other in fitting(tool.signature) if other.kind == tool.kind]
        assert alike[0] == tool.name


# -- Shopify -----------------------------------------------------------------------------------------------------

BASE = {"Currency": "GBP", "Created at": "2024-03-03 10:14:00 -0400", "Financial Status": "paid"}
ORDERS = (
    {
        **BASE, "Name": "#1001", "Email": "mei@example.com", "Subtotal": "90.00", "Shipping": "5.00", "Taxes": "18.00",
        "Total": "113.00", "Discount Code": "TEN", "Discount Amount": "10.00", "Lineitem quantity": 2,
        "Lineitem name": "Lamp, warm", "Lineitem price": "30.00", "Lineitem sku": "L1", "Billing Name": "Mei  Chen",
        "Billing City": "Leeds", "Billing Zip": "'01234", "Billing Phone": "'+44 7400 123456",
        "Notes": 'ring twice,\nthen "wait"', "Refunded Amount": "0.00", "Vendor": "Shine", "Source": "web",
        "Accepts Marketing": "yes",
    },
    {"Name": "#1001", "Email": "mei@example.com", "Lineitem quantity": 1, "Lineitem name": "Lock",
     "Lineitem price": "40.00", "Lineitem sku": "K1", "Vendor": "Safe"},
    {**BASE, "Name": "#1002", "Email": "li@example.com", "Financial Status": "partially_refunded", "Subtotal": "40.00",
     "Shipping": "0.00", "Taxes": "0.00", "Total": "40.00", "Lineitem quantity": 1, "Lineitem name": "Lock",
     "Lineitem price": "40.00", "Lineitem sku": "K1", "Refunded Amount": "15.00"},
    {**BASE, "Name": "#1003", "Email": "NEW@Example.com", "Financial Status": "refunded", "Subtotal": "20.00",
     "Shipping": "5.00", "Taxes": "0.00", "Total": "25.00", "Lineitem quantity": 1, "Lineitem name": "Bulb",
     "Lineitem price": "20.00", "Lineitem sku": "B1", "Refunded Amount": "25.00"},
    {**BASE, "Name": "#1004", "Email": "li@example.com", "Subtotal": "40.00", "Total": "40.00", "Lineitem quantity": 1,
     "Lineitem name": "Lock", "Lineitem price": "40.00", "Cancelled at": "2024-03-04 09:00:00 -0400"},
    {**BASE, "Name": "#1005", "Email": "li@example.com", "Financial Status": "pending", "Subtotal": "60.00",
     "Total": "60.00", "Lineitem quantity": 1, "Lineitem name": "Lock", "Lineitem price": "40.00"},
    {"Name": "#1005", "Lineitem quantity": 1, "Lineitem name": "Bulb", "Lineitem price": "20.00"},
    {**BASE, "Name": "#D12", "Email": "li@example.com", "Subtotal": "40.00", "Total": "40.00", "Lineitem quantity": 1,
     "Lineitem name": "Lock", "Lineitem price": "40.00"},
    {**BASE, "Name": "#1006", "Email": "li@example.com", "Subtotal": "40.00", "Total": "40.00", "Lineitem quantity": 1,
     "Lineitem name": "Lock", "Lineitem price": "40.00", "Payment Method": "(for testing) Bogus Gateway"},
    {**BASE, "Name": "#1007", "Email": "li@example.com", "Subtotal": "0.00", "Shipping": "0.00", "Taxes": "0.00",
     "Total": "0.00", "Discount Amount": "20.00", "Lineitem quantity": 1, "Lineitem name": "Bulb",
     "Lineitem price": "20.00", "Lineitem sku": "B1"},
    {**BASE, "Name": "#1008", "Email": "li@example.com", "Subtotal": "12.00", "Shipping": "3.00", "Taxes": "2.00",
     "Total": "15.00", "Lineitem quantity": 1, "Lineitem name": "Bulb", "Lineitem price": "12.00",
     "Lineitem sku": "B1"},
)  # fmt: skip


def test_shopify_customers_and_then_their_orders(shared_house):
    house = shared_house
    text = rows_of(
        SHOPIFY_CUSTOMERS,
        {"Customer ID": "'7001", "First Name": "Mei", "Last Name": "Chen", "Email": "Mei@Example.com",
         "Accepts Email Marketing": "yes", "Default Address Company": "Lights, Ltd", "Default Address City": "Leeds",
         "Default Address Country Code": "GB", "Default Address Zip": "'01234",
         "Default Address Phone": "'+447400123456", "Accepts SMS Marketing": "no", "Note": "likes\nlamps",
         "Tags": "VIP, newsletter"},
        {"Customer ID": "'7002", "First Name": "Li", "Email": "li@example.com", "Accepts Email Marketing": "no",
         "Phone": "'07400 654321", "Accepts SMS Marketing": "yes"},
    )  # fmt: skip
    report = house.load("\ufeff" + text, "customers", name="customers_export.csv")
    assert (report.profile, report.source, report.why["source"]) == ("shopify-customers", "shopify", "tool")
    assert report.mapping["name"] == "First Name + Last Name"
    assert report.mapping["phone"] == "Phone | Default Address Phone"
    assert (report.loaded, report.rejected, report.customers_new) == (2, 0, 2)
    assert report.rules["consent_without_proof"] == 2
    (mei,) = customers.find("7001")
    profile = customers.profile(mei.customer_id)
    assert (profile.name, profile.phone, profile.account_name) == ("Mei Chen", "+447400123456", "Lights, Ltd")
    assert customers.profile(customers.find("7002")[0].customer_id).phone == "+447400654321"
    assert privacy.statements(mei.customer_id) == ()

    report = house.load(rows_of(SHOPIFY_ORDERS, *ORDERS), name="orders_export.csv")
    assert (report.profile, report.why["currency"], report.why["time_zone"]) == (
        "shopify-orders",
        "rows",
        "cells",
    )
    assert (report.rows, report.loaded, report.rejected) == (11, 6, 5)
    assert {rejection.as_dict()["code"]: rejection.rows for rejection in report.rejections} == {
        "no_sale": 2,
        "cancelled": 1,
        "draft": 1,
        "test_order": 1,
    }
    assert (report.customers_known, report.customers_new) == (2, 1)
    assert (report.rules["refund"], report.rules["refund_beyond"], report.rules["tax_included"]) == (2, 1, 1)
    assert sums(house, "shopify") == (5, 6, 160, 160, -35)
    found = house.answers(
        "SELECT order_id, revenue::DOUBLE, discount::DOUBLE, shipping::DOUBLE, tax::DOUBLE, total::DOUBLE FROM orders "
        "WHERE source = 'shopify' ORDER BY order_id"
    )
    assert found == [
        ("#1001", 90, 10, 5, 18, 113),
        ("#1002", 40, 0, 0, 0, 40),
        ("#1003", 20, 0, 5, 0, 25),
        ("#1007", 0, 20, 0, 0, 0),
        ("#1008", 10, 2, 3, 2, 15),
    ]
    lines = "SELECT product_id, revenue::DOUBLE, quantity::DOUBLE FROM order_lines WHERE order_id = '#1001' ORDER BY 1"
    assert house.answers(lines) == [("K1", 36, 1), ("L1", 54, 2)]
    order = house.answer(
        "SELECT customer_id, ordered_at, coupon, channel FROM orders WHERE order_id = '#1001'"
    )
    assert order == (mei.customer_id, datetime(2024, 3, 3, 14, 14, tzinfo=UTC), "TEN", "web")
    changes = house.answers(
        "SELECT order_id, revenue::DOUBLE, kind FROM order_changes WHERE source = 'shopify' ORDER BY 1"
    )
    assert changes == [("#1002", -15, "refund"), ("#1003", -20, "refund")]
    assert customers.profile(mei.customer_id).name == "Mei Chen"

    # The next export knows of more money given back: the order and its change are replaced, nothing is doubled.
    later = [{**row, "Refunded Amount": "40.00"} if row["Name"] == "#1002" else row for row in ORDERS]
    report = house.load(rows_of(SHOPIFY_ORDERS, *later), name="orders_export_2.csv")
    assert (report.source, report.customers_new, report.why["source"]) == ("shopify", 0, "earlier")
    assert sums(house, "shopify") == (5, 6, 160, 160, -60)


def test_the_old_form_of_shopify_customers_is_read_as_well(shared_house):
    text = rows_of(
        SHOPIFY_CUSTOMERS_OLD,
        {"First Name": "Old", "Last Name": "Form", "Email": "old@example.com", "Company": "Lamps", "City": "York",
         "Province": "Yorkshire", "Country": "United Kingdom", "Zip": "'0123", "Phone": "'07400 123499", "Tags": "a",
         "Accepts Marketing": "yes"},
    )  # fmt: skip
    report = shared_house.load(text, "customers", source="old shop")
    assert (report.profile, report.loaded, report.why["source"]) == ("shopify-customers", 1, "told")
    (found,) = (f for f in customers.find("old@example.com") if f.source == "old_shop")
    profile = customers.profile(found.customer_id)
    assert (profile.name, profile.phone, profile.account_name) == ("Old Form", "+447400123499", "Lamps")
    row = shared_house.answer(
        f"SELECT city, province, country FROM customers WHERE customer_id = {found.customer_id}"
    )
    assert row == ("York", "Yorkshire", "United Kingdom")


def test_an_export_under_another_kind_is_told_where_it_belongs(shared_house):
    text = rows_of(SHOPIFY_ORDERS, *ORDERS)
    message = shared_house.refused("column_missing", text, "customers", mapping={"email": "", "phone": ""})
    assert "Shopify orders" in message
    assert "--as transactions" in message
    report = shared_house.load(text, "customers", dry_run=True)
    assert (report.profile, report.fits) == ("", "shopify-orders")
    report = shared_house.load(text, profile="none", dry_run=True)
    assert report.profile == ""
    message = shared_house.refused("no_such_profile", text, profile="shopify-customers")
    assert "--as customers" in message
    assert "woocommerce-items" in shared_house.refused("no_such_profile", text, profile="nowhere")


# -- WooCommerce -------------------------------------------------------------------------------------------------

WOO = (
    "order_id,order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,tax_total,"
    "cart_discount,order_discount,discount_total,order_total,order_subtotal,order_currency,payment_method,customer_id,"
    "customer_email,billing_first_name,billing_last_name,billing_company,billing_email,billing_phone,billing_city,"
    "billing_state,billing_country,refunded_total"
)
WOO_ITEMS = WOO + ",item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_total,item_refunded"


def test_woocommerce_orders_come_whole_and_by_item(shared_house):
    base = {"order_currency": "GBP", "order_date": "2024-02-01 12:00:00", "billing_first_name": "Ann",
            "billing_last_name": "Lee", "billing_email": "ann@example.com", "billing_phone": "07400 111222",
            "billing_city": "Leeds", "billing_country": "GB"}  # fmt: skip
    first = {**base, "order_id": 11, "order_number": "W-11", "status": "completed", "shipping_total": "4.00",
             "tax_total": "6.00", "discount_total": "5.00", "order_total": "55.00", "refunded_total": "0"}  # fmt: skip
    refunded = {**base, "order_id": 12, "order_number": "W-12", "status": "refunded", "shipping_total": "0",
                "tax_total": "2.00", "order_total": "12.00", "refunded_total": "12.00"}  # fmt: skip
    unpaid = {**base, "order_id": 13, "order_number": "W-13", "status": "pending", "order_total": "9.00"}
    held = {**base, "order_id": 14, "order_number": "W-14", "status": "on-hold", "order_total": "9.00"}

    report = shared_house.load(rows_of(WOO, first, refunded, unpaid, held), "orders", source="woo whole")
    assert (report.profile, report.loaded, report.rejected) == ("woocommerce-orders", 2, 2)
    assert sums(shared_house, "woo_whole") == (2, 0, 55, None, -10)

    items = [
        {**first, "item_name": "Lamp", "item_sku": "L1", "item_quantity": 3, "item_total": "30.00"},
        {**first, "item_name": "Lock", "item_sku": "K1", "item_quantity": 1, "item_total": "15.00"},
        {**refunded, "item_name": "Bulb", "item_sku": "B1", "item_quantity": 2, "item_total": "10.00"},
        {**unpaid, "item_name": "Bulb", "item_sku": "B1", "item_quantity": 2, "item_total": "9.00"},
    ]
    report = shared_house.load(rows_of(WOO_ITEMS, *items), source="woo items")
    assert (report.profile, report.loaded, report.rejected) == ("woocommerce-items", 3, 1)
    assert sums(shared_house, "woo_items") == (2, 3, 55, 55, -10)
    row = shared_house.answer(
        "SELECT shipping::DOUBLE, tax::DOUBLE, total::DOUBLE FROM orders "
        "WHERE source = 'woo_items' AND order_id = 'W-11'"
    )
    assert row == (4, 6, 55)


def test_woocommerce_customers(shared_house):
    text = rows_of(
        "customer_id,username,first_name,last_name,email,date_registered,billing_company,billing_email,billing_phone,"
        "billing_city,billing_country",
        {"customer_id": 5, "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com",
         "date_registered": "2023-05-01 10:00:00", "billing_phone": "07400 333444", "billing_city": "Bath"},
    )  # fmt: skip
    report = shared_house.load(text, "customers", source="woo people")
    assert (report.profile, report.loaded, report.facts["customers"]) == ("woocommerce-customers", 1, 1)
    (found,) = (f for f in customers.find("bo@example.com") if f.source == "woo_people")
    assert customers.profile(found.customer_id).name == "Bo Ek"
    text = rows_of(
        "Name,Username,Last active,Sign up,Email,Orders,Total spend,AOV,Country / Region,City,Region,Postal code",
        {"Name": "Cy", "Email": "cy@example.com", "Sign up": "2023-05-01", "Orders": 2, "Total spend": 30},
    )
    report = shared_house.load(text, "customers", source="woo report", dry_run=True)
    assert (report.profile, report.mapping["created_at"]) == ("woocommerce-customer-report", "Sign up")


# -- CRM ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "header", "row"),
    [
        (
            "hubspot-contacts",
            "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,Contact owner,Create Date,"
            "City",
            "901,Ada,Ng,ada@example.com,+44 7400 777001,Customer,New,Someone,2024-01-05 10:00,Leeds",
        ),
        (
            "hubspot-contacts-internal",
            "hs_object_id,firstname,lastname,email,phone,lifecyclestage,hs_lead_status,hubspot_owner_id,createdate,city",
            "901,Ada,Ng,ada@example.com,+44 7400 777001,customer,NEW,77,2024-01-05T10:00:00.000Z,Leeds",
        ),
        (
            "salesforce-contacts",
            "Id,AccountId,FirstName,LastName,Email,Phone,MobilePhone,Birthdate,LeadSource,MailingStreet,MailingCity,"
            "MailingState,MailingPostalCode,MailingCountry,OwnerId,HasOptedOutOfEmail,CreatedDate",
            "901,0015g00000XyZ,Ada,Ng,ada@example.com,,+44 7400 777001,,Web,,Leeds,,,GB,0055g,false,"
            "2024-01-05T10:00:00.000+0000",
        ),
        (
            "salesforce-leads",
            "Id,FirstName,LastName,Company,Email,Phone,Status,Rating,IsConverted,ConvertedContactId,City,CreatedDate",
            "901,Ada,Ng,Lights,ada@example.com,+44 7400 777001,Open,Hot,false,,Leeds,2024-01-05T10:00:00Z",
        ),
    ],
    ids=lambda value: value if value.count("-") and "," not in value else "",
)
def test_contacts_of_crm_systems(shared_house, profile, header, row):
    report = shared_house.load(f"{header}\n{row}\n", "customers", source=profile)
    assert (report.profile, report.loaded, report.customers_new) == (profile, 1, 1)
    assert "owner" not in report.mapping
    (found,) = (f for f in customers.find("901") if f.source == report.source)
    ada = customers.profile(found.customer_id)
    assert (ada.name, ada.email, ada.phone) == ("Ada Ng", "ada@example.com", "+447400777001")
    city, since = shared_house.answer(
        f"SELECT city, created_at FROM customers WHERE customer_id = {ada.customer_id}"
    )
    assert (city, since) == ("Leeds", datetime(2024, 1, 5, 10, tzinfo=UTC))
