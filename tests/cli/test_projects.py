"""eds project: from draft to purge, the data store read by an independent Delta reader."""

import datetime
import json
import os
import re
import shutil
import subprocess

import pytest

from eds_command import ROOT, Eds, eds_path

DAY = datetime.timedelta(days=1)
TODAY = datetime.date.today()
LAB_COLUMNS = ("measurement_id,measurement_concept_id,measurement_date,measurement_datetime,"
               "value_as_number,unit_source_value,visit_occurrence_id")
VISIT_COLUMNS = "visit_occurrence_id,visit_start_date,visit_end_date,visit_concept_id,care_site_id"
PERSON_COLUMNS = "gender_concept_id,year_of_birth,person_source_value"


class Hospital:
    """A warehouse with accounts, offices and tickets."""

    def __init__(self, folder):
        self.eds, self.folder = Eds(folder / "warehouse"), folder

    def furnish(self):
        eds = self.eds
        subprocess.run([eds_path(), "init", eds.warehouse], check=True, capture_output=True)
        eds.run("synth", "--patients", 400, "--seed", 11, "--into", eds.warehouse)
        self.appoint()

    def appoint(self):
        eds = self.eds
        eds.run("access", "sync")
        for name in ("lea", "omar", "ethics", "dpo", "director", "chief"):
            eds.run("user", "add", name)
            eds.run("user", "session", name, self.ticket(name), "--factors", 2)
        for name, office in (("ethics", "committee"), ("dpo", "dpo"), ("director", "direction"),
                             ("chief", "head-of-service")):
            eds.run("project", "appoint", name, office)

    def ticket(self, name):
        return self.folder / f"{name}.ticket"

    def act(self, name, *args, expect=0):
        return self.eds.run("--session", self.ticket(name), *args, expect=expect)

    def create(self, project, people=("lea",), kind=3, perimeter="*", tables=None, who="lea"):
        self.act(who, "project", "create", project, "--title", "Fractures et vitamine D",
                 "--summary", "Une carence precede-t-elle la fracture ?", "--type", kind,
                 "--aim", "research", "--from", TODAY - DAY, "--to", TODAY + 300 * DAY,
                 "--perimeter", perimeter)
        for person in people:
            self.act(who, "project", "people", project, "--add", person)
        for table, columns in (tables or {"person": PERSON_COLUMNS, "measurement": LAB_COLUMNS,
                                          "visit_occurrence": VISIT_COLUMNS}).items():
            self.act(who, "project", "tables", project, "--set", f"{table}:{columns}",
                     "--because", "the question needs it")

    def approve(self, project, who="lea"):
        self.act(who, "project", "submit", project)
        self.act("ethics", "project", "opinion", project, "favourable", "--reference", "CSE-26-7")
        self.act("dpo", "project", "dpo", project, "agree")
        self.act("director", "project", "approve", project)
        self.act(who, "project", "open", project)

    def build(self, project, who="lea", expect=0):
        return self.act(who, "-f", "json", "project", "build", project, expect=expect)

    def store(self, project):
        return self.eds.warehouse / "marts" / project

    def state(self, project):
        return json.loads(self.eds.run("project", "show", project).stdout)["state"]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """Made once: each test works on a copy."""
    hospital = Hospital(tmp_path_factory.mktemp("hospital"))
    hospital.furnish()
    return hospital


@pytest.fixture
def hospital(furnished, tmp_path):
    shutil.copytree(furnished.folder, tmp_path, dirs_exist_ok=True)
    return Hospital(tmp_path)


def frame(hospital, project, table):
    deltalake = pytest.importorskip("deltalake")
    path = hospital.store(project) / "lake" / table
    return deltalake.DeltaTable(str(path)).to_pyarrow_table().to_pandas()


def test_a_study_goes_from_draft_to_purge_through_everybody_who_judges_it(hospital):
    hospital.create("fractures")
    assert hospital.state("fractures") == "draft"
    hospital.build("fractures", expect=2)
    hospital.approve("fractures")
    assert hospital.state("fractures") == "active"
    rows = json.loads(hospital.build("fractures").stdout)
    assert {row["table"] for row in rows} == {"person", "measurement", "visit_occurrence"}
    hospital.act("dpo", "project", "suspend", "fractures", "--because", "question of a patient")
    hospital.act("lea", "query", "--project", "fractures", "SELECT 1", expect=2)
    hospital.act("director", "project", "resume", "fractures")
    hospital.act("lea", "project", "close", "fractures")
    hospital.eds.run("project", "purge", "fractures")
    assert hospital.state("fractures") == "purged"
    assert not hospital.store("fractures").exists()
    assert not list((hospital.eds.warehouse / "identity" / "projects").glob("*.secret"))


