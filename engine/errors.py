"""One error for each way in which a call of the engine can be wrong."""


class EngineError(Exception):
    """Base of everything that the engine raises on purpose."""


class ShapeError(EngineError, ValueError):
    """An array has a shape that does not fit those of its neighbours."""


class StructureError(EngineError, TypeError):
    """Something is not an array, or the parameters are not pairs of a weight and a bias."""


class DtypeError(EngineError, TypeError):
    """An array holds something else than float64 or float32, or two arrays differ in it."""


class NonFiniteError(EngineError, ValueError):
    """An input holds nan or an infinity."""


class LabelError(EngineError, ValueError):
    """A label lies outside the range that the loss is defined on."""


class SettingError(EngineError, ValueError):
    """A setting of a network or of its training makes no sense."""


class DivergenceError(EngineError, FloatingPointError):
    """Training has left the range of the floating-point numbers.

    ``losses`` are those of the steps before.
    """

    def __init__(self, message: str, losses: tuple[float, ...] = ()) -> None:
        super().__init__(message)
        self.losses = losses


class PrintedShapeError(ShapeError):
    """A printed formula asks for a product or a sum of shapes that do not fit."""


class UndeclaredError(EngineError, LookupError):
    """A printed formula names something that is nowhere declared."""
