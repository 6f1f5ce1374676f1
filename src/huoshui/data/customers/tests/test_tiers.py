"""Every customer in a Chinese city gets its tier; nobody else does."""

from __future__ import annotations

from itertools import chain

import ibis
import pyarrow as pa

from huoshui.data.customers import tiers
from huoshui.data.customers.tiers import CITIES, FIRST, NEW_FIRST, RURAL, SECOND, THIRD


def tier_of(*places: tuple[str | None, str | None]) -> list[str | None]:
    rows = ibis.memtable(
        pa.table(
            {
                "place": pa.array(range(len(places))),
                "city": pa.array([city for city, _ in places], pa.string()),
                "country": pa.array([country for _, country in places], pa.string()),
            }
        )
    )
    found = rows.select("place", tier=tiers.tier_of(rows.city, rows.country)).order_by("place")
    answer: list[str | None] = ibis.duckdb.connect(":memory:").to_pyarrow(found)["tier"].to_pylist()
    return answer


def test_the_table_names_every_city_once():
    assert [len(CITIES[tier]) for tier in (FIRST, NEW_FIRST, SECOND)] == [4, 15, 30]
    names = list(chain.from_iterable(CITIES.values()))
    assert len(names) == len(set(names))
    assert 330 <= len(names) <= 340  # prefectures of the mainland
    assert not any(name.endswith("市") for name in names)


PLACES = (
    ("上海", "中国", FIRST),
    (" 北京市 ", None, FIRST),
    ("佛山市", "", NEW_FIRST),
    ("温州", "CN", SECOND),
    ("绵阳市", "中国", THIRD),
    ("义乌市", "中国", THIRD),
    ("恩施土家族苗族自治州", None, THIRD),
    ("阿里地区", None, THIRD),
    ("桐庐县", "中国", RURAL),
    ("梅家坞村", None, RURAL),
    ("苏尼特右旗", None, RURAL),
    ("台北市", None, None),
    ("京都市", "日本", None),
    ("上海", "United Kingdom", None),
    ("London", None, None),
    ("", "中国", None),
    (None, None, None),
)


def test_a_city_has_the_tier_of_the_table():
    assert tier_of(*((city, country) for city, country, _ in PLACES)) == [tier for _, _, tier in PLACES]
