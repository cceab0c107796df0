//! The types of a tube, as the compiler finds them: of signals, slots and inputs.

use std::collections::HashMap;

use noob_zmq_spec::{
    Data, Dependency, InputSpec, Name, NodeSpec, Place, TubeNodeKind, TubeSpec, coerce,
};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::files::File;
use super::nodes::{Nodes, RustNode};

/// A tube, and the names of the types in its expansion.
pub(super) struct Typing<'t> {
    pub(super) spec: &'t TubeSpec,
    pub(super) own: &'t File,
    pub(super) others: &'t [(Name, File)],
    pub(super) nodes: &'t Nodes,
    /// Prefix of all names in the expansion: `Sums`.
    pub(super) prefix: String,
    /// Span of all errors.
    pub(super) here: Span,
}

/// A type, and its name in messages.
pub(super) struct Type {
    pub(super) tokens: TokenStream,
    /// Words in front of the name: none, or `an item of `.
    pub(super) before: String,
    /// Its name, as an expression for the compiler.
    pub(super) text: TokenStream,
}

/// Type of a signal, as the compiler computes it.
struct Signal {
    tokens: TokenStream,
    before: String,
    text: TokenStream,
    /// Whether the type is that of the items of a list, at a place that errors name.
    takes_apart: bool,
}

impl<'t> Typing<'t> {
    /// Returns `file:line:column` of a place.
    pub(super) fn at(&self, place: Place) -> String {
        let source = self.spec.sources.get(place.file);
        source.unwrap_or(&self.own.source).at(place)
    }

    /// Returns a name that tells file and line: `sums_yaml_line_4`.
    pub(super) fn line(&self, place: Place) -> Ident {
        let source = self.spec.sources.get(place.file);
        let name = std::path::Path::new(&*source.unwrap_or(&self.own.source).name);
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        let letters = name.chars();
        let letters: String = letters
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect();
        format_ident!("{letters}_line_{}", place.line, span = self.here)
    }

