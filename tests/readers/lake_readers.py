"""Independent readers of a Delta table, one function each: (table directory, version or None) ->
(column names, rows). Which parts of a reader are its own stands beside each."""

import contextlib
import importlib.util
import os
import pathlib
import shutil
import tempfile

import pytest


def arrow_rows(table):
    return table.column_names, list(zip(*(column.to_pylist() for column in table.columns))) \
        if table.num_rows else []


def delta_rs(directory, version):
    """delta-rs: log by delta-kernel-rs inside delta-rs, Parquet by DataFusion (Rust)."""
    from deltalake import DeltaTable, QueryBuilder
    import pyarrow as pa
    table = DeltaTable(str(directory), version=version)
    answer = QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return arrow_rows(pa.table(answer.read_all()))


def delta_rs_pyarrow(directory, version):
    """delta-rs for the log, Parquet and statistics by pyarrow (C++)."""
    from deltalake import DeltaTable
    return arrow_rows(DeltaTable(str(directory), version=version).to_pyarrow_table())


def polars(directory, version):
    """delta-rs for the log, Parquet by polars (Rust, its own)."""
    import polars as pl
    frame = pl.scan_delta(str(directory), version=version).collect()
    return frame.columns, frame.rows()


_duckdb = None


def duckdb_connection():
    global _duckdb
    if _duckdb is None:
        import duckdb
        package = importlib.util.find_spec("duckdb_extension_delta").submodule_search_locations[0]
        found = sorted(pathlib.Path(package).glob("extensions/*/delta.duckdb_extension"))
        # The wheel carries DuckDB's own signed file; it loads by path, without the network.
        _duckdb = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        _duckdb.execute(f"LOAD '{found[-1]}'")
        _duckdb.execute("SET TimeZone = 'UTC'")
    return _duckdb


def duckdb(directory, version):
    """DuckDB's delta extension: log by delta-kernel-rs, Parquet by DuckDB."""
    at = "" if version is None else f", version := {version}"
    answer = duckdb_connection().execute(f"SELECT * FROM delta_scan('{directory}'{at})")
    names = [column[0] for column in answer.description]
    return names, answer.fetchall()


_chdb = None


def clickhouse(directory, settings):
    global _chdb
    engine = pytest.importorskip("chdb")
    import pyarrow as pa
    if _chdb is None:
        _chdb = engine.connect(":memory:")
        _chdb.query("SET session_timezone = 'UTC'")
    # ClickHouse refuses local files outside the working directory.
    with contextlib.chdir(directory):
        answer = _chdb.query(
            f"SELECT * FROM deltaLakeLocal('{directory}') SETTINGS {settings}", "ArrowStream")
    table = pa.ipc.open_stream(answer.bytes()).read_all()
    # ClickHouse has no datetime without a zone: it answers in the session's.
    moments = [pa.field(field.name, pa.timestamp("us"))
               if field.type == pa.timestamp("us", "UTC") else field for field in table.schema]
    return arrow_rows(table.cast(pa.schema(moments)))


def chdb(directory, version):
    """ClickHouse (libchdb): log by delta-kernel-rs inside it, Parquet by its own C++."""
    at = -1 if version is None else version
    return clickhouse(directory, f"delta_lake_snapshot_version = {at}")


def chdb_own_log(directory, version):
    """ClickHouse without the kernel: log and Parquet by its own C++. It reads only the newest
    version, so an older one is shown to it as a table whose log ends there."""
    with tempfile.TemporaryDirectory() as place:
        table = pathlib.Path(place).resolve() / "table"
        shutil.copytree(directory, table, copy_function=os.link)
        if version is not None:
            for path in list((table / "_delta_log").iterdir()):
                if path.name == "_last_checkpoint" or int(path.name[:20]) > version:
                    path.unlink()
        return clickhouse(table, "allow_delta_kernel_rs = 0")


_spark = None


def spark_session():
    """Spark with the jars of EDS_DELTA_JARS (delta-spark and delta-storage, comma-separated), or
    with those that Spark's own resolver finds."""
    global _spark
    if _spark is None:
        from pyspark.sql import SparkSession
        builder = (SparkSession.builder.master("local[2]").appName("readers")
                   .config("spark.ui.enabled", "false")
                   .config("spark.driver.bindAddress", "127.0.0.1")
                   .config("spark.driver.host", "127.0.0.1")
                   .config("spark.sql.session.timeZone", "UTC")
                   .config("spark.sql.shuffle.partitions", "2")
                   .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
                   .config("spark.sql.catalog.spark_catalog",
                           "org.apache.spark.sql.delta.catalog.DeltaCatalog"))
        jars = os.environ.get("EDS_DELTA_JARS")
        if jars:
            builder = builder.config("spark.jars", jars)
        else:
            from delta import configure_spark_with_delta_pip
            builder = configure_spark_with_delta_pip(builder)
        _spark = builder.getOrCreate()
    return _spark


def spark(directory, version):
    """delta-spark: log and Parquet by Spark (Scala and Java), the reference implementation."""
    reader = spark_session().read.format("delta")
    if version is not None:
        reader = reader.option("versionAsOf", version)
    frame = reader.load(str(directory))
    return frame.columns, [tuple(row) for row in frame.collect()]


QUICK = [delta_rs, delta_rs_pyarrow, polars, duckdb, chdb, chdb_own_log]
