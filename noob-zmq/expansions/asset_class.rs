use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use noob_zmq::asset;

/// A log file that is finished when the run is.
struct Log {
    file: File,
}

/// A log file.
#[asset(local)]
impl Log {
    fn new(path: PathBuf) -> std::io::Result<Self> {
        File::create(path).map(|file| Self { file })
    }

    #[close]
    fn finish(&mut self) -> std::io::Result<()> {
        self.file.write_all(b"the end\n")
    }
}
