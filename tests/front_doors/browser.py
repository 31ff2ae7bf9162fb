"""Chromium as a test drives it: a page at a width and in a colour scheme, and what it says."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMEDRIVER = shutil.which("chromedriver")
AXE = Path(__file__).parents[2] / ".ci" / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (390, 820, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 900
UNFOLD = "document.querySelectorAll('details').forEach(part => { part.open = true; })"


@contextmanager
def browser() -> Iterator[Any]:
    """A browser of its own, with a profile of its own; tests that lack one are skipped."""
    if CHROMIUM is None or CHROMEDRIVER is None:
        pytest.skip("no Chromium with its driver is installed")
    pytest.importorskip("selenium", reason="selenium is not installed")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for option in (*OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        driver = Chrome(options=options, service=ChromeService(CHROMEDRIVER))
        try:
            yield driver
        finally:
            driver.quit()


def show(driver: Any, text: str, directory: Path, width: int = 1280, scheme: str = "light") -> None:
    """The page, as wide as a screen, on light or on dark."""
    size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    wanted = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)
    driver.get_log("browser")  # what an earlier page had to say
    file = directory / "page.html"
    file.write_text(text, encoding="utf-8")
    driver.get(file.as_uri())


def messages(driver: Any) -> list[str]:
    """What the console has to say since the page was asked for."""
    return [entry["message"] for entry in driver.get_log("browser")]


def violations(driver: Any) -> list[str]:
    """What an accessibility checker finds on the page that is shown, by rule and element."""
    driver.execute_script(AXE.read_text(encoding="utf-8"))
    found = driver.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(done, error => done({violations: "
        "[{id: String(error), nodes: []}]}));"
    )
    return [
        f"{rule['id']}: {[node['html'][:120] for node in rule['nodes'][:3]]}"
        for rule in found["violations"]
    ]
