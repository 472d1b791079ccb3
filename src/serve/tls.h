// TlsServer: how this server speaks TLS. OpenSSL's and Asio's TLS headers come in here, for http.cc
// and http_client.cc alone.
//
// Invariants: TLS 1.2 or later; forward secrecy and authenticated encryption only (RFC 9325,
// section 4.2); no compression, no renegotiation asked by the peer; the certificate and its key
// belong together. Threads: the context is immutable once open.
#pragma once

#include <boost/asio/ssl.hpp>
#include <memory>
#include <string>

#include "base/result.h"

namespace eds::serve {

class TlsServer {
 public:
  static Result<std::unique_ptr<TlsServer>> open(const std::string& certificate,
                                                 const std::string& key,
                                                 const std::string& client_authority);
  boost::asio::ssl::context& context() { return context_; }

 private:
  TlsServer() : context_(boost::asio::ssl::context::tls_server) {}
  boost::asio::ssl::context context_;
};

/// The subject of the certificate that the peer showed and whose signature was checked, as RFC 4514
/// writes it ("CN=lab,O=CHU"); empty without one.
std::string subject_of_peer(SSL* connection);

}  // namespace eds::serve
