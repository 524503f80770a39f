"""The ground of all contracts: strict values, no floats, a registry by type."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

DataClass = Literal["public", "internal", "personal", "restricted"]
DATA_CLASSES: tuple[DataClass, ...] = ("public", "internal", "personal", "restricted")


def _no_float(value: Any) -> Any:
    if isinstance(value, float | bool):
        raise ValueError("a number must be written as a string")
    return value


def _plain(value: Decimal) -> str:
    return format(value, "f")


_Exact = Annotated[
    Decimal,
    BeforeValidator(_no_float),
    PlainSerializer(_plain, return_type=str),
    Field(max_digits=28, allow_inf_nan=False),
]
Amount = Annotated[_Exact, Field(description="Money in the document's currency, as a string.")]
Price = Annotated[_Exact, Field(description="Price of one unit, as a string.")]
Quantity = Annotated[_Exact, Field(description="Number of units, as a string.")]
Fraction = Annotated[_Exact, Field(ge=0, le=1, description="A fraction as a string: 0.19 is nineteen per cent.")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.")]
Text = Annotated[str, Field(max_length=4000)]
Short = Annotated[str, Field(max_length=250)]
Day = Annotated[date, Field(description="A calendar day, ISO 8601.")]


class Value(BaseModel):
    """A part of a contract."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Contract(Value):
    """A fact that one side publishes and others may read.

    Readers ignore fields they do not know, so that an owner may add optional ones.
    """

    type: ClassVar[str]
    owner: ClassVar[str]
    aggregate: ClassVar[str]  # the noun and field that name the aggregate, as in "deal:deal"
    data_class: ClassVar[DataClass] = "internal"
    audience: ClassVar[tuple[str, ...]]
    tier: ClassVar[str] = ""  # of a restricted contract: which tier of figures it tells (base.tiers)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "type" in cls.__dict__:
            assert cls.type not in _REGISTRY, f"{cls.type} is defined twice"
            assert cls.type.split(".")[0] == cls.owner
            assert bool(cls.tier) == (cls.data_class == "restricted"), f"{cls.type} tells figures of no tier"
            _REGISTRY[cls.type] = cls

    @property
    def partition_key(self) -> str:
        """Which aggregate the fact is about; its facts stay in order."""
        noun, _, field = self.aggregate.partition(":")
        return f"{noun}:{getattr(self, field)}"


_REGISTRY: dict[str, type[Contract]] = {}


def contract_of(type_name: str) -> type[Contract] | None:
    """The contract of that type, or None when we know none."""
    return _REGISTRY.get(type_name)


def tier_of(type_name: str) -> str:
    """The tier of figures that events of this type tell; empty when everyone in the house may read them."""
    model = _REGISTRY.get(type_name)
    return model.tier if model else ""


def all_contracts() -> list[type[Contract]]:
    """Every contract, by type."""
    return [_REGISTRY[name] for name in sorted(_REGISTRY)]
