//! `.osm.pbf`: blocks of protocol buffers, taken apart by the library `prost` ([`messages`]).
//!
//! A hostile file may choose every number freely. So the frame of the file is walked first, which must fill it to its last byte; a
//! block expands only so far, and holds only so many messages ([`count`]); an index, a sum of differences or a list that does not fit
//! is damage, found where it is used.

mod count;
mod messages;
#[cfg(test)]
mod tests;

use crate::elements::{Damage, EXPANSION_FREE, EXPANSION_MOST, Element, Position, Tags, Wanted};
use count::check_messages;
use flate2::read::ZlibDecoder;
use messages::{Blob, BlobHeader, Data, DenseNodes, HeaderBlock, MemberType, Node, PrimitiveBlock, PrimitiveGroup, Relation, Way};
use prost::bytes::Bytes;
use prost::{DecodeError, Message};
use std::borrow::Cow;
use std::io::Read;
use std::slice::Iter;

/// The format's limit for the header of one blob.
const HEADER_MOST: usize = 64 << 10;
/// The format's limit for one blob, and for the block in it.
const BLOB_MOST: u64 = 32 << 20;
/// What may be required of a reader, and is read.
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

const CUT_OFF: &str = "the file ends in the middle: it was cut off";
const TOO_FAR: &str = "ids or places of a block add up to more than any number can hold: it is damaged";

/// What is wrong with a block, in words; the frame knows where.
type What = Cow<'static, str>;

/// Shows the elements of a file.
pub(crate) fn visit(bytes: &[u8], wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), Damage> {
    for frame in frames(bytes)? {
        let visited = match frame.kind.as_str() {
            "OSMHeader" => content(frame.blob).and_then(check_features),
            "OSMData" => content(frame.blob).and_then(|block| show_block(block, wanted, show)),
            _ => Ok(()),
        };
        visited.map_err(|what| Damage::new(what, frame.start as u64))?;
    }
    Ok(())
}

/// One blob with its header, within the file.
struct Frame<'a> {
    start: usize,
    kind: String,
    blob: &'a [u8],
}

/// The blobs of a file, which must fill it to its last byte.
fn frames(bytes: &[u8]) -> Result<Vec<Frame<'_>>, Damage> {
    let (mut frames, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let (frame, end) = frame(bytes, start).map_err(|what| Damage::new(what, start as u64))?;
        if start == 0 && frame.kind != "OSMHeader" {
            return Err(Damage::new("it does not begin with an OSM header", 0));
        }
        frames.push(frame);
        start = end;
    }
    Ok(frames)
}

/// The blob whose frame starts there, and where that ends: four bytes that say how long the header is, the header, the blob.
fn frame(bytes: &[u8], start: usize) -> Result<(Frame<'_>, usize), What> {
    let (length, rest) = bytes[start..].split_first_chunk().ok_or(CUT_OFF)?;
    let header_size = u32::from_be_bytes(*length) as usize;
    if header_size >= HEADER_MOST {
        return Err(
            if start == 0 { "it is neither OSM XML nor OSM PBF" } else { "a block's header is longer than the format allows" }.into()
        );
    }
    let (header, rest) = rest.split_at_checked(header_size).ok_or(CUT_OFF)?;
    let header = BlobHeader::decode(header).ok().and_then(|header| header.kind.zip(header.datasize));
    let (kind, size) = header.ok_or("a block's header cannot be read")?;
    let within = usize::try_from(size).ok().filter(|size| *size as u64 <= BLOB_MOST);
    let size = within.ok_or_else(|| format!("a block claims {size} bytes, which the format does not allow"))?;
    let blob = rest.get(..size).ok_or(CUT_OFF)?;
    let end = start + length.len() + header_size + blob.len();
    Ok((Frame { start, kind, blob }, end))
}

fn unreadable(error: DecodeError) -> What {
    format!("a block cannot be read: {error}").into()
}

