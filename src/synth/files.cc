#include "synth/files.h"

#include "synth/modality.h"

namespace eds::synth {
namespace {

// Enough to show life, rare enough to cost nothing.
constexpr std::uint64_t kProgressEvery = 1000;

std::vector<std::unique_ptr<Modality>> make_modalities(const Workshop& workshop) {
  std::vector<std::unique_ptr<Modality>> all;
  all.push_back(make_identity_files(workshop));
  all.push_back(make_pmsi_files(workshop));
  all.push_back(make_lab_files(workshop));
  if (workshop.options.reports == Include::Yes) all.push_back(make_report_files(workshop));
  all.push_back(make_term_files(workshop));
  return all;
}

/// How many of the patient's first stays were filed under a second IPP: mostly none.
std::size_t draw_merge(const Patient& patient, const Dirt& dirt) {
  Random random(patient.key, Stream::Dirt);
  const bool merged = dirt.draw(random, 1) != Dirt::kClean;
  if (!merged || patient.stays.size() < 2) return 0;
  return 1 + random.below(static_cast<std::uint32_t>(patient.stays.size() - 1));
}

Status check(Env& env, const FilesOptions& options) {
  if (options.directory.empty()) return Error{Code::Usage, "no directory to write to"};
  if (!(options.dirt >= 0 && options.dirt <= .5))
    return Error{Code::Usage, "dirt is a share from 0 to 0.5"};
  if (env.exists(join(options.directory, "truth_counts.json"))) {
    return Error{Code::Conflict, "a synthetic hospital is there already: " + options.directory};
  }
  return env.make_directories(options.directory);
}

}  // namespace

Result<FilesSummary> write_files(Env& env, const FilesOptions& options,
                                 const FilesProgress& progress) {
  TRY(check(env, options));
  OutputTree tree(env, options.directory);
  Truth truth = TRY(Truth::open(tree));
  const Workshop workshop{tree, truth, Dirt(options.dirt), options};
  const std::vector<std::unique_ptr<Modality>> modalities = make_modalities(workshop);
  const Population population(options.seed, options.patient_count);
  Patient patient;
  for (std::uint64_t index = 0; index < options.patient_count; ++index) {
    population.generate(index, kEverything, patient);
    Identity identity = make_identity(population, patient);
    const std::size_t under_former = draw_merge(patient, workshop.dirt);
    // The mistaken number is drawn from the far half of the numbers: no patient bears it.
    if (under_former > 0) identity.former_ipp = ipp_number(index + 500'000'000U);
    const Subject subject{population, patient, identity, under_former};
    for (const auto& modality : modalities) TRY(modality->add(subject));
    if (progress && index % kProgressEvery == 0 && !progress(index, options.patient_count)) {
      return Error{Code::Cancelled, "the synthetic hospital is incomplete: delete its directory"};
    }
  }
  for (const auto& modality : modalities) TRY(modality->finish());
  TRY(tree.finish());
  TRY(truth.finish(tree));
  FilesSummary summary;
  summary.patient_count = options.patient_count;
  summary.file_count = tree.file_count();
  summary.bytes = tree.bytes();
  summary.rum_count = truth.expected("lines.rum");
  summary.lab_count = truth.expected("lines.lab");
  summary.report_count = truth.expected("lines.report");
  summary.planted_count = truth.planted_count();
  return summary;
}

}  // namespace eds::synth
