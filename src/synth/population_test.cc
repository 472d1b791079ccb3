// The population: the same from any side, and medically in its right mind. Bounds are those that a
// physician would be surprised to see broken, or figures that French statistics publish.
#include "synth/population.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "format/pmsi/identifiers.h"
#include "synth/identity.h"
#include "synth/labs.h"
#include "synth/reports.h"

namespace eds::synth {
namespace {

constexpr std::uint64_t kCount = 40'000;

struct Tally {
  double patients = 0, stays = 0, diagnoses = 0, acts = 0, labs = 0;
  std::map<Why, double> episodes;
  std::map<Why, double> women;
  std::map<Why, double> age_sum;
  std::map<Why, std::array<double, 13>> months;
};

template <class Visit>
void for_all(std::uint64_t seed, std::uint64_t count, Visit&& visit) {
  const Population population(seed, count);
  Patient patient;
  for (std::uint64_t i = 0; i < count; ++i) {
    population.generate(i, kEverything, patient);
    visit(population, static_cast<const Patient&>(patient));
  }
}

const Tally& tally() {
  static const Tally result = [] {
    Tally t;
    LabMaker labs;
    for_all(7, kCount, [&](const Population&, const Patient& patient) {
      t.patients += 1;
      t.stays += static_cast<double>(patient.stays.size());
      t.diagnoses += static_cast<double>(patient.diagnoses.size());
      t.acts += static_cast<double>(patient.acts.size());
      labs.visit(patient, [&](const LabResult&) { return t.labs += 1, true; });
      for (const Stay& stay : patient.stays) {
        const auto why = static_cast<Why>(stay.episode);
        t.episodes[why] += 1;
        t.women[why] += patient.sex == Sex::Female ? 1 : 0;
        t.age_sum[why] += patient.age_on(stay.entry_day());
        t.months[why][static_cast<std::size_t>(date_from_days(stay.entry_day()).month)] += 1;
      }
    });
    return t;
  }();
  return result;
}

}  // namespace

TEST_CASE("a patient has on average what the benchmark's hospital group has") {
  const Tally& t = tally();
  CHECK(t.labs / t.patients == doctest::Approx(72.1).epsilon(.03));
  CHECK(t.diagnoses / t.patients == doctest::Approx(4.37).epsilon(.03));
  CHECK(t.acts / t.patients == doctest::Approx(4.89).epsilon(.03));
}

TEST_CASE("only women give birth, only men have prostates") {
  const Tally& t = tally();
  for (const Why why : {Why::VaginalDelivery, Why::Caesarean, Why::PretermDelivery,
                        Why::Miscarriage, Why::ConsultPregnancy}) {
    REQUIRE(t.episodes.at(why) > 10);
    CHECK(t.women.at(why) == t.episodes.at(why));
  }
  for (const Why why : {Why::ProstateResection, Why::ProstateBiopsy}) {
    REQUIRE(t.episodes.at(why) > 10);
    CHECK(t.women.at(why) == 0);
  }
}

TEST_CASE("hip fractures are those of old women") {
  const Tally& t = tally();
  const double count = t.episodes.at(Why::HipFracture);
  REQUIRE(count > 200);
  // France: mean age 82, three women for one man.
  CHECK(t.age_sum.at(Why::HipFracture) / count > 75);
  CHECK(t.age_sum.at(Why::HipFracture) / count < 88);
  CHECK(t.women.at(Why::HipFracture) / count > .62);
  CHECK(t.women.at(Why::HipFracture) / count < .85);
}

TEST_CASE("influenza comes in winter, bronchiolitis in infants and in autumn") {
  const Tally& t = tally();
  const auto& flu = t.months.at(Why::Influenza);
  CHECK(flu[12] + flu[1] + flu[2] > 20 * (flu[6] + flu[7] + flu[8]));
  const auto& rsv = t.months.at(Why::Bronchiolitis);
  CHECK(rsv[11] + rsv[12] > 10 * (rsv[6] + rsv[7]));
  CHECK(t.age_sum.at(Why::Bronchiolitis) / t.episodes.at(Why::Bronchiolitis) < 1);
}

TEST_CASE("myocardial infarction takes three men for one woman, and no child") {
  const Tally& t = tally();
  const double share = t.women.at(Why::StemiAnterior) / t.episodes.at(Why::StemiAnterior);
  CHECK(share > .12);
  CHECK(share < .45);
  CHECK(t.age_sum.at(Why::StemiAnterior) / t.episodes.at(Why::StemiAnterior) > 55);
}

TEST_CASE("stays are in order, apart, after birth, before death, and whole") {
  for_all(11, 20'000, [](const Population&, const Patient& patient) {
    std::int64_t free_from = INT64_MIN;
    for (const Stay& stay : patient.stays) {
      REQUIRE(stay.entry_us >= free_from);
      REQUIRE(stay.entry_us <= stay.exit_us);
      free_from = stay.exit_us;
      REQUIRE(stay.entry_day() >= patient.birth_day);
      REQUIRE(stay.exit_day() <= patient.death_day);
      REQUIRE(stay.entry_day() >= kFirstDay - 200);
      REQUIRE(stay.exit_day() <= kLastDay);
      REQUIRE(has_rss(stay.kind) == (stay.rum_count > 0));
      std::int64_t at = stay.entry_us;
      for (std::uint16_t r = 0; r < stay.rum_count; ++r) {
        const Movement& rum = patient.rums[static_cast<std::size_t>(stay.first_rum) + r];
        REQUIRE(rum.entry_us == at);
        at = rum.exit_us;
        REQUIRE(rum.diagnosis_count > 0);
      }
      if (stay.rum_count > 0) REQUIRE(at == stay.exit_us);
    }
    for (std::size_t a = 1; a < patient.acts.size(); ++a) {
      REQUIRE(patient.acts[a].time_us >= patient.acts[a - 1].time_us);
    }
  });
}