/// The block in a blob, which may be taken apart.
fn content(blob: &[u8]) -> Result<Bytes, What> {
    let block = expanded(blob)?;
    check_messages(&block, blob.len())?;
    Ok(block)
}

/// The block in a blob. One that expands beyond reason is refused before it has.
fn expanded(blob: &[u8]) -> Result<Bytes, What> {
    let packed = match Blob::decode(blob).map_err(unreadable)?.data {
        Some(Data::Raw(block)) => return Ok(block),
        Some(Data::Zlib(packed)) => packed,
        Some(_) => return Err("a block is not compressed with zlib; `osmium cat` writes one that is".into()),
        None => return Err("a block cannot be read: there is nothing in it".into()),
    };
    let most = (blob.len() as u64 * EXPANSION_MOST + EXPANSION_FREE).min(BLOB_MOST);
    let mut block = Vec::new();
    let read = ZlibDecoder::new(&*packed).take(most + 1).read_to_end(&mut block);
    if block.len() as u64 > most {
        return Err(format!("a block of {} bytes expands to more than {most}, which no real extract does", blob.len()).into());
    }
    read.map_err(|_| "a block cannot be decompressed: it is damaged")?;
    Ok(block.into())
}

fn check_features(block: Bytes) -> Result<(), What> {
    let required = HeaderBlock::decode(block).map_err(unreadable)?.required_features;
    match required.iter().find(|feature| !FEATURES.contains(&feature.as_str())) {
        Some(feature) => Err(format!("it needs the feature {feature}, which is not read; `osmium cat` writes a plain extract").into()),
        None => Ok(()),
    }
}

/// Shows the elements of one block; those that are not wanted are not taken apart.
fn show_block(block: Bytes, wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), What> {
    let block = PrimitiveBlock::decode(block).map_err(unreadable)?;
    if block.stringtable.is_none() {
        return Err("a block lacks its texts: it is damaged".into());
    }
    for group in &block.primitivegroup {
        let group = PrimitiveGroup::decode(group.clone()).map_err(unreadable)?;
        let elements = match wanted {
            Wanted::Nodes => {
                block.show_dense(group.dense, show)?;
                group.nodes
            }
            Wanted::Ways => group.ways,
            Wanted::Relations => group.relations,
        };
        for element in elements {
            show(match wanted {
                Wanted::Nodes => block.node(element)?,
                Wanted::Ways => block.way(element)?,
                Wanted::Relations => block.relation(element)?,
            });
        }
    }
    Ok(())
}

impl PrimitiveBlock {
    fn show_dense(&self, parts: Vec<Bytes>, show: &mut dyn FnMut(Element)) -> Result<(), What> {
        let mut dense = DenseNodes::default();
        for part in parts {
            dense.merge(part).map_err(unreadable)?;
        }
        if [dense.lat.len(), dense.lon.len()] != [dense.id.len(); 2] {
            return Err("the lists of a block's nodes are not of the same length: it is damaged".into());
        }
        let (ids, lats, lons) = (summed(dense.id)?, summed(dense.lat)?, summed(dense.lon)?);
        let mut keys_vals = dense.keys_vals.iter();
        for (id, (lat, lon)) in ids.into_iter().zip(lats.into_iter().zip(lons)) {
            show(Element::Node { id, position: self.position(lat, lon)?, tags: self.next_tags(&mut keys_vals)? });
        }
        Ok(())
    }

