"""What many records rest on, kept once under its digest."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from moa_scorer.domain.errors import DamagedRecord, NotFound
from moa_scorer.storage.codec import Damaged, sealed, unsealed
from moa_scorer.storage.database import Database
from moa_scorer.storage.records_table import ARTEFACTS
from moa_scorer.storage.rows import Artefact
from moa_scorer.storage.upserts import insert_into


class SqlArtefacts:
    """The `ArtefactStore` of a database; it knows which ones it has seen there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: set[str] = set()

    async def has(self, digest: str) -> bool:
        """As in the port."""
        if digest not in self._seen:
            async with self._database.reading() as connection:
                asking = select(ARTEFACTS.c.digest).where(ARTEFACTS.c.digest == digest)
                found = (await connection.execute(asking)).first()
            self._seen |= {digest} if found else set()
        return digest in self._seen

    async def put(self, digest: str, kind: str, content: bytes) -> None:
        """As in the port."""
        if digest in self._seen:
            return
        artefact = Artefact(digest=digest, kind=kind, content=content)
        async with self._database.writing() as connection:
            await self.write(connection, [artefact])
        self.written([artefact])

    async def get(self, digest: str) -> bytes:
        """As in the port."""
        found = await self.among([digest])
        if digest not in found:
            raise NotFound("artefacts", digest)
        try:
            return unsealed(digest, found[digest])
        except Damaged:
            raise DamagedRecord(digest, "artefact") from None

    async def among(self, digests: Iterable[str]) -> dict[str, bytes]:
        """Digest -> sealed bytes, of those that are there."""
        async with self._database.reading() as connection:
            asking = select(ARTEFACTS.c.digest, ARTEFACTS.c.bytes).where(ARTEFACTS.c.digest.in_(digests))
            return {row.digest: row.bytes for row in await connection.execute(asking)}

    async def write(self, connection: AsyncConnection, artefacts: Sequence[Artefact]) -> None:
        """Writes those that are not known to be there, in a transaction of the caller's.

        In the order of their digests: two processes that write the same ones never wait for each other.
        """
        new = {a.digest: a for a in artefacts if a.digest not in self._seen}
        if new:
            rows = [
                {"digest": digest, "kind": a.kind, "bytes": sealed(digest, a.content)}
                for digest, a in sorted(new.items())
            ]
            writing = insert_into(connection.dialect.name, ARTEFACTS).on_conflict_do_nothing()
            await connection.execute(writing, rows)

    def written(self, artefacts: Iterable[Artefact]) -> None:
        """The transaction that wrote them was committed."""
        self._seen |= {a.digest for a in artefacts}
