#include "govern/audit/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "govern/audit/wire.h"

namespace eds::audit {
namespace {

constexpr int kWaitingMax = 128;

Error failed(std::string_view what, const Path& path) {
  return Error{Code::Unavailable, std::string(what) + ": " + path + ": " + std::strerror(errno)};
}

Result<sockaddr_un> address_of(const Path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error{Code::Limit, "a socket's path has 107 bytes at most: " + path};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<bool> poll_for(int descriptor, int milliseconds) {
  pollfd wanted{descriptor, POLLIN, 0};
  const int ready = ::poll(&wanted, 1, milliseconds);
  if (ready < 0 && errno != EINTR) return Error{Code::Io, "poll failed"};
  return ready > 0;
}

}  // namespace

Channel::~Channel() {
  ::close(descriptor_);
}

Result<std::unique_ptr<Channel>> Channel::connect(const Path& path) {
  const sockaddr_un address = TRY(address_of(path));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed("no socket for the audit", path);
  auto channel = std::make_unique<Channel>(descriptor);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed("the audit's process does not answer (eds audit serve)", path);
  }
  const timeval limit{kAnswerSeconds, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return channel;
}

Status Channel::send(std::string_view frame) {
  if (frame.size() > kFrameBytesMax)
    return Error{Code::Limit, "audit frame exceeds kFrameBytesMax"};
  const auto size = static_cast<std::uint32_t>(frame.size());
  std::string bytes(sizeof size, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  bytes += frame;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return Error{Code::Unavailable, "the audit's other side is gone"};
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Status Channel::read_whole(char* into, std::size_t size, bool& is_closed) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::recv(descriptor_, into + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && done == 0) {
      is_closed = true;
      return {};
    }
    if (got <= 0) return Error{Code::Unavailable, "the audit's other side is gone"};
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::optional<std::string>> Channel::receive() {
  std::uint32_t size = 0;
  std::array<char, sizeof size> head{};
  bool is_closed = false;
  TRY(read_whole(head.data(), head.size(), is_closed));
  if (is_closed) return std::optional<std::string>();
  std::memcpy(&size, head.data(), sizeof size);
  if (size > kFrameBytesMax) return Error{Code::Limit, "audit frame exceeds kFrameBytesMax"};
  std::string frame(size, '\0');
  if (size > 0) TRY(read_whole(frame.data(), frame.size(), is_closed));
  if (is_closed) return Error{Code::Unavailable, "the audit's other side is gone"};
  return std::optional<std::string>(std::move(frame));
}

Result<bool> Channel::wait(int milliseconds) {
  return poll_for(descriptor_, milliseconds);
}

Result<std::uint32_t> Channel::peer_uid() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return Error{Code::Io, "the system does not say who connects to the audit"};
  }
  return peer.uid;
}

Result<std::unique_ptr<Listener>> Listener::open(const Path& path) {
  if (Channel::connect(path).ok()) {
    return Error{Code::Conflict, "an audit process runs already: " + path};
  }
  const sockaddr_un address = TRY(address_of(path));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed("no socket for the audit", path);
  std::unique_ptr<Listener> listener(new Listener(descriptor, path));
  ::unlink(path.c_str());
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0660) != 0 || ::listen(descriptor, kWaitingMax) != 0) {
    return failed("the audit's socket cannot be made", path);
  }
  return listener;
}

Listener::~Listener() {
  ::close(descriptor_);
  ::unlink(path_.c_str());
}

Result<std::unique_ptr<Channel>> Listener::accept(int milliseconds) {
  if (!TRY(poll_for(descriptor_, milliseconds))) return std::unique_ptr<Channel>();
  const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  if (accepted < 0) return std::unique_ptr<Channel>();  // It went away meanwhile.
  return std::make_unique<Channel>(accepted);
}

}  // namespace eds::audit
