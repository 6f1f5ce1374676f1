"""./huoshui sets itself up from a clone, says what it lacks, and hands the command on unchanged."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The launcher as a module, set in a clone whose folder has a space and Chinese characters in its name."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("huoshui_launcher", str(ROOT / "huoshui"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    move(module, tmp_path / "my 活水")
    return module


def move(module: ModuleType, clone: Path) -> None:
    (clone / "requirements").mkdir(parents=True)
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (clone / "pyproject.toml").write_text("[project]\n")
    for lock in ("run", "test", "spark"):
        (clone / "requirements" / f"{lock}.lock").write_text(f"{lock}==1\n")
    (clone / "src" / "huoshui" / "web" / "static" / "vendor").mkdir(parents=True)
    for name in module.MADE_FROM:
        (clone / name).write_text("")
    module.HERE = clone  # type: ignore[attr-defined]
    module.VENV = clone / ".venv"  # type: ignore[attr-defined]
    module.PYTHON = clone / ".venv" / "bin" / "python"  # type: ignore[attr-defined]
    module.LOCKS = clone / "requirements"  # type: ignore[attr-defined]


def note_installed(launcher: ModuleType, lock: str) -> None:
    launcher.stamp(lock).write_text(launcher.fingerprint(lock))
    (launcher.VENV / ".made-pages").write_text(launcher.pages_fingerprint())


def handed_on(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The command that the launcher replaces itself with."""
    commands: list[list[str]] = []

    def execve(path: str, command: list[str], environment: dict[str, str]) -> None:
        commands.append(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", execve)
    with pytest.raises(SystemExit):
        launcher.main(list(arguments))
    return commands[0]


def test_an_old_python_is_told_which_one_is_needed(launcher: ModuleType):
    assert launcher.too_old((3, 11, 0)) is None
    assert launcher.too_old((3, 14, 2)) is None
    assert launcher.too_old((4, 0, 0)) is None
    assert launcher.too_old((3, 9, 18)) == (
        "huoshui needs Python 3.11 or newer; this is 3.9.18. Install a newer one, then: python3.11 huoshui ..."
    )


def test_nothing_is_installed_before_the_first_run(launcher: ModuleType):
    assert not launcher.is_installed("run")
    assert not launcher.is_installed("test")


def test_what_was_installed_is_not_installed_again(launcher: ModuleType):
    note_installed(launcher, "run")
    assert launcher.is_installed("run")
    assert not launcher.is_installed("test")


def test_what_was_installed_for_the_tests_also_runs_the_program(launcher: ModuleType):
    note_installed(launcher, "test")
    assert launcher.is_installed("run")
    assert not launcher.is_installed("spark")


def test_what_was_installed_for_spark_also_runs_the_tests_and_the_program(launcher: ModuleType):
    note_installed(launcher, "spark")
    assert launcher.is_installed("run")
    assert launcher.is_installed("test")
    assert launcher.is_installed("spark")


@pytest.mark.parametrize("changed", ["requirements/run.lock", "pyproject.toml"])
def test_a_changed_file_is_a_reason_to_install_again(launcher: ModuleType, changed: str):
    note_installed(launcher, "run")
    (launcher.HERE / changed).write_text("changed")
    assert not launcher.is_installed("run")


def test_a_moved_clone_is_a_reason_to_install_again(launcher: ModuleType, tmp_path: Path):
    note_installed(launcher, "run")
    stamp = launcher.stamp("run").read_text()
    move(launcher, tmp_path / "elsewhere")
    launcher.stamp("run").write_text(stamp)
    assert not launcher.is_installed("run")


def test_another_python_behind_the_environment_is_a_reason_to_install_again(
    launcher: ModuleType, tmp_path: Path
):
    note_installed(launcher, "run")
    launcher.PYTHON.unlink()
    launcher.PYTHON.symlink_to(tmp_path / "python3.99")
    assert not launcher.is_installed("run")


@pytest.mark.parametrize(
    "changed", ["package-lock.json", "hatch_build.py", "locale/zh_Hans/LC_MESSAGES/django.po"]
)
def test_a_changed_part_of_the_pages_is_a_reason_to_make_them_again(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, changed: str
):
    note_installed(launcher, "run")
    made: list[list[str]] = []
    monkeypatch.setattr(launcher, "call", lambda command, complaint: made.append(command))
    launcher.prepare("run")
    assert made == []
    file = launcher.HERE / ("src/huoshui/" + changed if changed.endswith(".po") else changed)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("changed")
    launcher.prepare("run")
    launcher.prepare("run")
    assert made == [[str(launcher.PYTHON), str(launcher.HERE / "hatch_build.py")]]


def test_without_a_browser_and_without_the_right_to_install_one_that_is_said(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("HUOSHUI_TEST_CHROMIUM", raising=False)
    monkeypatch.setenv("HUOSHUI_TEST_INSTALL", "0")
    launcher.find_browser()
    assert "no Chromium found" in capfd.readouterr().err


def test_a_failed_installation_leaves_no_stamp(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    note_installed(launcher, "run")

    def pip(*arguments: str) -> None:
        raise launcher.Refused("no network")

    monkeypatch.setattr(launcher, "pip", pip)
    with pytest.raises(launcher.Refused):
        launcher.install("run")
    assert not launcher.stamp("run").exists()


def test_a_path_is_one_argument_whatever_is_in_it(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []
    monkeypatch.setattr(launcher, "quiet", lambda command: True)
    monkeypatch.setattr(launcher, "call", lambda command, complaint: calls.append(command))
    launcher.install("run")
    assert calls[0][-2:] == ["-r", str(launcher.HERE / "requirements" / "run.lock")]
    assert calls[1][-2:] == ["--editable", str(launcher.HERE)]
    assert "--require-hashes" in calls[0]


def test_the_environment_finds_the_sources_without_naming_the_folder(launcher: ModuleType):
    packages = launcher.VENV / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "_huoshui.pth").write_text(f"{launcher.HERE}/src", encoding="utf-8")
    launcher.link_by_relative_path()
    link = (packages / "_huoshui.pth").read_text("ascii").strip()
    assert (packages / link).resolve() == launcher.HERE / "src"


def test_an_environment_without_pip_borrows_the_pip_of_the_python_at_hand(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    calls: list[list[str]] = []
    monkeypatch.setattr(launcher, "quiet", lambda command: False)
    monkeypatch.setattr(launcher, "call", lambda command, complaint: calls.append(command))
    launcher.pip("install", "x")
    assert calls == [[sys.executable, "-m", "pip", "--python", str(launcher.PYTHON), "install", "x"]]


def test_without_ensurepip_and_pip_the_missing_package_is_named(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(launcher, "quiet", lambda command: False)
    with pytest.raises(launcher.Refused, match="apt-get install python3-venv"):
        launcher.make_venv()


def test_the_command_reaches_the_program_word_by_word(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    note_installed(launcher, "run")
    words = ["import", "订单 2026.csv", "--as", "orders", "--map", "a=b c"]
    command = handed_on(launcher, monkeypatch, *words)
    assert command == [str(launcher.PYTHON), "-P", "-m", "huoshui", *words]


def test_test_with_arguments_is_pytest_with_these(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(launcher, "find_browser", lambda: None)
    note_installed(launcher, "test")
    monkeypatch.chdir(ROOT)
    command = handed_on(launcher, monkeypatch, "test", "src/huoshui/lake", "-k", "x y")
    assert command == [str(launcher.PYTHON), "-m", "pytest", "src/huoshui/lake", "-k", "x y"]


def test_every_check_is_run_and_one_failure_is_enough_to_fail(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(
        launcher,
        "checks",
        lambda: [("one", ["-c", "raise SystemExit(3)"]), ("two", ["-c", "print('two ran')"])],
    )
    assert launcher.judge() == 1
    out, err = capfd.readouterr()
    assert out == "two ran\n"
    assert err == "== one\n== two\nhuoshui: failed: one\n"


@pytest.mark.parametrize(("given", "expected"), [("1", 1), ("3", 3)])
def test_the_number_of_test_processes_can_be_set(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, given: str, expected: int
):
    monkeypatch.setenv("HUOSHUI_TEST_WORKERS", given)
    assert launcher.test_workers() == expected


def test_a_wrong_number_of_test_processes_is_refused(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUOSHUI_TEST_WORKERS", "many")
    with pytest.raises(launcher.Refused, match="'many'"):
        launcher.test_workers()


def test_test_on_spark_is_pytest_with_the_tests_of_both_engines(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    note_installed(launcher, "spark")
    monkeypatch.chdir(ROOT)
    command = handed_on(launcher, monkeypatch, "test", "--spark", "-k", "x y")
    assert command == [str(launcher.PYTHON), "-m", "pytest", "tests/spark", "-k", "x y"]


@pytest.mark.parametrize(("engine", "lock"), [("spark", "spark"), ("duckdb", "run"), (None, "run")])
def test_the_program_is_installed_with_the_engine_that_is_asked_for(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, engine: str | None, lock: str
):
    if engine is None:
        monkeypatch.delenv("HUOSHUI_ENGINE", raising=False)
    else:
        monkeypatch.setenv("HUOSHUI_ENGINE", engine)
    prepared: list[str] = []
    monkeypatch.setattr(launcher, "prepare", prepared.append)
    handed_on(launcher, monkeypatch, "doctor")
    assert prepared == [lock]


def test_what_was_compiled_is_kept_for_the_next_start(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in launcher.environment()
