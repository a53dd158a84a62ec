"""What is known of faults that the audit found, by "function:argument" or function: upstream thread, one sentence."""

NONE_FOUND = "no report found"
ORDER = "The derivative by the order is declared as none and is zero without a word."

REMARKS = {
    "autograd.scipy.special.iv": (NONE_FOUND, ORDER),
    "autograd.scipy.special.ive": (NONE_FOUND, ORDER),
    "autograd.scipy.special.jn": (NONE_FOUND, ORDER),
}
