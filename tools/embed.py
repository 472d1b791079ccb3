#!/usr/bin/env python3
"""Writes a C++ file that holds every file of a folder: embed.py FOLDER OUTPUT

The bytes come in through .incbin, so that a megabyte of JavaScript costs no compile time.
"""
import pathlib
import sys

folder, output = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
files = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
lines = ['#include "serve/web_files.h"', "", "namespace {"]
rows = []
for number, path in enumerate(files):
    name = path.relative_to(folder).as_posix()
    symbol = f"eds_web_{number}"
    lines.append(
        f'__asm__(".section .rodata\\n.global {symbol}\\n.global {symbol}_end\\n{symbol}:\\n'
        f'.incbin \\"{path}\\"\\n{symbol}_end:\\n.byte 0\\n.previous\\n");'
    )
    rows.append((name, symbol))
lines.append("}  // namespace")
for _, symbol in rows:
    lines.append(f'extern "C" const char {symbol}[];\nextern "C" const char {symbol}_end[];')
lines += ["", "namespace eds::serve {", "", "std::span<const WebFile> web_files() {"]
if rows:
    lines.append("  static const WebFile files[] = {")
    for name, symbol in rows:
        lines.append(f'      {{"{name}", {{{symbol}, static_cast<std::size_t>({symbol}_end - {symbol})}}}},')
    lines += ["  };", "  return files;"]
else:
    lines.append("  return {};")
lines += ["}", "", "}  // namespace eds::serve", ""]
output.parent.mkdir(parents=True, exist_ok=True)
output.write_text("\n".join(lines))
