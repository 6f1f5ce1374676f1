"""One value of every customer, held in memory so that a million are compared or put in order in milliseconds.

Whatever the values are, they are held as whole numbers that are ordered as the values are: money as its
ten-thousandths, moments as microseconds, numbers with a point by their bits, texts by their place among all texts. So
every condition is a comparison of whole numbers, exact, and every order is an order of whole numbers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.kernel.clock import start_of_day

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
FEW_WORDS = 8
MOST_BYTES = 192 * 2**20
"""How much of the memory of a process columns and orders may take: about thirty columns of a million."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A value of each customer, by place. ``keys`` are ordered as the values are; where ``filled`` is false there is
    no value. ``words`` are the texts that keys of texts are places of; ``type`` is what the engine gave."""

    keys: npt.NDArray[Any]
    filled: Mask
    type: pa.DataType
    words: pa.Array | None = None

    @classmethod
    def of(cls, values: pa.ChunkedArray, places: Ids, size: int) -> Column:
        """``values``, of which the ``i``-th belongs to the customer at ``places[i]``; negative places are left out."""
        known = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        filled = known.is_valid().to_numpy(zero_copy_only=False)
        found, words = _keys(known)
        inside = places >= 0
        keys, mask = np.zeros(size, dtype=found.dtype), np.zeros(size, dtype=np.bool_)
        mask[places[inside]] = filled[inside]
        keys[places[inside]] = np.where(filled, found, 0)[inside]
        low, high = (int(keys.min()), int(keys.max())) if size else (0, 0)
        small = np.result_type(np.min_scalar_type(low), np.min_scalar_type(high))
        return cls(keys.astype(small if small.kind in "iu" else np.int64), mask, known.type, words)

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.keys.nbytes + self.filled.nbytes + (0 if self.words is None else self.words.nbytes)

    def any_of(self, codes: Sequence[str]) -> Mask:
        """Whose text is one of ``codes``."""
        return self._of_words(pc.is_in(self._texts(), value_set=pa.array(list(codes), pa.string())))

    def has(self, part: str) -> Mask:
        """Whose text has this part, in small or capital letters."""
        return self._of_words(pc.match_substring(pc.utf8_lower(self._texts()), part.lower()))

    def least(self, bound: Decimal) -> Mask:
        """Whose number is this or more."""
        if pa.types.is_floating(self.type):
            return self._from(int(_by_bits(np.array([float(bound)]))[0]))
        scaled = bound.scaleb(_scale(self.type))
        return self._from(int(scaled.to_integral_value(ROUND_CEILING)))

    def most(self, bound: Decimal) -> Mask:
        """Whose number is this or less."""
        if pa.types.is_floating(self.type):
            return self._below(int(_by_bits(np.array([float(bound)]))[0]) + 1)
        scaled = bound.scaleb(_scale(self.type))
        return self._below(int(scaled.to_integral_value(ROUND_FLOOR)) + 1)

    def since(self, day: date, zone: ZoneInfo) -> Mask:
        """Whose moment or day is on this day or later."""
        return self._from(self._start(day, zone))

    def until(self, day: date, zone: ZoneInfo) -> Mask:
        """Whose moment or day is on this day or earlier."""
        return self._below(self._start(day + timedelta(days=1), zone))

    def order(self, *, falling: bool) -> Places:
        """The places in the order of the values: those without one last, equal ones by their place."""
        places = np.flatnonzero(self.filled)
        keys = self.keys[places].astype(np.int64)
        if falling:
            keys = ~keys  # of whole numbers this turns the order round, without an overflow
        placed = places[_stable_order(keys)]
        return np.concatenate([placed, np.flatnonzero(~self.filled)]).astype(np.int32)

    def values(self, places: Ids) -> list[Any]:
        """The values at these places as Python has them, moments in UTC."""
        keys, filled = self.keys[places].tolist(), self.filled[places].tolist()
        read = _reading(self.type, self.words)
        return [read(key) if there else None for key, there in zip(keys, filled, strict=True)]

    def _texts(self) -> pa.Array:
        return self.words if self.words is not None else pa.array([], pa.string())

    def _of_words(self, hits: pa.Array) -> Mask:
        chosen = hits.to_numpy(zero_copy_only=False).astype(np.bool_)
        keys = np.flatnonzero(chosen)
        if len(keys) > FEW_WORDS:
            return cast("Mask", chosen[self.keys] & self.filled)
        # Comparing a column with a number is many times as fast as looking each of its numbers up.
        met = np.zeros(len(self.keys), dtype=np.bool_)
        for key in keys:
            met |= self.keys == key
        return met & self.filled

    def _from(self, key: int) -> Mask:
        return (self.keys >= key) & self.filled

    def _below(self, key: int) -> Mask:
        return (self.keys < key) & self.filled

    def _start(self, day: date, zone: ZoneInfo) -> int:
        if pa.types.is_date(self.type):
            return (day - EPOCH.date()).days
        return (start_of_day(day, zone) - EPOCH) // timedelta(microseconds=1)


def _keys(values: pa.Array) -> tuple[npt.NDArray[np.int64], pa.Array | None]:
    """Whole numbers in the order of ``values``, anything where one is missing; and the texts they are places of."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        coded = pc.dictionary_encode(values.cast(pa.string()))
        words = coded.dictionary
        order = pc.sort_indices(words).to_numpy()
        ranks = np.empty(len(words), dtype=np.int64)
        ranks[order] = np.arange(len(words))
        at = pc.fill_null(coded.indices, 0).to_numpy()
        return (ranks[at] if len(words) else np.zeros(len(values), np.int64)), words.take(order)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return pc.fill_null(values.cast(pa.int64()), 0).to_numpy(), None
    if pa.types.is_floating(kind):
        return _by_bits(pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy()), None
    if pa.types.is_timestamp(kind):
        moments = values.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
        return pc.fill_null(moments, 0).to_numpy(), None
    if pa.types.is_date(kind):
        return pc.fill_null(values.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), 0).to_numpy(), None
    if pa.types.is_decimal(kind):
        scaled = pc.fill_null(values.cast(pa.decimal128(18, kind.scale)), Decimal(0))
        halves = np.frombuffer(scaled.buffers()[1], dtype="<i8")  # 18 digits fit into the lower half
        return halves[::2][scaled.offset : scaled.offset + len(scaled)], None
    if pa.types.is_null(kind):
        return np.zeros(len(values), dtype=np.int64), None
    raise TypeError(f"lists cannot hold values of type {kind}")


