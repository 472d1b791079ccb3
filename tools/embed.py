#!/usr/bin/env python3
"""Writes a C++ file that holds every file of a folder, plain and compressed: embed.py FOLDER OUTPUT

The bytes come in through .incbin, so that a megabyte of JavaScript costs no compile time.
"""
import gzip
import pathlib
import sys

folder, output = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
files = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
output.parent.mkdir(parents=True, exist_ok=True)
lines = ['#include "serve/web_files.h"', "", "namespace {"]
symbols, rows = [], []


def include(symbol, path):
    """Defines `symbol` as the bytes of `path`, and answers the C++ that views them."""
    lines.append(
        f'__asm__(".section .rodata\\n.global {symbol}\\n.global {symbol}_end\\n{symbol}:\\n'
        f'.incbin \\"{path}\\"\\n{symbol}_end:\\n.byte 0\\n.previous\\n");'
    )
    symbols.append(symbol)
    return f"{{{symbol}, static_cast<std::size_t>({symbol}_end - {symbol})}}"


for number, path in enumerate(files):
    plain = path.read_bytes()
    # No time in the header: the same files give the same program.
    packed = gzip.compress(plain, compresslevel=9, mtime=0)
    views = [include(f"eds_web_{number}", path)]
    if len(packed) < len(plain):
        beside = output.parent / f"web_{number}.gz"
        beside.write_bytes(packed)
        views.append(include(f"eds_web_{number}_gzip", beside))
    else:
        views.append("{}")
    rows.append(f'      {{"{path.relative_to(folder).as_posix()}", {", ".join(views)}}},')
lines.append("}  // namespace")
for symbol in symbols:
    lines.append(f'extern "C" const char {symbol}[];\nextern "C" const char {symbol}_end[];')
lines += ["", "namespace eds::serve {", "", "std::span<const WebFile> web_files() {"]
if rows:
    lines += ["  static const WebFile files[] = {", *rows, "  };", "  return files;"]
else:
    lines.append("  return {};")
lines += ["}", "", "}  // namespace eds::serve", ""]
output.write_text("\n".join(lines))
