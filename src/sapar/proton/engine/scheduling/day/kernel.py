"""The compiled beam search: many half-finished days at once, one more treatment in each step.

A *node* is a day on which some jobs are placed, in the order of their beam uses, each as early as
the order allows. A step makes all children of all nodes (one more job in one of its rooms) and
keeps the `width` most promising that are not the same. It is the search of Horn, Raidl and
Rönnberg for one shared resource ("Job sequencing with one common and multiple secondary
resources", Artificial Intelligence 277, 2019) with another guide (`_score`), and with windows,
closures, teams and fasting.

A node is one row of whole numbers; the columns are, with R rooms, B beams, K teams, G groups: room
free (R), beam free (B), last room on the beam (B), first beam use (B), team free (K), the rank
placed last and the latest start of the ranks before it and of this rank (3), jobs under anaesthesia
placed (1), minutes left of each group (G), beam minutes left (B), jobs left that may have the room
(R), minutes left (1), key of the set of placed jobs (1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sapar.proton.engine.scheduling.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Small = NDArray[np.int32]

FAR = 1 << 40
BUCKETS = 1 << 14
PLACE = 64
"""A placement is start * PLACE + room: one number for each job, -1 while it is not placed."""

# Columns of `jobs`.
SETUP, BEAM, LEAVING, TOTAL, ASLEEP, RANK, LOWER, AFTER, AFTER_MIN, TWIN, KEY, ONLY = range(12)
# Places of `sizes`.
N, R, B, K, G, INDUCTION, RECOVERY = range(7)
# Places of `weights`.
IDLE, OVER, NOISE = range(3)


class Day(NamedTuple):
    """A day's problem as the kernel takes it.

    Attributes:
        sizes: see the constants, (7,).
        jobs: see the constants, (n, 12).
        rooms: beam of each room, switch of each beam, twin of each room, least leaving, (., 4).
        allowed, first, low, high: as in `Arrays`; inside: its `in_group`.
        members: how many rooms a group has and which, (G, R + 1).
        root: the row of the empty day.
    """

    sizes: Whole
    jobs: Whole
    rooms: Whole
    allowed: Whole
    first: Whole
    low: Whole
    high: Whole
    inside: Whole
    members: Whole
    root: Whole


class Guide(NamedTuple):
    """What a run looks for.

    Attributes:
        limit: the minute by which the day ends.
        weights: of idle beam and of minutes too many, in eighths; the mask of the noise, in
        eighths.
        usual: the usual set-up in each room.
    """

    limit: int
    weights: Whole
    usual: Whole


class Made(NamedTuple):
    """The children of a step: scores; (parent, job, placement); how many, a random state."""

    score: Whole
    child: Small
    state: Whole


@compiled
def _not_before(node: Whole, starts: Small, j: int, sizes: Whole, jobs: Whole) -> int:
    """The first minute that the job before, the teams and the fasting order leave; -1: not yet."""
    s = -FAR
    other = jobs[j, AFTER]
    if other >= 0:
        if starts[other] < 0:
            return -1
        s = starts[other] // PLACE + jobs[j, AFTER_MIN]
    if jobs[j, ASLEEP] == 1:
        at = sizes[R] + 3 * sizes[B]
        least = FAR
        for k in range(sizes[K]):
            least = min(least, node[at + k])
        s = max(s, least + sizes[INDUCTION])
        at += sizes[K]
        if node[at + 3] < jobs[j, LOWER]:
            return -1
        before = node[at + 2] if jobs[j, RANK] > node[at] else node[at + 1]
        s = max(s, before + 1)
    return s


@compiled
def _leavings(starts: Small, jobs: Whole, n: int) -> tuple[int, int, int]:
    """The two shortest leavings of the beam's jobs that are not placed, and whose the first is."""
    one, two, whose = FAR, FAR, -1
    for j in range(n):
        if starts[j] >= 0 or jobs[j, BEAM] == 0:
            continue
        if jobs[j, LEAVING] < one:
            one, two, whose = jobs[j, LEAVING], one, j
        elif jobs[j, LEAVING] < two:
            two = jobs[j, LEAVING]
    return one, two, whose


