//! The public items of a typed tube: its constructor, its runner and its results.
//!
//! The expansion cannot fail.

use noob_zmq_spec::{Dependency, InputScope, InputSpec, TubeSpec};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Visibility;

use super::nodes::ident;
use super::types::{Typing, depths};

/// Type of the results of a tube.
enum Returned {
    /// A single value of this type.
    One(TokenStream),
    /// Named values, with their types.
    Named(Vec<(String, TokenStream)>),
}

/// Returns the items of a typed tube called `name`.
///
/// Inside of a block, `vis` is the visibility of the block.
pub(super) fn items(typing: &Typing<'_>, name: &Ident, vis: &Visibility) -> TokenStream {
    let here = typing.here;
    let spec = typing.spec;
    let (written, path) = (&*typing.own.source.name, &typing.own.path);
    let loaded = loaded(typing);
    let map = collected();
    let run = format_ident!("{name}Run", span = name.span());
    let returned = format_ident!("{name}Returned", span = name.span());
    let methods = vis;
    let inputs = |scope| -> Vec<&InputSpec> {
        let inputs = spec.inputs.values();
        inputs.filter(|input| input.scope == scope).collect()
    };
    let (of_tube, of_process) = (inputs(InputScope::Tube), inputs(InputScope::Process));
    let (tube_arguments, tube_names) = arguments(typing, &of_tube);
    let (process_arguments, _) = arguments(typing, &of_process);
    let (tube_given, process_given) = (given(typing, &of_tube), given(typing, &of_process));
    let (returned_items, read) = returned_items(typing, &returned, vis);
    let may_run = of_process.iter().all(|input| input.may_be_missing());
    let runs = may_run.then(|| {
        quote_spanned! {here=>
            /// Runs `n` epochs, fewer if the sources end before, and collects what the return node
            /// gave.
            ///
            /// # Errors
            /// As [`process`](Self::process).
            #methods fn run(
                &mut self,
                n: u64,
            ) -> ::core::result::Result<::std::vec::Vec<#returned>, ::noob_zmq::typed::TypedError> {
                let mut __values = ::std::vec::Vec::new();
                for __value in ::noob_zmq::runner::Runner::run(&mut self.runner, n)? {
                    __values.push(#read?);
                }
                ::core::result::Result::Ok(__values)
            }

            /// Runs epochs until the sources end, and collects what the return node gave.
            ///
            /// # Errors
            /// As [`process`](Self::process).
            #methods fn run_all(
                &mut self,
            ) -> ::core::result::Result<::std::vec::Vec<#returned>, ::noob_zmq::typed::TypedError> {
                let mut __values = ::std::vec::Vec::new();
                for __value in ::noob_zmq::runner::Runner::run_all(&mut self.runner)? {
                    __values.push(#read?);
                }
                ::core::result::Result::Ok(__values)
            }
        }
    });
    let what = format!("The tube `{written}`, checked by the compiler.");
    let running = format!("The tube `{written}` on a runner.");
    quote_spanned! {here=>
        #[doc = #what]
        #[derive(Clone, Copy)]
        #vis struct #name;

        #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
        impl #name {
            /// The text of the tube file.
            #methods const TEXT: &'static str = ::core::include_str!(#path);

            /// The tube, for any runner.
            ///
            /// # Errors
            /// A mistake that only shows when a tube is loaded, such as a value of `params`.
            #methods fn tube(
                self, #tube_arguments
            ) -> ::core::result::Result<::noob_zmq::graph::Tube, ::noob_zmq::typed::TypedError> {
                #tube_given
                let __tube = #loaded?;
                ::core::result::Result::Ok(__tube)
            }

            /// The tube on a runner of its own.
            ///
            /// # Errors
            /// As [`tube`](Self::tube), and a node that cannot be made.
            #methods fn runner<R: ::noob_zmq::typed::FromTube>(
                self, #tube_arguments
            ) -> ::core::result::Result<#run<R>, ::noob_zmq::typed::TypedError> {
                let __tube = self.tube(#tube_names)?;
                ::core::result::Result::Ok(self.on(R::from_tube(__tube)?))
            }

            /// The tube on this runner, which must be one of [`tube`](Self::tube).
            #methods const fn on<R>(self, runner: R) -> #run<R> {
                #run { runner }
            }
        }

        #[doc = #running]
        #vis struct #run<R> {
            /// The runner, for everything that needs no types.
            #methods runner: R,
        }

        #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
        impl<R: ::noob_zmq::runner::Runner> #run<R> {
            /// Runs one epoch, and gives what the return node gave; `None` if nothing happened
            /// there.
            ///
            /// # Errors
            /// As `process` of a [`RunnerExt`](::noob_zmq::runner::RunnerExt).
            #methods fn process(
                &mut self, #process_arguments
            ) -> ::core::result::Result<
                ::core::option::Option<#returned>, ::noob_zmq::typed::TypedError,
            > {
                #process_given
                match ::noob_zmq::runner::Runner::process_map(&mut self.runner, #map)? {
                    ::core::option::Option::Some(__value) => {
                        #read.map(::core::option::Option::Some)
                    }
                    ::core::option::Option::None => {
                        ::core::result::Result::Ok(::core::option::Option::None)
                    }
                }
            }

            #runs
        }

        #returned_items
    }
}

