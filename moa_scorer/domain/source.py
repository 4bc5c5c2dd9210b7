"""Where content comes from, as far as its caller says: what drift is looked at by."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.domain.content import Content
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant

SOURCE_TAG: Final = "source"
"""Tag whose value names the source."""


def source_of(tenant: Tenant, tags: Mapping[str, str], content: Content) -> str:
    """The tag `source`, else the content's kind; empty = neither was said.

    After `TENANT/` where it is not the default tenant's: what one sends says nothing of another's items.
    """
    said = tags.get(SOURCE_TAG) or content.kind
    return f"{tenant}/{said}" if tenant != DEFAULT_TENANT or "/" in said else said
