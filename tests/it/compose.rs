//! `docker-compose.yml` beside the programs that it starts: what it sets is read, what they need is set, and an address
//! leads to a container that listens there. It needs no container, so it also holds where none can be started.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use crate::shape::repository;

const SERVICES: [&str; 7] = ["programme", "demand", "candidate", "matching", "placement", "monitoring", "gateway"];

/// What the file says of a container, with the defaults of its own variables put in.
#[derive(Debug, Default)]
struct Container {
    command: String,
    /// As published: on the host, then in the container.
    ports: Vec<String>,
    environment: BTreeMap<String, String>,
}

/// Reads the file as far as it is written here: two blanks a level, lists of one line, one map merged into others.
fn containers() -> BTreeMap<String, Container> {
    let text = fs::read_to_string(repository().join("docker-compose.yml")).unwrap();
    let mut settings = BTreeMap::new();
    let mut containers: BTreeMap<String, Container> = BTreeMap::new();
    let (mut part, mut name, mut key) = (String::new(), String::new(), String::new());
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let (word, value) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
        let value = filled(value.trim().trim_matches('"'));
        match (indent, part.as_str()) {
            (0, _) => word.clone_into(&mut part),
            (2, "x-settings") => drop(settings.insert(word.to_owned(), value)),
            (2, "services") => {
                word.clone_into(&mut name);
                containers.insert(name.clone(), Container::default());
            }
            (4, "services") => {
                word.clone_into(&mut key);
                let container = containers.get_mut(&name).unwrap();
                let list = value.trim_matches(['[', ']']);
                match word {
                    "command" => list.clone_into(&mut container.command),
                    "ports" => {
                        container.ports = list.split(", ").map(|port| port.trim_matches('"').to_owned()).collect()
                    }
                    _ => {}
                }
            }
            (6, "services") if key == "environment" => {
                let container = containers.get_mut(&name).unwrap();
                if word == "<<" {
                    container.environment.extend(settings.clone());
                } else {
                    container.environment.insert(word.to_owned(), value);
                }
            }
            (_, "services") if key == "command" => containers.get_mut(&name).unwrap().command.push_str(line),
            _ => {}
        }
    }
    containers
}

/// `${NAME:-default}` as it is where nobody sets it.
fn filled(value: &str) -> String {
    let mut text = value.to_owned();
    while let Some((before, rest)) = text.split_once("${") {
        let (variable, after) = rest.split_once('}').unwrap();
        let default = variable.split_once(":-").map_or("", |(_, default)| default);
        text = format!("{before}{default}{after}");
    }
    text
}

fn services() -> BTreeMap<String, Container> {
    let mut found = containers();
    found.retain(|name, _| SERVICES.contains(&name.as_str()));
    assert_eq!(found.len(), SERVICES.len(), "each service has a container");
    found
}

fn checked(service: &str, environment: &BTreeMap<String, String>) -> Output {
    let here = std::env::current_exe().unwrap();
    let program: Option<PathBuf> = here.ancestors().map(|folder| folder.join(service)).find(|path| path.is_file());
    let program = program.unwrap_or_else(|| panic!("{service} is not built beside {}", here.display()));
    Command::new(program).arg("--check-config").env_clear().envs(environment).output().unwrap()
}

#[test]
fn every_service_takes_the_settings_of_its_container_and_knows_each_by_its_name() {
    for (service, container) in services() {
        assert_eq!(container.command, service, "the container runs the program of its name");
        let taken = checked(&service, &container.environment);
        assert!(taken.status.success(), "{service}: {}", String::from_utf8_lossy(&taken.stderr));
        let own = |name: &&String| name.starts_with("CIRCULA__") || name.starts_with("CIRCULA_") && name.contains("__");
        for name in container.environment.keys().filter(own) {
            if service == "gateway" || name.contains("__OWNERS__") {
                continue;
            }
            let mut misspelt = container.environment.clone();
            let value = misspelt.remove(name).unwrap();
            misspelt.insert(format!("{name}X"), value);
            assert!(!checked(&service, &misspelt).status.success(), "{service} would not miss {name}");
        }
    }
}

/// The gateway passes over what it does not know, so its names are looked for where it declares them.
#[test]
fn the_gateway_declares_every_setting_of_its_container() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let declared = format!("{}{}", read("services/gateway/src/config.rs"), read("services/platform/src/config.rs"));
    let container = &services()["gateway"];
    for name in container.environment.keys().filter_map(|name| name.strip_prefix("CIRCULA_GATEWAY__")) {
        let parts: Vec<String> = name.to_lowercase().split("__").map(str::to_owned).collect();
        let fields = if parts[0] == "services" { &parts[..1] } else { &parts[..] };
        for field in fields {
            assert!(declared.contains(&format!("    pub {field}: ")), "the gateway has no setting {name}");
        }
    }
    let logs = read("services/platform/src/telemetry.rs");
    for name in services().values().flat_map(|container| container.environment.keys()) {
        assert!(name.contains("__") || logs.contains(&format!("\"{name}\"")), "nobody reads {name}");
    }
}

