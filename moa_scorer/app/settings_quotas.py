"""Settings of what tenants may use."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from moa_scorer.domain.quota import Meter, Quota

SECONDS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
LARGEST: Final = 2**50
"""Whatever counts keeps such numbers exactly."""


class QuotaOf(BaseModel):
    """So much in each window; windows begin at full seconds, minutes, hours and days of UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meter: Meter = Field(description="what is counted; micro_usd: millionths of a US dollar")
    amount: int = Field(ge=0, le=LARGEST, description="how much of it; 0: none")
    per: Literal["second", "minute", "hour", "day"]

    def quota(self) -> Quota:
        """The same as the ledger counts it."""
        return Quota(meter=self.meter, amount=self.amount, seconds=SECONDS[self.per])

    def words(self) -> str:
        """`1,000 items a minute`."""
        return f"{self.amount:,} {self.meter} {'an' if self.per == 'hour' else 'a'} {self.per}"


def _each_once(quotas: tuple[QuotaOf, ...]) -> tuple[QuotaOf, ...]:
    said = [(quota.meter, quota.per) for quota in quotas]
    for meter, per in said:
        if said.count((meter, per)) > 1:
            raise ValueError(f"should say {meter} per {per} once")
    return quotas


QuotasOf = Annotated[tuple[QuotaOf, ...], AfterValidator(_each_once)]


def quotas_of(said: Mapping[str, tuple[QuotaOf, ...]]) -> dict[str, tuple[Quota, ...]]:
    """Tenant, or `*` -> its quotas."""
    return {tenant: tuple(each.quota() for each in quotas) for tenant, quotas in said.items()}
