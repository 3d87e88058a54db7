/* Where tokens come from: those flows of OAuth 2 in which this page can ask for one by itself. The others lead through
   a page of another server, and their token is pasted. */

const GRANTS = { password: "password", clientCredentials: "client_credentials" };

/** The flow in which a scheme's token is asked for, with its name; undefined where there is none. */
function loginFlow(scheme) {
  const flows = scheme.type === "oauth2" ? scheme.flows ?? {} : {};
  const name = Object.keys(GRANTS).find((each) => flows[each]?.tokenUrl);
  return name && { name, ...flows[name] };
}

/** A token for what was typed: [name, text] pairs (RFC 6749 §4.3.2, §4.4.2). Throws an Error that says why not. */
async function tokenFor(flow, typed, scopes) {
  const pairs = [["grant_type", GRANTS[flow.name]], ...typed, ["scope", scopes.join(" ")]];
  const response = await fetch(new URL(flow.tokenUrl, `${serverUrl(chosenServer)}/`), {
    method: "POST",
    body: new URLSearchParams(pairs.filter(([, text]) => text)),
    credentials: "omit", // no window of the browser's own asks for a password, too
  });
  const told = await response.json().catch(() => ({}));
  if (response.ok && typeof told?.access_token === "string") return told.access_token;
  const why = [told?.error_description, told?.detail, told?.error].find((each) => typeof each === "string");
  throw new Error(why ?? `the answer is ${response.status} and has no access_token`);
}

/** The fields of a login; the token that comes back is put into `target`, as if it had been typed. */
function loginPart(flow, target) {
  const asked = [["client_id", "Client id", "text"], ["client_secret", "Client secret", "password"]];
  if (flow.name === "password") asked.unshift(["username", "User name", "text"], ["password", "Password", "password"]);
  const inputs = asked.map(([name, label, type]) => [label, h("input", { name, type, autocomplete: "off" })]);
  const scopes = Object.entries(flow.scopes ?? {}).map(([name, words]) => [name, words, h("input", { type: "checkbox", checked: true })]);
  const told = h("span", { class: "note", role: "status" });
  const button = h("button", { type: "button", onclick: logIn }, "Get a token");

  async function logIn() {
    button.disabled = true;
    told.textContent = "";
    try {
      const wanted = scopes.filter(([, , box]) => box.checked).map(([name]) => name);
      target.value = await tokenFor(flow, inputs.map(([, input]) => [input.name, input.value]), wanted);
      target.dispatchEvent(new Event("input", { bubbles: true }));
      told.textContent = "There is a token now.";
    } catch (error) {
      told.textContent = `No token: ${error.message}`;
    } finally {
      button.disabled = false;
    }
  }

  // Enter asks for the token; elsewhere in the dialog it closes it.
  const enter = (event) => event.key === "Enter" && event.target !== button && (event.preventDefault(), logIn());
  return h("div", { class: "login", onkeydown: enter },
    inputs.map(([label, input]) => h("label", {}, h("span", {}, label), input)),
    scopes.map(([name, words, box]) => h("label", {}, h("span", {}, box, " ", name), h("span", {}, words))),
    h("div", { class: "bar" }, button, told));
}
