"""Finds the Chromium that browser tests drive; `python -m tests.chromium` prints its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The shell, Chromium without a desktop's windows, needs a fifth less of the processor for the same pages.
NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge",
]
MAC = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
# No look-ups of its maker's hosts, no first-run pages; as root the sandbox cannot be had.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]


def chromium() -> str | None:
    """The path of a Chromium that starts, or None."""
    candidates = [os.environ.get("LIANXIN_CHROMIUM"), *map(shutil.which, NAMES), *MAC, _from_playwright()]
    return next((path for path in candidates if path and Path(path).is_file() and _starts(path)), None)


def _from_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            return playwright.chromium.executable_path
    except Exception:  # noqa: BLE001 - whatever ails it, it is not a browser we can use
        return None


def _starts(path: str) -> bool:
    # Ubuntu puts a file of this name where there is no browser, only advice to install one.
    try:
        told = subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0


if __name__ == "__main__":
    path = chromium()
    sys.stdout.write(f"{path}\n" if path else "")
    sys.exit(0 if path else 1)
