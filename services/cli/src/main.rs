//! The command line of Circula.

fn main() -> std::process::ExitCode {
    cli::main()
}
