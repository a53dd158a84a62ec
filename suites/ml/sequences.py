"""A hidden Markov model: a recurrence of logsumexp over a few steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.ml.softmax import softmax, spread_of

SYMBOLS = 3
SEQUENCES, STEPS = 5, 8


def _states(n: int) -> int:
    """The k of n = k + k^2 + 3k, by operations that compilers trace."""
    return round((n + 4) ** 0.5) - 2


def _normalized(xp: Any, logits: Any) -> Any:
    """The logarithm of softmax along the last axis."""
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def _hidden_markov(xp: Any, x: Any, symbols: Any) -> Any:
    r"""f(a, A, B) = -log p of 5 sequences of 8 symbols, by the forward recurrence; k hidden states, n = k^2 + 4k.

    $$f = -\sum_{\text{sequences}} \log \sum_j e^{\alpha_8(j)},\quad
    \alpha_{t+1}(j) = \log \sum_i e^{\alpha_t(i) + A_{ij}} + B_{j y_{t+1}},\quad \alpha_1(j) = a_j + B_{j y_1}$$
    with $a$ and the rows of $A$ and $B$ logarithms of softmax of the variables
    """
    k = _states(x.shape[0])
    first, rest = _normalized(xp, x[:k]), x[k + k * k :]
    transition = _normalized(xp, xp.reshape(x[k : k + k * k], (k, k)))
    emission = xp.matrix_transpose(_normalized(xp, xp.reshape(rest, (k, SYMBOLS))))
    alpha = first + xp.matmul(symbols[0], emission)
    for t in range(1, STEPS):
        paths = xp.expand_dims(alpha, axis=2) + transition
        largest = xp.max(paths, axis=1, keepdims=True)
        alpha = xp.log(xp.sum(xp.exp(paths - largest), axis=1)) + largest[:, 0] + xp.matmul(symbols[t], emission)
    largest = xp.max(alpha, axis=1, keepdims=True)
    return -xp.sum(xp.log(xp.sum(xp.exp(alpha - largest), axis=1)) + largest[:, 0])


def _sequences(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Symbols as rows of an identity matrix, (8, 5, 3); every symbol tends to repeat itself."""
    del n
    symbols = rng.integers(SYMBOLS, size=(STEPS, SEQUENCES))
    for t in range(1, STEPS):
        symbols[t] = np.where(rng.uniform(size=SEQUENCES) < 0.6, symbols[t - 1], symbols[t])
    return (np.eye(SYMBOLS)[symbols],)


class _Logs(NamedTuple):
    """Logarithms of probabilities with their derivatives by x."""

    value: FloatArray
    first: FloatArray
    second: FloatArray


def _log_softmax(x: FloatArray, start: int, rows: int, columns: int) -> _Logs:
    """The log softmax of rows of x: derivatives e_c - p, and for all columns of a row -(diag p - pp')."""
    own, index = np.arange(rows), start + np.arange(rows * columns).reshape(rows, columns)
    logits = x[index]
    p = softmax(logits)
    first, second = np.zeros((rows, columns, x.size)), np.zeros((rows, x.size, x.size))
    first[own[:, None, None], np.arange(columns)[:, None], index[:, None, :]] = np.eye(columns) - p[:, None, :]
    second[own[:, None, None], index[:, :, None], index[:, None, :]] = -spread_of(p)
    largest = logits.max(1, keepdims=True)
    value = logits - largest - np.log(np.exp(logits - largest).sum(1, keepdims=True))
    return _Logs(value, first, np.broadcast_to(second[:, None], (rows, columns, x.size, x.size)))


def _emitted(alpha: _Logs, emission: _Logs, symbols: FloatArray) -> _Logs:
    """With the logarithm of the probability of the symbols seen, (5, k) and its derivatives."""
    seen = _Logs(*(np.moveaxis(part, 1, 0)[symbols.argmax(1)] for part in emission))
    return _Logs(alpha.value + seen.value, alpha.first + seen.first, alpha.second + seen.second)


def _summed(alpha: _Logs, transition: _Logs) -> _Logs:
    """The recurrence log sum_i exp(alpha_i + A_ij), with w_i the shares in the sum.

    The first derivatives g_i are averaged to g by w, the second ones give sum_i w_i (H_i + g_i g_i') - g g'.
    """
    paths = alpha.value[:, :, None] + transition.value
    weights = softmax(paths.transpose(0, 2, 1)).transpose(0, 2, 1)
    largest = paths.max(1)
    value = np.log(np.exp(paths - largest[:, None]).sum(1)) + largest
    slopes = alpha.first[:, :, None] + transition.first
    first = np.einsum("bij,bijn->bjn", weights, slopes)
    second = np.einsum("bij,binm->bjnm", weights, alpha.second, optimize=True)
    second += np.einsum("bij,ijnm->bjnm", weights, transition.second, optimize=True)
    second += np.matmul((weights[..., None] * slopes).transpose(0, 2, 3, 1), slopes.transpose(0, 2, 1, 3))
    return _Logs(value, first, second - first[..., :, None] * first[..., None, :])


def _likelihood(x: FloatArray, symbols: FloatArray) -> _Logs:
    """The logarithm of the probability of each sequence with its derivatives; the recurrence, differentiated twice."""
    k = _states(x.size)
    start, transition = _log_softmax(x, 0, 1, k), _log_softmax(x, k, k, k)
    emission = _log_softmax(x, k + k * k, k, SYMBOLS)
    alpha = _emitted(_Logs(*start), emission, symbols[0])
    for seen in symbols[1:]:
        alpha = _emitted(_summed(alpha, transition), emission, seen)
    end = _Logs(np.zeros((k, 1)), np.zeros((k, 1, x.size)), np.zeros((k, 1, x.size, x.size)))
    return _summed(alpha, end)


def _hidden_markov_hessian(x: FloatArray, symbols: FloatArray) -> FloatArray:
    hessian = -_likelihood(x, symbols).second.sum((0, 1))
    return np.asarray(0.5 * (hessian + hessian.T))


def _groups(x: FloatArray, symbols: FloatArray) -> FloatArray:
    """The same added to all logits of a distribution changes nothing: one vector for a, one for each row of A and B."""
    del symbols
    k = _states(x.size)
    return np.repeat(np.eye(1 + 2 * k), [k] * (1 + k) + [SYMBOLS] * k, axis=1)


hidden_markov_forward = Problem(
    name="hidden_markov_forward",
    objective=_hidden_markov,
    sizes=(12, 45, 96),
    start=lambda n, rng: rng.standard_normal(n),
    data=_sequences,
    gradient=lambda x, symbols: -_likelihood(x, symbols).first.sum((0, 1)),
    hessian=_hidden_markov_hessian,
    allowed=Size("n = k^2 + 4k, k >= 2", lambda n: n >= 12 and _states(n) * (_states(n) + 4) == n),
    source="Rabiner 1989, A tutorial on hidden Markov models and selected applications in speech recognition, "
    "doi:10.1109/5.18626, section III.A",
    convention="in logarithms; softmax of free variables instead of probabilities under constraints",
    structure=Structure(null_vectors=_groups),
    tags=("ml", "nonconvex", "recurrence", "null-vectors", "dense"),
)

PROBLEMS = (hidden_markov_forward,)
