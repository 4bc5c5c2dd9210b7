"""panels/*.yaml: who is asked, in which layers, and how many must answer."""

from collections.abc import Iterator
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from moa_scorer.app.files.parts import (
    Identifier,
    Known,
    Mistake,
    Number,
    Part,
    RevisionedFile,
    RubricReference,
    checked,
    known,
)
from moa_scorer.app.files.routes import RouteModel
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.domain.panel import Layer, Panel, When

T = TypeVar("T")

Quorum = Annotated[int, Field(strict=True, ge=1)]


class SeatModel(Part):
    """A judge in a panel; written as its name alone when it sits under that."""

    judge: Identifier
    seat: Annotated[Identifier, Field(alias="as")] = ""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"judge": value}
        if not isinstance(value, dict):
            raise ValueError("should be a judge's name, or {judge: NAME, as: SEAT}")
        return value

    @model_validator(mode="after")
    def _exists(self, info: ValidationInfo) -> Self:
        checked(self.judge, known(info).judges, "unknown judge")
        return self

    @property
    def name(self) -> str:
        """The judge's name in the panel."""
        return self.seat or self.judge


def _some(parts: tuple[T, ...]) -> tuple[T, ...]:
    """Looked at after the parts: a broken one is no missing one."""
    if not parts:
        raise ValueError("should name at least one")
    return parts


Seats = Annotated[tuple[SeatModel, ...], AfterValidator(_some)]


class LayerModel(Part):
    """Judges that run side by side."""

    judges: Seats
    quorum: Quorum | None = None
    grace: Annotated[Number, Field(ge=0)] = 0.0
    share: Annotated[Number, Field(gt=0)] = 1.0
    shows_content: bool = True
    only_if_undecided: bool = False
    reads: bool | None = None
    """None = as usual: a tier reads nothing, any other later layer does."""

    @property
    def reading(self) -> bool:
        """Whether its judges are shown the ballots of earlier layers, where there are any."""
        return not self.only_if_undecided if self.reads is None else self.reads

    @property
    def enough(self) -> int:
        """Judgments with which the layer may end."""
        return self.quorum or len(self.judges)

    def value(self) -> Layer:
        """The domain's layer."""
        return Layer(
            judges=tuple(seat.name for seat in self.judges),
            quorum=self.quorum,
            grace=float(self.grace),
            share=float(self.share),
            shows_content=self.shows_content,
            when=When.UNDECIDED if self.only_if_undecided else When.ALWAYS,
            reads=self.reading,
        )


