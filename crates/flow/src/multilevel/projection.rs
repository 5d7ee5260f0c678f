//! Projection onto the rows of a programme: solves with `A W⁻¹ Aᵀ + D`, factored once for many right sides.

use super::dissection::{Adjacency, Site, dissected};
use super::first_order::Programme;
use super::fronts::{Front, Lower, ranks};

/// Rows that no slack holds are held by this share of their own diagonal.
const FIRM: f64 = 1e-9;

/// A factored matrix.
pub struct Projection {
    /// By row: when it is eliminated.
    rank: Vec<u32>,
    fronts: Front,
    /// Of the programme whose rows it holds.
    shape: u64,
}

impl Projection {
    /// Factors `A · columns · Aᵀ + rows`, both diagonal.
    pub fn new(order: Order, programme: &Programme, columns: &[f64], rows: &[f64]) -> Self {
        let Order { rank, mut matrix, mut fronts } = order;
        fill(&mut matrix, programme, &rank, |column| columns[column], |row| rows[row]);
        fronts.factor(&matrix);
        Projection { rank, fronts, shape: programme.shape() }
    }

    /// Whether it projects onto the rows of this programme too: the same, but for what they ask for.
    pub fn fits(&self, programme: &Programme) -> bool {
        self.shape == programme.shape()
    }

    /// Solves for the right side, by row, in place; `ranked` is room to work in.
    pub fn solve(&self, right: &mut [f64], ranked: &mut Vec<f64>) {
        ranked.resize(right.len(), 0.0);
        self.rank.iter().zip(&*right).for_each(|(rank, value)| ranked[*rank as usize] = *value);
        self.fronts.solve(ranked);
        self.rank.iter().zip(right).for_each(|(rank, value)| *value = ranked[*rank as usize]);
    }
}

/// In which order a programme's rows are eliminated, and what that fills, still without numbers.
pub struct Order {
    rank: Vec<u32>,
    matrix: Lower,
    fronts: Front,
}

impl Order {
    /// None where the factor would have more than `most` numbers.
    pub fn new(programme: &Programme, sites: &[Site], most: usize) -> Option<Self> {
        let adjacency = Adjacency::new(programme);
        let part = dissected(&adjacency, sites);
        let rank = ranks(&part, sites.len());
        let fronts = Front::new(&part, &adjacency, &rank);
        (fronts.numbers() <= most).then(|| Order { matrix: pattern(&adjacency, &rank), rank, fronts })
    }
}

/// Where a matrix whose rows have neighbours may have entries.
pub fn pattern(adjacency: &Adjacency, rank: &[u32]) -> Lower {
    let mut order = vec![0; rank.len()];
    rank.iter().enumerate().for_each(|(row, rank)| order[*rank as usize] = row as u32);
    let (mut start, mut entry) = (vec![0], Vec::new());
    for (at, row) in order.iter().enumerate() {
        let first = entry.len();
        entry.push(at as u32);
        entry.extend(adjacency.of(*row).iter().map(|other| rank[*other as usize]).filter(|other| *other > at as u32));
        entry[first..].sort_unstable();
        start.push(entry.len());
    }
    Lower { value: vec![0.0; entry.len()], start, entry }
}

/// Sets the values of `A · columns · Aᵀ + rows`.
pub fn fill(lower: &mut Lower, programme: &Programme, rank: &[u32], columns: impl Fn(usize) -> f64, rows: impl Fn(usize) -> f64) {
    lower.value.fill(0.0);
    for column in 0..programme.columns() {
        let entries = programme.column_entries(column);
        let weight = columns(column);
        for (index, a) in entries.iter().enumerate() {
            for b in &entries[..=index] {
                let (i, j) = (rank[(a >> 1) as usize], rank[(b >> 1) as usize]);
                let (from, to) = (lower.start[i.min(j) as usize], lower.start[i.min(j) as usize + 1]);
                let at = from + lower.entry[from..to].binary_search(&i.max(j)).expect("the pattern holds every pair");
                lower.value[at] += if (a ^ b) & 1 == 1 { -weight } else { weight };
            }
        }
    }
    for (row, rank) in rank.iter().enumerate() {
        let diagonal = &mut lower.value[lower.start[*rank as usize]];
        // An empty row asks for nothing.
        *diagonal += rows(row) + FIRM * if *diagonal > 0.0 { *diagonal } else { 1.0 };
    }
}
