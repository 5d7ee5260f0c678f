//! The area that is to be evacuated: streets inside it, havens where roads leave it, and the people in it.

use crate::elements::Position;
use crate::network::{Network, Node, Street};
use crate::notes::{Doubt, Notes};
use crate::roads::CLASSES;
use corridor_import::area::Area;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// What of a network lies in an area. A street that leaves it ends in a haven, open outwards only; streets outside are gone, and so
/// is what leads in. The streets must still be those of neighbours on a way, so that each crosses the border where it really does.
pub fn inside(network: Network, area: &Area, notes: &mut Notes) -> Network {
    let within: Vec<bool> = network.nodes.iter().map(|node| area.holds(node.position.degrees())).collect();
    let Network { mut nodes, streets } = network;
    let mut kept = Vec::new();
    for street in streets {
        match (within[street.from], within[street.to]) {
            (true, true) => kept.push(street),
            (true, false) => kept.extend(exit(street, &mut nodes)),
            (false, true) => kept.extend(exit(street.turned(), &mut nodes)),
            (false, false) => {
                let line: Vec<_> = street.line.iter().map(|at| at.degrees()).collect();
                if area.meets(&line) {
                    notes.doubt(Doubt::PassesThroughArea, "way", street.way.0, || "it crosses the area without a node inside".into());
                }
            }
        }
    }
    Network { nodes, streets: kept }.without_unused_nodes()
}

/// The street out of the area, if it is open that way; its end becomes a haven.
fn exit(street: Street, nodes: &mut [Node]) -> Option<Street> {
    street.forward?;
    let haven = &mut nodes[street.to];
    (haven.haven, haven.keep) = (true, true);
    if haven.name.is_empty() {
        haven.name =
            if street.name.is_empty() { format!("Out by {}", CLASSES[street.class].name) } else { format!("Out by {}", street.name) };
    }
    Some(Street { backward: None, ..street })
}

/// People who begin at one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Index of the node.
    pub node: usize,
    /// How many.
    pub people: u64,
    /// What they are called together.
    pub name: String,
}

/// People of whom it is known where they are.
#[derive(Clone, Debug)]
pub enum Living {
    /// Somewhere in the network.
    Anywhere,
    /// At a point.
    At(Position),
    /// Somewhere in an area.
    In(Area),
}

/// So far from a street a row of people is taken to belong to another place.
const FAR_METRES: f64 = 2000.0;

/// Puts people to the nodes from which they begin: those at a point to the nearest, those of an area along its streets. With havens in
/// the network only nodes from which one can be reached take people.
pub fn settle(network: &Network, rows: &[(Living, u64, String)], notes: &mut Notes) -> Vec<Start> {
    let usable: Vec<bool> = if network.nodes.iter().any(|node| node.haven) {
        let reaching = network.reaching(|node| node.haven);
        network.nodes.iter().zip(reaching).map(|(node, reaches)| reaches && !node.haven).collect()
    } else {
        vec![true; network.nodes.len()]
    };
    let weights = frontage(network);
    let tree = RTree::bulk_load(
        (0..usable.len()).filter(|node| usable[*node]).map(|node| GeomWithData::new(flat(network.nodes[node].position), node)).collect(),
    );
    let mut starts = Vec::new();
    for (at, (living, people, name)) in rows.iter().enumerate() {
        let mut nowhere =
            || notes.doubt(Doubt::PeopleNowhere, "people", at as i64 + 1, || format!("{name}: {people} people have no street near"));
        let within: Vec<usize> = match living {
            Living::At(position) => {
                let nearest = tree.nearest_neighbor(&flat(*position)).map(|found| found.data);
                let nearest = nearest.filter(|node| network.nodes[*node].position.metres_to(*position) <= FAR_METRES);
                match nearest {
                    Some(node) => starts.push(Start { node, people: *people, name: name.clone() }),
                    None => nowhere(),
                }
                continue;
            }
            Living::Anywhere => (0..usable.len()).filter(|node| usable[*node]).collect(),
            Living::In(area) => {
                (0..usable.len()).filter(|node| usable[*node] && area.holds(network.nodes[*node].position.degrees())).collect()
            }
        };
        if within.is_empty() {
            nowhere();
        }
        let shares = spread(*people, &within.iter().map(|node| weights[*node]).collect::<Vec<_>>());
        let some = within.into_iter().zip(shares).filter(|(_, people)| *people > 0);
        starts.extend(some.map(|(node, people)| Start { node, people, name: name.clone() }));
    }
    starts
}

/// A position on a plane in which the nearest is the nearest nearby: metres, roughly.
fn flat(position: Position) -> [f64; 2] {
    let (lon, lat) = position.degrees();
    let metres = 111_195.0;
    [lon * metres * lat.to_radians().cos(), lat * metres]
}

/// For each node half the length of the streets at it along which people live.
fn frontage(network: &Network) -> Vec<f64> {
    let mut weights = vec![0.0; network.nodes.len()];
    for street in &network.streets {
        let name = CLASSES[street.class].name;
        if !(name.starts_with("motorway") || name.starts_with("trunk") || name.ends_with("_link")) {
            weights[street.from] += street.metres / 2.0;
            weights[street.to] += street.metres / 2.0;
        }
    }
    weights
}

/// Shares in whole people by weight: nobody is lost, and no share is a person or more from its exact value. With no weight at all,
/// evenly.
pub fn spread(people: u64, weights: &[f64]) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    let even = vec![1.0; weights.len()];
    let (weights, total) = if total > 0.0 { (weights, total) } else { (&even[..], weights.len() as f64) };
    let exact: Vec<f64> = weights.iter().map(|weight| people as f64 * weight / total).collect();
    let mut shares: Vec<u64> = exact.iter().map(|share| share.floor() as u64).collect();
    let given: u64 = shares.iter().sum();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
    for at in order.into_iter().take(people.saturating_sub(given) as usize) {
        shares[at] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_spread_by_weight_and_none_is_lost() {
        assert_eq!(spread(10, &[1.0, 1.0, 1.0]), [4, 3, 3]);
        assert_eq!(spread(7, &[3.0, 0.0, 4.0]), [3, 0, 4]);
        assert_eq!(spread(5, &[0.0, 0.0]), [3, 2], "without weights evenly");
        assert_eq!(spread(5, &[]), Vec::<u64>::new());
        for people in [0, 1, 999, 12_000] {
            assert_eq!(spread(people, &[0.1, 2.7, 3.3, 1e-9]).iter().sum::<u64>(), people);
        }
    }
}
