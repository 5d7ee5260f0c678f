//! What is told of the danger that was estimated for a case: on the screen, as JSON and in files.

pub mod explain;
pub mod files;
pub mod json;
pub mod text;

use crate::failure::Failure;
use crate::limits::link_words;
use crate::words::LocalTime;
use corridor_hazard::actors::ActorId;
use corridor_hazard::field::{Chance, Field, Layer};
use corridor_hazard::record::Target;
use corridor_hazard::words::likelihood;
use corridor_import::estimate::{Danger, Element, elements};
use corridor_model::Scenario;

/// Stands in every output.
pub const NO_BASIS: &str = "Estimated to keep people away from danger. It is no basis for the use of force.";

/// A field and what it is about.
pub struct Threat<'a> {
    pub scenario: &'a Scenario,
    pub danger: &'a Danger,
    pub field: &'a Field<'a>,
    pub local: LocalTime,
    pub region: String,
    pub elements: Vec<Element>,
}

impl<'a> Threat<'a> {
    pub fn new(scenario: &'a Scenario, danger: &'a Danger, field: &'a Field<'a>) -> Threat<'a> {
        let local = LocalTime::new(&scenario.clock.zone);
        Threat { scenario, danger, field, local, region: danger.region(scenario).0, elements: elements(scenario) }
    }

    /// Name of a site for people.
    pub fn name(&self, site: usize) -> String {
        match self.elements[site] {
            Element::Node(id) => self.scenario.node(id).name.clone(),
            Element::Link(id) => link_words(self.scenario, id),
        }
    }

    /// Sites by what is expected there up to the deadline, most first; ties in the order of the case.
    pub fn ranked(&self, layer: &Layer) -> Vec<(usize, f64)> {
        let expected = |site| layer.expected(&self.field.question, site, self.scenario.clock.deadline).sum::<f64>();
        let mut ranked: Vec<(usize, f64)> = (0..self.elements.len()).map(|site| (site, expected(site))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }

    /// Name of an organisation; `None` is one that no record names.
    pub fn actor(&self, actor: Option<ActorId>) -> &str {
        actor.map_or("not said", |actor| self.danger.evidence.actors.get(actor).name.as_str())
    }

    /// The site of that id, with or without `node:` or `link:`, or the one whose name holds the text.
    pub fn site_named(&self, text: &str) -> Result<usize, Failure> {
        let sites = &self.field.question.sites;
        let plain = text.trim().to_lowercase();
        let by_id = sites.iter().position(|site| site.id.to_lowercase() == plain || site.id[5..].to_lowercase() == plain);
        let named: Vec<usize> = (0..sites.len()).filter(|site| self.name(*site).to_lowercase().contains(&plain)).collect();
        match (by_id, named.as_slice()) {
            (Some(site), _) => Ok(site),
            (None, [only]) => Ok(*only),
            (None, []) => {
                let help = "name the id of a node that is not safe or of a link with a vulnerability, or a part of its name";
                Err(Failure::input("no_such_place", format!("no place in danger is called \"{text}\""), help))
            }
            (None, several) => {
                let names: Vec<String> = several.iter().take(5).map(|site| sites[*site].id.clone()).collect();
                Err(Failure::input(
                    "place_not_one",
                    format!("{} places are called \"{text}\"", several.len()),
                    format!("name one, such as {}", names.join(", ")),
                ))
            }
        }
    }
}

/// `attacks on civilians`.
pub fn target_words(target: Target) -> &'static str {
    match target {
        Target::Civilians => "attacks on civilians and crowds",
        Target::Forces => "clashes between armed forces",
    }
}

/// `unlikely (0.38; 0.15–0.70)`.
pub fn chance_words(chance: &Chance) -> String {
    format!("{} ({}; {}–{})", likelihood(chance.chance), share(chance.chance), share(chance.low), share(chance.high))
}

/// A share with two digits: `0.38`, `0.0042`.
pub fn share(value: f64) -> String {
    if value >= 0.1 || value == 0.0 { format!("{value:.2}") } else { crate::words::amount(value) }
}
