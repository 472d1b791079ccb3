#include "serve/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace eds::serve {
namespace {

namespace ssl = boost::asio::ssl;

Error wrong(std::string_view what, const boost::system::error_code& error) {
  return Error{Code::Usage, std::string(what) + ": " + error.message()};
}

}  // namespace

Result<std::unique_ptr<TlsServer>> TlsServer::open(const std::string& certificate,
                                                   const std::string& key,
                                                   const std::string& client_authority) {
  std::unique_ptr<TlsServer> server(new TlsServer());
  SSL_CTX* raw = server->context_.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384");
  boost::system::error_code error;
  server->context_.use_certificate_chain_file(certificate, error);
  if (error) return wrong("serve.certificate is no PEM certificate that can be read", error);
  server->context_.use_private_key_file(key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(raw) != 1) {
    return wrong("serve.key is not the certificate's private key as PEM", error);
  }
  if (client_authority.empty()) return server;
  server->context_.load_verify_file(client_authority, error);
  if (error) return wrong("serve.client_authority is no PEM certificate that can be read", error);
  SSL_CTX_set_client_CA_list(raw, SSL_load_client_CA_file(client_authority.c_str()));
  constexpr unsigned char kContext[] = "eds";
  SSL_CTX_set_session_id_context(raw, kContext, sizeof kContext - 1);
  server->context_.set_verify_mode(ssl::verify_peer, error);
  return server;
}

Result<std::unique_ptr<TlsClient>> TlsClient::open(const std::string& authority) {
  std::unique_ptr<TlsClient> client(new TlsClient());
  SSL_CTX* raw = client->context_.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
  boost::system::error_code error;
  client->context_.set_verify_mode(ssl::verify_peer, error);
  if (authority.empty()) {
    client->context_.set_default_verify_paths(error);
  } else {
    client->context_.load_verify_file(authority, error);
  }
  if (error)
    return wrong("sign_in.provider_authority is no PEM certificate that can be read", error);
  return client;
}

bool name_host(SSL* connection, const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error || SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

std::string subject_of_peer(SSL* connection) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(connection), &X509_free);
  if (certificate == nullptr || SSL_get_verify_result(connection) != X509_V_OK) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace eds::serve
