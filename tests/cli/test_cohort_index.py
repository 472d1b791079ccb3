"""eds cohort index: the stored index gives what the lake gives, whoever asks and whatever happens
to it."""

import json
import random
import subprocess
import time

import pytest

from eds_command import Eds, eds_path

FIRST_VISITS = {"VisitOccurrence": {}}
SOME_LABS = {"Measurement": {"ValueAsNumber": {"Value": 100, "Op": "gt"}}}


def definition(*criteria, limit="All", rules=()):
    return {
        "ConceptSets": [],
        "PrimaryCriteria": {"CriteriaList": list(criteria),
                            "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
                            "PrimaryCriteriaLimit": {"Type": limit}},
        "QualifiedLimit": {"Type": "All"}, "ExpressionLimit": {"Type": limit},
        "InclusionRules": list(rules), "CensoringCriteria": [],
        "EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": 3}},
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0}, "CensorWindow": {}}


@pytest.fixture
def hospital(eds, tmp_path):
    eds.run("synth", "--patients", 400, "--seed", 9, "--into", eds.warehouse)
    eds.files = tmp_path / "definitions"
    eds.files.mkdir()
    stays = {"Start": {"Days": 5, "Coeff": -1}, "End": {"Days": 5, "Coeff": 1}}
    rule = {"name": "a high value about then", "expression": {
        "Type": "ALL", "DemographicCriteriaList": [], "Groups": [], "CriteriaList": [
            {"Criteria": SOME_LABS, "StartWindow": stays, "Occurrence": {"Type": 2, "Count": 2}}]}}
    for name, made in {"visits": definition(FIRST_VISITS), "labs": definition(SOME_LABS),
                       "first": definition(SOME_LABS, limit="First"),
                       "both": definition(FIRST_VISITS, SOME_LABS, rules=[rule])}.items():
        (eds.files / f"{name}.json").write_text(json.dumps(made))
    eds.definitions = sorted(eds.files.glob("*.json"))
    return eds


def rows(eds, *args):
    return eds.run(*args, "--format", "csv", "cohort", "run", *eds.definitions).stdout


def way(eds, name):
    """How `explain` says that the answer came, and how many events were looked at."""
    said = eds.run("--format", "json", "cohort", "explain", "--language", "en",
                   eds.files / f"{name}.json").stdout
    last = json.loads(said)[-1]
    return last["sentence"], last["events"]


def built(done):
    """Parts indexed by a build, and parts that were already."""
    words = done.stdout.split()
    return int(words[2]), int(words[5])


def segments(eds):
    return sorted((eds.warehouse / "index" / "cohort").rglob("*.events"))


def test_the_index_is_used_by_itself_and_gives_the_rows_of_the_lake(hospital):
    from_lake = rows(hospital)
    assert from_lake.count("\n") > 1000
    assert way(hospital, "labs") == (
        "Read from the lake, without the cohort index (it is not built for this release).", None)
    hospital.run("cohort", "index", "build")
    assert rows(hospital) == from_lake
    labs = hospital.query("SELECT count(*) AS n FROM measurement")[0]["n"]
    assert way(hospital, "labs") == ("Read from the cohort index.", labs)
    hospital.run("cohort", "index", "drop")
    assert segments(hospital) == []
    assert rows(hospital) == from_lake


def test_only_parts_that_are_new_are_indexed(hospital, tmp_path):
    first, already = built(hospital.run("cohort", "index", "build"))
    assert first > 5 and already == 0
    assert built(hospital.run("cohort", "index", "build")) == (0, first)
    more = tmp_path / "more"
    more.mkdir()
    (more / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
        "77,8507,1950,0,0\n")
    (more / "observation_period.csv").write_text(
        "observation_period_id,person_id,observation_period_start_date,"
        "observation_period_end_date,period_type_concept_id\n1000001,77,2020-01-01,2020-12-31,0\n")
    (more / "measurement.csv").write_text(
        "measurement_id,person_id,measurement_concept_id,measurement_date,"
        "measurement_type_concept_id,value_as_number\n900000001,77,0,2020-06-01,0,101\n")
    hospital.run("ingest", "--format", "omop-csv", more)
    assert way(hospital, "labs")[0].endswith("(it is not built for this release).")
    from_lake = rows(hospital)
    assert ",77,2020-06-01," in from_lake
    assert built(hospital.run("cohort", "index", "build")) == (2, first)
    assert rows(hospital) == from_lake
    # The release before is still answered from its own parts.
    assert ",77," not in rows(hospital, "-r", "r1")


