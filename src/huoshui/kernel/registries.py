"""Registries: what upper rooms declare and lower rooms iterate over, and slots that exactly one room fills."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class Declared(Protocol):
    """What can stand in a registry: it has a name of its own."""

    @property
    def slug(self) -> str:
        """The stable name: in code, API, screens, files."""


T = TypeVar("T", bound=Declared)


class Registry(Generic[T]):
    """Declarations by slug, in the order they were made. Declaring the same slug twice is an error.

    What a house declares for itself comes from a source (`follow`) that is asked each time; what the program declares
    stands before it, and wins where both have a slug.
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._by_slug: dict[str, T] = {}
        self._source: Callable[[], Mapping[str, T]] | None = None
        self._held = threading.local()

    def declare(self, *items: T) -> None:
        """Add declarations; raises ``ValueError`` for a slug that is taken."""
        for item in items:
            if item.slug in self._by_slug:
                raise ValueError(f"{self.noun} {item.slug!r} is declared twice")
            self._by_slug[item.slug] = item

    def follow(self, source: Callable[[], Mapping[str, T]]) -> None:
        """Take what ``source`` says at each moment for declared, too; raises ``ValueError`` for a second source."""
        if self._source is not None:
            raise ValueError(f"two sources of the {self.noun}s of a house")
        self._source = source

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, what the house declares stays as it is now, whatever others change meanwhile."""
        before, self._held.now = getattr(self._held, "now", None), self._followed()
        try:
            yield
        finally:
            self._held.now = before

    @property
    def declared(self) -> Mapping[str, T]:
        """What the program itself declares, whatever the house does."""
        return self._by_slug

    def __getitem__(self, slug: str) -> T:
        return self._by_slug[slug] if slug in self._by_slug else self._followed()[slug]

    def __contains__(self, slug: object) -> bool:
        return slug in self._by_slug or slug in self._followed()

    def __iter__(self) -> Iterator[T]:
        return iter(self._all().values())

    def __len__(self) -> int:
        return len(self._all())

    def slugs(self) -> tuple[str, ...]:
        """All names, in order of declaration."""
        return tuple(self._all())

    def _all(self) -> Mapping[str, T]:
        further = {slug: item for slug, item in self._followed().items() if slug not in self._by_slug}
        return {**self._by_slug, **further} if further else self._by_slug

    def _followed(self) -> Mapping[str, T]:
        held: Mapping[str, T] | None = getattr(self._held, "now", None)
        if held is not None:
            return held
        return {} if self._source is None else self._source()


V = TypeVar("V")


class Slot(Generic[V]):
    """A value that an upper room provides and a lower one asks for; exactly one room declares it."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._provider: Callable[[], V] | None = None

    def declare(self, provider: Callable[[], V]) -> None:
        """Say where the value comes from; raises ``ValueError`` the second time."""
        if self._provider is not None:
            raise ValueError(f"the {self.noun} is declared twice")
        self._provider = provider

    def __call__(self) -> V:
        if self._provider is None:
            raise LookupError(f"no room declares the {self.noun}")
        return self._provider()
