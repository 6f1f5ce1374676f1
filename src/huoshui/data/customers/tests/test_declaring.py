"""Attributes that the house declares for itself."""

from __future__ import annotations

import pytest
from django.apps import apps

from huoshui.data.customers import services
from huoshui.data.customers.services.declaring import MOST_ATTRIBUTES, TooManyAttributes
from huoshui.kernel.actors import CONSOLE

pytestmark = pytest.mark.django_db


def declare(slug):
    return services.declare_attribute(actor=CONSOLE, slug=slug, label_en=slug, label_zh=slug, type="text")


def test_a_house_has_no_more_attributes_than_a_table_can_carry():
    attributes = apps.get_model("customers", "Attribute").objects
    room = MOST_ATTRIBUTES - attributes.count()
    attributes.bulk_create(
        attributes.model(slug=f"a{n}", label_en="a", label_zh="a", type="text") for n in range(room - 1)
    )
    declare("the_last_one")
    with pytest.raises(TooManyAttributes, match="one_more"):
        declare("one_more")
    assert attributes.count() == MOST_ATTRIBUTES
    assert declare("the_last_one").slug == "the_last_one"
