"""A paper as text that is kept, and back, exactly: amounts with their digits, days, charts with all their numbers."""

from __future__ import annotations

import json

from huoshui.kernel import papers
from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.papers import Paper
from huoshui.kernel.plain import from_plain, to_plain
from huoshui.kernel.texts import Text

_CLASSES = (
    Paper,
    papers.Part,
    papers.Block,
    papers.Heading,
    papers.Paragraph,
    papers.Points,
    papers.Quote,
    papers.Grid,
    papers.Drawing,
    papers.Fact,
    papers.Facts,
    papers.Bar,
    papers.Schedule,
    papers.Notice,
    papers.Run,
    Chart,
    Series,
    Note,
    Text,
)


class NotAPaper(ValueError):
    """What was kept is no paper that this version can read."""


def freeze(paper: Paper) -> str:
    """The paper as JSON, in one way only: the same paper is the same text."""
    return json.dumps(to_plain(paper), ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def thaw(text: str) -> Paper:
    """What `freeze` was given. Raises `NotAPaper`."""
    try:
        paper = from_plain(json.loads(text), _CLASSES)
    except (LookupError, TypeError, ValueError) as error:
        raise NotAPaper("this is no paper that can be read") from error
    if not isinstance(paper, Paper):
        raise NotAPaper(f"this is no paper but {type(paper).__name__}")
    return paper
