"""The random audit: records that people rate whatever their score and decision."""

import hashlib

DIGITS = 2**64


def audited(name: str, share: float) -> bool:
    """Whether the record of that name is drawn; `share`, in [0, 1], is the probability.

    By the name alone: the draw knows neither content, nor score, nor decision, and whoever looks again finds
    the same.
    """
    drawn = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, person=b"audit").digest())
    return drawn < share * DIGITS
