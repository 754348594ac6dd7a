//! The process of the gateway.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::service::main(gateway::NAME, |config: gateway::Config, context| {
        gateway::run(config, context.shutdown, None)
    })
}
