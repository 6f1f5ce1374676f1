"""The command line: one file per topic, each command one domain call and its result on stdout."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from huoshui import __version__
from huoshui.project.cli import (
    attributes,
    campaigns,
    customers,
    experiments,
    figures,
    holdouts,
    house,
    imports,
    keeping,
    know,
    looks,
    mail,
    models,
    overview,
    plans,
    running,
    segments,
    serving,
    sql,
    traits,
    webhooks,
)
from huoshui.project.cli.options import LANGUAGE, Choices


class InOrder(click.Group):
    """Lists the commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, as they were added."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="huoshui", message="%(prog)s %(version)s")
@click.option("--language", type=click.Choice(["en", "zh"]), help=LANGUAGE)
@click.pass_context
def huoshui(context: click.Context, language: str | None) -> None:
    """Huoshui 活水: know your customers, plan their growth, act on it, measure what it added.

    \b
    Five minutes with a file of your own:
      huoshui init                                    set up a house in ./huoshui-home
      huoshui import orders.csv --as transactions     load it; oddities are counted, bad rows set aside
      huoshui refresh                                 compute what is known of every customer
      huoshui serve                                   the pages: open them in a browser
      huoshui overview                                the figures of the shop
      huoshui customer 12347                          one customer, by any number, phone or e-mail
      huoshui sql "SELECT count(*) FROM orders"       any other question
    Without a file: huoshui demo

    \b
    Settings are read from the environment or from huoshui.toml (HUOSHUI_TIME_ZONE is time_zone there):
      HUOSHUI_HOME          folder of the house (default ./huoshui-home)
      HUOSHUI_CURRENCY      currency of a new house, such as CNY, GBP, USD (default CNY)
      HUOSHUI_TIME_ZONE     time zone of a new house (default Asia/Shanghai)
      HUOSHUI_DATABASE_URL  postgresql://… instead of a file in the home
      HUOSHUI_LAKE_URL      folder of the lake (default: inside the home), or s3://bucket/prefix
      HUOSHUI_CACHE         disk that copies of a lake in a bucket may take, such as 50GiB (default 20GiB)
      HUOSHUI_URL           where the pages are reached, such as https://crm.example.com (default http://127.0.0.1:8000)
      HUOSHUI_PROXIES       addresses of proxies in front of the pages, such as 127.0.0.1,10.0.0.0/8
      HUOSHUI_SMTP_URL      smtp://user:password@host:587?from=crm@example.com, to send mail
      HUOSHUI_BOUNCES       folder in Maildir form where mail comes back that could not be delivered
      HUOSHUI_INNER_HOSTS   hosts of your own network that webhooks may call, such as gateway.corp:8080
      HUOSHUI_MEMORY        memory the engine may use, such as 1GiB (default: half of the machine, at most 4GiB)
      HUOSHUI_THREADS       processors the engine may use
      HUOSHUI_STAGE_DAYS    30,90,180: life stages by fixed days instead of each customer's own rhythm

    Results go to stdout, messages and progress to stderr. Exit code 0 means done, 1 that something was refused or
    failed (the message says what to do), 2 that the command was typed wrongly, 130 that it was interrupted.
    """
    context.obj = Choices.of(language)


for command in (
    house.init,
    house.demo,
    serving.serve,
    serving.worker,
    imports.import_,
    imports.imports,
    figures.refresh,
    overview.overview,
    customers.customer,
    attributes.attribute,
    customers.search_again,
    figures.metrics,
    figures.metric,
    segments.segment,
    traits.trait,
    know.value,
    know.lifecycle,
    know.cohorts,
    models.models,
    models.train,
    campaigns.campaign,
    plans.plan,
    looks.look,
    mail.mail,
    webhooks.webhook,
    experiments.experiment,
    holdouts.holdout,
    sql.sql,
    house.doctor,
    keeping.backup,
    keeping.restore,
    keeping.unfence,
):
    huoshui.add_command(command)


BEHIND_THE_PAGES = ("worker", "import", "refresh")
"""These take their time; where processors are short, the pages that people wait for go first."""


def main() -> NoReturn:
    """Run the command line and end the process."""
    if os.name == "nt":
        click.echo("huoshui runs on Linux and macOS; on Windows, use WSL2 and run it there.", err=True)
        running.end(running.FAILED)
    if sys.argv[1:2] and sys.argv[1] in BEHIND_THE_PAGES:
        os.nice(10)
    running.end(running.run(huoshui, sys.argv[1:]))
