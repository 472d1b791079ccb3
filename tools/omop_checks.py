#!/usr/bin/env python3
"""Makes src/uses/quality/omop_checks.inc from the control files of OHDSI DataQualityDashboard.

    tools/omop_checks.py FOLDER > src/uses/quality/omop_checks.inc

FOLDER holds OMOP_CDMv5.4_{Table,Field,Concept}_Level.csv. Only figures are taken: which check runs
where, with which bound and which threshold; no description, note or concept name. What may be taken
and why stands in docs/decisions/0006-the-table-of-data-quality-checks.md.
"""
import csv
import pathlib
import sys

# The reference checks no vocabulary table unless it is asked to.
LEFT_OUT = {"CONCEPT", "VOCABULARY", "CONCEPT_ANCESTOR", "CONCEPT_RELATIONSHIP", "CONCEPT_CLASS",
            "CONCEPT_SYNONYM", "RELATIONSHIP", "DOMAIN"}

# Our word for a check of a field, the reference's column, and the columns that say more.
FIELD_CHECKS = [
    ("required", "isRequired", []),
    ("key", "isPrimaryKey", []),
    ("foreign", "isForeignKey", ["fkTableName", "fkFieldName"]),
    ("standard", "isStandardValidConcept", []),
    ("complete", "measureValueCompleteness", []),
    ("mapped", "standardConceptRecordCompleteness", []),
    ("source-mapped", "sourceConceptRecordCompleteness", []),
    ("values-mapped", "sourceValueCompleteness", ["standardConceptFieldName"]),
    ("after", "plausibleTemporalAfter",
     ["plausibleTemporalAfterTableName", "plausibleTemporalAfterFieldName"]),
    ("alive", "plausibleDuringLife", []),
    ("visit", "withinVisitDates", []),
    ("born", "plausibleAfterBirth", []),
    ("before-death", "plausibleBeforeDeath", []),
    ("before-end", "plausibleStartBeforeEnd", ["plausibleStartBeforeEndFieldName"]),
]
BOUNDS = {"DATEADD(dd,1,GETDATE())": "today+1", "YEAR(GETDATE())+1": "year+1"}


def rows_of(folder, level):
    with open(folder / f"OMOP_CDMv5.4_{level}_Level.csv", encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if row["cdmTableName"] not in LEFT_OUT]


def table_line(row):
    parts = []
    for word, name in (("persons", "measurePersonCompleteness"),
                       ("eras", "measureConditionEraCompleteness"),
                       ("overlap", "measureObservationPeriodOverlap")):
        if row[name] == "Yes":
            parts.append(f"{word}@{row[name + 'Threshold']}")
    return f'TABLE("{row["cdmTableName"]}", "{"; ".join(parts)}")'


def field_line(row):
    parts = []

    def add(word, threshold, more=""):
        parts.append(f"{word}{'=' if more else ''}{more}@{row[threshold]}")

    if row["cdmDatatype"] == "integer":
        add("integer", "cdmDatatypeThreshold")
    for word, name, more in FIELD_CHECKS:
        if row[name] == "Yes":
            add(word, name + "Threshold", ".".join(row[column] for column in more))
    if row["isForeignKey"] == "Yes" and row["fkDomain"]:
        add("domain", "fkDomainThreshold", row["fkDomain"])
    if row["isForeignKey"] == "Yes" and row["fkClass"]:
        add("class", "fkClassThreshold", row["fkClass"])
    for word, name in (("low", "plausibleValueLow"), ("high", "plausibleValueHigh")):
        if row[name]:
            add(word, name + "Threshold", BOUNDS.get(row[name], row[name].strip("'")))
    return f'FIELD("{row["cdmTableName"]}", "{row["cdmFieldName"]}", "{"; ".join(parts)}")'


def concept_lines(row):
    place = f'"{row["cdmTableName"]}", "{row["cdmFieldName"]}", "{row["conceptId"]}"'
    for word, name in (("gender", "plausibleGender"),
                       ("gender-below", "plausibleGenderUseDescendants")):
        if row[name]:
            yield f'CONCEPT({place}, "{word}={row[name]}@{row[name + "Threshold"]}")'
    if row["plausibleUnitConceptIdsThreshold"]:
        units = row["plausibleUnitConceptIds"].replace(" ", "")
        yield f'CONCEPT({place}, "units={units}@{row["plausibleUnitConceptIdsThreshold"]}")'


def main():
    folder = pathlib.Path(sys.argv[1])
    print("// Made by tools/omop_checks.py from the control files of OHDSI DataQualityDashboard 2.8.4")
    print("// for CDM 5.4 (Apache-2.0): where each check runs, its bound, its threshold in percent.")
    print("// What a line means: src/uses/quality/omop_checks.h.")
    for row in rows_of(folder, "Table"):
        print(table_line(row))
    for row in rows_of(folder, "Field"):
        print(field_line(row))
    print("#undef TABLE\n#undef FIELD")


def concepts():
    print("// Made by tools/omop_checks.py --concepts: checks of single concepts, as omop_checks.inc.")
    for row in rows_of(pathlib.Path(sys.argv[2]), "Concept"):
        for line in concept_lines(row):
            print(line)
    print("#undef CONCEPT")


if __name__ == "__main__":
    concepts() if sys.argv[1] == "--concepts" else main()
