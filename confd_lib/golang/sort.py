"""`sort.Sort` of Go 1.19 and newer: equal items end up where a confd that is built today puts them.

`sortByLength` and `sortKVByLength` need it. Go sorts up to twelve items by insertion, which keeps
the order of equal ones. Longer lists go through a pattern-defeating quicksort, which reorders equal
items, always in the same way. The quicksort of older Go, with which confd 0.16.0 was released in
2018, reorders them differently. The steps are Go's (sort/zsortinterface.go), comparison by
comparison and swap by swap, since each choice depends on the places of the items before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_MAX_INSERTION: Final = 12
_SHORTEST_NINTHER: Final = 50
_SHORTEST_SHIFTING: Final = 50
_MAX_SHIFTS: Final = 5
# The most swaps of one choice of a pivot: it needs so many in a falling sequence.
_MAX_SWAPS: Final = 12
_WORD: Final = (1 << 64) - 1


def sort(items: list[T], key: Callable[[T], int]) -> None:
    """Sort the list in place, as `sort.Sort` does with `key(a) < key(b)`.

    >>> items = "bb aa b a cc c dd d ee e ff f gg g".split()
    >>> sort(items, len)
    >>> " ".join(items)
    'e f b a g c d gg aa bb ff dd ee cc'
    """
    keyed = [(key(item), item) for item in items]
    _Quicksort(keyed).sort(0, len(keyed), len(keyed).bit_length())
    items[:] = [item for _, item in keyed]


class _Quicksort:
    """One run over one list; a range includes `start` and excludes `end`."""

    def __init__(self, keyed: list[tuple[int, T]]) -> None:
        self.keyed = keyed

    def less(self, i: int, j: int) -> bool:
        return self.keyed[i][0] < self.keyed[j][0]

    def swap(self, i: int, j: int) -> None:
        keyed = self.keyed
        keyed[i], keyed[j] = keyed[j], keyed[i]

    def sort(self, start: int, end: int, bad_pivots_left: int) -> None:
        balanced = partitioned = True
        while end - start > _MAX_INSERTION:
            if bad_pivots_left == 0:
                self.heap_sort(start, end)
                return
            if not balanced:
                self.break_patterns(start, end)
                bad_pivots_left -= 1
            pivot, rising = self.choose_pivot(start, end)
            if balanced and partitioned and rising and self.nearly_sorted(start, end):
                return
            if start > 0 and not self.less(start - 1, pivot):
                start = self.partition_equal(start, end, pivot)
                continue
            middle, partitioned = self.partition(start, end, pivot)
            left, right = middle - start, end - middle
            balanced = min(left, right) >= (end - start) // 8
            if left < right:
                self.sort(start, middle, bad_pivots_left)
                start = middle + 1
            else:
                self.sort(middle + 1, end, bad_pivots_left)
                end = middle
        self.insertion_sort(start, end)

    def insertion_sort(self, start: int, end: int) -> None:
        for i in range(start + 1, end):
            self.sink(i, start)

    def sink(self, i: int, start: int) -> None:
        """Move the item to the left, past all greater ones, not beyond `start`."""
        while i > start and self.less(i, i - 1):
            self.swap(i, i - 1)
            i -= 1

    # -- Pivots

    def choose_pivot(self, start: int, end: int) -> tuple[int, bool]:
        """Return the place of a good pivot, and whether the range looks sorted.

        A falling range is reversed first. Go: choosePivot, and pdqsort's use of its hint.
        """
        quarter = (end - start) // 4
        places = [start + quarter, start + 2 * quarter, start + 3 * quarter]
        swaps = 0
        if end - start >= _SHORTEST_NINTHER:
            for number, place in enumerate(places):
                places[number], more = self.median(place - 1, place, place + 1)
                swaps += more
        pivot, more = self.median(*places)
        swaps += more
        if swaps == _MAX_SWAPS:
            self.keyed[start:end] = self.keyed[start:end][::-1]
            return end - 1 - (pivot - start), True
        return pivot, swaps == 0

    def median(self, a: int, b: int, c: int) -> tuple[int, int]:
        """Return the place of the median of three, and how many pairs were out of order."""
        swaps = 0
        if self.less(b, a):
            a, b, swaps = b, a, swaps + 1
        if self.less(c, b):
            b, c, swaps = c, b, swaps + 1
        if self.less(b, a):
            b, swaps = a, swaps + 1
        return b, swaps

    def break_patterns(self, start: int, end: int) -> None:
        """Swap three items around the middle with ones picked by xorshift, seeded by the length."""
        length = end - start
        random, mask = length, (1 << length.bit_length()) - 1
        middle = start + length // 4 * 2
        for place in (middle - 1, middle, middle + 1):
            random ^= random << 13 & _WORD
            random ^= random >> 7
            random ^= random << 17 & _WORD
            other = random & mask
            self.swap(place, start + (other - length if other >= length else other))

    # -- Partitions

    def partition(self, start: int, end: int, pivot: int) -> tuple[int, bool]:
        """Move the items that are less than the pivot before it, and the others behind it.

        Returns:
            The new place of the pivot, and whether no other item was moved.
        """
        self.swap(start, pivot)
        i, j = self.close_in(start, start + 1, end - 1)
        untouched = i > j
        while i <= j:
            self.swap(i, j)
            i, j = self.close_in(start, i + 1, j - 1)
        self.swap(j, start)
        return j, untouched

    def close_in(self, pivot: int, i: int, j: int) -> tuple[int, int]:
        """Return the first places from both ends whose items are on the wrong side of the pivot."""
        while i <= j and self.less(i, pivot):
            i += 1
        while i <= j and not self.less(j, pivot):
            j -= 1
        return i, j

    def partition_equal(self, start: int, end: int, pivot: int) -> int:
        """Move the items that equal the pivot to the left, where none is less; return their end."""
        self.swap(start, pivot)
        i, j = start + 1, end - 1
        while True:
            while i <= j and not self.less(start, i):
                i += 1
            while i <= j and self.less(start, j):
                j -= 1
            if i > j:
                return i
            self.swap(i, j)
            i, j = i + 1, j - 1

    def nearly_sorted(self, start: int, end: int) -> bool:
        """Try to sort by moving a few items. Go: partialInsertionSort."""
        i = start + 1
        for _ in range(_MAX_SHIFTS):
            while i < end and not self.less(i, i - 1):
                i += 1
            if i == end:
                return True
            if end - start < _SHORTEST_SHIFTING:
                return False
            self.swap(i, i - 1)
            if i - start >= 2:
                self.sink(i - 1, 0)
            if end - i >= 2:
                self.rise(i + 1, end)
        return False

    def rise(self, i: int, end: int) -> None:
        """Move the item before `i` to the right, past all lesser ones."""
        while i < end and self.less(i, i - 1):
            self.swap(i, i - 1)
            i += 1

    # -- Heapsort, for ranges with too many bad pivots

    def heap_sort(self, start: int, end: int) -> None:
        size = end - start
        for root in range((size - 1) // 2, -1, -1):
            self.sift_down(start, root, size)
        for last in range(size - 1, -1, -1):
            self.swap(start, start + last)
            self.sift_down(start, 0, last)

    def sift_down(self, start: int, root: int, size: int) -> None:
        while (child := 2 * root + 1) < size:
            if child + 1 < size and self.less(start + child, start + child + 1):
                child += 1
            if not self.less(start + root, start + child):
                return
            self.swap(start + root, start + child)
            root = child
