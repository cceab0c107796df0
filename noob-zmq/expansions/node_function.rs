use noob_zmq::node;

/// Divides `left` by `right`, which is 2 unless it is said otherwise.
#[node(name = "sums.divide", signal = "quotient")]
fn divide(left: i64, #[slot(default = 2)] right: i64, note: Option<String>) -> Result<i64, String> {
    let note = note.unwrap_or_default();
    left.checked_div(right).ok_or_else(|| format!("{left} / {right} has no result {note}"))
}
