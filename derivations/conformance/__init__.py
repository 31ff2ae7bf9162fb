"""The properties that every engine must have."""
