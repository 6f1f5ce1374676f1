"""What an operator may set."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from huoshui.project.allowed import MIB, BadSetting
from huoshui.project.configuration import MOST_MEMORY, database, read, secret_key


def configured(folder: Path, **settings: str):
    return read({f"HUOSHUI_{name.upper()}": value for name, value in settings.items()}, folder)


def test_a_house_without_settings_is_chinese_and_lives_in_the_current_folder(tmp_path):
    chosen = configured(tmp_path)
    home = tmp_path / "huoshui-home"
    assert (chosen.home, chosen.lake_url) == (home, str(home / "lake"))
    assert (chosen.currency, chosen.time_zone, chosen.engine) == ("CNY", "Asia/Shanghai", "duckdb")
    assert database(chosen.database_url)["NAME"] == str(home / "huoshui.sqlite3")
    assert 64 * MIB <= chosen.memory <= MOST_MEMORY
    assert chosen.threads is None
    assert chosen.stage_days is None
    assert chosen.stated == frozenset()


def test_the_environment_wins_over_the_folder_and_that_over_the_home(tmp_path):
    home = tmp_path / "house"
    home.mkdir()
    (home / "huoshui.toml").write_text('currency = "USD"\ntime_zone = "UTC"\nurl = "https://a.example.com"\n')
    (tmp_path / "huoshui.toml").write_text('home = "house"\ncurrency = "EUR"\ntime_zone = "Europe/Paris"\n')
    chosen = configured(tmp_path, currency="gbp")
    assert chosen.home == home
    assert (chosen.currency, chosen.time_zone, chosen.url) == ("GBP", "Europe/Paris", "https://a.example.com")
    assert {"currency", "time_zone", "home", "url"} == chosen.stated


def test_numbers_and_lists_of_the_file_are_understood(tmp_path):
    (tmp_path / "huoshui.toml").write_text('threads = 3\nstage_days = [30, 90, 180]\nmemory = "1GiB"\n')
    chosen = configured(tmp_path)
    assert (chosen.threads, chosen.stage_days, chosen.memory) == (3, (30, 90, 180), 1024 * MIB)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "GBX"),
        ("time_zone", "Europe/Londinium"),
        ("time_zone", "../../etc/passwd"),
        ("engine", "pandas"),
        ("spark_master", "local[0]"),
        ("spark_master", "localhost:7077"),
        ("database_url", "mysql://root@localhost/x"),
        ("database_url", "postgresql://host:port/name"),
        ("database_url", "huoshui.sqlite3"),
        ("lake_url", "gs://bucket/lake"),
        ("lake_url", "s3://Bucket/lake"),
        ("lake_url", "s3://bucket//lake"),
        ("lake_url", "s3://bucket/../lake"),
        ("lake_url", "s3://bucket/lake?x=1"),
        ("lake_url", "s3://key:secret@bucket/lake"),
        ("cache", "much"),
        ("url", "http://crm.example.com"),
        ("url", "crm.example.com"),
        ("url", "ftp://localhost"),
        ("memory", "plenty"),
        ("memory", "1MB"),
        ("threads", "0"),
        ("threads", "two"),
        ("stage_days", "30,90"),
        ("stage_days", "30,180,90"),
        ("secret_key", "secret"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_setting(tmp_path, name, value):
    with pytest.raises(BadSetting) as refusal:
        configured(tmp_path, **{name: value})
    assert f"HUOSHUI_{name.upper()}" in str(refusal.value)
    assert refusal.value.valid


@pytest.mark.parametrize(
    "master",
    [
        "local",
        "local[4]",
        "local[*]",
        "local-cluster[2,1,2048]",
        "spark://a:7077,b:7077",
        "yarn",
        "k8s://https://a:443",
    ],
)
def test_spark_runs_where_its_master_says(tmp_path, master):
    chosen = configured(tmp_path, engine="spark", spark_master=master)
    assert (chosen.engine, chosen.spark_master) == ("spark", master)


@pytest.mark.parametrize("url", ["s3://crm", "s3://crm.example/shop/lake-1", "s3://crm/shop/"])
def test_a_lake_may_lie_in_a_bucket(tmp_path, url):
    chosen = configured(tmp_path, lake_url=url, cache="2GiB")
    assert chosen.lake_url == url.rstrip("/")
    assert chosen.cache == 2 * 1024 * MIB


def test_spark_and_an_object_store_do_not_go_together_yet(tmp_path):
    with pytest.raises(BadSetting, match="folder") as refusal:
        configured(tmp_path, engine="spark", lake_url="s3://bucket/lake")
    assert "HUOSHUI_ENGINE" in refusal.value.next_step


@pytest.mark.parametrize("name", ["secret_key", "database_url", "lake_url"])
def test_a_refusal_does_not_print_secrets(tmp_path, name):
    with pytest.raises(BadSetting) as refusal:
        configured(tmp_path, **{name: "mysql://root:hunter2@x"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["currency = ", "curency = 'GBP'", "currency = true", "[currency]\na = 1", "\xff\xfe"]
)
def test_a_file_that_means_nothing_is_refused(tmp_path, text):
    (tmp_path / "huoshui.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadSetting):
        configured(tmp_path)


def test_a_postgresql_url_becomes_a_database(tmp_path):
    chosen = configured(tmp_path, database_url="postgres://me:p%40ss@db.example.com:5433/crm?sslmode=require")
    entry = database(chosen.database_url)
    assert entry["ENGINE"].endswith("postgresql")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"]) == ("me", "p@ss", "db.example.com")
    assert (entry["PORT"], entry["NAME"], entry["OPTIONS"]) == (5433, "crm", {"sslmode": "require"})


def test_the_secret_key_is_kept_in_the_home_for_its_owner_alone(tmp_path):
    chosen = configured(tmp_path, home=str(tmp_path))
    key = secret_key(chosen)
    assert len(key) >= 50
    assert secret_key(chosen) == key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_without_a_home_a_key_is_there_and_nothing_is_written(tmp_path):
    chosen = configured(tmp_path)
    assert len(secret_key(chosen)) >= 50
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_was_set_is_used(tmp_path):
    key = "".join(chr(65 + n % 26) for n in range(60))
    assert secret_key(configured(tmp_path, secret_key=key)) == key
