//! Scores against those of libraries (`tests/oracle/scores.py` made the table and holds it to them).

use corridor_hazard::distribution::{Component, Forecast};
use corridor_hazard::level::{Level, LevelSettings};
use corridor_hazard::score::crps;

#[test]
fn log_score_and_crps_are_those_of_scoringrules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracle/scores.csv");
    let text = std::fs::read_to_string(path).expect("the table of scores");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
        let component = match cells[0] {
            "poisson" => Component::Poisson(number(1)),
            _ => Component::GammaPoisson { a: number(1), b: number(2), e: 1.0 },
        };
        let (forecast, came) = (Forecast::single(component), number(3));
        let close = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
        let (log_score, area) = (-forecast.log_mass(came), crps(&forecast.table(), came as u32));
        assert!(close(log_score, number(4)), "{line}: log score {log_score}");
        assert!(close(area, number(5)), "{line}: CRPS {area}");
        rows += 1;
    }
    assert_eq!(rows, 50);
}

/// Another reading of the method's page (`tests/oracle/levels.py`): the averaged levels, with scatter and excitation.
#[test]
fn forecasts_of_the_averaged_levels_are_those_of_another_reading_of_the_page() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracle/levels.csv");
    let text = std::fs::read_to_string(path).expect("the table of levels");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
        let mut level = Level::new(&LevelSettings::of_many(), Some(2.0));
        for count in cells[0].split_whitespace() {
            level.observe(count.parse().expect("a count"), 1.0, 1.0);
        }
        let (forecast, came) = (level.forecast(1.0), number(1));
        let close = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
        let (log_score, area) = (-forecast.log_mass(came), crps(&forecast.table(), came as u32));
        assert!(close(log_score, number(2)), "{line}: log score {log_score}");
        assert!(close(area, number(3)), "{line}: CRPS {area}");
        rows += 1;
    }
    assert_eq!(rows, 18);
}
