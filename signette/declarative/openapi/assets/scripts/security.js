/* Security schemes and credentials. Credentials are kept in this map only; a reload forgets them. */

const credentials = new Map();

function schemes() {
  return Object.entries(contract.components?.securitySchemes ?? {}).map(([id, scheme]) => [id, resolved(scheme)]);
}

/** A description of a scheme. */
function schemeInWords(scheme) {
  switch (scheme.type) {
    case "apiKey": return `API key in ${scheme.in === "query" ? "the query parameter" : `the ${scheme.in}`} ${scheme.name}`;
    case "http": {
      const kind = scheme.scheme?.toLowerCase();
      if (kind === "basic") return "User name and password (HTTP Basic)";
      if (kind === "bearer") return `Bearer token${scheme.bearerFormat ? ` (${scheme.bearerFormat})` : ""}`;
      return `Authorization: ${scheme.scheme}`;
    }
    case "oauth2": return `OAuth 2 (${Object.keys(scheme.flows ?? {}).join(", ")}): an access token`;
    case "openIdConnect": return "OpenID Connect: an access token";
    case "mutualTLS": return "A client certificate: the browser prompts for it";
    default: return String(scheme.type);
  }
}

/** [key, label, input type] of the credentials of a scheme. */
function schemeFields(scheme) {
  if (scheme.type === "mutualTLS") return [];
  if (scheme.type === "http" && scheme.scheme?.toLowerCase() === "basic") {
    return [["username", "User name", "text"], ["password", "Password", "password"]];
  }
  return [["value", scheme.type === "apiKey" ? scheme.name : "Token", "password"]];
}

/** The security requirements of an operation as text: alternatives of combined schemes. */
function requirementInWords(security) {
  const choices = security.map((choice) => {
    const names = Object.entries(choice).map(([id, scopes]) => (scopes.length ? `${id} (${scopes.join(", ")})` : id));
    return names.join(" and ") || "nothing";
  });
  return choices.join(", or ");
}

/** Adds credentials to a request: those for the alternative with the most known schemes. */
function authorize(request, security) {
  const given = (choice) => Object.keys(choice).filter((id) => credentials.has(id));
  const best = security.map(given).reduce((most, each) => (each.length > most.length ? each : most), []);
  const known = new Map(schemes());
  for (const id of best) {
    const scheme = known.get(id);
    const { value, username = "", password = "" } = credentials.get(id);
    if (scheme.type === "apiKey") {
      const place = { header: request.headers, query: request.query, cookie: request.cookies }[scheme.in];
      place?.push([scheme.name, value]);
    } else if (scheme.type === "http" && scheme.scheme?.toLowerCase() === "basic") {
      request.headers.push(["Authorization", `Basic ${base64(`${username}:${password}`)}`]);
    } else {
      const word = scheme.type === "http" && scheme.scheme?.toLowerCase() !== "bearer" ? scheme.scheme : "Bearer";
      request.headers.push(["Authorization", `${word} ${value}`]);
    }
  }
}

/** Whether the browser would show its own password prompt after a 401. */
function asksForPassword(security) {
  const known = new Map(schemes());
  return security.flatMap(Object.keys).some((id) => known.get(id)?.scheme?.toLowerCase() === "basic");
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The dialog for credentials, and the button that opens it. */
function authorizeArea() {
  const all = schemes();
  if (!all.length) return null;
  const button = h("button", { type: "button", class: "authorize", onclick: () => dialog.showModal() });
  const forget = h("button", { type: "button", class: "quiet" }, "Forget all");
  const parts = all.map(([id, scheme]) => schemePart(id, scheme));
  const dialog = h("dialog", { "aria-label": "Authorize" },
    h("h2", {}, "Authorize"),
    h("p", { class: "note" }, "Sent with the operations that require them. Kept in memory until you leave this page."),
    // A separate form, so that Enter in a field means Done.
    h("form", { novalidate: true, onsubmit: (event) => (event.preventDefault(), dialog.close()) },
      parts, h("div", { class: "bar" }, h("button", { class: "main" }, "Done"), forget)));
  const update = () => {
    button.textContent = credentials.size ? `Authorized: ${credentials.size} of ${all.length}` : "Authorize";
    document.dispatchEvent(new Event("authorized"));
  };
  dialog.addEventListener("input", update);
  forget.addEventListener("click", () => {
    credentials.clear();
    for (const input of dialog.querySelectorAll("input:not([type=checkbox])")) input.value = input.defaultValue;
    update();
  });
  update();
  return [button, dialog];
}

/** The fields of a scheme. Values are stored while you type, and removed when all are empty. */
function schemePart(id, scheme) {
  const inputs = schemeFields(scheme).map(([key, label, type]) => [key, label, h("input", { type, name: key, autocomplete: "off" })]);
  const remember = () => {
    const typed = Object.fromEntries(inputs.map(([key, , input]) => [key, input.value]));
    if (Object.values(typed).some(Boolean)) credentials.set(id, typed);
    else credentials.delete(id);
  };
  return h("fieldset", { oninput: remember },
    h("legend", {}, id),
    h("p", {}, schemeInWords(scheme)),
    scheme.description && prose(scheme.description),
    loginFlows(scheme, id).map((flow) => loginPart(flow, inputs[0][2])),
    inputs.map(([, label, input]) => h("label", {}, h("span", {}, label), input)));
}
