"""Definitions that are broken, hostile or merely large: refused with their JSON path, or answered
within a bound, by the index and by SQL."""

import json

import pytest


def definition(**more):
    return {"ConceptSets": [{"id": 0, "name": "a", "expression": {
                "items": [{"concept": {"CONCEPT_ID": 40481087}, "includeDescendants": True}]}}],
            "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0}}],
                                "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
                                "PrimaryCriteriaLimit": {"Type": "All"}}, **more}


def group(**more):
    return {"Type": "ALL", "CriteriaList": [], "DemographicCriteriaList": [], "Groups": [], **more}


def nested(depth):
    inner = group(DemographicCriteriaList=[{"Age": {"Value": 0, "Op": "gte"}}])
    for _ in range(depth):
        inner = group(Groups=[inner])
    return inner


def correlated(start, end):
    return {"Criteria": {"ConditionOccurrence": {"CodesetId": 0}},
            "StartWindow": {"Start": {"Days": start[0], "Coeff": start[1]},
                            "End": {"Days": end[0], "Coeff": end[1]}},
            "Occurrence": {"Type": 2, "Count": 1}}


PLAIN = json.dumps(definition())

REFUSED = {
    "100,000 levels": ('{"a":' * 100_000 + "1" + "}" * 100_000, "JSON exceeds kDepthMax"),
    "a million open lists": ("[" * 1_000_000, "JSON cannot be read"),
    "nothing": ("", "JSON cannot be read"),
    "null": ("null", "an object is expected, at $"),
    "a number past any": (PLAIN.replace('"PriorDays": 0', '"PriorDays": 1' + "0" * 400),
                          "JSON cannot be read"),
    "a number past any day": (PLAIN.replace('"PriorDays": 0', '"PriorDays": 99999999999'),
                              "at $.PrimaryCriteria.ObservationWindow.PriorDays"),
    "a member given twice": (PLAIN[:-1] + ',"PrimaryCriteria":{}}', "a member is given twice, at $"),
    "a member given twice inside": (PLAIN.replace('"CodesetId": 0', '"CodesetId": 0,"CodesetId": 0'),
                                    "a member is given twice, at $.PrimaryCriteria.CriteriaList[0]"
                                    ".ConditionOccurrence"),
    "half a surrogate pair": (PLAIN.replace('"a"', '"\\ud800"'), "JSON cannot be read"),
    "a raw NUL": (PLAIN.replace('"a"', '"a\0b"'), "JSON cannot be read"),
    "no UTF-8": (PLAIN.encode().replace(b'"a"', b'"\xff\xfe"'), "JSON cannot be read"),
    "100 MB": (PLAIN[:-1] + ',"Title":"' + "x" * 100_000_000 + '"}', "kDefinitionBytesMax"),
    "230 nested groups": (json.dumps(definition(AdditionalCriteria=nested(230))),
                          "groups are nested deeper than kGroupDepthMax"),
    "two sets of one id": (json.dumps(definition(ConceptSets=definition()["ConceptSets"] * 2)),
                           "two concept sets have the same id, at $.ConceptSets[1].id"),
    "a set that is not there": (PLAIN.replace('"CodesetId": 0', '"CodesetId": 7'),
                                "no concept set has this id, at $.PrimaryCriteria.CriteriaList[0]"
                                ".ConditionOccurrence.CodesetId"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_broken_definition_is_refused_with_its_place(gibleed, tmp_path, what):
    text, words = REFUSED[what]
    path = tmp_path / "bad.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = gibleed.run("count", path, expect=3)
    assert words in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert len(done.stderr) < 2000


def rows(gibleed, path, *more):
    return gibleed.run("run", path, "--format", "csv", *more).stdout.splitlines()[1:]


def both(gibleed, tmp_path, what):
    """The rows, which the index and SQL agree on."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps(what))
    found = rows(gibleed, path)
    assert rows(gibleed, path, "--engine", "duckdb") == found
    return found


def test_200_nested_groups_mean_what_the_innermost_means(gibleed, tmp_path):
    wanted = definition(AdditionalCriteria=nested(0))
    assert both(gibleed, tmp_path, definition(AdditionalCriteria=nested(200))) == both(
        gibleed, tmp_path, wanted) != []


def test_a_set_of_10_000_concepts_finds_what_its_known_ones_find(gibleed, tmp_path):
    large = definition()
    items = large["ConceptSets"][0]["expression"]["items"]
    items += [{"concept": {"CONCEPT_ID": 2_100_000_000 + at}, "includeDescendants": True}
              for at in range(10_000)]
    assert both(gibleed, tmp_path, large) == both(gibleed, tmp_path, definition()) != []


def test_a_set_that_contains_and_excludes_itself_is_empty(gibleed, tmp_path):
    circular = definition()
    (item,) = circular["ConceptSets"][0]["expression"]["items"]
    circular["ConceptSets"][0]["expression"]["items"] = [
        {**item, "includeMapped": True}, {**item, "isExcluded": True, "includeMapped": True}]
    assert both(gibleed, tmp_path, circular) == []


def test_a_window_that_ends_before_it_begins_holds_nothing_and_says_so(gibleed, tmp_path):
    contradictory = definition(
        AdditionalCriteria=group(CriteriaList=[correlated((5, 1), (5, -1))]))
    assert both(gibleed, tmp_path, contradictory) == []
    path = tmp_path / "large.json"
    note = gibleed.run("count", path).stderr
    assert "ends before it begins: no event can be in it" in note
    assert "$.AdditionalCriteria.CriteriaList[0].StartWindow" in note


def test_more_steps_than_sql_may_have_are_refused_by_name_and_the_index_answers(gibleed, tmp_path):
    many = definition(AdditionalCriteria=group(CriteriaList=[correlated((0, -1), (0, 1))] * 500))
    path = tmp_path / "many.json"
    path.write_text(json.dumps(many))
    assert rows(gibleed, path) != []
    done = gibleed.run("run", path, "--engine", "duckdb", expect=3)
    assert "kSqlStepsMax" in done.stderr
