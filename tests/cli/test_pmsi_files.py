"""Every PMSI format from the command line: files are written or counted in Python, from the
published sheets, so that nothing of EDS says what must come out."""

import re

import pytest

from pmsi_layouts import Sheet, repeated

AUTHORITY = "990000001"
SYNTHETIC = {
    "rss_122_grouped.txt": "pmsi-rss",
    "rss_022_ungrouped.txt": "pmsi-rss",
    "um.txt": "pmsi-um",
    "hosp_pmsi.txt": "pmsi-hosp",
    "fichcomp_02_dmi.txt": "pmsi-fichcomp",
    "fichcomp_06_les.txt": "pmsi-fichcomp",
}


@pytest.fixture
def sheets(shared):
    return shared / "french" / "pmsi" / "formats"


def lines_of(path):
    return path.read_text(encoding="latin-1").splitlines()


def count(eds, table, where="true"):
    return eds.value(f"SELECT count(*) FROM {table} WHERE {where}")


def feed(eds, format_name, path, records):
    """Feeds a file whose every record must load, twice: the second time changes nothing."""
    report = eds.report("--format", format_name, "--authority", AUTHORITY, path)
    (file,) = report["files"]
    assert (file["records"], file["rejects"], file["failure"]) == (records, 0, ""), file
    again = eds.report("--format", format_name, "--authority", AUTHORITY, path)
    assert again["release"] is None and again["files"][0]["already_fed"]


def test_no_synthetic_file_is_left_out(shared):
    folder = shared / "french" / "pmsi" / "synthetic"
    assert {path.name for path in folder.glob("*.txt")} == set(SYNTHETIC)


@pytest.mark.parametrize("grouped", [True, False])
def test_rss_counts_are_those_of_the_fixed_columns(eds, shared, sheets, grouped):
    name = "rss_122_grouped.txt" if grouped else "rss_022_ungrouped.txt"
    path = shared / "french" / "pmsi" / "synthetic" / name
    # The first 192 positions of 123 are those of 122; ungrouped lines begin 15 bytes later.
    sheet = Sheet(sheets / "atih_mco_2026_entree" / "rss_groupe_format_123.tsv", (2, 3, 4))
    shift = 0 if grouped else 15
    lines = [" " * shift + line for line in lines_of(path)]
    feed(eds, "pmsi-rss", path, len(lines))
    fixed = 192
    das, dads, acts, diagnoses = 0, 0, 0, 0
    codes = []
    for line in lines:
        n_da, n_dad, n_act = (int(sheet.read(line, start)) for start in (134, 136, 138))
        assert len(line.rstrip()) <= fixed + 8 * n_da + 8 * n_dad + 29 * n_act
        das, dads, acts = das + n_da, dads + n_dad, acts + n_act
        diagnoses += 1 + (sheet.read(line, 149) != "")
        first_act = fixed + 8 * (n_da + n_dad)
        codes += [line[first_act + 29 * i + 8:first_act + 29 * i + 15] for i in range(n_act)]
    assert count(eds, "visit_detail") == len(lines)
    assert count(eds, "visit_occurrence") == len({sheet.read(line, 48) for line in lines})
    assert count(eds, "condition_occurrence") == das + diagnoses
    assert count(eds, "procedure_occurrence") == acts
    assert count(eds, "observation", "qualifier_source_value = 'DAD'") == dads
    assert sorted(row["code"] for row in eds.query(
        "SELECT procedure_source_value AS code FROM procedure_occurrence")) == sorted(codes)


def test_small_files_count_as_their_columns_say(eds, shared, sheets):
    folder = shared / "french" / "pmsi" / "synthetic"
    mco = sheets / "atih_mco_2026_entree"
    for name, format_name in SYNTHETIC.items():
        feed(eds, format_name, folder / name, len(lines_of(folder / name)))
    hosp = Sheet(mco / "hosp_pmsi.tsv", (1, 2, 3))
    pairs = {(hosp.read(line, 1), hosp.read(line, 21))
             for line in lines_of(folder / "hosp_pmsi.txt")}
    assert count(eds, "visit_occurrence") == len(pairs)
    um = Sheet(mco / "fichier_dinformation_des_um.tsv", (1, 2, 3))
    units = {um.read(line, 5) + "|" + um.read(line, 1) for line in lines_of(folder / "um.txt")}
    # The RSS came first and knew no name; given an authority, units stand under it.
    known = {row["code"] for row in eds.query(
        "SELECT care_site_source_value AS code FROM care_site WHERE care_site_name IS NOT NULL")}
    assert count(eds, "(SELECT care_site_id FROM care_site GROUP BY 1 HAVING count(*) > 1)") == 0
    assert {code.split("|")[1] for code in known} == {unit.split("|")[1] for unit in units}
    dmi = Sheet(mco / "fichcomp_dmi.tsv", (1, 2, 3))
    expected = sorted((dmi.read(line, 58), int(dmi.read(line, 73)))
                      for line in lines_of(folder / "fichcomp_02_dmi.txt"))
    assert sorted((row["code"], row["quantity"]) for row in eds.query(
        "SELECT device_source_value AS code, quantity FROM device_exposure")) == expected
    les = Sheet(mco / "fichcomp_les.tsv", (1, 2, 3))
    expected = sorted((les.read(line, 40), int(les.read(line, 55)) / 1000)
                      for line in lines_of(folder / "fichcomp_06_les.txt"))
    assert sorted((row["code"], row["quantity"]) for row in eds.query(
        "SELECT drug_source_value AS code, quantity FROM drug_exposure")) == expected
    # Devices and drugs fall into stays that the RSS told.
    for table in ("drug_exposure", "device_exposure"):
        assert count(eds, f"{table} ANTI JOIN visit_occurrence USING (visit_occurrence_id)") == 0


