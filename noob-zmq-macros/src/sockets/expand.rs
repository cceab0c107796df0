//! Prints the expansion of a spec: the `..Incoming` enum, the `Sockets` impl, the constants, the
//! checks and the hidden macro.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::DeriveInput;
use syn::spanned::Spanned as _;

use super::hidden::{hidden_macro, known};
use super::ir::{Field, Message, Messages, Nested, Peer, Socket, Spec};
use super::known::Known;
use super::rules::checks;
use crate::names;
use crate::node::types;

/// Returns the expansion of `spec`; `broken` if it has mistakes.
pub(crate) fn spec(spec: &Spec, unique: &str, broken: bool) -> TokenStream {
    let enumeration = incoming(spec);
    let implementation = sockets_impl(spec);
    let contains = contains(spec);
    let sends = sends(spec);
    let constants = constants(spec);
    let checks = if broken {
        TokenStream::new()
    } else {
        let (checks, registered) = (checks(spec), registered(spec));
        quote! { #checks #registered }
    };
    let hidden = hidden_macro(&known(spec, broken), &spec.vis, unique);
    quote! { #enumeration #implementation #contains #sends #constants #checks #hidden }
}

/// Returns the hidden macro alone, for a struct that cannot be a spec at all.
///
/// Handlers that name the struct then report no further error.
pub(crate) fn broken(input: &DeriveInput, unique: &str) -> TokenStream {
    let known = Known {
        name: input.ident.clone(),
        broken: true,
        members: Vec::new(),
    };
    hidden_macro(&known, &input.vis, unique)
}

/// Registers the spec for `noob-zmq protocol`.
fn registered(spec: &Spec) -> TokenStream {
    let (name, krate) = (&spec.name, &spec.krate);
    let at = names::source_location(krate);
    quote! {
        #krate::__private::inventory::submit! {
            #krate::actor::RegisteredSpec::new(
                <#name as #krate::actor::Sockets>::SPEC,
                #at,
            )
        }
    }
}

