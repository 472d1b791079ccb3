#include "cli/gibleed.h"

#include "cli/bench_warehouse.h"
#include "ingest/feed.h"

namespace eds::cli {

Result<Context> gibleed_warehouse(const Path& directory) {
  if (!Env::posix().exists(kOhdsiData)) {
    return Error{Code::Usage, std::string("no data: run it where this is: ") + kOhdsiData};
  }
  if (Env::posix().exists(directory)) {
    Global global;
    global.warehouse = directory;
    return Context::open(global);
  }
  Context context = TRY(new_warehouse(directory));
  ingest::Request request;
  request.format = "omop-csv";
  request.paths = {join(kOhdsiData, "gibleed_cdm")};
  request.source_name = "bench";
  request.actor = context.actor();
  TRY(ingest::feed(context.warehouse(), request, nullptr));
  return context;
}

}  // namespace eds::cli