def _reading(kind: pa.DataType, words: pa.Array | None) -> Callable[[int], Any]:
    """What turns a key back into the value."""
    if words is not None:
        return lambda key: words[key].as_py()
    if pa.types.is_boolean(kind):
        return bool
    if pa.types.is_floating(kind):
        # The way to the bits is its own way back.
        return lambda key: float(_turned(np.array([key], dtype=np.int64)).view(np.float64)[0])
    if pa.types.is_timestamp(kind):
        return lambda key: EPOCH + timedelta(microseconds=key)
    if pa.types.is_date(kind):
        return lambda key: EPOCH.date() + timedelta(days=key)
    if pa.types.is_decimal(kind):
        return lambda key: Decimal(key).scaleb(-_scale(kind))
    return int


def _scale(kind: pa.DataType) -> int:
    """Digits behind the point that keys of this type carry."""
    return int(kind.scale) if pa.types.is_decimal(kind) else 0


def _by_bits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Whole numbers in the order of floats: their bits, those of negative ones turned round."""
    return _turned((values + 0.0).view(np.int64))  # the two zeros are equal


def _turned(bits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return cast("npt.NDArray[np.int64]", bits ^ ((bits >> 63) & np.int64(2**63 - 1)))


def _stable_order(keys: npt.NDArray[np.int64]) -> Ids:
    """The places of ``keys`` in their order, equal ones by place."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    from_zero = keys - keys.min() if int(keys.max()) - int(keys.min()) < 2**62 else keys
    step = int(np.gcd.reduce(from_zero)) or 1
    bits = len(keys).bit_length()
    if from_zero is not keys and (int(from_zero.max()) // step) >> (62 - bits) == 0:
        # Numbers are sorted several times as fast as places by their numbers, so each number carries its place.
        carried = (from_zero // step if step > 1 else from_zero) << bits
        carried |= np.arange(len(keys))
        carried.sort()
        return carried & ((1 << bits) - 1)
    return np.argsort(keys, kind="stable")


def places(ids: Ids, wanted: Ids) -> Ids:
    """Where in the rising ``ids`` each of ``wanted`` stands; -1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    found = np.searchsorted(ids, wanted)
    found[found == len(ids)] = 0
    return np.where(ids[found] == wanted, found, -1)


# -- what is kept ------------------------------------------------------------------------------------------------


class Sized(Protocol):
    """Something that knows how much memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


Some = TypeVar("Some", bound=Sized)

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_guard = threading.Lock()


def kept(key: Hashable) -> Any:
    """What `keep` was answered for ``key``, if it is there still."""
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def keep(key: Hashable, ask: Callable[[], Some]) -> Some:
    """What ``ask`` answers, asked once for ``key`` as long as there is room; the longest unused goes first."""
    if (known := kept(key)) is not None:
        return cast("Some", known)
    answer = ask()
    with _guard:
        _kept[key] = answer
        while len(_kept) > 1 and sum(one.nbytes for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return answer
