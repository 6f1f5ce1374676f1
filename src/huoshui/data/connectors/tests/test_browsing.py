"""Imports in the browser: the whole way, with real files, as colleagues of several roles."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.apps import apps
from django.conf import settings as django_settings

from huoshui.data.connectors import queries
from huoshui.data.connectors.services import uploads
from huoshui.data.connectors.tests.browsing import CSV, Importer, fields, run_jobs, text_of
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def importer(house, signed_in) -> Importer:
    return Importer(signed_in("operator", email="rose@example.com"))


def folders() -> list[Path]:
    here = Path(django_settings.HUOSHUI_HOME) / "files" / "uploads"
    return list(here.iterdir()) if here.is_dir() else []


def workbook(**sheets: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


@pytest.mark.slow
def test_a_file_goes_from_upload_to_result_and_back(importer, house):
    importer.send(CSV)
    page = importer.page()
    form = fields(page)
    assert (form["kind"], form["encoding"], form["delimiter"]) == ("transactions", "utf-8", ",")
    assert (form["currency"], form["time_zone"], form["source"]) == ("GBP", "Europe/London", "shop")
    assert form["column-0"] == ["order_id"]
    assert form["column-5"] == ["unit_price"]
    assert "10.00 · 5.50" in page
    found = text_of(importer.check())
    assert "Of 4 rows 3 can be loaded" in found
    assert "3 + 1 = 4" in found
    assert "5 Price “oops” is not a number such as 1234.50" in found
    assert "Nothing that is there now" in found
    assert house.everything()["orders"] == []
    number = importer.load()
    page = text_of(importer.show(number))
    assert "Of 4 rows 3 were loaded" in page
    assert "Revenue of this load GBP 35.50" in page
    assert "Orders that count 2" in page
    assert house.answer("SELECT count(*), sum(revenue) FROM orders") == (2, Decimal("35.5000"))
    (load,) = queries.loads(actor=CONSOLE)
    assert load.actor == "rose@example.com"
    assert (load.rows, load.loaded, load.rejected) == (4, 3, 1)
    assert folders() == []
    asked = text_of(importer.client.get(f"/imports/{number}/undo/"))
    assert "Take this load back?" in asked
    assert "The 2 customers that came with it go" in asked
    answer = importer.client.post(f"/imports/{number}/undo/")
    assert answer["Location"].startswith("/jobs/")
    assert run_jobs("imports.undo") == ["done"]
    assert "rose@example.com took this load back" in text_of(importer.show(number))
    assert house.answer("SELECT count(*) FROM orders") == (0,)


@pytest.mark.slow
def test_the_first_month_of_online_retail_comes_in_as_a_sheet(importer, test_data):
    whole = ibis.read_parquet(test_data("online_retail/online_retail.parquet"))
    rows = whole.filter(whole.InvoiceDate < "2011-01-01").to_pyarrow()
    cells = [["" if c is None else str(c) for c in column] for column in rows.to_pydict().values()]
    lines = [rows.column_names, *map(list, zip(*cells, strict=True))]
    importer.send(workbook(**{"Year 2010": lines}), "online-retail-2010-12.xlsx")
    importer.say("check")
    assert run_jobs("imports.check") == ["done"]  # of a file of this size a worker makes the dry run
    assert "Of 42481 rows 42481 can be loaded" in text_of(importer.page("check/")).replace(",", "")
    found = text_of(importer.show(importer.load()))
    quantities, prices = (rows[name].to_pylist() for name in ("Quantity", "UnitPrice"))
    right = sum(q * p for q, p in zip(quantities, prices, strict=True))
    assert f"GBP {right:,.2f}" in found
    assert "2010-12-01 – 2010-12-23" in found


@pytest.mark.slow
def test_the_browser_says_the_same_as_the_command_line(importer, house):
    told = house.load(CSV, dry_run=True, name="orders.csv")
    importer.send(CSV)
    importer.check()
    number = importer.load()
    load = queries.load_of(actor=CONSOLE, load_id=number)
    for name in (
        "rows",
        "loaded",
        "rejected",
        "facts",
        "customers_new",
        "rules",
        "reasons",
        "mapping",
        "why",
    ):
        assert load.report[name] == getattr(told, name), name
    again = house.load(CSV, name="orders.csv")
    assert again.already == number


def test_the_figures_are_computed_anew_after_a_load(importer):
    importer.send(CSV)
    importer.load()
    waiting = apps.get_model("jobs", "Job").objects.filter(kind="traits.refresh", state="waiting")
    assert waiting.count() == 1
    assert run_jobs("traits.refresh") == ["done"]


def test_gbk_tabs_and_chinese_columns_are_recognised(importer):
    text = "订单编号\t客户编号\t下单时间\t商品名称\t金额\nA1\t甲\t2024-05-01 10:00\t扫地机器人\t10\n"
    importer.send(text.encode("gbk"), "订单.csv")
    form = fields(importer.page())
    assert (form["encoding"], form["delimiter"]) == ("gb18030", "\t")
    assert form["column-3"] == ["product_name"]
    importer.client.cookies["huoshui_language"] = "zh-hans"
    found = text_of(importer.check())
    assert "成交明细（一行一件商品）" in found
    assert "推测：与本组织相同" in found


def test_another_sheet_is_chosen_and_mapped_anew(importer):
    book = workbook(
        Orders=[["Order No", "Member No", "Date", "Amount"], ["A1", "m1", "2024-05-01", 10]],
        People=[["Member No", "Email", "City"], ["m1", "rosa@example.com", "Leeds"]],
    )
    importer.send(book, "all.xlsx")
    page = importer.page()
    assert fields(page)["sheet"] == "Orders"
    importer.say(sheet="People", kind="customers")
    page = importer.page()
    form = fields(page)
    assert (form["sheet"], form["kind"]) == ("People", "customers")
    assert form["column-1"] == ["email"]
    assert "r***@e***.com" in page
    assert "rosa@example.com" not in page
    assert "Of 1 rows 1 can be loaded" in text_of(importer.check())


@pytest.mark.slow
def test_parquet_is_loaded(importer, house):
    table = pa.table(
        {
            "order_id": ["A1", "A2"],
            "customer": ["m1", "m2"],
            "ordered_at": ["2024-05-01", "2024-05-02"],
            "amount": [1.5, 2.5],
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    importer.send(buffer.getvalue(), "orders.parquet")
    assert "encoding" not in fields(importer.page())
    importer.check()
    assert "Revenue of this load GBP 4.00" in text_of(importer.show(importer.load()))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.csv", "No file was chosen|empty.csv is empty"),
        (b"%PDF-1.7 nothing", "orders.csv", "orders.csv is a PDF document"),
        (b"PAR1 cut short", "orders.parquet", "starts as a Parquet file but cannot be read"),
        (b"PK\x03\x04 broken", "orders.xlsx", "starts as an XLSX or ZIP file but cannot be read"),
        (b"\x00\x01\x02\x03" * 100, "orders.csv", "is not text: it contains zero bytes"),
        (b"<html><table></table></html>", "orders.xls", "is a web page or XML, whatever its name"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(importer, content, name, words):
    answer = importer.send(content, name)
    assert answer.status_code == 400
    said = text_of(answer)
    assert any(word in said for word in words.split("|")), said
    assert folders() == []
    assert not apps.get_model("connectors", "Upload").objects.exists()


def test_a_refusal_is_in_the_language_of_the_reader(importer):
    importer.client.cookies["huoshui_language"] = "zh-hans"
    said = text_of(importer.send(b"%PDF-1.7 nothing", "orders.csv"))
    assert "orders.csv 是 PDF 文档" in said
    assert "请把数据导出为 CSV 或 XLSX" in said


def test_a_file_that_is_too_large_is_refused_and_not_kept(importer, settings):
    settings.HUOSHUI_LARGEST_UPLOAD = 1024
    answer = importer.send(b"a,b\n" + b"1,2\n" * 10_000, "large.csv")
    assert answer.status_code == 400
    assert "too large" in text_of(answer)
    assert folders() == []


def test_nothing_chosen_is_said(importer):
    assert "No file was chosen" in text_of(importer.client.post("/imports/new/", {}))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\boot.csv", "boot.csv"),
        ("<script>alert(1)<x>.csv", "<script>alert(1)<x>.csv"),
        ("a\x00b\u202ecsv.csv", "abcsv.csv"),
        (".htaccess", "htaccess"),
        ("单" * 300 + ".csv", "单" * 40 + ".csv"),
        ("", "file"),
    ],
)
def test_names_of_files_are_made_harmless(name, kept):
    assert uploads.shown_name(name) == kept


def test_a_form_that_was_tampered_with_changes_nothing(importer):
    importer.send(CSV, "seen")
    importer.say(date_order="ymd", amounts_in="millions", kind="secrets", **{"column-0": "password"})
    upload = apps.get_model("connectors", "Upload").objects.get()
    assert (upload.kind, {**upload.options, "mapping": {}}) == ("transactions", {"mapping": {}})
    importer.say(encoding="rot13")
    assert "There is no such encoding" in importer.page()
    importer.say(encoding="utf-8", source="../..")
    assert "This is no name of a source" in importer.page()


def test_hostile_names_and_cells_stay_text(importer):
    content = 'Order No,Member No,Date,"<img src=x onerror=alert(1)>",Amount\nA1,=HYPERLINK("http://x"),2024-05-01,<b>x</b>,1\n'
    importer.send(content, '"><svg onload=alert(1)>.csv')
    page = importer.page()
    assert "<img src=x" not in page
    assert "<b>x</b>" not in page
    assert "<svg onload" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    importer.check()
    number = importer.load()
    assert "<svg onload" not in importer.show(number)
    assert "<svg onload" not in importer.client.get("/imports/").content.decode()


@pytest.mark.slow
def test_what_is_needed_is_asked_for_and_can_be_chosen(importer):
    importer.send("bon,wer,wann,betrag\nA1,m1,2024-05-01,10\n", "de.csv")
    page = importer.page()
    assert "A column is needed for" in page
    assert "disabled" in page[page.index('value="check"') :][:60]
    chosen = {"column-0": "order_id", "column-1": "customer", "column-2": "ordered_at", "column-3": "amount"}
    importer.say(**chosen)
    assert "A column is needed for" not in importer.page()
    importer.say("save", **chosen, save_as="Kasse")
    (saved,) = queries.saved_mappings(actor=CONSOLE)
    assert (saved.name, saved.mapping["amount"]) == ("Kasse", "betrag")
    importer.check()
    importer.load()
    other = Importer(importer.client)
    other.send("bon,wer,wann,betrag\nA2,m1,2024-05-02,10\n", "de2.csv")
    assert fields(other.page())["profile"] == "Kasse"
    assert "saved mapping" in other.page()
    listed = importer.client.get("/imports/mappings/").content.decode()
    assert "Kasse" in listed
    importer.client.post("/imports/mappings/", {"name": "Kasse"})
    assert queries.saved_mappings(actor=CONSOLE) == []


def test_dates_that_can_be_read_two_ways_are_asked_about(importer):
    importer.send("Order No,Member No,Date,Amount\nA1,m1,03/04/2024,10\n", "d.csv")
    said = text_of(importer.check())
    assert "The dates in column Date can be read with the day or the month first" in said
    assert "Load" not in said.split("Back to the columns")[1]
    assert "Of 1 rows 1 can be loaded" in text_of(importer.check(date_order="dmy"))


def test_an_encoding_that_cannot_be_told_is_chosen(importer):
    importer.send("a;b\né;1\n".encode("cp1252") * 2, "x.csv")
    page = importer.page()
    if "cannot be told" in page:
        assert "Choose the encoding below" in page
        importer.say(encoding="windows-1252")
        assert "cannot be told" not in importer.page()


@pytest.mark.slow
def test_a_load_says_what_it_would_replace(importer):
    importer.send(CSV)
    importer.load()
    importer.send(CSV.replace("10.00", "12.00"), "orders.csv")
    found = text_of(importer.check())
    assert "What it would replace orders 2 order lines 3" in found


def test_the_same_file_again_changes_nothing(importer, house):
    importer.send(CSV)
    number = importer.load()
    before = house.everything()
    importer.send(CSV)
    found = importer.check()
    assert f'href="/imports/{number}/"' in found
    assert "changes nothing" in found
    assert "/load/" not in found
    assert importer.load() == number
    assert house.everything() == before


@pytest.mark.slow
def test_rejected_rows_are_downloaded_corrected_and_loaded(importer, house):
    importer.send(CSV)
    importer.check()
    number = importer.load()
    answer = importer.client.get(f"/imports/{number}/rejects/")
    assert "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert content.startswith("line,column,reason,Order No")
    importer.send(content.replace("oops", "4.00"), "load-1.csv")
    assert "Of 1 rows 1 can be loaded" in text_of(importer.check())
    importer.load()
    assert house.answer("SELECT sum(revenue) FROM orders") == (Decimal("47.5000"),)


@pytest.mark.slow
def test_rejected_rows_are_for_who_loaded_them(importer, signed_in):
    importer.send(CSV)
    importer.check()
    number = importer.load()
    assert signed_in("operator").get(f"/imports/{number}/rejects/").status_code == 404
    answer = signed_in("administrator").get(f"/imports/{number}/rejects/")
    assert answer.status_code == 200
    answer.close()
    assert signed_in("viewer").get(f"/imports/{number}/rejects/").status_code == 403


def test_a_file_is_its_sender_s_alone(importer, signed_in):
    importer.send(CSV)
    other = signed_in("administrator")
    for tail in ("", "check/", "running/"):
        assert other.get(f"/imports/files/{importer.token}/{tail}").status_code == 404
    for tail in ("", "check/", "load/", "remove/"):
        assert other.post(f"/imports/files/{importer.token}/{tail}").status_code == 404
    assert apps.get_model("connectors", "Upload").objects.count() == 1


def test_who_may_not_import_gets_nowhere(house, signed_in, stranger):
    analyst = signed_in("analyst")
    assert analyst.get("/imports/").status_code == 403
    assert Importer(analyst).send(CSV).status_code == 403
    assert Importer(stranger).send(CSV).status_code == 302
    assert folders() == []
    assert "/imports/" not in analyst.get("/customers/").content.decode()


def test_a_form_of_another_site_is_refused(house, signed_in):
    client = signed_in("operator")
    client.handler.enforce_csrf_checks = True
    assert Importer(client).send(CSV).status_code == 403


@pytest.mark.slow
def test_a_load_that_fails_says_why_and_can_be_tried_again(importer, house):
    importer.send("Order No,Member No,Date,Amount\nA1,m1,2024-05-01,x\n", "bad.csv")
    found = text_of(importer.check())
    assert "Of 1 rows 0 can be loaded" in found
    answer = importer.client.post(f"/imports/files/{importer.token}/load/")
    assert run_jobs("imports.load") == ["failed"]
    answer = importer.client.get(answer["Location"])
    assert "None of the 1 rows could be loaded" in text_of(importer.page("check/"))
    listed = text_of(importer.client.get("/imports/?state=failed"))
    assert "None of the 1 rows could be loaded" in listed
    (load,) = queries.loads(actor=CONSOLE)
    assert "Nothing of this file was kept" in text_of(importer.show(load.load_id))
    importer.client.cookies["huoshui_language"] = "zh-hans"
    assert "1 行里没有一行可以导入" in text_of(importer.show(load.load_id))


def test_a_load_can_be_cancelled(importer, house):
    importer.send(CSV)
    importer.check()
    importer.client.post(f"/imports/files/{importer.token}/load/")
    page = importer.page("running/")
    job = apps.get_model("jobs", "Job").objects.get(kind="imports.load")
    assert f"/jobs/{job.pk}/cancel/" in page
    job.cancelling = True
    job.save()
    assert run_jobs("imports.load") == ["cancelled"]
    assert "The load was cancelled" in importer.page("check/")
    assert house.everything()["orders"] == []
    job.delete()


def test_two_clicks_start_one_load(importer):
    importer.send(CSV)
    for _ in range(2):
        importer.client.post(f"/imports/files/{importer.token}/load/")
    assert apps.get_model("jobs", "Job").objects.filter(kind="imports.load").count() == 1


@pytest.mark.slow
def test_large_files_are_tried_in_the_background(importer):
    lines = "".join(f"B{n},m{n % 900},2024-05-02 11:00,s1,1,10.00\n" for n in range(40_000))
    importer.send(CSV + lines)
    answer = importer.say("check")
    assert answer["Location"].endswith("/running/")
    assert run_jobs("imports.check") == ["done"]
    assert "Of 40,004 rows 40,003 can be loaded" in text_of(importer.page("check/"))


def test_files_that_nobody_loads_go_after_a_day(importer):
    importer.send(CSV)
    now = clock.now()
    assert uploads.tidy(now=now) == 0
    assert importer.page()
    assert uploads.tidy(now=now + timedelta(hours=25)) == 1
    assert folders() == []
    assert importer.client.get(f"/imports/files/{importer.token}/").status_code == 404


@pytest.mark.slow
def test_what_is_done_is_in_the_audit_log(importer):
    importer.send(CSV, "13800138000.csv")
    importer.check()
    number = importer.load()
    b"".join(importer.client.get(f"/imports/{number}/rejects/").streaming_content)
    importer.client.post(f"/imports/{number}/undo/")
    run_jobs("imports.undo")
    entries = apps.get_model("audit", "Entry").objects.order_by("number")
    acts = [(e.act, e.user_id) for e in entries if e.act.startswith(("file.", "load."))]
    by = importer.client.user.pk
    assert acts == [
        (act, by) for act in ("file.added", "load.started", "load.done", "load.downloaded", "load.undone")
    ]
    done = next(e for e in entries if e.act == "load.done")
    assert json.loads(done.detail) == {"kind": "transactions", "loaded": 3, "rejected": 1, "rows": 4}


@pytest.mark.slow
def test_the_history_is_searched_and_filtered(importer, house):
    house.load(CSV, name="console.csv")
    importer.send(CSV.replace("A1", "Z1"), "browser.csv")
    importer.load()
    whole = text_of(importer.client.get("/imports/"))
    assert "console.csv" in whole
    assert "browser.csv" in whole
    assert "rose@example.com" in whole
    found = text_of(importer.client.get("/imports/?q=rose"))
    assert "browser.csv" in found
    assert "console.csv" not in found
    assert "No load meets all of this" in text_of(importer.client.get("/imports/?kind=spend"))
    assert importer.client.get("/imports/?page=x").status_code == 400
