//! Compiles the contracts with protox: no protoc on the machine. Reading order is the topic table's.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fmt::{self, Write},
    fs,
    path::PathBuf,
};

use protox::prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

const ROOTS: &[&str] =
    &["type", "programme", "demand", "candidate", "matching", "placement", "monitoring", "operation"];

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for root in ROOTS {
        let folder = here.join("circula").join(root).join("v1");
        println!("cargo:rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    println!("cargo:rerun-if-changed=google/api");
    let mut compiler = protox::Compiler::new([&here])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Encoded by the compiler itself: the types of prost would drop the HTTP options, which are extensions.
    fs::write(out.join("circula.binpb"), compiler.encode_file_descriptor_set())?;
    fs::write(out.join("enums.rs"), enums(&compiler.descriptor_pool())?)?;
    let descriptors = compiler.file_descriptor_set();
    tonic_prost_build::configure().build_transport(false).include_file("all.rs").compile_fds(descriptors)?;
    Ok(())
}

/// `KnownEnums` of every message that an envelope may hold, at any depth. An envelope is a message with a oneof `aggregate`.
fn enums(pool: &DescriptorPool) -> Result<String, fmt::Error> {
    let is_envelope = |message: &MessageDescriptor| message.oneofs().any(|oneof| oneof.name() == "aggregate");
    let mut left: Vec<MessageDescriptor> = pool.all_messages().filter(is_envelope).collect();
    let (mut seen, mut code) = (BTreeSet::new(), String::new());
    while let Some(message) = left.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        writeln!(code, "impl crate::KnownEnums for {} {{", path(message.full_name()))?;
        writeln!(code, "fn known_enums(&self) -> Result<(), crate::UnknownEnum> {{")?;
        for field in message.fields() {
            let kind = kind(&field);
            if let Some(check) = check(&field, &kind) {
                writeln!(code, "{} {{ {check} }}", each(&message, &field))?;
            }
            left.extend(kind.as_message().cloned());
        }
        writeln!(code, "Ok(())\n}}\n}}")?;
    }
    Ok(code)
}

/// What a field holds: a map, its values.
fn kind(field: &FieldDescriptor) -> Kind {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
        kind => kind,
    }
}

/// The check of one `value`, a reference; none if there is nothing to check.
fn check(field: &FieldDescriptor, kind: &Kind) -> Option<String> {
    match kind {
        Kind::Enum(of) => {
            let (of, field) = (path(of.full_name()), field.full_name());
            Some(format!("crate::events::known({of}::is_valid, *value, {field:?})?;"))
        }
        Kind::Message(_) => Some("value.known_enums()?;".to_owned()),
        _ => None,
    }
}

/// The head of a block that is run for each `value` of a field, as prost declares it.
fn each(message: &MessageDescriptor, field: &FieldDescriptor) -> String {
    let name = field.name();
    match field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
        Some(oneof) => {
            let module = format!("{}.{}", message.package_name(), snake(message.name()));
            let variant = path(&format!("{module}.{}.{}", camel(oneof.name()), camel(name)));
            format!("if let Some({variant}(value)) = &self.r#{}", oneof.name())
        }
        None if field.is_map() => format!("for value in self.r#{name}.values()"),
        None if field.is_list() || field.supports_presence() => format!("for value in self.r#{name}.iter()"),
        None => format!("for value in std::iter::once(&self.r#{name})"),
    }
}

/// The path of a declaration of the contracts. No message is declared within another.
fn path(full_name: &str) -> String {
    full_name.split('.').fold("crate::generated".to_owned(), |path, part| path + "::r#" + part)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn camel(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(capital).collect()
}
