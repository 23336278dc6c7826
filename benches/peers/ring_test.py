"""The masked ring test as a Python team would write it: numba, OpenCV, SciPy.

Usage: ring_test.py IMAGE WIDTH THREADS

IMAGE holds 16-bit little-endian amplitudes, 0 = masked. Orders come by standard input, one a line:
    PEER OUTER GUARD ALPHA FEWEST PLACES
with half widths of the windows. A pixel fires if it is not masked, its ring holds at least FEWEST valid pixels and
DN^2 * n > ALPHA * S, S being the sum of min(DN, 4095)^2 over the n valid ring pixels. The answer is one line, the seconds
of the test itself; the places of the pixels that fired (row * width + column, rising) go to the file PLACES.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numba
import numpy as np
from scipy.ndimage import uniform_filter

CAP = 4095
# Count and sum in one number: the sum stays below 2^38, so one running sum does for both.
COUNT = 1 << 40
# Rows a strip of the filters: their arrays stay in the cache.
STRIP = 256


@numba.njit(nogil=True)
def shift(row, sums, counts, sign):
    for x in range(row.size):
        dn = np.int64(min(row[x], CAP))
        sums[x] += sign * (dn * dn)
        counts[x] += sign * (1 if dn != 0 else 0)


@numba.njit(parallel=True, nogil=True)
def sliding_sums(image, outer, guard, alpha, fewest, places, found):
    height, width = image.shape
    bands = found.size
    for band in numba.prange(bands):
        first, end = height * band // bands, height * (band + 1) // bands
        across, margin = width + 2 * outer + 1, outer + 1
        outer_sums, outer_counts = np.zeros(across, np.int64), np.zeros(across, np.int64)
        guard_sums, guard_counts = np.zeros(across, np.int64), np.zeros(across, np.int64)
        windows = (
            (outer, outer_sums[margin : margin + width], outer_counts[margin : margin + width]),
            (guard, guard_sums[margin : margin + width], guard_counts[margin : margin + width]),
        )
        for half, sums, counts in windows:
            for y in range(max(first - 1 - half, 0), min(first + half, height)):
                shift(image[y], sums, counts, 1)
        above_guard = outer - guard
        below_guard = outer + guard + 1
        hits = 0
        for y in range(first, end):
            for half, sums, counts in windows:
                if y + half < height:
                    shift(image[y + half], sums, counts, 1)
                if y - half - 1 >= 0:
                    shift(image[y - half - 1], sums, counts, -1)
            s = np.sum(outer_sums[: 2 * outer + 1]) - np.sum(guard_sums[above_guard:below_guard])
            n = np.sum(outer_counts[: 2 * outer + 1]) - np.sum(guard_counts[above_guard:below_guard])
            row = image[y]
            for x in range(width):
                s += outer_sums[x + 2 * outer + 1] - outer_sums[x]
                s -= guard_sums[x + below_guard] - guard_sums[x + above_guard]
                n += outer_counts[x + 2 * outer + 1] - outer_counts[x]
                n -= guard_counts[x + below_guard] - guard_counts[x + above_guard]
                dn = np.int64(row[x])
                if n >= fewest and float(dn * dn * n) > alpha * float(s) and hits < places.shape[1]:
                    places[band, hits] = y * width + x
                    hits += 1
        found[band] = hits


@numba.njit(nogil=True)
def shift_packed(row, sums, sign):
    for x in range(row.size):
        dn = np.int64(min(row[x], CAP))
        sums[x] += sign * (dn * dn + (COUNT if dn != 0 else 0))


@numba.njit(nogil=True)
def scan_packed(row, running, outer_in, outer_out, guard_in, guard_out, alpha, fewest, first, places, found):
    for x in range(row.size):
        running += outer_in[x] - outer_out[x] - guard_in[x] + guard_out[x]
        dn = np.int64(row[x])
        n = running >> 40
        if float(dn * dn * n) > alpha * float(running & (COUNT - 1)) and n >= fewest and found < places.size:
            places[found] = first + x
            found += 1
    return found


@numba.njit(parallel=True, nogil=True)
def sliding_packed(image, outer, guard, alpha, fewest, places, found):
    height, width = image.shape
    bands = found.size
    for band in numba.prange(bands):
        first, end = height * band // bands, height * (band + 1) // bands
        outer_sums = np.zeros(width + 2 * outer + 1, np.int64)
        guard_sums = np.zeros(width + 2 * outer + 1, np.int64)
        margin = outer + 1
        outer_body = outer_sums[margin : margin + width]
        guard_body = guard_sums[margin : margin + width]
        for y in range(max(first - 1 - outer, 0), min(first + outer, height)):
            shift_packed(image[y], outer_body, 1)
        for y in range(max(first - 1 - guard, 0), min(first + guard, height)):
            shift_packed(image[y], guard_body, 1)
        for y in range(first, end):
            for half, body in ((outer, outer_body), (guard, guard_body)):
                if y + half < height:
                    shift_packed(image[y + half], body, 1)
                if y - half - 1 >= 0:
                    shift_packed(image[y - half - 1], body, -1)
            running = np.sum(outer_sums[: 2 * outer + 1]) - np.sum(guard_sums[outer - guard : outer + guard + 1])
            found[band] = scan_packed(
                image[y],
                running,
                outer_sums[2 * outer + 1 :],
                outer_sums,
                guard_sums[outer + guard + 1 :],
                guard_sums[outer - guard :],
                alpha,
                fewest,
                y * width,
                places[band],
                found[band],
            )


def by_numba(search):
    """Exact integer sums sliding down the columns and along the rows; a band of rows a thread."""

    def run(image, outer, guard, alpha, fewest, threads):
        numba.set_num_threads(threads)
        places = np.empty((threads, 1_000_000), np.int64)
        found = np.zeros(threads, np.int64)
        search(image, outer, guard, alpha, fewest, places, found)
        return np.concatenate([band[:count] for band, count in zip(places, found)])

    return run


def opencv_box(values, half):
    side = 2 * half + 1
    return cv2.boxFilter(values, cv2.CV_32F, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)


def scipy_box(values, half):
    side = 2 * half + 1
    mean = uniform_filter(values, side, mode="constant", cval=0.0)
    mean *= side * side
    return mean


def by_filter(box, kind):
    """Four box filters a strip, of floats `kind`; strips on a pool of threads."""

    def run(image, outer, guard, alpha, fewest, threads):
        height, width = image.shape

        def strip(first):
            end = min(first + STRIP, height)
            top, bottom = max(first - outer, 0), min(end + outer, height)
            amplitude = image[top:bottom]
            background = np.minimum(amplitude, CAP).astype(kind)
            background *= background
            valid = (amplitude != 0).astype(kind)
            own = slice(first - top, end - top)
            total = box(background, outer)[own] - box(background, guard)[own]
            # Sums of a filter are not whole: a count is rounded before it is compared.
            count = np.rint(box(valid, outer)[own] - box(valid, guard)[own])
            power = image[first:end].astype(kind)
            power *= power
            power *= count
            total *= kind(alpha)
            fires = (power > total) & (count >= fewest) & (image[first:end] != 0)
            return np.flatnonzero(fires) + first * width

        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(strip, range(0, height, STRIP))))

    return run


PEERS = {
    "numba": by_numba(sliding_sums),
    "numba-packed": by_numba(sliding_packed),
    "opencv": by_filter(opencv_box, np.float32),
    "scipy": by_filter(scipy_box, np.float64),
}


def main():
    path, width, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    image = np.fromfile(path, "<u2").reshape(-1, width)
    # The pool's threads are the peers' threads.
    cv2.setNumThreads(1)
    for line in sys.stdin:
        peer, outer, guard, alpha, fewest, places = line.rstrip("\n").split(" ", 5)
        begun = time.perf_counter()
        found = PEERS[peer](image, int(outer), int(guard), float(alpha), int(fewest), threads)
        seconds = time.perf_counter() - begun
        found.astype("<u8").tofile(places)
        print(seconds, flush=True)


if __name__ == "__main__":
    main()
