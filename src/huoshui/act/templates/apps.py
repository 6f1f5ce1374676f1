"""The app of templates."""

from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """Declares the pages of templates and the job that turns clicks into facts."""

    name = "huoshui.act.templates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.templates import hits, queries
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, SUBJECTS, MenuEntry, Pages, SubjectKind
        from huoshui.kernel.texts import Text

        PAGES.declare(
            Pages(slug="templates", prefix="templates/", urls="huoshui.act.templates.urls"),
            Pages(slug="links", prefix="go/", urls="huoshui.act.templates.link_urls"),
        )
        MENU.declare(
            MenuEntry(
                slug="templates",
                label=Text("Templates", "模板"),
                group="act",
                url="templates:list",
                icon="clipboard-text",
                place=40,
                right=Right.CUSTOMERS_VIEW,
            )
        )
        SUBJECTS.declare(
            SubjectKind(
                slug=queries.KIND,
                label=Text("Template", "模板"),
                url="templates:template",
                argument="template_id",
                titles=queries.titles,
            )
        )
        hits.declare()
