// A real sign-in provider (npm oidc-provider) for tests: node provider.mjs PORT RETURN_ADDRESS
//
// Who signs in, by how many factors and what then goes wrong is the test's to choose: it posts
// settings to /control, and reads there what arrived. It says "ready" once it listens.
//
// Tampering means: this provider answers as one that was broken into, or as an attacker between it
// and EDS would, with tokens signed by its own key where that is what the attack is about.

import { createHmac, generateKeyPairSync, sign, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import Provider from "oidc-provider";

const [port, back, certificate, key] = process.argv.slice(2);
const issuer = `${certificate ? "https" : "http"}://localhost:${port}`;
const client = "eds-web";
const secret = "s3cret: with/odd+signs%";

const fresh = {
  person: "anne",
  acr: "silver",
  amr: ["pwd"],
  proved: 0, // seconds before now
  tamper: "",
  body: null,
};
let settings = { ...fresh };
const arrived = { token: [], end: 0 };
let keys = [];
let provider;

function newKey(id) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: id, use: "sig", alg: "RS256" };
}

const coded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function forge(claims, { alg = "RS256", kid = keys[0].kid, jwk = keys[0], typ } = {}) {
  const text = `${coded({ alg, kid, ...(typ ? { typ } : {}) })}.${coded(claims)}`;
  if (alg === "none") return `${text}.`;
  if (alg === "HS256") {
    // The public key, which everybody has, as if it were a shared secret.
    const { kty, n, e } = jwk;
    const open = createHmac("sha256", JSON.stringify({ e, kty, n })).update(text);
    return `${text}.${open.digest("base64url")}`;
  }
  const signed = sign("sha256", Buffer.from(text), createPrivateKey({ key: jwk, format: "jwk" }));
  return `${text}.${signed.toString("base64url")}`;
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** One thing wrong in an identity token that is right in everything else. */
const wrongs = {
  nonce: (claims) => forge({ ...claims, nonce: "another" }),
  "no-nonce": ({ nonce: _, ...claims }) => forge(claims),
  audience: (claims) => forge({ ...claims, aud: "another-client" }),
  "more-audiences": (claims) => forge({ ...claims, aud: [client, "another"], azp: client }),
  party: (claims) => forge({ ...claims, azp: "another-client" }),
  issuer: (claims) => forge({ ...claims, iss: "http://localhost:1" }),
  expired: (claims) => forge({ ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 }),
  "no-expiry": ({ exp: _, ...claims }) => forge(claims),
  future: (claims) => forge({ ...claims, iat: claims.iat + 3000 }),
  "no-age": ({ iat: _, ...claims }) => forge(claims),
  "at-hash": (claims) => forge({ ...claims, at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }),
  subject: (claims) => forge({ ...claims, sub: "" }),
  "long-subject": (claims) => forge({ ...claims, sub: "a".repeat(256) }),
  "no-auth-time": ({ auth_time: _, ...claims }) => forge(claims),
  "old-auth-time": (claims) => forge({ ...claims, auth_time: claims.auth_time - 40_000 }),
  none: (claims) => forge(claims, { alg: "none" }),
  HS256: (claims) => forge(claims, { alg: "HS256" }),
  "foreign-key": (claims) => forge(claims, { jwk: newKey("x") }),
  "unknown-key": (claims) => forge(claims, { kid: "nobody-has-it" }),
  "access-token": (claims) => forge(claims, { typ: "at+jwt" }),
  "logout-token": (claims) =>
    forge({ ...claims, events: { "http://schemas.openid.net/event/backchannel-logout": {} } }),
  "two-dots": () => "..",
  empty: () => "",
};

async function tamper(ctx, next) {
  if (ctx.path === "/token") arrived.token.push(ctx.get("authorization").split(" ")[0]);
  if (ctx.path === "/session/end") arrived.end += 1;
  if (settings.tamper === "redirect" && ctx.path === "/token") {
    ctx.redirect(`${issuer}/elsewhere`);
    return;
  }
  await next();
  if (settings.tamper === "long" && (ctx.path === "/token" || ctx.path === "/jwks")) {
    ctx.body = { ...ctx.body, padding: "x".repeat(1_000_000) };
  }
  if (settings.tamper === "broken" && ctx.path === "/token") {
    ctx.status = 500;
    ctx.body = "<html>";
  }
  if (settings.tamper === "secret-in-keys" && ctx.path === "/jwks") {
    ctx.body = { keys: [...ctx.body.keys, { kty: "oct", k: "AAAA", kid: "shared" }] };
  }
  if (settings.tamper === "other-issuer" && ctx.path.endsWith("openid-configuration")) {
    ctx.body = { ...ctx.body, issuer: "http://localhost:1" };
  }
  if (ctx.path !== "/token" || !ctx.body?.id_token) return;
  const wrong = wrongs[settings.tamper];
  if (wrong) ctx.body = { ...ctx.body, id_token: wrong(claimsOf(ctx.body.id_token)) };
}

/** What the provider remembers, over the change of its keys. */
const memory = new Map();
class Memory {
  constructor(kind) {
    this.kind = kind;
  }
  all() {
    return [...memory].filter(([id]) => id.startsWith(`${this.kind}:`)).map(([, kept]) => kept);
  }
  async upsert(id, payload) {
    memory.set(`${this.kind}:${id}`, payload);
  }
  async find(id) {
    return memory.get(`${this.kind}:${id}`);
  }
  async findByUid(uid) {
    return this.all().find((kept) => kept.uid === uid);
  }
  async findByUserCode(code) {
    return this.all().find((kept) => kept.userCode === code);
  }
  async consume(id) {
    memory.get(`${this.kind}:${id}`).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    memory.delete(`${this.kind}:${id}`);
  }
  async revokeByGrantId(grant) {
    for (const [id, kept] of memory) if (kept.grantId === grant) memory.delete(id);
  }
}

function start() {
  provider = new Provider(issuer, {
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: [back],
        post_logout_redirect_uris: [back.replace("/api/v1/sign-in/callback", "/")],
        backchannel_logout_uri: back.replace("/sign-in/callback", "/sign-out/provider"),
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
      {
        client_id: "lab",
        client_secret: secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ["client_credentials"],
      },
    ],
    jwks: { keys },
    adapter: Memory,
    // It would not call a server of this machine, where the tests are.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    cookies: { keys: ["of the tests"] },
    acrValues: ["silver", "gold"],
    claims: { acr: null, auth_time: null, iss: null, sid: null, openid: ["sub", "amr"] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: () => ({
          scope: "eds.read",
          audience: "eds",
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Nobody is asked whether EDS may know who they are: the hospital said so.
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  provider.use(tamper);
}

function rotate() {
  keys = [newKey(`key-${Date.now()}-${Math.random()}`)];
  start();
}

async function text(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}

/** What a person does at the provider's own page: one button, and the settings say who it was. */
async function interact(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    response.end(
      '<!doctype html><html lang="fr"><title>Fournisseur</title><main><h1>Fournisseur</h1>' +
        '<form method="post"><button>Je suis moi</button></form></main></html>',
    );
    return;
  }
  const details = await provider.interactionDetails(request, response);
  if (settings.tamper === "deny") {
    await provider.interactionFinished(request, response, { error: "access_denied" });
    return;
  }
  const { person, acr, amr, proved } = settings;
  const ts = Math.floor(Date.now() / 1000) - proved;
  const result = details.prompt.name === "login" ? { login: { accountId: person, acr, amr, ts } } : {};
  await provider.interactionFinished(request, response, result);
}

async function control(request, response) {
  if (request.method === "POST") {
    const wanted = JSON.parse(await text(request));
    if (wanted.rotate) rotate();
    settings = { ...fresh, ...wanted };
  }
  const answer = { issuer, client, secret, arrived };
  if (settings.logout) {
    const now = Math.floor(Date.now() / 1000);
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    answer.logout = forge(
      { iss: issuer, aud: client, iat: now, exp: now + 120, jti: `${Math.random()}`, events,
        ...settings.logout },
      { typ: "logout+jwt" },
    );
  }
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(answer));
}

rotate();
const handler = (request, response) => {
  const answer =
    request.url === "/control"
      ? control(request, response)
      : request.url.startsWith("/interaction/")
        ? interact(request, response)
        : provider.callback()(request, response);
  Promise.resolve(answer).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
};
const server = certificate
  ? https.createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, handler)
  : http.createServer(handler);
server.listen(Number(port), () => console.log("ready"));
