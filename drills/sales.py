"""Invoices to import: as many as are asked for, the same for the same arguments."""

from __future__ import annotations

import csv
from pathlib import Path

HEADER = ("Invoice", "Customer ID", "Date", "Stock Code", "Description", "Quantity", "Unit Price", "Email")


def write_sales(path: Path, *, lines: int, first: int = 1, customers: int | None = None) -> Path:
    """A file of ``lines`` invoice lines, two to an invoice, numbered from ``first``; a tenth of as many customers."""
    people = customers or max(1, lines // 10)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for number in range(first, first + lines):
            invoice = number // 2
            customer = 1 + invoice * 7919 % people + (first // 1_000_000) * people // 2
            day = f"2024-{1 + invoice % 12:02}-{1 + invoice % 28:02} 10:{invoice % 60:02}"
            product = f"P{number % 97}"
            price = f"{number % 50 + 1}.50"
            email = f"c{customer}@example.com"
            rows.writerow((invoice, customer, day, product, f"商品 {product}", number % 3 + 1, price, email))
    return path
