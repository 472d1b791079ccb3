// The bounds of the Arrow writer, with the sketch that gave each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace eds::arrow {

/// A batch is full at so many rows: 32 chunks of 2,048. At 30 columns of 8 bytes it holds 16 MB.
inline constexpr std::size_t kBatchRows = 65'536;

/// A batch is full, too, when it holds so many bytes: 65,536 reports of 8 kB would be 512 MB, and
/// readers map a batch whole.
inline constexpr std::size_t kBatchBytes = std::size_t{64} << 20;

/// Utf8 columns address their text with 32-bit signed offsets; a batch over this is refused.
inline constexpr std::size_t kColumnTextBytesMax = (std::size_t{1} << 31) - 1;

/// Buffers and bodies begin at multiples of this. Arrow columnar format, "Buffer Alignment and
/// Padding": 8 is required, 64 recommended.
inline constexpr std::size_t kAlignmentBytes = 64;

}  // namespace eds::arrow
