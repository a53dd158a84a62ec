"""What a framework says when a user's function cannot be differentiated, in one line: who, where, and what to do.

Frameworks meet the same few mistakes with messages of their own. Each rule below knows some of those by a pattern over
"Type: message" and says what was done and what to write instead. What no rule knows stays as the framework said it.
"""

from __future__ import annotations

import difflib
import dis
import re
from types import TracebackType
from typing import Any

import numpy as np

from hessbench.backends.contract.errors import first_line
from hessbench.backends.contract.namespace import VOCABULARY

BRANCH = "branches on a value of x, which is not known while derivatives are taken; write xp.where(condition, a, b)"
NUMBER = "makes a plain number of x (float(), int(), .item(), math.sin); use xp's functions instead"
NUMPY = (
    "gives x to NumPy, which takes no derivatives; write xp.sin for np.sin, xp.stack([a, b]) for an array of entries"
)
MIXED = "gives NumPy's arrays to {backend}; pass them as data, f(xp, x, a), or write {arrays}, and xp.eye for np.eye"
CHANGE = "changes an array in place; build a new one with xp.where, xp.stack or xp.concat"
LOOP = "iterates over an array; write xp.sum(x), or x[i] for i in range(x.shape[0])"
MASK = "takes the entries where a condition holds, and their number is not known; write xp.where(condition, a, 0.0)"
VECTOR = "multiplies by a vector with @, which TensorFlow does not do; write xp.matmul(A, x)"
DTYPES = "mixes data types; convert with xp.astype(a, x.dtype), and write 2.0 for 2"
KEYWORD = (
    "passes an argument that the function lacks; xp's functions have those of the array API standard (axis, keepdims)"
)

VALUE = (
    "asks for a value of x, which is not known while f is traced; write xp.where(condition, a, b) for a branch, and "
    "use xp's functions instead of float() or math.sin"
)

BACKWARDS = "steps backwards in a slice, which not every framework's arrays do; write xp.flip(x)"
REMAINDER = "divides by // or %, which PyTorch does not differentiate; write q = xp.floor(a / b), and a - b * q for %"
LIST = "takes a list as index; write xp.take(x, xp.asarray([0, 2]))"
LENGTH = "takes a method of an array for a number; in PyTorch x.size is one: write math.prod(x.shape), or x.shape[0]"
RESHAPE = "gives reshape a number; write a tuple, xp.reshape(x, (-1,))"
REPEATS = "repeats entries as often as an array says, so the length is not known; write xp.take(x, indices)"

OTHERS = "gives x to another framework's functions; use xp's functions, or say whose they are: framework=..."

ATTENTION = (
    "calls fused attention, which has no second derivative in PyTorch; compute it within "
    "torch.nn.attention.sdpa_kernel(SDPBackend.MATH)"
)
BAG = "calls embedding_bag, which has no second derivative in PyTorch; write torch.nn.Embedding and a sum"
ONCE = "calls {}, which has no second derivative in PyTorch; write it in other functions, or take another framework's"
WHILE = (
    "has a loop whose number of steps JAX does not know (lax.while_loop), which has no reverse derivative; write "
    "lax.scan, or lax.fori_loop with numbers for its ends"
)
UNVECTORIZED = (
    "has a loop that TensorFlow cannot vectorize (LSTM, GRU); name a method that does without, as method="
    '"hessians-graph" of hb.hessian'
)
VARIABLE = "makes a tf.Variable of x, which a graph cannot do; compute with x itself"
SIGNATURE = 'calls a tf.function of another dtype; make its input_signature that of x, or say dtype="float32"'

RANDOM = "gives another value at each call with the same x; draw random numbers once, as data"
RANDOM_NATIVE = f"{RANDOM}, and put a module into evaluation mode (dropout)"

