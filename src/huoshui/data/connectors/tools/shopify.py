"""Shopify: customers (new and old header) and orders.

Orders have one row per line item; what belongs to the order stands in its first row only. Drafts, cancelled, unpaid
and test orders may be among them.
"""

from __future__ import annotations

from huoshui.data.connectors.tools.declarations import NoSale, Tool
from huoshui.kernel.texts import Text

CUSTOMERS = Tool(
    name="shopify-customers",
    label=Text("Shopify customers", "Shopify 客户"),
    kind="customers",
    signature=("First Name", "Last Name", "Email", "Total Spent", "Total Orders", "Tax Exempt", "Tags"),
    columns={
        "customer": "Customer ID",
        "email": "Email",
        "phone": "Phone | Default Address Phone",
        "name": "First Name + Last Name",
        "account": "Default Address Company | Company",
        "tags": "Tags",
        "city": "Default Address City | City",
        "province": "Province | Default Address Province Code | Province Code",
        "country": "Country | Default Address Country Code | Country Code",
        "created_at": "",
        "owner": "",
    },
    source="shopify",
    consent=("Accepts Email Marketing", "Accepts SMS Marketing", "Accepts Marketing"),
    documented="headers of exports in public code",
)

ORDERS = Tool(
    name="shopify-orders",
    label=Text("Shopify orders", "Shopify 订单"),
    kind="transactions",
    signature=(
        "Name",
        "Financial Status",
        "Created at",
        "Lineitem quantity",
        "Lineitem name",
        "Lineitem price",
    ),
    columns={
        "order_id": "Name",
        "customer": "",
        "email": "Email",
        "phone": "Phone | Billing Phone | Shipping Phone",
        "name": "Billing Name | Shipping Name",
        "ordered_at": "Created at",
        "product_id": "Lineitem sku",
        "product_name": "Lineitem name",
        "brand": "Vendor",
        "quantity": "Lineitem quantity",
        "unit_price": "Lineitem price",
        "line_discount": "Lineitem discount",
        "amount": "",
        "order_revenue": "Subtotal",
        "order_discount": "Discount Amount",
        "order_shipping": "Shipping",
        "order_tax": "Taxes",
        "order_total": "Total",
        "refund": "Refunded Amount",
        "currency": "Currency",
        "channel": "Source",
        "coupon": "Discount Code",
        "status": "Financial Status",
        "country": "Billing Country | Shipping Country",
        "province": "Billing Province | Shipping Province",
        "city": "Billing City | Shipping City",
    },
    source="shopify",
    order="Name",
    fill_down=(
        "Email",
        "Phone",
        "Billing Phone",
        "Shipping Phone",
        "Billing Name",
        "Shipping Name",
        "Billing Country",
        "Billing Province",
        "Billing City",
        "Shipping Country",
        "Shipping Province",
        "Shipping City",
        "Financial Status",
        "Created at",
        "Currency",
        "Source",
        "Discount Code",
        "Cancelled at",
        "Payment Method",
    ),
    once=("Subtotal", "Discount Amount", "Shipping", "Taxes", "Total", "Refunded Amount"),
    no_sale=(
        NoSale("Cancelled at", "is not a sale: the order was cancelled"),
        NoSale("Name", "is not a sale: the order is a draft", r"^#?D[0-9]+$"),
        NoSale("Payment Method", "is not a sale: the order is a test", "bogus"),
    ),
    consent=("Accepts Marketing",),
    documented="headers of exports in public code and public descriptions of them",
)