/// The image is not built where the tests run: what it would lack is looked for in its file.
#[test]
fn the_image_has_every_program_and_is_built_by_the_toolchain_of_the_checkout() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let image = read("deploy/Dockerfile");
    let copied = image.split("for name in ").nth(1).unwrap().split(';').next().unwrap();
    let copied: BTreeSet<&str> = copied.split(' ').collect();
    assert_eq!(copied, SERVICES.into_iter().chain(["circula"]).collect());
    let toolchain = read("rust-toolchain.toml");
    let toolchain = toolchain.split("channel = \"").nth(1).unwrap().split('"').next().unwrap();
    for named in [format!("FROM rust:{toolchain}-"), format!("ENV RUSTUP_TOOLCHAIN={toolchain}\n")] {
        assert!(image.contains(&named), "{named:?} is not in\n{image}");
    }
}

/// The port at which a container listens for others.
fn listens(containers: &BTreeMap<String, Container>, name: &str) -> String {
    let container = &containers[name];
    let said = |variable: &str| container.environment[variable].rsplit(':').next().unwrap().to_owned();
    match name {
        "gateway" => said("CIRCULA_GATEWAY__LISTEN"),
        // The first listener is that of clients, the second the controllers'.
        "kafka" => {
            container.environment["KAFKA_LISTENERS"].split(',').next().unwrap().rsplit(':').next().unwrap().into()
        }
        "keycloak" => container.ports[0].rsplit(':').next().unwrap().to_owned(),
        "postgres" => "5432".to_owned(),
        _ => said("CIRCULA__GRPC_LISTEN"),
    }
}

#[test]
fn every_address_leads_to_a_container_that_listens_there() {
    let containers = containers();
    let mut followed = 0;
    for (service, container) in services() {
        let inside = container.ports.iter().map(|port| port.rsplit(':').next().unwrap());
        for port in inside {
            assert_eq!(port, listens(&containers, &service), "{service} publishes the port at which it listens");
        }
        for (name, value) in &container.environment {
            let place = value.split_once("://").map_or(value.as_str(), |(_, rest)| rest);
            let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
            let place = place.split('/').next().unwrap();
            let (host, port) = place.split_once(':').unwrap_or((place, "5432"));
            let ours = name.ends_with("__BROKERS")
                || value.contains("://") && !["localhost", "0.0.0.0", "127.0.0.1"].contains(&host);
            if !ours {
                continue;
            }
            assert!(containers.contains_key(host), "{service}: {name} names {host}, which is no container");
            assert_eq!(port, listens(&containers, host), "{service}: {name} is {value}");
            followed += 1;
        }
    }
    assert!(followed > 25, "only {followed} addresses were followed");
}

#[test]
fn databases_topics_and_the_sign_in_are_those_that_the_services_ask_for() {
    let containers = containers();
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let made = read("deploy/postgres/init.sh");
    let made: BTreeSet<&str> = made
        .lines()
        .find_map(|line| line.strip_prefix("for service in "))
        .unwrap()
        .trim_end_matches("; do")
        .split(' ')
        .collect();
    let with_one: Vec<&str> = SERVICES.into_iter().filter(|service| *service != "gateway").collect();
    assert_eq!(made, with_one.iter().copied().collect());
    for service in with_one {
        let variable = format!("CIRCULA_{}__DATABASE__URL", service.to_uppercase());
        let url = &containers[service].environment[&variable];
        assert!(url.starts_with(&format!("postgres://{service}:")) && url.ends_with(&format!("/{service}")), "{url}");
    }

    let topics = &containers["topics"].command;
    let named = topics.split("for topic in ").nth(1).unwrap().split(';').next().unwrap();
    let named: BTreeSet<String> = named.split(' ').map(|topic| format!("circula.{topic}.v1")).collect();
    assert_eq!(named, proto::TOPICS.iter().map(|topic| topic.name.to_owned()).collect());

    let realm = read("deploy/keycloak/circula-realm.json");
    let gateway = &containers["gateway"].environment;
    let client = &gateway["CIRCULA_GATEWAY__OIDC__CLIENT_ID"];
    assert!(realm.contains(&format!("\"clientId\": \"{client}\"")), "the realm knows no {client}");
    let keycloak = &containers["keycloak"].environment;
    for variable in realm.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
        assert!(keycloak.contains_key(variable), "the realm's file names {variable}, which its container is not told");
    }
    assert_eq!(keycloak["CIRCULA_CLIENT_SECRET"], gateway["CIRCULA_GATEWAY__OIDC__CLIENT_SECRET"]);
    assert_eq!(keycloak["CIRCULA_URL"], gateway["CIRCULA_GATEWAY__PUBLIC_URL"]);
    let owners: BTreeSet<String> = containers["monitoring"]
        .environment
        .keys()
        .filter_map(|name| Some(name.split_once("__OWNERS__")?.1.to_lowercase()))
        .collect();
    let counted: BTreeSet<String> = proto::TOPICS.iter().map(|topic| topic.producer.to_owned()).collect();
    assert_eq!(owners, counted, "every owner of figures is asked");
}
