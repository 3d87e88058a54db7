/* An operation: its parameters and body, the button that sends it, and its responses. */

/** The details element of an operation. Its content is created when it is opened. */
function operationView(operation) {
  const { spec, method, path } = operation;
  const head = [
    h("span", { class: `method ${method.toLowerCase()}` }, method),
    // Allow line breaks after each slash.
    h("code", { class: "path" }, path.split(/(?<=\/)/).flatMap((segment) => [segment, h("wbr")])),
    h("span", { class: "summary" }, spec.summary),
    spec.deprecated && h("span", { class: "flag" }, "deprecated"),
    operation.security.length > 0 && h("span", { class: "flag" }, "auth"),
  ];
  const attributes = { class: `operation${spec.deprecated ? " deprecated" : ""}`, "data-operation": operation.id };
  return folded(attributes, head, () => h("div", { class: "inside" }, withPlanTab(operation, [
    spec.description && prose(spec.description),
    spec.externalDocs && h("p", {}, link(spec.externalDocs.url, spec.externalDocs.description ?? "More information")),
    operation.security.length > 0 && h("p", { class: "note" }, "Authorization: ", requirementInWords(operation.security)),
    operation.sent ? sentView(operation) : tryForm(operation),
    h("h4", {}, operation.sent ? "Expected responses" : "Responses"),
    Object.entries(spec.responses ?? {}).map(([status, response]) => responseView(status, resolved(response))),
  ])));
}

/** The request of a webhook: only shown, as the application sends it. */
function sentView(operation) {
  const body = resolved(operation.spec.requestBody);
  return [
    operation.parameters.map(({ name, in: place, description }) =>
      h("p", {}, h("code", {}, name), ` in ${place} `, description)),
    mediaOf(body).map(({ type, media }) => [
      h("h4", {}, "Body ", h("code", {}, type)),
      media.schema && schemaTree(media.schema),
      responseExample(type, media),
    ]),
  ];
}

/** The form: parameters, body, the response, and the curl command. */
function tryForm(operation) {
  const rows = operation.parameters.map(parameterRow);
  const body = operation.spec.requestBody && bodyPart(resolved(operation.spec.requestBody));
  const curl = h("pre", { class: "curl", tabindex: 0, "aria-label": "curl command" });
  const notice = h("p", { class: "note", role: "alert" });
  const response = h("div", { class: "response" });
  const draft = () => {
    const values = rows.map((row) => [row.parameter, row.field.read()]).filter(([, value]) => value !== undefined);
    return requestOf(operation, serverFor(operation), values, body?.read());
  };
  const refresh = () => (curl.textContent = curlOf(draft()));
  const submit = (event) => {
    event.preventDefault(); // the Content-Security-Policy forbids to submit forms
    const missing = rows.find((row) => row.place === "path" && row.field.read() === undefined);
    const request = draft();
    notice.textContent = missing ? `Fill in ${missing.name}: it is part of the path.` : (cannotSend(request) ?? "");
    if (missing) missing.field.element.focus();
    else if (!notice.textContent) perform(operation, request, response);
  };
  document.addEventListener("authorized", refresh);
  document.addEventListener("server", refresh);
  refresh();
  return h("form", { novalidate: true, onsubmit: submit, oninput: refresh, onchange: refresh },
    rows.length > 0 && valueTable("Parameters", rows),
    body?.element,
    h("div", { class: "bar" },
      h("button", { class: "main" }, "Try it"),
      (rows.length > 0 || body) && h("span", { class: "note" }, "Empty fields are not sent.")),
    notice, response,
    folded({ class: "command" }, "curl", () => [curl, copyButton(() => curl.textContent)]));
}

// -- the body -------------------------------------------------------------------------------------------------------

/** {element, read} of a request body; `read` returns the body to send, or undefined. */
function bodyPart(body) {
  const choices = mediaOf(body).map(({ type, media }) => ({ type, ...mediaEditor(type, media) }));
  if (!choices.length) return undefined;
  let chosen = choices[0];
  const place = h("div", {}, chosen.element);
  const select = h("select", { "aria-label": "Media type of the body" },
    choices.map(({ type }) => h("option", { value: type }, type)));
  select.addEventListener("change", () => {
    chosen = choices[select.selectedIndex];
    place.replaceChildren(chosen.element);
  });
  return {
    read: () => chosen.read(),
    element: h("section", {},
      h("h4", {}, "Body ", choices.length > 1 ? select : h("code", {}, chosen.type), " ",
        body.required && h("span", { class: "required" }, "required")),
      body.description && prose(body.description),
      place),
  };
}

