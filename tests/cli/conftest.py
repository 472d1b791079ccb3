"""A fresh warehouse for each test that asks for one, and the files nobody here wrote."""

import subprocess

import pytest

from eds_command import SHARED, Eds, eds_path


@pytest.fixture
def eds(tmp_path):
    command = Eds(tmp_path / "warehouse")
    subprocess.run([eds_path(), "init", command.warehouse], check=True, capture_output=True)
    return command


@pytest.fixture
def shared():
    """Files nobody here wrote; they are not part of this repository."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not present")
    return SHARED
