//! The contracts: every event has a golden fixture that decodes for ever, and the table in `proto/README.md` is true.

use std::{collections::BTreeSet, fs, path::PathBuf};

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use proto::{EVENTS, Event, EventName, Head, TOPICS, UnknownAggregate, UnknownEnum};

use crate::shape::{repository, sources};

fn fixture(event: &EventName, extension: &str) -> PathBuf {
    let folder = event.topic.trim_start_matches("circula.").trim_end_matches(".v1");
    repository()
        .join("proto/fixtures")
        .join(folder)
        .join("v1")
        .join(format!("{}.{}.{extension}", event.aggregate, event.name))
}

/// Envelope message of a topic in the contracts.
fn envelope(topic: &str) -> MessageDescriptor {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let name = match topic {
        "circula.programme.v1" => "ProgrammeEvent",
        "circula.demand.v1" => "DemandEvent",
        "circula.candidate.v1" => "CandidateEnvelope",
        "circula.matching.v1" => "MatchingEvent",
        "circula.placement.v1" => "PlacementEnvelope",
        other => panic!("{other} has no envelope"),
    };
    pool.get_message_by_name(&format!("{topic}.{name}")).unwrap()
}

/// What a consumer makes of an event before it is applied.
type Read = (Result<Head, UnknownAggregate>, Result<(), UnknownEnum>);

fn read(topic: &str, bytes: &[u8]) -> Read {
    fn of<E: Event>(bytes: &[u8]) -> Read {
        let event = E::decode(bytes).expect("an event decodes");
        (event.head(), event.known_enums())
    }
    match topic {
        "circula.programme.v1" => of::<proto::programme::ProgrammeEvent>(bytes),
        "circula.demand.v1" => of::<proto::demand::DemandEvent>(bytes),
        "circula.candidate.v1" => of::<proto::candidate::CandidateEnvelope>(bytes),
        "circula.matching.v1" => of::<proto::matching::MatchingEvent>(bytes),
        _ => of::<proto::placement::PlacementEnvelope>(bytes),
    }
}

fn head(topic: &str, bytes: &[u8]) -> Head {
    read(topic, bytes).0.expect("a golden event is whole")
}

fn as_json(topic: &str, bytes: &[u8]) -> serde_json::Value {
    let message = DynamicMessage::decode(envelope(topic), bytes).unwrap();
    serde_json::to_value(&message).unwrap()
}

#[test]
fn every_golden_event_still_reads_as_it_was_written() {
    for event in EVENTS {
        let path = fixture(event, "bin");
        let bytes = fs::read(&path).unwrap_or_else(|_| panic!("{} is missing: see proto/README.md", path.display()));
        let head = head(event.topic, &bytes);
        assert_eq!((head.aggregate, head.name), (event.aggregate, event.name), "{}", path.display());
        assert!(head.version > 0 && !head.id.is_empty(), "{}", path.display());
        let written: serde_json::Value = serde_json::from_slice(&fs::read(fixture(event, "json")).unwrap()).unwrap();
        assert_eq!(contained(&written, &as_json(event.topic, &bytes)), None, "{}", path.display());
        assert_eq!(read(event.topic, &bytes).1, Ok(()), "{}", path.display());
        // A newer build adds a field, here number 2047: it is passed over.
        let newer = [bytes.as_slice(), &[0xF8, 0x7F, 1]].concat();
        assert_eq!(read(event.topic, &newer), read(event.topic, &bytes), "{}", path.display());
    }
}

#[test]
fn a_number_that_an_enum_does_not_have_is_found_wherever_it_stands_in_an_event() {
    let mut met = BTreeSet::new();
    for topic in TOPICS {
        for path in paths_to_enums(&envelope(topic.name), &[]) {
            let field = path.last().unwrap();
            let Kind::Enum(kind) = field.kind() else { unreachable!("a path leads to an enum") };
            let found = |number: i32| read(topic.name, &with_only(&path, number).encode_to_vec()).1;
            for value in kind.values() {
                assert_eq!(found(value.number()), Ok(()), "{} is known, in {path:?}", value.full_name());
            }
            for number in [-1, 9999] {
                let Err(unknown) = found(number) else { panic!("nobody looks at {path:?}") };
                assert_eq!((unknown.field, unknown.number), (field.full_name(), number), "{path:?}");
            }
            met.insert(field.full_name().to_owned());
        }
    }
    // One of a state, one of a list, one of a fact.
    for some in ["demand.v1.JobOrder.state", "placement.v1.Placement.tracks_done", "matching.v1.RoundOverridden.kind"] {
        assert!(met.contains(&format!("circula.{some}")), "{met:?}");
    }
}

/// Every way from a message to an enum, field by field; a message is not looked for within itself.
fn paths_to_enums(message: &MessageDescriptor, before: &[FieldDescriptor]) -> Vec<Vec<FieldDescriptor>> {
    let mut paths = Vec::new();
    for field in message.fields() {
        let path = [before, std::slice::from_ref(&field)].concat();
        match field.kind() {
            Kind::Enum(_) => paths.push(path),
            Kind::Message(inner) if path.iter().all(|field| field.parent_message() != &inner) => {
                paths.extend(paths_to_enums(&inner, &path));
            }
            _ => {}
        }
    }
    paths
}

