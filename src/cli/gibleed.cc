#include "cli/gibleed.h"

#include "ingest/feed.h"

namespace eds::cli {

Result<Context> gibleed_warehouse(const Path& directory) {
  if (!Env::posix().exists(kOhdsiData)) {
    return Error{Code::Usage, std::string("no data: run it where this is: ") + kOhdsiData};
  }
  Global global;
  global.warehouse = directory;
  if (Env::posix().exists(directory)) return Context::open(global);
  TRY(run_init(InitOptions{directory}));
  Context context = TRY(Context::open(global));
  ingest::Request request;
  request.format = "omop-csv";
  request.paths = {join(kOhdsiData, "gibleed_cdm")};
  request.source_name = "bench";
  request.actor = context.actor();
  TRY(ingest::feed(context.warehouse(), request, nullptr));
  return context;
}

}  // namespace eds::cli
