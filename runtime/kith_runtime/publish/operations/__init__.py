"""The operations of a plan, one file each: what changes, in words, and how it is done."""