RULES: tuple[tuple[str, str], ...] = (
    (r"derivative for \S*_scaled_dot_product_\w+", ATTENTION),
    (r"derivative for \S*_embedding_bag\w*", BAG),
    (r"Reverse-mode differentiation does not work for lax\.while_loop", WHILE),
    (r"vmap: called random operation", RANDOM_NATIVE),
    (r"an exception while vectorizing the jacobian", UNVECTORIZED),
    (r"UnliftableError", VARIABLE),
    (r"Can not cast TensorSpec\(.*dtype=.* to TensorSpec\(", SIGNATURE),
    (r"jnp\.repeat", REPEATS),
    (r"step must be greater than zero", BACKWARDS),
    (r"derivative for aten::(floor_divide|remainder)", REMAINDER),
    (r"derivative for '?(?:aten::)?_?(\w+?)_backward'? is not implemented", ONCE),
    (r"non-tuple sequence for multidimensional indexing", LIST),
    (r"'builtin_function_or_method'", LENGTH),
    (r"reshape.*must be tuple of ints|must be rank 1 but is rank 0.*Reshape", RESHAPE),
    (r"TracerBoolConversion|as a Python `bool`|data-dependent control flow|truth value of a", BRANCH),
    (r"Boolean value of Tensor with more than one", BRANCH),
    (r"TracerArrayConversion|t call numpy\(\) on Tensor|Cannot convert a symbolic|numpy\(\) is not supported", NUMPY),
    (r"unsupported operand .*'numpy\.ndarray'|between instances of .*'numpy\.ndarray'|got \(?.*numpy\.ndarray", MIXED),
    (r"must be Tensor, not numpy\.|'numpy\.ndarray' object has no attribute '(dim|to|rank)'", MIXED),
    (r"not implemented for NumPy arrays|'tuple' object has no attribute 'rank'", MIXED),
    (r"setting an array element with a sequence|does not support ufuncs|NumPy cannot hold symbols", NUMPY),
    (r"a symbol has no value", VALUE),
    (r"NonConcreteBooleanIndex", MASK),
    (r"ConcretizationType|TracerInteger|must be (a string.* or a |a )?real number, not|calling \.item\(\)", NUMBER),
    (r"only (length-1|0-dimensional|size-1) arrays can be converted", NUMBER),
    (r"in-place (item assignment|operation)|destination is read-only", CHANGE),
    (r"'(?!tuple|str|int|float)\S+' object does not support item assignment", CHANGE),
    (r"terating over a symbolic|iteration over a 0-d|object is not iterable", LOOP),
    (r"Shape must be rank 2 but is rank 1|ndims must be (==|>=) 2: 1|not compatible with expected 2", VECTOR),
    (r"Op has type \w+ that does not match|has DataType \w+ not in list of allowed", DTYPES),
    (r"expected to be a \w+ tensor but is a|have the same dtype|expected scalar type \w+ but found", DTYPES),
    (r"as an abstract array|not a valid JAX type|must be Tensor, not|expected Tensor as element", OTHERS),
    (r"unexpected keyword argument|missing \d+ required positional argument", KEYWORD),
)

NAMESPACE = r"module '(numpy|jax\.numpy|array_api_compat|hessbench\.backends|autograd)"
"""How an array namespace is called where it lacks a name."""

MIXED_TYPES = (
    "mixes data types: what it closes over is not in that of x; pass it as data, which is cast, or convert it, or say "
    'dtype="float32"'
)
"""The same of a framework's own function, which has its weights and inputs from elsewhere."""

OWN_WORDS = {"jax": "jnp", "torch": "torch", "tensorflow": "tf", "numpy": "np", "autograd": "anp"}
"""What people call a framework's functions, which they see as xp in a portable text only."""

METHODS = {"dot": "matmul", "T": "matrix_transpose", "transpose": "permute_dims", "cumsum": "cumulative_sum"}
"""Array attributes that have another name in the vocabulary."""

NUMBERS = ("item", "tolist", "numpy")
PLACES = ("device", "to_device")
OLD = {
    "concatenate": "concat",
    "dot": "matmul",
    "transpose": "permute_dims",
    "power": "pow",
    "absolute": "abs",
    "cumsum": "cumulative_sum",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsin": "asin",
    "arccos": "acos",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "einsum": "tensordot",
    "inner": "vecdot",
    "norm": "linalg.vector_norm",
    "amax": "max",
    "amin": "min",
    "diag": "linalg.diagonal",
    "trace": "linalg.trace",
}
"""NumPy's names for what the standard calls otherwise."""


def explain(problem: BaseException, f: Any, backend: str) -> str:
    """What f did in that backend, what to do, and where.

    Args:
        problem: What the framework (or f) raised.
        f: The user's function.
        backend: The backend's name.

    Returns:
        One line, or the empty string where no rule knows.
    """
    text = f"{type(problem).__name__}: {problem}"
    told = _attribute(problem) if isinstance(problem, AttributeError) else ""
    told = told or _known(text)
    arrays = ", ".join(f"xp.asarray({name})" for name in arrays_beside(f)[:3])
    if told == MIXED and backend == "numpy":
        told = ""  # its arrays are its own
    elif told == MIXED:
        told = MIXED.format(backend=backend, arrays=arrays or "xp.asarray(a)")
    elif told == NUMPY and arrays:
        told += f", {arrays} for what it reads beside its arguments"
    if is_native(f):
        told = "" if told == KEYWORD or "VOCABULARY" in told or "asks an array" in told else in_own_words(told, backend)
    if type(problem).__name__ == "NotScalar":
        told = str(problem).removeprefix("the objective ")
    if not told:
        return ""
    shown = "" if told.startswith("returned") else f" ({type(problem).__name__})"
    return f"{name_of(f)}{_line(problem.__traceback__, f)} in {backend}: {told}{shown}"


