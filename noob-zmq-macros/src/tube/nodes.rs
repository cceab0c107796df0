//! Where the node types of a tube are in Rust.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use super::args::Args;
use super::mistakes::{At, Mistakes};
use super::spec::{Kind, Spec};
use crate::names;

/// The node types that the compiler is asked about.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) list: Vec<NodeType>,
}

/// A node type.
#[derive(Debug)]
pub(crate) struct NodeType {
    /// As written in the tube.
    pub(crate) name: String,
    /// Where it is first written there.
    pub(crate) at: At,
    /// Where it is in Rust.
    pub(crate) place: Place,
    /// The function or type.
    pub(crate) ident: Ident,
    /// The enum that stands for it: `__Sums_multiply`.
    pub(crate) marker: Ident,
}

/// Where a node is in Rust.
#[derive(Debug)]
pub(crate) enum Place {
    /// The name says so: the crate, and the modules in it.
    Name {
        root: TokenStream,
        modules: Vec<Ident>,
    },
    /// `nodes = {..}` says so: the path of its module, if it has one.
    Given(Option<Path>),
}

impl Nodes {
    /// The type of this name, if the compiler is asked about it.
    pub(crate) fn get(&self, type_name: &str) -> Option<&NodeType> {
        self.list.iter().find(|node| node.name == type_name)
    }
}

/// Finds the types of all nodes; those that are only checked when the tube is loaded are left out.
pub(crate) fn resolve(spec: &Spec, args: &Args, mistakes: &mut Mistakes) -> Nodes {
    let mut nodes = Nodes { list: Vec::new() };
    let prefix = super::expand::name(args, spec);
    for node in spec.nodes.iter().filter(|node| node.kind == Kind::Typed) {
        let name = &node.type_name;
        if nodes.get(name).is_some() || is_at_load(args, name) {
            continue;
        }
        let Some((place, ident)) = place(args, name) else {
            mistakes.push(
                node.type_at,
                format!(
                    "node type `{name}` is neither of this crate nor of one that is named here; say where it is, `nodes = {{\"{name}\" => path::to::it}}` or `crates = [..]`, or leave it to the check when the tube is loaded, `at_load = [\"{name}\"]`"
                ),
            );
            continue;
        };
        let last = names::plain(&ident);
        let number = nodes
            .list
            .iter()
            .filter(|other| names::plain(&other.ident) == last)
            .count();
        let again = if number == 0 {
            String::new()
        } else {
            format!("_{number}")
        };
        nodes.list.push(NodeType {
            name: name.clone(),
            at: node.type_at,
            place,
            ident,
            marker: format_ident!("__{prefix}_{last}{again}"),
        });
    }
    nodes
}

fn is_at_load(args: &Args, name: &str) -> bool {
    args.at_load.iter().any(|left| {
        let rest = name.strip_prefix(&left.value());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn place(args: &Args, name: &str) -> Option<(Place, Ident)> {
    if let Some((_, path)) = args.nodes.iter().find(|(given, _)| given.value() == name) {
        let mut module = path.clone();
        let last = module.segments.pop()?;
        module.segments.pop_punct();
        let ident = last.ident;
        let module = (!module.segments.is_empty()).then_some(module);
        return Some((Place::Given(module), ident));
    }
    let mut parts = name.split('.');
    let first = parts.next()?;
    let mut modules: Vec<Ident> = parts.map(ident).collect();
    let last = modules.pop()?;
    let own = std::env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let root = if first == "noob_zmq" {
        // The node library: the module of the crate is not part of its names. Before the crate itself, for the examples in the
        // documentation of the library are compiled under its name.
        quote!(::noob_zmq::nodes)
    } else if first == own {
        quote!(crate)
    } else if let Some(named) = args.crates.iter().find(|named| *named == first) {
        quote!(::#named)
    } else {
        return None;
    };
    Some((Place::Name { root, modules }, last))
}

/// A name of a tube as an identifier: raw, if Rust keeps the word for itself.
pub(super) fn ident(name: &str) -> Ident {
    let here = Span::mixed_site();
    if syn::parse_str::<Ident>(name).is_ok() {
        return Ident::new(name, here);
    }
    match name {
        "self" | "Self" | "super" | "crate" | "_" => format_ident!("{name}_", span = here),
        _ => Ident::new_raw(name, here),
    }
}
