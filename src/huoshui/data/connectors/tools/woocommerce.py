"""WooCommerce: orders (one row each, or one row per item) and customers, as its usual export extensions write them.

The column names of orders are those that the makers of the extensions publish and promise not to change.
"""

from __future__ import annotations

from huoshui.data.connectors.tools.declarations import Tool
from huoshui.kernel.texts import Text

_ORDER = {
    "order_id": "order_number | order_id",
    "customer": "",
    "email": "billing_email | customer_email",
    "phone": "billing_phone",
    "name": "billing_first_name + billing_last_name",
    "ordered_at": "order_date | date",
    "currency": "order_currency",
    "coupon": "coupon_code",
    "status": "status",
    "country": "billing_country",
    "province": "billing_state",
    "city": "billing_city",
}

ORDERS = Tool(
    name="woocommerce-orders",
    label=Text("WooCommerce orders", "WooCommerce 订单"),
    kind="orders",
    signature=("order_number", "status", "order_total", "order_currency", "billing_email"),
    columns={
        **_ORDER,
        "revenue": "",
        "discount": "discount_total",
        "tax": "tax_total",
        "shipping": "shipping_total",
        "total": "order_total",
        "refund": "refunded_total",
    },
    source="woocommerce",
    documented="https://woocommerce.com/document/import-and-export-of-woocommerce-orders/",
)

ITEMS = Tool(
    name="woocommerce-items",
    label=Text("WooCommerce orders, one row per item", "WooCommerce 订单（每行一件商品）"),
    kind="transactions",
    signature=(*ORDERS.signature, "item_name", "item_quantity", "item_total"),
    columns={
        **_ORDER,
        "product_id": "item_sku | item_product_id",
        "product_name": "item_name",
        "quantity": "item_quantity",
        "amount": "item_total",
        "unit_price": "",
        "order_discount": "discount_total",
        "order_tax": "tax_total",
        "order_shipping": "shipping_total",
        "order_total": "order_total",
        "refund": "refunded_total",
    },
    source="woocommerce",
    order="order_number",
    once=("discount_total", "tax_total", "shipping_total", "order_total", "refunded_total"),
    documented="https://docs.woocommerce.com/document/ordercustomer-csv-export-developer-documentation/",
)

CUSTOMERS = Tool(
    name="woocommerce-customers",
    label=Text("WooCommerce customers", "WooCommerce 客户"),
    kind="customers",
    signature=("customer_id", "first_name", "last_name", "email", "date_registered", "billing_email"),
    columns={
        "customer": "customer_id",
        "email": "email | billing_email",
        "phone": "billing_phone",
        "name": "first_name + last_name",
        "created_at": "date_registered",
        "account": "billing_company",
        "country": "billing_country",
        "province": "billing_state",
        "city": "billing_city",
        "owner": "",
        "tags": "",
    },
    source="woocommerce",
)

REPORT = Tool(
    name="woocommerce-customer-report",
    label=Text("WooCommerce Analytics customers", "WooCommerce Analytics 客户报表"),
    kind="customers",
    signature=("Name", "Username", "Last active", "Sign up", "Email", "Total spend", "AOV"),
    columns={
        "customer": "",
        "email": "Email",
        "name": "Name",
        "created_at": "Sign up",
        "country": "Country / Region",
        "province": "Region",
        "city": "City",
        "owner": "",
        "tags": "",
    },
    source="woocommerce",
)
