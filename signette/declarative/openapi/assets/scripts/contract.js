/* The OpenAPI document, read: references followed, operations listed. Nothing here touches the page. */

const WEBHOOKS = "Webhooks";
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/** The document that the page shows, and its address; page.js fills it in. */
let contract = { paths: {} };
let contractUrl = location.href;

/** The node that a reference leads to, with what stands beside it laid over (OpenAPI 3.1 §4.8.23). */
function resolved(node) {
  const seen = new Set();
  while (typeof node?.$ref === "string") {
    const { $ref, ...beside } = node;
    // A reference that leads back to itself says nothing.
    const target = seen.has($ref) ? {} : pointed($ref);
    seen.add($ref);
    node = typeof target === "object" && target !== null ? { ...target, ...beside } : target;
  }
  return node;
}

/** What a local reference points to (RFC 6901). Documents elsewhere are not fetched: the policy forbids it. */
function pointed(reference) {
  if (!reference.startsWith("#")) return { description: `See ${reference}.` };
  let node = contract;
  for (const piece of decoded(reference.slice(1)).split("/").slice(1)) {
    const key = piece.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) {
      return { description: `${reference} is not in the document.` };
    }
    node = node[key];
  }
  return node;
}

/** The last word of a reference: a schema's name. */
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

/** All operations, in the document's order: {id, method, path, tags, spec, parameters, security, servers, sent}. */
function operations() {
  const own = Object.entries(contract.paths ?? {}).flatMap(([path, entry]) => operationsAt(path, resolved(entry)));
  // Webhooks are sent by the application, so that there is nothing to try.
  const webhooks = Object.entries(contract.webhooks ?? {}).flatMap(([name, entry]) =>
    operationsAt(name, resolved(entry)).map((each) => ({ ...each, tags: [WEBHOOKS], security: [], sent: true })));
  return [...own, ...webhooks];
}

function operationsAt(path, item) {
  const found = [];
  for (const [key, spec] of Object.entries({ ...item, ...item?.additionalOperations })) {
    // A method that OpenAPI 3.1 has no word for stands under a key of its own: `x-query`.
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

/** The path's parameters and the operation's; of two with one place and name, the operation's. */
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

/** The media types of a body or an answer, each with its media object. A stream is told as an array of its items. */
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

/** A server's address, whole: it may be relative to the document, and have variables. */
function serverUrl(server) {
  const variables = server.variables ?? {};
  const filled = server.url.replace(/{([^{}]*)}/g, (all, name) => variables[name]?.default ?? all);
  try {
    return new URL(filled, contractUrl).href.replace(/\/$/, "");
  } catch {
    return filled;
  }
}
