"""Profiles and saved mappings on the command line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

SHOP = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
    "#1,a@example.com,paid,GBP,5.00,5.00,2024-03-03 10:14:00 -0400,1,Lamp,5.00\n"
    "#2,a@example.com,voided,GBP,5.00,5.00,2024-03-03 10:14:00 -0400,1,Lamp,5.00\n"
)


@pytest.mark.slow
def test_guesses_are_shown_corrected_saved_listed_and_forgotten(run, tmp_path: Path):
    path = tmp_path / "export.csv"
    path.write_text(SHOP)
    shown = run("import", path, "--as", "transactions", "--dry-run", "--language", "en").out
    assert "shopify-orders (Shopify orders)" in shown
    assert "recognised by its columns" in shown
    assert "each row names its own" in shown
    assert "the times name their own zone" in shown
    assert "guessed: usual for this tool" in shown
    assert "status is not a sale" in shown

    told = ("--source", "web", "--map", "email=", "--save-profile", "web")
    chinese = run("import", path, "--as", "transactions", *told, "--language", "zh")
    assert "status 不是成交" in chinese.out
    assert "按指定" in chinese.out
    assert "已保存为 web" in chinese.out
    rejects = next(
        Path(line.rpartition(" in ")[2].partition(": ")[0])
        for line in chinese.err.splitlines()
        if "load-1" in line
    )
    first, second, *_ = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert first.startswith("行号,列名,拒绝原因,Name,Email")
    assert "“voided” 不是成交" in second

    listed = run("imports", "--profiles", "--json").json
    assert [(one["name"], one["kind"], one["source"], one["tool"]) for one in listed["saved"]] == [
        ("web", "transactions", "web", "shopify-orders")
    ]
    assert "guessed" in run("imports", "--profiles").out
    path.write_text(SHOP.replace("#1", "#11"))
    again = run("import", path, "--as", "transactions", "--json").json
    assert (again["profile"], again["source"], "email" in again["mapping"]) == ("web", "web", False)
    assert again["rejections"] == [{"field": "status", "code": "no_sale", "rows": 1}]
    assert [load["profile"] for load in run("imports", "--json").json] == ["shopify-orders", "web"]

    assert run("imports", "--forget", "web").out == "web is forgotten\n"
    gone = run("import", path, "--as", "transactions", "--profile", "web")
    assert (gone.code, "There is no such profile" in gone.err) == (1, True)
    assert run("imports", "--forget", "web").code == 1
    wrong = run("import", path, "--as", "orders", "--map", "order_id=")
    assert "Shopify orders" in wrong.err
    assert "--as transactions" in wrong.err
