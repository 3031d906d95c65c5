//! The binary: everything it does is in the library. Lambda starts it as it is, and says so in the environment.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "aws")]
    if countersign::lambda::is_asked_for() {
        return countersign::lambda::main();
    }
    countersign::cli::main(std::env::args_os())
}
