//! The contracts: every event has a golden fixture that decodes for ever, and the table in `proto/README.md` is true.

use std::{collections::BTreeSet, fs, path::PathBuf};

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use proto::{EVENTS, Event, EventName, Head, TOPICS};

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

fn head(topic: &str, bytes: &[u8]) -> Head {
    fn of<E: Event>(bytes: &[u8]) -> Head {
        E::decode(bytes).expect("a golden event decodes").head().expect("a golden event is whole")
    }
    match topic {
        "circula.programme.v1" => of::<proto::programme::ProgrammeEvent>(bytes),
        "circula.demand.v1" => of::<proto::demand::DemandEvent>(bytes),
        "circula.candidate.v1" => of::<proto::candidate::CandidateEnvelope>(bytes),
        "circula.matching.v1" => of::<proto::matching::MatchingEvent>(bytes),
        _ => of::<proto::placement::PlacementEnvelope>(bytes),
    }
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
    }
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
