//! Writes every page in every language, with an invented season, as files.
//!
//! `cargo run -p gateway --example gallery -- target/gallery` and open
//! `index.html`; pages ending in `-dark` show the dark colours on any machine.

mod matching;
mod pages;
mod people;
mod rules;
mod season;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use gateway::console::words::Language;
use gateway::console::{SCRIPT, STYLESHEET};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    let folder = PathBuf::from(folder);
    fs::create_dir_all(folder.join("assets")).context("cannot make the folder")?;
    let dark = STYLESHEET.replace("screen and (prefers-color-scheme:dark)", "screen");
    fs::write(folder.join("assets/console.css"), STYLESHEET)?;
    fs::write(folder.join("assets/dark.css"), dark)?;
    fs::write(folder.join("assets/live.js"), SCRIPT)?;
    let mut index = String::from("<!doctype html><title>Gallery</title><ul>");
    for language in Language::ALL {
        for (name, html) in pages::all(language)? {
            let name = format!("{}-{name}", language.tag());
            write(&folder, &name, &html)?;
            index.push_str(&format!("<li><a href=\"{name}.html\">{name}</a> <a href=\"{name}-dark.html\">dark</a>"));
        }
    }
    fs::write(folder.join("index.html"), index)?;
    Ok(())
}

fn write(folder: &Path, name: &str, html: &str) -> anyhow::Result<()> {
    let script = "<script src=\"/assets/live.js\" defer></script>";
    let html = html.replace(script, "").replace("\"/assets/", "\"assets/");
    let dark = html.replace("assets/console.css", "assets/dark.css");
    fs::write(folder.join(format!("{name}.html")), html)?;
    fs::write(folder.join(format!("{name}-dark.html")), dark)?;
    Ok(())
}
