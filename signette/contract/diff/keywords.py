"""The keywords of JSON Schema 2020-12 and OpenAPI 3.0, as the comparison reads them: tables."""

KINDS = ("null", "boolean", "number", "string", "array", "object")

# keyword -> the name of the limit, its type, whether the value itself is outside.
LIMITS = {
    "minimum": ("minimum", "number", False),
    "exclusiveMinimum": ("minimum", "number", True),
    "maximum": ("maximum", "number", False),
    "exclusiveMaximum": ("maximum", "number", True),
    "minLength": ("minLength", "string", False),
    "maxLength": ("maxLength", "string", False),
    "minItems": ("minItems", "array", False),
    "maxItems": ("maxItems", "array", False),
    "minProperties": ("minProperties", "object", False),
    "maxProperties": ("maxProperties", "object", False),
}
UPPER = frozenset({"maximum", "maxLength", "maxItems", "maxProperties"})

# Keywords that hold one by one; the types that each is about.
TOKENS = {
    "pattern": "string",
    "format": "string number",
    "contentEncoding": "string",
    "contentMediaType": "string",
    "multipleOf": "number",
    "uniqueItems": "array",
}

COMBINATORS = frozenset({"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "type", "nullable"})

# What `Members` and `Branch` read, and what says nothing about values.
ANNOTATIONS = frozenset({
    "enum", "const", "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
    "dependentRequired", "items", "prefixItems", "contentSchema",
    "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "discriminator",
    "xml", "externalDocs", "$comment", "$schema", "$id", "$anchor", "$defs", "definitions", "$vocabulary",
})  # fmt: skip

# Keywords that are compared as a whole only: equal, or not compared.
OPAQUE_OF = {
    "contains": "array",
    "minContains": "array",
    "maxContains": "array",
    "unevaluatedItems": "array",
    "additionalItems": "array",
    "dependentSchemas": "object",
    "dependencies": "object",
    "unevaluatedProperties": "object",
}
# These depend on the keywords next to them: equal text does not mean equal values.
CONTEXTUAL = frozenset({
    "unevaluatedItems", "unevaluatedProperties", "additionalItems", "contains", "minContains", "maxContains",
    "dependentSchemas", "dependencies", "items", "$ref",
})  # fmt: skip
