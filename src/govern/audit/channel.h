// Channel: frames over a Unix stream socket. The only file of govern/ that includes socket headers.
//
// Invariants: a frame is its length (4 bytes) and that many bytes; a peer that breaks this, or is
// gone, is an error, never a wait without end (kAnswerSeconds). SIGPIPE is never raised.
// Threads: one at a time for each Channel.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"

namespace eds::audit {

inline constexpr int kAnswerSeconds = 30;

class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Code::Unavailable when nobody listens there.
  static Result<std::unique_ptr<Channel>> connect(const Path& path);
  Status send(std::string_view frame);
  /// Nothing when the peer has closed between two frames.
  Result<std::optional<std::string>> receive();
  /// True when bytes wait, or the peer is gone; false after `milliseconds`.
  Result<bool> wait(int milliseconds);
  /// The account that the other process runs under, as the kernel says.
  Result<std::uint32_t> peer_uid() const;

 private:
  Status read_whole(char* into, std::size_t size, bool& is_closed);
  int descriptor_;
};

class Listener {
 public:
  /// Takes the place of a dead server's socket. Code::Conflict when one answers there. The socket
  /// may be used by its owner and group (mode 0660).
  static Result<std::unique_ptr<Listener>> open(const Path& path);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// The next connection, or nothing after `milliseconds`.
  Result<std::unique_ptr<Channel>> accept(int milliseconds);

 private:
  Listener(int descriptor, Path path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  Path path_;
};

}  // namespace eds::audit
