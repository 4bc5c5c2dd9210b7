"""Frozen values, invariants and ports. Standard library only, no input or output."""
