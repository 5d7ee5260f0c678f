//! How many messages a block holds, before it is taken apart.
//!
//! Two bytes may stand for an empty message, for which over thirty are kept; compressed they are next to nothing. So what a block holds is
//! bounded by its size in the file. An element's own fields are not counted, since elements are taken apart one at a time.
//!
//! Reference: the encoding of protocol buffers. Groups in its sense, long given up, OSM PBF never had; they are refused.

use super::{What, unreadable};
use prost::decode_length_delimiter;

/// What any block may hold, however small it is; writers put 8,000 elements into one.
const MESSAGES_FREE: usize = 1 << 16;
/// What it may hold beyond that for each byte in the file; real ones hold one for every twenty, if so many.
const MESSAGES_A_BYTE: usize = 2;
/// The keys of a block's texts and of its groups (fields 1 and 2, with a length), which hold messages themselves.
const HOLDERS: [usize; 2] = [1 << 3 | 2, 2 << 3 | 2];

/// Refuses a block of more texts, groups and elements than one that takes `packed` bytes in the file may have.
pub(super) fn check_messages(block: &[u8], packed: usize) -> Result<(), What> {
    let most = MESSAGES_FREE + MESSAGES_A_BYTE * packed;
    let (mut rest, mut messages) = (block, 0usize);
    while !rest.is_empty() {
        let (key, mut held) = next_field(&mut rest)?;
        messages += 1;
        while HOLDERS.contains(&key) && !held.is_empty() {
            next_field(&mut held)?;
            messages += 1;
        }
    }
    if messages > most {
        return Err(format!("a block of {packed} bytes holds {messages} messages, more than {most}, which no real extract does").into());
    }
    Ok(())
}

/// Takes a field off a message: its key, of which the last three bits say how it is written, and its content, none of a number.
fn next_field<'a>(message: &mut &'a [u8]) -> Result<(usize, &'a [u8]), What> {
    let key = decode_length_delimiter(&mut *message).map_err(unreadable)?;
    let length = match key & 7 {
        0 => decode_length_delimiter(&mut *message).map(|_number| 0).map_err(unreadable)?,
        1 => 8,
        2 => decode_length_delimiter(&mut *message).map_err(unreadable)?,
        5 => 4,
        _ => return Err("a block cannot be read: a field is neither a number nor of a length".into()),
    };
    let (content, rest) = message.split_at_checked(length).ok_or("a block cannot be read: it ends within a field")?;
    *message = rest;
    Ok((key, content))
}
