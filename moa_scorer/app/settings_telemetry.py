"""Settings of what is told to operators' tools."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _receiver(value: str) -> str:
    from moa_scorer.app.files.endpoints import url_problem

    if value and (problem := url_problem(value)):
        raise ValueError(problem.replace("https://models.example.com/v1", "http://127.0.0.1:4317"))
    return value.rstrip("/")


class Otel(BaseModel):
    """Traces by OpenTelemetry. Keys for the receiver belong to the variable OTEL_EXPORTER_OTLP_HEADERS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: Annotated[str, AfterValidator(_receiver), Field(repr=False)] = Field(
        default="",
        description="address of an OTLP receiver over gRPC, such as http://127.0.0.1:4317; empty: no traces",
    )
    service: str = Field(
        default="moa-scorer", min_length=1, max_length=128, description="name of this service in traces"
    )
    share: float = Field(
        default=1.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="share of the traces that begin here which are sent; a caller's own choice is followed",
    )
    explanations: bool = Field(
        default=False, description="whether evaluation events carry the rationale, which quotes the content"
    )
