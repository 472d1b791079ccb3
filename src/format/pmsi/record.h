// Record: one line seen through its layout, without copying it.
//
// Invariants: a Record that parse() calls whole has exactly the bytes that its layout and its
// counts ask for, so that every field and block can be read without another check. A field that
// names a person only comes out as Identifying<T>. Nothing here allocates.
// Threads: a plain value; the line must outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/identifying.h"
#include "base/result.h"
#include "format/pmsi/finding.h"
#include "format/pmsi/layout.h"

namespace eds::pmsi {

/// `text` without the spaces at both ends.
std::string_view trim(std::string_view text);

class Record {
 public:
  Record() = default;

  const Layout& layout() const { return *layout_; }

  /// The characters of a field of the fixed part, spaces included. ENSUREs that it names nobody.
  std::string_view field(std::size_t field_index) const;
  /// The same by name; a name that the layout lacks gives nothing.
  std::optional<std::string_view> field(std::string_view name) const;
  Identifying<std::string_view> identifying(std::size_t field_index) const;
  Identifying<std::string_view> identifying(std::string_view name) const;

  std::size_t block_count(std::size_t block) const { return counts_[block]; }
  /// The characters of one repetition of a block.
  std::string_view block(std::size_t block, std::size_t index) const;
  /// Where the repetitions of a block begin in bytes(), from 0.
  std::size_t block_offset(std::size_t block) const { return offsets_[block]; }
  /// A field of one repetition of a block.
  std::string_view block_field(std::size_t block, std::size_t index, std::size_t field_index) const;

  /// The whole line as it came: it may name a person, hence the reason.
  std::string_view bytes(Reason) const { return bytes_; }

 private:
  friend struct RecordParser;
  std::string_view bytes_;
  const Layout* layout_ = nullptr;
  std::array<std::uint32_t, kBlockKindsMax> counts_{};
  std::array<std::uint32_t, kBlockKindsMax> offsets_{};
};

/// A parse never allocates: on the way of half a million bad lines, an Error's message would.
struct Parsed {
  Record record;       ///< meaningful when whole
  bool whole = false;  ///< every field and block can be read
  std::optional<FindingCode>
      finding;             ///< why not whole, or a warning (TrailingSpaces, 2026 layout)
  std::string_view field;  ///< the field that the finding is about, or ""
};

/// Reads `line` as a record of `kind`; its version is read from the line.
Parsed parse(Kind kind, std::string_view line);
/// Reads a line of an RSS file, grouped or not: each line says which it is.
Parsed parse_rss(std::string_view line);
/// Reads `line` through a given layout.
Parsed parse_as(const Layout& layout, std::string_view line);

/// The version that `line` announces, where `kind` puts it; empty when the line is too short.
std::string_view version_of(Kind kind, std::string_view line);
/// Whether a line of an RSS file is grouped; nothing when it is neither.
std::optional<Kind> rss_kind(std::string_view line);

struct Detected {
  Kind kind{};
  std::string_view version;  ///< of the first record that was recognised
  std::uint32_t lines_read = 0;
  std::uint32_t lines_matched = 0;
};

// Lines looked at to recognise a file: enough to pass over a few bad ones.
inline constexpr std::uint32_t kDetectLinesMax = 32;

/// Which kind of file begins with `buffer`: the kind under which most of the first lines are whole.
Result<Detected> detect(std::string_view buffer);

}  // namespace eds::pmsi
