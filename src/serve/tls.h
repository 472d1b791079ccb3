// TlsServer, TlsClient: how this server speaks TLS, and how it asks other servers. OpenSSL's and
// Asio's TLS headers come in here, for http.cc and http_client.cc alone.
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

/// Server certificates are checked against an authority, and each connection names its host.
class TlsClient {
 public:
  /// `authority`: a PEM file; "": those that this machine trusts.
  static Result<std::unique_ptr<TlsClient>> open(const std::string& authority);
  boost::asio::ssl::context& context() { return context_; }

 private:
  TlsClient() : context_(boost::asio::ssl::context::tls_client) {}
  boost::asio::ssl::context context_;
};

/// Says whom a connection asks for (SNI), unless it is a number; false when OpenSSL cannot.
bool name_host(SSL* connection, const std::string& host);

/// The subject of the certificate that the peer showed and whose signature was checked, as RFC 4514
/// writes it ("CN=lab,O=CHU"); empty without one.
std::string subject_of_peer(SSL* connection);

}  // namespace eds::serve
