//! The K law of sea clutter: upper tail and threshold.
//!
//! In: looks L, texture shape ν, a false-alarm probability. Out: the threshold over mean power.
//!
//! Power is mean × speckle × texture, speckle Γ(L, 1/L) and texture Γ(ν, 1/ν), both of mean 1, so that
//! P(I > α·mean) = ∫ Q(L, Lα/t) f_ν(t) dt with Q the regularised upper incomplete gamma function. With t = eᵘ the
//! integrand is smooth and falls off at both ends, so the trapezium rule converges geometrically. Every term is
//! positive and Q is computed directly, never as 1 − P, so tails of 1e-9 and below keep their relative precision.
//!
//! Source: Ward, Tough and Watts (2013), Sea Clutter, §4 (compound form); Trefethen and Weideman (2014),
//! The exponentially convergent trapezoidal rule.

use special::Gamma;

/// Nodes of the trapezium rule. Doubling them changes no threshold by 1e-6 (test).
const NODES: usize = 96;

/// ln of the integrand's texture density below which it is nought: e⁻⁴⁸ is a hundred-millionth of any probability asked for.
const NEGLIGIBLE: f64 = 48.0;

/// Probability that K-distributed power exceeds `alpha` times its mean.
///
/// `nu`: texture shape; `None` is plain speckle (ν → ∞). `looks`, `nu`, `alpha` > 0.
pub(crate) fn upper_tail(looks: f64, nu: Option<f64>, alpha: f64) -> f64 {
    match nu {
        None => gamma_upper(looks, looks * alpha),
        Some(nu) => texture_integral(looks, nu, alpha, NODES),
    }
}

/// The α with `upper_tail(looks, nu, α) = pfa`, to a relative 1e-9. `0 < pfa < 0.5`.
pub(crate) fn threshold(looks: f64, nu: Option<f64>, pfa: f64) -> f64 {
    solve(|alpha| upper_tail(looks, nu, alpha), pfa)
}

/// The α with `tail(α) = pfa`, to a relative 1e-9, for a tail that falls from 1 at α = e⁻⁸. Most lie above the mean: there the
/// search begins.
///
/// Bracketed secant steps on ln P against ln α, where the curve is close to a line.
pub(super) fn solve(tail: impl Fn(f64) -> f64, pfa: f64) -> f64 {
    let target = pfa.ln();
    let residual = |x: f64| tail(x.exp()).max(f64::MIN_POSITIVE).ln() - target;
    let (mut low, mut high) = (0.0_f64, 0.7_f64);
    let mut at_low = residual(low);
    let mut at_high = if at_low > 0.0 { residual(high) } else { at_low };
    if at_low <= 0.0 {
        (low, high) = (-8.0, low);
        at_low = residual(low);
    }
    while at_high > 0.0 && high < 30.0 {
        (low, at_low) = (high, at_high);
        high += 0.7;
        at_high = residual(high);
    }
    for step in 0..100 {
        // Illinois-like: a plain bisection each third step bounds the worst case.
        let middle = if step % 3 == 2 {
            0.5 * (low + high)
        } else {
            (low * at_high - high * at_low) / (at_high - at_low)
        };
        let at_middle = residual(middle);
        if at_middle > 0.0 {
            (low, at_low) = (middle, at_middle);
        } else {
            (high, at_high) = (middle, at_middle);
        }
        if at_middle.abs() < 1e-10 || high - low < 1e-10 {
            return middle.exp();
        }
    }
    (0.5 * (low + high)).exp()
}

/// Mean-one gamma texture as nodes (t, weight) of the trapezium rule over ln t; the weights sum to 1.
pub(super) fn texture_nodes(nu: f64, nodes: usize) -> Vec<(f64, f64)> {
    let (first, last) = (texture_edge(nu, -1.0), texture_edge(nu, 1.0));
    let step = (last - first) / nodes as f64;
    let norm = nu * nu.ln() - Gamma::ln_gamma(nu).0 - nu;
    (0..=nodes)
        .map(|node| {
            let u = first + step * node as f64;
            (u.exp(), (norm + nu * (u - u.exp() + 1.0)).exp() * step)
        })
        .collect()
}

/// Where the density of u = ln t has become negligible: ν (u − eᵘ + 1) = −48, below (`sign` −1) or above (+1) u = 0.
fn texture_edge(nu: f64, sign: f64) -> f64 {
    let (mut near, mut far) = (0.0_f64, sign);
    while nu * (far - far.exp() + 1.0) > -NEGLIGIBLE {
        far *= 2.0;
    }
    for _ in 0..40 {
        let middle = 0.5 * (near + far);
        if nu * (middle - middle.exp() + 1.0) > -NEGLIGIBLE {
            near = middle;
        } else {
            far = middle;
        }
    }
    far
}

