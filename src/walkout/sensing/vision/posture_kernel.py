"""The inner arithmetic of `posture`, compiled: a few small matrices for each person in each frame of each camera."""

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled
from walkout.sensing.vision.lens import NEAR_M, Floats

Places = NDArray[np.int64]


@compiled
def expect(
    joints: Floats,
    covariance: Floats,
    at: Floats,
    axes: Floats,
    focal: float,
    centre: Floats,
    bend: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Where a lens sees joints (8, 3): pixels (8, 2), how they move with the joints (8, 2, 3), covariances (8, 2, 2).

    `covariance` has the joints' positions first. As Lens.project and Lens.jacobian; NaN behind the camera.
    """
    count = len(joints)
    pixels, slope = np.full((count, 2), np.nan), np.full((count, 2, 3), np.nan)
    spread = np.full((count, 2, 2), np.nan)
    k1, k2, p1, p2, k3 = bend[0], bend[1], bend[2], bend[3], bend[4]
    for n in range(count):
        dx, dy, dz = joints[n, 0] - at[0], joints[n, 1] - at[1], joints[n, 2] - at[2]
        depth = axes[2, 0] * dx + axes[2, 1] * dy + axes[2, 2] * dz
        if not depth > NEAR_M:
            continue
        x = (axes[0, 0] * dx + axes[0, 1] * dy + axes[0, 2] * dz) / depth
        y = (axes[1, 0] * dx + axes[1, 1] * dy + axes[1, 2] * dz) / depth
        r2 = x * x + y * y
        radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
        pixels[n, 0] = focal * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)) + centre[0]
        pixels[n, 1] = focal * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y) + centre[1]
        growth = 2.0 * (k1 + r2 * (2 * k2 + 3 * r2 * k3))
        xx = radial + growth * x * x + 2 * p1 * y + 6 * p2 * x
        yy = radial + growth * y * y + 6 * p1 * y + 2 * p2 * x
        xy = growth * x * y + 2 * p1 * x + 2 * p2 * y
        for c in range(3):
            u, v = (axes[0, c] - x * axes[2, c]) / depth, (axes[1, c] - y * axes[2, c]) / depth
            slope[n, 0, c], slope[n, 1, c] = focal * (xx * u + xy * v), focal * (xy * u + yy * v)
        for i in range(2):
            for j in range(2):
                total = 0.0
                for c in range(3):
                    for d in range(3):
                        total += slope[n, i, c] * covariance[3 * n + c, 3 * n + d] * slope[n, j, d]
                spread[n, i, j] = total
    return pixels, slope, spread


@compiled
def far(seen: Floats, spread: Floats, pixels: Floats, noise_px: Floats) -> tuple[Floats, Floats]:
    """How far pixels (8, 2) are from what was expected, squared in spreads, and log determinants, both (8,)."""
    d2, log_det = np.empty(len(pixels)), np.empty(len(pixels))
    for n in range(len(pixels)):
        noise = noise_px[n] * noise_px[n]
        xx, yy, xy = spread[n, 0, 0] + noise, spread[n, 1, 1] + noise, spread[n, 0, 1]
        det = xx * yy - xy * xy
        x, y = pixels[n, 0] - seen[n, 0], pixels[n, 1] - seen[n, 1]
        d2[n] = (yy * x * x - 2 * xy * x * y + xx * y * y) / det
        log_det[n] = np.log(det)
    return d2, log_det


@compiled
def gain(
    seen: Floats,
    spread: Floats,
    pixels: Floats,
    noise_px: Floats,
    order: Places,
    weight: Floats,
    clutter: float,
    worst: float,
) -> Floats:
    """How much likelier sights (n, 8, 2), their joints in `order`, are this person's than anything's, (n,)."""
    people, count = pixels.shape[0], pixels.shape[1]
    found = np.empty(people)
    for p in range(people):
        total, each = 0.0, 0.0
        for n in range(count):
            k = order[n]
            noise = noise_px[p, k] * noise_px[p, k]
            xx, yy, xy = spread[n, 0, 0] + noise, spread[n, 1, 1] + noise, spread[n, 0, 1]
            det = xx * yy - xy * xy
            x, y = pixels[p, k, 0] - seen[n, 0], pixels[p, k, 1] - seen[n, 1]
            d2 = (yy * x * x - 2 * xy * x * y + xx * y * y) / det
            if np.isfinite(d2):
                total += weight[n]
                each += weight[n] * max(clutter - (d2 + np.log(det)), worst)
        found[p] = each / total if total > 0.0 else worst
    return found


@compiled
def sharpen(mean: Floats, covariance: Floats, columns: Floats, rows: Floats, off: Floats, noise: Floats) -> None:
    """A Kalman update in place: `columns` (48, m) is covariance x h', `rows` (m, m) is h x covariance x h'.

    With rows + noise = l l' (Cholesky), columns become columns l'^-1 and off becomes l^-1 off: the covariance falls by
    columns x columns', and the mean moves by columns x off.
    """
    size, m = columns.shape
    for i in range(m):
        rows[i, i] += noise[i]
        for j in range(i + 1):
            total = rows[i, j]
            for k in range(j):
                total -= rows[i, k] * rows[j, k]
            rows[i, j] = np.sqrt(total) if i == j else total / rows[j, j]
    for i in range(m):
        for k in range(i):
            off[i] -= rows[i, k] * off[k]
        off[i] /= rows[i, i]
        for a in range(size):
            total = columns[a, i]
            for k in range(i):
                total -= rows[i, k] * columns[a, k]
            columns[a, i] = total / rows[i, i]
    for a in range(size):
        for i in range(m):
            mean[a] += columns[a, i] * off[i]
        for b in range(a, size):
            value = 0.5 * (covariance[a, b] + covariance[b, a])
            for i in range(m):
                value -= columns[a, i] * columns[b, i]
            covariance[a, b] = covariance[b, a] = value


@compiled
def see(
    mean: Floats, covariance: Floats, slope: Floats, used: Places, ahead_s: float, off: Floats, noise: Floats
) -> None:
    """Sharpen with the pixels of the joints `used`, in place; `slope` (8, 2, 3), `off` and `noise` two a joint."""
    size, half = len(mean), len(mean) // 2
    m = 2 * len(used)
    columns, rows = np.zeros((size, m)), np.zeros((m, m))
    for r in range(m):
        k = used[r // 2]
        for c in range(3):
            weight = slope[k, r % 2, c]
            for a in range(size):
                columns[a, r] += weight * (covariance[a, 3 * k + c] + ahead_s * covariance[a, half + 3 * k + c])
    for q in range(m):
        k = used[q // 2]
        for r in range(m):
            total = 0.0
            for c in range(3):
                total += slope[k, q % 2, c] * (columns[3 * k + c, r] + ahead_s * columns[half + 3 * k + c, r])
            rows[q, r] = total
    sharpen(mean, covariance, columns, rows, off.copy(), noise)


@compiled
def usable(
    d2: Floats, spread_px: Floats, off_px: Floats, likely: float, absurd: float
) -> tuple[Places, Floats, Floats]:
    """The joints whose pixels are to be used, and two a joint: how far off they are, and their variances.

    What is farther off than `likely` (squared, in spreads) counts for less, beyond `absurd` for nothing.
    """
    used, count = np.empty(len(d2), np.int64), 0
    off, noise = np.empty(2 * len(d2)), np.empty(2 * len(d2))
    for k in range(len(d2)):
        if d2[k] < absurd:
            for i in range(2):
                off[2 * count + i] = off_px[k, i]
                noise[2 * count + i] = spread_px[k] * spread_px[k] * max(1.0, d2[k] / likely)
            used[count] = k
            count += 1
    return used[:count], off[: 2 * count], noise[: 2 * count]


@compiled
def slow(mean: Floats, weight: Floats, fastest: float) -> None:
    """Take a body that moves faster along the floor than people do for as fast as they do, in place."""
    half = len(mean) // 2
    x, y = 0.0, 0.0
    for k in range(len(weight)):
        x += weight[k] * mean[half + 3 * k]
        y += weight[k] * mean[half + 3 * k + 1]
    speed = np.sqrt(x * x + y * y)
    if speed > fastest:
        for a in range(half, len(mean)):
            mean[a] *= fastest / speed


@compiled
def bones(  # noqa: C901 - one loop each for what is open, columns and rows
    mean: Floats,
    covariance: Floats,
    pairs: Places,
    length_m: Floats,
    length_sd_m: Floats,
    neck_m: float,
    neck_sd_m: float,
) -> bool:
    """Where a bone's length, or the neck's height, is open, take it for what it is of people, in place; whether any."""
    size, most = len(mean), len(pairs) + 1
    first, second, unit = np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros((most, 3))
    off, noise = np.zeros(most), np.zeros(most)
    m = 0
    for n in range(len(pairs)):
        i, j = 3 * pairs[n, 0], 3 * pairs[n, 1]
        x, y, z = mean[i] - mean[j], mean[i + 1] - mean[j + 1], mean[i + 2] - mean[j + 2]
        now = max(np.sqrt(x * x + y * y + z * z), 1e-3)
        ux, uy, uz = x / now, y / now, z / now
        u = (ux, uy, uz)
        variance = 0.0
        for c in range(3):
            for d in range(3):
                between = covariance[i + c, i + d] + covariance[j + c, j + d]
                between -= covariance[i + c, j + d] + covariance[j + c, i + d]
                variance += u[c] * between * u[d]
        if variance > 1.5 * length_sd_m[n] ** 2:
            first[m], second[m] = i, j
            unit[m, 0], unit[m, 1], unit[m, 2] = ux, uy, uz
            off[m], noise[m] = length_m[n] - now, length_sd_m[n] ** 2
            m += 1
    if covariance[5, 5] > 1.5 * neck_sd_m**2:
        first[m], second[m], unit[m, 2] = 3, -1, 1.0
        off[m], noise[m] = neck_m - mean[5], neck_sd_m**2
        m += 1
    if m == 0:
        return False
    columns, rows = np.zeros((size, m)), np.zeros((m, m))
    for r in range(m):
        for c in range(3):
            for a in range(size):
                columns[a, r] += unit[r, c] * covariance[a, first[r] + c]
                if second[r] >= 0:
                    columns[a, r] -= unit[r, c] * covariance[a, second[r] + c]
    for q in range(m):
        for r in range(m):
            for c in range(3):
                rows[q, r] += unit[q, c] * columns[first[q] + c, r]
                if second[q] >= 0:
                    rows[q, r] -= unit[q, c] * columns[second[q] + c, r]
    sharpen(mean, covariance, columns, rows, off[:m], noise[:m])
    return True


@compiled
def advance(mean: Floats, covariance: Floats, fades: Floats, noise: Floats, dt: float) -> tuple[Floats, Floats]:
    """The mean and the covariance after `dt` seconds; `fades` (24, 24) of the velocities, `noise` their growth."""
    size, half = len(mean), len(mean) // 2
    made, out, faded = np.empty(size), np.empty((size, size)), np.empty((half, half))
    for a in range(half):
        made[a], total = mean[a] + dt * mean[half + a], 0.0
        for b in range(half):
            total += fades[a, b] * mean[half + b]
        made[half + a] = total
    for a in range(half):  # fades x covariance of the velocities
        for b in range(half):
            total = 0.0
            for c in range(half):
                total += fades[a, c] * covariance[half + c, half + b]
            faded[a, b] = total
    for a in range(half):
        for b in range(half):
            both = covariance[a, half + b] + covariance[b, half + a]
            grown = dt * both + dt * dt * covariance[half + a, half + b] + dt**3 / 3 * noise[a, b]
            out[a, b] = covariance[a, b] + grown
            moved, fast = dt**2 / 2 * noise[a, b], dt * noise[a, b]
            for c in range(half):
                moved += (covariance[a, half + c] + dt * covariance[half + a, half + c]) * fades[b, c]
                fast += faded[a, c] * fades[b, c]
            out[a, half + b] = out[half + b, a] = moved
            out[half + a, half + b] = fast
    return made, out
