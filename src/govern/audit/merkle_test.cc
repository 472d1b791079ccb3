// Vectors: transparency-dev/merkle (196 probes, 9 roots), which nobody here wrote.
#include "govern/audit/merkle.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "format/json/json_reader.h"

namespace eds::audit {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = fs::path(EDS_SOURCE_DIR) / "../shared/data/security/merkle";

std::string bytes_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Some vectors hold a text where a hash should be; any value that stays equal to itself and
// different from all others does in its place. Nothing at all is no hash: our readers refuse it.
std::optional<Hash> hash_in(json::Value value, std::string_view name) {
  const std::string bytes = from_base64(value.string_or(name, "")).value();
  if (bytes.empty()) return std::nullopt;
  const std::optional<Hash> hash = hash_of_bytes(bytes);
  return hash.has_value() ? *hash : sha256(bytes);
}

std::vector<Hash> proof_in(json::Value value) {
  std::vector<Hash> proof;
  for (const json::Value each : value.at("proof").value().elements()) {
    const std::string bytes = from_base64(each.string().value()).value();
    const std::optional<Hash> hash = hash_of_bytes(bytes);
    proof.push_back(hash.has_value() ? *hash : sha256(bytes));
  }
  return proof;
}

std::uint64_t number_in(json::Value value, std::string_view name) {
  const json::Value number = value.at(name).value();
  if (number.type() == json::Type::Integer) return static_cast<std::uint64_t>(*number.integer());
  return ~std::uint64_t{0};  // 2^64 - 1 and the like
}

TEST_CASE("every proof of the transparency-dev vectors is accepted or refused as marked") {
  if (!fs::exists(kVectors)) {
    MESSAGE("skipped: ../shared/data/security/merkle not present");
    return;
  }
  int inclusion_count = 0;
  int consistency_count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kVectors / "testdata")) {
    if (entry.path().extension() != ".json") continue;
    const json::Document document = json::Document::parse(bytes_of_file(entry.path())).value();
    const json::Value probe = document.root();
    const bool is_wanted = !probe.at("wantErr").value().boolean().value();
    bool is_accepted = false;
    if (probe.find("leafIdx").has_value()) {
      ++inclusion_count;
      const auto leaf = hash_in(probe, "leafHash");
      const auto root = hash_in(probe, "root");
      is_accepted = leaf && root &&
                    verify_inclusion(number_in(probe, "leafIdx"), number_in(probe, "treeSize"),
                                     *leaf, *root, proof_in(probe));
    } else {
      ++consistency_count;
      const auto first = hash_in(probe, "root1");
      const auto second = hash_in(probe, "root2");
      is_accepted = first && second &&
                    verify_consistency(number_in(probe, "size1"), number_in(probe, "size2"), *first,
                                       *second, proof_in(probe));
    }
    CHECK_MESSAGE(is_accepted == is_wanted, entry.path().string());
  }
  CHECK(inclusion_count == 98);
  CHECK(consistency_count == 98);
}

TEST_CASE("the nine roots of RFC 6962's reference leaves come out, added one at a time") {
  if (!fs::exists(kVectors)) {
    MESSAGE("skipped: ../shared/data/security/merkle not present");
    return;
  }
  const json::Document document =
      json::Document::parse(bytes_of_file(kVectors / "rfc6962_roots.json")).value();
  std::vector<std::string> roots;
  for (const json::Value root : document.root().at("roots_by_size").value().elements()) {
    roots.emplace_back(root.string().value());
  }
  REQUIRE(roots.size() == 9);
  Frontier frontier;
  std::vector<Hash> leaves;
  CHECK(hex_of(frontier.root()) == roots[0]);
  for (const json::Value leaf : document.root().at("leaves").value().elements()) {
    leaves.push_back(leaf_hash(from_hex(leaf.string().value()).value()));
    frontier.add(leaves.back());
    CHECK(hex_of(frontier.root()) == roots[leaves.size()]);
    CHECK(hex_of(root_of(leaves)) == roots[leaves.size()]);
  }
}

// RFC 6962, 2.1, written down as it stands there.
Hash obvious_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return node_hash(obvious_root(leaves.first(split)), obvious_root(leaves.subspan(split)));
}

TEST_CASE("proofs of every leaf and every pair of sizes hold, and hold for nothing else") {
  std::vector<Hash> leaves;
  for (int number = 0; number < 40; ++number) leaves.push_back(leaf_hash(std::to_string(number)));
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const std::span<const Hash> tree = std::span(leaves).first(size);
    const Hash root = root_of(tree);
    REQUIRE(root == obvious_root(tree));
    for (std::size_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = inclusion_proof(tree, index);
      REQUIRE(verify_inclusion(index, size, leaves[index], root, proof));
      for (std::size_t other = 0; other < size; ++other) {
        if (other == index) continue;
        REQUIRE(!verify_inclusion(other, size, leaves[index], root, proof));
        REQUIRE(!verify_inclusion(index, size, leaves[other], root, proof));
      }
    }
    for (std::size_t first = 1; first <= size; ++first) {
      const Hash first_root = root_of(tree.first(first));
      std::vector<Hash> proof = consistency_proof(tree, first);
      REQUIRE(verify_consistency(first, size, first_root, root, proof));
      if (first == size) continue;
      REQUIRE(!verify_consistency(first, size, leaf_hash("forged"), root, proof));
      REQUIRE(!verify_consistency(first, size, first_root, leaf_hash("forged"), proof));
      proof.push_back(root);
      REQUIRE(!verify_consistency(first, size, first_root, root, proof));
    }
  }
}

TEST_CASE("a frontier resumes from its subtrees, and only from as many as its size has") {
  Frontier whole;
  for (int number = 0; number < 100; ++number) {
    Frontier resumed = Frontier::of(whole.size(), whole.subtrees()).value();
    resumed.add(leaf_hash(std::to_string(number)));
    whole.add(leaf_hash(std::to_string(number)));
    REQUIRE(resumed.root() == whole.root());
  }
  CHECK(!Frontier::of(whole.size() + 1, whole.subtrees()).ok());
  CHECK(!Frontier::of(0, {leaf_hash("")}).ok());
}

}  // namespace
}  // namespace eds::audit
