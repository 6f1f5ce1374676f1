"""What an attribute may be used for: the purposes that consents speak of, as far as they are uses inside the house."""

from __future__ import annotations

from huoshui.kernel.texts import Text

MARKETING, SERVICE = "marketing", "service"
PURPOSES: dict[str, Text] = {
    MARKETING: Text("marketing", "营销"),
    SERVICE: Text("service", "服务"),
    "profiling": Text("profiling", "画像分析"),
    "research": Text("research", "调研"),
}


def usual() -> list[str]:
    """What an attribute serves of which nothing else is said."""
    return list(PURPOSES)


def usual_of(kind: str) -> list[str]:
    """What a new attribute of a kind serves: a sensitive one only what it was asked for (PIPL 28)."""
    return [SERVICE] if kind == "sensitive" else usual()
