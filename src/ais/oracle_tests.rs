//! Comparisons with other decoders: values that pyais 3.3.1 and the makers of the sentences give, and their whole logs.