/// Returns an expression that loads the tube from its text, with those of the tubes that it
/// mentions.
fn loaded(typing: &Typing<'_>) -> TokenStream {
    let here = typing.here;
    let written = &*typing.own.source.name;
    let map = collected();
    if typing.others.is_empty() {
        return quote_spanned!(here=> ::noob_zmq::tube::from_text(#written, Self::TEXT, &#map));
    }
    let others = typing.others.iter().map(|(called, file)| {
        let (called, name, path) = (&**called, &*file.source.name, &file.path);
        quote_spanned!(here=> (#called, #name, ::core::include_str!(#path)))
    });
    quote_spanned! {here=>
        ::noob_zmq::typed::tube(#written, Self::TEXT, &[#(#others),*], &#map)
    }
}

/// Returns arguments, `factor: i64, shift: Option<i64>`, and their names alone.
fn arguments(typing: &Typing<'_>, inputs: &[&InputSpec]) -> (TokenStream, TokenStream) {
    let here = typing.here;
    let names = inputs.iter().map(|input| argument(&input.id.value));
    let arguments = inputs.iter().map(|input| {
        let (name, ty) = (argument(&input.id.value), typing.input(input));
        if input.may_be_missing() {
            quote_spanned!(here=> #name: ::core::option::Option<#ty>)
        } else {
            quote_spanned!(here=> #name: #ty)
        }
    });
    (
        quote_spanned!(here=> #(#arguments),*),
        quote_spanned!(here=> #(#names),*),
    )
}

/// Returns an input as an argument of the expansion.
fn argument(name: &str) -> Ident {
    let mut argument = ident(name);
    if argument != name && argument != format!("r#{name}") {
        // A keyword got another spelling, which may be the name of an input too: other hygiene.
        argument.set_span(Span::call_site());
    }
    argument
}

/// Returns the local of the expansion that collects the inputs.
///
/// Its hygiene is not that of the arguments, so that an input may be called `__given` too.
fn collected() -> Ident {
    Ident::new("__given", Span::call_site())
}

/// Returns statements that collect the inputs in a map.
fn given(typing: &Typing<'_>, inputs: &[&InputSpec]) -> TokenStream {
    let here = typing.here;
    let id = &*typing.spec.id.value;
    let map = collected();
    if inputs.is_empty() {
        return quote_spanned!(here=> let #map = ::noob_zmq::graph::Map::new(););
    }
    let each = inputs.iter().map(|input| {
        let (local, name) = (argument(&input.id.value), &*input.id.value);
        if input.may_be_missing() {
            quote_spanned! {here=>
                if let ::core::option::Option::Some(__value) = &#local {
                    ::noob_zmq::typed::given(&mut #map, #id, #name, __value)?;
                }
            }
        } else {
            quote_spanned!(here=> ::noob_zmq::typed::given(&mut #map, #id, #name, &#local)?;)
        }
    });
    quote_spanned! {here=>
        let mut #map = ::noob_zmq::graph::Map::new();
        #(#each)*
    }
}

/// Returns the type of the results, and an expression that reads one from `value`.
fn returned_items(
    typing: &Typing<'_>,
    name: &Ident,
    vis: &Visibility,
) -> (TokenStream, TokenStream) {
    let here = typing.here;
    let id = &*typing.spec.id.value;
    let what = format!("Result of the tube `{id}` for an epoch.");
    let named = match returned(typing) {
        Returned::One(ty) => {
            let items = quote_spanned!(here=> #[doc = #what] #vis type #name = #ty;);
            let read = quote_spanned!(here=> ::noob_zmq::typed::returned::<#name>(#id, &__value));
            return (items, read);
        }
        Returned::Named(named) => named,
    };
    let fields_name = format_ident!("{name}Fields", span = name.span());
    let letters: Vec<Ident> = (0..named.len())
        .map(|number| format_ident!("T{number}", span = here))
        .collect();
    let types: Vec<_> = named.iter().map(|(_, ty)| ty).collect();
    let fields = fields(&named);
    let keys: Vec<_> = named.iter().map(|(key, _)| key).collect();
    let docs = keys
        .iter()
        .map(|key| format!("Value of `{key}`; `None` if nothing was emitted there."));
    let items = quote_spanned! {here=>
        #[doc = #what]
        #[derive(Debug, Clone, Default, PartialEq)]
        #[allow(clippy::derive_partial_eq_without_eq)]
        #vis struct #fields_name<#(#letters),*> {
            #(
                #[doc = #docs]
                pub #fields: ::core::option::Option<#letters>,
            )*
        }

        #[doc = #what]
        #vis type #name = #fields_name<#(#types),*>;
    };
    let read = quote_spanned! {here=>
        (|| ::core::result::Result::<#name, ::noob_zmq::typed::TypedError>::Ok(#fields_name {
            #(#fields: ::noob_zmq::typed::gives(#id, &__value, #keys)?,)*
        }))()
    };
    (items, read)
}

/// Returns the fields for named values; the field of a keyword may have the name of another value.
fn fields(named: &[(String, TokenStream)]) -> Vec<Ident> {
    let is_key = |name: &Ident| named.iter().any(|(key, _)| name == key);
    let field = |key: &str| {
        let mut field = ident(key);
        while field != key && is_key(&field) {
            field = format_ident!("{field}_");
        }
        field
    };
    named.iter().map(|(key, _)| field(key)).collect()
}

fn returned(typing: &Typing<'_>) -> Returned {
    let here = typing.here;
    let any = || quote_spanned!(here=> ::noob_zmq::graph::Value);
    let Some(node) = typing.spec.return_nodes().next() else {
        return Returned::One(any());
    };
    let below_a_map = is_below_a_map(typing.spec, &node.id.value);
    let types = |items: &[&Dependency]| -> Vec<TokenStream> {
        items
            .iter()
            .map(|item| typing.emitted(item).tokens)
            .collect()
    };
    let (named, positional): (Vec<&Dependency>, Vec<&Dependency>) =
        node.depends.iter().partition(|item| item.slot.is_some());
    match (named.as_slice(), positional.as_slice()) {
        ([], [only]) if node.scalar => Returned::One(typing.emitted(only).tokens),
        ([], [only]) => {
            let ty = typing.emitted(only).tokens;
            Returned::One(quote_spanned!(here=> ::std::vec::Vec<#ty>))
        }
        ([], several) if !several.is_empty() && several.len() <= 12 && !below_a_map => {
            let types = types(several);
            Returned::One(quote_spanned!(here=> (#(#types),*)))
        }
        (named, []) if !named.is_empty() => {
            let keys = named
                .iter()
                .filter_map(|item| item.slot_name().map(str::to_owned));
            let types = types(named);
            // Below a map, a name has one value or a list of them.
            let types = types
                .into_iter()
                .map(|ty| if below_a_map { any() } else { ty });
            Returned::Named(keys.zip(types).collect())
        }
        _ => Returned::One(any()),
    }
}

fn is_below_a_map(spec: &TubeSpec, node: &str) -> bool {
    depths(spec).get(node).is_some_and(|depth| *depth > 0)
}
