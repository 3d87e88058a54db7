/* Schemas: their type as text, a tree to unfold, and an example value. */

/** The schema with its reference resolved and its `allOf` merged. `true` and `{}` accept any value. */
function flat(schema, depth = 0) {
  const node = resolved(schema);
  if (typeof node !== "object" || node === null) return node === false ? { not: {} } : {};
  if (!Array.isArray(node.allOf) || depth > 20) return node;
  const { allOf, ...own } = node;
  const merged = {};
  for (const part of [...allOf.map((each) => flat(each, depth + 1)), own]) {
    const properties = { ...merged.properties, ...part.properties };
    const required = [...new Set([...(merged.required ?? []), ...(part.required ?? [])])];
    Object.assign(merged, part);
    if (Object.keys(properties).length) merged.properties = properties;
    if (required.length) merged.required = required;
  }
  return merged;
}

/** The alternatives of a schema without null, and whether null is one of them. */
function alternatives(node) {
  const all = node.anyOf ?? node.oneOf ?? [];
  const kept = all.filter((each) => each?.type !== "null");
  return { kept, nullable: kept.length < all.length || node.nullable === true || [node.type].flat().includes("null") };
}

/** The type as text: `integer`, `Order`, `array of string (uuid)`, `Cat or Dog or null`. */
function typeOf(schema, depth = 0) {
  if (typeof schema?.$ref === "string") {
    const target = resolved(schema);
    const shape = target?.properties || target?.enum || target?.allOf || target?.anyOf || target?.oneOf;
    if (shape || depth > 4) return nameOf(schema.$ref);
  }
  const node = flat(schema);
  if (depth > 6) return "…";
  const { kept, nullable } = alternatives(node);
  let text;
  if (kept.length) text = [...new Set(kept.map((each) => typeOf(each, depth + 1)))].join(" or ");
  else if (node.const !== undefined) text = JSON.stringify(node.const);
  else if (kindOf(node) === "array") {
    text = node.prefixItems ? `[${node.prefixItems.map((each) => typeOf(each, depth + 1)).join(", ")}]`
      : `array of ${node.items ? typeOf(node.items, depth + 1) : "anything"}`;
  } else if (kindOf(node) === "object" && !node.properties && typeof node.additionalProperties === "object") {
    text = `object of ${typeOf(node.additionalProperties, depth + 1)}`;
  } else if (node.title && node.properties) text = node.title;
  else {
    text = [node.type ?? kindOf(node) ?? "anything"].flat().filter((each) => each !== "null").join(" or ") || "null";
    const format = node.format ?? (isFile(node) ? "file" : node.contentEncoding);
    if (format) text += ` (${format})`;
  }
  return nullable && text !== "null" ? `${text} or null` : text;
}

/** The JSON type of a schema, inferred from its keywords if `type` is missing. */
function kindOf(node) {
  const type = [node.type ?? []].flat().find((each) => each !== "null");
  if (type) return type;
  if (node.properties || node.additionalProperties) return "object";
  if (node.items || node.prefixItems) return "array";
  if (node.enum?.length) return typeof node.enum[0];
  return undefined;
}

/** Whether it is binary: `contentMediaType` without encoding in OpenAPI 3.1, `format` in 3.0. */
function isFile(node) {
  return node.format === "binary" || (node.contentMediaType !== undefined && node.contentEncoding === undefined);
}

