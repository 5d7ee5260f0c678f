// What every target asks of an extract: all classes, all steps, an area, people.

use corridor_import::area::read_area;
use corridor_osm::evacuate::Living;
use corridor_osm::extract::Choice;
use corridor_osm::roads::{CLASSES, Mode};
use corridor_osm::simplify::Step;
use corridor_osm::{Evacuation, Figure, People, Request};

const AREA: &str = r#"{"type":"Polygon","coordinates":[[[7,43],[9.505,43],[9.505,48],[7,48],[7,43]]]}"#;

pub fn request(bytes: &[u8]) -> Request {
    let odd = bytes.len() % 4;
    let figure = || Figure { low: 0.5, value: 0.8, high: 1.0, source: "fuzz".into() };
    let evacuation = (odd % 2 == 0).then(|| Evacuation { area: read_area(AREA).expect("a square"), exit_share: figure() });
    Request {
        choice: Choice { mode: if odd < 2 { Mode::Drive } else { Mode::Walk }, classes: (0..CLASSES.len()).collect(), keep_private: odd == 3 },
        bounds: None,
        steps: Step::ALL.iter().map(|(_, step)| *step).collect(),
        title: "fuzz".into(),
        zone: "Europe/Berlin".into(),
        start: jiff::Timestamp::UNIX_EPOCH,
        hours: None,
        step_seconds: None,
        people_per_vehicle: figure(),
        departure_minutes: figure(),
        people: vec![People { living: Living::Anywhere, people: 1000, name: "all".into() }],
        evacuation,
        file: "fuzz".into(),
    }
}