function mediaEditor(type, media) {
  const node = flat(media.schema ?? {});
  if (/^multipart\/|urlencoded/.test(type)) return formEditor(type, node);
  if (!isJson(type) && (isFile(node) || !/^text\/|[/+](xml|yaml)/.test(type))) return fileEditor(type);
  return textEditor(type, media);
}

/** An editor for text, filled with an example. Invalid JSON is reported, but can be sent. */
function textEditor(type, media) {
  const json = isJson(type);
  const named = namedExamples(media);
  const invented = media.schema && json ? exampleOf(media.schema) : undefined;
  const examples = named.length ? named : invented === undefined ? [] : [["Example", invented]];
  const area = h("textarea", { "aria-label": "Body", class: "code", spellcheck: "false" });
  const error = h("p", { class: "note", role: "status" });
  const write = (value) => {
    area.value = value === undefined ? "" : json ? JSON.stringify(value, null, 2) : plain(value);
    area.rows = Math.min(Math.max(area.value.split("\n").length, 3), 24);
    check();
  };
  const check = () => (error.textContent = json && area.value.trim() ? jsonError(area.value) : "");
  area.addEventListener("input", check);
  write(examples[0]?.[1]);
  const select = examples.length > 1 && h("select", { "aria-label": "Example" },
    examples.map(([label], index) => h("option", { value: index }, label)));
  if (select) select.addEventListener("change", () => write(examples[select.selectedIndex][1]));
  return {
    element: [select && h("p", {}, select), area, error, media.schema && schemaTree(media.schema)].filter(Boolean).reduce(
      (box, each) => (box.append(each), box), h("div", {})),
    read: () => (area.value.trim() ? { type, text: area.value } : undefined),
  };
}

function jsonError(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `Invalid JSON: ${error.message}`;
  }
}

/** A table with an input for each field of a form. */
function formEditor(type, node) {
  const rows = Object.entries(node.properties ?? {}).map(([name, each]) =>
    formRow(name, each, node.required?.includes(name) ?? false));
  const read = () => {
    const parts = [];
    for (const { name, field } of rows) {
      const value = field.read();
      const values = value === undefined ? [] : [value].flat();
      for (const each of values) parts.push([name, each instanceof File ? each : plain(each)]);
    }
    if (type.startsWith("multipart/")) return parts.length ? { type, parts } : undefined;
    return parts.length ? { type, text: String(new URLSearchParams(parts)) } : undefined;
  };
  return { element: h("div", {}, node.description && prose(node.description), valueTable("Fields", rows)), read };
}

function fileEditor(type) {
  const field = fileField({ "aria-label": "Body" }, false);
  return {
    element: h("div", {}, field.element),
    read: () => (field.read() ? { type, file: field.read()[0] } : undefined),
  };
}

// -- responses ------------------------------------------------------------------------------------------------------

/** A response: status and description; headers, media types and schemas unfold. */
function responseView(status, response) {
  const media = mediaOf(response);
  const problem = media.some(({ type }) => type.startsWith("application/problem+"));
  const [first, ...rest] = String(response.description ?? "").split("\n");
  const head = [
    h("span", { class: `status s${status[0]}` }, status), " ", first,
    problem && h("span", { class: "flag" }, "problem"),
    media.map(({ type, media: { schema } }) => h("span", { class: "type" }, schema ? `${type}: ${typeOf(schema)}` : type)),
  ];
  const headers = Object.entries(response.headers ?? {}).map(([name, each]) => [name, resolved(each)]);
  if (!media.length && !headers.length && !rest.length) return h("p", { class: "responses" }, head);
  return folded({ class: "responses" }, head, () => [
    rest.length > 0 && prose(rest.join("\n")),
    headers.map(([name, header]) => h("p", {}, "Header ", h("code", {}, name), " ",
      h("span", { class: "type" }, typeOf(header.schema ?? {})), " ", header.description)),
    media.map(({ type, media: each }) => [
      media.length > 1 && h("p", {}, h("code", {}, type)),
      each.schema && schemaTree(each.schema),
      responseExample(type, each),
    ]),
  ]);
}

function responseExample(type, media) {
  const named = namedExamples(media);
  if (named.length) {
    return named.map(([label, value]) => folded({}, label, () => h("pre", { tabindex: 0 }, pretty(value))));
  }
  const invented = media.schema && isJson(type) ? exampleOf(media.schema, false) : undefined;
  return invented !== undefined && folded({}, "Example", () => h("pre", { tabindex: 0 }, pretty(invented)));
}

function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
