"""Forms, urlencoded or multipart, scanned and parsed with limits. Public: `formparsers`, `formstream`."""
