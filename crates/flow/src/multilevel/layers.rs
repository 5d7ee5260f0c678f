//! Commodities that may use the same edges from a vertex on are one there: a **layer** is a vertex with such a set of commodities.
//!
//! What distinguishes commodities is often behind them halfway: once every restricted edge that is left is open to both or to neither,
//! their units are interchangeable. The coarsest such partition is that of bisimulation, found by refining signatures (P. C. Kanellakis and
//! S. A. Smolka 1990). Layers only merge along an edge, never split, so the flow of all commodities becomes the flow of one on the layers,
//! but for the slots that several copies of an edge share.

use crate::expansion::NONE;
use crate::problem::Problem;
use std::collections::BTreeMap;

/// A copy of an edge from one layer to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LayerArc {
    pub tail: u32,
    pub head: u32,
}

/// The layers of a problem.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Vertex of each layer.
    pub vertex: Vec<u32>,
    /// By vertex and commodity (`vertex · C + commodity`): the layer, or none where no way leads on to a terminal.
    pub of: Vec<u32>,
    /// Copies of each edge.
    pub arcs: Vec<Vec<LayerArc>>,
}

impl Layers {
    /// The coarsest layers of a problem.
    pub fn new(problem: &Problem) -> Self {
        let commodities = problem.commodities;
        let leads = leads_on(problem);
        let mut colour: Vec<u32> = leads.iter().map(|leads| if *leads { 0 } else { NONE }).collect();
        let mut count = 0;
        let mut out: Vec<Vec<u32>> = vec![Vec::new(); problem.vertices.len()];
        problem.edges.iter().enumerate().for_each(|(index, edge)| out[edge.tail.0 as usize].push(index as u32));
        loop {
            let mut next = vec![NONE; colour.len()];
            let mut fresh = 0;
            for (v, out) in out.iter().enumerate() {
                let mut known: BTreeMap<Vec<(u32, u32)>, u32> = BTreeMap::new();
                for c in 0..commodities {
                    if colour[v * commodities + c] == NONE {
                        continue;
                    }
                    let signature: Vec<(u32, u32)> = out
                        .iter()
                        .filter(|edge| problem.edges[**edge as usize].open_to[c])
                        .map(|edge| (*edge, colour[problem.edges[*edge as usize].head.0 as usize * commodities + c]))
                        .filter(|step| step.1 != NONE)
                        .collect();
                    next[v * commodities + c] = *known.entry(signature).or_insert_with(|| {
                        fresh += 1;
                        fresh - 1
                    });
                }
            }
            colour = next;
            if fresh == count {
                break;
            }
            count = fresh;
        }
        let mut vertex = vec![0; count as usize];
        for (at, layer) in colour.iter().enumerate().filter(|at| *at.1 != NONE) {
            vertex[*layer as usize] = (at / commodities) as u32;
        }
        let arcs = problem.edges.iter().map(|edge| {
            let mut arcs: Vec<LayerArc> = Vec::new();
            for c in (0..commodities).filter(|c| edge.open_to[*c]) {
                let arc =
                    LayerArc { tail: colour[edge.tail.0 as usize * commodities + c], head: colour[edge.head.0 as usize * commodities + c] };
                if arc.tail != NONE && arc.head != NONE && !arcs.contains(&arc) {
                    arcs.push(arc);
                }
            }
            arcs
        });
        let arcs = arcs.collect();
        Layers { vertex, of: colour, arcs }
    }

    /// Number of layers.
    pub fn len(&self) -> usize {
        self.vertex.len()
    }
}

/// By vertex and commodity: whether a terminal can be reached, times and capacities apart.
fn leads_on(problem: &Problem) -> Vec<bool> {
    let commodities = problem.commodities;
    let mut into: Vec<Vec<u32>> = vec![Vec::new(); problem.vertices.len()];
    problem.edges.iter().enumerate().for_each(|(index, edge)| into[edge.head.0 as usize].push(index as u32));
    let mut leads = vec![false; problem.vertices.len() * commodities];
    for c in 0..commodities {
        let mut stack: Vec<usize> = (0..problem.vertices.len()).filter(|v| problem.vertices[*v].terminal).collect();
        stack.iter().for_each(|v| leads[v * commodities + c] = true);
        while let Some(v) = stack.pop() {
            for &edge in &into[v] {
                let edge = &problem.edges[edge as usize];
                let tail = edge.tail.0 as usize;
                if edge.open_to[c] && !leads[tail * commodities + c] {
                    leads[tail * commodities + c] = true;
                    stack.push(tail);
                }
            }
        }
    }
    leads
}