class PanelFile(RevisionedFile):
    """panels/*.yaml"""

    judges: Seats | None = None
    """Those of a panel with one layer."""
    layers: Annotated[tuple[LayerModel, ...], AfterValidator(_some)] | None = None
    quorum: Quorum
    default_rubric: RubricReference
    rubrics: dict[Identifier, RubricReference] = Field(default_factory=dict)
    writer: Identifier = ""
    routes: tuple[RouteModel, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.judges is None) == (self.layers is None):
            raise ValueError("should have either judges (one layer) or layers")
        return self

    def in_layers(self) -> tuple[LayerModel, ...]:
        """At least one."""
        return self.layers or (LayerModel.model_construct(judges=self.judges or ()),)

    def seated(self) -> tuple[SeatModel, ...]:
        """Every judge of every layer, in order."""
        return tuple(seat for layer in self.in_layers() for seat in layer.judges)

    def misfits(self, known: Known) -> Iterator[Mistake]:
        """What is wrong although every part of the file is right by itself."""
        yield from self._repeats()
        yield from self._quorums()
        yield from self._tiers()
        yield from self._readers(known)
        yield from self._writer()

    def value(self) -> Panel:
        """The domain's panel."""
        return Panel(
            name=self.name,
            version=self.version,
            title=self.title,
            judges=tuple(seat.name for seat in self.seated()),
            quorum=self.quorum,
            default_rubric=self.default_rubric,
            rubrics=dict(self.rubrics),
            layers=tuple(layer.value() for layer in self.layers or ()),
            seats={seat.name: seat.judge for seat in self.seated() if seat.seat},
            writer=self.writer,
            routes=tuple(route.value() for route in self.routes),
        )

    def _places(self) -> Iterator[tuple[str, SeatModel]]:
        for number, layer in enumerate(self.in_layers()):
            prefix = f"layers[{number}]." if self.layers else ""
            yield from ((f"{prefix}judges[{at}]", seat) for at, seat in enumerate(layer.judges))

    def _repeats(self) -> Iterator[Mistake]:
        seen: set[str] = set()
        for path, seat in self._places():
            if seat.name in seen:
                yield (
                    path,
                    f"should not repeat '{seat.name}'; a second seat: {{judge: {seat.judge}, as: SEAT}}",
                )
            seen.add(seat.name)

    def _quorums(self) -> Iterator[Mistake]:
        for number, layer in enumerate(self.in_layers()):
            if layer.grace and layer.quorum is None:
                yield f"layers[{number}].grace", "begins at the layer's quorum, and it has none"
            if layer.enough > len(layer.judges):
                most = f"{len(layer.judges)}, the number of its judges (is {layer.quorum})"
                yield f"layers[{number}].quorum", f"should be at most {most}"
        count, enough = len(self.seated()), sum(layer.enough for layer in self.in_layers())
        always = sum(layer.enough for layer in self.in_layers() if not layer.only_if_undecided)
        if self.quorum > count:
            yield "quorum", f"should be at most {count}, the number of judges (is {self.quorum})"
        elif self.quorum > enough:
            yield "quorum", f"should be at most {enough}: with so many judgments the layers may end"
        elif self.quorum > always:
            yield "quorum", f"should be at most {always}, or no tier could ever be spared"

    def _tiers(self) -> Iterator[Mistake]:
        """A tier stands behind layers that are always asked, and no ballot of it is read."""
        tiers = [layer.only_if_undecided for layer in self.in_layers()]
        if tiers[0]:
            yield "layers[0].only_if_undecided", "the first layer has no ballots to be undecided on"
        for number, layer in enumerate(self.in_layers()):
            if layer.only_if_undecided and layer.reads:
                yield f"layers[{number}].reads", "a tier reads no ballots: its own would depend on the stop"
            elif not layer.only_if_undecided and any(tiers[1:number]):
                yield (
                    f"layers[{number}]",
                    "should be only_if_undecided as the tier before it, or stand before",
                )

    def _readers(self, known: Known) -> Iterator[Mistake]:
        """A judge without a prompt reads no ballots; a layer that reads none has the content alone."""
        for number, layer in enumerate(self.in_layers()):
            if not layer.shows_content and number == 0:
                yield "layers[0].shows_content", "the first layer has nothing to judge but the content"
            elif not layer.shows_content and not layer.reading:
                yield f"layers[{number}].shows_content", "a layer that reads no ballots has only the content"
        readers = {s.name for layer in self.in_layers()[1:] if layer.reading for s in layer.judges}
        for path, seat in self._places():
            if known.readers is not None and seat.name in readers and seat.judge not in known.readers:
                yield path, f"'{seat.judge}' is no language model and cannot read earlier ballots"

    def _writer(self) -> Iterator[Mistake]:
        if not self.writer:
            return
        last = [seat.name for seat in self.in_layers()[-1].judges]
        if len(self.in_layers()) < 2:
            yield "writer", "a writer cites ballots of earlier layers, and this panel has one layer"
        elif self.writer not in last:
            yield "writer", f"'{self.writer}' is not in the last layer{did_you_mean(self.writer, last)}"
        elif not self.in_layers()[-1].reading:
            yield "writer", "a writer cites ballots of earlier layers, and the last layer reads none"
