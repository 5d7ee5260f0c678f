//! `.osm` and `.osm.gz`: OpenStreetMap XML.

use crate::elements::{Damage, EXPANSION_FREE, EXPANSION_MOST, Element, Position, Tags, Wanted};
use flate2::read::MultiGzDecoder;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

/// Shows the elements of a compressed document. More than so many times the compressed size is refused.
pub(crate) fn visit_gz(bytes: &[u8], wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), Damage> {
    let left = (bytes.len() as u64).saturating_mul(EXPANSION_MOST) + EXPANSION_FREE;
    visit(BufReader::with_capacity(1 << 16, Bounded { inner: MultiGzDecoder::new(bytes), left }), wanted, show)
}

/// Reads so many bytes and no more; that there are more is an error.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read as u64 > self.left {
            return Err(io::Error::other("it expands to more than 200 times its size, which no real extract does"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// What is being read between its start and its end.
#[derive(Default)]
struct Open {
    id: Option<i64>,
    position: Option<Position>,
    refs: Vec<i64>,
    tags: Tags<'static>,
}

/// Shows the elements of a document.
pub(crate) fn visit(source: impl BufRead, wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), Damage> {
    let mut reader = Reader::from_reader(source);
    let (mut buffer, mut open, mut depth, mut root) = (Vec::new(), None, 0usize, false);
    loop {
        buffer.clear();
        let event =
            reader.read_event_into(&mut buffer).map_err(|error| Damage::new(format!("not XML: {error}"), reader.buffer_position()))?;
        let byte = reader.buffer_position();
        match event {
            Event::Start(start) => {
                depth += 1;
                root |= depth == 1;
                begin(&start, depth, wanted, &mut open, byte)?;
            }
            Event::Empty(start) => {
                begin(&start, depth + 1, wanted, &mut open, byte)?;
                if depth == 1 {
                    end(open.take(), wanted, show);
                }
            }
            Event::End(_) => {
                if depth == 2 {
                    end(open.take(), wanted, show);
                }
                depth = depth.saturating_sub(1);
            }
            Event::Eof if depth > 0 => return Err(Damage::new("the file ends in the middle: it was cut off", byte)),
            Event::Eof if !root => return Err(Damage::new("there is no <osm> element", byte)),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A node, way or relation stands at depth 2, what belongs to it at depth 3.
fn begin(start: &BytesStart, depth: usize, wanted: Wanted, open: &mut Option<Open>, byte: u64) -> Result<(), Damage> {
    let name = start.local_name();
    let name = name.as_ref();
    if depth == 1 && name != "osm" && name != "osmChange" {
        return Err(Damage::new("the document's root is not <osm>", byte));
    }
    if depth == 2 {
        let meant = match wanted {
            Wanted::Nodes => name == "node",
            Wanted::Ways => name == "way",
            Wanted::Relations => name == "relation",
        };
        *open = None;
        if meant && attribute(start, "visible", byte)?.is_none_or(|visible| visible != "false") {
            let id = attribute(start, "id", byte)?.and_then(|id| id.trim().parse().ok());
            let lon_lat = attribute(start, "lon", byte)?.zip(attribute(start, "lat", byte)?);
            let position = lon_lat.and_then(|(lon, lat)| Position::from_degrees(&lon, &lat));
            *open = Some(Open { id, position, ..Open::default() });
        }
        return Ok(());
    }
    let Some(open) = open.as_mut().filter(|_| depth == 3) else { return Ok(()) };
    match name {
        "tag" => {
            if let Some((key, value)) = attribute(start, "k", byte)?.zip(attribute(start, "v", byte)?) {
                open.tags.0.push((key, value));
            }
        }
        "nd" => open.refs.extend(attribute(start, "ref", byte)?.and_then(|id| id.trim().parse::<i64>().ok())),
        "member" if attribute(start, "type", byte)?.is_some_and(|kind| kind == "way") => {
            open.refs.extend(attribute(start, "ref", byte)?.and_then(|id| id.trim().parse::<i64>().ok()));
        }
        _ => {}
    }
    Ok(())
}

fn attribute(start: &BytesStart, name: &str, byte: u64) -> Result<Option<Cow<'static, str>>, Damage> {
    let found = start.try_get_attribute(name).map_err(|error| Damage::new(format!("not XML: {error}"), byte))?;
    let Some(found) = found else { return Ok(None) };
    let value = found.normalized_value(XmlVersion::Implicit1_0).map_err(|error| Damage::new(format!("not XML: {error}"), byte))?;
    Ok(Some(Cow::Owned(value.into_owned())))
}

fn end(open: Option<Open>, wanted: Wanted, show: &mut dyn FnMut(Element)) {
    let Some(Open { id: Some(id), position, refs, tags }) = open else { return };
    show(match wanted {
        Wanted::Nodes => Element::Node { id, position, tags },
        Wanted::Ways => Element::Way { id, refs, tags },
        Wanted::Relations => Element::Relation { id, ways: refs, tags },
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const SMALL: &str = r#"<?xml version='1.0' encoding='UTF-8'?><osm version="0.6">
        <node id="1" lat="47.1" lon="9.5"/><node id="2" lat="47.2" lon="9.6"><tag k="barrier" v="gate"/></node>
        <way id="7"><nd ref="1"/><nd ref="2"/><tag k="name" v="A &amp; B"/></way>
        <relation id="9"><member type="way" ref="7" role=""/><member type="node" ref="1" role=""/></relation></osm>"#;

    fn seen(bytes: &[u8], wanted: Wanted) -> Result<Vec<String>, Damage> {
        let mut seen = Vec::new();
        crate::elements::visit(bytes, wanted, &mut |element| seen.push(format!("{element:?}")))?;
        Ok(seen)
    }

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_kind_is_shown_with_what_belongs_to_it() {
        for bytes in [SMALL.as_bytes().to_vec(), gz(SMALL.as_bytes())] {
            assert_eq!(seen(&bytes, Wanted::Nodes).unwrap().len(), 2);
            let ways = seen(&bytes, Wanted::Ways).unwrap();
            assert!(ways.len() == 1 && ways[0].contains("[1, 2]") && ways[0].contains("A & B"), "{ways:?}");
            let relations = seen(&bytes, Wanted::Relations).unwrap();
            assert!(relations[0].contains("ways: [7]"), "only members that are ways: {relations:?}");
        }
    }

    #[test]
    fn a_document_that_is_cut_off_is_refused() {
        let whole = SMALL.len();
        for end in [whole - 1, whole - 7, whole / 2, 60] {
            assert!(seen(&SMALL.as_bytes()[..end], Wanted::Ways).is_err(), "cut at {end}");
        }
        let packed = gz(SMALL.as_bytes());
        assert!(seen(&packed[..packed.len() - 9], Wanted::Ways).is_err());
    }

    #[test]
    fn a_bomb_is_refused_before_it_has_expanded() {
        let mut text = b"<osm>".to_vec();
        text.resize(40_000_000, b' ');
        let bomb = gz(&text);
        assert!(bomb.len() < 100_000);
        let damage = seen(&bomb, Wanted::Ways).unwrap_err();
        assert!(damage.what.contains("200 times"), "{damage}");
    }
}
