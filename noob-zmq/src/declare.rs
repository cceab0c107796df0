//! Macros for declarations that differ in their names only.

/// Implements `const` setters of a builder: each takes the value, assigns the fields, and returns
/// the builder.
macro_rules! setters {
    ($(
        $(#[$doc:meta])*
        $name:ident($($value:ident: $type:ty)?) => $($field:ident = $assigned:expr),+;
    )+) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self $(, $value: $type)?) -> Self {
            $(self.$field = $assigned;)+
            self
        }
    )+};
}

/// Declares an enum of which each variant has a word.
macro_rules! words {
    ($(#[$attr:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $variant:ident = $text:literal,)*
    }) => {
        $(#[$attr])*
        $vis enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All variants.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the word for the variant.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use {setters, words};
