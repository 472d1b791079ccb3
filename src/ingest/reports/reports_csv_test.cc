#include "ingest/reports/reports_csv.h"

#include "ingest/reports/identities_csv.h"
#include "ingest/warehouse_for_test.h"

namespace eds::ingest::reports {
namespace {

constexpr const char* kPatients = R"([columns]
ipp = "IPP"
previous_ipp = "ANCIEN"
birth_name = "NOM"
first_names = "PRENOM"
birth_date = "NAISSANCE"
sex = "SEXE"
address = "ADRESSE"
postcode = "CP"
city = "VILLE"
phone = "TEL"
nir = "NIR"
death_date = "DECES"
[time]
format = "%d/%m/%Y"
[identity]
authority = "750712184"
)";
constexpr const char* kReports = R"([columns]
ipp = "IPP"
nda = "NDA"
date = "DATE"
type = "TYPE"
title = "TITRE"
text = "TEXTE"
record_id = "ID"
[time]
format = "%d/%m/%Y"
[identity]
authority = "750712184"
)";
const std::string kPatientHeader =
    "IPP;ANCIEN;NOM;PRENOM;NAISSANCE;SEXE;ADRESSE;CP;VILLE;TEL;NIR;DECES\n";
const std::string kReportHeader = "IPP;NDA;DATE;TYPE;TITRE;TEXTE;ID\n";

LoadReport feed(WarehouseForTest& test, std::unique_ptr<FormatReader> reader,
                const std::string& name, const std::string& bytes, const char* mapping) {
  Request request;
  request.paths = {test.file(name, bytes)};
  request.mapping = test.file(name + ".toml", mapping);
  return test.feed(*reader, request);
}

}  // namespace

TEST_CASE("a report is masked by what is known of its patient, in any encoding") {
  WarehouseForTest test;
  feed(test, identities_csv_reader(), "patients.csv",
       kPatientHeader + "P1;;QUIMPERLET;\xC9lo\xEFse;14/07/1948;F;3 rue Haute;75012;Paris;;;\n",
       kPatients);
  CHECK(test.ask("SELECT gender_concept_id, birth_datetime FROM person") ==
        std::vector<std::string>{"8532|1948-07-14T00:00:00"});
  const LoadReport report = feed(
      test, reports_csv_reader(), "notes.csv",
      kReportHeader +
          "P1;S1;03/01/2026;CRH;Sortie de Mme Quimperlet;Mme Eloise QUIMPERLET a \xE9t\xE9 vue;N1\n"
          "P1;S1;04/01/2026;CRO;Op;\"Patient de 77 ans, \xC3\xA9vacu\xC3\xA9;\nsuites "
          "simples\";N2\n"
          "P1;S1;xx/01/2026;CRO;Op;rien;N3\n"
          "P1;S1;05/01/2026;CRO;Op;;N4\n",
      kReports);
  INFO(report.summary());
  CHECK(report.reject_count() == 2);
  const std::vector<std::string> texts = test.ask("SELECT note_text FROM note ORDER BY note_date");
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].find("[NOM]") != std::string::npos);
  CHECK(texts[0].find("QUIMPERLET") == std::string::npos);
  CHECK(texts[0].find("\xC3\xA9t\xC3\xA9 vue") != std::string::npos);
  CHECK(texts[1].find("\xC3\xA9vacu\xC3\xA9;\nsuites") != std::string::npos);
  CHECK(test.ask("SELECT note_title FROM note WHERE note_source_value = 'CRH'")
            .front()
            .find("Quimperlet") == std::string::npos);
  CHECK(test.ask("SELECT visit_start_date, visit_end_date FROM visit_occurrence") ==
        std::vector<std::string>{"2026-01-03|2026-01-04"});
}

TEST_CASE("a previous IPP merges two persons and their rows follow") {
  WarehouseForTest test;
  feed(test, identities_csv_reader(), "patients.csv",
       kPatientHeader + "P1;;UN;A;14/07/1948;F;;;;;;\nP2;;UN;A;14/07/1948;F;;;;;;02/02/2026\n",
       kPatients);
  feed(test, reports_csv_reader(), "notes.csv",
       kReportHeader + "P1;;03/01/2026;CR;T;texte un;N1\nP2;;04/01/2026;CR;T;texte deux;N2\n",
       kReports);
  CHECK(test.count("SELECT count(*) FROM person") == 2);
  feed(test, identities_csv_reader(), "merge.csv",
       kPatientHeader + "P1;P2;UN;A;14/07/1948;F;;;;;;02/02/2026\n", kPatients);
  CHECK(test.count("SELECT count(*) FROM person") == 1);
  CHECK(test.count("SELECT count(DISTINCT person_id) FROM note") == 1);
  CHECK(test.ask("SELECT death_date FROM death") == std::vector<std::string>{"2026-02-02"});
  CHECK(test.ask("SELECT observation_period_start_date, observation_period_end_date FROM "
                 "observation_period") == std::vector<std::string>{"2026-01-03|2026-01-04"});
  CHECK(test.count("SELECT count(*) FROM (SELECT person_id FROM note UNION SELECT person_id FROM "
                   "person UNION SELECT person_id FROM death)") == 1);
}

TEST_CASE("no byte of a thousand identities is in any file of the warehouse") {
  WarehouseForTest test;
  std::string patients = kPatientHeader;
  std::string notes = kReportHeader;
  std::vector<std::string> secrets;
  for (int i = 0; i < 1000; ++i) {
    // Invented words, long enough not to be met by chance in compressed bytes.
    std::string name = "ZORKWAX";
    for (int digits = i + 17; digits > 0; digits /= 10) {
      name += static_cast<char>('A' + digits % 10);
    }
    const std::string ipp = "8007" + std::to_string(100000 + i);
    const std::string nda = "7003" + std::to_string(200000 + i);
    const std::string street = std::to_string(i + 1) + " rue des " + name + "IERS";
    const std::string phone = "06" + std::to_string(10000000 + i * 7919);
    patients += ipp + ";;" + name + ";Prudentiane" + name + ";01/02/1950;F;" + street +
                ";75012;PARIS;" + phone + ";;\n";
    notes += ipp + ";" + nda + ";03/01/2026;CRH;Lettre " + name + ";Madame " + name + " (IPP " +
             ipp + ", dossier " + nda + "), " + street + ", tel " + phone + ".;N" +
             std::to_string(i) + "\n";
    if (i % 10 == 0)
      notes += ipp + ";" + nda + ";99/99/2026;CRH;Lettre " + name + ";" + name + ";X\n";
    for (const std::string& secret : {name, ipp, nda, street, phone}) secrets.push_back(secret);
  }
  feed(test, identities_csv_reader(), "patients.csv", patients, kPatients);
  const LoadReport report = feed(test, reports_csv_reader(), "notes.csv", notes, kReports);
  CHECK(report.reject_count() == 100);
  CHECK(test.count("SELECT count(*) FROM note") == 1000);
  CHECK(test.leaks(secrets) == 0);
}

}  // namespace eds::ingest::reports
