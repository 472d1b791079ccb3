#!/usr/bin/env bash
# ./dev demo: a synthetic hospital in real source formats, fed file by file, then served.
#   ./dev demo [--patients N] [--port P] [--no-serve]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
patients=2000 port=8080 serve=yes
while [ $# -gt 0 ]; do
  case $1 in
    --patients) patients=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --no-serve) serve=no; shift ;;
    *) echo "demo: unknown option $1" >&2; exit 2 ;;
  esac
done
eds=${EDS_PROGRAM:-$PWD/build/release/eds}
place=${EDS_DEMO:-$PWD/build/demo}
files=$place/hospital
export EDS_WAREHOUSE=$place/warehouse
step() { printf '\n== %s\n' "$*"; }

# Rejected records are part of the show: the hospital is dirty on purpose. Anything worse stops.
feed() { "$eds" ingest "$@" >>"$place/feed.log" || [ $? -eq 1 ]; }

rm -rf "$place" && mkdir -p "$place"
step "a hospital group of $patients patients, in its source formats"
"$eds" synth --patients "$patients" --seed 2026 --dirt 0.005 --out "$files"

step "an empty warehouse"
"$eds" init "$EDS_WAREHOUSE"
sed -i 's/^#name = .*/name = "Démonstration"/; s/^#synthetic = .*/synthetic = true/' "$EDS_WAREHOUSE/eds.toml"

step "its terminologies"
for kind in CIM10:cim10 CCAM:ccam LOINC:loinc ATC:atc UCD:ucd UM:um; do
  "$eds" terms load --kind labels --vocabulary "${kind%%:*}" "$files/terms/${kind##*:}.csv" >/dev/null
done

step "identities"
# One authority for the whole group: its patient numbers hold in every hospital of it.
group=990000001
feed --format identities-csv --authority $group --mapping tools/demo/identities.toml \
  "$files"/identities/patients.csv
step "units, stays and invoices (PMSI)"
for hospital in "$files"/pmsi/*/; do
  finess=$(basename "$hospital")
  for kind in um:pmsi-um hosp_pmsi:pmsi-hosp vidhosp:pmsi-vidhosp rss:pmsi-rss fichcomp:pmsi-fichcomp; do
    set -- "$hospital${kind%%:*}"_*.txt
    [ -e "$1" ] || continue
    feed --format "${kind##*:}" --source "$finess" --authority $group "$@"
  done
done
step "laboratory results"
feed --format labs-csv --source labo-a --authority $group --mapping "$files/labs/labs_a.toml" "$files"/labs/labs_a_*.csv
feed --format labs-csv --source labo-b --authority $group --mapping "$files/labs/labs_b.toml" "$files"/labs/labs_b_*.csv
step "reports"
feed --format reports-csv --source dossier --authority $group --mapping tools/demo/reports.toml "$files"/reports/reports_*.csv
feed --format reports-csv --source dossier --authority $group --mapping tools/demo/report_files.toml "$files"/reports/texts/index.csv

# One account a role, with a password made here and now. Passwords go in by standard input: what
# stands in a command line can be read by the whole machine.
accounts=$place/accounts.txt
account() { # NAME ROLE PERIMETER GROUND
  local password
  password=$(head -c 15 /dev/urandom | base64)
  "$eds" user add "$1" >/dev/null
  printf '%s\n' "$password" | "$eds" user password "$1" >/dev/null
  "$eds" --ground "$4" access grant "$1" "$2" "$3" >/dev/null
  printf '%-14s %-22s %-14s %s\n' "$1" "$password" "$2" "$3" >>"$accounts"
}
step "accounts"
"$eds" access sync >/dev/null
# The hospital where most patients stayed, and its busiest unit.
unit=$("$eds" -f csv query "SELECT care_site_source_value FROM care_site JOIN visit_detail
  USING (care_site_id) GROUP BY 1 ORDER BY count(DISTINCT visit_detail.person_id) DESC, 1 LIMIT 1" |
  tail -n 1 | tr -d '"\r')
(umask 077 && : >"$accounts")
account medecin clinician "$unit" care
account chef head-of-service "${unit%%|*}" care
account dim dim '*' mandate
account chercheuse researcher "$unit" mandate
account auditrice auditor '*' mandate
# Nobody here is real: a password alone may show what otherwise asks for two factors.
sed -i 's/^#password_is_strong = .*/password_is_strong = true/' "$EDS_WAREHOUSE/eds.toml"
printf '%-14s %-22s %-14s %s\n' account password role perimeter
cat "$accounts"

step "what is in it"
"$eds" release show
step "what was rejected, and why"
"$eds" quarantine count
[ $serve = yes ] || exit 0
step "pages: sign in with one of the accounts above (they stand in $accounts, too)"
# Nobody here is real: identities may be looked at, for a reason and with its audit event.
exec "$eds" serve --port "$port" --identity
