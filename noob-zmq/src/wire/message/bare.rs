//! `ping`, `stop`, `deinit`, `init`: kinds that say all.

use crate::wire::{Message, RawMessage, WireError, Writer, lenient::nothing};

macro_rules! bare {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        #[diagnostic::do_not_recommend]
        impl Message for $name {
            const KIND: &'static str = $kind;

            fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
                writer.null();
                Ok(())
            }

            fn decode(raw: &RawMessage) -> Result<Self, WireError> {
                raw.is(Self::KIND)?;
                raw.read(|value| nothing(&value).map(|()| Self))
            }
        }
    )*};
}

bare! {
    /// Nodes are to identify themselves again.
    Ping = "ping";
    /// Nodes are to stop running freely; what they were asked for still runs.
    Stop = "stop";
    /// Nodes are to end.
    Deinit = "deinit";
    /// Defined by noob, and never sent by it.
    Init = "init";
}
