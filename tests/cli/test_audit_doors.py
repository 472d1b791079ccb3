"""One event per door: every verb of the command line stands in the audit before its first byte
leaves (AUD-1, AUD-2). A verb that has no line in ACTS fails the first test: say here how to run it.
"""

import json
import re
import shutil
import subprocess

import pytest

from eds_command import ROOT, Eds, eds_path

# Those that open no warehouse, and so have no audit to write to.
WITHOUT_WAREHOUSE = {"cohort sql", "bench"}
# Tested where it runs: it ends when it is told to.
ELSEWHERE = {"serve": "test_serve.py", "audit serve": "test_audit_process.py"}

PERSON_CSV = ("person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
              "{},8507,1960,0,0\n")
COHORT = {"ConceptSets": [], "PrimaryCriteria": {
    "CriteriaList": [{"VisitOccurrence": {}}], "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
    "PrimaryCriteriaLimit": {"Type": "First"}}, "InclusionRules": [],
    "QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": "First"},
    "CensoringCriteria": [], "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
    "CensorWindow": {}}
REQUEST = {"_type": "request", "request": {
    "_type": "andGroup", "_id": 0, "isInclusive": True, "criteria": [
        {"_type": "basicResource", "_id": 1, "isInclusive": True, "resourceType": "Patient",
         "filterFhir": "gender=f"}]}}


def verbs():
    """What `eds --help` offers, two words deep."""
    def below(*words):
        text = subprocess.run([eds_path(), *words, "--help"], capture_output=True, text=True,
                              check=True).stdout
        listed = text.split("ubcommands:\n", 1)
        return [] if len(listed) == 1 else re.findall(r"^  (\S+) ", listed[1], re.MULTILINE)
    found = set()
    for first in below():
        seconds = below(first)
        found |= {f"{first} {second}" for second in seconds} or {first}
    return found


