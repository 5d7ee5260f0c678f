//! Words of probability, after Intelligence Community Directive 203.
//!
//! The directive's ranges share their ends and leave out what is below 1 and above 99 per cent. Here each range takes its lower end and
//! not its upper one, and the two remainders have words of their own. Likelihood and confidence never stand in one sentence.

/// The word for a chance from 0 to 1.
pub fn likelihood(chance: f64) -> &'static str {
    match chance * 100.0 {
        percent if percent < 1.0 => "less than a remote chance",
        percent if percent < 5.0 => "remote",
        percent if percent < 20.0 => "very unlikely",
        percent if percent < 45.0 => "unlikely",
        percent if percent < 55.0 => "roughly even chance",
        percent if percent < 80.0 => "likely",
        percent if percent < 95.0 => "very likely",
        percent if percent <= 99.0 => "almost certain",
        _ => "more than almost certain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_end_belongs_to_the_range_above_it() {
        for (chance, word) in [
            (0.005, "less than a remote chance"),
            (0.05, "very unlikely"),
            (0.2, "unlikely"),
            (0.45, "roughly even chance"),
            (0.8, "very likely"),
            (0.99, "almost certain"),
        ] {
            assert_eq!(likelihood(chance), word, "{chance}");
        }
    }
}
