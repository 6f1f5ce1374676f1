"""Backup and restore: both stores and the files of people, whole or not at all, and no copy that sends."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import struct
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.forking import run
from huoshui.kernel.errors import HuoshuiError
from huoshui.project.keeping.archive import MANIFEST
from huoshui.project.keeping.errors import BackupDamaged, NotABackup
from huoshui.project.keeping.restore import check
from huoshui.project.setting_up import MadeByNewerVersion
from tests.houses import make
from tests.houses.running import House, environment, open_house

KILLS = 10
COUNTS = "SELECT count(*) AS orders, sum(revenue) AS revenue FROM orders"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ``house`` in it that was filled, and its ``backup``."""
    folder = tmp_path_factory.mktemp("keeping")
    with tarfile.open(sorted(make.HERE.glob("*.tar.gz"))[-1]) as archive:
        archive.extractall(folder, filter="data")
    with open_house(folder / "house") as house:
        house("unfence")  # unpacked here, it is a copy; and the first command brings the database up to date
        run("-c", ATTACHING, environment=environment(house.home), folder=folder).check_returncode()
        house("backup", folder / "backup")
    return folder


# Three files, of which one is deleted again.
ATTACHING = """
import os, sys
from huoshui.project import setting_up
setting_up.prepare_django()
from huoshui.data.customers import queries
from huoshui.desk.threads import services
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
[found] = queries.find("K01")
for name, content in (("合同.txt", "甲方"), ("报价.csv", "门锁,1999"), ("草稿.txt", "不要了")):
    last = services.attach(
        actor=CONSOLE, subject=f"customer:{found.customer_id}", name=name, content=content.encode(), now=clock.now()
    )
services.detach(actor=CONSOLE, file_id=last, now=clock.now())
os._exit(sys.stdout.flush() or 0)
"""


def attached(home: Path) -> dict[str, bytes]:
    """What lies on the disk of what people attached, by where."""
    files = home / "files" / "threads"
    return {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def house(folder: Path) -> Iterator[House]:
    """The house that was backed up."""
    with open_house(folder / "house") as house:
        yield house


@pytest.fixture(scope="session")
def figures(house: House) -> dict[str, Any]:
    """What it answers."""
    return make.figures(house)


@pytest.fixture
def backup(folder: Path, tmp_path: Path) -> Path:
    """A copy of the backup, for the test to spoil."""
    return Path(shutil.copy(folder / "backup", tmp_path / "backup"))


def rewritten(
    backup: Path,
    *,
    change: Callable[[Any], Any] = lambda manifest: manifest,
    files: Callable[[str, bytes], dict[str, bytes]] = lambda name, content: {name: content},
) -> Path:
    """``backup`` with another manifest, or with other files."""
    path = backup.with_name("rewritten")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            if name == MANIFEST:
                new.writestr(name, json.dumps(change(json.loads(old.read(name)))))
            else:
                for other, content in files(name, old.read(name)).items():
                    new.writestr(other, content)
    return path


# -- a house and its copy ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_restored_house_answers_the_same_is_fenced_and_goes_on_working(
    folder: Path, house: House, figures: dict[str, Any], tmp_path: Path
):
    assert (folder / "backup").stat().st_mode & 0o777 == 0o600
    with open_house(tmp_path / "restored") as restored:
        told = restored("restore", folder / "backup")
        assert "huoshui unfence" in told.err
        assert make.figures(restored) == figures
        people = "SELECT * FROM customers ORDER BY customer_id"
        assert restored.json("sql", people) == house.json("sql", people)
        for name in ("K01", "wang@example.com"):
            assert restored.json("customer", name) == house.json("customer", name)
        assert attached(restored.home) == attached(house.home)
        assert len(attached(house.home)) == 3
        assert {f.stat().st_mode & 0o77 for f in (restored.home / "files").rglob("*") if f.is_file()} == {0}
        doctor = restored("doctor", "--deep")
        assert "2 attached, every one is as it was written" in doctor.out
        assert "sends nothing" in doctor.out
        assert "sends nothing" in restored("overview").err
        assert "sends nothing" not in house("doctor").out

        before = restored.json("sql", COUNTS)
        (tmp_path / "more.csv").write_text(
            "order no,customer,date,product id,price\nZ1,K01,2025-12-30 10:00,C1,599\n"
        )
        load = restored.json("import", tmp_path / "more.csv", "--as", "transactions", "--source", "shop")
        assert (load["load_id"], load["customers_known"]) == (13, 1)
        assert restored.json("sql", COUNTS)[0]["orders"] == before[0]["orders"] + 1
        restored("import", "--undo", "13")
        assert restored.json("sql", COUNTS) == before
        restored("import", "--undo", "4")
        restored("refresh", "--as-of", "2026-01-01")
        assert restored.json("overview")["totals"]["revenue"] != house.json("overview")["totals"]["revenue"]

        assert restored.json("unfence") == {"was": "restored", "may_send": True}
        assert restored.json("unfence") == {"was": None, "may_send": True}
        assert "sends nothing" not in restored("doctor").out

        again = restored.attempt("restore", folder / "backup")
        assert (again.code, again.out) == (1, "")
        assert "huoshui.sqlite3" in again.err


