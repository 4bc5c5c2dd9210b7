"""What Alembic runs: the steps, on the connection and within the transaction that it is given."""

from alembic import context

from moa_scorer.storage.schema import declared

context.configure(connection=context.config.attributes["connection"], target_metadata=declared())
context.run_migrations()
