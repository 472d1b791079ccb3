#!/usr/bin/env python3
"""Writes docs/reference/cohort-superset.schema.json: what `eds cohort` reads, as JSON Schema
(2020-12). Kinds of events and their attributes come from the tables of src/cohort/domain.cc, so
that the two cannot drift apart (tests/cohort/test_superset_schema.py runs this again).

    python3 tools/cohort_schema.py > docs/reference/cohort-superset.schema.json
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
DAYS_MAX = 10_000_000  # kOffsetDaysMax

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
# Old pages of Atlas write numbers as text.
INTEGER = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\s*-?\d+\s*$"}]}
NUMBER = {"anyOf": [{"type": "number"},
                    {"type": "string", "pattern": r"^\s*-?\d+(\.\d+)?([eE][-+]?\d+)?\s*$"}]}
COMPARISONS = ["lt", "lte", "eq", "!eq", "gt", "gte", "bt", "!bt"]
TEXT_COMPARISONS = [sign + word for sign in ("", "!")
                    for word in ("startsWith", "contains", "endsWith")]
ADMINISTRATIVE = ["id", "name", "description", "createdBy", "modifiedBy", "createdDate",
                  "modifiedDate", "hasWriteAccess", "hasReadAccess", "tags", "expressionType"]


def ref(name):
    return {"$ref": "#/$defs/" + name}


def word(*words):
    return {"enum": list(words)}


def list_of(item, least=0, most=None):
    schema = {"type": "array", "items": item}
    if least:
        schema["minItems"] = least
    if most:
        schema["maxItems"] = most
    return schema


def object_of(members, required=(), is_open=False):
    """A member that is null counts as absent."""
    schema = {"type": "object",
              "properties": {name: each if name in required or each == {}
                             else {"anyOf": [each, {"type": "null"}]}
                             for name, each in members.items()}}
    if required:
        schema["required"] = list(required)
    if not is_open:
        schema["additionalProperties"] = False
    return schema


SHAPES = {"Integer": ref("range"), "Decimal": ref("range"), "Date": ref("dates"),
          "Concepts": list_of(ref("concept")), "Selection": ref("selection"), "SetId": INTEGER,
          "Normal": ref("normal"), "Text": ref("text"), "Exclude": FLAG, "Flag": FLAG, "Period": ref("period")}


def grammar():
    """Kinds of events, attributes and columns to count, as the reader knows them."""
    source = (ROOT / "src" / "cohort" / "domain.cc").read_text()
    attributes = {found[1]: re.findall(r'\{"(\w+)",\s*(\w+),', found[2]) for found in
                  re.finditer(r"constexpr Attribute k(\w+)\[\] = \{(.*?)\};", source, re.S)}
    # The kinds that are declared stand behind the kinds that have data.
    kinds = re.findall(r'\{"(\w+)", "(\w*)", (true|false), (true|false), k(\w+)\}', source)
    columns = re.search(r"kCountColumns\[\] = \{(.*?)\};", source, re.S)[1]
    return attributes, kinds, re.findall(r'"([A-Z_]+)"', columns)


def values():
    normal = object_of({"Value": NUMBER, "Op": word(*COMPARISONS), "Extent": {},
                        "Otherwise": {"type": "number", "exclusiveMinimum": 0},
                        "Unit": list_of(ref("concept"), 1)}, ["Value", "Op"])
    normal["dependentRequired"] = {"Otherwise": ["Unit"], "Unit": ["Otherwise"]}
    return {
        "normal": normal,
        "concept": object_of({"CONCEPT_ID": INTEGER}, ["CONCEPT_ID"], is_open=True),
        "range": object_of({"Value": NUMBER, "Op": word(*COMPARISONS), "Extent": {}},
                           ["Value", "Op"]),
        "dates": object_of({"Value": TEXT, "Op": word(*COMPARISONS), "Extent": {}},
                           ["Value", "Op"]),
        "selection": object_of({"CodesetId": INTEGER, "IsExclusion": FLAG}),
        "text": object_of({"Text": TEXT, "Op": word(*TEXT_COMPARISONS)}, ["Text", "Op"]),
        "period": object_of({"StartDate": TEXT, "EndDate": TEXT}),
        "adjustment": object_of({"StartWith": word("START_DATE", "END_DATE"),
                                 "StartOffset": INTEGER,
                                 "EndWith": word("START_DATE", "END_DATE"),
                                 "EndOffset": INTEGER}),
        "endpoint": object_of({"Days": INTEGER, "Coeff": word(-1, 1, "-1", "1")}, ["Coeff"]),
        "window": object_of({"Start": ref("endpoint"), "End": ref("endpoint"),
                             "UseIndexEnd": FLAG, "UseEventEnd": FLAG}, ["Start", "End"]),
        "limit": object_of({"Type": TEXT})}


def criteria(attributes, kinds):
    parts = {}
    for name, source_concept, has_codeset, has_first, key in kinds:
        members = {each: SHAPES[shape] for each, shape in attributes[key]}
        if has_codeset == "true":
            members["CodesetId"] = INTEGER
        if source_concept:
            members[source_concept] = INTEGER
        if has_first == "true":
            members["First"] = FLAG
        members["DateAdjustment"] = ref("adjustment")
        members["CorrelatedCriteria"] = ref("group")
        parts[name] = object_of(members)
    every = {"type": "object", "properties": parts, "additionalProperties": False,
             "minProperties": 1, "maxProperties": 1}
    return every, parts["Measurement"]


def trend(measurement):
    def length(name, least):
        return object_of({name: {"type": "integer", "minimum": least, "maximum": DAYS_MAX}},
                         [name])

    schema = object_of({
        "Criteria": object_of({"Measurement": measurement}, ["Measurement"]),
        "Change": object_of({"By": word("Ratio", "Difference"),
                             "Op": word("lt", "lte", "gt", "gte"), "Value": NUMBER},
                            ["By", "Op", "Value"]),
        "Within": {"oneOf": [length("Hours", 1), length("Days", 1)]},
        "StartWindow": ref("window"), "Unit": list_of(ref("concept"), 1),
        "UnitText": list_of({"type": "string", "minLength": 1}, 1),
        "Same": word("Visit")}, ["Criteria", "Change", "Within", "StartWindow"])
    schema["if"] = {"properties": {"Change": {"properties": {"By": {"const": "Difference"}}}}}
    said = [{"required": [name], "properties": {name: {"type": "array"}}}
            for name in ("Unit", "UnitText")]
    schema["then"] = {"anyOf": said}
    return schema


def sequence():
    days = {"type": "integer", "minimum": 0, "maximum": DAYS_MAX}
    after = object_of({"Min": days, "Max": days, "From": word("Start", "End")}, ["Min"])
    return object_of({
        "Steps": {"type": "array", "minItems": 2, "maxItems": 16,
                  "prefixItems": [object_of({"Criteria": ref("criteria")}, ["Criteria"])],
                  "items": object_of({"Criteria": ref("criteria"), "After": after},
                                     ["Criteria", "After"])},
        "StartWindow": ref("window"), "Same": word("Visit")}, ["Steps", "StartWindow"])


def group(attributes, columns):
    occurrence = object_of({"Type": word(0, 1, 2, "0", "1", "2"), "Count": INTEGER,
                            "IsDistinct": FLAG, "CountColumn": word(*columns)}, ["Type", "Count"])
    correlated = object_of({
        "Criteria": ref("criteria"), "StartWindow": ref("window"), "EndWindow": ref("window"),
        "Occurrence": occurrence, "RestrictVisit": FLAG, "IgnoreObservationPeriod": FLAG},
        ["Criteria", "StartWindow", "Occurrence"])
    demographic = object_of({each: SHAPES[shape] for each, shape in attributes["Demographic"]})
    kinds = "[Aa][Ll][Ll]|[Aa][Nn][Yy]|[Aa][Tt]_([Ll][Ee][Aa][Ss][Tt]|[Mm][Oo][Ss][Tt])"
    return object_of({
        "Type": {"type": "string", "pattern": f"^({kinds})$"}, "Count": INTEGER,
        "CriteriaList": list_of(correlated), "DemographicCriteriaList": list_of(demographic),
        "Groups": list_of(ref("group")), "Trends": list_of(ref("trend")),
        "Sequences": list_of(ref("sequence")), "Cohorts": list_of(ref("saved_member"))})


SAVED = {"Name": {"type": "string", "minLength": 1}, "Version": {"type": "integer", "minimum": 1}}


def saved_member():
    schema = object_of({**SAVED, "Relation": word("During", "Ever", "Starts"),
                        "StartWindow": ref("window"), "Absent": FLAG},
                       ["Name", "Version", "Relation"])
    schema["if"] = {"properties": {"Relation": {"const": "Starts"}}}
    schema["then"] = {"required": ["StartWindow"], "properties": {"StartWindow": ref("window")}}
    schema["else"] = {"properties": {"StartWindow": {"type": "null"}}}
    return schema


def definition():
    item = object_of({"concept": ref("concept"), "isExcluded": FLAG, "includeDescendants": FLAG,
                      "includeMapped": FLAG}, ["concept"])
    concept_set = object_of({"id": INTEGER, "name": TEXT,
                             "expression": object_of({"items": list_of(item)}, ["items"])},
                            ["id", "expression"], is_open=True)
    primary = object_of({
        "CriteriaList": list_of(ref("criteria"), 1),
        "ObservationWindow": object_of({"PriorDays": INTEGER, "PostDays": INTEGER}),
        "PrimaryCriteriaLimit": ref("limit")}, ["CriteriaList", "ObservationWindow"])
    rule = object_of({"name": TEXT, "description": TEXT, "expression": ref("group")},
                     ["expression"])
    end = object_of({
        "DateOffset": object_of({"DateField": word("StartDate", "EndDate"), "Offset": INTEGER}),
        "CustomEra": object_of({"DrugCodesetId": INTEGER, "GapDays": INTEGER, "Offset": INTEGER,
                                "DaysSupplyOverride": INTEGER}, ["DrugCodesetId"])})
    return object_of({
        "Title": TEXT, "cdmVersionRange": TEXT, "ConceptSets": list_of(concept_set),
        "PrimaryCriteria": primary, "AdditionalCriteria": ref("group"),
        "QualifiedLimit": ref("limit"), "ExpressionLimit": ref("limit"),
        "InclusionRules": list_of(rule, 0, 63), "EndStrategy": end,
        "CensoringCriteria": list_of(ref("criteria")),
        "CollapseSettings": object_of({"CollapseType": word("ERA"), "EraPad": INTEGER}),
        "CensorWindow": ref("period"), **{name: {} for name in ADMINISTRATIVE}},
        ["PrimaryCriteria"])


def cohort():
    members = list_of(ref("cohort"), 2, 64)
    extra = {name: {} for name in ADMINISTRATIVE}
    by = {"By": word("Person", "Day")}
    return {"oneOf": [ref("definition"),
                      object_of({"Union": members, **extra}, ["Union"]),
                      object_of({"Intersection": members, **by, **extra}, ["Intersection"]),
                      object_of({"Difference": members, **by, **extra}, ["Difference"]),
                      object_of({"SavedCohort": object_of(SAVED, ["Name", "Version"]), **extra},
                                ["SavedCohort"])]}


def schema():
    attributes, kinds, columns = grammar()
    every, measurement = criteria(attributes, kinds)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "EDS cohort definition", "$ref": "#/$defs/cohort",
            "$defs": {**values(), "criteria": every, "trend": trend(measurement),
                      "sequence": sequence(), "saved_member": saved_member(), "group": group(attributes, columns),
                      "definition": definition(), "cohort": cohort()}}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