@compiled
def _tail(leavings: tuple[int, int, int], j: int, left: int, least: int) -> int:
    """Minutes from the last beam use to the end of the day once a job is placed.

    Somebody who is left leaves last: so a short leaving is kept for the end of the day.
    """
    if left <= 0:
        return least
    return max(least, leavings[1] if j == leavings[2] else leavings[0])


@compiled
def _rate(  # noqa: C901, PLR0917 - the innermost loops, kept together
    node: Whole, starts: Small, begin: int, day: Day, guide: Guide, made: Made
) -> None:
    """Score the children of a node from place `begin` on; drop those that end after the limit.

    A score is in eighths of minutes; smaller is better. The guide adds the minutes that rooms lose,
    those that the beam loses (`IDLE`) and what no longer fits before the limit (`OVER`). A room is
    taken to wait for the beam as if its next job had the usual set-up.
    """
    # Taken out of their tuples once: each access counts references, which costs more than the work.
    sizes, jobs, rooms, inside, members = day.sizes, day.jobs, day.rooms, day.inside, day.members
    weights, usual, limit = guide.weights, guide.usual, guide.limit
    score, child = made.score, made.child
    count, groups, beams = sizes[R], sizes[G], sizes[B]
    at = count + 3 * beams + sizes[K] + 4
    here = at + groups + beams
    then = np.empty(count, np.int64)
    draw = made.state[1]
    rest_leave = _leavings(starts, jobs, sizes[N])
    m = begin
    for c in range(begin, made.state[0]):
        j, placed = child[c, 1], child[c, 2]
        r, b = placed % PLACE, rooms[placed % PLACE, 0]
        end = placed // PLACE + jobs[j, TOTAL]
        beam_end = end - jobs[j, LEAVING]
        left = node[at + groups + b]
        if jobs[j, ONLY] == b:
            left -= jobs[j, BEAM]
        if end > limit or beam_end + left + _tail(rest_leave, j, left, rooms[0, 3]) > limit:
            continue
        value = 8 * (node[here + count] - jobs[j, TOTAL]) + weights[IDLE] * (beam_end + left)
        for q in range(count):
            h = end if q == r else node[q]
            if rooms[q, 0] == b and node[here + q] > (q == r):
                h = max(h, beam_end - usual[q])
            then[q] = h
            value += 8 * h
        for g in range(groups):
            rest = node[at + g] - inside[j, g] * jobs[j, TOTAL]
            if rest <= 0:
                continue
            size = members[g, 0]
            space, hoped = size * limit, size * limit
            for k in range(1, size + 1):
                q = members[g, k]
                space -= end if q == r else node[q]
                hoped -= then[q]
            if space < rest:
                value = -1
                break
            if hoped < rest:
                value += weights[OVER] * (rest - hoped) // size
        if value < 0:
            continue
        draw ^= draw << 13
        draw ^= (draw >> 7) & 0x1FFFFFFFFFFFFFF
        draw ^= draw << 17
        score[m] = value + (draw & weights[NOISE])
        child[m, 0], child[m, 1], child[m, 2] = child[c, 0], j, placed
        m += 1
    made.state[0], made.state[1] = m, draw


@compiled
def _take_team(node: Whole, at: int, j: int, span: tuple[int, int], day: Day) -> None:
    """Put an anaesthesia into a node: the team, the fasting order; `at` is the teams' column."""
    sizes, jobs = day.sizes, day.jobs
    which = -1
    for k in range(sizes[K]):
        # Of the teams that are free in time the one that was busy last: the others wait for others.
        fits = node[at + k] + sizes[INDUCTION] <= span[0]
        if fits and (which < 0 or node[at + k] > node[at + which]):
            which = k
    node[at + which] = span[1] + sizes[RECOVERY]
    at += sizes[K]
    if jobs[j, RANK] > node[at]:
        node[at + 1] = node[at + 2]
        node[at] = jobs[j, RANK]
    node[at + 2] = max(node[at + 2], span[0])
    node[at + 3] += 1


