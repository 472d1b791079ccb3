"""The program under test, run on one warehouse."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


def eds_path():
    path = pathlib.Path(os.environ.get("EDS_BUILD", ROOT / "build" / "release")) / "eds"
    if not path.is_file():
        pytest.skip("eds is not built: ./dev build")
    return path


class Eds:
    """Runs the command line on one warehouse."""

    def __init__(self, warehouse):
        self.warehouse = warehouse

    def run(self, *args, expect=0, stdin=None):
        done = subprocess.run(
            [eds_path(), "--warehouse", self.warehouse, *map(str, args)],
            capture_output=True, text=True, input=stdin, timeout=300)
        if expect is not None:
            assert done.returncode == expect, (args, done.returncode, done.stdout, done.stderr)
        return done

    def run_bytes(self, *args):
        return subprocess.run([eds_path(), "--warehouse", self.warehouse, *map(str, args)],
                              capture_output=True, check=True, timeout=300).stdout

    def query(self, sql):
        """Rows of a SELECT as dictionaries."""
        return json.loads(self.run("-f", "json", "query", sql).stdout)

    def value(self, sql):
        (row,) = self.query(sql)
        (value,) = row.values()
        return value

    def report(self, *args, expect=0):
        """What `eds ingest` says, as JSON."""
        return json.loads(self.run("-f", "json", "ingest", *args, expect=expect).stdout)