def test_each_step_is_refused_to_whoever_does_not_hold_its_office(hospital):
    hospital.create("fractures")
    hospital.act("omar", "project", "submit", "fractures", expect=2)
    hospital.act("omar", "project", "show", "fractures", expect=3)
    hospital.act("lea", "project", "submit", "fractures")
    for name in ("lea", "dpo", "director", "chief", "omar"):
        hospital.act(name, "project", "opinion", "fractures", "favourable", "--reference", "X",
                     expect=2)
    hospital.eds.run("project", "opinion", "fractures", "favourable", "--reference", "X", expect=2)
    hospital.act("ethics", "project", "opinion", "fractures", "favourable", "--reference", "X")
    for name in ("lea", "ethics", "director"):
        hospital.act(name, "project", "dpo", "fractures", "agree", expect=2)
    hospital.eds.run("project", "create", "mine", "--title", "t", "--summary", "s", expect=2)
    assert hospital.state("fractures") == "opinion"


def test_judging_asks_for_two_factors(hospital):
    hospital.create("fractures")
    hospital.act("lea", "project", "submit", "fractures")
    weak = hospital.folder / "weak.ticket"
    hospital.eds.run("user", "session", "ethics", weak, "--factors", 1)
    said = hospital.eds.run("--session", weak, "project", "opinion", "fractures", "favourable",
                            "--reference", "X", expect=2).stderr
    assert "two factors" in said


def test_what_no_store_may_hold_is_refused_before_anybody_judges_it(hospital):
    hospital.create("fractures")
    for wish in ("person:birth_datetime", "note:note_text", "measurement:eds_record_key",
                 "nothing:x", "person:nothing"):
        hospital.act("lea", "project", "tables", "fractures", "--set", wish, "--because", "x",
                     expect=2)


def test_a_study_of_type_1_stays_with_the_requesters_own_patients(hospital):
    unit = hospital.eds.query("SELECT care_site_source_value AS code FROM care_site JOIN "
                              "visit_detail USING (care_site_id) GROUP BY 1 "
                              "ORDER BY count(*) DESC LIMIT 1")[0]["code"]
    hospital.create("ward", kind=1, perimeter=unit)
    said = hospital.act("lea", "project", "submit", "ward", expect=2).stderr
    assert "own patients" in said
    hospital.eds.run("access", "grant", "lea", "clinician", unit)
    hospital.act("lea", "project", "submit", "ward")
    hospital.act("ethics", "project", "opinion", "ward", "favourable", "--reference", "X",
                 expect=3)
    hospital.act("chief", "project", "consent", "ward", "--reference", "chef-2026-3")
    hospital.act("lea", "project", "open", "ward")
    hospital.build("ward")
    inside = hospital.eds.value("SELECT count(DISTINCT person_id) FROM visit_detail JOIN care_site "
                                f"USING (care_site_id) WHERE care_site_source_value = '{unit}'")
    assert len(frame(hospital, "ward", "person")) == inside


def test_the_store_is_the_core_under_other_ids_and_dates_with_exact_intervals(hospital):
    hospital.create("fractures")
    hospital.approve("fractures")
    hospital.build("fractures")
    persons, labs = frame(hospital, "fractures", "person"), frame(hospital, "fractures",
                                                                  "measurement")
    core = hospital.eds.query("SELECT person_id, measurement_datetime AS at, value_as_number AS v "
                              "FROM measurement")
    assert len(labs) == len(core) and len(persons) == 400
    real = {row["person_id"] for row in hospital.eds.query("SELECT person_id FROM person")}
    assert not real & set(persons["person_id"]) and persons["person_id"].is_unique
    assert set(labs["person_id"]) <= set(persons["person_id"])
    # A person's course, told by intervals and values alone, is found again once and for each.
    def courses(rows):
        by_person = {}
        for person, at, value in rows:
            by_person.setdefault(person, []).append((at, value))
        told = []
        for course in by_person.values():
            course.sort(key=lambda each: (each[0], repr(each[1])))
            told.append(tuple((str(at - course[0][0]), repr(value)) for at, value in course))
        return sorted(told)
    read = datetime.datetime.fromisoformat
    ours = courses((row["person_id"], read(row["at"]), None if row["v"] is None else float(row["v"]))
                   for row in core)
    theirs = courses((person, at.to_pydatetime(), None if value != value else float(value))
                     for person, at, value in zip(labs["person_id"], labs["measurement_datetime"],
                                                  labs["value_as_number"]))
    assert ours == theirs
    # No person kept its own dates, and the time of day did not move.
    first = {row["p"]: read(row["at"]) for row in hospital.eds.query(
        "SELECT person_id AS p, min(measurement_datetime) AS at FROM measurement GROUP BY 1")}
    moved = labs.groupby("person_id")["measurement_datetime"].min()
    assert sorted(at.time() for at in first.values()) == sorted(at.time() for at in moved)
    assert all(set(labs[column].isna()) == {True} for column in
               ("value_source_value", "eds_source_id", "provider_id", "measurement_time"))
    assert labs["visit_occurrence_id"].dropna().isin(
        frame(hospital, "fractures", "visit_occurrence")["visit_occurrence_id"]).all()


