#include "serve/http.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>
#include <vector>

#include "serve/auth/form.h"
#include "serve/limits.h"
#include "serve/tls.h"

namespace eds::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

Result<std::string> decoded(std::string_view text) {
  return form_unescaped(text, "the address");
}

std::string media_type(beast::string_view field) {
  std::string type;
  for (char letter : field.substr(0, field.find(';'))) {
    const bool is_capital = letter >= 'A' && letter <= 'Z';
    if (letter != ' ') type += static_cast<char>(is_capital ? letter + 32 : letter);
  }
  return type;
}

// RFC 9110, 12.5.3. "gzip;q=0" refuses it; so does, here, any weight below one: plain bytes are
// always right.
bool names_gzip(beast::string_view field) {
  return field.find("gzip") != beast::string_view::npos &&
         field.find("gzip;q=0") == beast::string_view::npos;
}

std::string text_of(beast::string_view field) {
  return std::string(field.data(), field.size());
}

// Whom the connection speaks for.
struct Peer {
  std::string address;
  std::string certificate;
  bool is_tls = false;
};

HttpRequest read_request(const http::request<http::string_body>& request, HttpRequest parsed,
                         const Peer& peer) {
  parsed.method = text_of(request.method_string());
  parsed.body = request.body();
  parsed.content_type = media_type(request[http::field::content_type]);
  parsed.host = text_of(request[http::field::host]);
  parsed.cookie = text_of(request[http::field::cookie]);
  parsed.authorization = text_of(request[http::field::authorization]);
  parsed.origin = text_of(request[http::field::origin]);
  parsed.fetch_site = text_of(request["Sec-Fetch-Site"]);
  parsed.csrf = text_of(request["EDS-CSRF"]);
  parsed.ground = text_of(request["EDS-Ground"]);
  parsed.accepts_gzip = names_gzip(request[http::field::accept_encoding]);
  parsed.address = peer.address;
  parsed.client_certificate = peer.certificate;
  return parsed;
}

using Response = http::response<http::string_body>;