def test_rsa_and_ano_count_as_they_were_written(eds, sheets, tmp_path):
    rsa = Sheet(sheets / "atih_mco_2023_sortie" / "rsa.tsv", (2, 3, 4))
    ano = Sheet(sheets / "atih_mco_2023_sortie" / "ano_es.tsv", (1, 2, 3))
    stays = 40
    text, chain = "", ""
    for stay in range(stays):
        rums, das, acts = 1 + stay % 3, stay % 4, stay % 5
        # RUM 60: sequence 2, UM 4, FINESS 9, DP 6, DR 6, IGS 3, age 2, nDA 2, nAct 3, length 4, ...
        tail = "".join(
            repeated((f"{rum + 1:02}", 2), ("0001", 4), ("990000002", 9), ("I10", 6), ("", 6),
                     ("000", 3), ("", 2), (f"{das if rum == 0 else 0:02}", 2),
                     (f"{acts if rum == 0 else 0:03}", 3), ("0002", 4), ("", 20))
            for rum in range(rums))
        tail += repeated(("E119", 6)) * das
        tail += repeated(("001", 3), ("DDAF007", 7), ("", 2), ("0", 1), ("1", 1), ("", 1), ("", 4),
                         ("", 1), ("", 1), ("01", 2), ("1", 1)) * acts
        text += rsa.write(262, {
            1: AUTHORITY, 10: "228", 13: f"{stay:010}", 40: "11", 42: "05", 44: "M", 45: "09",
            47: "1", 48: "000", 51: f"{rums:02}", 53: "050", 59: "12"[stay % 2], 60: "8",
            62: "03", 64: "2023", 68: "8", 71: f"{2 * rums:04}", 75: "75012", 114: "0", 136: "0",
            210: "01", 212: "I10", 224: f"{das:04}", 228: f"{acts:05}"}, tail)
        chain += ano.write(1103, {1: f"{stay // 2:032}", 33: AUTHORITY, 42: "013", 45: "014",
                                  48: "032023", 162: f"{stay:010}"})
    (tmp_path / "rsa.txt").write_text(text, newline="")
    (tmp_path / "ano.txt").write_text(chain, newline="")
    feed(eds, "pmsi-rsa", tmp_path / "rsa.txt", stays)
    assert count(eds, "person") == stays
    feed(eds, "pmsi-ano", tmp_path / "ano.txt", stays)
    assert count(eds, "person") == stays // 2
    assert count(eds, "visit_occurrence") == stays
    rums = sum(1 + stay % 3 for stay in range(stays))
    assert count(eds, "visit_detail") == rums
    assert count(eds, "condition_occurrence", "condition_status_source_value = 'DP'") == rums
    assert count(eds, "condition_occurrence", "condition_status_source_value = 'DA'") == sum(
        stay % 4 for stay in range(stays))
    assert count(eds, "procedure_occurrence", "eds_phase = '0' AND eds_activity = '1'") == sum(
        stay % 5 for stay in range(stays))
    assert eds.value("SELECT max(n) FROM (SELECT count(*) n FROM visit_occurrence "
                     "GROUP BY person_id)") == 2


