//! The paths of the node types of a tube in Rust.

use noob_zmq_spec::{DiagnosticKind, Diagnostics, Place, TubeNodeKind, TubeSpec};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use super::args::TubeArgs;
use crate::names;

/// The node types that the compiler checks.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) list: Vec<RustNode>,
}

/// A node type, and its item in Rust.
#[derive(Debug)]
pub(crate) struct RustNode {
    /// Name as written in the tube.
    pub(crate) name: String,
    /// First place of the name in the tube.
    pub(crate) at: Place,
    /// Path of the item in Rust.
    pub(crate) path: RustPath,
    /// The function or type.
    pub(crate) ident: Ident,
    /// The enum that stands for it: `__Sums_type0_multiply_1_1`.
    pub(crate) marker: Ident,
}

/// Path of a node in Rust, without its last part.
#[derive(Debug)]
pub(crate) enum RustPath {
    /// The path that the name states: the crate, and the modules in it.
    Name {
        root: TokenStream,
        modules: Vec<Ident>,
    },
    /// The path in `nodes = {..}`: that of the module, if there is one.
    Given(Option<Path>),
}

impl Nodes {
    /// Returns the type of this name, if the compiler checks it.
    pub(crate) fn get(&self, type_name: &str) -> Option<&RustNode> {
        self.list.iter().find(|node| node.name == type_name)
    }
}

/// Finds the types of all nodes in Rust.
///
/// Those that are only checked when the tube is loaded are left out.
pub(crate) fn resolve(spec: &TubeSpec, args: &TubeArgs, diagnostics: &mut Diagnostics) -> Nodes {
    let mut nodes = Nodes { list: Vec::new() };
    let prefix = super::expand::prefix(&super::expand::name(args, spec));
    let typed = spec
        .nodes
        .values()
        .filter(|node| node.kind() == TubeNodeKind::Typed);
    for written in typed.filter_map(|node| node.type_name.as_ref()) {
        let name = &written.value;
        if nodes.get(name).is_some() || is_at_load(args, name) {
            continue;
        }
        let Some((path, ident)) = path(args, name) else {
            let kind = DiagnosticKind::UnlocatedType { name: name.clone() };
            diagnostics.push(written.place, kind);
            continue;
        };
        let last = names::plain(&ident);
        let number = nodes.list.len();
        nodes.list.push(RustNode {
            name: name.to_string(),
            at: written.place,
            path,
            ident,
            // Modules of nodes are imported by `*`, and may have a tube of this name.
            marker: format_ident!("__{prefix}_type{number}_{last}_{}", args.unique),
        });
    }
    nodes
}

/// Returns whether a type is only checked when the tube is loaded.
fn is_at_load(args: &TubeArgs, name: &str) -> bool {
    args.at_load.iter().any(|left| {
        let rest = name.strip_prefix(&left.value());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn path(args: &TubeArgs, name: &str) -> Option<(RustPath, Ident)> {
    if let Some((_, path)) = args.nodes.iter().find(|(given, _)| given.value() == name) {
        let mut module = path.clone();
        let last = module.segments.pop()?;
        module.segments.pop_punct();
        let ident = last.ident;
        let module = (!module.segments.is_empty()).then_some(module);
        return Some((RustPath::Given(module), ident));
    }
    let mut parts = name.split('.');
    let first = parts.next()?;
    let mut modules: Vec<Ident> = parts.map(ident).collect();
    let last = modules.pop()?;
    let own = std::env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let root = if first == "noob_zmq" {
        // The node library, whose names leave out the module. This comes before the crate itself,
        // because the examples in the documentation of the library are compiled under its name.
        quote!(::noob_zmq::nodes)
    } else if first == own {
        quote!(crate)
    } else if let Some(named) = args.crates.iter().find(|named| *named == first) {
        quote!(::#named)
    } else {
        return None;
    };
    Some((RustPath::Name { root, modules }, last))
}

/// Returns a name of a tube as an identifier: a raw one, if Rust reserves the word.
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
