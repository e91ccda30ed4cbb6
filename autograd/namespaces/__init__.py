"""The namespaces (``xp``) in which a formula of the op table can be read: floats, arrays, names."""
