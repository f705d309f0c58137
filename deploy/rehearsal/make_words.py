#!/usr/bin/python3
"""Writes word vectors in GloVe's text form, for a rehearsal without a download.

    make_words.py WORDS DIMENSIONS

Words lie in clusters of ten around random centres, the same on every run; the
first cluster is named after things of the autumn, with "pumpkin" among them.
"""

import random
import sys

AUTUMN = ("pumpkin", "squash", "gourd", "turnip", "carrot",
          "cider", "apple", "cinnamon", "pecan", "cranberry")


def main():
    words, dimensions = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(20261122)
    for i in range(words):
        if i % 10 == 0:
            centre = [rng.gauss(0, 1) for _ in range(dimensions)]
        word = AUTUMN[i] if i < len(AUTUMN) else "word%d" % i
        print(word, *("%.5f" % (c + rng.gauss(0, 0.3)) for c in centre))


main()
