"""Whether a Redis answers."""

from urllib.parse import urlsplit

from redis.exceptions import RedisError

from moa_scorer.storage.ledger_redis import connected


async def why_unreached(url: str) -> str:
    """Why no answer came within a second or so; empty = one came. Raises ConfigurationError."""
    redis = connected(url)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        return str(error).rstrip(".") or type(error).__name__
    finally:
        await redis.aclose()
    return ""


def redis_place(url: str) -> str:
    """Where it is, without name and password: `HOST:PORT/0`, or the path of a socket."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
