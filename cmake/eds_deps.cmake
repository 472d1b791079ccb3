# Libraries from Debian, and DuckDB as ./dev setup unpacked it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FMT REQUIRED IMPORTED_TARGET fmt)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(TLS REQUIRED IMPORTED_TARGET libssl)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)

set(EDS_DUCKDB_DIR "${EDS_DEPS_DIR}/duckdb" CACHE PATH "Holds libduckdb.so and duckdb.h")
if(NOT EXISTS "${EDS_DUCKDB_DIR}/libduckdb.so")
  message(FATAL_ERROR "libduckdb.so not found in ${EDS_DUCKDB_DIR}: run ./dev setup")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${EDS_DUCKDB_DIR}/libduckdb.so"
  INTERFACE_INCLUDE_DIRECTORIES "${EDS_DUCKDB_DIR}")
