// The named bounds of govern/. What exceeds one is refused with Code::Limit and the bound's name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace eds::govern {

/// An identifier's value, after normalisation. The longest in use is an INS of 22; OIDs prefix
/// some.
inline constexpr std::size_t kIdentifierBytesMax = 64;
/// An identifier's authority: FINESS (9 characters), an OID, or the name of a source.
inline constexpr std::size_t kAuthorityBytesMax = 64;
/// One trait of a person: an address line in full, with room.
inline constexpr std::size_t kTraitBytesMax = 1024;
/// Entries of the in-memory lookup cache: 24 B a slot, load <= 3/4: 64 M entries = 3 GiB at most.
inline constexpr std::size_t kLookupEntriesMax = std::size_t{1} << 26;
/// Visit and movement ids are taken from the database this many at a time.
inline constexpr std::int64_t kSequenceBlock = 4096;
/// A chain of merges longer than this is a loop, hence a corrupt table.
inline constexpr int kMergeChainMax = 64;
/// One field of an audit event, and one whole line: 12 fields x 512 B, escaped up to six-fold, and
/// 100 ids of 22 B.
inline constexpr std::size_t kAuditFieldBytesMax = 512;
inline constexpr std::size_t kAuditLineBytesMax = 64 * 1024;
/// Persons that one event names one by one; more are told as a count and a hash.
inline constexpr std::size_t kAuditPersonsMax = 100;
/// Plain bytes of one chunk of a sealed file; what a reader holds at once is a few of these.
inline constexpr std::size_t kVaultChunkBytes = 64 * 1024;
/// The name under which a file was fed.
inline constexpr std::size_t kVaultNameBytesMax = 4096;
/// A sealed record (a bad line, a short message): larger things go to the vault as files.
inline constexpr std::size_t kSealedRecordBytesMax = std::size_t{64} << 20;
/// Answers that the book of protected counts compares a new one with: 1.1 KiB each = 220 MB.
inline constexpr std::size_t kCountAnswersMax = 200'000;
/// A name, an address or a number is searched as at most this many words.
inline constexpr std::size_t kMaskWordsMax = 16;
/// Names, addresses and numbers one TextMask looks for.
inline constexpr std::size_t kMaskEntriesMax = 4096;

}  // namespace eds::govern
