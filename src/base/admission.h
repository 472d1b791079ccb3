// Admission: lets so many at once into what costs much or waits long; the others are told no.
//
// Invariants: whoever was let in or not is counted until destroyed, so the count comes back to 0.
// Threads: those who share a count may be on any thread.
#pragma once

#include <atomic>

namespace eds {

class Admission {
 public:
  Admission(std::atomic<int>& count, int at_once) : count_(&count), is_in_(++count <= at_once) {}
  ~Admission() { --*count_; }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  bool is_in() const { return is_in_; }

 private:
  std::atomic<int>* count_;
  bool is_in_;
};

}  // namespace eds
