"""The picture of the report in README.md, as Chromium shows the report of the example page.

Run as ``python -m tests.readme.picture`` (extra `demo`, Chromium with its driver, selenium).
"""

import base64
import hashlib
import io
import shutil
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from derivations.check import check_conventions
from derivations.report.html import as_html
from tests.front_doors.browser import SCHEMES, browser, show

HERE = Path(__file__).parent
EXAMPLE = HERE / "example.md"
WIDTH = 1040
COLOURS = 96
SAID = (
    "The report of a page on ridge regression: the formula as printed and the closest true one "
    "with the transpose marked, the counterexample, the error of central differences by their "
    "step below its bound, and the derivation"
)


def page() -> str:
    """The report of the example page, under a name of no directory."""
    with tempfile.TemporaryDirectory() as directory, chdir(directory):
        shutil.copy(EXAMPLE, "notes.md")
        return as_html(check_conventions(Path("notes.md"), in_full=True))


def markup() -> str:
    """What README.md shows, with the digest of the page that the pictures were taken of."""
    digest = hashlib.sha256(page().encode()).hexdigest()[:16]
    light, dark = (f"tests/readme/report-{scheme}.png" for scheme in SCHEMES)
    return (
        f"<!-- python -m tests.readme.picture, of a page with the digest {digest} -->\n"
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" width="780" alt="{SAID}"></picture>\n'
    )


def take(driver: Any, scheme: str, directory: Path) -> bytes:
    """The whole page with the last claim unfolded, as PNG."""
    show(driver, page(), directory, WIDTH, scheme)
    driver.execute_script("[...document.querySelectorAll('details')].at(-1).open = true")
    height = driver.execute_script("return document.body.scrollHeight")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
    taken = driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
    )
    return base64.b64decode(taken["data"])


def main() -> None:
    from PIL import Image

    with browser() as driver, tempfile.TemporaryDirectory() as directory:
        for scheme in SCHEMES:
            file = HERE / f"report-{scheme}.png"
            taken = Image.open(io.BytesIO(take(driver, scheme, Path(directory))))
            taken.convert("RGB").quantize(COLOURS).save(file, optimize=True)
            print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
