"""What lake_driver says each version of each table must hold, and how every reader's answer is
brought to the same words: NULL None, dates in days, datetimes in microseconds since 1970."""

import datetime as dt
import math
import re
import struct

FIELD = re.compile(r'"((?:[^"]|"")*)"|([^,\n]*)')
FIRST_DAY = dt.date(1970, 1, 1)
FIRST_MOMENT = dt.datetime(1970, 1, 1)

# The types of the driver's columns, by the model's own naming rules.
TEXT = {"measurement_time", "unique_device_id", "production_id", "value_as_string"}
FLOAT = {"value_as_number", "range_low", "range_high"}


def is_text(name):
    return name.endswith("_source_value") or name in TEXT or name.endswith("_reason")


def cell(name, quoted, plain):
    if quoted is not None:
        return quoted.replace('""', '"')
    if plain == "\\N":
        return None
    return number(float.fromhex(plain)) if name in FLOAT else int(plain)


def number(value):
    """A float by its bits, so that -0.0 and NaN compare; every NaN is one NaN."""
    return "nan" if math.isnan(value) else struct.pack("<d", value)


def parse(path):
    """(column names, sorted rows) of one of the driver's files."""
    text = path.read_bytes().decode("utf-8")
    end = text.index("\n")
    names = text[:end].split(",")
    rows, row, at = [], [], end + 1
    while at < len(text):
        match = FIELD.match(text, at)
        row.append(cell(names[len(row)], match.group(1), match.group(2)))
        at = match.end()
        assert text[at] in ",\n"
        if text[at] == "\n":
            assert len(row) == len(names)
            rows.append(tuple(row))
            row = []
        at += 1
    return names, canonical(rows)


def plain(value):
    """One value as a reader gave it, in the words of the driver's files."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dt.datetime):
        assert value.tzinfo is None
        return (value - FIRST_MOMENT) // dt.timedelta(microseconds=1)
    if isinstance(value, dt.date):
        return (value - FIRST_DAY).days
    return value


def canonical(rows):
    return sorted((tuple(plain(value) for value in row) for row in rows), key=repr)
