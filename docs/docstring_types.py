"""The words for types in docstrings, each with what the site writes for it: one vocabulary, which a test holds.

A type is one of these words, the name of a public class, or a literal in braces; after it may stand ``of`` and what
it is made of (``list of str``, ``dict of str to array``), between several ``or`` (``int, str or None``), and at the end
``optional``, for what has a default that the signature does not explain. Shapes and units are said in the text below.

Sphinx takes `WORDS` for its ``napoleon_type_aliases``. Words of Python's, such as ``int``, it knows by itself.
"""

__all__ = ["PYTHONS", "WORDS"]

PYTHONS = ["None", "bool", "dict", "float", "int", "list", "object", "set", "str", "tuple", "type"]

WORDS = {
    # What is calculated with.
    "node": ":class:`node <autograd.Tensor>`",  # a Value or a Tensor
    "number": "``number``",  # Python's int or float, or a scalar of NumPy's
    "array": ":class:`array <numpy:numpy.ndarray>`",  # NumPy's, or on another library the array of that
    "array_like": ":term:`numpy:array_like`",  # what NumPy makes an array of
    "container": "``container``",  # tuples, lists and dicts, in one another, of numbers, arrays or nodes
    "dtype": "``dtype``",  # one, or its name
    "device": "``device``",  # one of a library, or its name
    "namespace": "``namespace``",  # the functions that formulas are calculated with, `xp`
    "op": "``op``",  # a record of the op table, or of a user's primitive
    # What holds several, and what is called.
    "callable": "``callable``",
    "iterable": "``iterable``",
    "iterator": "``iterator``",
    "mapping": "``mapping``",
    "pair": "``pair``",  # a tuple of two
    "sequence": "``sequence``",
    "handle": "``handle``",  # what `remove` takes off again
    # Those of other libraries.
    "Generator": ":class:`Generator <numpy:numpy.random.Generator>`",
    "RandomState": "``numpy.random.RandomState``",
    "Axes": "``matplotlib.axes.Axes``",
    "Client": "``distributed.Client``",
    "ModelProto": "``onnx.ModelProto``",
    "OptimizeResult": "``scipy.optimize.OptimizeResult``",
    "estimator": "``estimator``",  # scikit-learn's
    "strategy": "``strategy``",  # hypothesis'
    # Files and modules.
    "path": "``path``",  # a str or an os.PathLike
    "pathlib.Path": "``pathlib.Path``",
    "module": "``module``",  # of Python's; a net is a Module
}
