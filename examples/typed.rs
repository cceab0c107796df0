//! A tube that the compiler checks: a wrong name or type in `typed.yaml` is a compile error.

use noob_zmq::prelude::*;

tube!(Report = "typed.yaml");

/// Returns the prices up to `limit`.
#[node]
fn cheap(prices: Vec<f64>, limit: f64) -> Vec<f64> {
    prices.into_iter().filter(|price| *price <= limit).collect()
}

/// Returns the price in whole units.
#[node]
fn rounded(price: f64) -> u32 {
    price.round() as u32
}

#[noob_zmq::main]
fn main() -> Result<(), TypedError> {
    // The inputs of the tube are arguments; an input with a default is an `Option`.
    let mut report = Report.runner::<SyncRunner>(None)?;
    tell(report.process(vec![2.2, 11.5, 7.9])?);

    // The same with a process for each node.
    let mut report = Report.runner::<ZmqRunner>(Some(3.0))?;
    tell(report.process(vec![2.2, 11.5, 7.9])?);
    Ok(())
}

/// Prints a result: a struct with an optional field for each name of the return node.
fn tell(returned: Option<ReportReturned>) {
    let Some(ReportReturned { prices, sum }) = returned else {
        return println!("nothing");
    };
    let prices: Vec<u32> = prices.unwrap_or_default();
    println!("{prices:?} come to {sum:?}");
}