def test_two_projects_share_no_id_and_a_purged_ones_ids_never_come_back(hospital):
    for project in ("one", "two"):
        hospital.create(project)
        hospital.approve(project)
        hospital.build(project)
    ids = {project: set(frame(hospital, project, "person")["person_id"])
           | set(frame(hospital, project, "measurement")["measurement_id"])
           | set(frame(hospital, project, "visit_occurrence")["visit_occurrence_id"].dropna())
           | set(frame(hospital, project, "person")["person_source_value"])
           for project in ("one", "two")}
    assert len(ids["one"]) > 1000 and not ids["one"] & ids["two"]
    hospital.act("lea", "project", "close", "one")
    hospital.eds.run("project", "purge", "one")
    hospital.eds.run("project", "purge", "one")  # Again, as after a crash.
    assert not hospital.store("one").exists() and hospital.store("two").exists()


def test_who_objects_is_hidden_at_once_listed_and_gone_at_the_next_build(hospital):
    hospital.create("fractures")
    hospital.approve("fractures")
    hospital.build("fractures")
    before = set(frame(hospital, "fractures", "person")["person_id"])
    files = set(hospital.store("fractures").rglob("*.parquet"))
    person = hospital.eds.value("SELECT min(person_id) FROM measurement")
    other = hospital.eds.value("SELECT max(person_id) FROM measurement")
    hospital.eds.run("opposition", "add", person)
    hospital.eds.run("opposition", "add", other, "--project", "fractures")
    count = "SELECT count(*) AS n FROM person"
    ask = ("-f", "json", "query", "--project", "fractures", count)
    assert json.loads(hospital.act("lea", *ask).stdout)[0]["n"] == 398
    listed = json.loads(hospital.act("lea", "-f", "json", "project", "removals",
                                     "fractures").stdout)
    assert len(listed) == 2 and {row["person_id"] for row in listed} < before
    hospital.build("fractures")
    assert before - set(frame(hospital, "fractures", "person")["person_id"]) == {
        row["person_id"] for row in listed}
    assert not files & set(hospital.store("fractures").rglob("*.parquet"))  # Old bytes are gone.


def test_a_population_is_a_cohort_or_a_query_within_the_permit(hospital):
    chosen = "SELECT person_id FROM person WHERE year_of_birth >= 1990"
    hospital.create("few")
    hospital.act("lea", "project", "population", "few", "--query", chosen)
    hospital.approve("few")
    hospital.build("few")
    expected = hospital.eds.value(f"SELECT count(*) FROM ({chosen})")
    assert 0 < len(frame(hospital, "few", "person")) == expected < 400
    assert set(frame(hospital, "few", "measurement")["person_id"]) <= set(
        frame(hospital, "few", "person")["person_id"])