def test_persons_outside_the_scope_are_never_counted(hospital, tmp_path):
    hospital.run("access", "sync")
    unit = hospital.query(
        "SELECT care_site_source_value AS code, care_site_id AS id FROM care_site "
        "JOIN visit_detail USING (care_site_id) GROUP BY 1, 2 "
        "ORDER BY count(DISTINCT visit_detail.person_id) DESC, 1 LIMIT 1")[0]
    seen = {str(row["person_id"]) for row in hospital.query(
        f"SELECT DISTINCT person_id FROM visit_detail WHERE care_site_id = {unit['id']}")}
    hospital.run("user", "add", "anne")
    hospital.run("access", "grant", "anne", "clinician", unit["code"])
    ticket = tmp_path / "anne.ticket"
    hospital.run("user", "session", "anne", ticket, "--factors", 2)
    from_lake = rows(hospital, "--session", ticket)
    everybody = rows(hospital)
    hospital.run("cohort", "index", "build")
    assert rows(hospital) == everybody
    assert rows(hospital, "--session", ticket) == from_lake
    persons = {line.split(",")[1] for line in from_lake.splitlines()[1:]}
    assert persons and persons <= seen
    assert len(from_lake) < len(everybody)
    for verb in ("build", "status", "drop"):
        hospital.run("--session", ticket, "cohort", "index", verb, expect=2)
    assert segments(hospital)


def test_a_damaged_index_is_never_believed_and_made_again(hospital):
    from_lake = rows(hospital)
    hospital.run("cohort", "index", "build")
    damage = random.Random(4)
    for segment in segments(hospital):
        if "measurement" not in str(segment) and "visit_occurrence" not in str(segment):
            continue
        content = segment.read_bytes()
        place = damage.randrange(len(content))
        for broken in (content[:place], content[:place] + bytes([content[place] ^ 4]) +
                       content[place + 1:], b""):
            segment.write_bytes(broken)
            done = hospital.run("--format", "csv", "cohort", "run", *hospital.definitions)
            assert done.stdout == from_lake
            assert "the lake answers instead" in done.stderr
            assert "damaged" in done.stderr
            assert built(hospital.run("cohort", "index", "build"))[0] == 1
            assert segment.read_bytes() == content
            assert rows(hospital) == from_lake


