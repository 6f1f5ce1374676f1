"""Which column means which field: guessed from the names people use, overruled by ``--map``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huoshui.data.connectors.errors import ColumnMissing, MappingWrong
from huoshui.data.connectors.fields import Field, Kind, folded
from huoshui.data.customers import queries as customers


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Field → column of the file, declared attribute → column, and the columns nothing uses."""

    fields: Mapping[str, str]
    attributes: Mapping[str, str]
    unused: tuple[str, ...]

    def as_dict(self) -> dict[str, str]:
        """Everything that is mapped, as ``field: column``."""
        return {**self.fields, **self.attributes}


def map_columns(kind: Kind, columns: Sequence[str], told: Mapping[str, str]) -> FieldMapping:
    """Map ``columns`` to the fields of ``kind``; ``told`` (field → column) wins over the guess.

    An empty column in ``told`` means: leave this field out. Raises `MappingWrong` and `ColumnMissing`.
    """
    declared = {a.slug: a for a in customers.attributes(kind="ordinary")} if kind.attributes else {}
    exact = {folded(c): c for c in reversed(columns)}
    chosen: dict[str, str] = {}
    for name, column in told.items():
        if kind.field(name) is None and name not in declared:
            valid = [f.name for f in kind.fields] + list(declared)
            raise MappingWrong(
                f"{kind.slug} have no field of this name",
                received=f"--map {name}={column}",
                valid=", ".join(valid),
            )
        if not column:
            continue
        if folded(column) not in exact:
            raise MappingWrong(
                "The file has no such column", received=f"--map {name}={column}", valid=", ".join(columns)
            )
        chosen[name] = exact[folded(column)]
    taken = set(chosen.values())
    for field in kind.fields:
        if field.name in told:
            continue
        guessed = _guess(field, exact, taken)
        if guessed is not None:
            chosen[field.name] = guessed
            taken.add(guessed)
    for slug, attribute in declared.items():
        if slug in told:
            continue
        for name in (slug, attribute.label_en, attribute.label_zh, *ATTRIBUTE_ALIASES.get(slug, ())):
            if (found := exact.get(folded(name))) is not None and found not in taken:
                chosen[slug] = found
                taken.add(found)
                break
    _require(kind, chosen, columns)
    return FieldMapping(
        fields={name: column for name, column in chosen.items() if name not in declared},
        attributes={name: column for name, column in chosen.items() if name in declared},
        unused=tuple(c for c in columns if c not in taken),
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


def _guess(field: Field, exact: Mapping[str, str], taken: set[str]) -> str | None:
    for name in (field.name, *field.aliases):
        column = exact.get(folded(name))
        if column is not None and column not in taken:
            return column
    return None


def _require(kind: Kind, chosen: Mapping[str, str], columns: Sequence[str]) -> None:
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
