from __future__ import annotations

from .samples import Samples, samples_of

BRIGHTEST = 16.0


def digits() -> Samples:
    """The 1,797 images of handwritten digits, 8 x 8 pixels, that come with scikit-learn, scaled to 0..1.

    References
    ----------
    .. [1] E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998).
    """
    # scikit-learn takes seconds to load, and networks can be trained without it
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return samples_of("digits", images / BRIGHTEST, labels)