@compiled
def _place(node: Whole, starts: Small, job: tuple[int, int, int], day: Day) -> None:
    """Put a job into a node, in place."""
    sizes, jobs = day.sizes, day.jobs
    j, r, s = job
    count, beams = sizes[R], sizes[B]
    beam_start = s + jobs[j, SETUP]
    beam_end = beam_start + jobs[j, BEAM]
    end = beam_end + jobs[j, LEAVING]
    b = day.rooms[r, 0]
    node[r] = end
    if jobs[j, BEAM] > 0:
        node[count + b] = beam_end
        if day.rooms[b, 1] > 0:
            node[count + beams + b] = r  # else nobody asks, and equal nodes would seem different
        if node[count + 2 * beams + b] < 0:
            node[count + 2 * beams + b] = beam_start
    at = count + 3 * beams
    if jobs[j, ASLEEP] == 1:
        _take_team(node, at, j, (s, end), day)
    at += sizes[K] + 4
    for g in range(sizes[G]):
        node[at + g] -= day.inside[j, g] * jobs[j, TOTAL]
    at += sizes[G]
    if jobs[j, ONLY] >= 0:
        node[at + jobs[j, ONLY]] -= jobs[j, BEAM]
    at += beams
    for q in range(count):
        node[at + q] -= day.allowed[j, q]
    node[at + count] -= jobs[j, TOTAL]
    node[at + count + 1] ^= jobs[j, KEY]
    starts[j] = s * PLACE + r


@compiled
def _like_another(node: Whole, r: int, rooms: Whole, at: int) -> bool:
    """Whether a room before in order is the same in everything and free at the same time."""
    on = node[at + rooms[r, 0]]
    q = rooms[r, 2]
    while q >= 0:
        if node[q] == node[r] and (rooms[rooms[r, 0], 1] == 0 or (on != q and on != r)):  # noqa: PLR1714 - compiled
            return True
        q = rooms[q, 2]
    return False


@compiled
def _children(i: int, node: Whole, starts: Small, day: Day, made: Made) -> None:  # noqa: C901 - two loops with what they leave out
    """Add the children of node `i`: (parent, job, placement).

    A job that has no start left in any room makes the node hopeless: it has no children.
    """
    sizes, jobs, rooms, allowed = day.sizes, day.jobs, day.rooms, day.allowed
    first, low, high, child = day.first, day.low, day.high, made.child
    count, beams = sizes[R], sizes[B]
    begin = m = made.state[0]
    for j in range(sizes[N]):
        if starts[j] >= 0 or (jobs[j, TWIN] >= 0 and starts[jobs[j, TWIN]] < 0):
            continue
        least = -FAR
        if jobs[j, ASLEEP] == 1 or jobs[j, AFTER] >= 0:
            least = _not_before(node, starts, j, sizes, jobs)
            if least == -1:
                continue
        hope = False
        for r in range(count):
            if allowed[j, r] == 0 or (
                rooms[r, 2] >= 0 and _like_another(node, r, rooms, count + beams)
            ):
                continue
            s = max(node[r], least)
            if jobs[j, BEAM] > 0:
                b = rooms[r, 0]
                pause = rooms[b, 1] if node[count + beams + b] != r else 0
                s = max(s, node[count + b] - jobs[j, SETUP] + pause)
            k, base = first[j * count + r], first[j * count + r + 1]
            while k < base and high[k] < s:
                k += 1
            if k == base:
                continue
            hope = True
            child[m, 0], child[m, 1], child[m, 2] = i, j, max(s, low[k]) * PLACE + r
            m += 1
        if not hope:
            m = begin
            break
    made.state[0] = m


@compiled
def _ordered(score: Whole, m: int) -> Small:
    """Places 0..m-1 by score: a counting sort in which far ones share the last bucket."""
    least = score[:m].min()
    heap = np.zeros(BUCKETS + 2, np.int64)
    for k in range(m):
        heap[min(score[k] - least, BUCKETS) + 1] += 1
    for v in range(BUCKETS + 1):
        heap[v + 1] += heap[v]
    found = np.empty(m, np.int32)
    for k in range(m):
        v = min(score[k] - least, BUCKETS)
        found[heap[v]] = k
        heap[v] += 1
    return found


