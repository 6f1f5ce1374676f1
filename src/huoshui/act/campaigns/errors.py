"""What the room of campaigns refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchCampaign(HuoshuiError):
    """A number that no campaign has."""

    code = "no_such_campaign"
    says = Text("There is no such campaign", "没有这个营销活动")


class NotACampaign(Said):
    """What was said of a campaign cannot be; ``field`` is where."""

    code = "not_a_campaign"

    def __init__(self, field: str, words: Text, *, received: str = "", valid: str = "") -> None:
        self.field = field
        super().__init__(words, received=received, valid=valid)


class NotReady(Said):
    """Something is missing or wrong before the campaign may go on; the words say all of it."""

    code = "campaign_not_ready"


class NotNow(Said):
    """The campaign is not where this can be done to it."""

    code = "campaign_not_now"


class NeedsAnother(Said):
    """Who submitted a campaign does not approve it: a second person looks at it."""

    code = "campaign_needs_another"


class CampaignChanged(HuoshuiError):
    """Somebody else changed the campaign since it was opened."""

    code = "campaign_changed"
    says = Text(
        "The campaign was changed since you opened it: look at it again",
        "打开之后，营销活动已被修改：请重新查看",
    )
