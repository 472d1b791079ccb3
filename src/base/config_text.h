// The eds.toml that `eds init` writes: its own manual. base/config_test.cc holds it to Config.
#pragma once

namespace eds {

inline constexpr char kConfigText[] =
    R"toml(# EDS: the settings of this warehouse.
#
# Every "#key = value" below shows a setting with its default; take the # away to change it.
# A setting that does not exist, or a value that makes no sense, is refused with its line.
# Commands read this file when they start: start `eds serve` again after a change.

[warehouse]
# The name that pages show.
#name = "EDS"
# true when the persons in it are invented (eds synth): pages then say so on every screen.
#synthetic = false

[limits]
# Memory that one load or one query may use before it spills to tmp/, in megabytes (64 or more).
# `eds query --memory N` goes before it.
#memory_megabytes = 4096
# Threads that one load or one query may use (1 or more).
#threads = 2
# Seconds after which `eds query` stops, until its last row is written; 0: never.
# `eds query --timeout N` goes before it.
#query_seconds = 0

[serve]
# Where `eds serve` listens. Any address but this machine's own needs a certificate, below.
#address = "127.0.0.1"
# 0 takes any free port; the first line that `eds serve` prints says which.
#port = 8080
# How browsers reach this server: "https://eds.hospital.example". Requests that name another host
# are refused. "": this machine's own names, and with a certificate any name.
#public_url = ""
# TLS 1.2 and later: the certificate (with what leads to its authority) and its key, as PEM files.
# Relative names are looked for in the warehouse. "": plain HTTP, on this machine alone.
#certificate = ""
#key = ""
# Who signs the certificates of services, as a PEM file. A service that shows one is the account
# whose subject is "mtls|" and the certificate's subject (eds user add NAME --subject ...). "": no
# certificate is asked for.
#client_authority = ""

[sign_in]
# People sign in with local accounts (eds user password NAME), at a sign-in provider, or both.
# false: no password opens a session any more. For when the provider works.
#local_accounts = true
# true: a password alone opens what asks for two factors (names, managing). For invented persons.
#password_is_strong = false
# Minutes without a request after which a session ends (1 to 60).
#idle_minutes = 20
# Hours after which it ends whatever happens (1 to 10).
#session_hours = 10
# Minutes for which a proof given opens identities (1 to 60).
#proof_minutes = 10
# The sign-in provider (OpenID Connect): its issuer, to the letter, whose discovery document stands
# at ISSUER/.well-known/openid-configuration. "": none. An account is the one whose subject is
# "ISSUER|SUB" (eds user add NAME --subject ...); nobody gets an account by signing in there.
#issuer = ""
# What the provider calls this server; people then sign in there (code flow with PKCE). It must know
# the redirection address serve.public_url + "/api/v1/sign-in/callback". "": people do not.
#client = ""
# The file that holds the client's secret on one line, which nobody but its owner may read. Without
# it, the environment's EDS_CLIENT_SECRET. A secret has no place in this file.
#client_secret_file = ""
# What the sign-in page calls the provider: "Se connecter avec ...".
#provider_name = ""
# Who signs the certificate of the provider, as a PEM file. "": those that this machine trusts.
#provider_authority = ""
# Programs send the provider's access tokens as "Authorization: Bearer" (RFC 9068). What those must
# be made for; "": no token is taken.
#audience = ""
# The issuer's public keys, a JSON Web Key Set file; read again when it changes. For access tokens
# of an issuer without discovery. "": the keys that its discovery document names.
#issuer_keys = ""
# Values of "acr" that mean two factors, separated by spaces; people are sent to the provider with
# them.
#strong_acr = ""
# Values of "amr" any of which means two factors, separated by spaces ("mfa").
#strong_amr = ""

[log]
# What log/eds.log keeps: "debug", "info", "warning", "error" or "off". One JSON object a line,
# without names, queries or values of persons. Who read what stands in audit/, not here.
#level = "info"
# What commands also say on standard error, in words.
#stderr = "warning"
# The log moves to log/eds.log.1, .2, ... when it reaches so many megabytes (1 to 1024)...
#megabytes = 16
# ...and so many files are kept, the current one included (1 to 100).
#files = 5

[audit]
# Where the audit's log is, when not in audit/ of the warehouse.
#directory = ""
# The Unix socket of the audit's own process (`eds audit serve`), which then writes the log under an
# account of its own; every other command leaves its events there, or does nothing. "": no process.
#socket = ""
# A directory on another disk or machine, to which each signed checkpoint of the audit is copied: so
# whoever puts the log back to an older state is found. "": no copy.
#mirror = ""
# Months for which events stay readable (6 to 36): `eds audit purge` keeps hashes of older ones.
#retention_months = 12
)toml";

}  // namespace eds
