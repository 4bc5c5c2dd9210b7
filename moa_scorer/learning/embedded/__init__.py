"""The preregistered evaluation of the embedded panels."""
