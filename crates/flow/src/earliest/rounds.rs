//! One exit time after the other: as many units as possible out by each of them.

use super::search::Search;

/// What each exit time has brought.
pub(crate) struct Rounds {
    /// Units out at each exit time `0 ..= N`.
    pub(crate) out: Vec<u64>,
    /// By vertex: `(point, exit time)`: no state up to this point (those listed before left out) was of use after that exit time.
    pub(crate) dead: Vec<Vec<(i32, u32)>>,
}

/// Sends as many units as possible out by every exit time at once. `exits[t]` are the exits `(arc, step)` of exit time `t`.
pub(crate) fn earliest_arrival(search: &mut Search, exits: &[Vec<(u32, u32)>]) -> Rounds {
    let mut rounds = Rounds { out: vec![0; exits.len()], dead: vec![Vec::new(); search.network.vertices] };
    search.leave_out_what_is_too_far();
    for (time, exits) in exits.iter().enumerate() {
        if search.waiting == 0 {
            break;
        }
        let before = search.waiting;
        search.exit_at(time as u32, exits);
        rounds.out[time] = before - search.waiting;
        for (vertex, dead) in rounds.dead.iter_mut().enumerate() {
            let floor = search.floor[vertex];
            if floor > dead.last().map_or(-1, |last| last.0) {
                dead.push((floor, time as u32));
            }
        }
    }
    rounds
}
