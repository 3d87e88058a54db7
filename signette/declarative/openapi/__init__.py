"""Plan -> OpenAPI: schemas, operations, the document, and the page that shows it."""
