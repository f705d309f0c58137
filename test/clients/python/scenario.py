"""What every client does with the server, as TAP; a client says how.

A client is a class whose methods are the steps, in its library's own words.
Its items are numbers: each has a vector, a text and a tag that follow from it,
so that any answer can be checked here by comparing all of them.
"""
import math
import os
import sys
import traceback

DIMS = 8
ROWS = 200
NEAREST = 10
# An approximate index may miss some of the nearest.
FOUND_AT_LEAST = 8
QUERY = 1000

# The access method that the client's index is to have; empty where the server
# has none of this name.
INDEX = os.environ.get("CLIENT_INDEX", "")
# What the server has beside vector: types, and operator classes such as
# "hnsw:halfvec_l2_ops".
HAS = os.environ.get("CLIENT_HAS", "").split()

# Values in the order of their distances from the first one.
TYPED = {
    "halfvec": ([[1.0, 0.0, 2.0], [0.0, 3.0, 4.0], [5.0, 5.0, 5.0]], "halfvec_l2_ops"),
    "sparsevec": ([[1.0, 0.0, 2.0], [0.0, 3.0, 4.0], [5.0, 0.0, 0.0]], "sparsevec_l2_ops"),
    "bit": (["101", "111", "010"], "bit_hamming_ops"),
}


def vector(number):
    """All elements are multiples of 1/16 below 8: halves have them too."""
    return [
        ((number * number * (j + 3) + number * (13 * j + 7) + 5) % 251 - 125) / 16
        for j in range(DIMS)
    ]


def text(number):
    return f"item {number}"


def embed(text):
    """The embedding of a text, in place of a model's."""
    return vector(int(text.split()[1]))


def tag(key):
    return ["red", "green", "blue", "grey"][key % 4]


def l2(a, b):
    return math.dist(a, b)


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return 1 - dot / (math.hypot(*a) * math.hypot(*b))


class Tap:
    def __init__(self):
        self.count = 0

    def say(self, result, name, note=""):
        self.count += 1
        print(f"{result} {self.count} - {name}{note}", flush=True)

    def step(self, name, work, *args):
        """A step is well if it raises nothing; False tells that it was not."""
        try:
            work(*args)
        except Exception:
            self.say("not ok", name)
            for line in traceback.format_exc().splitlines():
                print("#", line)
            return False
        self.say("ok", name)
        return True

    def skip(self, name, why):
        self.say("ok", name, f" # SKIP {why}")


class Scenario:
    def __init__(self, make, distance):
        self.make = make
        self.distance = distance
        self.client = make()
        self.numbers = {key: key for key in range(1, ROWS + 1)}

    def insert(self):
        self.client.insert([(key, number, tag(key)) for key, number in self.numbers.items()])

    def check(self, only=None):
        """Are these the nearest, of all or of those with the tag?"""
        query = vector(QUERY)
        rank = sorted(
            (self.distance(query, vector(number)), key)
            for key, number in self.numbers.items()
            if only is None or tag(key) == only
        )
        bar = rank[NEAREST - 1][0] + 1e-5
        found = self.client.search(QUERY, NEAREST, only)
        assert len(found) == len(set(found)) == NEAREST, f"found {found}"
        assert all(key in self.numbers for key in found), f"deleted ones in {found}"
        assert all(only in (None, tag(key)) for key in found), f"not all {only}: {found}"
        near = [key for key in found if self.distance(query, vector(self.numbers[key])) <= bar]
        assert len(near) >= FOUND_AT_LEAST, f"found {found}, nearest are {rank[:NEAREST]}"
        return found

    def update(self):
        """The farthest becomes the query itself: then it is the first."""
        self.moved = max(self.numbers, key=lambda key: self.distance(vector(QUERY), vector(key)))
        self.numbers[self.moved] = QUERY
        self.client.update(self.moved, QUERY, tag(self.moved))
        found = self.check()
        assert found[0] == self.moved, f"{self.moved} is not the first of {found}"

    def delete(self):
        del self.numbers[self.moved]
        self.client.delete(self.moved)
        self.check()

    def reopen(self):
        self.client.close()
        self.client = self.make()
        self.check()

    def typed(self, kind):
        values, opclass = TYPED[kind]
        index = opclass if f"{INDEX}:{opclass}" in HAS else None
        found = self.client.typed(kind, values, index)
        assert found == values, f"found {found}, not {values}"


def main(make, distance=l2):
    tap = Tap()
    scenario = Scenario(make, distance)
    client = scenario.client
    if tap.step("create", client.create) and tap.step("insert", scenario.insert):
        # Some make it with the table.
        if INDEX and hasattr(client, "index"):
            tap.step("index", client.index)
        tap.step("search", scenario.check)
        tap.step("filter", scenario.check, "green")
        tap.step("update", scenario.update)
        tap.step("delete", scenario.delete)
        tap.step("reopen", scenario.reopen)
        for kind in TYPED if hasattr(client, "typed") else []:
            if kind in HAS:
                tap.step(kind, scenario.typed, kind)
            else:
                tap.skip(kind, f"the server has no {kind}")
    sys.stdout.flush()
    # Libraries leave threads and loops behind that wait for ever.
    os._exit(0)
