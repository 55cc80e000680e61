"""Services that any server needs: settings, database, identity, audit and files; knows nothing of entities."""
