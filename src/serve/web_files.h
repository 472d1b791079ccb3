// The web application's built files, inside the binary (made by tools/embed.py from web/dist).
#pragma once

#include <span>
#include <string_view>

namespace eds::serve {

struct WebFile {
  std::string_view name;  ///< "index.html", "assets/index-1a2b3c.js"
  std::string_view bytes;
  std::string_view gzip;  ///< the same, compressed; empty where that saves nothing
};

/// Empty when the web application was not built before the binary.
std::span<const WebFile> web_files();

}  // namespace eds::serve
