//! The process of the service `programme`.

fn main() -> std::process::ExitCode {
    platform::service::main(programme::NAME, programme::run)
}
