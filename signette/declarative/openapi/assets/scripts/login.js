/* OAuth 2 flows in which this page can request a token. Other flows go through a page of another server; paste their
   token. */

const GRANTS = { password: "password", clientCredentials: "client_credentials" };

/** The flow to request a token of a scheme, with its name; undefined if there is none. */
function loginFlow(scheme) {
  const flows = scheme.type === "oauth2" ? scheme.flows ?? {} : {};
  const name = Object.keys(GRANTS).find((each) => flows[each]?.tokenUrl);
  return name && { name, ...flows[name] };
}

/** Requests a token with the typed [name, text] pairs (RFC 6749 §4.3.2, §4.4.2). Throws an Error with the reason. */
async function tokenFor(flow, typed, scopes) {
  const pairs = [["grant_type", GRANTS[flow.name]], ...typed, ["scope", scopes.join(" ")]];
  const response = await fetch(new URL(flow.tokenUrl, `${serverUrl(chosenServer)}/`), {
    method: "POST",
    body: new URLSearchParams(pairs.filter(([, text]) => text)),
    credentials: "omit", // so that the browser shows no password prompt
  });
  const result = await response.json().catch(() => ({}));
  if (response.ok && typeof result?.access_token === "string") return result.access_token;
  const reason = [result?.error_description, result?.detail, result?.error].find((each) => typeof each === "string");
  throw new Error(reason ?? `the response (${response.status}) has no access_token`);
}

/** The login fields. The token is written into the input `target`. */
function loginPart(flow, target) {
  const fields = [["client_id", "Client id", "text"], ["client_secret", "Client secret", "password"]];
  if (flow.name === "password") fields.unshift(["username", "User name", "text"], ["password", "Password", "password"]);
  const inputs = fields.map(([name, label, type]) => [label, h("input", { name, type, autocomplete: "off" })]);
  const scopes = Object.entries(flow.scopes ?? {}).map(([name, words]) => [name, words, h("input", { type: "checkbox", checked: true })]);
  const message = h("span", { class: "note", role: "status" });
  const button = h("button", { type: "button", onclick: logIn }, "Get a token");

  async function logIn() {
    button.disabled = true;
    message.textContent = "";
    try {
      const wanted = scopes.filter(([, , box]) => box.checked).map(([name]) => name);
      target.value = await tokenFor(flow, inputs.map(([, input]) => [input.name, input.value]), wanted);
      target.dispatchEvent(new Event("input", { bubbles: true }));
      message.textContent = "Token received.";
    } catch (error) {
      message.textContent = `Login failed: ${error.message}`;
    } finally {
      button.disabled = false;
    }
  }

  // Enter requests the token here; elsewhere it closes the dialog.
  const enter = (event) => event.key === "Enter" && event.target !== button && (event.preventDefault(), logIn());
  return h("div", { class: "login", onkeydown: enter },
    inputs.map(([label, input]) => h("label", {}, h("span", {}, label), input)),
    scopes.map(([name, words, box]) => h("label", {}, h("span", {}, box, " ", name), h("span", {}, words))),
    h("div", { class: "bar" }, button, message));
}
