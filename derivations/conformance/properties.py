"""The properties of an engine of sigmoid layers and mean binary cross-entropy, as functions.

Each takes an engine and a case, and raises an AssertionError that names layer and array.
"""

import re
from itertools import combinations
from typing import Any

import numpy as np

from derivations.conformance.bounds import running_error
from derivations.conformance.cases import Case, Layout, Regime, build_case, rebuilt
from derivations.conformance.comparing import (
    bounds_of,
    call,
    compare,
    factor,
    fail,
    gradients_and_bounds,
    guess,
    inputs_of,
    mixed,
    named_gradients,
    outputs_of,
    same_layers,
)
from derivations.conformance.enclosure import exact_network, outside, violations
from derivations.conformance.protocol import METHODS, Engine
from derivations.conformance.trying import NotImplementedByEngineError, Property, precisions
from derivations.numeric.engine_check import OTHER_BATCH, check_engine
from derivations.numeric.result import GradientCheck

# A layer and an array as the check against differences counts them, from 0.
PAIR = re.compile(r"(?:gradients)?\[(\d+)\]\[([01])\]")


def gradients_agree_with_the_enclosure(engine: Engine, case: Case) -> None:
    """Every entry lies within the running-error bound of the exact gradient."""
    _, _, exact = exact_network(case.parameters, case.X, case.Y)
    bounds = running_error(case.parameters, case.X, case.Y).gradients
    computed = engine.gradients(case.parameters, case.X, case.Y)
    same_layers(computed, case)
    fail("gradients", violations(computed, exact, bounds))


def gradients_agree_with_differences(engine: Engine, case: Case) -> None:
    """Against the engine's own forward pass and loss, so that those two are seen to match."""
    if case.dtype != "float64" or case.regime not in (Regime.GENERIC, Regime.ZEROS):
        return
    result = check_engine(engine, case.parameters, case.X, case.Y, seed=case.seed % 1000)
    if str(result.verdict.value) != "disagrees":
        return
    if not result.wrong:
        # Wrong in a batch of another size only: the enclosure can name the entries there.
        gradients_agree_with_the_enclosure(engine, rebuilt(case, samples=OTHER_BATCH))
    raise AssertionError(f"{result}\n")


def told(result: GradientCheck) -> str:
    """The result as text, with the engine's names for its arrays."""
    lines = [line for line in str(result).splitlines() if not line.startswith("  repeat")]
    return PAIR.sub(
        lambda place: f"d{'Wb'[int(place[2])]}[{int(place[1]) + 1}]", "\n".join(lines)
    ).replace("\n  ", "\n")


def activations_agree_with_the_enclosure(engine: Engine, case: Case) -> None:
    """A[0] is X, and each A[l] lies within its bound."""
    exact, _, _ = exact_network(case.parameters, case.X, case.Y)
    bounds = running_error(case.parameters, case.X, case.Y).A
    A = engine.forward(case.parameters, case.X)
    if len(A) != len(exact):
        raise AssertionError(
            f"forward: {len(A)} activations, but should be the {len(exact)} "
            f"from A[0] to A[{len(exact) - 1}]"
        )
    found = []
    for layer, arrays in enumerate(zip(A, exact, bounds, strict=True)):
        got, true, room = arrays
        found += outside(np.asarray(got), true, room, f"A[{layer}]")
    fail("forward", found)


def loss_agrees_with_the_enclosure(engine: Engine, case: Case) -> None:
    """The loss, from the logits, lies within its bound."""
    _, exact, _ = exact_network(case.parameters, case.X, case.Y)
    bound = running_error(case.parameters, case.X, case.Y).loss
    computed = np.asarray(engine.loss(case.parameters, case.X, case.Y))
    found = outside(computed, np.array(exact), np.array(bound), "L")
    fail("loss", found, factor(float(computed), float(exact), case) if found else None)


def shapes_and_dtypes_are_those_of_the_inputs(engine: Engine, case: Case) -> None:
    """A gradient has the shape and dtype of its variable, an activation a row for each sample."""
    computed = engine.gradients(case.parameters, case.X, case.Y)
    same_layers(computed, case)
    wanted = inputs_of(case)[:-2]
    for (name, array), (_, due) in zip(named_gradients(computed), wanted, strict=True):
        if (np.shape(array), np.asarray(array).dtype) != (due.shape, due.dtype):
            raise AssertionError(
                f"gradients: {name} has shape {np.shape(array)} and dtype "
                f"{np.asarray(array).dtype}, but should have {due.shape} and {due.dtype}"
            )


def inputs_are_left_as_they_were(engine: Engine, case: Case) -> None:
    """No call writes to the parameters, the samples or the labels."""
    case = rebuilt(case, layout=Layout.PLAIN)
    before = [(name, array.copy()) for name, array in inputs_of(case)]
    for method in METHODS:
        if callable(getattr(engine, method, None)):
            call(engine, method, case)
            for (name, copy), (_, array) in zip(before, inputs_of(case), strict=True):
                if copy.tobytes() != array.tobytes():
                    raise AssertionError(f"{method}: changes {name} in place")


