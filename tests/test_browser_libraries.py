"""What pages load beside our own files is locked, complete, and named with its licence."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import hatch_build

ROOT = Path(__file__).resolve().parents[1]
LOCK = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
WANTED = json.loads((ROOT / "package.json").read_text("utf-8"))


def test_the_lock_names_hashes_and_no_place():
    for name, package in LOCK["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_the_lock_is_in_step_with_what_is_wanted():
    assert LOCK["packages"][""]["dependencies"] == WANTED["dependencies"]
    assert LOCK["packages"][""]["devDependencies"] == WANTED["devDependencies"]


def test_every_copied_package_and_what_is_inside_it_has_its_licence():
    text = (hatch_build.VENDOR / "THIRD-PARTY.txt").read_text("utf-8")
    for package in WANTED["dependencies"]:
        version = WANTED["dependencies"][package]
        assert f"{package} {version} (" in text
    inside = {
        name.removeprefix("node_modules/")
        for name, p in LOCK["packages"].items()
        if name and not p.get("dev")
    }
    # Tabler's script, which Popper is part of, is not copied.
    assert inside - set(hatch_build.NOTICES) == {"@popperjs/core"}


def test_every_icon_is_in_the_sprite_once():
    drawn = re.findall(r'<symbol id="([a-z0-9-]+)"', (hatch_build.VENDOR / "icons.svg").read_text("utf-8"))
    assert drawn == hatch_build.ICONS.read_text("utf-8").split()
    assert drawn == sorted(set(drawn))


def test_every_slice_of_the_chinese_font_is_there():
    folder = hatch_build.VENDOR / "noto-sans-sc"
    named = re.findall(r"url\(\./([^)]+)\)", (folder / "slices.css").read_text("utf-8"))
    assert len(named) > 90
    assert [name for name in named if not (folder / name).is_file()] == []


def test_packed_files_hold_what_they_stand_for():
    packed = list(hatch_build.VENDOR.rglob("*.gz"))
    assert {file.suffixes[-2] for file in packed} == {".css", ".js", ".svg"}
    for file in packed:
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes()


def test_no_copied_file_asks_for_a_source_map():
    for name in hatch_build.FILES.values():
        assert b"sourceMappingURL" not in (hatch_build.VENDOR / name).read_bytes()[-500:]