def _known(text: str) -> str:
    """What a rule says of "Type: message", with what its pattern has found in it, or the empty string."""
    found = ((re.search(pattern, text), advice) for pattern, advice in RULES)
    return next((advice.format(*match.groups()) if advice == ONCE else advice for match, advice in found if match), "")


def raised_by_framework(problem: BaseException, f: Any, backend: str) -> str:
    """What a framework said while f ran, or on its way back through f, where no rule knows it, in one line.

    Args:
        problem: What was raised.
        f: The user's function.
        backend: The backend's name.

    Returns:
        One line; the empty string where f raised it itself, which is a person's own word, or where nobody knows.
    """
    code, trace = getattr(_inner(f), "__code__", None), problem.__traceback__
    if code is None or trace is None:
        return ""
    line = _line(trace, f)
    while trace.tb_next:
        trace = trace.tb_next
    last = trace.tb_frame.f_code
    if last.co_filename == code.co_filename and last.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]:
        return ""
    return f"{name_of(f)}{line} in {backend}: {_first_line(problem)}"


def _first_line(problem: BaseException) -> str:
    """Type and first line of an exception; where TensorFlow tells of a graph first, the line behind that."""
    behind = re.match(r"Graph execution error:.*\n\n([^\n]+)\n\s*\[\[", str(problem), re.DOTALL)
    return f"{type(problem).__name__}: {behind[1]}" if behind else first_line(problem)


def is_native(f: Any) -> bool:
    """Whether f has no text over a namespace, so that advice to use xp's functions would be none."""
    return getattr(f, "portable", True) is False


def in_own_words(advice: str, backend: str) -> str:
    """Advice on a portable text as one on a framework's own function."""
    if advice == DTYPES:
        return MIXED_TYPES
    own = OWN_WORDS.get(backend, backend)
    return advice.replace("xp's functions", f"{own}'s functions").replace("xp.", f"{own}.")


def name_of(f: Any) -> str:
    """What to call a user's function."""
    return str(getattr(f, "name", None) or getattr(f, "__name__", None) or type(f).__name__)


def _attribute(problem: AttributeError) -> str:
    name = problem.name or (re.findall(r"attribute '(\w+)'", str(problem)) or [""])[-1]
    if re.search(NAMESPACE, str(problem)) or "amespace" in str(type(problem.obj)):
        return f"uses xp.{name}, which is not in hessbench.VOCABULARY; {nearest(name)}"
    if name in NUMBERS:
        return NUMBER
    if name in PLACES:
        return f"asks an array for .{name}, which not every framework's arrays have; leave it out"
    if name == "__array_namespace__":
        return "asks an array for its namespace, which not every framework's arrays know; use xp, which f is given"
    known = METHODS.get(name, name)
    if known in {word.rpartition(".")[2] for word in VOCABULARY} and problem.obj is not None:
        return f"asks an array for .{name}, which not every framework's arrays have; write xp.{known}(...)"
    return ""


def nearest(name: str) -> str:
    """The name of the vocabulary that is meant, as far as one can tell."""
    if name in OLD:
        return f"write xp.{OLD[name]}"
    words = {word.rpartition(".")[2]: word for word in reversed(VOCABULARY)}
    near = difflib.get_close_matches(name, words, n=1, cutoff=0.5)
    return f"did you mean xp.{words[near[0]]}?" if near else "compose it from names that are"


def _inner(f: Any) -> Any:
    """The function that a person wrote, within what we have made of it."""
    inner = next(iter(f.native.values())) if is_native(f) else getattr(f, "objective", getattr(f, "f", f))
    return inner if inner is f else _inner(inner)


def arrays_beside(f: Any) -> list[str]:
    """Names of the NumPy arrays that f reads beside its arguments: globals and closed-over ones."""
    inner = _inner(f)
    code = getattr(inner, "__code__", None)
    if code is None:
        return []
    seen = {name: inner.__globals__[name] for name in code.co_names if name in inner.__globals__}
    for name, cell in zip(code.co_freevars, inner.__closure__ or (), strict=True):
        try:
            seen[name] = cell.cell_contents
        except ValueError:  # not yet bound
            continue
    return [name for name, value in seen.items() if isinstance(value, np.ndarray)]


def _line(trace: TracebackType | None, f: Any) -> str:
    """Where in f's file it happened (", line 12"), the innermost place."""
    code = getattr(_inner(f), "__code__", None)
    line = None
    while code and trace:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f", line {line}," if line else ""