def outputs_share_no_memory(engine: Engine, case: Case) -> None:
    """Neither with an input nor with each other; A[0] may be X itself."""
    case = rebuilt(case, layout=Layout.PLAIN)
    outputs, inputs = outputs_of(engine, case), inputs_of(case)
    for (name, array), (other_name, other) in [
        *combinations(outputs, 2),
        *((output, given) for output in outputs for given in inputs),
    ]:
        if (name, other_name) != ("A[0]", "X") and np.shares_memory(array, other):
            raise AssertionError(f"{name} shares memory with {other_name}")


def calls_keep_no_state(engine: Engine, case: Case) -> None:
    """A call gives the same bits again after another one, and leaves its results alone."""
    first = outputs_of(engine, case)
    copies = [array.copy() for _, array in first]
    for other in (rebuilt(case, seed=case.seed + 1), rebuilt(case, samples=case.samples + 1)):
        outputs_of(engine, other)
    for (name, array), copy in zip(first, copies, strict=True):
        if array.tobytes() != copy.tobytes():
            raise AssertionError(f"{name}: a later call changes an earlier result")
    # Twice, because what comes between may be an even number of calls or an odd one.
    for _ in range(2):
        for (name, array), copy in zip(outputs_of(engine, case), copies, strict=True):
            if array.tobytes() != copy.tobytes():
                raise AssertionError(f"{name}: the same call gives other bits again")


def layout_in_memory_does_not_matter(engine: Engine, case: Case) -> None:
    """Fortran order, negative strides, gaps and read-only input change nothing beyond rounding."""
    plain = rebuilt(case, layout=Layout.PLAIN)
    bounds = bounds_of(plain)
    here = named_gradients(engine.gradients(plain.parameters, plain.X, plain.Y))
    for layout in Layout:
        other = rebuilt(case, layout=layout)
        there = named_gradients(engine.gradients(other.parameters, other.X, other.Y))
        compare(f"gradients in {layout.value}", here, there, bounds, bounds)


def order_of_the_samples_does_not_matter(engine: Engine, case: Case) -> None:
    """Permuted samples give the same gradients, within both bounds."""
    order = np.random.default_rng(case.seed).permutation(case.samples)
    here, bounds = gradients_and_bounds(engine, case.parameters, case.X, case.Y)
    there, others = gradients_and_bounds(engine, case.parameters, case.X[order], case.Y[order])
    compare("gradients of permuted samples", here, there, bounds, others)


def gradients_add_up_over_batches(engine: Engine, case: Case) -> None:
    """The gradient of two batches is the mean of theirs, weighted by their numbers of samples."""
    if case.samples < 2:
        return
    cut = 1 + case.seed % (case.samples - 1)
    share = cut / case.samples
    whole, bounds = gradients_and_bounds(engine, case.parameters, case.X, case.Y)
    first, first_bounds = gradients_and_bounds(engine, case.parameters, case.X[:cut], case.Y[:cut])
    second, second_bounds = gradients_and_bounds(
        engine, case.parameters, case.X[cut:], case.Y[cut:]
    )
    joined, room = mixed(share, (first, first_bounds), (second, second_bounds))
    compare("gradients of two batches", whole, joined, bounds, room)


def gradients_are_linear_in_the_output_error(engine: Engine, case: Case) -> None:
    """A - Y is affine in Y, and the way back linear: labels halfway give gradients halfway."""
    # Multiples of 1/64, so that the labels halfway are exact.
    first, second = (
        np.round(built.Y * 64) / 64 for built in (case, rebuilt(case, seed=case.seed + 1))
    )
    between, bounds = gradients_and_bounds(engine, case.parameters, case.X, first / 2 + second / 2)
    one = gradients_and_bounds(engine, case.parameters, case.X, first)
    two = gradients_and_bounds(engine, case.parameters, case.X, second)
    joined, room = mixed(0.5, one, two)
    compare("gradients of labels halfway", between, joined, bounds, room)


def permuting_hidden_units_permutes_the_gradients(engine: Engine, case: Case) -> None:
    """The units of a hidden layer have no order of their own."""
    if len(case.parameters) < 2:
        return
    layer = 1 + case.seed % (len(case.parameters) - 1)
    order = np.random.default_rng(case.seed).permutation(case.widths[layer])
    permuted = [*case.parameters]
    (W, b), (V, c) = permuted[layer - 1 : layer + 1]
    permuted[layer - 1 : layer + 1] = [(W[:, order], b[:, order]), (V[order], c)]
    here, bounds = gradients_and_bounds(engine, case.parameters, case.X, case.Y)
    there, others = gradients_and_bounds(engine, permuted, case.X, case.Y)
    first = 2 * (layer - 1)
    for index in (first, first + 1):
        here[index] = (here[index][0], here[index][1][:, order])
        bounds[index] = bounds[index][:, order]
    here[first + 2] = (here[first + 2][0], here[first + 2][1][order])
    bounds[first + 2] = bounds[first + 2][order]
    compare(f"gradients with layer {layer} permuted", here, there, bounds, others)


