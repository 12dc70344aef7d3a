// An OpenID Connect issuer for the tests, from npm's oidc-provider. It says where it answers, and
// ends with its standard input. A line there names who signs in next, {"sub": …, "roles": […]}, or
// somebody who breaks off, {"deny": true}.
//
// Its argument: {"console": where the console is, "token_seconds": …}; in a container besides
// "secret", "next" (who signs in first), and "https": {"host", "port", "key", "certificate"}, files.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

// Its own remarks don't stand among our lines.
console.info = console.error;

const { console: site, token_seconds: tokenSeconds, https, ...given } = JSON.parse(process.argv[2]);
const secret = given.secret ?? "the secret of the tests";
let next = given.next ?? { sub: "HMI-001", roles: ["inspector"] };
const accounts = new Map();

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

const server = https
  ? createSecureServer({ key: readFileSync(https.key), cert: readFileSync(https.certificate) })
  : createServer();
const [port, host] = https ? [https.port, "0.0.0.0"] : [0, "127.0.0.1"];
await new Promise((listening) => server.listen(port, host, listening));
const issuer = https ? `https://${https.host}:${port}` : `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  jwks: { keys: [newKey()] },
  clients: [
    {
      client_id: "visits-console",
      client_secret: secret,
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [`${site}/sign-in/callback`],
      post_logout_redirect_uris: [`${site}/sign-in?note=out`],
      backchannel_logout_uri: `${site}/sign-in/back-channel`,
      backchannel_logout_session_required: true,
    },
  ],
  pkce: { required: () => true, methods: ["S256"] },
  cookies: { keys: [randomUUID()] },
  ttl: {
    AccessToken: tokenSeconds,
    AuthorizationCode: 60,
    Grant: 86400,
    IdToken: 600,
    Interaction: 600,
    RefreshToken: 86400,
    Session: 86400,
  },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  formats: {
    customizers: {
      jwt: (_, token, { payload }) => {
        payload.roles = accounts.get(token.accountId)?.roles ?? [];
      },
    },
  },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:visits",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "",
        audience: "visits",
        accessTokenFormat: "jwt",
        accessTokenTTL: tokenSeconds,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});
provider.on("backchannel.error", (_, error) => console.error(`the console did not hear of an end: ${error}`));
provider.on("server_error", (_, error) => console.error(error));
provider.on("grant.error", (_, error) => console.error(`grant refused: ${error.error_description}`));

// Whoever is asked to sign in or to consent is `next`, and does.
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (next.deny) {
    const result = { error: "access_denied" };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  if (prompt.name === "login") {
    accounts.set(next.sub, next);
    return provider.interactionFinished(request, response, { login: { accountId: next.sub } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid offline_access");
  grant.addResourceScope("urn:visits", "");
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

server.on("request", (request, response) => {
  if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  } else {
    provider.callback()(request, response);
  }
});
process.stdout.write(`${issuer}\n`);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  next = JSON.parse(line);
  process.stdout.write("ready\n");
});
lines.on("close", () => process.exit(0));
// As the first process of a container it would not hear it otherwise.
process.on("SIGTERM", () => process.exit(0));