    fn node(&self, node: Bytes) -> Result<Element<'_>, What> {
        let Node { id, keys, vals, lat, lon } = Node::decode(node).map_err(unreadable)?;
        let (Some(id), Some(lat), Some(lon)) = (id, lat, lon) else {
            return Err("a node lacks its id or its place: it is damaged".into());
        };
        Ok(Element::Node { id, position: self.position(lat, lon)?, tags: self.tags(&keys, &vals)? })
    }

    fn way(&self, way: Bytes) -> Result<Element<'_>, What> {
        let Way { id, keys, vals, refs } = Way::decode(way).map_err(unreadable)?;
        let id = id.ok_or("a way lacks its id: it is damaged")?;
        Ok(Element::Way { id, refs: summed(refs)?, tags: self.tags(&keys, &vals)? })
    }

    fn relation(&self, relation: Bytes) -> Result<Element<'_>, What> {
        let Relation { id, keys, vals, memids, types } = Relation::decode(relation).map_err(unreadable)?;
        let id = id.ok_or("a relation lacks its id: it is damaged")?;
        if memids.len() != types.len() {
            return Err("the lists of a relation's members are not of the same length: it is damaged".into());
        }
        let mut ways = Vec::new();
        for (member, kind) in summed(memids)?.into_iter().zip(types) {
            match MemberType::try_from(kind) {
                Ok(MemberType::Way) => ways.push(member),
                Ok(MemberType::Node | MemberType::Relation) => {}
                Err(_) => return Err("a relation has a member that is neither node nor way nor relation".into()),
            }
        }
        Ok(Element::Relation { id, ways, tags: self.tags(&keys, &vals)? })
    }

    /// The place at so many units of the block from its offset.
    fn position(&self, lat: i64, lon: i64) -> Result<Option<Position>, What> {
        let nano = |offset: i64, units: i64| i64::from(self.granularity()).checked_mul(units)?.checked_add(offset);
        let place = nano(self.lon_offset(), lon).zip(nano(self.lat_offset(), lat));
        let (lon, lat) = place.ok_or(TOO_FAR)?;
        Ok(Position::from_nano(lon, lat))
    }

    fn tags(&self, keys: &[u32], vals: &[u32]) -> Result<Tags<'_>, What> {
        if keys.len() != vals.len() {
            return Err("an element has not as many values as keys: it is damaged".into());
        }
        self.check_tags(keys.len())?;
        let tag = |(key, value): (&u32, &u32)| Ok((self.text(*key)?, self.text(*value)?));
        keys.iter().zip(vals).map(tag).collect::<Result<_, What>>().map(Tags)
    }

    /// The tags of the next dense node. The last nodes of a list may lack theirs, and the nought after them.
    fn next_tags(&self, keys_vals: &mut Iter<i32>) -> Result<Tags<'_>, What> {
        let mut tags = Vec::new();
        while let Some(key) = keys_vals.next().filter(|key| **key != 0) {
            let value = keys_vals.next().ok_or("the last key of a block's nodes has no value: it is damaged")?;
            tags.push((self.text(*key)?, self.text(*value)?));
            self.check_tags(tags.len())?;
        }
        Ok(Tags(tags))
    }

    /// Each tag of an element has a key of its own, which is a text. Where the same two texts could serve again and again, two bytes
    /// would stand for a tag of fifty.
    fn check_tags(&self, tags: usize) -> Result<(), What> {
        if tags > self.texts().len() {
            return Err("an element has more tags than its block has texts: it is damaged".into());
        }
        Ok(())
    }

    fn texts(&self) -> &[Bytes] {
        self.stringtable.as_ref().map_or(&[], |table| &table.s)
    }

    fn text(&self, index: impl TryInto<usize>) -> Result<Cow<'_, str>, What> {
        let text = index.try_into().ok().and_then(|index| self.texts().get(index)).ok_or("a tag names a text that its block lacks")?;
        Ok(Cow::Borrowed(std::str::from_utf8(text).map_err(|_| "a text of a block is not UTF-8: it is damaged")?))
    }
}

/// The sums of differences, in their place.
fn summed(mut differences: Vec<i64>) -> Result<Vec<i64>, What> {
    let mut sum = 0i64;
    for value in &mut differences {
        sum = sum.checked_add(*value).ok_or(TOO_FAR)?;
        *value = sum;
    }
    Ok(differences)
}