void set_security_headers(Response& response, bool is_tls) {
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("X-Frame-Options", "DENY");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
  response.set("Content-Security-Policy",
               "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
               "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  if (is_tls) response.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

Response answer(const http::request<http::string_body>& request, const Peer& peer,
                HttpHandler& handler) {
  HttpResponse given;
  Result<HttpRequest> parsed =
      parse_target(std::string_view(request.target().data(), request.target().size()));
  if (parsed.ok()) {
    given = handler.handle(read_request(request, std::move(parsed).value(), peer));
  } else {
    given.status = 400;
    given.body = R"({"error":{"code":"malformed","message":"bad address"}})";
  }
  Response response(static_cast<http::status>(given.status), request.version());
  response.set(http::field::content_type, given.content_type);
  response.set(http::field::cache_control,
               given.immutable ? "public, max-age=31536000, immutable" : "no-store");
  if (given.is_gzip) response.set(http::field::content_encoding, "gzip");
  if (given.immutable) response.set(http::field::vary, "Accept-Encoding");
  if (!given.location.empty()) response.set(http::field::location, given.location);
  if (given.retry_seconds > 0) {
    response.set(http::field::retry_after, std::to_string(given.retry_seconds));
  }
  if (!given.request_id.empty()) response.set("EDS-Request-Id", given.request_id);
  for (const std::string& cookie : given.set_cookies) {
    response.insert(http::field::set_cookie, cookie);
  }
  set_security_headers(response, peer.is_tls);
  response.keep_alive(request.keep_alive());
  const std::size_t bytes = given.body.size();
  if (request.method() != http::verb::head) response.body() = std::move(given.body);
  response.content_length(bytes);
  return response;
}

// Requests of one connection, one after the other. What cannot be read as a request ends it.
template <class Stream>
asio::awaitable<void> converse(Stream& stream, const Peer& peer, HttpHandler& handler) {
  beast::flat_buffer buffer;
  beast::error_code error;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kRequestBodyBytesMax);
    parser.header_limit(kRequestHeaderBytesMax);
    beast::get_lowest_layer(stream).expires_after(kIdleMax);
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error == http::error::body_limit || error == http::error::header_limit) {
      Response refused(error == http::error::body_limit
                           ? http::status::payload_too_large
                           : http::status::request_header_fields_too_large,
                       11);
      set_security_headers(refused, peer.is_tls);
      refused.keep_alive(false);
      refused.prepare_payload();
      co_await http::async_write(stream, refused, asio::redirect_error(asio::use_awaitable, error));
      break;
    }
    if (error) break;
    Response response = answer(parser.get(), peer, handler);
    const bool keep = response.keep_alive();
    beast::get_lowest_layer(stream).expires_after(kIdleMax);
    http::response_serializer<http::string_body> serializer(response);
    serializer.split(parser.get().method() == http::verb::head);
    if (parser.get().method() == http::verb::head) {
      co_await http::async_write_header(stream, serializer,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(stream, serializer,
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    if (error || !keep) break;
  }
}

asio::awaitable<void> converse_plain(beast::tcp_stream stream, HttpHandler& handler) {
  beast::error_code error;
  const tcp::endpoint from = stream.socket().remote_endpoint(error);
  if (error) co_return;
  const Peer peer{from.address().to_string(), "", false};
  co_await converse(stream, peer, handler);
  stream.socket().shutdown(tcp::socket::shutdown_send, error);
}

asio::awaitable<void> converse_tls(beast::tcp_stream plain, TlsServer& tls, HttpHandler& handler) {
  beast::error_code error;
  const tcp::endpoint from = plain.socket().remote_endpoint(error);
  if (error) co_return;
  asio::ssl::stream<beast::tcp_stream> stream(std::move(plain), tls.context());
  beast::get_lowest_layer(stream).expires_after(kHandshakeMax);
  co_await stream.async_handshake(asio::ssl::stream_base::server,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  const Peer peer{from.address().to_string(), subject_of_peer(stream.native_handle()), true};
  co_await converse(stream, peer, handler);
  beast::get_lowest_layer(stream).expires_after(kHandshakeMax);
  co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
}

struct Listener {
  tcp::acceptor& acceptor;
  HttpHandler& handler;
  asio::io_context& context;
  TlsServer* tls;  ///< nullptr: plain
  std::atomic<int> open{0};
};

asio::awaitable<void> accept_all(Listener& listener) {
  while (true) {
    beast::error_code error;
    tcp::socket socket = co_await listener.acceptor.async_accept(
        asio::make_strand(listener.context), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error || listener.open.load() >= kConnectionsMax) continue;
    ++listener.open;
    const auto executor = socket.get_executor();
    beast::tcp_stream stream(std::move(socket));
    const auto ended = [&listener](std::exception_ptr) { --listener.open; };
    if (listener.tls != nullptr) {
      asio::co_spawn(executor, converse_tls(std::move(stream), *listener.tls, listener.handler),
                     ended);
    } else {
      asio::co_spawn(executor, converse_plain(std::move(stream), listener.handler), ended);
    }
  }
}

asio::awaitable<void> watch(asio::io_context& context, const std::atomic<bool>& stop) {
  asio::steady_timer timer(context);
  while (!stop.load()) {
    timer.expires_after(std::chrono::milliseconds(100));
    beast::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
  context.stop();
}

}  // namespace

Result<HttpRequest> parse_target(std::string_view target) {
  HttpRequest request;
  const std::size_t mark = target.find('?');
  request.path = TRY(decoded(target.substr(0, mark)));
  if (mark == std::string_view::npos) return request;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string name = TRY(decoded(pair.substr(0, equals)));
    const std::string value =
        equals == std::string_view::npos ? "" : TRY(decoded(pair.substr(equals + 1)));
    request.query[name] = value;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return request;
}

Status check_exposure(const HttpOptions& options) {
  if (options.certificate.empty() != options.key.empty()) {
    return Error{Code::Usage, "serve.certificate and serve.key go together"};
  }
  if (!options.client_authority.empty() && options.certificate.empty()) {
    return Error{Code::Usage, "serve.client_authority needs serve.certificate"};
  }
  beast::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return Error{Code::Usage, "not an address to listen on: " + options.address};
  if (options.certificate.empty() && !address.is_loopback()) {
    return Error{Code::Usage,
                 "plain HTTP is for this machine alone: set serve.certificate and serve.key in "
                 "eds.toml, or listen on 127.0.0.1, not on " +
                     options.address};
  }
  return {};
}

Status serve_http(const HttpOptions& options, HttpHandler& handler, const std::atomic<bool>& stop,
                  const std::function<void(std::uint16_t)>& on_ready) {
  TRY(check_exposure(options));
  std::unique_ptr<TlsServer> tls;
  if (!options.certificate.empty()) {
    tls = TRY(TlsServer::open(options.certificate, options.key, options.client_authority));
  }
  asio::io_context context(options.threads);
  beast::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return Error{Code::Usage, "not an address to listen on: " + options.address};
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{Code::Io, "cannot listen on " + options.address + ":" +
                               std::to_string(options.port) + ": " + error.message()};
  }
  Listener listener{acceptor, handler, context, tls.get()};
  asio::co_spawn(context, accept_all(listener), asio::detached);
  asio::co_spawn(context, watch(context, stop), asio::detached);
  on_ready(acceptor.local_endpoint().port());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < options.threads; ++thread) {
    threads.emplace_back([&context] { context.run(); });
  }
  for (std::thread& thread : threads) thread.join();
  return {};
}

}  // namespace eds::serve
