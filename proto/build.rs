//! Compiles the contracts with protox: no protoc on the machine. Reading order is the topic table's.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::{env, error::Error, fs, path::PathBuf};

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
    let descriptors = compiler.file_descriptor_set();
    tonic_prost_build::configure().build_transport(false).include_file("all.rs").compile_fds(descriptors)?;
    Ok(())
}
