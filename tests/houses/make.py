"""Make a small house with the code of a commit, and keep it, so that later code is tried on it.

    .venv/bin/python tests/houses/make.py HEAD

Writes ``tests/houses/VERSION-COMMIT.tar.gz``: the folder of a house with a load of every kind, one load taken back,
rows set aside and computed traits; and ``expected.json``, what the code that made it answered. Do it once for every
state that was handed to people; `test_houses` opens all that are there. The people in it are invented.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT))

from tests.houses.running import House, open_house  # noqa: E402 the line above is what finds it

LEFT_OUT = ("secret-key", "tmp", "log", ".setting-up.lock", "rejects")
AS_OF = "2026-01-01"

PRODUCTS = (("L1", 1999), ("C1", 599), ("F1", 99))
CHANNELS = ("小程序", "门店")
CITIES = ("上海", "杭州")

FILES = {
    "rates": (
        "fx_rates",
        "day,currency,rate\n2025-07-01,USD,7.3\n2025-08-01,USD,7.2\n",
    ),
    "products": (
        "products",
        "product id,name,category,brand,price,cost\n"
        "L1,智能门锁,锁具,活水,1999,900\nC1,室外摄像头,安防,活水,599,250\nF1,滤芯,耗材,活水,99,20\n",
    ),
    "sales": (
        "transactions",
        "order no,customer,date,product id,quantity,price,channel,phone,city\n"
        + "".join(
            f"A{n},K{n % 17:02},2025-{n % 12 + 1:02}-{n % 27 + 1:02} {n % 24:02}:05,{PRODUCTS[n % 3][0]},"
            f"{n % 4 + 1},{PRODUCTS[n % 3][1]},{CHANNELS[n % 2]},"
            f"+86 199 0000 {n % 17:04},{CITIES[n % 17 % 2]}\n"
            for n in range(1, 120)
        )
        + "A119,K00,2025-12-01 10:00,F1,1,NaN,门店,,\n"  # set aside, with the whole order
        + "R7,K07,2025-09-01 12:00,L1,-1,1999,小程序,,\nA900,,2025-10-01 09:00,F1,2,99,门店,,\n",
    ),
    "corrected": (
        "transactions",
        "order no,customer,date,product id,quantity,price,channel\n"
        "A3,K03,2025-04-04 03:05,L1,1,1899,小程序\nA200,K18,2025-11-11 00:01,C1,1,499,小程序\n",
    ),
    "mistake": (
        "transactions",
        "order no,customer,date,product id,quantity,price\nA4,K04,2025-05-05 04:05,C1,90,599\n"
        "A901,K99,2025-05-06,F1,1,99\n",
    ),
    "abroad": (
        "transactions",
        "order no,customer,date,product id,quantity,price,currency\n"
        "B1,K20,2025-07-01 10:00,C1,2,80.50,USD\nB2,K20,2025-08-01 10:00,F1,1,15,USD\n",
    ),
    "orders": (
        "orders",
        "order number,e-mail,order date,revenue,discount,tax,shipping,total\n"
        "W1,lin@example.com,2025-07-01 08:00,100,0,10,0,110\nW2,lin@example.com,2025-08-01 08:00,50,5,5,0,55\n",
    ),
    "people": (
        "customers",
        "customer id,name,phone,email,created at,tags,company,gender,birth year\n"
        "K01,王小明,+86 199 0000 0001,wang@example.com,2024-12-01,会员;老客,活水家居,男,1988\n"
        "K02,林晓,+86 199 0000 0002,lin@example.com,2024-12-05,会员,,女,1991\n"
        "K50,没有订单,,nobody@example.com,2025-01-05,,,,\n",
    ),
    "visits": (
        "events",
        "message id,customer,visitor,event,time,product id,properties\n"
        'm1,K01,v-1,Product Viewed,2025-12-01 10:00:00,L1,"{""page"": 3}"\n'
        "m2,,v-2,Product Viewed,2025-12-02 10:00:00,C1,\nm3,K02,v-2,Product Added,2025-12-02 10:01:00,C1,\n",
    ),
    "ads": (
        "spend",
        "day,channel,campaign,cost,clicks\n2025-11-10,抖音,双11,1200.50,340\n2025-11-11,抖音,双11,3000,900\n",
    ),
    "survey": (
        "answers",
        "answer id,customer,date,survey,metric,score\n"
        "q1,K01,2025-12-10 09:00,after sales,nps,9\nq2,K02,2025-12-11 09:00,after sales,nps,4\n",
    ),
    "agreed": (
        "consents",
        "customer,purpose,channel,state,date,origin,evidence\n"
        "K01,marketing,sms,granted,2025-01-01,shop,form 1\n"
        "K01,marketing,sms,withdrawn,2025-06-01,shop,reply\n"
        "K02,marketing,email,granted,2025-01-01,shop,form 1\n",
    ),
}
TAKEN_BACK = "mistake"

TOTALS = {
    "sales": "SELECT source, count(*) AS n, sum(revenue) AS revenue FROM orders GROUP BY ALL ORDER BY ALL",
    "lines": "SELECT product_id, count(*) AS n, sum(quantity) AS q, sum(revenue) AS r FROM order_lines "
    "GROUP BY ALL ORDER BY ALL",
    "changes": "SELECT kind, count(*) AS n, sum(revenue) AS r FROM order_changes GROUP BY ALL ORDER BY ALL",
    "people": "SELECT gender, city, count(*) AS n FROM customers GROUP BY ALL ORDER BY ALL",
    "tags": "SELECT tag, count(*) AS n FROM customer_tags GROUP BY ALL ORDER BY ALL",
    "consents": "SELECT purpose, channel, state, count(*) AS n FROM consents GROUP BY ALL ORDER BY ALL",
    "events": "SELECT name, count(*) AS n, count(customer_id) AS known FROM events GROUP BY ALL ORDER BY ALL",
    "rest": "SELECT (SELECT sum(amount) FROM spend) AS spend, (SELECT sum(score) FROM answers) AS score, "
    "(SELECT count(*) FROM products) AS products, (SELECT count(*) FROM fx_rates) AS rates, "
    "(SELECT count(*) FROM identity_links) AS links, (SELECT count(*) FROM traits_history) AS history",
    "traits": "SELECT stage, value_class, rfm_segment, count(*) AS n, sum(monetary) AS money, sum(frequency) AS f "
    "FROM traits GROUP BY ALL ORDER BY ALL",
}
"""Questions whose answers must stay what they were; they name no id that is drawn anew with every house."""


def figures(house: House) -> dict[str, Any]:
    """What a house answers about everything in it; figures that no later version may change.

    Left out are ids that are drawn at random, and values that later versions add (new traits, new totals).
    """
    overview = house.json("overview")
    traits = house.json("customer", "K01")["traits"]
    named = ("recency", "frequency", "monetary", "stage", "rfm_segment")
    return {
        "overview": {
            name: overview[name]
            for name in ("currency", "time_zone", "as_of", "totals", "revenue_by_month", "customers_by_stage")
        },
        "customer": {name: traits[name]["value"] for name in named},
        "loads": [
            [e["load_id"], e["file"], e["kind"], e["state"], e["loaded"]] for e in house.json("imports")
        ],
        **{name: house.json("sql", question) for name, question in TOTALS.items()},
    }


def fill(house: House) -> None:
    """Found the house and bring everything in."""
    house("init")
    numbers = {}
    for name, (kind, text) in FILES.items():
        path = house.home.parent / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        numbers[name] = house.json("import", path, "--as", kind, "--source", "shop")["load_id"]
    house("refresh", "--as-of", "2025-07-01")
    house("refresh", "--as-of", AS_OF)
    house("import", "--undo", str(numbers[TAKEN_BACK]))
    house("refresh", "--as-of", AS_OF)


def make(commit: str) -> Path:
    """Make the house with the code of ``commit`` and return the file it is kept in."""
    short = _git("rev-parse", "--short=8", commit).decode().strip()
    with tempfile.TemporaryDirectory(prefix="huoshui-house-") as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(_git("archive", commit, "src"))) as code:
            code.extractall(folder / "code", filter="data")
        (folder / "work").mkdir()
        with open_house(folder / "work" / "house", code=folder / "code") as house:
            version = house("--version").out.split()[-1]
            fill(house)
            made = {"commit": short, "version": version, **figures(house)}
        text = json.dumps(made, ensure_ascii=False, indent=1)
        (folder / "work" / "expected.json").write_text(text, encoding="utf-8")
        kept = HERE / f"{version}-{short}.tar.gz"
        with tarfile.open(kept, "w:gz", compresslevel=9) as archive:
            for member in ("house", "expected.json"):
                archive.add(folder / "work" / member, member, filter=_plain)
    return kept


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without what is not part of a house at rest, and without the name of whoever packs it."""
    if Path(member.name).name in LEFT_OUT:
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=PROJECT, check=True, capture_output=True).stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit", help="whose code makes the house, such as HEAD or a tag")
    print(make(parser.parse_args().commit))
