"""Read what is live, sharing everything that has not changed with what is at hand."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from kith_metadata.language import Language
from kith_metadata.snapshot import Snapshot, hash_of
from kith_platform.errors import Misconfigured
from kith_runtime.publish import store
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap


def load_published(connection: Connection, language: Language, current: store.Current, held: Published) -> Published:
    """Read what is live, taking over every document and built object that ``held`` has already."""
    if current.sequence == 0:
        return Published(Snapshot(language, {}), StorageMap({}), 0)
    row = store.load_publish(connection, current.sequence)
    if row is None:
        raise Misconfigured(
            "publish_missing", f"Publish {current.sequence} is live but not in the history.", "Restore a backup."
        )
    snapshot = load_snapshot(connection, language, current.snapshot_hash, held.snapshot)
    return Published(snapshot, load_storage(connection, row.storage, held.storage), current.sequence)


def load_snapshot(connection: Connection, language: Language, snapshot_hash: str, held: Snapshot) -> Snapshot:
    """Return a stored snapshot, sharing texts and built objects with one at hand."""
    if snapshot_hash == held.hash:
        return held
    manifest = store.load_manifest(connection, snapshot_hash)
    known = {digest: held.documents[key] for key, digest in held.manifest.items()}
    known.update(store.load_documents(connection, set(manifest.values()) - set(known)))
    snapshot = Snapshot(language, {key: known[digest] for key, digest in manifest.items()})
    snapshot.share(held)
    return snapshot


def load_storage(connection: Connection, manifest: Mapping[str, Mapping[str, str]], held: StorageMap) -> StorageMap:
    """Return the storage map of a publish, sharing texts and decoded entities with one at hand."""
    known = {hash_of(text): text for text in (*held.documents.values(), *held.aside.values())}
    wanted = {digest for part in ("entities", "aside") for digest in manifest[part].values()}
    known.update(store.load_documents(connection, wanted - set(known)))
    storage = StorageMap(
        {name: known[digest] for name, digest in manifest["entities"].items()},
        {name: known[digest] for name, digest in manifest["aside"].items()},
    )
    storage.share(held)
    return storage
