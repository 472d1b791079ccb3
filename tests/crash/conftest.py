"""Where the test finds crash_driver: EDS_CRASH_DRIVER, or the build directory EDS_BUILD."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=200, help="how often the driver is killed")
    parser.addoption("--writers", type=int, default=4, help="drivers that live at the same time")
    parser.addoption("--seed", type=int, default=1, help="of the instants of death")


@pytest.fixture(scope="session")
def crash_driver():
    override = os.environ.get("EDS_CRASH_DRIVER")
    if override:
        return override
    build = pathlib.Path(os.environ.get("EDS_BUILD", ROOT / "build" / "release"))
    found = [path for path in (build / "crash_driver", build / "src" / "crash_driver",
                               build / "tests" / "crash_driver") if path.is_file()]
    if not found:
        pytest.skip("crash_driver is not built: ninja -C build/release crash_driver")
    return str(found[0])