TEST_CASE("a newborn is the child of the patient before") {
  const Population population(5, 20'000);
  Patient mother, child;
  int births = 0;
  for (std::uint64_t i = 0; i < 20'000; i += 2) {
    population.generate(i, kEverything, mother);
    population.generate(i + 1, kEverything, child);
    REQUIRE((mother.delivery_day != kNever) == child.is_newborn);
    if (!child.is_newborn) continue;
    ++births;
    REQUIRE(child.birth_day == mother.delivery_day);
    REQUIRE(!child.stays.empty());
    REQUIRE(child.stays.front().entry_mode == 'N');
    const Identity parent = make_identity(population, mother);
    const Identity own = make_identity(population, child);
    CHECK(own.address == parent.address);
    CHECK(child.birth_weight_g >= 650);
    CHECK(child.birth_weight_g <= 5200);
  }
  CHECK(births > 200);
}

TEST_CASE("laboratory results stay within what a body can have, and follow the disease") {
  const auto index = [](Lab lab) { return static_cast<std::uint8_t>(lab); };
  LabMaker labs;
  double infarct_troponin = 0, infarct_count = 0, early_crp = 0, early = 0, late_crp = 0, late = 0;
  double diabetic = 0, diabetic_count = 0, other = 0, other_count = 0;
  for_all(13, 30'000, [&](const Population&, const Patient& patient) {
    std::int64_t last = INT64_MIN;
    labs.visit(patient, [&](const LabResult& lab) {
      const Analyte& analyte = analytes()[lab.analyte];
      const Stay& stay = patient.stays[lab.stay];
      REQUIRE(lab.time_us >= last);
      REQUIRE(lab.time_us >= stay.entry_us);
      REQUIRE(lab.time_us <= stay.exit_us);
      last = lab.time_us;
      if (analyte.spread == Spread::Words) return true;
      REQUIRE(lab.value >= static_cast<double>(analyte.least) - 1e-6);
      REQUIRE(lab.value <= static_cast<double>(analyte.most) + 1e-6);
      const auto why = static_cast<Why>(stay.episode);
      const double days = static_cast<double>(lab.time_us - stay.entry_us) / 86'400e6;
      if (why == Why::StemiAnterior && lab.analyte == index(Lab::Trop))
        infarct_troponin += lab.value, infarct_count += 1;
      if (why == Why::Pneumonia && lab.analyte == index(Lab::Crp)) {
        if (days < 1) early_crp += lab.value, early += 1;
        if (days > 6) late_crp += lab.value, late += 1;
      }
      if (lab.analyte == index(Lab::Hba1c)) {
        const bool has = patient.has(static_cast<std::uint8_t>(Had::Diabetes2));
        (has ? diabetic : other) += lab.value;
        (has ? diabetic_count : other_count) += 1;
      }
      return true;
    });
  });
  CHECK(infarct_troponin / infarct_count > 1000);
  CHECK(early_crp / early > 60);
  CHECK(late_crp / late < early_crp / early / 2);
  CHECK(diabetic / diabetic_count > 6.5);
  CHECK(other / other_count < 6.6);
}

