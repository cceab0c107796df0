///Node type `noob_zmq.text.words` of the tube.
#[doc(hidden)]
#[allow(non_camel_case_types)]
pub enum __Words_type0_words_1_1 {}
const _: () = {
    #[allow(non_camel_case_types, dead_code)]
    type __noob_node_words = ::noob_zmq::__private::NotFound;
    #[allow(non_upper_case_globals, dead_code)]
    const __noob_node_words: &::noob_zmq::node::NodeType = ::noob_zmq::__private::NOT_FOUND;
    #[allow(non_upper_case_globals, dead_code)]
    const __noob_module: () = ();
    mod tube_yaml_line_5 {
        #[allow(unused_imports)]
        pub(crate) use ::noob_zmq::nodes::*;
    }
    const _: () = {
        #[allow(unused_imports)]
        use tube_yaml_line_5::text::{*, self as __noob_module};
        impl ::noob_zmq::typed::ResolvedNode for __Words_type0_words_1_1 {
            type Node = __noob_node_words;
            const TYPE: &'static ::noob_zmq::node::NodeType = {
                let _ = __noob_module;
                __noob_node_words
            };
        }
    };
};
const _: () = ::noob_zmq::typed::resolved::<
    __Words_type0_words_1_1,
>(
    "noob_zmq.text.words",
    "expansions/tube.yaml:5:17: no node type is called `noob_zmq.text.words`: nothing named `words` in `::noob_zmq::nodes::text` is a `#[node]` that can be seen from here",
    "expansions/tube.yaml:5:17: no node type is called `noob_zmq.text.words`: the `#[node]` `words` in `::noob_zmq::nodes::text` is called ",
);
#[allow(non_camel_case_types, dead_code)]
type __Words_input_text = ::noob_zmq::typed::SlotOf<
    __Words_type0_words_1_1,
    { ::noob_zmq::typed::slot_at::<__Words_type0_words_1_1>("text") },
>;
#[allow(non_camel_case_types, dead_code)]
type __Words_node0_words_value = ::noob_zmq::typed::SignalOf<
    __Words_type0_words_1_1,
    { ::noob_zmq::typed::signal_at::<__Words_type0_words_1_1>("value") },
>;
const _: () = {
    use ::noob_zmq::typed as __noob;
    const _: () = __noob::takes_dependencies::<
        __Words_type0_words_1_1,
    >(__noob::Place::new("expansions/tube.yaml:5:49", "words", "noob_zmq.text.words"));
    const _: () = __noob::slot::<
        __Words_type0_words_1_1,
    >(
        __noob::Place::new("expansions/tube.yaml:5:49", "words", "noob_zmq.text.words"),
        "text",
    );
    const _: () = __noob::edge::<
        __Words_type0_words_1_1,
    >(
        __noob::Place::new("expansions/tube.yaml:5:55", "words", "noob_zmq.text.words"),
        ::noob_zmq::typed::slot_at::<__Words_type0_words_1_1>("text"),
        __noob::EmittedType::new("input.text", "", "str"),
        ::noob_zmq::__private::fits!(
            __Words_input_text, ::noob_zmq::typed::SlotOf < __Words_type0_words_1_1, {
            ::noob_zmq::typed::slot_at:: < __Words_type0_words_1_1 > ("text") } >
        ),
    );
    const _: () = __noob::nothing_unfed::<
        __Words_type0_words_1_1,
    >(
        __noob::Place::new("expansions/tube.yaml:5:3", "words", "noob_zmq.text.words"),
        0,
        &["text"],
        &[],
    );
};
const _: () = {
    use ::noob_zmq::typed as __noob;
    const _: () = __noob::signal::<
        __Words_type0_words_1_1,
    >(
        __noob::Place::new("expansions/tube.yaml:6:32", "words", "noob_zmq.text.words"),
        "value",
    );
};
///The tube `expansions/tube.yaml`, checked by the compiler.
#[derive(Clone, Copy)]
pub struct Words;
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
impl Words {
    /// The text of the tube file.
    pub const TEXT: &'static str = ::core::include_str!(
        "../expansions/tube.yaml"
    );
    /// The tube, for any runner.
    ///
    /// # Errors
    /// A mistake that only shows when a tube is loaded, such as a value of `params`.
    pub fn tube(
        self,
    ) -> ::core::result::Result<::noob_zmq::graph::Tube, ::noob_zmq::typed::TypedError> {
        let __given = ::noob_zmq::graph::Map::new();
        let __tube = ::noob_zmq::tube::from_text(
            "expansions/tube.yaml",
            Self::TEXT,
            &__given,
        )?;
        ::core::result::Result::Ok(__tube)
    }
    /// The tube on a runner of its own.
    ///
    /// # Errors
    /// As [`tube`](Self::tube), and a node that cannot be made.
    pub fn runner<R: ::noob_zmq::typed::FromTube>(
        self,
    ) -> ::core::result::Result<WordsRun<R>, ::noob_zmq::typed::TypedError> {
        let __tube = self.tube()?;
        ::core::result::Result::Ok(self.on(R::from_tube(__tube)?))
    }
    /// The tube on this runner, which must be one of [`tube`](Self::tube).
    pub const fn on<R>(self, runner: R) -> WordsRun<R> {
        WordsRun { runner }
    }
}
///The tube `expansions/tube.yaml` on a runner.
pub struct WordsRun<R> {
    /// The runner, for everything that needs no types.
    pub runner: R,
}
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
impl<R: ::noob_zmq::runner::Runner> WordsRun<R> {
    /// Runs one epoch, and gives what the return node gave; `None` if nothing happened
    /// there.
    ///
    /// # Errors
    /// As `process` of a [`RunnerExt`](::noob_zmq::runner::RunnerExt).
    pub fn process(
        &mut self,
        text: __Words_input_text,
    ) -> ::core::result::Result<
        ::core::option::Option<WordsReturned>,
        ::noob_zmq::typed::TypedError,
    > {
        let mut __given = ::noob_zmq::graph::Map::new();
        ::noob_zmq::typed::given(&mut __given, "words", "text", &text)?;
        match ::noob_zmq::runner::Runner::process_map(&mut self.runner, __given)? {
            ::core::option::Option::Some(__value) => {
                ::noob_zmq::typed::returned::<WordsReturned>("words", &__value)
                    .map(::core::option::Option::Some)
            }
            ::core::option::Option::None => {
                ::core::result::Result::Ok(::core::option::Option::None)
            }
        }
    }
}
///Result of the tube `words` for an epoch.
pub type WordsReturned = __Words_node0_words_value;
pub fn words(text: &str) -> Result<Option<Vec<String>>, TypedError> {
    Words.runner::<SyncRunner>()?.process(text.into())
}
