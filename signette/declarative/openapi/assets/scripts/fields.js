/* Inputs for values, chosen by schema, and the tables that contain them. */

/** {element, read, write}: `read` returns a string, list, object or files; undefined if the field is empty. */
function fieldFor(name, schema, required, example) {
  const node = withoutNull(schema);
  const label = { "aria-label": name, "aria-required": required ? "true" : undefined, spellcheck: "false", autocomplete: "off" };
  const items = kindOf(node) === "array" ? withoutNull(node.items ?? {}) : undefined;
  let field;
  if (isFile(node) || (items && isFile(items))) field = fileField(label, Boolean(items));
  else if (items?.enum) field = manyOfField(label, items.enum);
  else if (items && !["object", "array"].includes(kindOf(items))) field = linesField(label);
  else if (items || kindOf(node) === "object") field = jsonField(label);
  else if (choicesOf(node)) field = choiceField(label, choicesOf(node), required);
  else field = textField(label, node);
  if (example !== undefined) field.write(example);
  return field;
}

function withoutNull(schema) {
  const node = flat(schema);
  const { kept } = alternatives(node);
  return kept.length === 1 ? { ...node, ...flat(kept[0]) } : node;
}

function choicesOf(node) {
  if (node.enum) return node.enum;
  if (node.const !== undefined) return [node.const];
  return kindOf(node) === "boolean" ? [true, false] : undefined;
}

/** A value as typed and sent: strings without quotes, other values as JSON. */
function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function textField(label, node) {
  const inputmode = { integer: "numeric", number: "decimal" }[kindOf(node)];
  const placeholder = node.default !== undefined && node.default !== null ? plain(node.default) : undefined;
  const element = h("input", { ...label, type: node.format === "password" ? "password" : "text", inputmode, placeholder });
  return { element, read: () => element.value || undefined, write: (value) => (element.value = plain(value)) };
}

function choiceField(label, choices, required) {
  const none = h("option", { value: "" }, required ? "" : "(not sent)");
  const element = h("select", label, none, choices.map((choice) => h("option", { value: plain(choice) }, plain(choice))));
  return { element, read: () => element.value || undefined, write: (value) => (element.value = plain(value)) };
}

function manyOfField(label, choices) {
  const options = choices.map((choice) => h("option", { value: plain(choice) }, plain(choice)));
  const element = h("select", { ...label, multiple: true, size: Math.min(options.length, 6) }, options);
  return {
    element,
    read: () => (element.selectedOptions.length ? [...element.selectedOptions].map((option) => option.value) : undefined),
    write: (values) => options.forEach((option) => (option.selected = [values].flat().map(plain).includes(option.value))),
  };
}

function linesField(label) {
  const element = h("textarea", { ...label, rows: 2, placeholder: "one value per line" });
  return {
    element,
    read: () => (element.value ? element.value.split("\n").filter((line, index, all) => line || index < all.length - 1) : undefined),
    write: (values) => (element.value = [values].flat().map(plain).join("\n")),
  };
}

function jsonField(label) {
  const element = h("textarea", { ...label, rows: 3, placeholder: "JSON" });
  const read = () => {
    try {
      return element.value.trim() ? JSON.parse(element.value) : undefined;
    } catch {
      return element.value; // invalid JSON: sent unchanged, to see the response
    }
  };
  return { element, read, write: (value) => (element.value = JSON.stringify(value, null, 2)) };
}

function fileField(label, many) {
  const element = h("input", { ...label, type: "file", multiple: many });
  // Scripts cannot choose files, so examples are ignored.
  return { element, read: () => (element.files.length ? [...element.files] : undefined), write: () => {} };
}

/** A table of values. Rows: {name, place, schema, required, description, deprecated, examples, field}. */
function valueTable(caption, rows) {
  const placed = rows.some((row) => row.place);
  const titles = ["Name", placed && "In", "Type", "Description", "Value"].filter(Boolean);
  return h("div", { class: "wide" }, h("table", { class: "values" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, rows.map((row) => h("tr", { "data-parameter": `${row.place ?? "form"}/${row.name}` },
      h("th", { scope: "row" }, h("code", {}, row.name),
        row.required && h("span", { class: "required" }, "required"),
        row.deprecated && h("span", { class: "flag" }, "deprecated")),
      placed && h("td", { class: "place" }, row.place),
      h("td", {}, h("span", { class: "type" }, typeOf(row.schema)),
        constraintsOf(row.schema).map((text) => h("span", { class: "constraint" }, text))),
      h("td", {}, row.description && prose(row.description), exampleLines(row)),
      h("td", {}, row.field.element, row.note && h("p", { class: "note" }, row.note)))))));
}

function exampleLines(row) {
  const node = flat(row.schema);
  const examples = [...row.examples.map(([, value]) => value), ...(node.examples ?? []), node.example];
  const lines = [];
  if (node.default !== undefined) lines.push(["default", node.default]);
  for (const value of examples) if (value !== undefined) lines.push(["example", value]);
  return lines.map(([word, value]) => h("p", { class: "example" }, `${word} `, h("code", {}, JSON.stringify(value))));
}

/** A row for a parameter of an operation. */
function parameterRow(parameter) {
  // A parameter with `content` is a serialized document, usually JSON.
  const [media] = mediaOf(parameter);
  const schema = parameter.schema ?? media?.media.schema ?? {};
  const examples = namedExamples(media?.media ?? parameter);
  const required = parameter.required === true || parameter.in === "path";
  const example = required ? (examples[0]?.[1] ?? flat(schema).examples?.[0]) : undefined;
  return {
    name: parameter.name, place: parameter.in, schema, required, examples, parameter,
    description: parameter.description ?? flat(schema).description,
    deprecated: parameter.deprecated,
    field: media ? withExample(jsonField({ "aria-label": parameter.name }), example) : fieldFor(parameter.name, schema, required, example),
    note: noteOn(parameter),
  };
}

function withExample(field, example) {
  if (example !== undefined) field.write(example);
  return field;
}

// Headers that browsers set themselves: Fetch Standard, "forbidden request-header".
const FORBIDDEN = /^(accept-(charset|encoding)|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

function noteOn(parameter) {
  if (parameter.in === "header" && FORBIDDEN.test(parameter.name)) return "Browsers do not let pages set this header; use curl.";
  return undefined;
}

/** A row for a field of a form. */
function formRow(name, schema, required) {
  const node = flat(schema);
  const example = node.example ?? node.examples?.[0] ?? (required ? node.default : undefined);
  return {
    name, schema, required, examples: [],
    description: node.description, deprecated: node.deprecated,
    field: fieldFor(name, schema, required, example),
  };
}
