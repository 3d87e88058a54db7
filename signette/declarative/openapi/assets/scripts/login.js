/* The fields of a login, and the button that gets a token. */

const FLOW_NAMES = {
  authorizationCode: "Log in at the authorization server", password: "Log in with a password",
  clientCredentials: "Log in as a client",
};

/** The login fields of a flow. The token is written into the input `target`. */
function loginPart(flow, target) {
  const byCode = flow.name === "authorizationCode";
  const { clientId, scopes: chosen } = document.documentElement.dataset;
  const fields = [["client_id", "Client id", "text"], ["client_secret", "Client secret", "password"]];
  if (flow.name === "password") fields.unshift(["username", "User name", "text"], ["password", "Password", "password"]);
  const inputs = fields.map(([name, label, type]) => [label, h("input", {
    name, type, autocomplete: "off", value: name === "client_id" && clientId,
    placeholder: byCode && name === "client_secret" ? "not for public clients" : undefined,
  })]);
  const isChosen = (name) => chosen === "*" || chosen.split(" ").includes(name);
  const scopes = Object.entries(flow.scopes ?? {}).map(([name, words]) =>
    [name, words, h("input", { type: "checkbox", checked: isChosen(name) })]);
  const message = h("span", { class: "note", role: "status" });
  const button = h("button", { type: "button", onclick: logIn }, byCode ? "Log in" : "Get a token");
  const cancel = h("button", { type: "button", hidden: true }, "Cancel");
  const typed = () => Object.fromEntries(inputs.map(([, input]) => [input.name, input.value]));

  async function logIn() {
    const ending = new AbortController();
    cancel.onclick = () => ending.abort();
    button.disabled = true;
    cancel.hidden = !byCode;
    message.textContent = byCode ? "Continue in the other window …" : "";
    try {
      const wanted = scopes.filter(([, , box]) => box.checked).map(([name]) => name);
      const { client_id: id, client_secret: secret } = typed();
      target.value = byCode
        ? await tokenByCode(flow, id, secret, wanted, ending.signal)
        : await tokenFor(flow, Object.entries(typed()), wanted);
      target.dispatchEvent(new Event("input", { bubbles: true }));
      message.textContent = "Token received.";
    } catch (error) {
      message.textContent = `Login failed: ${error.message}`;
    } finally {
      button.disabled = false;
      cancel.hidden = true;
    }
  }

  // Enter requests the token here; elsewhere it closes the dialog.
  const enter = (event) => event.key === "Enter" && event.target.matches("input") && (event.preventDefault(), logIn());
  return h("div", { class: "login", "data-flow": flow.name, onkeydown: enter },
    h("p", { class: "heading" }, FLOW_NAMES[flow.name]),
    inputs.map(([label, input]) => h("label", {}, h("span", {}, label), input)),
    scopes.map(([name, words, box]) => h("label", {}, h("span", {}, box, " ", name), h("span", {}, words))),
    h("div", { class: "bar" }, button, cancel, message));
}
