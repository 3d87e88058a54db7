"""signette: the signature is the contract."""
