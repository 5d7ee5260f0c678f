//! `.osm.pbf`: blocks of protocol buffers, through the library `osmpbf`.
//!
//! The library trusts its input in two ways that a hostile file can use: a file that ends in the middle may pass for whole, and a
//! few bytes can stand for very many small messages. So the frame of the file is walked first, and each block is looked through
//! ([`guard`]) before the library takes it apart.

use crate::elements::{Damage, EXPANSION_FREE, EXPANSION_MOST, Element, Position, Tags, Wanted};
use crate::guard;
use osmpbf::{Blob, BlobDecode, BlobReader, PrimitiveBlock, RelMemberType};
use std::borrow::Cow;
use std::io::Cursor;

/// The format's limit for the message of one blob.
const BLOB_MOST: u64 = 32 << 20;

/// Shows the elements of a file.
pub(crate) fn visit(bytes: &[u8], wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), Damage> {
    for frame in frames(bytes)? {
        let damaged = |error: osmpbf::Error| Damage::new(format!("a block cannot be read: {error}"), frame.start as u64);
        if frame.data {
            let expansion = (frame.blob.len() as u64) * EXPANSION_MOST + EXPANSION_FREE;
            guard::check(frame.blob, expansion.min(BLOB_MOST)).map_err(|what| Damage::new(what, frame.start as u64))?;
        }
        let mut reader = BlobReader::new(Cursor::new(frame.whole));
        let Some(blob) = reader.next() else { continue };
        let blob: Blob = blob.map_err(damaged)?;
        match blob.decode().map_err(damaged)? {
            BlobDecode::OsmHeader(header) => {
                let known = ["OsmSchema-V0.6", "DenseNodes"];
                if let Some(feature) = header.required_features().iter().find(|feature| !known.contains(&feature.as_str())) {
                    let what = format!("it needs the feature {feature}, which is not read; `osmium cat` writes a plain extract");
                    return Err(Damage::new(what, frame.start as u64));
                }
            }
            BlobDecode::OsmData(block) => show_block(&block, wanted, show),
            BlobDecode::Unknown(_) => {}
        }
    }
    Ok(())
}

/// One blob with its header, within the file.
struct Frame<'a> {
    start: usize,
    /// Header and blob, with the length before them.
    whole: &'a [u8],
    blob: &'a [u8],
    data: bool,
}

/// The blobs of a file, which must fill it to its last byte.
fn frames(bytes: &[u8]) -> Result<Vec<Frame<'_>>, Damage> {
    let cut = |at: usize| Damage::new("the file ends in the middle: it was cut off", at as u64);
    let (mut frames, mut start) = (Vec::new(), 0usize);
    while start < bytes.len() {
        let length = bytes.get(start..start + 4).ok_or_else(|| cut(start))?;
        let header_size = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
        if header_size >= 64 << 10 {
            let what = if start == 0 { "it is neither OSM XML nor OSM PBF" } else { "a block's header is longer than the format allows" };
            return Err(Damage::new(what, start as u64));
        }
        let header = bytes.get(start + 4..start + 4 + header_size).ok_or_else(|| cut(start))?;
        let Some((kind, size)) = guard::blob_header(header) else {
            return Err(Damage::new("a block's header cannot be read", start as u64));
        };
        if size > BLOB_MOST {
            return Err(Damage::new(format!("a block claims {size} bytes, more than the format allows"), start as u64));
        }
        let (blob, end) = (start + 4 + header_size, start + 4 + header_size + size as usize);
        let whole = bytes.get(start..end).ok_or_else(|| cut(start))?;
        if start == 0 && kind != b"OSMHeader" {
            return Err(Damage::new("it does not begin with an OSM header", 0));
        }
        frames.push(Frame { start, whole, blob: &bytes[blob..end], data: kind == b"OSMData" });
        start = end;
    }
    Ok(frames)
}

fn show_block(block: &PrimitiveBlock, wanted: Wanted, show: &mut dyn FnMut(Element)) {
    for group in block.groups() {
        match wanted {
            Wanted::Nodes => {
                for node in group.dense_nodes() {
                    let tags = owned(node.tags());
                    show(Element::Node { id: node.id(), position: Position::from_nano(node.nano_lon(), node.nano_lat()), tags });
                }
                for node in group.nodes() {
                    let tags = owned(node.tags());
                    show(Element::Node { id: node.id(), position: Position::from_nano(node.nano_lon(), node.nano_lat()), tags });
                }
            }
            Wanted::Ways => {
                for way in group.ways() {
                    show(Element::Way { id: way.id(), refs: way.refs().collect(), tags: owned(way.tags()) });
                }
            }
            Wanted::Relations => {
                for relation in group.relations() {
                    let ways = relation.members().filter(|member| member.member_type == RelMemberType::Way);
                    show(Element::Relation {
                        id: relation.id(),
                        ways: ways.map(|member| member.member_id).collect(),
                        tags: owned(relation.tags()),
                    });
                }
            }
        }
    }
}

fn owned<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Tags<'a> {
    Tags(tags.map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value))).collect())
}