def test_a_cohort_that_needs_a_column_the_permit_does_not_name_is_refused(hospital):
    definition = hospital.folder / "cohort.json"
    definition.write_text(json.dumps({
        "ConceptSets": [], "PrimaryCriteria": {
            "CriteriaList": [{"ConditionOccurrence": {}}],
            "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
            "PrimaryCriteriaLimit": {"Type": "All"}},
        "QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": "First"},
        "InclusionRules": [], "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0}, "CensorWindow": {}}))
    hospital.create("sick")
    hospital.act("lea", "project", "population", "sick", "--cohort", definition)
    hospital.approve("sick")
    said = hospital.build("sick", expect=2).stderr
    assert re.search(r"permit does not name: (condition_occurrence|observation_period)\.", said)
    assert not hospital.store("sick").exists()
    conditions = ("condition_occurrence_id,condition_start_date,condition_end_date,"
                  "condition_concept_id,condition_source_concept_id,visit_occurrence_id")
    periods = "observation_period_id,observation_period_start_date,observation_period_end_date," \
              "period_type_concept_id"
    hospital.create("ill", tables={"person": PERSON_COLUMNS, "condition_occurrence": conditions,
                                   "observation_period": periods})
    hospital.act("lea", "project", "population", "ill", "--cohort", definition)
    hospital.approve("ill")
    hospital.build("ill")
    expected = {row["subject_id"] for row in json.loads(
        hospital.eds.run("-f", "json", "cohort", "run", definition).stdout)}
    assert len(frame(hospital, "ill", "person")) == len(expected) > 0


def test_a_store_is_read_by_whom_its_permit_names_and_nothing_else_is(hospital):
    for project, who in (("one", "lea"), ("two", "omar")):
        hospital.create(project, people=(who,), who=who)
        hospital.approve(project, who=who)
        hospital.build(project, who=who)
    read = ("query", "--project", "one")
    assert "400" in hospital.act("lea", *read, "SELECT count(*) FROM person").stdout
    for name in ("omar", "dpo", "director", "ethics"):
        hospital.act(name, *read, "SELECT 1", expect=2)
    hospital.eds.run(*read, "SELECT 1", expect=2)  # The owner has no permit.
    for path in ("lake/person/*.parquet", "marts/two/lake/person/*.parquet",
                 "identity/identity.db", "rights/rights.db"):
        sql = f"SELECT * FROM read_parquet('{hospital.eds.warehouse}/{path}')"
        hospital.act("lea", *read, sql, expect=2)
        hospital.act("lea", *read, sql.replace("read_parquet", "read_blob"), expect=2)
    hospital.act("lea", *read, "ATTACH 'x.db'", expect=2)


def test_another_account_of_the_machine_reads_its_groups_store_and_nothing_more(hospital):
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("skipped: needs root and setpriv")
    for project in ("one", "two"):
        hospital.create(project)
        hospital.approve(project)
        hospital.build(project)
    for parent in hospital.eds.warehouse.parents:
        if parent.stat().st_mode & 0o005 != 0o005 and str(parent).startswith("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    group = 54321
    for path in [hospital.store("one"), *hospital.store("one").rglob("*")]:
        os.chown(path, -1, group)
    hospital.store("one").chmod(0o2750)

    def can_read(path):
        done = subprocess.run(["setpriv", "--reuid=65534", f"--regid={group}", "--clear-groups",
                               "cat", path], capture_output=True)
        return done.returncode == 0
    warehouse = hospital.eds.warehouse
    mine = next(hospital.store("one").rglob("*.parquet"))
    assert can_read(mine) and can_read(next(hospital.store("one").rglob("*.json")))
    closed = [*hospital.store("two").rglob("*"), *(warehouse / "lake").rglob("*"),
              *(warehouse / "identity").rglob("*"), *(warehouse / "keys").rglob("*"),
              *(warehouse / "rights").rglob("*"), *(warehouse / "audit").rglob("*"),
              warehouse / "catalogue.db"]
    files = [path for path in closed if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if can_read(path)] == []
    hospital.build("one")
    assert can_read(next(hospital.store("one").rglob("*.parquet")))  # New files follow the group.


def test_the_register_is_public_and_names_nobody(hospital):
    hospital.create("fractures")
    assert json.loads(hospital.eds.run("project", "register").stdout) == {"projects": []}
    hospital.approve("fractures")
    text = hospital.eds.run("project", "register").stdout
    (entry,) = json.loads(text)["projects"]
    assert entry["opinion"] == "CSE-26-7" and entry["state"] == "active"
    assert {each["table"] for each in entry["data"]} == {"person", "measurement",
                                                         "visit_occurrence"}
    for name in ("lea", "ethics", "dpo", "director"):
        assert name not in text


def test_every_step_build_and_refusal_stands_in_the_audit(hospital):
    hospital.create("fractures")
    hospital.act("omar", "project", "submit", "fractures", expect=2)
    hospital.approve("fractures")
    hospital.build("fractures")
    hospital.build("fractures", who="omar", expect=2)
    segments = sorted((hospital.eds.warehouse / "audit" / "log").glob("*.ndjson"))
    lines = [json.loads(line) for segment in segments for line in segment.read_text().splitlines()]
    acts = {(line["actor"], line["action"], line.get("reason", "").split()[0] if line.get("reason")
             else "", line["outcome"]) for line in lines}
    assert ("omar", "project", "submit", "refused") in acts
    assert ("dpo", "project", "dpo-agree", "begun") in acts
    assert ("lea", "build-mart", "A00", "done") in acts
    assert ("omar", "build-mart", "D11", "refused") in acts
    assert {("lea", "project build", "", "begun"), ("lea", "project build", "", "done"),
            ("omar", "project build", "", "refused")} <= acts


WIDEST = {
    "person": PERSON_COLUMNS + ",race_concept_id,gender_source_value",
    "visit_occurrence": VISIT_COLUMNS + ",visit_start_datetime,admitted_from_source_value,"
                        "discharged_to_source_value,preceding_visit_occurrence_id,provider_id",
    "visit_detail": "visit_detail_id,visit_detail_start_date,visit_detail_end_date,care_site_id,"
                    "visit_occurrence_id",
    "condition_occurrence": "condition_occurrence_id,condition_start_date,condition_concept_id,"
                            "condition_source_value,condition_status_source_value,"
                            "visit_occurrence_id",
    "procedure_occurrence": "procedure_occurrence_id,procedure_date,procedure_source_value,"
                            "visit_occurrence_id",
    "drug_exposure": "drug_exposure_id,drug_exposure_start_date,drug_source_value,quantity",
    "measurement": LAB_COLUMNS + ",measurement_source_value,range_low,range_high,provider_id",
    "death": "death_date,cause_source_value",
    "note": "note_id,note_date,note_type_concept_id,visit_occurrence_id",
    "care_site": "care_site_id,care_site_name,care_site_source_value",
    "eds_pmsi_rum": "visit_detail_id,visit_occurrence_id,finess,unit_code,ghm,entry_mode,exit_mode,"
                    "principal_diagnosis,session_count",
}


def identities_of(place):
    """Names, numbers, addresses and full birth dates of everybody, as the sources wrote them."""
    secrets = set()
    path = place / "hospital" / "identities" / "patients.csv"
    for line in path.read_text(encoding="utf-8-sig").splitlines()[1:]:
        fields = line.split(";")
        day, month, year = fields[4].split("/")
        secrets |= {fields[0], fields[1], fields[2], fields[6], fields[9], fields[10],
                    *fields[3].split(), fields[4], f"{year}-{month}-{day}", f"{day}{month}{year}"}
    for path in (place / "hospital" / "pmsi").rglob("vidhosp_*.txt"):
        secrets |= {word for word in re.findall(rb"[0-9]{9,}", path.read_bytes())}
    return {each if isinstance(each, bytes) else each.encode() for each in secrets
            if len(each) >= 5}


def texts_of(store):
    """Every cell of every file that is there, decoded, and every file that is not Parquet."""
    parquet = pytest.importorskip("pyarrow.parquet")
    for path in store.rglob("*"):
        if path.suffix == ".parquet":
            for row in parquet.read_table(path).to_pylist():
                yield "\n".join(str(value) for value in row.values() if value is not None)
            yield str(parquet.read_metadata(path).metadata)
        elif path.is_file():
            yield path.read_bytes().decode("latin-1")


def test_no_identity_of_the_sources_is_in_a_store_that_holds_all_a_store_may(tmp_path):
    environment = dict(os.environ, EDS_DEMO=str(tmp_path), EDS_PROGRAM=str(eds_path()))
    subprocess.run(["bash", ROOT / "tools" / "demo.sh", "--patients", "60", "--no-serve"],
                   check=True, capture_output=True, env=environment, timeout=400)
    hospital = Hospital(tmp_path)
    hospital.appoint()
    hospital.create("wide", tables=WIDEST)
    hospital.approve("wide")
    hospital.build("wide")
    secrets = identities_of(tmp_path)
    assert len(secrets) > 400
    texts = list(texts_of(hospital.store("wide")))
    assert sum(map(len, texts)) > 100_000
    everything = "\x00".join(texts).lower()
    words = set(re.findall(r"[^\W_]+(?:[-/][^\W_]+)*", everything))
    found = {secret for secret in secrets if secret.decode("utf-8").lower() in
             (words if re.fullmatch(rb"\w+", secret) else everything)}
    # A full birth date is a day like others: a shifted event may fall on it. Not a person's own.
    found -= {secret for secret in found if re.fullmatch(rb"\d{4}-\d\d-\d\d", secret)}
    assert found == set()
    core = {str(row["person_id"]) for row in hospital.eds.query("SELECT person_id FROM person")}
    assert not core & words
