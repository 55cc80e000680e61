"""The ways to show an entity's records beside the list: one screen for each view type."""
