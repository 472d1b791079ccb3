"""Where the tests find the programs under test: EDS_BUILD names the build directory."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def program(name):
    override = os.environ.get(f"EDS_{name.upper()}")
    if override:
        return override
    build = pathlib.Path(os.environ.get("EDS_BUILD", ROOT / "build" / "release"))
    found = [path for path in (build / name, build / "src" / name, build / "tests" / name)
             if path.is_file()]
    if not found:
        pytest.skip(f"{name} is not built: ninja -C build/release {name}")
    return str(found[0])


@pytest.fixture(scope="session")
def arrow_driver():
    return program("arrow_driver")


@pytest.fixture(scope="session")
def lake_driver():
    return program("lake_driver")
