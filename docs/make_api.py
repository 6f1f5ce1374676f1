"""Writes docs/api/openapi.json, the description of the API that other people's programs are made from.

    .venv/bin/python docs/make_api.py

A test holds the file to the code; running this says that a change of the API is meant.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import django

FILE = Path(__file__).parent / "api" / "openapi.json"


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("HUOSHUI_HOME", home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        django.setup()
        from huoshui.project.api.root import api

        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
