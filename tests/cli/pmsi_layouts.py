"""PMSI records written and read from the published sheets alone, without any code of EDS.

A sheet is a TSV of one layout: a label, and the size, the start and the end of each field, in an
order that differs from sheet to sheet."""


def number(text):
    return int(text) if text.strip().isdigit() else None


class Sheet:
    """Where each field of a layout stands: {start: size}, positions from 1."""

    def __init__(self, path, columns):
        self.sizes = {}
        for line in path.read_text(encoding="utf-8").split("\n"):
            cells = line.split("\t")
            if len(cells) <= max(columns):
                continue
            size, start, end = (number(cells[column]) for column in columns)
            if size and start and end and end - start + 1 == size:
                self.sizes.setdefault(start, size)

    def read(self, line, start):
        return line[start - 1:start - 1 + self.sizes[start]].strip()

    def write(self, size, values, tail=""):
        """A line of `size` bytes with {start: value}, then `tail`."""
        text = " " * size
        for start, value in values.items():
            width = self.sizes[start]
            assert len(value) <= width, (start, value)
            text = text[:start - 1] + value.ljust(width) + text[start - 1 + width:]
        return text + tail + "\r\n"


def repeated(*values):
    """Fields of a block, each (value, size)."""
    return "".join(value.ljust(size) for value, size in values)
