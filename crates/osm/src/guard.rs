//! Looks through the wire format of a blob before the library takes it apart, without keeping anything: how far it expands, and
//! into how many messages. Two bytes can stand for an empty message that takes the library a hundred and more, so both are
//! bounded by the blob's own size. Two more things the library takes for granted: that sums of differences fit, and that a member is
//! of a kind that there is.
//!
//! Reference: the protocol buffers encoding, and `fileformat.proto`, `osmformat.proto` of the OSM PBF format.

use crate::sums::{Dense, RELATION, Scale};
use flate2::read::ZlibDecoder;
use std::io::Read;

/// Messages and texts in one block, whatever its size; writers put 8,000 elements into one.
const MESSAGES_FREE: u64 = 1 << 16;

/// One field of a message.
pub(crate) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a message, by number. It ends at the first that cannot be read, which `sound` then tells.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    sound: bool,
}

pub(crate) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message, sound: true }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => self.take(8).map(|_| Field::Other)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => self.take(4).map(|_| Field::Other)?,
            _ => return None,
        };
        Some((key >> 3, field))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A number of seven bits a byte.
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in 0..10 {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7F) << (7 * shift).min(63);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    fn next(&mut self) -> Option<(u64, Field<'a>)> {
        if self.rest.is_empty() || !self.sound {
            return None;
        }
        let field = self.field();
        self.sound = field.is_some();
        field
    }
}

/// Type and size of a blob, from its header.
pub(crate) fn blob_header(header: &[u8]) -> Option<(&[u8], u64)> {
    let (mut kind, mut size, mut walk) = (None, None, fields(header));
    for (number, field) in walk.by_ref() {
        match (number, field) {
            (1, Field::Bytes(text)) => kind = Some(text),
            (3, Field::Number(value)) => size = Some(value),
            _ => {}
        }
    }
    if walk.sound { kind.zip(size) } else { None }
}

/// Refuses a data blob that expands to more than `most` bytes or into too many messages. What it cannot read at all is left to the
/// library to refuse.
pub(crate) fn check(blob: &[u8], most: u64) -> Result<(), String> {
    let mut walk = fields(blob);
    for (number, field) in walk.by_ref() {
        match (number, field) {
            (1, Field::Bytes(raw)) => check_block(raw, blob.len())?,
            (3, Field::Bytes(packed)) => {
                let mut block = Vec::new();
                let read = ZlibDecoder::new(packed).take(most + 1).read_to_end(&mut block);
                if block.len() as u64 > most {
                    return Err(format!("a block of {} bytes expands to more than {most}, which no real extract does", blob.len()));
                }
                if read.is_err() {
                    return Err("a block cannot be decompressed: it is damaged".into());
                }
                check_block(&block, blob.len())?;
            }
            (4..=7, Field::Bytes(_)) => return Err("a block is not compressed with zlib; `osmium cat` writes one that is".into()),
            _ => {}
        }
    }
    if walk.sound { Ok(()) } else { Err("a block cannot be read: it is damaged".into()) }
}

/// Number of the types of a relation's members.
const MEMBER_TYPES: u64 = 10;

/// Whether the members of a relation are of the three types that there are: the library panics at any other.
fn members_sound(relation: &[u8]) -> bool {
    fields(relation).all(|(number, field)| match field {
        Field::Number(kind) if number == MEMBER_TYPES => kind <= 2,
        Field::Bytes(packed) if number == MEMBER_TYPES => {
            let mut walk = fields(packed);
            while !walk.is_empty() {
                match walk.varint() {
                    Some(kind) if kind <= 2 => {}
                    _ => return false,
                }
            }
            true
        }
        _ => true,
    })
}

/// Counts texts, groups, elements and what hangs on them.
fn check_block(block: &[u8], compressed: usize) -> Result<(), String> {
    let most = MESSAGES_FREE + 2 * compressed as u64;
    let (mut messages, scale) = (0u64, Scale::of(block));
    let count = |walk: &mut Fields| walk.fold(0, |sum, _| sum + 1);
    let mut walk = fields(block);
    let mut sound = true;
    for (number, field) in walk.by_ref() {
        messages += 1;
        match (number, field) {
            // The table of texts: each of its fields is one.
            (1, Field::Bytes(texts)) => messages += count(&mut fields(texts)),
            // A group of elements; each element's fields are packed or small.
            (2, Field::Bytes(group)) => {
                let mut elements = fields(group);
                let mut dense = Dense::default();
                for (kind, element) in elements.by_ref() {
                    messages += 1;
                    if let Field::Bytes(element) = element {
                        messages += count(&mut fields(element)) / 16;
                        if !dense.holds(kind, element, scale) {
                            return Err("ids or places of a block add up to more than any number can hold: it is damaged".into());
                        }
                        if kind == RELATION && !members_sound(element) {
                            return Err("a relation has a member that is neither node nor way nor relation".into());
                        }
                    }
                }
                sound &= elements.sound;
            }
            _ => {}
        }
        if messages > most {
            return Err(format!("a block of {compressed} bytes holds more than {most} messages, which no real extract does"));
        }
    }
    if walk.sound && sound { Ok(()) } else { Err("a block cannot be read: it is damaged".into()) }
}
