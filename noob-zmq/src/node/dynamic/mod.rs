//! Types that are made at run time, from owned parts: those of a [`TypeSource`](super::TypeSource).

mod argument;
mod node_type;

pub use self::argument::DynamicArgument;
pub use self::node_type::DynamicNodeType;

/// Returns a text that lives as long as the program.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
