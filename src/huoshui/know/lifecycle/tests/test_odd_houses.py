"""Houses with hardly anybody, or where all are alike: pages and programs are told what is known, in numbers."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, date, datetime

import pytest
from django.apps import apps

from huoshui.data.connectors.tests.house import founded
from huoshui.data.traits import services as traits
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf, zone_named
from tests.plugins.programs import program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HEAD = "invoice,customer,date,sku,quantity,price\n"
HOUSES = {
    "one customer who bought once": ["1,c1,2024-03-01 09:00,lamp,1,20.00"],
    "all bought the same once, on one day": [f"{n},c{n},2024-03-01 09:00,lamp,1,20.00" for n in range(1, 31)],
    "for nothing, given back, from the future, twice": [
        "1,c1,2024-03-01 09:00,lamp,1,0.00",
        "2,c2,2024-03-01 09:00,lamp,1,20.00",
        "C3,c2,2024-03-05 09:00,lamp,-1,20.00",
        "4,c3,2031-03-01 09:00,lamp,1,20.00",
        "5,c4,2024-04-01 09:00,lamp,1,20.00",
        "5,c4,2024-04-01 09:00,lamp,1,20.00",
        "C6,c5,2024-04-01 09:00,lamp,-2,500.00",
        "7,,2024-04-01 09:00,lamp,1,20.00",
    ],
}
NO_NUMBER = re.compile(r"\b(nan|NaN|inf|None|null|Infinity)\b|−0%")


@pytest.mark.parametrize("lines", HOUSES.values(), ids=list(HOUSES))
def test_pages_and_programs_of_an_odd_house_say_numbers(lines, pages, tmp_path):
    with founded(tmp_path) as house:
        house.load(HEAD + "\n".join(lines) + "\n", "transactions")
        as_of = AsOf.day(date(2024, 6, 1), zone_named("Europe/London"))
        traits.refresh(actor=CONSOLE, lake=house.lake, as_of=as_of, now=datetime(2024, 6, 1, tzinfo=UTC))
        customer = apps.get_model("customers", "Customer").objects.order_by("pk").first()
        assert customer is not None
        for address in (
            *("/value/", "/lifecycle/", "/cohorts/", "/cohorts/?grain=day&show=total"),
            f"/customers/{customer.pk}/",
        ):
            answer = pages.get(address)
            assert answer.status_code == 200, address
            shown = re.sub("<script.*?</script>|<option.*?</option>", "", answer.content.decode(), flags=re.S)
            text = html.unescape(re.sub("<[^>]+>", " ", shown))
            found = NO_NUMBER.search(text)
            assert not found, (address, text[max(0, found.start() - 60) : found.end() + 60])
        api = program()
        for name in ("value", "lifecycle", "cohorts", "models", "models/clv"):
            answer = api.get(f"/api/{name}")
            assert answer.status_code == 200, name
            json.loads(answer.content, parse_constant=pytest.fail)
        (model,) = api.get("/api/models").json()["items"]
        assert not model["in_use"]["enough"]
        assert model["in_use"]["reasons"]
