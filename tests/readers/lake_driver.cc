// lake_driver DIR: makes a warehouse in DIR/warehouse with every kind of commit, and beside it what
// each version of each table must hold.
//
//   DIR/steps.tsv                    table, version, kind of commit; one line a version to be read
//   DIR/expected/TABLE.VERSION.csv   by construction: the driver keeps the rows that it feeds
//   DIR/ours/TABLE.VERSION.csv       by our own scan of the catalogue's files at that version
//
// lake_driver --open WAREHOUSE: opens it, which completes its Delta logs, and leaves.
//
// A CSV has a header; NULL is \N, a date is days and a datetime microseconds since 1970, a number
// with a fraction is a C hexadecimal float. Rows are in no order. test_lake.py asks every reader.
#include <cstdio>
#include <string>

#include "base/env.h"
#include "lake/warehouse.h"
#include "tests/readers/lake_story.h"

int main(int count, char** words) {
  eds::Status done;
  if (count == 2) {
    done = eds::readers::tell_story(words[1]);
  } else if (count == 3 && std::string(words[1]) == "--open") {
    const auto opened = eds::lake::Warehouse::open(eds::Env::posix(), words[2]);
    if (!opened.ok()) done = opened.error();
  } else {
    std::fputs("usage: lake_driver DIR | lake_driver --open WAREHOUSE\n", stderr);
    return 2;
  }
  if (!done.ok()) std::fprintf(stderr, "lake_driver: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 3;
}
