//! Prints the registration of a node type, and its types for `tube!`; cannot fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned as _;

use super::ir::{
    ArgumentDefault, CallOutput, Callable, Checkpointing, Class, Fallible, Node, Shape,
};
use super::read::{local, passed, reads};
use super::types;
use crate::names::{self, plain};

/// Returns the hygiene of all local names of the expansion, which neither see nor hide the user's.
///
/// A constant of the user is no local: a pattern of its name would match it. Locals of an expansion
/// therefore begin with `__`.
pub(crate) fn here() -> Span {
    Span::mixed_site()
}

/// ```ignore
/// const __noob_node_divide: &NodeType = {
///     use ::noob_zmq::node as __noob;
///     static NOOB_ZMQ_NODE: __noob::NodeType =
///         __noob::NodeType::function(..).doc(..).arguments(..).signals(..);
///     inventory::submit! { &NOOB_ZMQ_NODE }
///     &NOOB_ZMQ_NODE
/// };
/// type __noob_node_divide = NodeTypeInfo<Arguments<(i64, i64)>, Arguments<(i64, i64)>, i64>;
/// ```
pub(crate) fn node(node: &Node) -> TokenStream {
    let cfgs = &node.cfgs;
    let ident = plain(&node.ident);
    // Spanned like the user's own tokens, so that the place is that of the item and not that of the
    // attribute.
    let place = quote_spanned!(node.ident.span()=> ::core::panic::Location::caller());
    let identity = quote_spanned!(here()=> #ident, ::core::module_path!(), #place);
    let (made, class) = match &node.shape {
        Shape::Function(call) => (function(&identity, call, node.signal.as_ref()), None),
        Shape::Source { call, item } => (source(&identity, call, item, node.signal.as_ref()), None),
        Shape::Class(class) => (
            made_class(&identity, class, node.signal.as_ref()),
            Some(class_impl(class)),
        ),
    };
    let described = described(node.name.as_ref(), &node.doc);
    let known = names::known(&node.ident);
    let types = types(&node.shape);
    let stateful = node
        .stateful
        .map(|stateful| quote_spanned!(here()=> .stateful(#stateful)));
    // The compiler wants an impl beside its type, or in a block without a name.
    let class = class.map(|class| {
        quote_spanned! {here()=>
            #(#cfgs)*
            const _: () = {
                use ::noob_zmq::node as __noob;
                #class
            };
        }
    });
    let one_signal = one_signal(node);
    quote_spanned! {here()=>
        #class
        #one_signal
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_upper_case_globals, unreachable_pub)]
        pub const #known: &::noob_zmq::node::NodeType = {
            use ::noob_zmq::node as __noob;
            #[allow(unused_imports)]
            use __noob::ShapeFallback as _;
            static NOOB_ZMQ_NODE: __noob::NodeType = #made #described #stateful;
            ::noob_zmq::__private::inventory::submit! { &NOOB_ZMQ_NODE }
            &NOOB_ZMQ_NODE
        };
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
        pub type #known = #types;
    }
}

/// `.named("package.node")` and `.doc("..")`, as far as there are such.
pub(crate) fn described(name: Option<&LitStr>, doc: &str) -> TokenStream {
    let named = name.map(|name| quote_spanned!(here()=> .named(#name)));
    let doc = (!doc.is_empty()).then(|| quote_spanned!(here()=> .doc(#doc)));
    quote_spanned!(here()=> #named #doc)
}

/// `NodeTypeInfo<Arguments<(i64, i64)>, Arguments<(i64, i64)>, i64>`, for `tube!`.
fn types(shape: &Shape) -> TokenStream {
    let none = quote_spanned!(here()=> ::noob_zmq::node::macro_support::types::Arguments<()>);
    let (slots, params, returned) = match shape {
        Shape::Function(call) => (arguments(call), arguments(call), &call.output.ty),
        Shape::Source { call, item } => (none, arguments(call), &item.ty),
        Shape::Class(class) => (
            arguments(&class.process),
            arguments(&class.new),
            &class.process.output.ty,
        ),
    };
    quote_spanned! {here()=>
        ::noob_zmq::node::macro_support::types::NodeTypeInfo<#slots, #params, #returned>
    }
}

fn arguments(call: &Callable) -> TokenStream {
    let named: Vec<_> = call.named().map(|argument| &argument.ty).collect();
    // The innermost come first.
    let mut eights = named.chunks(8).rev();
    let last = eights.next().unwrap_or_default();
    let tuple = quote_spanned!(here()=> (#(#last,)*));
    let named = eights.fold(tuple, |others, eight| {
        quote_spanned! {here()=>
            ::noob_zmq::node::macro_support::types::Concat<(#(#eight,)*), #others>
        }
    });
    let more = call.rest().map(|rest| &rest.ty).into_iter();
    quote_spanned!(here()=> ::noob_zmq::node::macro_support::types::Arguments<#named #(, #more)*>)
}

fn function(identity: &TokenStream, call: &Callable, signal: Option<&LitStr>) -> TokenStream {
    let reads = reads(call, "__call");
    let name = &call.ident;
    let emission = emission(call, &quote!(#name));
    let arguments = list("arguments", call);
    let events = events(call);
    let signals = signals(&call.output, signal);
    quote_spanned! {here()=>
        __noob::NodeType::function(#identity, |__call| { #reads #emission })
            #arguments #events #signals
    }
}

fn source(
    identity: &TokenStream,
    call: &Callable,
    item: &CallOutput,
    signal: Option<&LitStr>,
) -> TokenStream {
    let reads = reads(call, "__params");
    let name = &call.ident;
    let made = made(call, &quote!(#name));
    let arguments = list("params", call);
    let signals = signals(item, signal);
    let emitted = &item.ty;
    let say = match &item.fallible {
        Some(fallible) => {
            let (ty, wrapped) = (
                &fallible.ty,
                wrapped(fallible, &quote_spanned!(here()=> __item)),
            );
            quote_spanned! {here()=>
                |__item: #ty, __node, __outputs|
                    <#emitted as __noob::Output>::emit(#wrapped?, __node, __outputs)
            }
        }
        None => quote_spanned! {here()=>
            |__item, __node, __outputs|
                <#emitted as __noob::Output>::emit(__item, __node, __outputs)
        },
    };
    quote_spanned! {here()=>
        __noob::NodeType::source(#identity, |__node, __params| {
            __noob::source(__node, __params, |__params| { #reads #made }, #say)
        }) #arguments #signals
    }
}

fn made_class(identity: &TokenStream, class: &Class, signal: Option<&LitStr>) -> TokenStream {
    let ty = &class.ty;
    let params = list("params", &class.new);
    let slots = list("slots", &class.process);
    let events = events(&class.process);
    let signals = signals(&class.process.output, signal);
    let restorable = class
        .checkpointing
        .as_ref()
        .map(|_| quote_spanned!(here()=> .restorable()));
    quote_spanned! {here()=>
        __noob::NodeType::class::<#ty>(#identity) #params #slots #events #signals #restorable
    }
}

fn class_impl(class: &Class) -> TokenStream {
    let Class {
        ty,
        new,
        process,
        init,
        deinit,
        checkpointing,
    } = class;
    let new_reads = reads(new, "__params");
    let new_name = &new.ident;
    let made = made(new, &quote!(Self::#new_name));
    let process_reads = reads(process, "__call");
    let process_name = &process.ident;
    let emission = emission(process, &quote!(Self::#process_name));
    let hook = |name: &str, call: &Option<Callable>| {
        let call = call.as_ref()?;
        let name = Ident::new(name, here());
        let method = &call.ident;
        let done = done(call, &quote!(Self::#method), "self");
        Some(quote_spanned! {here()=>
            fn #name(&mut self) -> ::core::result::Result<(), __noob::NodeError> { #done }
        })
    };
    let (init, deinit) = (hook("init", init), hook("deinit", deinit));
    let checkpointing = checkpointing.as_ref().map(hooks);
    quote_spanned! {here()=>
        impl __noob::Class for #ty {
            fn make(
                __params: &__noob::Params<'_>
            ) -> ::core::result::Result<Self, __noob::NodeError> {
                #new_reads
                #made
            }
            #init
            fn process(
                &mut self, __call: &mut __noob::Call<'_>
            ) -> ::core::result::Result<(), __noob::NodeError> {
                #process_reads
                #emission
            }
            #checkpointing
            #deinit
        }
    }
}

/// Prints `fn snapshot` and `fn restore`.
///
/// The state has the type that `restore` takes, and the result of `snapshot` must be of that type.
fn hooks(checkpointing: &Checkpointing) -> TokenStream {
    let Checkpointing {
        snapshot,
        restore,
        state,
    } = checkpointing;
    let (save, load) = (&snapshot.ident, &restore.ident);
    // Placed at the name of the method, which rustc points to if what it gives is not what the
    // other takes.
    let at = here().located_at(save.span());
    let saved = quote_spanned!(at=> Self::#save(self));
    let saved = value(&snapshot.output, saved);
    let saved = quote_spanned!(here()=> let __state: #state = #saved;);
    let loaded = done(restore, &quote!(Self::#load), "self");
    let argument = restore.arguments.first().map(local);
    quote_spanned! {here()=>
        fn snapshot(&self) -> ::core::result::Result<
            ::core::option::Option<::noob_zmq::graph::Value>, __noob::NodeError
        > {
            #saved
            <#state as __noob::IntoSignal>::snapshot_value(__state)
        }
        fn restore(
            &mut self, __state: &::noob_zmq::graph::Value
        ) -> ::core::result::Result<(), __noob::NodeError> {
            let #argument = <#state as __noob::FromArgument>::from_snapshot(__state)?;
            #loaded
        }
    }
}

/// Prints the bare call, awaited if it is async; a method gets its receiver.
pub(crate) fn bare(call: &Callable, callee: &TokenStream, receiver: Option<&str>) -> TokenStream {
    let receiver = receiver.map(|receiver| {
        let receiver = Ident::new(receiver, here());
        quote_spanned!(here()=> #receiver,)
    });
    let arguments = call.arguments.iter().map(passed);
    let called = quote_spanned!(here()=> #callee(#receiver #(#arguments),*));
    if call.is_async {
        quote_spanned!(here()=> __noob::block_on(#called)?)
    } else {
        called
    }
}

fn is_method(callee: &TokenStream) -> bool {
    callee
        .clone()
        .into_iter()
        .next()
        .is_some_and(|first| first.to_string() == "Self")
}

/// Prints `<i64 as Output>::emit_to(__emitted, __call)`.
///
/// The type is written out so that rustc reports it, if need be, where the user wrote it.
fn emission(call: &Callable, callee: &TokenStream) -> TokenStream {
    let called = bare(call, callee, is_method(callee).then_some("self"));
    let called = value(&call.output, called);
    let ty = &call.output.ty;
    if types::is_unit(ty) {
        quote_spanned!(here()=> #called; __call.emit(()))
    } else {
        quote_spanned! {here()=>
            let __emitted = #called;
            <#ty as __noob::Output>::emit_to(__emitted, __call)
        }
    }
}

/// `Result::map_err(divide(left, right), <E as IntoNodeError>::into_node_error)`.
fn wrapped(fallible: &Fallible, result: &TokenStream) -> TokenStream {
    match &fallible.error {
        Some(error) => quote_spanned! {here()=>
            ::core::result::Result::map_err(
                #result,
                |__error| <#error as __noob::IntoNodeError>::into_node_error(__error)
            )
        },
        None => quote_spanned!(here()=> __noob::wrap_err(#result)),
    }
}

/// The value of a call; its error is passed on.
pub(crate) fn value(output: &CallOutput, called: TokenStream) -> TokenStream {
    match &output.fallible {
        Some(fallible) => {
            let wrapped = wrapped(fallible, &called);
            quote_spanned!(here()=> #wrapped?)
        }
        None => called,
    }
}

/// The call as a `Result<_, NodeError>`.
pub(crate) fn made(call: &Callable, callee: &TokenStream) -> TokenStream {
    let called = bare(call, callee, None);
    match &call.output.fallible {
        Some(fallible) => wrapped(fallible, &called),
        None => quote_spanned!(here()=> ::core::result::Result::Ok(#called)),
    }
}

/// The call of a hook, on what `receiver` names, as a `Result<(), NodeError>`.
pub(crate) fn done(call: &Callable, callee: &TokenStream, receiver: &str) -> TokenStream {
    let called = bare(call, callee, Some(receiver));
    match &call.output.fallible {
        Some(fallible) => wrapped(fallible, &called),
        None => quote_spanned!(here()=> #called; ::core::result::Result::Ok(())),
    }
}

/// `.events()`, if an argument takes them.
fn events(call: &Callable) -> Option<TokenStream> {
    call.takes_events()
        .then(|| quote_spanned!(here()=> .events()))
}

/// `.arguments(&[Argument::checked("left", "i64", <i64 as FromArgument>::CHECK), ..])` and
/// `.more_arguments(&Argument::rest::<Map>("rest", "Value"))`; nothing if there are none.
pub(crate) fn list(method: &str, call: &Callable) -> TokenStream {
    let more = call.rest().map(|rest| {
        let method = Ident::new(&format!("more_{method}"), here());
        let (name, ty) = (plain(&rest.ident), &rest.ty);
        let written = names::spelled(&types::mapped(ty));
        let at = here().located_at(ty.span());
        let shape = types::shape(&match types::mapped(ty) {
            // Of an alias (`Map`) only the compiler knows what is in it. A type with an argument of
            // its own is none.
            alias if alias == *ty && types::is_bare(ty) => {
                syn::parse_quote_spanned!(at=> <#ty as ::noob_zmq::node::RemainingSlots>::Item)
            }
            item => item,
        });
        let rest = quote_spanned!(at=> __noob::Argument::rest::<#ty>(#name, #written) #shape);
        quote_spanned!(here()=> .#method(&#rest))
    });
    let method = Ident::new(method, here());
    let each = call.named().map(|argument| {
        let name = plain(&argument.ident);
        let ty = &argument.ty;
        let written = match &argument.slice {
            Some(number) => format!("&[{}]", names::spelled(number)),
            None => names::spelled(ty),
        };
        let shape = types::shape(ty);
        let optional = argument
            .optional
            .then(|| quote_spanned!(here()=> .optional()));
        let default = argument.default.as_ref().map(|default| {
            let written = match default {
                ArgumentDefault::OfType => "Default::default()".to_owned(),
                ArgumentDefault::Text(text) => text.to_token_stream().to_string(),
                ArgumentDefault::Expr(expr) => names::spelled(expr),
            };
            quote_spanned!(here()=> .default(#written))
        });
        quote_spanned! {here()=>
            __noob::Argument::checked(#name, #written, <#ty as __noob::FromArgument>::CHECK)
                #shape #optional #default
        }
    });
    let each: Vec<_> = each.collect();
    let list = (!each.is_empty()).then(|| quote_spanned!(here()=> .#method(&[#(#each),*])));
    quote_spanned!(here()=> #list #more)
}

/// `.signals(signals(<i64 as Output>::SIGNALS, &[Signal::new("value", "i64")]))`.
fn signals(output: &CallOutput, name: Option<&LitStr>) -> TokenStream {
    let ty = &output.ty;
    let carried = types::emit(ty).unwrap_or_else(|| ty.clone());
    let (written, shape) = (names::spelled(&carried), types::shape(&carried));
    let name = name.map_or_else(|| quote_spanned!(here()=> "value"), |name| quote!(#name));
    quote_spanned! {here()=>
        .signals(__noob::signals(
            <#ty as __noob::Output>::SIGNALS, &[__noob::Signal::new(#name, #written) #shape]
        ))
    }
}

/// `const _: () = one_signal(<i64 as Output>::SIGNALS);`, if the signal was given a name.
fn one_signal(node: &Node) -> Option<TokenStream> {
    let name = node.signal.as_ref()?;
    let ty = match &node.shape {
        Shape::Function(call) => &call.output.ty,
        Shape::Source { item, .. } => &item.ty,
        Shape::Class(class) => &class.process.output.ty,
    };
    let cfgs = &node.cfgs;
    // Placed at the name, which is what has to go if the type names its signals itself.
    let at = here().located_at(name.span());
    let check = quote_spanned! {at=>
        ::noob_zmq::node::one_signal(<#ty as ::noob_zmq::node::Output>::SIGNALS)
    };
    Some(quote_spanned!(here()=> #(#cfgs)* const _: () = #check;))
}
