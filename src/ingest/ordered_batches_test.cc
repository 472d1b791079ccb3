#include "ingest/ordered_batches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <numeric>

namespace eds::ingest {
namespace {

struct Numbers {
  std::vector<int> cut;
  std::vector<int> squared;
};

// Cuts 0, 1, 2 ... `count` - 1 three at a time; fails there when told to.
struct Cutter {
  int count = 0;
  bool fails = false;
  int next = 0;
  std::atomic<int> at_once{0};
  std::atomic<int> cut_batches{0};

  Result<bool> operator()(Numbers& batch) {
    CHECK(at_once++ == 0);
    batch.cut.clear();
    while (next < count && batch.cut.size() < 3) batch.cut.push_back(next++);
    ++cut_batches;
    --at_once;
    if (next < count) return true;
    if (fails) return Error{Code::Malformed, "the file is cut short"};
    return false;
  }
};

OrderedBatches<Numbers>::Steps steps(Cutter& cutter) {
  return {[] { return Numbers(); }, [&](Numbers& batch) { return cutter(batch); },
          [](Numbers& batch) {
            batch.squared.clear();
            for (const int number : batch.cut) batch.squared.push_back(number * number);
          }};
}

TEST_CASE("batches come in the file's order, parsed, for any number of threads") {
  for (const std::size_t threads : {0, 1, 2, 5}) {
    for (const int count : {0, 1, 3, 4, 10'000}) {
      INFO(threads << " threads, " << count << " numbers");
      Cutter cutter;
      cutter.count = count;
      OrderedBatches<Numbers> batches(threads, steps(cutter));
      std::vector<int> all;
      while (const Numbers* batch = batches.next().value()) {
        REQUIRE(batch->squared.size() == batch->cut.size());
        for (std::size_t at = 0; at < batch->cut.size(); ++at) {
          CHECK(batch->squared[at] == batch->cut[at] * batch->cut[at]);
        }
        all.insert(all.end(), batch->cut.begin(), batch->cut.end());
      }
      std::vector<int> expected(static_cast<std::size_t>(count));
      std::iota(expected.begin(), expected.end(), 0);
      CHECK(all == expected);
      CHECK(batches.next().value() == nullptr);
    }
  }
}

TEST_CASE("what stands before a failure comes out before it, and the failure stays") {
  for (const std::size_t threads : {0, 1, 3}) {
    Cutter cutter;
    cutter.count = 7;
    cutter.fails = true;
    OrderedBatches<Numbers> batches(threads, steps(cutter));
    int seen = 0;
    Result<Numbers*> next = batches.next();
    for (; next.ok() && *next != nullptr; next = batches.next()) {
      seen += static_cast<int>((*next)->cut.size());
    }
    CHECK(seen == 7);
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().code == Code::Malformed);
    CHECK_FALSE(batches.next().ok());
  }
}

TEST_CASE("cutting runs ahead of the caller by a bounded number of batches") {
  for (const int threads : {0, 1, 4}) {
    Cutter cutter;
    cutter.count = 3000;
    OrderedBatches<Numbers> batches(static_cast<std::size_t>(threads), steps(cutter));
    for (int taken = 1; batches.next().value() != nullptr; ++taken) {
      CHECK(cutter.cut_batches - taken <= threads + 1);
    }
  }
}

TEST_CASE("a caller that leaves early waits for nobody") {
  for (const std::size_t threads : {0, 1, 4}) {
    Cutter cutter;
    cutter.count = 1'000'000'000;
    OrderedBatches<Numbers> batches(threads, steps(cutter));
    CHECK(batches.next().value() != nullptr);
  }
}

}  // namespace
}  // namespace eds::ingest
