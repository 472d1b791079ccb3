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

#include "serve/limits.h"

namespace eds::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      plain += ' ';
    } else if (text[at] != '%') {
      plain += text[at];
    } else {
      const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
      if (high < 0 || low < 0) return Error{Code::Malformed, "bad escape in the address"};
      plain += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return plain;
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

http::response<http::string_body> answer(const http::request<http::string_body>& request,
                                         HttpHandler& handler) {
  HttpResponse given;
  Result<HttpRequest> parsed =
      parse_target(std::string_view(request.target().data(), request.target().size()));
  if (parsed.ok()) {
    parsed->method = std::string(request.method_string());
    parsed->body = request.body();
    parsed->content_type = media_type(request[http::field::content_type]);
    parsed->host = std::string(request[http::field::host]);
    parsed->accepts_gzip = names_gzip(request[http::field::accept_encoding]);
    given = handler.handle(*parsed);
  } else {
    given.status = 400;
    given.body = R"({"error":{"code":"malformed","message":"bad address"}})";
  }
  http::response<http::string_body> response(static_cast<http::status>(given.status),
                                             request.version());
  response.set(http::field::content_type, given.content_type);
  response.set(http::field::cache_control,
               given.immutable ? "public, max-age=31536000, immutable" : "no-store");
  if (given.is_gzip) response.set(http::field::content_encoding, "gzip");
  if (given.immutable) response.set(http::field::vary, "Accept-Encoding");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("X-Frame-Options", "DENY");
  response.set("Content-Security-Policy",
               "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
               "frame-ancestors 'none'");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(given.body);
  response.prepare_payload();
  return response;
}

asio::awaitable<void> converse(beast::tcp_stream stream, HttpHandler& handler) {
  beast::flat_buffer buffer;
  beast::error_code error;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kRequestBodyBytesMax);
    parser.header_limit(kRequestHeaderBytesMax);
    stream.expires_after(kIdleMax);
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    http::response<http::string_body> response = answer(parser.get(), handler);
    const bool keep = response.keep_alive();
    stream.expires_after(kIdleMax);
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    if (error || !keep) break;
  }
  stream.socket().shutdown(tcp::socket::shutdown_send, error);
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, HttpHandler& handler,
                                 asio::io_context& context, std::atomic<int>& open) {
  while (true) {
    beast::error_code error;
    tcp::socket socket = co_await acceptor.async_accept(
        asio::make_strand(context), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error || open.load() >= kConnectionsMax) continue;
    ++open;
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, converse(beast::tcp_stream(std::move(socket)), handler),
                   [&open](std::exception_ptr) { --open; });
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

Status serve_http(const HttpOptions& options, HttpHandler& handler, const std::atomic<bool>& stop,
                  const std::function<void(std::uint16_t)>& on_ready) {
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
  std::atomic<int> open{0};
  asio::co_spawn(context, accept_all(acceptor, handler, context, open), asio::detached);
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