/// A message in which nothing is set but what leads to the enum at the end of the path; in a list it stands second.
fn with_only(path: &[FieldDescriptor], number: i32) -> DynamicMessage {
    let (field, rest) = path.split_first().expect("a path has a field");
    let one = |number| match rest {
        [] => Value::EnumNumber(number),
        _ => Value::Message(with_only(rest, number)),
    };
    let mut message = DynamicMessage::new(field.parent_message().clone());
    message.set_field(field, if field.is_list() { Value::List(vec![one(0), one(number)]) } else { one(number) });
    message
}

/// The first place where `part` says something that `whole` does not. New fields may be added, none may change.
fn contained(part: &serde_json::Value, whole: &serde_json::Value) -> Option<String> {
    match (part, whole) {
        (serde_json::Value::Object(part), serde_json::Value::Object(whole)) => part.iter().find_map(|(key, value)| {
            whole
                .get(key)
                .map_or_else(|| Some(key.clone()), |other| contained(value, other).map(|path| format!("{key}.{path}")))
        }),
        (part, whole) => (part != whole).then(|| format!("{part} against {whole}")),
    }
}

#[test]
fn the_table_of_topics_in_the_readme_is_what_the_code_does() {
    let readme = fs::read_to_string(repository().join("proto/README.md")).unwrap();
    let written: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `circula.")).collect();
    let wanted: Vec<String> = EVENTS
        .iter()
        .map(|event| {
            let producer = TOPICS.iter().find(|topic| topic.name == event.topic).unwrap().producer;
            let consumers: Vec<String> = consumers(event.topic).into_iter().collect();
            format!(
                "| `{}` | {} | `{}` | {producer} | {} |",
                event.topic,
                event.aggregate,
                event.name,
                consumers.join(", ")
            )
        })
        .collect();
    assert_eq!(written, wanted, "the table should read:\n{}\n", wanted.join("\n"));
}

/// Services with a handler for the topic's envelope.
fn consumers(topic: &str) -> BTreeSet<String> {
    let name = envelope(topic).name().to_owned();
    let word = |text: &str| text.split(|sign: char| !sign.is_alphanumeric()).any(|word| word == name);
    sources("services")
        .into_iter()
        .filter(|(path, text)| {
            path.to_string_lossy().contains("/src/consumer") && text.contains("Handler for") && word(text)
        })
        .filter_map(|(path, _)| path.components().nth(1).map(|part| part.as_os_str().to_string_lossy().into_owned()))
        .collect()
}

#[test]
fn whoever_waits_for_events_to_arrive_waits_for_every_consumer() {
    for topic in TOPICS {
        let waited: BTreeSet<String> = cli::house::CONSUMERS
            .iter()
            .filter(|(_, topics)| topics.contains(&topic.producer))
            .map(|(service, _)| (*service).to_owned())
            .collect();
        assert_eq!(waited, consumers(topic.name), "{}", topic.name);
    }
}

/// Writes the fixtures that are missing, every field filled. Never touches one that is there.
#[test]
#[ignore = "writes files: run it by name after adding an event"]
fn write_missing_fixtures() {
    for event in EVENTS {
        let (bin, json) = (fixture(event, "bin"), fixture(event, "json"));
        if bin.exists() {
            continue;
        }
        let bytes = sample(event);
        fs::create_dir_all(bin.parent().unwrap()).unwrap();
        fs::write(&bin, &bytes).unwrap();
        fs::write(json, serde_json::to_vec_pretty(&as_json(event.topic, &bytes)).unwrap()).unwrap();
    }
}

fn sample(event: &EventName) -> Vec<u8> {
    let envelope = envelope(event.topic);
    let mut message = DynamicMessage::new(envelope.clone());
    for aggregate in envelope.fields() {
        let Kind::Message(kind) = aggregate.kind() else { continue };
        for change in kind.fields().filter(|field| field.name() != "state") {
            let mut inner = DynamicMessage::new(kind.clone());
            let state = kind.get_field_by_name("state").unwrap();
            inner.set_field(&state, filled(&state, 0));
            inner.set_field(&change, filled(&change, 0));
            message.set_field(&aggregate, Value::Message(inner));
            let bytes = message.encode_to_vec();
            let head = head(event.topic, &bytes);
            if (head.aggregate, head.name) == (event.aggregate, event.name) {
                return bytes;
            }
        }
    }
    panic!("no variant of {} is {}", envelope.full_name(), event.name)
}

/// A value for a field that follows from its name and number, so that a mix-up of two fields shows.
fn filled(field: &FieldDescriptor, depth: usize) -> Value {
    let number = i64::from(field.number());
    let one = match field.kind() {
        Kind::Message(kind) => {
            let mut message = DynamicMessage::new(kind.clone());
            for inner in kind.fields().filter(|_| depth < 4) {
                message.set_field(&inner, filled(&inner, depth + 1));
            }
            Value::Message(message)
        }
        Kind::Enum(kind) => Value::EnumNumber(kind.values().nth(1).map_or(0, |value| value.number())),
        Kind::String => Value::String(format!("{}-{number}", field.name())),
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(100 + i32::try_from(number).unwrap()),
        Kind::Int64 => Value::I64(1000 + number),
        Kind::Bytes => Value::Bytes(vec![1, 2, 3].into()),
        other => panic!("no sample for {other:?}"),
    };
    if field.is_list() { Value::List(vec![one]) } else { one }
}