@compiled
def _is_new(table: Whole, key: int) -> bool:
    """Add a key to an open table; False where it stands there."""
    mask = len(table) - 1
    a = key & mask
    while table[a] != 0:
        if table[a] == key:
            return False
        a = (a + 1) & mask
    table[a] = key
    return True


@compiled
def _key(node: Whole, sizes: Whole) -> int:
    """A number for a node: the same where the same jobs are placed and all is free alike."""
    key = node[len(node) - 1]
    first = sizes[R] + 2 * sizes[B]
    for c in range(first + sizes[B] + sizes[K] + 3):
        if first <= c < first + sizes[B]:
            continue  # when the beam began changes nothing of what is to come
        key = (key ^ node[c]) * np.int64(-2960836687051489901)
        key ^= (key >> 32) & 0xFFFFFFFF
    return int(key) if key != 0 else 1


@compiled
def _best(nodes: Whole, now: int, sizes: Whole) -> tuple[int, int, int]:
    """The row of the shortest day, with the least idle beam among those; its end and idle beam."""
    best, end, idle = 0, FAR, FAR
    for i in range(now):
        last = nodes[i, : sizes[R]].max()
        lost = 0
        for b in range(sizes[B]):
            if nodes[i, sizes[R] + 2 * sizes[B] + b] >= 0:
                lost += nodes[i, sizes[R] + b] - nodes[i, sizes[R] + 2 * sizes[B] + b]
        if last < end or (last == end and lost < idle):
            best, end, idle = i, last, lost
    return best, end, idle


@compiled
def beam_search(
    width: int, day: Day, guide: Guide, kept: Small, draws: tuple[int, int]
) -> tuple[Small, int]:
    """Search with `width` nodes a step for a day that ends by the guide's limit.

    Args:
        width: nodes kept a step.
        day: the problem.
        guide: limit and weights.
        kept: jobs that are placed already, in the order of their beam uses, and their placements,
            (k, 2); the search begins after them.
        draws: start of the random numbers, not 0; steps (children made) after which it gives up.

    Returns:
        The placements, (n,), all -1 where none was found, and the steps done.
    """
    n = day.sizes[N]
    # Rows are written before they are read: filling them first would cost a short run all its time.
    nodes = np.empty((width, len(day.root)), np.int64)
    after = np.empty((width, len(day.root)), np.int64)
    starts, later = np.empty((width, n), np.int32), np.empty((width, n), np.int32)
    seed, most = draws
    nodes[0] = day.root
    starts[0] = -1
    for k in range(len(kept)):
        place = kept[k, 1]
        _place(nodes[0], starts[0], (kept[k, 0], place % PLACE, place // PLACE), day)
    space = width * max(day.allowed.sum(), 1)
    state = np.array([0, seed], np.int64)
    made = Made(np.empty(space, np.int64), np.empty((space, 3), np.int32), state)
    slots = 16
    while slots < 3 * width:
        slots *= 2
    table = np.zeros(slots, np.int64)
    steps, now = 0, 1
    for _ in range(n - len(kept)):
        state[0] = 0
        for i in range(now):
            begin = state[0]
            _children(i, nodes[i], starts[i], day, made)
            _rate(nodes[i], starts[i], begin, day, guide, made)
        steps += state[0]
        if state[0] == 0 or steps > most:
            return np.full(n, -1, np.int32), steps
        table[:] = 0
        now = 0
        for k in _ordered(made.score, state[0]):
            i, place = made.child[k, 0], made.child[k, 2]
            after[now] = nodes[i]
            later[now] = starts[i]
            job = (made.child[k, 1], place % PLACE, place // PLACE)
            _place(after[now], later[now], job, day)
            if _is_new(table, _key(after[now], day.sizes)):
                now += 1
                if now == width:
                    break
        nodes, after = after, nodes
        starts, later = later, starts
    return starts[_best(nodes, now, day.sizes)[0]].copy(), steps