def no_samples_give_an_error_or_zeros(engine: Engine, case: Case) -> None:
    """A batch of nothing: any exception, or gradients of 0 in the shapes of the parameters."""
    try:
        computed = engine.gradients(case.parameters, case.X[:0], case.Y[:0])
    except Exception:
        return
    for (name, array), (_, due) in zip(named_gradients(computed), inputs_of(case), strict=False):
        if np.shape(array) != due.shape or np.any(np.asarray(array) != 0):
            raise AssertionError(f"gradients: {name} of no samples should be 0, or an error")


def shapes_that_do_not_fit_are_refused(engine: Engine, case: Case) -> None:
    """Labels, samples and biases of wrong shapes raise, even where they would broadcast.

    An engine that leaves all of this to NumPy's broadcasting has no validation: it is reported as
    not implemented.  One that refuses some and takes others has a gap in it.
    """
    if not any(refuses(engine, *wrong) for wrong in broadcastable(case.dtype).values()):
        raise NotImplementedByEngineError("validation of shapes")
    parameters, X, Y = case.parameters, case.X, case.Y
    W, b = parameters[0]
    rows = np.repeat(b, len(X) + 1, axis=0)
    wrong = {
        "Y with a row more": (parameters, X, np.concatenate([Y, Y[:1]])),
        "Y with a column more": (parameters, X, np.concatenate([Y, Y[:, :1]], axis=1)),
        "X with a column more": (parameters, np.concatenate([X, X[:, :1]], axis=1), Y),
        "b[1] with more rows than samples": ([(W, rows), *parameters[1:]], X, Y),
        **broadcastable(case.dtype),
    }
    for what, arguments in wrong.items():
        if not refuses(engine, *arguments):
            raise AssertionError(
                f"gradients: takes {what} without an error\n"
                "hint     the validation has a gap; gradients of valid input are another property"
            )


def broadcastable(dtype: str) -> dict[str, tuple[Any, Any, Any]]:
    """Wrong shapes that NumPy lets through."""
    case = build_case((3, 1), 2, dtype=dtype)
    W, b = case.parameters[0]
    return {
        "Y (2, 2) for outputs (2, 1)": (case.parameters, case.X, np.repeat(case.Y, 2, axis=1)),
        "b[1] with a row for each sample": ([(W, np.repeat(b, 2, axis=0))], case.X, case.Y),
    }


def refuses(engine: Engine, parameters: Any, X: Any, Y: Any) -> bool:
    """Whether the gradients of that input are an exception."""
    try:
        engine.gradients(parameters, X, Y)
    except Exception:
        return True
    return False


def both_precisions_are_taken(engine: Engine, case: Case) -> None:
    """float64 and float32, in the shapes of the case."""
    lacking = [dtype for dtype in ("float64", "float32") if dtype not in precisions(engine)]
    if len(lacking) == 1:
        raise NotImplementedByEngineError(lacking[0])


def nan_is_refused_or_shown(engine: Engine, case: Case) -> None:
    """A nan among the samples raises, or comes out as nan; it never becomes a number."""
    X = case.X.copy()
    X[-1, -1] = np.nan
    try:
        computed = engine.gradients(case.parameters, X, case.Y)
    except Exception:
        return
    name, array = named_gradients(computed)[0]
    if not np.isnan(array).any():
        raise AssertionError(f"gradients: {name} is finite although X holds a nan")


PROPERTIES = (
    Property(check=both_precisions_are_taken, needs=()),
    Property(check=shapes_and_dtypes_are_those_of_the_inputs, needs=("gradients",)),
    Property(check=gradients_agree_with_the_enclosure, needs=("gradients",), cause=guess),
    Property(check=gradients_agree_with_differences, needs=METHODS),
    Property(check=activations_agree_with_the_enclosure, needs=("forward",)),
    Property(check=loss_agrees_with_the_enclosure, needs=("loss",)),
    Property(check=inputs_are_left_as_they_were, needs=("gradients",)),
    Property(check=outputs_share_no_memory, needs=("gradients",)),
    Property(check=calls_keep_no_state, needs=("gradients",)),
    Property(check=layout_in_memory_does_not_matter, needs=("gradients",)),
    Property(check=order_of_the_samples_does_not_matter, needs=("gradients",)),
    Property(check=gradients_add_up_over_batches, needs=("gradients",)),
    Property(check=gradients_are_linear_in_the_output_error, needs=("gradients",)),
    Property(check=permuting_hidden_units_permutes_the_gradients, needs=("gradients",)),
    Property(check=no_samples_give_an_error_or_zeros, needs=("gradients",)),
    Property(check=shapes_that_do_not_fit_are_refused, needs=("gradients",)),
    Property(check=nan_is_refused_or_shown, needs=("gradients",)),
)
