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

pub(crate) use noob_zmq_spec::words;
pub(crate) use setters;
