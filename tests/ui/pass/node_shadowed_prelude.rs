//! Generated code uses no name that a crate could have given another meaning.
#![allow(unused, nonstandard_style)]

struct Option;
struct Result;
struct Vec;
struct String;
struct Box;
fn Ok() {}
fn Err() {}
fn Some() {}
fn None() {}
trait From {}
trait Into {}
trait Default {}
trait Iterator {}
mod core {}
mod std {}
mod noob_zmq {}
mod inventory {}
macro_rules! module_path {
    () => {
        7
    };
}
macro_rules! concat {
    () => {
        7
    };
}

#[::noob_zmq::node(stateful)]
fn add(
    left: i64,
    #[slot(default = 2)] right: i64,
    third: ::core::option::Option<i64>,
) -> ::core::result::Result<i64, ::std::string::String> {
    ::core::result::Result::Ok(left + right + third.unwrap_or(0))
}

#[::noob_zmq::node]
fn count(
    limit: u8,
    #[param(default)] start: u8,
) -> impl ::core::iter::Iterator<Item = ::core::result::Result<u8, ::std::string::String>> {
    (start..limit).map(::core::result::Result::Ok)
}

#[::noob_zmq::node]
async fn later(left: i64) -> i64 {
    left
}

#[::noob_zmq::node]
fn given(
    left: i64,
    epoch: ::noob_zmq::graph::Epoch,
    again: &::noob_zmq::graph::Epoch,
    events: ::noob_zmq::node::EventMap,
    #[slot(rest)] others: ::std::collections::BTreeMap<::std::string::String, i64>,
) -> i64 {
    left + others.values().sum::<i64>()
}

struct Sum(i64);

#[::noob_zmq::node]
impl Sum {
    fn new(
        #[param(default = 0)] start: i64,
    ) -> ::core::result::Result<Self, ::std::string::String> {
        ::core::result::Result::Ok(Self(start))
    }

    #[init]
    fn begin(&mut self) {}

    #[process]
    async fn sum(&mut self, number: i64) -> Both {
        self.0 += number;
        Both {
            sum: self.0,
            odd: ::noob_zmq::graph::Emit::Nothing,
        }
    }
}

#[derive(::noob_zmq::Signals)]
struct Both {
    sum: i64,
    odd: ::noob_zmq::graph::Emit<i64>,
}

#[::noob_zmq::main]
async fn main() {}
