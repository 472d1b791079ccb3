#include "serve/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>

#include "serve/auth/gate.h"
#include "serve/http.h"
#include "serve/limits.h"
#include "serve/tls.h"

namespace eds::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;

struct Address {
  bool is_tls = false;
  std::string host;  ///< without brackets
  std::string port;
  std::string named;   ///< for the Host header
  std::string target;  ///< path and query
};

Result<Address> parse_address(std::string_view text) {
  const Error bad{Code::Usage, "not an address of the web"};
  Address address;
  address.is_tls = text.starts_with("https://");
  if (!address.is_tls && !text.starts_with("http://")) return bad;
  text.remove_prefix(text.find("://") + 3);
  const std::size_t end = text.find_first_of("/?#");
  const std::string_view named = text.substr(0, end);
  std::string_view rest = end == std::string_view::npos ? "" : text.substr(end);
  rest = rest.substr(0, rest.find('#'));
  address.named = std::string(named);
  address.target = (rest.starts_with('/') ? "" : "/") + std::string(rest);
  const std::size_t bracket = named.starts_with('[') ? named.find(']') : 0;
  if (bracket == std::string_view::npos) return bad;
  const std::size_t colon = named.find(':', bracket);
  const std::string_view host = named.substr(0, colon);
  address.host = std::string(bracket > 0 ? host.substr(1, bracket - 1) : host);
  address.port = colon == std::string_view::npos ? (address.is_tls ? "443" : "80")
                                                 : std::string(named.substr(colon + 1));
  const bool is_number = !address.port.empty() && address.port.size() <= 5 &&
                         address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || !is_number || named.find('@') != std::string_view::npos) return bad;
  if (!address.is_tls && !is_loopback(named)) {
    return Error{Code::Refused, "plain HTTP goes to this machine alone"};
  }
  return address;
}

using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

Request request_of(const Address& address, const WebQuestion& question) {
  Request request(question.form.empty() ? http::verb::get : http::verb::post, address.target, 11);
  request.set(http::field::host, address.named);
  request.set(http::field::accept, "application/json");
  request.set(http::field::user_agent, "eds");
  request.set(http::field::connection, "close");
  if (!question.authorization.empty()) {
    request.set(http::field::authorization, question.authorization);
  }
  if (!question.form.empty()) {
    request.set(http::field::content_type, "application/x-www-form-urlencoded");
    request.body() = question.form;
  }
  request.prepare_payload();
  return request;
}

// What an answer is read into, and what stood in the way.
struct Exchange {
  Parser parser;
  beast::error_code error;
  std::string_view step = "the server's name is not known";
};

auto into(beast::error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

using Moment = std::chrono::steady_clock::time_point;

template <class Stream>
asio::awaitable<void> converse(Stream& stream, const Request& request, Moment end,
                               Exchange& exchange) {
  exchange.step = "the server does not answer as HTTP, in time and in bounds";
  beast::get_lowest_layer(stream).expires_at(end);
  co_await http::async_write(stream, request, into(exchange.error));
  if (exchange.error) co_return;
  beast::flat_buffer buffer;
  beast::get_lowest_layer(stream).expires_at(end);
  co_await http::async_read(stream, buffer, exchange.parser, into(exchange.error));
}

asio::awaitable<void> talk(const Address& address, const Request& request, ssl::context& context,
                           Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto found =
      co_await resolver.async_resolve(address.host, address.port, into(exchange.error));
  if (exchange.error) co_return;
  const Moment end = std::chrono::steady_clock::now() + kAnswerMax;
  exchange.step = "the server cannot be reached";
  beast::tcp_stream plain(executor);
  plain.expires_at(end);
  co_await plain.async_connect(found, into(exchange.error));
  if (exchange.error) co_return;
  if (!address.is_tls) {
    co_await converse(plain, request, end, exchange);
    co_return;
  }
  ssl::stream<beast::tcp_stream> stream(std::move(plain), context);
  exchange.step = "no TLS with the server, whose certificate may not be trusted";
  stream.set_verify_callback(ssl::host_name_verification(address.host), exchange.error);
  if (exchange.error || !name_host(stream.native_handle(), address.host)) co_return;
  beast::get_lowest_layer(stream).expires_at(end);
  co_await stream.async_handshake(ssl::stream_base::client, into(exchange.error));
  if (exchange.error) co_return;
  co_await converse(stream, request, end, exchange);
}

std::string media_type_of(beast::string_view field) {
  std::string type;
  for (char letter : field.substr(0, field.find(';'))) {
    const bool is_capital = letter >= 'A' && letter <= 'Z';
    if (letter != ' ') type += static_cast<char>(is_capital ? letter + 32 : letter);
  }
  return type;
}

}  // namespace

struct HttpClient::State {
  std::unique_ptr<TlsClient> tls;
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(const std::string& authority) {
  auto state = std::make_unique<State>();
  state->tls = TRY(TlsClient::open(authority));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

Result<WebAnswer> HttpClient::ask(const WebQuestion& question) {
  const Address address = TRY(parse_address(question.address));
  const Request request = request_of(address, question);
  Exchange exchange;
  exchange.parser.body_limit(question.answer_bytes_max);
  exchange.parser.header_limit(kAnswerHeaderBytesMax);
  asio::io_context context(1);
  std::exception_ptr thrown;
  asio::co_spawn(context, talk(address, request, state_->tls->context(), exchange),
                 [&](std::exception_ptr what) { thrown = what; });
  context.run();
  if (thrown) return Error{Code::Internal, "a web question ended in a library's exception"};
  if (exchange.error == http::error::body_limit || exchange.error == http::error::header_limit) {
    return Error{Code::Limit, "the server's answer is too long"};
  }
  if (exchange.error || !exchange.parser.is_done()) {
    return Error{Code::Unavailable, std::string(exchange.step)};
  }
  const auto& message = exchange.parser.get();
  const beast::string_view coding = message[http::field::content_encoding];
  if (!coding.empty() && coding != "identity") {
    return Error{Code::Unavailable, "the server's answer is compressed"};
  }
  WebAnswer answer;
  answer.status = static_cast<int>(message.result_int());
  answer.media_type = media_type_of(message[http::field::content_type]);
  answer.body = message.body();
  return answer;
}

}  // namespace eds::serve