def test_rhs_rps_raa_and_rpss_count_as_they_were_written(eds, sheets, tmp_path):
    act = repeated(("05022024", 8), ("DZQM006", 7), ("", 3), ("0", 1), ("1", 1), ("", 1), ("01", 2))
    rhs = Sheet(sheets / "atih_smr_2024_entree" / "rhs_groupe.tsv", (6, 7, 8))
    weeks = [f"{week:02}2024" for week in range(5, 11)]
    text = "".join(rhs.write(187, {
        11: "M1C", 14: AUTHORITY, 23: "M0C", 26: "S1", 33: "NAS1", 66: "29012024", 82: "14071948",
        90: "1", 91: "75012", 97: "29012024", 105: "8", 117: week, 130: "0080", 153: "I639",
        175: "01", 177: "000", 180: "01"}, "I10     " + act) for week in weeks)
    rps = Sheet(sheets / "atih_psy_2024_entree" / "rps.tsv", (2, 3, 4))
    psy = "".join(rps.write(154, {
        1: AUTHORITY, 10: "990000002", 19: "P12", 22: "IPP1", 42: "14071948", 50: "1", 51: "75012",
        60: "NAS2", 80: "01022024", 88: "8", 100: "1301", 111: f"{day:02}022024",
        119: f"{day:02}022024", 143: "F200", 151: "02", 153: "01"},
        "Z915    I10     " + act) for day in (1, 8, 15))
    raa = Sheet(sheets / "atih_psy_2024_entree" / "raa.tsv", (1, 2, 3))
    psy += "".join(raa.write(96, {
        1: AUTHORITY, 10: "990000002", 19: "P14", 22: "IPP1", 42: "14071948", 50: "1", 51: "75012",
        70: f"{day:02}032024", 78: "E", 80: "L01", 85: "1", 87: "F329", 95: "00"})
        for day in (1, 1, 2, 3))
    rpss = Sheet(sheets / "atih_had_2024_entree" / "rpss_non_groupe_ex_dgf.tsv", (2, 3, 4))
    had = "".join(rpss.write(190, {
        1: "H0F", 4: AUTHORITY, 22: "IPP1", 42: "NAS3", 62: "14071948", 70: "1", 71: "75012",
        86: "01042024", 94: "8", 106: "0001", 149: "1", 150: "0", 151: "01", 159: f"{part:04}",
        163: f"{part:02}042024", 171: f"{part:02}042024", 180: "001", 183: "C349"},
        "Z511    I10     " + act) for part in (1, 2))
    for name, format_name, bytes_, records in (
            ("rhs", "pmsi-rhs", text, 6), ("psy", "pmsi-rps", psy, 7), ("had", "pmsi-rpss", had, 2)):
        (tmp_path / name).write_text(bytes_, newline="")
        feed(eds, format_name, tmp_path / name, records)
    # RHS know no IPP: their stay is another person's until VID-HOSP says whose it is.
    assert count(eds, "person") == 2
    assert count(eds, "visit_detail") == 6 + 3 + 4 + 2
    assert count(eds, "visit_occurrence") == 1 + 1 + 3 + 1
    assert {row["role"]: row["n"] for row in eds.query(
        "SELECT condition_status_source_value AS role, count(*) AS n FROM condition_occurrence "
        "GROUP BY 1")} == {"MMP": 6, "DA": 6 + 6 + 2, "DP": 3 + 4 + 2, "DCMPP": 2}
    assert count(eds, "procedure_occurrence") == 6 + 3 + 4 + 2


def test_rsf_amounts_add_up_as_they_were_written(eds, sheets, tmp_path):
    services = Sheet(sheets / "atih_mco_2026_entree" / "rsf_b_prestations_hospit.tsv", (3, 1, 2))
    cents = [12345 * (n + 1) for n in range(20)]
    text = "".join(services.write(182, {
        1: "B", 2: AUTHORITY, 20: f"RSS{n % 4}", 58: f"{n % 4:09}", 90: "03012026", 98: "05012026",
        106: "GHS", 111: "001", 145: f"{amount // 2:08}", 153: f"{amount:08}", 168: "1628"})
        for n, amount in enumerate(cents))
    (tmp_path / "rsf.txt").write_text(text, newline="")
    feed(eds, "pmsi-rsf", tmp_path / "rsf.txt", len(cents))
    assert count(eds, "cost") == len(cents)
    (row,) = eds.query("SELECT sum(total_charge) AS charge, sum(paid_by_primary) AS amo FROM cost")
    assert abs(row["charge"] - sum(cents) / 100) < 1e-6
    assert abs(row["amo"] - sum(amount // 2 for amount in cents) / 100) < 1e-6
    assert count(eds, "cost JOIN observation ON cost_event_id = observation_id") == len(cents)


@pytest.mark.parametrize("format_name,line,known", [
    ("pmsi-rsa", "990000001300" + " " * 300,
     "known: 218 219 220 221 222 223 224 225 226 227 228 229"),
    ("pmsi-rhs", "990000001M8Z" + " " * 300, "known: M09 M0A M0B M0C M0D M19 M1A M1B M1C M1D"),
    ("pmsi-rps", "990000001990000002P99" + " " * 200, "known: P12 P14"),
    ("pmsi-rpss", "H9X" + " " * 200, "known: H0F H0G H1F H1G"),
    ("pmsi-ano", " " * 44 + "099" + " " * 1056, "known: 013 014 015 016"),
    ("pmsi-rsf", "Z" + " " * 181, "known: A B C H I L M P"),
])
def test_an_unknown_version_is_named_beside_the_known_ones(eds, tmp_path, format_name, line, known):
    (tmp_path / "file.txt").write_text(line + "\r\n", newline="")
    report = eds.report("--format", format_name, tmp_path / "file.txt", expect=1)
    ((reason, times),) = report["files"][0]["rejects_by_reason"].items()
    assert times == 1
    assert reason.endswith(known)
    assert re.search(r"version (300|M8Z|P99|H9X|099|Z) is not known", reason)