/// Trapezium rule over u = ln t of the texture density times the speckle's tail.
fn texture_integral(looks: f64, nu: f64, alpha: f64, nodes: usize) -> f64 {
    let scale = looks * alpha;
    // Left of `speckle_edge` the speckle's own tail is nought.
    let speckle_edge = (scale / (looks + 2.0 * NEGLIGIBLE + 20.0 * looks.sqrt())).ln();
    let first = texture_edge(nu, -1.0).max(speckle_edge);
    let last = texture_edge(nu, 1.0).max(first + 1e-3);
    let step = (last - first) / nodes as f64;
    let norm = nu * nu.ln() - Gamma::ln_gamma(nu).0 - nu;
    let ln_gamma_looks = Gamma::ln_gamma(looks).0;
    let mut sum = 0.0;
    for node in 0..=nodes {
        let u = first + step * node as f64;
        let density = (norm + nu * (u - u.exp() + 1.0)).exp();
        sum += density * gamma_upper_with(looks, scale * (-u).exp(), ln_gamma_looks);
    }
    sum * step
}

/// Regularised upper incomplete gamma function Q(a, x), relative precision also where it is tiny.
fn gamma_upper(a: f64, x: f64) -> f64 {
    gamma_upper_with(a, x, Gamma::ln_gamma(a).0)
}

/// Series below a + 1, Lentz's continued fraction above (Press et al. 2007, Numerical Recipes §6.2).
fn gamma_upper_with(a: f64, x: f64, ln_gamma_a: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma_a).exp();
    if front == 0.0 {
        return if x < a { 1.0 } else { 0.0 };
    }
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..1000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (1.0 - front * sum).max(0.0);
    }
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..1000 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / keep_off_zero(numerator * d + b, TINY);
        c = keep_off_zero(b + numerator / c, TINY);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-13 {
            break;
        }
    }
    front * fraction
}

/// Lentz's guard against a division by nought.
fn keep_off_zero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threshold over mean for L = 4.4 by adaptive quadrature in another library (SciPy), three or four figures.
    const ORACLE: [(Option<f64>, [f64; 4]); 6] = [
        (None, [4.43, 5.04, 5.65, 6.84]),
        (Some(30.0), [5.33, 6.26, 7.22, 9.19]),
        (Some(10.0), [6.81, 8.23, 9.72, 12.94]),
        (Some(4.0), [9.57, 11.93, 14.48, 20.12]),
        (Some(2.0), [13.55, 17.34, 21.48, 30.83]),
        (Some(1.0), [20.61, 27.05, 34.19, 50.57]),
    ];

    #[test]
    fn thresholds_agree_with_the_independent_table_to_half_a_per_cent() {
        for (nu, row) in ORACLE {
            for (pfa, expected) in [1e-5, 1e-6, 1e-7, 1e-9].into_iter().zip(row) {
                let found = threshold(4.4, nu, pfa);
                // Half a unit in the table's last place is up to 0.11 %.
                assert!(
                    (found / expected - 1.0).abs() < 5e-3,
                    "{nu:?} {pfa} {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn one_look_without_texture_is_the_exponential_law() {
        for pfa in [1e-2_f64, 1e-5, 1e-9, 1e-12] {
            let found = threshold(1.0, None, pfa);
            assert!((found / -pfa.ln() - 1.0).abs() < 1e-8, "{pfa} {found}");
        }
    }

    #[test]
    fn one_look_with_exponential_texture_is_the_bessel_form() {
        // P(I > α) = 2 √α K₁(2 √α) for L = ν = 1; K₁ from Abramowitz and Stegun, table 9.8 and asymptotics:
        // 2·√4·K₁(4) with K₁(4) = 0.012483498887268431, and 2·√100·K₁(20) with K₁(20) = 5.8830579695570385e-10.
        let cases = [
            (4.0, 4.0 * 0.012_483_498_887_268_43),
            (100.0, 20.0 * 5.883_057_969_557_038e-10),
        ];
        for (alpha, expected) in cases {
            let found = upper_tail(1.0, Some(1.0), alpha);
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{alpha} {found:e} {expected:e}"
            );
        }
    }

    #[test]
    fn much_texture_shape_goes_over_into_plain_speckle() {
        for looks in [1.0, 4.4, 50.0] {
            let plain = threshold(looks, None, 1e-7);
            let almost = threshold(looks, Some(1e5), 1e-7);
            assert!(
                almost > plain && almost / plain - 1.0 < 2e-3,
                "{looks} {plain} {almost}"
            );
        }
    }

    #[test]
    fn twice_the_nodes_change_nothing() {
        for looks in [1.0, 4.4, 50.0, 200.0] {
            for nu in [0.2, 1.0, 7.0, 300.0, 1000.0] {
                let alpha = threshold(looks, Some(nu), 1e-8);
                let coarse = texture_integral(looks, nu, alpha, NODES);
                let fine = texture_integral(looks, nu, alpha, 2 * NODES);
                assert!(
                    (coarse / fine - 1.0).abs() < 1e-6,
                    "{looks} {nu} {coarse:e} {fine:e}"
                );
            }
        }
    }
}
