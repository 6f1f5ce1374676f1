"""``huoshui backup``, ``huoshui restore`` and ``huoshui unfence``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Language
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say
from huoshui.project.keeping.words import FENCES

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@shows_result
def backup(choices: Choices, file: Path, force: bool) -> None:
    """Keep the whole house, database, lake and attached files, in one FILE.

    Both are kept as of one moment, also while others work; FILE appears when it is complete, for its owner only. It
    holds personal data: keep it where you would keep the house. Not in it: settings, the secret key, rejected rows,
    files of background jobs, files that were uploaded and not yet loaded, and versions of the lake older than the
    moment.

    \b
    Examples:
      huoshui backup house.backup
      huoshui restore house.backup --check
    """
    house = open_house()
    from huoshui.lake import open_lake
    from huoshui.project.keeping.backup import back_up

    with output.progress() as tell:
        kept = back_up(
            actor=CONSOLE, lake=open_lake(), file=file.absolute(), now=clock.now(), force=force, tell=tell
        )
    if choices.as_json:
        output.print_json(
            {
                "file": str(kept.file),
                "size": kept.size,
                "files": kept.files,
                "house_version": kept.house_version,
                "currency": house.organisation.currency,
                "rows": kept.rows,
            }
        )
        return
    size = f"{kept.size / 1024**2:,.1f} MiB"
    rows = f"{sum(kept.rows.values()):,}"
    click.echo(
        f"已备份到 {kept.file}：{size}，{kept.files} 个文件，数据库 {rows} 行"
        if choices.language == "zh"
        else f"Kept in {kept.file}: {size}, {kept.files} files, {rows} rows of the database"
    )
    say("it holds personal data and is not encrypted. Check it with: huoshui restore FILE --check")


@click.command()
@click.argument("file", type=FILE)
@click.option("--check", is_flag=True, help="Only read FILE and say whether it is whole.")
@shows_result
def restore(choices: Choices, file: Path, check: bool) -> None:
    """Make a house from a FILE of huoshui backup, in an empty HUOSHUI_HOME.

    Every byte is checked before anything is made, and a house appears complete or not at all. It is fenced: it shows
    data and sends nothing until huoshui unfence. Files of older versions are brought up to date, those of newer
    ones refused.

    \b
    Examples:
      huoshui restore house.backup --check
      HUOSHUI_HOME=./copy huoshui restore house.backup
    """
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=not check)
    from huoshui.project.keeping import restore as restoring

    with output.progress() as tell:
        if check:
            manifest = restoring.check(file=file, tell=tell)
        else:
            manifest = restoring.restore(actor=CONSOLE, file=file, now=clock.now(), tell=tell).manifest
    if choices.as_json:
        output.print_json(
            {
                "file": str(file),
                "restored": not check,
                "version": manifest.version,
                "made_at": manifest.made_at,
                "house_version": manifest.house_version,
                "currency": manifest.currency,
                "time_zone": manifest.time_zone,
                "size": sum(member.size for member in manifest.members),
                "rows": manifest.rows,
            }
        )
    else:
        click.echo(_told(choices.language, manifest.made_at, manifest.version, restored=not check))
    if not check:
        say(FENCES["restored"].in_(choices.language))
        say("set the same HUOSHUI_* settings as before; the secret key is a new one")


def _told(language: Language, made_at: str, version: str, *, restored: bool) -> str:
    home = os.environ.get("HUOSHUI_HOME", "huoshui-home")
    if language == "zh":
        backup = f"{made_at} 由 Huoshui {version} 制作的备份"
        return f"已将{backup}恢复到 {home}" if restored else f"完整：{backup}"
    made = f"the backup of {made_at}, made by Huoshui {version}"
    return f"Restored {made}, into {home}" if restored else f"Whole: {made}"


@click.command()
@shows_result
def unfence(choices: Choices) -> None:
    """Let a restored or copied house send messages from now on.

    Before you do: see that the house it came from is gone, or sends no more. Customers would hear from both, and each
    would know nothing of what the other sent.
    """
    open_house()
    from huoshui.desk.organisation import services

    found = services.unfence(actor=CONSOLE)
    if choices.as_json:
        output.print_json({"was": found.because if found is not None else None, "may_send": True})
    elif choices.language == "zh":
        click.echo("已解除围栏，可以发送" if found else "没有围栏，本来就可以发送")
    else:
        click.echo(
            "The fence is lifted: this house may send" if found else "There was no fence: this house may send"
        )
