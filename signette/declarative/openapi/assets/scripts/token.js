/* Tokens: the flows of OAuth 2 in which this page can get one. For the other flows, paste a token. */

const GRANTS = { authorizationCode: "authorization_code", password: "password", clientCredentials: "client_credentials" };

/** The flows to get a token of a scheme with, each with its name. OpenID Connect has the URLs in another document. */
function loginFlows(scheme, id) {
  if (scheme.type === "openIdConnect") {
    const scopes = operations().flatMap(({ security }) => security.flatMap((choice) => choice[id] ?? []));
    return [{
      name: "authorizationCode", discoveryUrl: scheme.openIdConnectUrl,
      scopes: Object.fromEntries(["openid", ...scopes].map((scope) => [scope, ""])),
    }];
  }
  const flows = scheme.type === "oauth2" ? scheme.flows ?? {} : {};
  return Object.keys(GRANTS).filter((name) => flows[name]?.tokenUrl).map((name) => ({ name, ...flows[name] }));
}

/** The absolute form of a URL of a flow, which may be relative to the server. */
function flowUrl(url) {
  return new URL(url, `${serverUrl(chosenServer)}/`);
}

/** Requests a token with [name, text] pairs (RFC 6749 §4.1.3, §4.3.2, §4.4.2). Throws an Error with the reason. */
async function tokenFor(flow, typed, scopes) {
  const pairs = [["grant_type", GRANTS[flow.name]], ...typed];
  // A code has the scopes that its request had.
  if (flow.name !== "authorizationCode") pairs.push(["scope", scopes.join(" ")]);
  const address = flowUrl(flow.tokenUrl);
  const response = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(pairs.filter(([, text]) => text)),
    credentials: "omit", // so that the browser shows no password prompt
  }).catch((error) => {
    throw new Error(`${error.message}. ${likelyCause({ url: address.href })}`);
  });
  const result = await response.json().catch(() => ({}));
  if (response.ok && typeof result?.access_token === "string") return result.access_token;
  const reason = [result?.error_description, result?.detail, result?.error].find((each) => typeof each === "string");
  throw new Error(reason ?? `the response (${response.status}) has no access_token`);
}

// -- authorization code, with PKCE (RFC 6749 §4.1, RFC 7636) ----------------------------------------------------------

/** Opens a window for the authorization server, waits for its code, and exchanges that for a token. */
async function tokenByCode(flow, clientId, clientSecret, scopes, signal) {
  if (!crypto.subtle) throw new Error("browsers hash the code verifier on https and localhost only");
  // At once: some browsers open a window only while they handle the click.
  const opened = window.open("about:blank", "_blank", "popup,width=520,height=680");
  if (!opened) throw new Error("the browser blocked the window");
  try {
    return await tokenIn(opened, await discovered(flow), clientId, clientSecret, scopes, signal);
  } catch (error) {
    opened.close();
    throw error;
  }
}

async function tokenIn(opened, flow, clientId, clientSecret, scopes, signal) {
  const redirect = new URL(document.documentElement.dataset.redirectUrl, location.href).href;
  const verifier = randomText();
  const state = randomText();
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const address = flowUrl(flow.authorizationUrl);
  const query = {
    response_type: "code", client_id: clientId, redirect_uri: redirect, scope: scopes.join(" "), state,
    code_challenge: challenge, code_challenge_method: "S256",
  };
  for (const [name, text] of Object.entries(query)) if (text) address.searchParams.set(name, text);
  if (!["http:", "https:"].includes(address.protocol)) throw new Error(`${address.protocol} is not the URL of a page`);
  const received = responseWith(state, signal);
  opened.location = address;
  const { code, error, error_description: description } = await received;
  if (!code) throw new Error([error ?? "the authorization server returned no code", description].filter(Boolean).join(": "));
  const typed = { code, redirect_uri: redirect, client_id: clientId, client_secret: clientSecret, code_verifier: verifier };
  return tokenFor(flow, Object.entries(typed), scopes);
}

/** The flow with the URLs of its OpenID provider (OpenID Connect Discovery 1.0 §3). */
async function discovered(flow) {
  if (!flow.discoveryUrl) return flow;
  const response = await fetch(flowUrl(flow.discoveryUrl), { credentials: "omit" });
  const { authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl } = response.ok ? await response.json() : {};
  if (!authorizationUrl || !tokenUrl) throw new Error(`${flow.discoveryUrl} does not name the pages of a provider`);
  return { ...flow, authorizationUrl, tokenUrl };
}

/** The response of an authorization server that has the state of this login; redirect.js sends it. */
function responseWith(state, signal) {
  const channel = new BroadcastChannel("signette-login");
  return new Promise((resolve, reject) => {
    channel.addEventListener("message", ({ data }) => {
      // Another state belongs to another login, or was made up.
      if (data.response?.state !== state) return;
      channel.postMessage({ taken: state });
      resolve(data.response);
    });
    signal.addEventListener("abort", () => reject(new Error("cancelled")));
  }).finally(() => channel.close());
}

/** 256 random bits as text (RFC 7636 §4.1). */
function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
