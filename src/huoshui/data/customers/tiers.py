"""Tiers of Chinese cities, for customers whose city is known and whose tier nobody said.

The first three are those of the ranking 2025新一线城市魅力排行榜 (第一财经·新一线城市研究所, 28 May 2025): 4, 15 and 30
cities. Every other city, prefecture, league or autonomous prefecture of the mainland is 三线及以下; counties, banners,
townships and villages are 农村. Hong Kong, Macao, Taiwan and other countries are not ranked; a name that is none of
these has no tier.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ibis

from huoshui.kernel.texts import Text

FIRST, NEW_FIRST, SECOND, THIRD, RURAL = "一线", "新一线", "二线", "三线及以下", "农村"
TIERS: Mapping[str, Text] = {
    FIRST: Text("first tier (一线)", FIRST),
    NEW_FIRST: Text("new first tier (新一线)", NEW_FIRST),
    SECOND: Text("second tier (二线)", SECOND),
    THIRD: Text("third tier and below (三线及以下)", THIRD),
    RURAL: Text("rural (农村)", RURAL),
}
"""The tiers as they are written in the lake, from the largest cities down, and what they are called."""


def _cities() -> dict[str, tuple[str, ...]]:
    """The cities of each tier, without 市, as the file beside this module says."""
    lines = Path(__file__).with_name("tiers.csv").read_text("utf-8").splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        found[row["tier"]] = (*found.get(row["tier"], ()), *row["cities"].split())
    return found


CITIES = _cities()
SMALLER = ("市", "自治州", "地区", "盟")
"""Ends of names that belong to a city or prefecture: 三线及以下 where the name is not listed."""
COUNTRYSIDE = ("县", "旗", "乡", "镇", "村")
NOT_RANKED = ("台北", "新北", "桃园", "台中", "台南", "高雄", "基隆", "新竹", "嘉义")
CHINA = ("", "中国", "中华人民共和国", "China", "CN", "CHN")


@cache
def _literals() -> dict[str, tuple[Any, ...]]:
    """The names of `CITIES` as the engines compare them; making them each time takes as long as compiling them."""
    return {tier: tuple(ibis.literal(name) for name in names) for tier, names in CITIES.items()}


def tier_of(city: Any, country: Any) -> Any:
    """The tier of each of a column of cities, empty where there is none; ``country`` is the column of countries."""
    name = city.strip()
    bare = name.endswith("市").ifelse(name.left(name.length() - 1), name)
    whole = [(bare.isin(names), tier) for tier, names in _literals().items()]
    ranked = ~name.isin([f"{one}市" for one in NOT_RANKED])
    ends = [
        (ibis.or_(*(name.endswith(end) for end in COUNTRYSIDE)), RURAL),
        (ibis.or_(*(name.endswith(end) for end in SMALLER)) & ranked, THIRD),
    ]
    in_china = country.fill_null("").strip().isin(CHINA)
    return in_china.ifelse(ibis.cases(*whole, *ends), ibis.null("string"))
