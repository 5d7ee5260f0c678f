//! One exit time after the other: as many units as possible out by each of them.

use super::bits;
use super::network::NONE;
use super::search::Search;

/// What each exit time has brought.
pub(crate) struct Rounds {
    /// By vertex: from which point on its states were dead after which exit time (`None`: after none). Ascending, from point 0.
    pub(crate) dead: Vec<Vec<(u32, Option<u32>)>>,
}

/// Sends as many units as possible out by every exit time at once. `exits[t]` are the exits `(arc, step)` of exit time `t`.
pub(crate) fn earliest_arrival(search: &mut Search, exits: &[Vec<(u32, u32)>]) -> Rounds {
    let vertices = search.network.vertices;
    let points = search.network.steps + 1;
    // The floors after each exit time, where they have changed; of vertices with a holding limit, the exit time of each state.
    let mut floors: Vec<Vec<(i32, u32)>> = vec![Vec::new(); vertices];
    let mut states: Vec<u32> = vec![NONE; search.limited.iter().filter(|index| **index != NONE).count() * points as usize];
    search.leave_out_what_is_too_far();
    let mut last = 0;
    for (time, exits) in exits.iter().enumerate() {
        if search.waiting == 0 {
            break;
        }
        last = time as u32;
        search.exit_at(last, exits);
        for (vertex, floors) in floors.iter_mut().enumerate().filter(|(vertex, _)| search.limited[*vertex] == NONE) {
            let floor = search.floor(vertex as u32);
            if floor > floors.last().map_or(-1, |last| last.0) {
                floors.push((floor, last));
            }
        }
        note_states(search, &mut states, last);
    }
    // When nobody is left, whatever is still open is of no use either.
    let rest = (search.waiting == 0).then_some(last);
    let dead = (0..vertices).map(|vertex| match search.limited[vertex] {
        NONE => {
            let mut from = 0;
            let mut dead = Vec::with_capacity(floors[vertex].len() + 1);
            for &(floor, time) in &floors[vertex] {
                dead.push((from, Some(time)));
                from = (floor + 1) as u32;
            }
            if from < points {
                dead.push((from, rest));
            }
            dead
        }
        index => {
            let time = |point: u32| states[(index * points + point) as usize];
            (0..points).map(|point| (point, if time(point) == NONE { rest } else { Some(time(point)) })).collect()
        }
    });
    Rounds { dead: dead.collect() }
}

/// States of vertices with a holding limit that are dead now and were not before.
fn note_states(search: &Search, states: &mut [u32], time: u32) {
    let (words, points) = (search.network.words, search.network.steps + 1);
    for index in search.limited.iter().filter(|index| **index != NONE) {
        let dead = &search.floor_bits[*index as usize * words..][..words];
        for point in 0..points {
            let state = &mut states[(index * points + point) as usize];
            if *state == NONE && bits::has(dead, point) {
                *state = time;
            }
        }
    }
}