fn incoming(spec: &Spec) -> TokenStream {
    let (name, vis, krate) = (&spec.name, &spec.vis, &spec.krate);
    let incoming = names::incoming(name);
    let doc = format!(" Everything that can arrive on [`{name}`].");
    let variants = spec.fields.iter().map(|field| match field {
        Field::Nested(Nested { name, ty, .. }) => {
            let variant = names::nested_variant(name);
            let doc = format!(" Message that arrives on the sockets of `{name}`.");
            quote! { #[doc = #doc] #variant(<#ty as #krate::actor::Sockets>::Incoming), }
        }
        Field::Socket(socket) => {
            let name = &socket.name;
            let variants = socket.receives.list.iter().map(|message| {
                let variant = names::variant(name, &message.name);
                let payload = &message.payload;
                let doc = format!(" `{}` arriving on `{name}`.", message.name);
                quote! { #[doc = #doc] #variant(#payload), }
            });
            quote! { #(#variants)* }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(Debug)]
        #[allow(dead_code)]
        #vis enum #incoming {
            #(#variants)*
            /// A message of a kind that the spec does not name.
            Other(#krate::wire::RawMessage),
        }
    }
}

fn sockets_impl(spec: &Spec) -> TokenStream {
    let (name, krate) = (&spec.name, &spec.krate);
    let incoming = names::incoming(name);
    let (plain, doc) = (names::plain(name), &spec.doc);
    let sockets = spec.fields.iter().map(|field| socket_spec(field, spec));
    let opened = spec.numbered().map(|(first, field)| {
        let first = numbered(first);
        match field {
            Field::Nested(Nested { name, ty, .. }) => {
                let open = quote!(<#ty as #krate::actor::Sockets>::open(__opener, __first #first));
                quote! { #name: #open.await?, }
            }
            Field::Socket(socket) => {
                let Socket { name, ty, .. } = &**socket;
                // Written as if by the user: a type that is no socket is then reported once, at its
                // name.
                let typed = quote!(<#ty as #krate::actor::Socket>::from_inner);
                let typed = names::written(typed, ty.span());
                quote! { #name: #typed(__opener.open(__first #first).await?), }
            }
        }
    });
    let arms = spec
        .numbered()
        .map(|(first, field)| decode_arms(first, field, spec));
    quote! {
        #[automatically_derived]
        impl #krate::actor::Sockets for #name {
            type Incoming = #incoming;

            const SPEC: &'static #krate::actor::ActorSpec = {
                // A constant of its own: the sockets of a contained spec are no promotable
                // expression.
                const SOCKETS: &[#krate::actor::SocketSpec] = &[#(#sockets),*];
                &#krate::actor::ActorSpec::new(#plain, SOCKETS, #doc)
            };

            async fn open(
                __opener: &mut #krate::actor::Opener,
                __first: usize,
            ) -> ::core::result::Result<Self, #krate::actor::ActorError> {
                ::core::result::Result::Ok(Self { #(#opened)* })
            }

            fn decode(
                __socket: usize,
                __raw: #krate::wire::RawMessage,
            ) -> ::core::result::Result<#incoming, #krate::wire::WireError> {
                ::core::result::Result::Ok(match (__socket, __raw.kind()) {
                    #(#arms)*
                    _ => #incoming::Other(__raw),
                })
            }
        }
    }
}

/// `+ 3`, or nothing for 0.
fn numbered(first: usize) -> Option<TokenStream> {
    let first = proc_macro2::Literal::usize_unsuffixed(first);
    (first.to_string() != "0").then(|| quote!(+ #first))
}

fn decode_arms(first: usize, field: &Field, spec: &Spec) -> TokenStream {
    let krate = &spec.krate;
    let incoming = names::incoming(&spec.name);
    let number = proc_macro2::Literal::usize_unsuffixed(first);
    match field {
        Field::Nested(Nested { name, ty, spec }) if spec.sockets() > 0 => {
            let variant = names::nested_variant(name);
            let last = proc_macro2::Literal::usize_unsuffixed(first + spec.sockets() - 1);
            let inner = if first == 0 {
                quote!(__socket)
            } else {
                quote!(__socket - #number)
            };
            let decode = quote!(<#ty as #krate::actor::Sockets>::decode(#inner, __raw)?);
            quote! { (#number..=#last, _) => #incoming::#variant(#decode), }
        }
        Field::Nested(_) => TokenStream::new(),
        Field::Socket(socket) => {
            let arms = socket.receives.list.iter().map(|message| {
                let variant = names::variant(&socket.name, &message.name);
                let kind = message_item(message, krate, "KIND");
                let decode = message_item(message, krate, "decode");
                quote! { (#number, #kind) => #incoming::#variant(#decode(&__raw)?), }
            });
            quote! { #(#arms)* }
        }
    }
}

/// Returns the entries of `SPEC` for a field.
fn socket_spec(field: &Field, spec: &Spec) -> TokenStream {
    let krate = &spec.krate;
    let socket = match field {
        Field::Socket(socket) => &**socket,
        Field::Nested(Nested { ty, spec, .. }) => {
            let places = (0..spec.sockets()).map(proc_macro2::Literal::usize_unsuffixed);
            return quote! { #(<#ty as #krate::actor::Sockets>::SPEC.sockets[#places]),* };
        }
    };
    let Socket {
        ty,
        path,
        identity,
        codec,
        doc,
        ..
    } = socket;
    let (owner, name) = (names::plain(&spec.name), names::plain(&socket.name));
    let kind = names::written(quote!(<#ty as #krate::actor::Socket>::KIND), ty.span());
    let role = format_ident!("{}", format!("{:?}", socket.role));
    let codec = codec.map(|codec| {
        let codec = format_ident!("{}", codec.variant);
        quote!(.with_codec(#krate::wire::Codec::#codec))
    });
    let receives = message_specs(&socket.receives, krate);
    let sends = message_specs(&socket.sends, krate);
    let peers = socket.peers.iter().map(|peer| match peer {
        Peer::Kind(_, kind) => {
            let (name, kind) = (kind.name, format_ident!("{}", kind.name));
            quote! { #krate::actor::PeerSpec::foreign(#name, #krate::actor::SocketKind::#kind) }
        }
        Peer::Socket(path) => {
            let (actor, socket) = ends(path);
            quote! { #krate::actor::PeerSpec::of(#actor, #socket, #path.kind()) }
        }
    });
    quote! {
        #krate::actor::SocketSpec::new(
            #owner,
            #name,
            #kind,
            #krate::actor::SocketRole::#role,
            #path,
            #identity,
        )
        .with_receives(&[#receives])
        .with_sends(&[#sends])
        #codec
        .with_peers(&[#(#peers),*])
        .with_doc(#doc)
    }
}

fn message_specs(messages: &Messages, krate: &syn::Path) -> TokenStream {
    let specs = messages.list.iter().map(|message| {
        let name = names::plain(&message.name);
        let kind = message_item(message, krate, "KIND");
        quote! { #krate::actor::MessageSpec::new(#name, #kind) }
    });
    quote! { #(#specs),* }
}

/// Returns `<Status as Message>::KIND`, written as if by the user: a type that is no message is
/// then reported once, at its name.
fn message_item(message: &Message, krate: &syn::Path, item: &str) -> TokenStream {
    let (payload, item) = (&message.payload, format_ident!("{item}"));
    names::written(
        quote!(<#payload as #krate::wire::Message>::#item),
        message.payload.span(),
    )
}

/// `a::NodeSockets::DEALER` → `NodeSockets`, `dealer`.
fn ends(path: &syn::Path) -> (String, String) {
    let mut names = path
        .segments
        .iter()
        .rev()
        .map(|segment| names::plain(&segment.ident));
    let socket = names.next().unwrap_or_default().to_lowercase();
    (names.next().unwrap_or_default(), socket)
}

fn contains(spec: &Spec) -> TokenStream {
    let (name, krate) = (&spec.name, &spec.krate);
    let nested = spec
        .fields
        .iter()
        .enumerate()
        .filter_map(|(at, field)| match field {
            Field::Nested(Nested { ty, .. }) => {
                let at = proc_macro2::Literal::usize_unsuffixed(at);
                Some(quote! {
                    impl #krate::actor::Contains<#at> for #name {
                        type Inner = #ty;
                    }
                })
            }
            Field::Socket(_) => None,
        });
    quote! { #(#nested)* }
}

/// Returns the declarations of what the sockets of each kind send, by which the compiler checks
/// every call of `send`.
fn sends(spec: &Spec) -> TokenStream {
    let (name, krate) = (&spec.name, &spec.krate);
    let mut seen = Vec::new();
    let mut tokens = TokenStream::new();
    for (_, socket) in spec.sockets() {
        // A kind that was renamed on import has no name here; its declared type is generic all the
        // same.
        let Some(kind) = types::without_arguments(&socket.ty) else {
            continue;
        };
        for message in &socket.sends.list {
            let payload = &message.payload;
            let declared = names::spelled(&quote!(#kind #payload));
            if !seen.contains(&declared) {
                seen.push(declared);
                tokens.extend(quote! {
                    #[diagnostic::do_not_recommend]
                    impl #krate::actor::Sends<#payload, #kind> for #name {}
                });
            }
        }
    }
    tokens
}

fn constants(spec: &Spec) -> TokenStream {
    let (name, vis, krate) = (&spec.name, &spec.vis, &spec.krate);
    let constants = spec.sockets().map(|(number, socket)| {
        let (constant, ty) = (names::constant(&socket.name), &socket.ty);
        let number = proc_macro2::Literal::usize_unsuffixed(number);

        let doc = format!(
            " The socket `{}`: its name, its address and its identity.",
            socket.name
        );
        // A paragraph of its own, line by line.
        let more = socket.doc.lines().map(|line| match line {
            "" => quote!(#[doc = ""]),
            line => {
                let line = format!(" {line}");
                quote!(#[doc = #line])
            }
        });
        let blank = (!socket.doc.is_empty()).then(|| quote!(#[doc = ""]));
        quote! {
            #[doc = #doc]
            #blank
            #(#more)*
            #vis const #constant: #krate::actor::SocketId<Self, #ty> =
                #krate::actor::SocketId::new(#number);
        }
    });
    let fields = spec.fields.iter().map(Field::name);
    // The owner of a socket that only receives never reads its field, which is no reason for a
    // warning.
    quote! {
        impl #name { #(#constants)* }
        const _: fn(&#name) = |__sockets| _ = (#(&__sockets.#fields),*);
    }
}