    /// Returns the type of a node, if the compiler checks it.
    pub(super) fn node_type(&self, node: &NodeSpec) -> Option<&'t RustNode> {
        if node.kind() == TubeNodeKind::Typed {
            self.nodes.get(&node.type_text())
        } else {
            None
        }
    }

    /// Returns the number of the slot that an item feeds, as an expression.
    pub(super) fn slot_number(
        &self,
        of: &RustNode,
        item: &Dependency,
        position: usize,
    ) -> TokenStream {
        let marker = &of.marker;
        match item.slot_name() {
            Some(slot) => {
                quote_spanned!(self.here=> ::noob_zmq::typed::slot_at::<#marker>(#slot))
            }
            None => {
                let position = Literal::usize_unsuffixed(position);
                quote_spanned! {self.here=>
                    ::noob_zmq::typed::slot_by_position::<#marker>(#position)
                }
            }
        }
    }

    /// Returns the type of the slot that an item feeds.
    pub(super) fn slot(&self, of: &RustNode, item: &Dependency, position: usize) -> TokenStream {
        let marker = &of.marker;
        let number = self.slot_number(of, item, position);
        quote_spanned!(self.here=> ::noob_zmq::typed::SlotOf<#marker, { #number }>)
    }

    fn param(&self, of: &RustNode, name: &str) -> TokenStream {
        let marker = &of.marker;
        quote_spanned! {self.here=>
            ::noob_zmq::typed::ParamOf<#marker, { ::noob_zmq::typed::param_at::<#marker>(#name) }>
        }
    }

    /// Returns the type of the signal or input that an item refers to.
    pub(super) fn emitted(&self, item: &Dependency) -> Type {
        if &*item.node == "input" {
            return match self.spec.inputs.get(&item.signal) {
                Some(input) => Type {
                    tokens: self.input(input),
                    before: String::new(),
                    text: text(self.here, &input.type_name),
                },
                None => self.any(),
            };
        }
        match self.spec.nodes.get(&item.node) {
            Some(node) => self.signal(node, &item.signal),
            None => self.any(),
        }
    }

    /// Returns the type of a signal: the alias that [`aliases`](Self::aliases) writes.
    fn signal(&self, node: &NodeSpec, signal: &str) -> Type {
        let Some(Signal { before, text, .. }) = self.signal_type(node, signal) else {
            return self.any();
        };
        let alias = self.alias(node, signal);
        Type {
            tokens: quote_spanned!(self.here=> #alias),
            before,
            text,
        }
    }

    /// Returns the type of a signal, if the compiler checks it.
    fn signal_type(&self, node: &NodeSpec, signal: &str) -> Option<Signal> {
        let here = self.here;
        let fed = || match node.value_source() {
            Some(item) => self.emitted(item),
            None => self.any(),
        };
        let within = |before: &str, of: Type, tokens, takes_apart| Signal {
            tokens,
            before: format!("{before}{}", of.before),
            text: of.text,
            takes_apart,
        };
        let items_of = |list: &TokenStream| {
            let place = self.place_marker(node);
            let module = self.place_module(node);
            quote_spanned!(here=> <#list as ::noob_zmq::typed::HasItems<#module::#place>>::Item)
        };
        Some(match node.kind() {
            TubeNodeKind::Typed => {
                let of = &self.node_type(node)?.marker;
                Signal {
                    tokens: quote_spanned! {here=>
                        ::noob_zmq::typed::SignalOf<
                            #of, { ::noob_zmq::typed::signal_at::<#of>(#signal) }
                        >
                    },
                    before: String::new(),
                    text: quote_spanned! {here=>
                        ::noob_zmq::typed::type_of_signal::<#of>(#signal)
                    },
                    takes_apart: false,
                }
            }
            TubeNodeKind::Map if signal == "n" => Signal {
                tokens: quote_spanned!(here=> u64),
                before: String::new(),
                text: text(here, "u64"),
                takes_apart: false,
            },
            TubeNodeKind::Map => {
                let fed = fed();
                let items = items_of(&fed.tokens);
                within("an item of ", fed, items, true)
            }
            TubeNodeKind::Gather => {
                let fed = fed();
                let flattens = flattens(node)?;
                let (before, item) = match flattens {
                    true => ("a list of the items of ", items_of(&fed.tokens)),
                    false => ("a list of ", fed.tokens.clone()),
                };
                let list = quote_spanned!(here=> ::std::vec::Vec<#item>);
                within(before, fed, list, flattens)
            }
            TubeNodeKind::Return | TubeNodeKind::Tube => return None,
        })
    }

    fn any(&self) -> Type {
        Type {
            tokens: quote_spanned!(self.here=> ::noob_zmq::graph::Value),
            before: String::new(),
            text: text(self.here, "Value"),
        }
    }

    fn alias(&self, node: &NodeSpec, signal: &str) -> Ident {
        self.name_of(node, &format!("{}_{signal}", node.id.value))
    }

    /// Returns a name that begins with that of the tube and the number of the node, since names of
    /// nodes and signals may be the same when they are joined.
    fn name_of(&self, node: &NodeSpec, rest: &str) -> Ident {
        let number = self.spec.nodes.get_index_of(&node.id.value);
        format_ident!(
            "__{}_node{}_{rest}",
            self.prefix,
            number.unwrap_or_default(),
            span = self.here
        )
    }

    /// Returns `type __Sums_node0_count_index = ..;` for every used signal, and for every input.
    pub(super) fn aliases(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for input in self.spec.inputs.values() {
            let (alias, ty) = (self.input_name(input), self.input_type(input));
            tokens.extend(quote_spanned! {self.here=>
                #[allow(non_camel_case_types, dead_code)]
                type #alias = #ty;
            });
        }
        for node in self.spec.nodes.values() {
            let mut signals: Vec<&str> = Vec::new();
            for item in self.spec.nodes.values().flat_map(|other| &other.depends) {
                if item.node == node.id.value && !signals.contains(&&*item.signal) {
                    signals.push(&item.signal);
                }
            }
            for signal in signals {
                tokens.extend(self.signal_alias(node, signal));
            }
        }
        tokens
    }

    fn signal_alias(&self, node: &NodeSpec, signal: &str) -> Option<TokenStream> {
        let here = self.here;
        let alias = self.alias(node, signal);
        let Signal {
            tokens: ty,
            takes_apart,
            ..
        } = self.signal_type(node, signal)?;
        let marker = takes_apart.then(|| {
            let (module, marker) = (self.place_module(node), self.place_marker(node));
            quote_spanned! {here=>
                #[allow(non_snake_case)]
                mod #module {
                    #[allow(non_camel_case_types, unreachable_pub)]
                    pub enum #marker {}
                }
            }
        });
        Some(quote_spanned! {here=>
            #marker #[allow(non_camel_case_types, dead_code)] type #alias = #ty;
        })
    }

    /// Returns the name of a place in the file, for errors of the compiler:
    /// `each_in_sums_yaml_line_7`.
    fn place_marker(&self, node: &NodeSpec) -> Ident {
        let line = self.line(node.id.place);
        format_ident!("{}_in_{line}", &*node.id.value, span = self.here)
    }

    /// Returns the name of the module of [`place_marker`](Self::place_marker), whose name another
    /// tube in the same module of the program may have too.
    fn place_module(&self, node: &NodeSpec) -> Ident {
        self.name_of(node, "")
    }

    /// Returns the type of an input: the alias that [`aliases`](Self::aliases) writes.
    pub(super) fn input(&self, input: &InputSpec) -> TokenStream {
        let alias = self.input_name(input);
        quote_spanned!(self.here=> #alias)
    }

    fn input_name(&self, input: &InputSpec) -> Ident {
        format_ident!(
            "__{}_input_{}",
            self.prefix,
            &*input.id.value,
            span = self.here
        )
    }

    /// Returns the type of the first slot or parameter that takes an input, or else the declared
    /// one.
    fn input_type(&self, input: &InputSpec) -> TokenStream {
        for node in self.spec.nodes.values() {
            let Some(of) = self.node_type(node) else {
                continue;
            };
            let mut position = 0;
            for item in &node.depends {
                if &*item.node == "input" && item.signal == input.id.value {
                    return self.slot(of, item, position);
                }
                position += usize::from(item.slot.is_none());
            }
            let set = node
                .params
                .iter()
                .find(|(_, param)| param.input() == Some(&*input.id.value));
            if let Some((name, _)) = set {
                return self.param(of, name);
            }
        }
        let here = self.here;
        match input.type_name.as_str() {
            "int" => quote_spanned!(here=> i64),
            "float" => quote_spanned!(here=> f64),
            "bool" => quote_spanned!(here=> bool),
            "str" | "string" | "path" => quote_spanned!(here=> ::std::string::String),
            "bytes" => quote_spanned!(here=> ::noob_zmq::graph::Bytes),
            _ => quote_spanned!(here=> ::noob_zmq::graph::Value),
        }
    }
}

fn text(here: Span, text: &str) -> TokenStream {
    quote_spanned!(here=> #text)
}

/// Returns whether a `gather` removes one level of lists; `None` if an input decides.
fn flattens(node: &NodeSpec) -> Option<bool> {
    let Some(param) = node.params.get("flatten") else {
        return Some(false);
    };
    match &param.value.data {
        _ if param.input().is_some() => None,
        Data::Scalar(scalar, _) => Some(coerce::truth(scalar) == Some(true)),
        _ => Some(false),
    }
}

/// Returns the number of maps above each node, which is the depth of its sub-epochs.
pub(super) fn depths(spec: &TubeSpec) -> HashMap<&str, usize> {
    let mut depths: HashMap<&str, usize> = HashMap::new();
    // There are no cycles, so as many rounds as there are nodes settle all depths.
    for _ in &spec.nodes {
        for node in spec.nodes.values() {
            let above = node.depends.iter().map(|item| {
                let depth = depths.get(&*item.node).copied().unwrap_or(0);
                match spec.nodes.get(&item.node).map(NodeSpec::kind) {
                    Some(TubeNodeKind::Map) if &*item.signal == "value" => depth + 1,
                    Some(TubeNodeKind::Gather) => depth.saturating_sub(1),
                    _ => depth,
                }
            });
            let depth = above.max().unwrap_or(0);
            depths.insert(&node.id.value, depth);
        }
    }
    depths
}
