#include "serve/page.h"

#include "serve/web_files.h"

namespace eds::serve {
namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".json")) return "application/json; charset=utf-8";
  if (name.ends_with(".woff2")) return "font/woff2";
  return "application/octet-stream";
}

}  // namespace

HttpResponse page_of(const HttpRequest& request) {
  const std::string& path = request.path;
  const std::string name = path.empty() || path == "/" ? "index.html" : path.substr(1);
  const WebFile* found = nullptr;
  const WebFile* index = nullptr;
  for (const WebFile& file : web_files()) {
    if (file.name == name) found = &file;
    if (file.name == "index.html") index = &file;
  }
  // Addresses of the application itself (/patients/123) are all its one page.
  if (found == nullptr && !name.starts_with("assets/")) found = index;
  HttpResponse response;
  if (found == nullptr) {
    response.status = 404;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "No page here. (A binary built without the web application has none.)\n";
    return response;
  }
  response.content_type = type_of(found->name);
  response.immutable = found->name.starts_with("assets/");
  response.is_gzip = request.accepts_gzip && !found->gzip.empty();
  response.body = std::string(response.is_gzip ? found->gzip : found->bytes);
  return response;
}

}  // namespace eds::serve