def lines(eds):
    segments = sorted((eds.warehouse / "audit" / "log").glob("*.ndjson"))
    return [json.loads(line) for each in segments for line in each.read_text().splitlines()]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A warehouse with a bit of everything, copied for each verb."""
    root = tmp_path_factory.mktemp("doors")
    eds = Eds(root / "warehouse")
    eds.run("synth", "--patients", 40, "--seed", 3, "--into", eds.warehouse)
    (root / "feed").mkdir()
    (root / "feed" / "person.csv").write_text(PERSON_CSV.format("not a number"))
    eds.run("ingest", "--format", "omop-csv", root / "feed", expect=1)
    eds.run("access", "sync")
    eds.run("user", "add", "anne")
    eds.site = eds.query("SELECT care_site_source_value AS c FROM care_site LIMIT 1")[0]["c"]
    eds.run("access", "grant", "anne", "clinician", eds.site)
    eds.ticket = root / "anne.ticket"
    eds.run("user", "session", "anne", eds.ticket, "--factors", 2)
    draft = ["--session", eds.ticket, "project"]
    eds.run(*draft, "create", "p1", "--title", "t", "--summary", "s", "--type", 3, "--aim",
            "research", "--from", "2026-01-01", "--to", "2030-01-01", "--perimeter", "*")
    eds.run(*draft, "tables", "p1", "--set", "person:person_id", "--because", "x")
    eds.person = eds.value("SELECT min(person_id) AS p FROM person")
    eds.reject = json.loads(eds.run("-f", "json", "quarantine", "list").stdout)[0]["id"]
    eds.files = root
    (root / "more").mkdir()
    (root / "more" / "person.csv").write_text(PERSON_CSV.format(777))
    (root / "cohort.json").write_text(json.dumps(COHORT))
    (root / "request.json").write_text(json.dumps(REQUEST))
    for _ in range(2):  # Two versions, so that there is a difference to ask for.
        eds.run("cohort", "save", "stays", root / "cohort.json")
    (root / "labels.csv").write_text("code,label\nX1,un\n")
    return eds


def project_acts(eds):
    """Of a draft: most steps are not yet to be taken, or not by its requester."""
    anne = ["--session", eds.ticket]
    mine = {verb: ([*anne, "p1", *more], codes) for verb, more, codes in (
        ("show", [], {0}), ("edit", ["--title", "u"], {0}), ("people", ["--add", "anne"], {0}),
        ("tables", ["--set", "person:person_id", "--because", "x"], {0}),
        ("population", ["--everybody"], {0}), ("submit", [], {0}), ("withdraw", [], {3}),
        ("consent", ["--reference", "x"], {2, 3}), ("dpo", ["agree"], {2, 3}),
        ("opinion", ["favourable", "--reference", "x"], {2, 3}), ("approve", [], {2, 3}),
        ("reject", [], {2, 3}), ("open", [], {3}), ("suspend", [], {2, 3}),
        ("resume", [], {2, 3}), ("close", [], {3}), ("build", [], {2}), ("removals", [], {2}))}
    mine |= {"create": ([*anne, "p2", "--title", "t", "--summary", "s"], {0}), "list": ([], {0}),
             "register": ([], {0}), "offices": ([], {0}), "purge": (["p1"], {3}),
             "appoint": (["anne", "dpo"], {0}), "dismiss": (["anne", "dpo"], {0})}
    return {f"project {verb}": how for verb, how in mine.items()}


def acts(eds, folder):
    """How to run each verb: its arguments, and its exit codes that are no failure."""
    person, cohort = str(eds.person), eds.files / "cohort.json"
    return {
        "init": (["init", folder / "new"], {0}),
        "user list": ([], {0}),
        "user add": (["paul"], {0}),
        "user disable": (["anne"], {0}),
        "user session": (["anne", folder / "ticket"], {0}),
        "user password": (["anne"], {0}),
        "user unlock": (["anne"], {0}),
        "access grant": (["anne", "dim", eds.site, "--ground", "mandate"], {0}),
        "access list": ([], {0}),
        "access revoke": (["1"], {0}),
        "access review": ([], {0}),
        "access why": (["anne"], {0}),
        "access sync": ([], {0}),
        "access place": (["H9", "--kind", "hospital"], {0}),
        "access break-glass": (["--session", eds.ticket, eds.site, "a reason"], {0, 2}),
        "opposition list": ([], {0}),
        "opposition add": ([person], {0}),
        "opposition remove": ([person], {0, 3}),
        **project_acts(eds),
        "steering build": (["--session", eds.ticket, "--ground", "mandate"], {2}),
        "steering show": ([], {3}),
        "query": (["SELECT person_id FROM person"], {0}),
        "cohort run": ([cohort], {0}),
        "cohort count": ([cohort], {0}),
        "cohort explain": ([cohort], {0}),
        "cohort import": ([eds.files / "request.json"], {0}),
        "cohort index": (["build"], {0}),
        "cohort save": (["stays", cohort], {0}),
        "cohort list": ([], {0}),
        "cohort show": (["stays", "--rows"], {0}),
        "cohort rerun": (["stays"], {0}),
        "cohort diff": (["stays"], {0}),
        "cohort describe": (["stays"], {0}),
        "cohort export": (["stays", "--to", folder / "stays.csv"], {0}),
        "cohort why": ([cohort, "--person", person], {0, 3}),
        "release list": ([], {0}),
        "release show": ([], {0}),
        "release diff": (["r1", "latest"], {0, 3}),
        "release tag": (["latest", "mine"], {0}),
        "audit verify": ([], {0}),
        "access label": ([person, "vip"], {0}),
        "audit search": ([], {0}),
        "audit report": ([person], {0}),
        "audit export": ([], {0}),
        "audit watch": ([], {0, 1}),
        "audit checkpoint": ([], {0}),
        "audit purge": ([], {0}),
        "synth": (["synth", "--patients", "5", "--into", folder / "fresh"], {0}),
        "compact": ([], {0}),
        "vacuum": ([], {0}),
        "erase": ([person], {0}),
        "verify": ([], {0}),
        "backup": ([folder / "backup", "--keys", folder / "backup-keys"], {0}),
        "restore": (["restore", folder / "backup", folder / "restored",
                     "--keys", folder / "backup-keys"], {0}),
        "check": ([], {0, 1}),
        "export": ([folder / "export"], {0}),
        "terms load": (["--kind", "labels", "--vocabulary", "MINE", eds.files / "labels.csv"],
                       {0, 1}),
        "terms unmapped": ([], {0}),
        "terms map": ([], {0}),
        "terms apply": ([], {0}),
        "terms search": (["sodium"], {0}),
        "terms show": (["no-such-code"], {0, 3}),
        "ingest": (["--format", "omop-csv", eds.files / "more"], {0, 1}),
        "quarantine list": ([], {0}),
        "quarantine retry": (["--from", "omop-csv"], {0, 1}),
        "quarantine count": ([], {0}),
        "quarantine show": ([str(eds.reject)], {0}),
        "quarantine correct": ([str(eds.reject), eds.files / "more" / "person.csv"], {0}),
        "quarantine dismiss": ([str(eds.reject), "no use"], {0}),
        "patient": ([person], {0}),
    }


# What the act is called where its verb is a library's own word; the rest bear their verb.
WHERE = {"init": "new", "synth": "fresh", "restore": "restored"}


@pytest.fixture
def copy(house, tmp_path):
    eds = Eds(tmp_path / "warehouse")
    shutil.copytree(house.warehouse, eds.warehouse)
    for name in ("site", "ticket", "person", "reject", "files"):
        setattr(eds, name, getattr(house, name))
    return eds


def test_every_verb_is_known_here(house, tmp_path):
    known = set(acts(house, tmp_path)) | WITHOUT_WAREHOUSE | set(ELSEWHERE)
    assert verbs() == known


def run_verb(eds, verb, folder, **more):
    arguments, expected = acts(eds, folder)[verb]
    words = [] if arguments[:1] == verb.split() else verb.split()
    if verb == "user password":
        more["input"] = "a password of the tests\n"
    done = subprocess.run([eds_path(), "--warehouse", eds.warehouse,
                           *map(str, [*words, *arguments])], capture_output=True, text=True,
                          timeout=300, **more)
    return done, expected


VERBS = sorted(acts(type("Any", (), dict.fromkeys(("person", "site", "ticket", "reject"), 1)
                         | {"files": ROOT})(), ROOT))


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_leaves_its_event_with_its_outcome(copy, tmp_path, verb):
    if verb == "restore":
        copy.run("backup", tmp_path / "backup", "--keys", tmp_path / "backup-keys")
    if verb == "opposition remove":
        copy.run("opposition", "add", copy.person)
    before = len(lines(copy))
    done, expected = run_verb(copy, verb, tmp_path)
    assert done.returncode in expected, done.stderr
    where = Eds(tmp_path / WHERE[verb]) if verb in WHERE else copy
    new = lines(where)[0 if verb in WHERE else before:]
    own = [line for line in new if line["action"] == verb]
    assert own, (verb, new)
    last = own[-1]
    said = {0: {"done"}, 1: {"done"}, 2: {"refused", "failed"}, 3: {"failed"}}
    assert last["outcome"] in said[done.returncode]
    assert sum(line["outcome"] != "begun" for line in own) == 1, own
    assert {"actor", "zone", "ground", "from", "request"} <= set(last), last
    assert len({line["request"] for line in own}) == 1


DENIED = sorted(set(VERBS) - {"init", "synth", "restore"})


def nothing_left(done, folder):
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert "audit" in done.stderr
    for name in ("export", "backup", "ticket", "stays.csv"):
        assert not (folder / name).exists()


@pytest.fixture(scope="module")
def full(house, tmp_path_factory):
    """A copy whose audit stands on a disk of its own, without a byte of room."""
    eds = Eds(tmp_path_factory.mktemp("full") / "warehouse")
    shutil.copytree(house.warehouse, eds.warehouse)
    for name in ("site", "ticket", "person", "reject", "files"):
        setattr(eds, name, getattr(house, name))
    audit, aside = eds.warehouse / "audit", eds.warehouse.parent / "aside"
    audit.rename(aside)
    audit.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", audit],
                          capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"NOT TESTED: no disk can be mounted here to be filled: {made.stderr.strip()}")
    shutil.copytree(aside, audit, dirs_exist_ok=True)
    # The last page of the segment has room left: fill it as a crash would, then the disk.
    segment, = (audit / "log").glob("*.ndjson")
    try:
        with open(audit / "filler", "wb", buffering=0) as file:
            while True:
                file.write(b"0" * 4096)
    except OSError:
        pass
    with open(segment, "ab") as file:
        file.write(b'{"seq":' + b"1" * (-segment.stat().st_size % 4096 - 7))
    yield eds
    subprocess.run(["umount", "-l", audit], check=True)


@pytest.mark.parametrize("verb", sorted(set(DENIED) - {"opposition remove"}))
def test_a_verb_gives_nothing_when_the_audits_disk_is_full(full, tmp_path, verb):
    done, _ = run_verb(full, verb, tmp_path)
    nothing_left(done, tmp_path)


@pytest.mark.parametrize("verb", sorted(set(DENIED) - {"audit verify"}))
def test_a_verb_gives_nothing_when_the_log_was_altered(copy, tmp_path, verb):
    segment, = (copy.warehouse / "audit" / "log").glob("*.ndjson")
    with open(segment, "ab") as file:
        file.write(b"an event that nobody wrote}\n")
    done, _ = run_verb(copy, verb, tmp_path)
    nothing_left(done, tmp_path)


@pytest.mark.skipif(shutil.which("strace") is None, reason="NOT TESTED: no strace")
@pytest.mark.parametrize("verb", ["query", "patient", "cohort run", "quarantine show", "check",
                                  "release list", "opposition list", "terms search"])
def test_the_event_is_on_disk_before_the_first_byte(copy, tmp_path, verb):
    """As the kernel saw it: writes to standard output come after an fsync of the segment."""
    arguments, _ = acts(copy, tmp_path)[verb]
    trace = tmp_path / "trace"
    subprocess.run(["strace", "-f", "-y", "-e", "trace=write,fsync,fdatasync", "-o", trace,
                    eds_path(), "--warehouse", copy.warehouse, *verb.split(),
                    *map(str, arguments)], stdout=subprocess.PIPE, check=False, timeout=300)
    synced = written = None
    for number, line in enumerate(trace.read_text(errors="replace").splitlines()):
        if synced is None and re.search(r"f(data)?sync\(\d+<[^>]*/audit/log/", line):
            synced = number
        if written is None and re.search(r" write\(1<", line):
            written = number
    assert synced is not None and written is not None and synced < written


def test_a_session_that_asks_for_too_much_is_in_the_audit(copy):
    copy.run("--session", copy.ticket, "export", "x", expect=2)
    last = lines(copy)[-1]
    assert (last["actor"], last["action"], last["outcome"]) == ("anne", "export", "refused")


def test_a_ticket_that_opens_nothing_is_in_the_audit(copy, tmp_path):
    bad = tmp_path / "bad.ticket"
    bad.write_text("0" * 64)
    copy.run("--session", bad, "query", "SELECT 1", expect=2)
    last = lines(copy)[-1]
    assert (last["action"], last["outcome"]) == ("query", "refused")


def test_the_event_of_a_query_says_which_persons_it_named(copy):
    copy.run("query", f"SELECT person_id, year_of_birth FROM person WHERE person_id = {copy.person}")
    last = lines(copy)[-1]
    assert last["persons"] == 1 and last["person_ids"] == [str(copy.person)] and last["rows"] == 1
    copy.run("query", "SELECT person_id FROM visit_occurrence")
    distinct = copy.value("SELECT count(DISTINCT person_id) AS n FROM visit_occurrence")
    assert [line for line in lines(copy) if line.get("persons")][-1]["persons"] == distinct


def test_no_literal_of_a_query_stands_in_the_audit(copy):
    copy.run("query", "SELECT 'Zebulon-Canari' AS name")
    copy.run("query", "SELECT * FROM Zebulon_Canari", expect=None)
    held = b"".join(p.read_bytes() for p in (copy.warehouse / "audit").rglob("*") if p.is_file())
    assert b"Zebulon" not in held


def test_a_full_disk_is_said_as_such(full):
    done = full.run("query", "SELECT 1", expect=3)
    assert "No space left" in done.stderr and "does not happen" in done.stderr
