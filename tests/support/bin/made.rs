//! The `noob-zmq` command with a source of types.

use std::ffi::OsString;
use std::process::ExitCode;

use noob_zmq::runner::zmq::Program;

fn main() -> ExitCode {
    // Its nodes run in a shell that this program follows, and bear the text as an argument.
    if let Some(text) = std::env::var_os("MADE_WRAPPED")
        && let Ok(own) = std::env::current_exe()
    {
        let script = OsString::from("exec \"$0\" \"$1\"");
        Program::new("sh")
            .args([OsString::from("-c"), script, own.into(), text])
            .keep_arg0()
            .set_default();
    }
    noob_zmq::cli::main_from(std::env::args_os(), noob_zmq_tests::made::registry())
}
