//! Peaks in the first-order method: of the costs of many rows only the largest counts.
//!
//! With `S_i` the convex cost of row `i` and `c_i` its activity, what is lost is `w · max_i S_i(c_i)`. The rows' answer to a dual step is
//! the proximal map of that function's conjugate. By Moreau's identity it takes one unknown, the height `t` of the peak: each row keeps
//! at most the activity `L_i(t)` that costs `t`, so that its dual is what its trial exceeds that by, and `t` is where the duals, each over the slope of its
//! row there, add up to the weight. What they add up to falls with `t`, so it is found by a search on a line.
//!
//! The same line gives the conjugate itself, and with it how the weight is best shared out under given duals: [`shares`].

/// A curve's pieces `(width, slope)`, slopes ascending, the last width infinite and the last slope above 0.
type Pieces = [(f64, f64)];

/// A row of a peak on its way to an answer.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'p> {
    /// Dual + step · activity.
    pub dual: f64,
    /// The dual step.
    pub step: f64,
    /// What activity costs.
    pub curve: &'p Pieces,
}

impl Trial<'_> {
    /// The dual at a height of the peak.
    pub fn answer(&self, height: f64) -> f64 {
        (self.dual - self.step * reach(self.curve, height).0).max(0.0)
    }
}

/// The activity whose cost is a height, and how fast it grows with the height (just above it).
pub fn reach(curve: &Pieces, height: f64) -> (f64, f64) {
    let (mut activity, mut left) = (0.0, height);
    for &(width, slope) in curve {
        let cost = slope * width;
        if cost > left && slope > 0.0 {
            return (activity + left / slope, 1.0 / slope);
        }
        activity += width;
        left -= cost;
    }
    unreachable!("the last piece goes on and costs")
}

/// The cost of an activity.
pub fn cost(curve: &Pieces, activity: f64) -> f64 {
    let (mut left, mut sum) = (activity, 0.0);
    for &(width, slope) in curve {
        sum += left.min(width) * slope;
        left -= left.min(width);
    }
    sum
}

/// Steps of the search at most: doubles have no more halvings.
const SEARCH_MAX: usize = 100;
/// Relative exactness of a height.
const EXACT: f64 = 1e-12;
/// The search begins this much below the last height.
const BELOW: f64 = 0.98;

/// The height at which the answers of a peak's rows, each over its slope, add up to the weight; 0 where they are less. `near` is a guess.
pub fn common_height(members: &[Trial], weight: f64, near: f64) -> f64 {
    let (mut low, mut high) = (BELOW * near, f64::INFINITY);
    while load(members.iter(), low).0 <= weight {
        if low == 0.0 {
            return 0.0;
        }
        high = low;
        low = if low < EXACT { 0.0 } else { low / 2.0 };
    }
    let active: Vec<&Trial> = members.iter().filter(|member| member.answer(low) > 0.0).collect();
    let own = |member: &&Trial| cost(member.curve, member.dual / member.step);
    high = active.iter().map(own).fold(low, f64::max).min(high);
    let mut at = low;
    for _ in 0..SEARCH_MAX {
        let (sum, slope) = load(active.iter().copied(), at);
        if sum > weight {
            low = at
        } else {
            high = at
        }
        if high - low <= EXACT * high || (sum - weight).abs() <= EXACT * weight {
            break;
        }
        let next = at + (sum - weight) / slope;
        at = if slope > 0.0 && next > low && next < high { next } else { 0.5 * (low + high) };
    }
    at
}

/// What answers over slopes add up to at a height, and how fast that falls.
fn load<'a>(members: impl Iterator<Item = &'a Trial<'a>>, height: f64) -> (f64, f64) {
    let (mut sum, mut slope) = (0.0, 0.0);
    for member in members {
        if member.dual <= 0.0 {
            continue;
        }
        let (activity, grows) = reach(member.curve, height);
        let answer = member.dual - member.step * activity;
        if answer > 0.0 {
            sum += answer * grows;
            slope += member.step * grows * grows;
        }
    }
    (sum, slope)
}

