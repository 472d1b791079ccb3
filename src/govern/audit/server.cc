#include "govern/audit/server.h"

#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "govern/audit/channel.h"
#include "govern/audit/wire.h"

namespace eds::audit {
namespace {

constexpr int kTickMilliseconds = 200;
constexpr std::size_t kIdleChannelsMax = 64;

Result<std::string> answer_to(LocalAudit& audit, std::string_view frame, std::uint32_t uid) {
  Wish wish = TRY(decode_wish(frame));
  if (const auto* text = std::get_if<DigestWish>(&wish)) return audit.digest(text->text);
  auto& event = std::get<govern::AuditEvent>(wish);
  event.origin += (event.origin.empty() ? "uid " : ", uid ") + std::to_string(uid);
  TRY(audit.append(event));
  return std::string();
}

// One connection, until it ends, breaks the frames' form, or the server stops.
void attend(LocalAudit& audit, Channel& channel, const std::atomic<bool>& stop) {
  const Result<std::uint32_t> uid = channel.peer_uid();
  while (uid.ok() && !stop) {
    const Result<bool> ready = channel.wait(kTickMilliseconds);
    if (!ready.ok()) return;
    if (!*ready) continue;
    const Result<std::optional<std::string>> frame = channel.receive();
    if (!frame.ok() || !frame->has_value()) return;
    if (!channel.send(encode_answer(answer_to(audit, **frame, *uid))).ok()) return;
  }
}

struct Connection {
  std::unique_ptr<Channel> channel;
  std::atomic<bool> is_over = false;
  std::thread thread;
};

class SocketAudit final : public govern::Audit {
 public:
  explicit SocketAudit(Path socket) : socket_(std::move(socket)) {}

  Status append(const govern::AuditEvent& event) override {
    TRY(check_event(event));
    TRY(ask(encode_event(event)));
    return {};
  }
  std::string digest(std::string_view text) const override {
    const Result<std::string> digest = ask(encode_digest(text));
    // Whoever asks leaves an event next, which is refused for the same reason.
    return digest.ok() ? *digest : std::string("unavailable");
  }

 private:
  Result<std::string> ask(std::string_view frame) const {
    std::unique_ptr<Channel> channel = idle();
    // Bytes that wait where nothing was asked are the end of a server that went away.
    const Result<bool> has_ended = channel == nullptr ? Result<bool>(false) : channel->wait(0);
    if (!has_ended.ok() || *has_ended) channel = nullptr;
    if (channel == nullptr) channel = TRY(Channel::connect(socket_));
    TRY(channel->send(frame));
    const std::optional<std::string> answer = TRY(channel->receive());
    if (!answer) {
      return Error{Code::Unavailable, "the audit's process went away before it answered"};
    }
    keep(std::move(channel));
    return decode_answer(*answer);
  }
  std::unique_ptr<Channel> idle() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Channel> channel = std::move(idle_.back());
    idle_.pop_back();
    return channel;
  }
  void keep(std::unique_ptr<Channel> channel) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.size() < kIdleChannelsMax) idle_.push_back(std::move(channel));
  }

  Path socket_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Channel>> idle_;
};

}  // namespace

Status serve(Env&, LocalAudit& audit, const Path& socket, const std::atomic<bool>& stop,
             const std::function<void()>& ready) {
  const std::unique_ptr<Listener> listener = TRY(Listener::open(socket));
  ready();
  std::list<Connection> connections;
  Status status;
  while (!stop && status.ok()) {
    Result<std::unique_ptr<Channel>> accepted = listener->accept(kTickMilliseconds);
    connections.remove_if([](Connection& each) {
      if (each.is_over) each.thread.join();
      return each.is_over.load();
    });
    if (!accepted.ok()) status = accepted.error();
    if (accepted.ok() && *accepted != nullptr && connections.size() < kConnectionsMax) {
      Connection& added = connections.emplace_back();
      added.channel = std::move(*accepted);
      added.thread = std::thread([&audit, &added, &stop] {
        attend(audit, *added.channel, stop);
        added.is_over = true;
      });
    }
    const Status kept = audit.sign_if_due();
    if (!kept.ok()) {
      log::write(log::Level::Error, "audit", "checkpoint could not be signed",
                 {{"code", kept.error().code}});
    }
  }
  for (Connection& each : connections) each.thread.join();
  return status;
}

std::unique_ptr<govern::Audit> connect(const Path& socket) {
  return std::make_unique<SocketAudit>(socket);
}

Result<std::unique_ptr<govern::Audit>> audit_of(Env& env, const govern::KeyRing& keys,
                                                const Path& warehouse, const Config& config) {
  if (!config.audit_socket.empty()) return connect(config.audit_socket);
  return std::unique_ptr<govern::Audit>(TRY(open(env, keys, options_of(warehouse, config))));
}

Result<govern::KeyRing> audit_keys(Env& env, const Path& warehouse, const Config& config) {
  const Path own = options_of(warehouse, config).directory;
  const bool is_apart = env.exists(join(own, "audit.key"));
  return govern::KeyRing::open_zone(env, is_apart ? own : join(warehouse, "keys"),
                                    govern::Zone::Audit);
}

}  // namespace eds::audit
