use noob_zmq::node;

struct Volume {
    height: i64,
    calls: u64,
}

/// The volume of boxes of one height.
#[node]
impl Volume {
    fn new(#[param(default = 1)] height: i64) -> Self {
        Self { height, calls: 0 }
    }

    #[process]
    fn volume(&mut self, width: i64, depth: i64) -> i64 {
        self.calls += 1;
        width * depth * self.height
    }

    #[deinit]
    fn tell(&self) {
        println!("{} volumes", self.calls);
    }
}