/// How a peak's weight is best shared out among its rows under their duals: the shares for which the dual function is least. Where no
/// shares within the weight carry the duals, the duals must be lowered by the factor that comes first, 1 otherwise.
pub fn shares(members: &[(f64, &Pieces)], weight: f64) -> (f64, Vec<f64>) {
    // By member, the heights at which its slope changes, and what it carries from there on.
    let mut falls: Vec<(f64, usize, f64)> = Vec::new();
    let mut share: Vec<f64> = Vec::with_capacity(members.len());
    for (index, (dual, curve)) in members.iter().enumerate() {
        let mut height = 0.0;
        let mut costly = curve.iter().skip_while(|piece| piece.1 <= 0.0).peekable();
        share.push(if *dual > 0.0 { dual / costly.peek().expect("the last piece costs").1 } else { 0.0 });
        while let (Some(&&(width, slope)), true) = (costly.peek(), *dual > 0.0) {
            costly.next();
            if let Some((_, next)) = costly.peek() {
                height += width * slope;
                falls.push((height, index, dual / next));
            }
        }
    }
    let mut sum: f64 = share.iter().sum();
    falls.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (_, index, next) in falls {
        if sum <= weight {
            break;
        }
        // Between two slopes any share will do.
        let needed = share[index] - next;
        let given = needed.min(sum - weight).max(0.0);
        share[index] -= given;
        sum -= given;
    }
    if sum <= weight {
        return (1.0, share);
    }
    let factor = weight / sum;
    share.iter_mut().for_each(|share| *share *= factor);
    (factor, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT_THEN_STEEP: [(f64, f64); 2] = [(2.0, 0.1), (f64::INFINITY, 0.5)];
    const STRAIGHT: [(f64, f64); 1] = [(f64::INFINITY, 0.25)];

    #[test]
    fn answers_over_slopes_add_up_to_the_weight_or_the_height_is_none() {
        // At height t the first may have 2 + (t − 0.2) / 0.5 from t = 0.2 on, the second 4 t. With steps of 1 and trials 3 and 3 they answer
        // 1 − 2 (t − 0.2) and 3 − 4 t; over their slopes 2 − 4 (t − 0.2) + 12 − 16 t = 14.8 − 20 t, which is 2 at t = 0.64; there the first
        // answers 0.12 and the second 0.44: 0.24 + 1.76 = 2.
        let trials = [Trial { dual: 3.0, step: 1.0, curve: &FLAT_THEN_STEEP }, Trial { dual: 3.0, step: 1.0, curve: &STRAIGHT }];
        for near in [0.0, 0.64, 5.0] {
            let height = common_height(&trials, 2.0, near);
            assert!((height - 0.64).abs() < 1e-9, "from {near}: {height}");
            assert!((trials[0].answer(height) - 0.12).abs() < 1e-9 && (trials[1].answer(height) - 0.44).abs() < 1e-9);
        }
        // More weight than they can use: no height, and each answers its trial.
        assert_eq!(common_height(&trials, 100.0, 1.0), 0.0);
    }

    #[test]
    fn a_height_at_a_corner_of_a_curve_is_found() {
        // Only the first: below 0.2 its answer, at least 1, counts ten times, above it twice 1 at most. A weight of 5 lies between.
        let trials = [Trial { dual: 3.0, step: 1.0, curve: &FLAT_THEN_STEEP }];
        let height = common_height(&trials, 5.0, 0.0);
        assert!((height - 0.2).abs() < 1e-9, "{height}");
    }

    #[test]
    fn shares_make_the_dual_function_least() {
        let price = |duals: [f64; 2], shares: &[f64]| -> f64 {
            let of = |dual: f64, share: f64, curve: &Pieces| -> f64 {
                // Widths without end stand for 100 units.
                curve.iter().map(|(width, slope)| (dual - share * slope).max(0.0) * width.min(100.0)).sum()
            };
            of(duals[0], shares[0], &FLAT_THEN_STEEP) + of(duals[1], shares[1], &STRAIGHT)
        };
        let duals = [0.2, 0.1];
        // The second needs 0.1 / 0.25 = 0.4; the first is carried whole by 0.4, and at no price for its first two units by 2.
        for (weight, first) in [(0.8, 0.4), (1.4, 1.0), (5.0, 2.0)] {
            let (factor, shares) = shares(&[(duals[0], &FLAT_THEN_STEEP), (duals[1], &STRAIGHT)], weight);
            assert!(factor == 1.0 && (shares[0] - first).abs() < 1e-12 && (shares[1] - 0.4).abs() < 1e-12, "{weight}: {shares:?}");
            for step in 0..=100 {
                let other = f64::from(step) / 100.0 * weight;
                assert!(price(duals, &shares) <= price(duals, &[other, weight - other]) + 1e-9, "{weight}: {other} is better");
            }
        }
        // Half of what both need: both duals are halved.
        let (factor, shares) = shares(&[(duals[0], &FLAT_THEN_STEEP), (duals[1], &STRAIGHT)], 0.4);
        assert!((factor - 0.5).abs() < 1e-12 && (shares.iter().sum::<f64>() - 0.4).abs() < 1e-12, "{factor} {shares:?}");
    }
}