/** The constraints of a value, as short texts. */
function constraintsOf(schema, depth = 0) {
  const node = flat(schema);
  const found = [];
  if (depth > 4) return found;
  const say = (value, text) => value !== undefined && value !== false && found.push(text(value));
  say(node.minimum, (value) => `≥ ${value}`);
  say(node.exclusiveMinimum, (value) => `> ${value}`);
  say(node.maximum, (value) => `≤ ${value}`);
  say(node.exclusiveMaximum, (value) => `< ${value}`);
  say(node.multipleOf, (value) => `multiple of ${value}`);
  const length = isFile(node) ? "bytes" : "characters";
  found.push(...span(node.minLength, node.maxLength, length), ...span(node.minItems, node.maxItems, "items"));
  found.push(...span(node.minProperties, node.maxProperties, "members"));
  say(node.pattern, (value) => `matches ${value}`);
  say(node.uniqueItems, () => "unique items");
  say(node.enum, (values) => `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`);
  if (node.additionalProperties === false && node.properties) found.push("no other members");
  const inner = kindOf(node) === "array" && node.items ? constraintsOf(node.items, depth + 1) : [];
  if (inner.length && !flat(node.items).properties) found.push(`each ${inner.join(", ")}`);
  const { kept } = alternatives(node);
  if (kept.length === 1) found.push(...constraintsOf(kept[0], depth + 1));
  return found;
}

function span(least, most, unit) {
  if (least === undefined && most === undefined) return [];
  if (least === most) return [`exactly ${least} ${unit}`];
  if (most === undefined) return [`at least ${least} ${unit}`];
  return [least ? `${least} to ${most} ${unit}` : `at most ${most} ${unit}`];
}

/** A schema as a tree. Branches are created when they are opened, as schemas may be recursive. */
function schemaTree(schema) {
  return h("div", { class: "tree" }, schemaRow(undefined, schema, false, true));
}

function schemaRow(name, schema, required, open) {
  const node = flat(schema);
  const words = [
    name !== undefined && h("code", { class: "name" }, name),
    h("span", { class: "type" }, typeOf(schema)),
    required && h("span", { class: "required" }, "required"),
    node.deprecated && h("span", { class: "flag" }, "deprecated"),
    node.readOnly && h("span", { class: "flag" }, "read only"),
    node.writeOnly && h("span", { class: "flag" }, "write only"),
    constraintsOf(schema).map((text) => h("span", { class: "constraint" }, text)),
    node.default !== undefined && h("span", { class: "constraint" }, `default ${JSON.stringify(node.default)}`),
  ];
  const below = node.description && prose(node.description);
  const branches = branchesOf(schema);
  if (!branches.length) return h("div", { class: "row" }, h("div", { class: "line" }, words), below);
  const rows = () => [below, branches.map(([label, inner, needed]) => schemaRow(label, inner, needed, false))];
  return folded({ class: "row", open }, h("span", { class: "line" }, words), rows);
}

/** [label, schema, required] of the parts of a schema. Arrays and nullable schemas have the parts of their content. */
function branchesOf(schema, depth = 0) {
  const node = flat(schema);
  const { kept } = alternatives(node);
  const parts = Object.entries(node.properties ?? {}).map(([name, each]) => [
    name, each, node.required?.includes(name) ?? false,
  ]);
  for (const [pattern, each] of Object.entries(node.patternProperties ?? {})) parts.push([`/${pattern}/`, each, false]);
  const other = node.additionalProperties;
  if (typeof other === "object" && branchesOf(other, depth + 1).length) parts.push(["any other name", other, false]);
  if (depth > 8) return parts;
  if (kept.length === 1) parts.push(...branchesOf(kept[0], depth + 1));
  else if (kept.some((each) => branchesOf(each, depth + 1).length)) kept.forEach((each) => parts.push(["or", each, false]));
  if (node.prefixItems) node.prefixItems.forEach((each, index) => parts.push([`[${index}]`, each, false]));
  if (node.items && !node.properties) parts.push(...branchesOf(node.items, depth + 1));
  return parts;
}

// -- examples -------------------------------------------------------------------------------------------------------

const TEXTS = {
  "date-time": "2026-01-31T12:00:00Z", date: "2026-01-31", time: "12:00:00Z", duration: "PT1H",
  email: "ada@example.com", hostname: "example.com", ipv4: "192.0.2.1", ipv6: "2001:db8::1",
  uuid: "3fa85f64-5717-4562-b3fc-2c963f66afa6", uri: "https://example.com/", "uri-reference": "/",
  "json-pointer": "/name", byte: "aGVsbG8=", binary: "", password: "secret", regex: "^a$",
};

