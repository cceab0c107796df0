//! Pictures of tubes: diagrams, their layout, and the formats in which they are written.
//!
//! [`Diagram::of`] has the nodes and edges of a tube with the types of its ports, [`arrange`]
//! places boxes and routes edges, and the formats are [`svg`], [`mermaid`] and [`dot`].

mod diagram;
#[cfg(feature = "cli")]
mod dot;
#[cfg(feature = "cli")]
mod layout;
#[cfg(feature = "cli")]
mod mermaid;
#[cfg(feature = "view")]
mod places;
#[cfg(feature = "cli")]
mod svg;

pub(crate) use diagram::Diagram;
#[cfg(feature = "cli")]
pub(crate) use dot::dot;
#[cfg(feature = "cli")]
pub(crate) use mermaid::mermaid;
#[cfg(feature = "view")]
pub(crate) use places::Places;
#[cfg(feature = "cli")]
pub(crate) use svg::svg;

#[cfg(all(test, feature = "cli"))]
mod tests;
