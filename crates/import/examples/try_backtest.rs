//! Tries settings of the backtest on a file (development only).
use corridor_hazard::{backtest::*, hits, level::*};
use corridor_import::backtest::{Every, series_of};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let read = corridor_import::exports::read_export(std::fs::File::open(path).unwrap(), None, "adm_1").unwrap();
    eprintln!("read {:?} {} {:?}", t.elapsed(), read.records.list.len(), read.left_out);
    let series = series_of(&read.records, Every::Month, None, None);
    eprintln!("{} units {} periods", series.series.units.len(), series.series.counts[0].len());
    if std::env::args().nth(2).is_none() {
        for (name, d, t, m) in [
            ("default", LevelSettings::default().discounts, LevelSettings::default().tempers, 0.99),
            ("mem1", LevelSettings::default().discounts, LevelSettings::default().tempers, 1.0),
            ("mem.97", LevelSettings::default().discounts, LevelSettings::default().tempers, 0.97),
            ("mem.9", LevelSettings::default().discounts, LevelSettings::default().tempers, 0.9),
            ("more t", LevelSettings::default().discounts, vec![1.0, 0.5, 0.25, 0.1, 0.05], 0.97),
        ] {
            let s = LevelSettings { discounts: d, tempers: t, weight_memory: m, start_shape: 0.5 };
            let r = backtest(&series.series, &s, &Plan::default()).unwrap();
            println!(
                "{name}: log {:.4?} crps {:.4?}\n   diff {:.4?} cov {:.3} {:.3} skill {} brier {:.4?}",
                r.log_score, r.crps, r.difference, r.coverage_90, r.coverage_50, r.skill, r.brier
            );
            println!("   pit {:.3?} onset {:?}", r.pit, r.onset);
        }
    }
    println!("{:?}", hits::hits(&read.records, |record| record.period.from.0.div_euclid(31_557_600_000)));
    eprintln!("{:?}", t.elapsed());
}
