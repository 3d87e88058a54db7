/* Reading the OpenAPI document: references and operations. No access to the page. */

const WEBHOOKS = "Webhooks";
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/** The document and its URL, set by page.js. */
let contract = { paths: {} };
let contractUrl = location.href;

/** The target of a reference, merged with its siblings (OpenAPI 3.1 §4.8.23). */
function resolved(node) {
  const seen = new Set();
  while (typeof node?.$ref === "string") {
    const { $ref, ...siblings } = node;
    // A circular reference has no target.
    const target = seen.has($ref) ? {} : pointed($ref);
    seen.add($ref);
    node = typeof target === "object" && target !== null ? { ...target, ...siblings } : target;
  }
  return node;
}

/** The target of a local reference (RFC 6901). Other documents are not fetched: the policy forbids it. */
function pointed(reference) {
  if (!reference.startsWith("#")) return { description: `See ${reference}.` };
  let node = contract;
  for (const token of decoded(reference.slice(1)).split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) {
      return { description: `${reference} is not in the document.` };
    }
    node = node[key];
  }
  return node;
}

/** The last part of a reference: the name of a schema. */
function nameOf(reference) {
  return decoded(reference.split("/").pop()).replaceAll("~1", "/").replaceAll("~0", "~");
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** All operations, in document order: {id, method, path, tags, spec, parameters, security, servers, sent}. */
function operations() {
  const own = Object.entries(contract.paths ?? {}).flatMap(([path, entry]) => operationsAt(path, resolved(entry)));
  // The application sends webhooks; they cannot be tried here.
  const webhooks = Object.entries(contract.webhooks ?? {}).flatMap(([name, entry]) =>
    operationsAt(name, resolved(entry)).map((each) => ({ ...each, tags: [WEBHOOKS], security: [], sent: true })));
  return [...own, ...webhooks];
}

function operationsAt(path, item) {
  const found = [];
  for (const [key, spec] of Object.entries({ ...item, ...item?.additionalOperations })) {
    // Methods that OpenAPI 3.1 does not know are extensions: `x-query`.
    const method = key.replace(/^x-/, "").toLowerCase();
    if (!METHODS.includes(key) && !spec?.responses) continue;
    found.push({
      id: spec.operationId ?? `${method}-${path}`,
      method: method.toUpperCase(),
      path,
      spec,
      tags: spec.tags?.length ? spec.tags : [""],
      parameters: parametersOf(item.parameters, spec.parameters),
      security: spec.security ?? contract.security ?? [],
      servers: spec.servers ?? item.servers,
    });
  }
  return found;
}

/** The parameters of path and operation. Those of the operation override equal ones. */
function parametersOf(shared = [], own = []) {
  const byKey = new Map();
  for (const each of [...shared, ...own]) {
    const parameter = resolved(each);
    byKey.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  const places = ["path", "query", "header", "cookie"];
  return [...byKey.values()].sort((a, b) => places.indexOf(a.in) - places.indexOf(b.in));
}

/** [tag, description, operations] in the order of the document's tags; then other tags, the untagged, and webhooks. */
function groups(all) {
  const found = new Map((contract.tags ?? []).map((tag) => [tag.name, { ...tag, operations: [] }]));
  for (const operation of all) {
    for (const name of operation.tags) {
      if (!found.has(name)) found.set(name, { name, operations: [] });
      found.get(name).operations.push(operation);
    }
  }
  const last = ["", WEBHOOKS].map((name) => found.get(name));
  found.delete("");
  found.delete(WEBHOOKS);
  return [...found.values(), ...last].filter((group) => group?.operations.length);
}

/** The media types of a body or response, with their media objects. A stream is shown as an array of its items. */
function mediaOf(holder) {
  return Object.entries(holder?.content ?? {}).map(([type, entry]) => {
    const media = resolved(entry) ?? {};
    const schema = media.schema ?? (media.itemSchema && { type: "array", items: media.itemSchema });
    return { type, media: { ...media, schema } };
  });
}

function isJson(type) {
  return /^[^;]*[/+]json\s*(;|$)/i.test(type ?? "");
}

/** The absolute URL of a server. It may be relative to the document, and have variables. */
function serverUrl(server) {
  const variables = server.variables ?? {};
  const filled = server.url.replace(/{([^{}]*)}/g, (all, name) => variables[name]?.default ?? all);
  try {
    return new URL(filled, contractUrl).href.replace(/\/$/, "");
  } catch {
    return filled;
  }
}
