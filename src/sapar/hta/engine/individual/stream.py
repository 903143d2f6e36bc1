"""Uniform numbers that depend only on who and what they are for.

A number is a hash of (seed, draw, person, place), by the finalizer and the step of SplitMix64
(Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014). So person 7 of
draw 3 meets the same luck in every strategy, and neither the order of the work nor the number of
workers changes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Words = NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
UNIT = 2.0**-52
"""Uniform numbers are (m + 1/2) / 2**52: never 0, never 1, and all of them exact."""


def mixed(words: Words) -> Words:
    """The finalizer of SplitMix64, on any array of words."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(SECOND)
    return words ^ (words >> np.uint64(31))


def keys(seed: int, draws: Any, people: Any) -> Words:
    """A key for each person of each draw.

    Args:
        seed: any whole number; its lowest 64 bits count.
        draws: numbers of the draws, (K,).
        people: numbers of the people, (N,).

    Returns:
        (K, N).
    """
    golden = np.uint64(GOLDEN)
    # An array of one: plain words would warn of the overflow that is meant.
    first = mixed(np.array([seed % 2**64], dtype=np.uint64) + golden)
    of_draw = mixed(first + (np.asarray(draws, dtype=np.uint64) + np.uint64(1)) * golden)
    of_person = (np.asarray(people, dtype=np.uint64) + np.uint64(1)) * golden
    # The two factors are hashed one after the other: sums of both would let people share streams.
    return mixed(mixed(of_draw)[:, None] ^ mixed(of_person)[None, :])


def uniform(keys: Words, place: Any) -> Numbers:
    """The uniform numbers of a place in each stream.

    Args:
        keys: of the people.
        place: which number of the stream, from 0; broadcasts against the keys.
    """
    # At least an array of one: plain words would warn of the overflow that is meant.
    steps = (np.atleast_1d(np.asarray(place, dtype=np.uint64)) + np.uint64(1)) * np.uint64(GOLDEN)
    words = mixed(np.asarray(keys + steps, dtype=np.uint64))
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * UNIT


def stream_of(seed: int, name: str) -> int:
    """A seed for something with a name, so that a new attribute changes no other.

    FNV-1a over the name (Fowler, Noll and Vo), mixed with the seed.
    """
    word = 0xCBF29CE484222325
    for byte in f"{seed}/{name}".encode():
        word = ((word ^ byte) * 0x100000001B3) % 2**64
    return word
