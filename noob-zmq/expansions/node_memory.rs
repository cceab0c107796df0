use noob_zmq::node;

struct Total {
    sum: i64,
}

/// The sum of all that came.
#[node]
impl Total {
    fn new() -> Self {
        Self { sum: 0 }
    }

    #[process]
    fn add(&mut self, value: i64) -> i64 {
        self.sum += value;
        self.sum
    }

    #[snapshot]
    fn save(&self) -> i64 {
        self.sum
    }

    #[restore]
    fn load(&mut self, sum: i64) {
        self.sum = sum;
    }
}
