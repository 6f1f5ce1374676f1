"""Which column means which field: proposed by a profile, guessed from the names people use, overruled by ``--map``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from huoshui.data.connectors.errors import ColumnMissing, MappingWrong
from huoshui.data.connectors.fields import Field, Kind
from huoshui.data.connectors.recipes import Columns, Recipe, in_cents
from huoshui.data.customers import queries as customers


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Field → recipe of columns of the file, declared attribute → recipe, and the columns nothing uses.

    ``cents`` are the fields whose amounts are in hundredths.
    """

    fields: Mapping[str, str]
    attributes: Mapping[str, str]
    unused: tuple[str, ...]
    cents: frozenset[str] = frozenset()

    def as_dict(self) -> dict[str, str]:
        """Everything that is mapped, as ``field: recipe``."""
        return {**self.fields, **self.attributes}


AmountsIn = Literal["units", "cents"]


def map_columns(
    kind: Kind,
    columns: Sequence[str],
    told: Mapping[str, str],
    *,
    proposed: Mapping[str, str] | None = None,
    complete: bool = False,
    amounts_in: AmountsIn | None = None,
) -> FieldMapping:
    """Map ``columns`` to the fields of ``kind``; ``told`` wins over ``proposed``, and that over the guess.

    All say field → column, or recipe (`recipes`); an empty one means: leave this field out. What is proposed of columns
    that are not there is left out. With ``complete`` nothing is guessed. Amounts are in units unless ``amounts_in`` or
    the name of the column says otherwise. Raises `MappingWrong` and `ColumnMissing`.
    """
    declared = {a.slug: a for a in customers.attributes(kind="ordinary")} if kind.attributes else {}
    here = Columns(columns)
    chosen: dict[str, Recipe] = {}
    for name, text in told.items():
        if kind.field(name) is None and name not in declared:
            valid = [f.name for f in kind.fields] + list(declared)
            raise MappingWrong(
                f"{kind.slug} have no field of this name",
                received=f"--map {name}={text}",
                valid=", ".join(valid),
            )
        if text:
            chosen[name] = _told(here, name, text)
    for name, text in (proposed or {}).items():
        if name in told or not text or (kind.field(name) is None and name not in declared):
            continue
        if (recipe := here.read(text)) is not None:
            chosen[name] = recipe
    settled = {*told, *chosen, *(name for name, text in (proposed or {}).items() if not text)}
    taken = {column for recipe in chosen.values() for column in recipe.columns}
    for field in kind.fields:
        if field.name in settled or complete:
            continue
        guessed = _guess(field, here, taken)
        if guessed is not None:
            chosen[field.name] = Recipe((guessed,))
            taken.add(guessed)
    for slug, attribute in declared.items():
        if slug in settled or complete:
            continue
        for name in (slug, attribute.label_en, attribute.label_zh, *ATTRIBUTE_ALIASES.get(slug, ())):
            if (found := here.find(name)) is not None and found not in taken:
                chosen[slug] = Recipe((found,))
                taken.add(found)
                break
    _require(kind, chosen, columns)
    amounts = {name for name in chosen if (f := kind.field(name)) is not None and f.type == "amount"}
    cents = {name for name in amounts if amounts_in == "cents" or (not amounts_in and in_cents(chosen[name]))}
    return FieldMapping(
        fields={name: str(recipe) for name, recipe in chosen.items() if name not in declared},
        attributes={name: str(recipe) for name, recipe in chosen.items() if name in declared},
        unused=tuple(c for c in columns if c not in taken),
        cents=frozenset(cents),
    )


ATTRIBUTE_ALIASES = {
    "gender": ("sex", "性别"),
    "birth_year": ("year of birth", "birthyear", "出生年"),
    "country": ("country/region", "nation", "国家/地区", "国家地区"),
    "province": ("state", "region", "省", "所在省份", "收货省份"),
    "city": ("town", "市", "所在城市", "收货城市"),
    "city_tier": ("tier", "城市级别", "城市线级"),
    "occupation": ("job", "profession", "职务"),
    "first_channel": ("acquisition channel", "注册渠道", "首购渠道"),
}


def _told(here: Columns, name: str, text: str) -> Recipe:
    recipe = here.read(text)
    if recipe is None or (missing := here.missing(text)):
        received = f"--map {name}={text}"
        raise MappingWrong(
            "The file has no such column",
            received=received if recipe is None else f"{received} ({', '.join(missing)})",
            valid=", ".join(here.names),
        )
    return recipe


def _guess(field: Field, here: Columns, taken: set[str]) -> str | None:
    for name in (field.name, *field.aliases):
        column = here.find(name)
        if column is not None and column not in taken:
            return column
    return None


def _require(kind: Kind, chosen: Mapping[str, Recipe], columns: Sequence[str]) -> None:
    missing = [group for group in kind.required if not any(name in chosen for name in group)]
    if missing:
        names = "; ".join(" or ".join(group) for group in missing)
        raise ColumnMissing(
            f"Importing {kind.slug} needs a column for: {names}",
            received=f"columns {', '.join(columns)}",
            valid="a header line with names such as "
            + ", ".join(f"“{a}”" for group in missing for a in _examples(kind, group)),
            next_step=f"Say which column it is, for example --map {missing[0][0]}=COLUMN",
        )


def _examples(kind: Kind, group: Sequence[str]) -> list[str]:
    found = [kind.field(name) for name in group]
    return [alias for f in found if f is not None for alias in f.aliases[:2]]
