//! A flow problem over time. Costs are whole numbers at a stated resolution; amounts are whole units.

/// Index of a vertex in [`Problem::vertices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VertexId(pub u32);
/// Index of an edge in [`Problem::edges`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);
/// Index of a source in [`Problem::sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A value in the steps `from ≤ k < until`; sequences of runs ascend and do not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Run<T> {
    pub from: u32,
    pub until: u32,
    pub value: T,
}

impl<T: PartialEq> Run<T> {
    /// Appends the value of a step after all those of `runs`, to the last run where that goes on.
    pub fn append(runs: &mut Vec<Run<T>>, step: u32, value: T) {
        match runs.last_mut() {
            Some(last) if last.until == step && last.value == value => last.until = step + 1,
            _ => runs.push(Run { from: step, until: step + 1, value }),
        }
    }
}

/// A piece of a convex cost curve: `width` units (`None`: without end) at `cost` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Piece {
    pub width: Option<u64>,
    pub cost: i64,
}

/// A vertex. Units may wait at it from one point to the next.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Vertex {
    /// Units may stay here at point N; every path ends at a terminal.
    pub terminal: bool,
    /// Most units held from a point to the next, and at point N; `None`: unlimited.
    pub holding: Option<u64>,
    /// The cost of the units held in a step, as pieces of ascending cost; steps without a run cost nothing.
    pub congestion: Vec<Run<Vec<Piece>>>,
}

/// Whether an edge leaves the inside, and which end gives the exit time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It stays inside or outside.
    No,
    /// It exits; the exit time is the step in which it is entered.
    AtEntry,
    /// It exits; the exit time is the point at which it ends.
    AtEnd,
}

/// A directed edge. Who enters in step `k` is at the head at point `k + transit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub tail: VertexId,
    /// Where it ends.
    pub head: VertexId,
    /// Steps, possibly 0.
    pub transit: u32,
    /// Units that may enter in each step (`None`: unlimited; `Some(0)`: closed, which a price must hold up); in steps without a run there
    /// is no such edge.
    pub capacity: Vec<Run<Option<u64>>>,
    /// Cost per unit that enters in a step; steps without a run cost nothing.
    pub cost: Vec<Run<i64>>,
    /// Whether it is an exit.
    pub exit: Exit,
    /// For each commodity, whether it may use the edge.
    pub open_to: Vec<bool>,
}

/// Units of one commodity that may enter the network at one vertex, each at or after its release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Index of the commodity.
    pub commodity: usize,
    /// Where they enter.
    pub vertex: VertexId,
    /// `(point, units)` ascending; units released at point N never enter.
    pub releases: Vec<(u32, u64)>,
    /// What a unit that exits is worth.
    pub reward: i64,
    /// Cost of a unit that enters at point `k`, for `k` in `0 ..= N`, at `N` for one that never does: nondecreasing.
    pub idle_cost: Vec<i64>,
    /// Further cost of a unit that never enters.
    pub forfeit: i64,
    /// Released units that have not entered count in the congestion (not in the holding limit) of `vertex`.
    pub in_place: bool,
}

/// A flow problem over time: choose whole paths so that `Σ reward − costs` is largest, and among those `Σ exit time` least.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// N; points are `0 ..= N`.
    pub steps: u32,
    /// Number of commodities.
    pub commodities: usize,
    /// Vertices.
    pub vertices: Vec<Vertex>,
    /// Edges.
    pub edges: Vec<Edge>,
    /// Sources.
    pub sources: Vec<Source>,
    /// Cost units per unit of value: a cost of `scale` is worth 1.
    pub scale: i64,
}

impl Source {
    /// All units, those released at N included.
    pub fn units(&self) -> u64 {
        self.releases.iter().map(|release| release.1).sum()
    }

    /// What a unit that enters at `point` and exits gains over one that never enters, route costs and congestion apart.
    pub fn gain(&self, point: u32) -> i64 {
        self.reward + self.forfeit + self.idle_cost[self.idle_cost.len() - 1] - self.idle_cost[point as usize]
    }
}

impl Problem {
    /// All units of all sources.
    pub fn units(&self) -> u64 {
        self.sources.iter().map(Source::units).sum()
    }

    /// The value of a flow in which nobody enters, congestion of units in place included.
    pub fn idle_value(&self) -> i128 {
        let mut value = 0;
        for source in &self.sources {
            value -= i128::from(source.units()) * i128::from(source.forfeit + source.idle_cost[self.steps as usize]);
        }
        for (index, vertex) in self.vertices.iter().enumerate() {
            let mut present = self.in_place(VertexId(index as u32));
            if present.is_empty() {
                continue;
            }
            present.resize(self.steps as usize, 0);
            for run in &vertex.congestion {
                for k in run.from..run.until {
                    value -= congestion_cost(&run.value, present[k as usize]);
                }
            }
        }
        value
    }

    /// Released units in place at a vertex in each step if none enters; empty when no source is in place there.
    pub fn in_place(&self, vertex: VertexId) -> Vec<u64> {
        let mut present = Vec::new();
        for source in self.sources.iter().filter(|source| source.in_place && source.vertex == vertex) {
            present.resize(self.steps as usize, 0);
            for &(point, units) in &source.releases {
                present.iter_mut().skip(point as usize).for_each(|present| *present += units);
            }
        }
        present
    }
}

/// The cost of so many units on a curve.
pub fn congestion_cost(pieces: &[Piece], units: u64) -> i128 {
    let mut left = units;
    let mut cost = 0;
    for piece in pieces {
        let here = piece.width.map_or(left, |width| width.min(left));
        cost += i128::from(here) * i128::from(piece.cost);
        left -= here;
    }
    cost
}
