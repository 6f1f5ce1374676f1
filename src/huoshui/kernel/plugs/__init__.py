"""All extension points of the house on one page.

Upper rooms *declare* here when their app starts; lower rooms iterate without knowing who declared. A plug point
enters with two real users.

=============  ==================================================  ===========================================
plug           says                                                used by
=============  ==================================================  ===========================================
``LakeTable``  a table of the lake: grain, key, columns            ``lake`` writes and reads it
``Relation``   a named view of the facts as of a moment            traits and metrics compute over it
``Trait``      one value per customer                              ``data/traits`` computes; lists, pages read
``Prepar…``    what must be ready before traits are computed       ``know/models`` trains, ``data/traits`` asks for it
``Conseq…``    what follows from new traits, in the same write     ``know/segments``; ``data/traits`` runs it
``Metric``     one figure of the house                             ``measure/metrics`` evaluates
``MetricUse``  which pages show a metric                           ``measure/metrics`` says it on its page
``Popul…``     customers who have something in common              lists, exports and the API narrow down to them
``Attrib…``    what of a room speaks of an attribute of people    ``data/customers`` says it before one is retired
``HOUSE_ZONE`` the time zone of the house                          ``lake`` (days of the engine), clocks of rooms
``HOUSE``      name, currency, zone of the house                   the shell of the pages (``web``), clocks of rooms
``ACTOR_OF``   the colleague of a number, as an actor              ``desk/jobs`` (who started a job), ``desk``
``Pages``      the addresses of a room's pages                     ``project`` puts them under the root
``MenuEntry``  a line of the menu                                  the shell of the pages (``web``)
``Search…``    what the search box finds                           the shell of the pages (``web``)
``Panel``      a part of another room's page                       pages of customers and tasks, the overview
``Subject…``   what tasks, comments and audit entries are about    ``desk`` names it and links to it
=============  ==================================================  ===========================================

Everything is declared through this door; the modules behind it hold what belongs together.
"""

from huoshui.kernel.plugs.customers import ATTRIBUTE_USES, POPULATIONS, AttributeUse, Population
from huoshui.kernel.plugs.house import ACTOR_OF, HOUSE, HOUSE_ZONE, House
from huoshui.kernel.plugs.metrics import METRIC_USES, METRICS, Metric, MetricUse
from huoshui.kernel.plugs.pages import (
    MENU,
    PAGES,
    PANELS,
    SEARCH,
    SUBJECTS,
    Hit,
    MenuEntry,
    MenuGroup,
    Pages,
    Panel,
    SearchProvider,
    SubjectKind,
)
from huoshui.kernel.plugs.tables import (
    LAKE_TABLES,
    PROVENANCE,
    RELATIONS,
    Column,
    IbisTable,
    IbisValue,
    LakeTable,
    Relation,
    Tables,
)
from huoshui.kernel.plugs.traits import (
    CONSEQUENCES,
    PREPARATIONS,
    SHARE,
    TRAITS,
    Consequence,
    Follows,
    Preparation,
    Prepares,
    Trait,
)

__all__ = [
    "ACTOR_OF",
    "ATTRIBUTE_USES",
    "CONSEQUENCES",
    "HOUSE",
    "HOUSE_ZONE",
    "LAKE_TABLES",
    "MENU",
    "METRICS",
    "METRIC_USES",
    "PAGES",
    "PANELS",
    "POPULATIONS",
    "PREPARATIONS",
    "PROVENANCE",
    "RELATIONS",
    "SEARCH",
    "SHARE",
    "SUBJECTS",
    "TRAITS",
    "AttributeUse",
    "Column",
    "Consequence",
    "Follows",
    "Hit",
    "House",
    "IbisTable",
    "IbisValue",
    "LakeTable",
    "MenuEntry",
    "MenuGroup",
    "Metric",
    "MetricUse",
    "Pages",
    "Panel",
    "Population",
    "Preparation",
    "Prepares",
    "Relation",
    "SearchProvider",
    "SubjectKind",
    "Tables",
    "Trait",
]