@pytest.mark.slow
def test_a_backup_made_beside_imports_holds_of_each_all_or_nothing(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "house", tmp_path / "house")
    kept, loaded = threading.Event(), 0

    def keep_loading(busy: House) -> None:
        nonlocal loaded
        while not kept.is_set():
            rows = [f"N{loaded}-{n},N{loaded}-{n % 5},2025-12-{n:02},C1,599\n" for n in range(1, 21)]
            file = tmp_path / f"more {loaded}.csv"
            file.write_text("order no,customer,date,product id,price\n" + "".join(rows))
            busy("import", file, "--as", "transactions", "--source", "shop")
            loaded += 1

    with open_house(tmp_path / "house") as busy, open_house(tmp_path / "house") as keeper:
        writer = threading.Thread(target=keep_loading, args=(busy,))
        writer.start()
        for enough in (0, 1):
            while loaded < enough and writer.is_alive():
                time.sleep(0.01)
            keeper("backup", tmp_path / "backup", "--force")
        kept.set()
        writer.join()
    with open_house(tmp_path / "restored") as restored:
        restored("restore", tmp_path / "backup")
        assert restored.attempt("doctor", "--deep").code == 0
        new = sum(load["file"].startswith("more ") for load in restored.json("imports"))
        assert 0 < new <= loaded
        assert restored.json("sql", COUNTS)[0]["orders"] == 125 + 20 * new
        [people] = restored.json("sql", "SELECT count(*) AS n FROM customers")
    with closing(sqlite3.connect(tmp_path / "restored" / "huoshui.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM customers_customer").fetchone() == (people["n"],)


@pytest.mark.slow
def test_a_backup_moves_a_house_to_a_database_server_and_back(
    folder: Path, house: House, figures: dict[str, Any], tmp_path: Path, postgres
):
    url = postgres.new_database()
    with open_house(tmp_path / "server", HUOSHUI_DATABASE_URL=url) as server:
        server("restore", folder / "backup")
        assert not list((tmp_path / "server").glob("*.sqlite3"))
        assert make.figures(server) == figures
        server("backup", tmp_path / "back")
    with open_house(tmp_path / "other", HUOSHUI_DATABASE_URL=url) as other:
        refused = other.attempt("restore", folder / "backup")
        assert (refused.code, "a database with tables" in refused.err) == (1, True)
    with open_house(tmp_path / "file") as file:
        file("restore", tmp_path / "back")
        assert make.figures(file) == figures
        assert file.json("customer", "K01") == house.json("customer", "K01")


@pytest.mark.slow
def test_a_plain_copy_of_the_folder_is_noticed_and_a_moved_house_is_not_a_copy(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "house", tmp_path / "house")
    with open_house(tmp_path / "house") as copy:
        assert "this house is a copy" in copy("doctor").out
        assert copy.json("unfence")["was"] == "copied"
        assert "sends nothing" not in copy("doctor").out
    (tmp_path / "house").rename(tmp_path / "moved")
    with open_house(tmp_path / "moved") as moved:
        assert "sends nothing" not in moved("doctor").out


@pytest.mark.slow
def test_a_killed_restore_leaves_no_half_house(folder: Path, tmp_path: Path):
    home = tmp_path / "home"
    words = ("-c", KILLING, str(folder / "backup"), str(home), str(KILLS))
    done = run(*words, environment=environment(home), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == KILLS
    assert set(done.stdout.split()) <= {"nothing", "whole"}
    assert "nothing" in done.stdout.split()
    with open_house(home) as house:
        house("restore", folder / "backup")  # what was left behind is in nobody's way
        assert house.json("sql", COUNTS) == [{"orders": 125, "revenue": 263734.3}]
    assert not list(home.rglob("*.restoring*"))


# Restores in a process of its own, over and over, each killed at a random moment of the time that one takes.
KILLING = """
import os, random, shutil, signal, sqlite3, sys, time
from pathlib import Path
file, home, kills = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
from huoshui.project import setting_up
setting_up.prepare_django(make_home=True)
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.keeping.restore import check, restore
names = [m.name for m in check(file=file).members if m.name.startswith(("lake/", "files/"))]

def run(seconds=None):
    began = time.monotonic()
    child = os.fork()
    if not child:
        try:
            restore(actor=CONSOLE, file=file, now=clock.now())
        finally:
            os._exit(0 if (home / "huoshui.sqlite3").exists() else 1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] in (0, signal.SIGKILL)
    return time.monotonic() - began

def forget():
    shutil.rmtree(home / "lake")
    shutil.rmtree(home / "files")
    for path in home.glob("huoshui.sqlite3*"):
        path.unlink()

takes = run()
forget()
moments = random.Random(7)
for _ in range(kills):
    run(moments.random() * takes)
    if not (home / "huoshui.sqlite3").exists():
        print("nothing")
        continue
    with sqlite3.connect(home / "huoshui.sqlite3") as database:
        people, = database.execute("SELECT count(*) FROM customers_customer").fetchone()
        fenced, = database.execute("SELECT fenced_at FROM organisation_organisation").fetchone()
    print("whole" if people == 21 and fenced and all((home / n).exists() for n in names) else "half")
    forget()
os._exit(sys.stdout.flush() or 0)
"""


@pytest.mark.slow
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    backup: Path, figures: dict[str, Any], tmp_path: Path
):
    """As one that was made before the organisation knew of instances: without these columns, and what came later."""
    table = "database/organisation.organisation.arrow"
    later = ("database/organisation.ownfestival.arrow", "database/organisation.houselook.arrow")
    not_yet = ("organisation.0002_instances", "organisation.0003_festivals", "organisation.0004_looks")
    columns = ["instance_id", "place", "fenced_at", "look", "look_before"]
    sums: dict[str, Any] = {}

    def files(name: str, content: bytes) -> dict[str, bytes]:
        if name != table:
            return {} if name in later else {name: content}
        rows = pa.ipc.open_stream(content).read_all().drop_columns(columns)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
        older = sink.getvalue().to_pybytes()
        sums.update(size=len(older), sha256=hashlib.sha256(older).hexdigest())
        return {name: older}

    def change(manifest: dict[str, Any]) -> dict[str, Any]:
        members = [
            {**m, **sums} if m["name"] == table else m for m in manifest["members"] if m["name"] not in later
        ]
        changes = [c for c in manifest["changes"] if c not in not_yet]
        rows = {label: n for label, n in manifest["rows"].items() if f"database/{label}.arrow" not in later}
        return {**manifest, "format": 1, "members": members, "changes": changes, "rows": rows}

    with open_house(tmp_path / "house") as house:
        house("restore", rewritten(backup, change=change, files=files))
        assert make.figures(house) == figures
        assert "sends nothing" in house("doctor").out


# -- where nothing may be done -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_backup_replaces_no_file_unless_it_is_told_to(folder: Path, house: House, tmp_path: Path):
    precious = tmp_path / "thesis"
    precious.write_text("years of work")
    refused = house.attempt("backup", precious)
    assert (refused.code, precious.read_text()) == (1, "years of work")
    assert "--force" in refused.err
    (tmp_path / "thesis.part").write_text("left by a killed backup")
    house("backup", precious, "--force")
    assert house("restore", precious, "--check").out.startswith("Whole")
    assert [f.name for f in tmp_path.iterdir()] == ["thesis"]
    assert "cannot be written" in house.attempt("backup", tmp_path / "nowhere" / "file").err


@pytest.mark.slow
def test_a_house_is_restored_into_an_empty_place_only(folder: Path, tmp_path: Path):
    (tmp_path / "home" / "lake").mkdir(parents=True)
    (tmp_path / "home" / "lake" / "precious").write_text("")
    with open_house(tmp_path / "home") as house:
        refused = house.attempt("restore", folder / "backup")
    assert (refused.code, refused.out) == (1, "")
    assert "lake" in refused.err
    assert [f.name for f in (tmp_path / "home" / "lake").iterdir()] == ["precious"]


@pytest.mark.slow
def test_no_backup_is_made_of_a_damaged_lake(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "house", tmp_path / "house")
    with open_house(tmp_path / "house") as house:
        house("import", "--undo", "4")  # writes files whose checksums are known
        path = max(
            (tmp_path / "house" / "lake" / "orders").glob("*.parquet"), key=lambda f: f.stat().st_mtime
        )
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        refused = house.attempt("backup", tmp_path / "backup")
        assert (refused.code, path.name in refused.err) == (1, True)
        path.unlink()
        assert "missing" in house.attempt("backup", tmp_path / "backup").err
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.slow
def test_an_attached_file_that_is_missing_or_changed_is_named_and_no_backup_is_made(
    folder: Path, tmp_path: Path
):
    shutil.copytree(folder / "house", tmp_path / "house")
    files = tmp_path / "house" / "files" / "threads"
    deleted = next(
        name for name, content in attached(files.parents[1]).items() if content == "不要了".encode()
    )
    spoiled = files / next(name for name, content in attached(files.parents[1]).items() if b"1999" in content)
    with open_house(tmp_path / "house") as house:
        (files / deleted).unlink()  # may be gone at any moment
        house("doctor", "--deep")
        house("backup", tmp_path / "good")
        assert check(file=tmp_path / "good").rows["threads.attachment"] == 3

        spoiled.write_bytes(spoiled.read_bytes().replace(b"1999", b"9999"))
        assert house.attempt("doctor").code == 0  # only who reads every byte can see it
        for spoil, word in ((lambda: None, "not as it was written"), (spoiled.unlink, "is missing")):
            spoil()
            told = house.attempt("doctor", "--deep")
            assert (told.code, spoiled.name in told.out, word in told.out) == (1, True, True)
            refused = house.attempt("backup", tmp_path / "backup")
            assert (refused.code, spoiled.name in refused.err) == (1, True)
        assert house.attempt("doctor").code == 1
    assert not list(tmp_path.glob("backup*"))


# -- files that are not what was written -------------------------------------------------------------------------


def test_a_good_backup_is_whole_and_holds_no_secret(folder: Path):
    manifest = check(file=folder / "backup")
    with closing(sqlite3.connect(folder / "house" / "huoshui.sqlite3")) as database:
        [people] = database.execute("SELECT count(*) FROM customers_customer").fetchone()
    assert people > 20
    assert (manifest.currency, manifest.rows["customers.customer"]) == ("CNY", people)
    assert not any("secret" in member.name for member in manifest.members)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_or_changes_nothing(folder: Path, place: float, bit: int):
    content = bytearray((folder / "backup").read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path = folder / "flipped"
    path.write_bytes(content)
    with suppress(BackupDamaged, NotABackup, MadeByNewerVersion):
        found = check(file=path)
        # An unused byte of the container: what is read is what was written.
        assert found == check(file=folder / "backup")


@given(share=st.floats(0, 1, exclude_max=True))
def test_a_cut_backup_is_refused(folder: Path, share: float):
    content = (folder / "backup").read_bytes()
    path = folder / "cut"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(NotABackup):
        check(file=path)


def test_a_flipped_byte_of_each_file_is_found(backup: Path):
    content = backup.read_bytes()
    with zipfile.ZipFile(backup) as archive:
        members = archive.infolist()
    for member in members:
        name, extra = struct.unpack_from("<HH", content, member.header_offset + 26)
        spoiled = bytearray(content)
        spoiled[member.header_offset + 30 + name + extra + member.file_size // 2] ^= 0x40
        backup.write_bytes(spoiled)
        with pytest.raises(HuoshuiError):
            check(file=backup)


@pytest.mark.parametrize("content", [b"", b"order,amount\n1,2\n", b"PK\x05\x06" + bytes(18)])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(NotABackup, match="huoshui backup"):
        check(file=tmp_path / "file")
    with pytest.raises(NotABackup, match="opened"):
        check(file=tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name",
    [
        "lake/../../evil.parquet",
        "/etc/evil",
        "lake/orders/../x.parquet",
        "database/x.sh",
        "files/threads/../evil",
        "files/threads/ab/" + "ab" * 16 + ".html",
        "files/uploads/ab/" + "ab" * 16,
    ],
)
def test_a_name_that_no_house_has_is_refused(backup: Path, name: str):
    victim = "lake/answers/_delta_log/00000000000000000000.json"

    def renamed(manifest):
        for member in manifest["members"]:
            member["name"] = name if member["name"] == victim else member["name"]
        return manifest

    path = rewritten(backup, change=renamed, files=lambda n, c: {name if n == victim else n: c})
    with pytest.raises(BackupDamaged, match="no house has"):
        check(file=path)


def test_another_content_of_the_right_size_is_found(backup: Path):
    path = rewritten(backup, files=lambda name, content: {name: content.replace(b"2", b"3")})
    with pytest.raises(BackupDamaged, match="not what was written"):
        check(file=path)


def test_files_that_are_missing_or_not_listed_are_found(backup: Path):
    without = rewritten(
        backup, files=lambda name, content: {} if "customers.customer" in name else {name: content}
    )
    with pytest.raises(BackupDamaged, match="lists"):
        check(file=without)
    more = rewritten(backup, files=lambda name, content: {name: content, f"{name}x": b""})
    with pytest.raises(BackupDamaged, match="lists"):
        check(file=more)


def test_a_backup_of_a_newer_version_is_refused(backup: Path):
    for newer in (
        lambda m: {**m, "format": 99},
        lambda m: {**m, "changes": [*m["changes"], "lake.0999_later"]},
    ):
        with pytest.raises(MadeByNewerVersion, match="newer version"):
            check(file=rewritten(backup, change=newer))


@pytest.mark.parametrize("other", [[], {"format": 1}, {"members": 3}, {"x": 1}])
def test_a_manifest_of_something_else_is_refused(backup: Path, other: Any):
    def change(manifest: Any) -> Any:
        return {**manifest, **other} if other and "format" not in other else other

    with pytest.raises((NotABackup, BackupDamaged)):
        check(file=rewritten(backup, change=change))
