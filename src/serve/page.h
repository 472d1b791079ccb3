// The web application's files, by address. Threads: a pure function.
#pragma once

#include "serve/http.h"

namespace eds::serve {

/// A file of the application, or its one page for addresses of its own (/patients/123).
HttpResponse page_of(const HttpRequest& request);

}  // namespace eds::serve
