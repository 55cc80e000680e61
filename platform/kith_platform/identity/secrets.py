"""Random secrets and their hashes.

Secrets have 256 random bits, so a plain SHA-256 is enough to store them by: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits as 43 characters that are safe in addresses."""
    return secrets.token_urlsafe(_BYTES)


def hash_secret(secret: str) -> str:
    """Return the form in which a secret is stored and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