/** The examples of a media object or parameter, as [label, value]; the first is filled in. */
function namedExamples(holder) {
  if (holder.example !== undefined) return [["Example", holder.example]];
  return Object.entries(holder.examples ?? {})
    .map(([name, each]) => [resolved(each)?.summary ?? name, resolved(each)?.value])
    .filter(([, value]) => value !== undefined);
}

/** An example value for a schema. `forRequest` leaves out members that only responses have. */
function exampleOf(schema, forRequest = true) {
  // The budget limits models that refer to each other in many ways.
  return invent(schema, { forRequest, budget: 500 }, []);
}

function invent(schema, context, path) {
  const reference = schema?.$ref;
  if (path.includes(reference) && reference !== undefined) return undefined; // recursive: stop
  if (reference !== undefined) path = [...path, reference];
  const node = flat(schema);
  for (const value of [node.const, node.example, node.examples?.[0], usefulDefault(node), node.enum?.[0]]) {
    if (value !== undefined) return value;
  }
  if (--context.budget < 0) return undefined;
  const { kept, nullable } = alternatives(node);
  if (kept.length) {
    for (const each of kept) {
      const found = invent(each, context, path);
      if (found !== undefined) {
        const own = isObject(found) && node.properties ? inventObject(node, context, path) : {};
        return isObject(found) ? { ...own, ...found } : found;
      }
    }
    return nullable ? null : undefined;
  }
  const kind = kindOf(node);
  if (kind === "object") return inventObject(node, context, path);
  if (kind === "array") return inventArray(node, context, path);
  if (kind === "integer" || kind === "number") return inventNumber(node, kind);
  if (kind === "boolean") return true;
  if (kind === "string") return inventText(node);
  return nullable ? null : {};
}

/** The default, unless it is empty; or if an invented string would not match a pattern. */
function usefulDefault(node) {
  const empty = node.default === null || (typeof node.default === "object" && !Object.keys(node.default).length);
  const patterned = [node, ...alternatives(node).kept].some((each) => flat(each).pattern !== undefined);
  return empty && !patterned ? undefined : node.default;
}

function inventObject(node, context, path) {
  const made = {};
  for (const [name, each] of Object.entries(node.properties ?? {})) {
    if (flat(each)[context.forRequest ? "readOnly" : "writeOnly"]) continue;
    const value = invent(each, context, path);
    if (value !== undefined) made[name] = value;
    else if (node.required?.includes(name)) made[name] = null;
  }
  if (typeof node.additionalProperties === "object" && !node.properties) {
    const value = invent(node.additionalProperties, context, path);
    if (value !== undefined) made.name = value;
  }
  return made;
}

function inventArray(node, context, path) {
  if (node.prefixItems) return node.prefixItems.map((each) => invent(each, context, path) ?? null);
  const made = [];
  const wanted = Math.min(Math.max(node.minItems ?? 1, 1), node.maxItems ?? 5, 5);
  while (node.items && made.length < wanted) {
    const value = invent(node.items, context, path);
    if (value === undefined) break;
    made.push(value);
  }
  return made;
}

function inventNumber(node, kind) {
  const step = node.multipleOf ?? (kind === "integer" ? 1 : 0.5);
  let value = node.minimum ?? (node.exclusiveMinimum !== undefined ? node.exclusiveMinimum + step : undefined);
  value ??= node.maximum ?? (node.exclusiveMaximum !== undefined ? node.exclusiveMaximum - step : 0);
  const fits = kind === "integer" || node.multipleOf !== undefined;
  // Avoid rounding errors of decimals.
  return fits ? Number((Math.ceil(value / step) * step).toPrecision(12)) : value;
}

function inventText(node) {
  if (isFile(node)) return "";
  let text = TEXTS[node.format] ?? "string";
  if (text.length < node.minLength) text = text.padEnd(Math.min(node.minLength, 1000), text || "x");
  return node.maxLength === undefined ? text : text.slice(0, node.maxLength);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
