"""Refusing a typed shape whose parameter count cannot be right, before it decides anything."""

from engine.contract import Architecture, ProblemCode
from engine.plausible import is_absurd, plausible_params
from engine.say import counted
from engine.service.problems import Defect, Unanswerable


def check_shape(shape: Architecture | None, code: ProblemCode) -> None:
    """Nothing for a sound shape or none. Raises Unanswerable with the field that is wrong."""
    defect = shape_defect(shape)
    if defect is not None:
        raise Unanswerable(code, defect)


def shape_defect(shape: Architecture | None) -> Defect | None:
    """What is wrong with the parameter count, with what its shapes make."""
    if shape is None or not is_absurd(shape):
        return None
    values = {"given": counted(shape.params_total), "made": counted(plausible_params(shape))}
    return Defect("/architecture/params_total", "params_implausible", values=values)
