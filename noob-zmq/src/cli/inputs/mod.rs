//! Inputs of a tube from the command line, and from a file with a line for each epoch.

mod lines;
mod load;
mod values;

pub(super) use self::lines::Lines;
#[cfg(feature = "view")]
pub(super) use self::load::load_silently;
pub(super) use self::load::{
    Given, load, load_with, refuse_missing, refuse_return_that_never_runs,
};
