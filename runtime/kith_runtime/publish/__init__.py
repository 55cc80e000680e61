"""Publish: plan the way from the live snapshot to another, apply it in one transaction, undo it, tell its history.

``service`` has the calls that others use: ``plan_publish``, ``apply``, ``publish`` and ``rollback``.
"""
