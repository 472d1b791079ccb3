"""Arrow streams and files written by src/format/arrow, read by independent readers.

The expected values are computed here from the rule in arrow_driver.cc, never read back from us.
"""

import datetime as dt
import math
import struct
import subprocess

import polars
import pyarrow as pa
import pyarrow.ipc as ipc
import pytest

EPOCH = dt.datetime(1970, 1, 1)
SCHEMA = pa.schema([
    ("flag", pa.bool_()), ("number", pa.int64()), ("amount", pa.float64()),
    ("day", pa.date32()), ("moment", pa.timestamp("us")), ("text", pa.string()),
])


def expected(count, nulls):
    rows = []
    for row in range(count):
        values = [
            row % 3 == 0,
            row * 1_000_003 - 7,
            row / 8 - 1,
            dt.date(1970, 1, 1) + dt.timedelta(days=row % 40_000 - 20_000),
            EPOCH + dt.timedelta(microseconds=row * 86_400_000_001 - 1_000_000_000_000),
            "é" + str(row) + "x" * (row % 5),
        ]
        rows.append(tuple(
            None if nulls and (row + column) % nulls == 0 else value
            for column, value in enumerate(values)))
    return rows


def tuples(table):
    return list(zip(*(column.to_pylist() for column in table.columns))) if table.num_rows else []


@pytest.fixture(scope="module")
def written(arrow_driver, tmp_path_factory):
    directory = tmp_path_factory.mktemp("arrow")
    subprocess.run([arrow_driver, str(directory)], check=True)
    return directory


def read(directory, name):
    """The table, from both containers, which must agree; every batch is validated in full."""
    with pa.OSFile(str(directory / f"{name}.arrows")) as source:
        reader = ipc.open_stream(source)
        batches = list(reader)
    with pa.memory_map(str(directory / f"{name}.arrow")) as source:
        file_reader = ipc.open_file(source)
        from_file = [file_reader.get_batch(i) for i in range(file_reader.num_record_batches)]
        for batch in from_file:
            batch.validate(full=True)
        assert len(from_file) == len(batches)
        # Compared as bytes: a NaN is not equal to itself.
        assert all(a.serialize().equals(b.serialize()) for a, b in zip(batches, from_file))
    for batch in batches:
        batch.validate(full=True)
    return pa.Table.from_batches(batches, reader.schema), batches


@pytest.mark.parametrize("name,count,nulls", [
    ("no_nulls", 1000, 0), ("nulls", 1001, 4), ("only_nulls", 9, 1), ("large", 100_000, 7),
])
def test_every_type_reads_back(written, name, count, nulls):
    table, batches = read(written, name)
    assert table.schema == SCHEMA
    assert tuples(table) == expected(count, nulls)
    assert len(batches) == math.ceil(count / 65_536)


def test_a_column_without_nulls_has_no_validity_buffer(written):
    _, batches = read(written, "no_nulls")
    assert all(column.buffers()[0] is None for column in batches[0].columns)


def test_buffers_are_aligned_to_64_bytes_within_the_file(written):
    with pa.memory_map(str(written / "large.arrow")) as source:
        batch = ipc.open_file(source).get_batch(1)
        addresses = [b.address % 64 for column in batch.columns for b in column.buffers() if b]
    assert addresses and set(addresses) == {0}


def test_a_null_slot_is_written_as_zero(written):
    table, _ = read(written, "nulls")
    number = table.column("number").chunk(0)
    slots = struct.unpack(f"<{len(number)}q", number.buffers()[1].to_pybytes()[: 8 * len(number)])
    nulls = [slot for slot, is_valid in zip(slots, number.is_valid().to_pylist()) if not is_valid]
    assert nulls and set(nulls) == {0}


def test_a_stream_without_batches_has_its_schema(written):
    table, batches = read(written, "no_batch")
    assert table.schema == SCHEMA and table.num_rows == 0 and batches == []


def test_empty_batches_between_others(written):
    table, batches = read(written, "empty_batches")
    assert [batch.num_rows for batch in batches] == [0, 5, 0, 0, 64, 1, 0]
    assert tuples(table) == expected(70, 3)


def test_no_columns(written):
    table, batches = read(written, "no_columns")
    assert table.num_columns == 0 and len(batches) == 1


def test_names_in_any_script(written):
    table, _ = read(written, "names")
    assert table.column_names == ["âge à l'entrée", "", "日本"]
    assert tuples(table) == [(1, "né", True)]


def test_long_texts_split_batches(written):
    table, batches = read(written, "long_texts")
    assert [len(text) for text in table.column(0).to_pylist()] == [
        0, 1, 70_000, 40 << 20, 30 << 20, 3]
    assert [batch.num_rows for batch in batches] == [5, 1]


def test_extreme_numbers(written):
    table, _ = read(written, "extremes")
    assert table.column(0).to_pylist() == [-(2**63), 2**63 - 1, 0, -1]
    bits = [struct.pack("<d", x) for x in table.column(1).to_pylist()]
    assert bits[0] == struct.pack("<d", -0.0) and math.isnan(table.column(1)[1].as_py())


def test_model_chunks(written):
    with pa.OSFile(str(written / "model.arrows")) as source:
        table = ipc.open_stream(source).read_all()
    table.validate(full=True)
    assert table.num_rows == 100_000
    assert table.column("condition_occurrence_id").to_pylist() == list(range(100_000))
    assert table.column("person_id").to_pylist() == [row // 10 for row in range(100_000)]
    days = table.column("condition_start_date").cast(pa.int32()).to_pylist()
    assert days == [row % 20_000 if row % 3 else None for row in range(100_000)]
    texts = table.column("condition_source_value").to_pylist()
    assert texts == [None if row % 2 else str(row) for row in range(100_000)]
    assert table.column("visit_occurrence_id").null_count == 100_000


@pytest.mark.parametrize("name", ["no_nulls", "nulls", "large", "empty_batches", "names"])
def test_polars_own_reader_agrees(written, name):
    """polars has its own Arrow implementation (Rust), independent of pyarrow's (C++)."""
    table, _ = read(written, name)
    assert polars.read_ipc_stream(written / f"{name}.arrows").rows() == tuples(table)
    assert polars.read_ipc(written / f"{name}.arrow").rows() == tuples(table)
