"""Names of the standard that CasADi cannot do, and why."""

from __future__ import annotations

from hessbench.backends.standard.lacking import NO_COMPLEX, UNKNOWN_SHAPE, names

NO_BITS = "its symbols are real numbers, which have no bits"
NO_SEARCH = "it cannot sort or search symbols"
NO_DECOMPOSITION = "it has no such decomposition of a matrix of symbols"
NOT_SYMBOLIC = "an index that is data is a symbol: write xp.take(x, indices)"

LACKS = {
    **names(UNKNOWN_SHAPE, "nonzero unique_all unique_counts unique_inverse unique_values"),
    **names(
        NO_BITS,
        "bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor nextafter",
    ),
    **names(NO_SEARCH, "argmax argmin argsort searchsorted sort"),
    **names(NO_DECOMPOSITION, "linalg.eigh linalg.matrix_rank linalg.pinv linalg.qr linalg.svd linalg.svdvals"),
    **names(
        NO_COMPLEX,
        "fft.fft fft.ifft fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfftn fft.irfftn fft.hfft fft.ihfft",
    ),
}
ARRAYS_LACK = {
    "shifts": NO_BITS,
    "bits": NO_BITS,
    "index by integers": NOT_SYMBOLIC,
    "index by integers of two axes": NOT_SYMBOLIC,
}
