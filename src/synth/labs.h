// Labs: a patient's laboratory results, in order of time, through a visitor.
//
// A result is the person's own level (the same for life), what the conditions shift (with the
// years), what the episode does (with the days), and the sample's own variation; counts that belong
// together are derived from each other (haematocrit from haemoglobin, eGFR from creatinine by
// CKD-EPI 2009, LDL by Friedewald).
//
// Invariants: results are a function of the patient's key; at most kLabsMax a patient; a value lies
// within its analyte's bounds and has no more decimals than the analyte has.
// Threads: a LabMaker belongs to one thread (it keeps the patient's levels); its tables are shared.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "synth/population.h"

namespace eds::synth {

struct LabResult {
  std::int64_t time_us = 0;
  double value = 0;  ///< mantissa / 10^decimals
  std::int32_t mantissa = 0;
  std::uint32_t rank = 0;    ///< among the patient's results
  std::uint16_t sample = 0;  ///< among the patient's samples
  std::uint16_t stay = 0;
  std::uint16_t rum = 0;  ///< CodedAct::kNoRum outside a RUM
  std::uint8_t analyte = 0;
  char flag = ' ';        ///< 'L' below the range, 'H' above, ' ' within or without range
  bool censored = false;  ///< at the least that the machine measures: "<5"
  std::uint8_t word = 0;  ///< of a Spread::Words analyte: see lab_word()
};

/// "Négatif", "Positif", "Stérile", "Escherichia coli", "Staphylococcus aureus".
std::string_view lab_word(std::uint8_t word);

class LabMaker {
 public:
  static constexpr std::size_t kAnalytes = 64;
  using Levels = std::array<float, kAnalytes>;

  LabMaker();

  /// Calls visit(const LabResult&) for each result of a patient made with its stays, until it
  /// returns false.
  template <class Visit>
  void visit(const Patient& patient, Visit&& visit);

 private:
  struct Hot {  ///< what a result needs of its analyte, for one sex
    float within = 0;
    float scale = 1;  ///< 10^decimals
    double inverse = 1;
    std::int32_t low = 0;  ///< as mantissas
    std::int32_t high = 0;
    std::int32_t least = 0;
    std::int32_t most = 0;
    Spread spread = Spread::Normal;
    std::uint8_t parent = 0;
  };
  struct Tables {
    std::array<std::array<Hot, kAnalytes>, 2> hot;
    std::array<Levels, 2> centre;
    Levels personal;
    std::array<std::uint8_t, kPanelCount + 1> first{};  ///< analyte of each panel
    Tables();
  };
  struct SamplePlan {
    std::int64_t time_us = 0;
    std::uint32_t panels = 0;
    bool more = false;
  };

  static const Tables& tables();
  void start_patient(const Patient& patient);
  void start_stay(const Patient& patient, const Stay& stay);
  SamplePlan next_sample(const Patient& patient, const Stay& stay);
  void start_sample(const Stay& stay, std::int64_t time_us);
  float computed(std::uint8_t analyte, bool& exists) const;
  std::uint8_t word_of(const Stay& stay, std::uint8_t analyte);

  const Tables* tables_;
  const Hot* hot_ = nullptr;
  Random random_{0};
  Levels person_{};  ///< of this person, before conditions
  Levels stay_{};    ///< with the conditions, at this stay
  Levels sample_{};  ///< with the episode, at this time
  Levels value_{};   ///< drawn in this sample
  float age_ = 0;
  float severity_log2_ = 0;
  bool female_ = false;
  std::int32_t sample_rank_ = 0;  ///< in the stay
  std::int64_t last_sample_us_ = 0;
};

template <class Visit>
void LabMaker::visit(const Patient& patient, Visit&& visit) {
  start_patient(patient);
  LabResult result;
  for (std::size_t s = 0; s < patient.stays.size(); ++s) {
    const Stay& stay = patient.stays[s];
    const Episode& episode = episodes()[stay.episode];
    if (episode.panels_entry == 0) continue;
    result.stay = static_cast<std::uint16_t>(s);
    result.rum = stay.rum_count > 0 ? stay.first_rum : CodedAct::kNoRum;
    random_ = patient.random(Stream::Labs, s);
    start_stay(patient, stay);
    for (SamplePlan plan = next_sample(patient, stay); plan.more;
         plan = next_sample(patient, stay)) {
      result.time_us = plan.time_us;
      while (stay.rum_count > 0 && result.rum + 1 < stay.first_rum + stay.rum_count &&
             plan.time_us >= patient.rums[result.rum].exit_us) {
        ++result.rum;
      }
      start_sample(stay, plan.time_us);
      for (std::uint32_t panels = plan.panels; panels != 0; panels &= panels - 1) {
        const auto which = static_cast<std::size_t>(std::countr_zero(panels));
        for (std::uint8_t a = tables_->first[which]; a < tables_->first[which + 1]; ++a) {
          const Hot& hot = hot_[a];
          float value = 0;
          bool exists = true;
          switch (hot.spread) {
            case Spread::Normal: value = sample_[a] + hot.within * random_.gauss(); break;
            case Spread::LogNormal:
              value = exp2_poly(sample_[a] + hot.within * random_.gauss());
              break;
            case Spread::Derived:
              value = value_[hot.parent] * exp2_poly(sample_[a] + hot.within * random_.gauss());
              break;
            case Spread::Computed: value = computed(a, exists); break;
            case Spread::Words: result.word = word_of(stay, a); break;
          }
          if (!exists) continue;
          value_[a] = value;
          const auto mantissa =
              static_cast<std::int32_t>(std::clamp(value * hot.scale + .5F, -2e9F, 2e9F));
          result.mantissa = std::clamp(mantissa, hot.least, hot.most);
          result.value = static_cast<double>(result.mantissa) * hot.inverse;
          result.censored = hot.spread == Spread::LogNormal && mantissa <= hot.least;
          result.flag = result.mantissa > hot.high ? 'H' : result.mantissa < hot.low ? 'L' : ' ';
          result.analyte = a;
          if (!visit(static_cast<const LabResult&>(result))) return;
          if (++result.rank == kLabsMax) return;
        }
      }
      ++result.sample;
    }
  }
}

}  // namespace eds::synth
