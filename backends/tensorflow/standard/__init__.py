"""The array API standard over TensorFlow: functions, `linalg`, `fft`, attributes of tensors."""
