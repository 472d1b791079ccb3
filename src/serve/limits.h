// Bounds of the server.
#pragma once

#include <chrono>
#include <cstddef>

namespace eds::serve {

// An API request carries a definition at most; 4 MB was the largest seen of any peer.
inline constexpr std::size_t kRequestBodyBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kRequestHeaderBytesMax = 40U << 10;  // A token of 32 KiB, and room.
// A name and a password, escaped up to six-fold.
inline constexpr std::size_t kSignInBytesMax = 8U << 10;
// A browser opens six connections; a ward of 100 screens opens 600.
inline constexpr int kConnectionsMax = 2000;
inline constexpr std::chrono::seconds kIdleMax{60};
inline constexpr std::chrono::seconds kHandshakeMax{10};

// A sign-in provider of the house answers in milliseconds; a person waits this long.
inline constexpr std::chrono::seconds kAnswerMax{5};
inline constexpr std::size_t kAnswerHeaderBytesMax = 16U << 10;
// A sign-out token of a provider, as a form.
inline constexpr std::size_t kSignOutBytesMax = 40U << 10;

}  // namespace eds::serve