def test_a_build_killed_at_any_instant_leaves_an_index_that_is_sound(hospital):
    from_lake = rows(hospital)
    chance = random.Random(11)
    deaths = 0
    hospital.run("cohort", "index", "drop")
    began = time.monotonic()
    hospital.run("cohort", "index", "build")
    whole = time.monotonic() - began
    for _ in range(12):
        hospital.run("cohort", "index", "drop")
        process = subprocess.Popen([eds_path(), "-w", hospital.warehouse, "cohort", "index",
                                    "build"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + chance.uniform(0.05, 0.9) * whole
        while time.monotonic() < end and process.poll() is None:
            pass
        process.kill()
        process.communicate()
        deaths += process.returncode == -9
        assert rows(hospital) == from_lake
        hospital.run("cohort", "index", "build")
        left = [path.name for path in (hospital.warehouse / "index").rglob("*") if path.is_file()]
        assert all(name == "lock" or name.startswith("persons-") or name.endswith(".events")
                   for name in left), left
        assert way(hospital, "labs")[0] == "Read from the cohort index."
        assert rows(hospital) == from_lake
    assert deaths > 0  # How many depends on the machine.


def test_events_touched_are_those_of_the_concepts_asked_whatever_else_is_there(tmp_path):
    """Ten times the warehouse, the same events asked: the same events touched."""
    touched = []
    for scale in (1, 10):
        subprocess.run([eds_path(), "init", tmp_path / f"w{scale}"], check=True,
                       capture_output=True)
        eds = Eds(tmp_path / f"w{scale}")
        folder = tmp_path / f"cdm{scale}"
        folder.mkdir()
        persons = range(1, 600 * scale + 1)
        # Every person has 40 results of concept 2; the first 50 have one of concept 1.
        (folder / "concept.csv").write_text(
            "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,concept_code,"
            "valid_start_date,valid_end_date\n" + "".join(
                f"{c},c{c},Measurement,V,C,{c},1970-01-01,2099-12-31\n" for c in (1, 2)))
        (folder / "person.csv").write_text(
            "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n" +
            "".join(f"{p},8507,1950,0,0\n" for p in persons))
        (folder / "observation_period.csv").write_text(
            "observation_period_id,person_id,observation_period_start_date,"
            "observation_period_end_date,period_type_concept_id\n" +
            "".join(f"{p},{p},2020-01-01,2020-12-31,0\n" for p in persons))
        labs = [(p, 1) for p in persons if p <= 50] + [(p, 2) for p in persons for _ in range(40)]
        (folder / "measurement.csv").write_text(
            "measurement_id,person_id,measurement_concept_id,measurement_date,"
            "measurement_type_concept_id,value_as_number\n" +
            "".join(f"{n},{p},{c},2020-06-01,0,{n}\n" for n, (p, c) in enumerate(labs, 1)))
        made = definition({"Measurement": {"CodesetId": 0}}, limit="First", rules=[
            {"name": "and the other", "expression": {
                "Type": "ALL", "DemographicCriteriaList": [], "Groups": [], "CriteriaList": [
                    {"Criteria": {"Measurement": {"CodesetId": 1}},
                     "StartWindow": {"Start": {"Days": 1, "Coeff": -1},
                                     "End": {"Days": 1, "Coeff": 1}},
                     "Occurrence": {"Type": 2, "Count": 40}}]}}])
        made["ConceptSets"] = [{"id": n, "name": "s", "expression": {"items": [
            {"concept": {"CONCEPT_ID": n + 1}}]}} for n in (0, 1)]
        (tmp_path / "d.json").write_text(json.dumps(made))
        eds.run("ingest", "--format", "omop-csv", folder)
        eds.run("cohort", "index", "build")
        said = json.loads(eds.run("--format", "json", "cohort", "explain",
                                  "--language", "en", tmp_path / "d.json").stdout)
        assert said[-1]["sentence"] == "Read from the cohort index."
        touched.append(said[-1]["events"])
        count = json.loads(eds.run("--format", "json", "cohort", "count",
                                   tmp_path / "d.json").stdout)
        assert count[-1]["persons"] == 50
    # 50 events of concept 1; the 2,000 of concept 2 of those persons, in blocks of 256: 8 blocks.
    assert touched == [50 + 8 * 256, 50 + 8 * 256]


def why(eds, name, person):
    return json.loads(eds.run("--format", "json", "cohort", "why", eds.files / f"{name}.json",
                              "--person", person).stdout)


def test_why_names_the_events_that_made_a_member_enter_pass_and_leave(hospital):
    hospital.run("cohort", "index", "build")
    members = json.loads(hospital.run("--format", "json", "cohort", "run",
                                      hospital.files / "both.json").stdout)
    by_person = {}
    for row in members:
        by_person.setdefault(row["subject_id"], []).append(
            (row["cohort_start_date"], row["cohort_end_date"]))
    assert len(by_person) > 50
    for person in sorted(by_person)[:5]:
        lines = why(hospital, "both", person)
        periods = [(line["start"], line["end"]) for line in lines if line["step"] == "period"]
        assert periods == by_person[person]
        rule = "rule 1: a high value about then"
        passed = {line["entry_event"] for line in lines
                  if line["step"] == rule and line["holds"] == "yes"}
        entries = {line["entry_event"]: line["start"] for line in lines if line["step"] == "entry"}
        assert {entries[entry] for entry in passed} >= {start for start, _ in periods}
        for entry in passed:
            seen = [line["event_id"] for line in lines if line["step"] == rule
                    and line["entry_event"] == entry and line["event_id"] is not None]
            assert len(seen) >= 2
            high = hospital.value(
                "SELECT count(*) AS n FROM measurement WHERE value_as_number > 100 AND person_id "
                f"= {person} AND abs(measurement_date - DATE '{entries[entry]}') <= 5 AND "
                f"measurement_id IN ({','.join(map(str, seen))})")
            assert high == len(set(seen)) == len(seen)
    outside = hospital.value("SELECT min(person_id) FROM person WHERE person_id NOT IN (" +
                             ",".join(map(str, by_person)) + ")")
    done = hospital.run("--format", "json", "cohort", "why", hospital.files / "both.json",
                        "--person", outside, expect=None)
    assert "period" not in done.stdout
    hospital.run("cohort", "why", hospital.files / "both.json", "--person", 1, expect=3)


def test_a_live_count_says_about_and_then_exactly(hospital):
    hospital.run("cohort", "index", "build")
    counted = {line["step"]: line["persons"] for line in json.loads(hospital.run(
        "--format", "json", "cohort", "count", hospital.files / "both.json").stdout)}
    live = json.loads(hospital.run("--format", "json", "cohort", "count", "--live",
                                   hospital.files / "both.json").stdout)
    assert [line["answer"] for line in live] == ["about"] * 5 + ["exact"] * 5
    # Four hundred persons are counted whole at once.
    assert {line["step"]: line["persons"] for line in live[:5]} == counted
    assert {line["step"]: line["persons"] for line in live[5:]} == counted
    assert all(line["error"] == 0 for line in live)
