"""One error per way the input of a numeric check can be wrong."""


class NumericError(Exception):
    """The call cannot be judged; the message names the argument, what came and what was due."""


class ShapeError(NumericError, ValueError):
    """Arrays that belong together differ in shape."""


class DtypeError(NumericError, TypeError):
    """An array is not of a floating type that can be differentiated."""


class StructureError(NumericError, TypeError):
    """A value is not an array, nor a tuple, list or dict of arrays, like the one it answers."""


class NotScalarError(NumericError, TypeError):
    """The function to differentiate does not return one number."""


class NotFiniteError(NumericError, ValueError):
    """A value is nan or infinite where a number was due."""
