// The program of a fuzz target where libFuzzer is not: made inputs, the same each time, so that a
// target that no longer builds or no longer holds is seen by `./dev test`. The files named on the
// command line are run instead: what libFuzzer found can be looked at without it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kInputCount = 2'000;
constexpr std::size_t kInputBytesMax = 600;

void run(std::string_view bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// Half of the inputs are any bytes; the others are made of what the formats are made of.
std::string made_input(std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet = "0123456789019AZaz.,;:|\"'{}[]()<>=-+*/_ \t\r\n";
  std::string bytes(random() % kInputBytesMax, '\0');
  const bool is_text = random() % 2 == 0;
  for (char& byte : bytes) {
    byte = is_text ? kAlphabet[random() % kAlphabet.size()] : static_cast<char>(random());
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  for (int argument = 1; argument < argc; ++argument) {
    std::ifstream file(argv[argument], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot be opened: %s\n", argv[argument]);
      return 2;
    }
    run(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  if (argc > 1) return 0;
  std::mt19937_64 random(20'260'101);  // NOLINT: the same inputs at each run
  run("");
  for (int input = 0; input < kInputCount; ++input) run(made_input(random));
  return 0;
}
