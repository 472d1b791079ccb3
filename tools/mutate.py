#!/usr/bin/env python3
"""Changes one line of a file at a time and asks whether a test sees it: ./dev mutate FILE [N] [SEED]

A mutant is one small mistake: a comparison turned, && for ||, a number off by one, true for false,
a line dropped. Each is built with its room's tests (build/release) and run. A mutant that does not
compile does not count; one that the tests do not see survives, and is printed: write the test that
kills it, or see that it is the same program. FILE is put back whatever happens. Exit 1 with survivors.
"""
import pathlib
import random
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
TEST_SECONDS_MAX = 300

SWAPS = [
    (r"(?<![<>=!\-])<(?=[ ]) ", "<= "), (r" <= ", " < "), (r"(?<![\-<>=])>(?= )", ">="),
    (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r" \+ ", " - "), (r" - ", " + "),
    (r"if \(!", "if ("), (r"\+\+", "--"),
]
NUMBER = re.compile(r"(?<![\w.'])(\d[\d']*)(?![\w.'])")
DROPPED = re.compile(r"^\s+[\w:.>*()\[\]\-]+.*;\s*$")  # A statement on a line of its own.


def is_code(line):
    text = line.strip()
    return bool(text) and not text.startswith(("//", "#", "}", "namespace", "template", "case "))


def outside_strings(line, at):
    before = line[:at]
    return before.replace('\\"', "").count('"') % 2 == 0 and "//" not in before


def mutants(lines):
    for index, line in enumerate(lines):
        if not is_code(line):
            continue
        for pattern, swap in SWAPS:
            for found in re.finditer(pattern, line):
                if outside_strings(line, found.start()):
                    yield index, line[:found.start()] + swap + line[found.end():]
        for found in NUMBER.finditer(line):
            if outside_strings(line, found.start()):
                for step in (1, -1):
                    number = int(found.group(1).replace("'", "")) + step
                    if number >= 0:
                        yield index, line[:found.start()] + str(number) + line[found.end():]
        if DROPPED.match(line) and not re.match(r"\s*(return|const|auto|using|static|std::\w+ \w)", line):
            yield index, ""


def run(command, seconds):
    """True: done well. False: it said no, or hung."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=seconds).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def test_of(path):
    room = path.parent.relative_to(ROOT / "src").as_posix().replace("/", "_")
    return f"test_{room}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[1]).resolve()
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    target = test_of(path)
    build = ["ninja", "-C", str(BUILD), "--quiet", target]
    test = [str(BUILD / "src" / target)]
    if not (run(build, 1200) and run(test, TEST_SECONDS_MAX)):
        sys.exit(f"{target} does not build or pass before any mutation")
    original = path.read_text(encoding="utf-8")
    lines = original.split("\n")
    every = list(mutants(lines))
    random.Random(seed).shuffle(every)
    killed, survivors, stillborn = 0, [], 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that FILE is put back.
    try:
        for index, changed in every:
            if killed + len(survivors) >= wanted:
                break
            path.write_text("\n".join(lines[:index] + [changed] + lines[index + 1:]), encoding="utf-8")
            if not run(build, 1200):
                stillborn += 1
            elif run(test, TEST_SECONDS_MAX):
                survivors.append((index, changed))
                print(f"survived {path.relative_to(ROOT)}:{index + 1}\n  - {lines[index].strip()}\n"
                      f"  + {changed.strip() or '(dropped)'}", flush=True)
            else:
                killed += 1
    finally:
        path.write_text(original, encoding="utf-8")
        run(build, 1200)
    print(f"{path.relative_to(ROOT)}: {killed} killed, {len(survivors)} survived, "
          f"{stillborn} did not compile, of {len(every)} possible (seed {seed})")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
