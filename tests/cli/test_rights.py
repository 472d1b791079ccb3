"""eds user, access, opposition: what a signed-in person sees through eds query and eds patient."""

import json

import pytest


@pytest.fixture
def house(eds, tmp_path):
    eds.run("synth", "--patients", 300, "--seed", 5, "--into", eds.warehouse)
    eds.run("access", "sync")
    unit = eds.query("SELECT care_site_source_value AS code, care_site_id AS id FROM care_site "
                     "JOIN visit_detail USING (care_site_id) GROUP BY 1, 2 "
                     "ORDER BY count(DISTINCT visit_detail.person_id) DESC, 1 LIMIT 1")[0]
    eds.unit, eds.unit_id = unit["code"], unit["id"]
    for name in ("anne", "paul"):
        eds.run("user", "add", name)
    eds.run("access", "grant", "anne", "clinician", eds.unit)
    eds.run("--ground", "mandate", "access", "grant", "paul", "researcher", eds.unit)
    eds.tickets = {}
    for name in ("anne", "paul"):
        eds.tickets[name] = tmp_path / f"{name}.ticket"
        eds.run("user", "session", name, eds.tickets[name], "--factors", 2)
    return eds


def ask(eds, name, sql, expect=0):
    ground = "care" if name == "anne" else "mandate"
    done = eds.run("-f", "json", "--session", eds.tickets[name], "--ground", ground, "query", sql,
                   expect=expect)
    return json.loads(done.stdout) if expect == 0 else done.stderr


def persons_of_unit(eds):
    return {row["person_id"] for row in eds.query(
        f"SELECT DISTINCT person_id FROM visit_detail WHERE care_site_id = {eds.unit_id}")}


def test_a_person_sees_who_stayed_in_the_unit_and_nobody_else(house):
    expected = persons_of_unit(house)
    everybody = house.query("SELECT count(*) AS n FROM person")[0]["n"]
    assert 0 < len(expected) < everybody
    for name in ("anne", "paul"):
        seen = {row["person_id"] for row in ask(house, name, "SELECT person_id FROM person")}
        assert seen == expected
        labs = ask(house, name, "SELECT count(*) AS n FROM measurement")[0]["n"]
        assert labs == house.query("SELECT count(*) AS n FROM measurement WHERE person_id IN "
                                   "(SELECT person_id FROM visit_detail WHERE care_site_id = "
                                   f"{house.unit_id})")[0]["n"]


def test_birth_days_are_the_caregivers_alone(house):
    sql = "SELECT count(day_of_birth) AS n FROM person"
    assert ask(house, "anne", sql)[0]["n"] > 0
    assert ask(house, "paul", sql)[0]["n"] == 0


def test_a_view_of_somebody_elses_patient_says_not_found(house):
    inside = min(persons_of_unit(house))
    outside = house.query("SELECT min(person_id) AS p FROM person WHERE person_id NOT IN "
                          "(SELECT person_id FROM visit_detail WHERE care_site_id = "
                          f"{house.unit_id})")[0]["p"]
    house.run("--session", house.tickets["anne"], "patient", inside)
    refused = house.run("--session", house.tickets["anne"], "patient", outside, expect=3)
    unknown = house.run("--session", house.tickets["anne"], "patient", 1, expect=3)
    assert refused.stderr.replace(str(outside), "ID") == unknown.stderr.replace(" 1\n", " ID\n")


def test_an_opposition_takes_a_person_out_of_analyses_and_not_of_care(house):
    person = min(persons_of_unit(house))
    house.run("opposition", "add", person)
    sql = f"SELECT count(*) AS n FROM person WHERE person_id = {person}"
    assert ask(house, "anne", sql)[0]["n"] == 1
    assert ask(house, "paul", sql)[0]["n"] == 0
    house.run("opposition", "remove", person)
    assert ask(house, "paul", sql)[0]["n"] == 1


def test_a_revoked_access_and_a_disabled_account_see_nothing(house):
    accesses = json.loads(house.run("-f", "json", "access", "list", "paul").stdout)
    house.run("access", "revoke", accesses[0]["access"])
    assert "D13" in ask(house, "paul", "SELECT 1", expect=2)
    house.run("user", "disable", "anne")
    assert "sign in again" in ask(house, "anne", "SELECT 1", expect=2)


def test_owner_commands_take_no_session_and_users_grant_nothing(house):
    for command in (["export", "x"], ["audit", "verify"], ["quarantine", "list"], ["check"],
                    ["opposition", "list"], ["access", "sync"], ["user", "list"],
                    ["access", "grant", "paul", "clinician", house.unit],
                    ["access", "grant", "anne", "dim", house.unit]):
        done = house.run("--session", house.tickets["anne"], *command, expect=2)
        assert done.stdout == ""


def test_why_names_the_rule_in_both_languages(house):
    said = house.run("access", "why", "anne").stdout
    assert "[A00] anne, read: autorisé" in said and "[A00] anne, read: allowed" in said
    assert "[D13]" in house.run("access", "why", "paul").stdout


def test_every_act_and_refusal_stands_in_the_audit(house):
    ask(house, "paul", "SELECT 1")
    house.run("--session", house.tickets["anne"], "user", "list", expect=2)
    segments = sorted((house.warehouse / "audit" / "log").glob("*.ndjson"))
    lines = [json.loads(line) for segment in segments for line in segment.read_text().splitlines()]
    acts = {(line["actor"], line["action"], line["outcome"]) for line in lines}
    assert ("paul", "read", "done") in acts
    assert ("anne", "manage-users", "refused") in acts
    assert {"user add", "access grant", "session open", "perimeter sync"} <= {
        line["action"] for line in lines}