TEST_CASE("derived results obey the formulas that laboratories publish") {
  LabMaker labs;
  int filtrations = 0, cholesterols = 0;
  for_all(19, 6'000, [&](const Population&, const Patient& patient) {
    std::map<std::uint8_t, double> sample;
    std::uint16_t rank = 0;
    labs.visit(patient, [&](const LabResult& lab) {
      if (lab.sample != rank) sample.clear();
      rank = lab.sample;
      sample[lab.analyte] = lab.value;
      const auto of = [&](Lab which) { return sample.at(static_cast<std::uint8_t>(which)); };
      if (lab.analyte == static_cast<std::uint8_t>(Lab::Egfr) && of(Lab::Creat) > 30) {
        // Levey et al., 2009: creatinine in mg/dL (umol/L divided by 88.4), age in years.
        const bool woman = patient.sex == Sex::Female;
        const double age = (patient.stays[lab.stay].entry_day() - patient.birth_day) / 365.25;
        const double s = of(Lab::Creat) / 88.4 / (woman ? .7 : .9);
        const double expected = 141 * std::pow(std::min(s, 1.0), woman ? -.329 : -.411) *
                                std::pow(std::max(s, 1.0), -1.209) * std::pow(.993, age) *
                                (woman ? 1.018 : 1);
        // Both are rounded to whole numbers.
        if (expected < 170) REQUIRE(std::abs(lab.value - expected) < .6 + .03 * expected);
        ++filtrations;
      }
      if (lab.analyte == static_cast<std::uint8_t>(Lab::Ldl) && lab.value > .2) {
        const double friedewald = of(Lab::Chol) - of(Lab::Hdl) - of(Lab::Tg) / 2.2;
        REQUIRE(std::abs(lab.value - friedewald) < .03);
        ++cholesterols;
      }
      return true;
    });
  });
  CHECK(filtrations > 5'000);
  CHECK(cholesterols > 500);
}

TEST_CASE("identifiers are well formed, unique and nobody's") {
  std::set<std::string> seen;
  for_all(3, 20'000, [&](const Population& population, const Patient& patient) {
    const Identity who = make_identity(population, patient);
    const std::string& nir = who.nir.reveal(Reason::Check);
    REQUIRE(pmsi::check_nir(nir, who.nir_key.reveal(Reason::Check)) == pmsi::NirState::Valid);
    REQUIRE(nir.substr(7, 3) == "999");
    REQUIRE(seen.insert(nir).second);
    const std::string& ipp = who.ipp.reveal(Reason::Check);
    REQUIRE(ipp.size() == 10);
    REQUIRE(ipp[0] == '8');
    REQUIRE(seen.insert(ipp).second);
    const std::string& phone = who.phone.reveal(Reason::Check);
    REQUIRE((phone.rfind("06 39 98 ", 0) == 0 || phone.rfind("01 99 00 ", 0) == 0));
  });
}

TEST_CASE("hospitals have FINESS numbers with their keys, in no department") {
  for (const Hospital& hospital : hospitals()) {
    CHECK(pmsi::finess_ok(hospital.finess));
    CHECK(hospital.finess.substr(0, 2) == "99");
  }
}

TEST_CASE("a letter says absent nothing that the stay codes, and its offsets are its words") {
  ReportWriter reports;
  int letters = 0, absents = 0;
  for_all(17, 3'000, [&](const Population& population, const Patient& patient) {
    const Identity who = make_identity(population, patient);
    for (std::size_t s = 0; s < patient.stays.size(); ++s) {
      if (!has_report(patient, s)) continue;
      const Report& report = reports.write(patient, s, who);
      ++letters;
      REQUIRE(report.text.find(who.used_name.reveal(Reason::Check)) != std::string_view::npos);
      std::set<std::uint16_t> present, absent;
      for (const Mention& one : *report.mentions) {
        REQUIRE(one.begin < one.end);
        REQUIRE(one.end <= report.text.size());
        if (one.said == Said::Present || one.said == Said::History) present.insert(one.diagnosis);
        if (one.said == Said::Absent) absent.insert(one.diagnosis), ++absents;
      }
      for (const std::uint16_t diagnosis : absent) REQUIRE(!present.contains(diagnosis));
    }
  });
  CHECK(letters > 1'000);
  CHECK(absents > letters / 2);
}

}  // namespace eds::synth
