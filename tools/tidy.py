#!/usr/bin/env python3
"""Checks what reading should not have to: layering, sizes, words. Exit 1 when something is found.

Run as ./dev tidy, and as part of ./dev test.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

FILE_LINES_MAX = 600
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
BLOB_BYTES_MAX = 256 * 1024

# Rooms in the order of the data's way: a room may include only what stands above it, or itself.
ROOMS = [
    "base", "format/text", "format/pmsi", "format/csv", "format/json", "format/jose", "format/delta", "model",
    "format/arrow", "terms", "sqlite", "duck", "lake", "govern", "govern/audit", "engine", "ingest/pmsi",
    "ingest/omop", "ingest/labs", "ingest/reports", "ingest/terms", "ingest", "cohort", "synth", "uses/care", "uses/quality", "uses/research", "uses/steering", "serve/auth", "serve", "cli",
]
# ingest's formats stand on the room that holds them; feed.h gathers them and is the only exception.
INGEST_GATHERS = {"src/ingest/feed.h"}

BANNED = [
    (re.compile(r"\bstd::regex\b"), "std::regex"),
    (re.compile(r"\bstd::cout\b"), "std::cout outside cli/"),
    (re.compile(r"\b(?:sleep|usleep|sleep_for)\s*\("), "sleep"),
    (re.compile(r"(?<![\w:])s?rand\s*\("), "rand"),
    (re.compile(r"\bTODO\b|\bFIXME\b"), "TODO"),
    (re.compile(r"\busing namespace\b"), "using namespace"),
]
BANNED_NAMES = re.compile(r"(?:^|[/_])(?:utils?|helpers?|common|manager)(?:[_.]|$)")
ONLY_IN = {  # third-party headers and the rooms that may include them
    "duckdb.h": ("duck",),
    "sqlite3.h": ("sqlite",),
    "toml++": ("base",),
    "simdjson.h": ("format/json",),
    "CLI/CLI.hpp": ("cli",),
    "boost/": ("serve",),
    "sodium.h": ("govern", "govern/audit"),
    "openssl/": ("format/jose", "govern", "serve"),
}


def room_of(path):
    name = path.relative_to(SOURCE).parent.as_posix()
    return name if name in ROOMS else None


def room_of_include(include):
    folder = include.rsplit("/", 1)[0] if "/" in include else ""
    return folder if folder in ROOMS else None


def order(room):
    # The formats of ingest build on ingest itself.
    if room.startswith("ingest/"):
        return ROOMS.index("ingest") + 0.5
    return ROOMS.index(room)


def check_includes(path, lines, report):
    room = room_of(path)
    if room is None:
        report(path, 1, "this folder is no room: name it in tools/tidy.py and src/CMakeLists.txt")
        return
    relative = path.relative_to(ROOT).as_posix()
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include "([^"]+)"', line)
        if found:
            target = room_of_include(found.group(1))
            if target is None and not found.group(1).endswith(".inc"):
                report(path, number, f"included file is in no room: {found.group(1)}")
            elif target and target != room and order(target) > order(room):
                if relative not in INGEST_GATHERS:
                    report(path, number, f"{room} may not use {target}")
        found = re.match(r"#include <([^>]+)>", line)
        if found:
            for header, rooms in ONLY_IN.items():
                if found.group(1).startswith(header) and room not in rooms:
                    report(path, number, f"{header} belongs to {', '.join(rooms)} alone")


def check_functions(path, lines, report):
    """A function body is what lies between a line that ends in '{' at column 0 indentation (or in a
    class) and its '}' at the same indentation."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            opens = line.rstrip().endswith("{") and ")" in line and not line.startswith(("namespace", "#"))
            if opens and re.match(r"^\S", line):
                start = number
        elif line.startswith("}"):
            if number - start + 1 > FUNCTION_LINES_MAX:
                report(path, start, f"function of {number - start + 1} lines")
            start = None


def check_file(path, report):
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    is_data = path.suffix == ".inc"
    if len(lines) - 1 > FILE_LINES_MAX:
        report(path, 1, f"{len(lines) - 1} lines in one file")
    if BANNED_NAMES.search(path.name):
        report(path, 1, "a file name that says nothing")
    is_test = re.search(r"_(test|fuzz|bench)\.cc$", path.name) or "for_test" in path.name
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX and not is_data and len(line.encode()) > LINE_COLUMNS_MAX:
            if len(line) > LINE_COLUMNS_MAX:
                report(path, number, f"{len(line)} columns")
        if is_test or is_data:
            continue
        for pattern, word in BANNED:
            if word.startswith("std::cout") and "/cli/" in str(path):
                continue
            if pattern.search(line):
                report(path, number, f"{word} is not used here")
        code = line.split("//")[0]
        if '"' not in code and "'" not in code and not code.isascii():
            report(path, number, "identifiers are ASCII")
    if path.suffix in (".h", ".cc"):
        check_includes(path, lines, report)
        if not is_test:
            check_functions(path, lines, report)
    if path.suffix == ".h":
        if "#pragma once" not in text:
            report(path, 1, "header without #pragma once")
        if not text.startswith("//"):
            report(path, 1, "a header opens with what it is")


def check_headers_alone(report):
    """Every header compiles by itself."""
    headers = sorted(SOURCE.rglob("*.h"))
    source = "".join(f'#include "{h.relative_to(SOURCE).as_posix()}"\n' for h in headers)
    flags = ["-std=gnu++20", "-fsyntax-only", f"-I{SOURCE}", f"-I{ROOT}/build/deps/duckdb", "-x", "c++", "-"]
    if not (ROOT / "build/deps/duckdb/duckdb.h").exists():
        return
    both_ways = [headers, list(reversed(headers))]
    for group in both_ways:
        source = "".join(f'#include "{h.relative_to(SOURCE).as_posix()}"\n' for h in group)
        done = subprocess.run(["g++", *flags], input=source, text=True, capture_output=True)
        if done.returncode == 0:
            continue
        # Only when the whole does not compile is each tried, to name the culprit.
        for header in headers:
            one = f'#include "{header.relative_to(SOURCE).as_posix()}"\n'
            alone = subprocess.run(["g++", *flags], input=one, text=True, capture_output=True)
            if alone.returncode != 0:
                report(header, 1, "does not compile by itself")
        return


def check_blobs(report):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.stat().st_size > BLOB_BYTES_MAX and path.name != "package-lock.json":
            report(path, 1, f"{path.stat().st_size} bytes in the repository")


def main():
    found = []

    def report(path, line, what):
        found.append(f"{path.relative_to(ROOT)}:{line}: {what}")

    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".h", ".cc", ".inc"):
            check_file(path, report)
    check_headers_alone(report)
    check_blobs(report)
    for line in found:
        print(line)
    print(f"tidy: {len(found)} finding{'s' if len(found) != 1 else ''}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
