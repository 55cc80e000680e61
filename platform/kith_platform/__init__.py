"""Kith platform: services that know no entity (settings, database, identity, audit, files, locale)."""
