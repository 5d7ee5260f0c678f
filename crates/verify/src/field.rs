//! The rates of attacks of a case, looked up once.

use corridor_model::meaning::Run;
use corridor_model::{Exact, LinkId, NodeId, Scenario};

/// `A(e, k)` of every node and link; nothing for safe nodes and links that begin at one.
pub(crate) struct Field {
    nodes: Vec<Vec<Run<Exact>>>,
    links: Vec<Vec<Run<Exact>>>,
}

impl Field {
    pub(crate) fn of(scenario: &Scenario) -> Field {
        Field {
            nodes: scenario.node_ids().map(|id| scenario.node_rate(id)).collect(),
            links: scenario.link_ids().map(|id| scenario.link_rate(id)).collect(),
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> &[Run<Exact>] {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn link(&self, id: LinkId) -> &[Run<Exact>] {
        &self.links[id.0 as usize]
    }

    /// Every run of every element.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run<Exact>> {
        self.nodes.iter().chain(&self.links).flatten()
    }
}
