#include "serve/http.h"

#include <doctest/doctest.h>

namespace eds::serve {
namespace {

TEST_CASE("an address is split and decoded") {
  const Result<HttpRequest> request =
      parse_target("/api/v1/patients?code=I21%2E0&sex=&text=c%C5%93ur+droit&x");
  REQUIRE(request.ok());
  CHECK(request->path == "/api/v1/patients");
  CHECK(request->query.at("code") == "I21.0");
  CHECK(request->query.at("sex").empty());
  CHECK(request->query.at("text") == "c\xC5\x93ur droit");
  CHECK(request->query.count("x") == 1);
}

TEST_CASE("a broken escape is malformed, at the very end too") {
  for (const char* target : {"/a%", "/a%4", "/a%zz", "/a?b=%f", "/a?%=1"}) {
    CHECK_MESSAGE(!parse_target(target).ok(), target);
  }
}

TEST_CASE("an escape that ends the address is read") {
  CHECK(parse_target("/a%41").value().path == "/aA");
}

}  // namespace
}  // namespace eds::serve
