//! Pictures of tubes: diagrams, their layout, and the formats in which they are written.
//!
//! [`Diagram::of`] has the nodes and edges of a tube with the types of its ports, [`arrange`]
//! places boxes and routes edges, and the formats are [`svg`], [`mermaid`] and [`dot`].

mod diagram;
mod dot;
mod layout;
mod mermaid;
#[cfg(feature = "view")]
mod places;
mod svg;

pub(crate) use diagram::Diagram;
pub(crate) use dot::dot;
pub(crate) use mermaid::mermaid;
#[cfg(feature = "view")]
pub(crate) use places::Places;
pub(crate) use svg::svg;

#[cfg(test)]
mod tests;
