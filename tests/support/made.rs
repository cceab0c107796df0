//! A source of types that are made at run time, as those of another language are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use noob_zmq::graph::{Emit, Map, ObjectCodec, Opaque, StateCodec, TypeShape, Value, ValueError};
use noob_zmq::node::{
    AssetType, DynamicArgument, DynamicNodeType, Inputs, Node, NodeError, NodeKind, NodeType,
    Outputs, Registry, TypeSource,
};

/// Lines that explain why `made.broken` cannot be used.
pub const TRACEBACK: &str = "Traceback (most recent call last):
  File \"made.py\", line 3, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'";

/// Provides the types `made.*`, and records the names that it was asked for.
#[derive(Debug, Default)]
pub struct Made {
    types: Mutex<BTreeMap<String, &'static NodeType>>,
    assets: Mutex<BTreeMap<String, &'static AssetType>>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Returns the registry of the tests, with the types `made.*`.
///
/// # Panics
/// If two types of the tests have one name.
pub fn registry() -> Registry {
    let registered = Registry::get().expect("a registry").clone();
    registered.with_source(Arc::new(Made::default()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TypeSource for Made {
    fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
        let Some(own) = name.strip_prefix("made.") else {
            return Ok(None);
        };
        lock(&self.asked).push(name.to_owned());
        if own == "broken" {
            let error = NodeError::new("No module named 'nothing'");
            return Err(error
                .with_class("ModuleNotFoundError")
                .with_place("made.py:3")
                .with_detail(TRACEBACK));
        }
        let mut types = lock(&self.types);
        if let Some(known) = types.get(own) {
            return Ok(Some(known));
        }
        let Some(made) = make(own, name, &self.asked) else {
            return Ok(None);
        };
        let made = made.at("made.py:12").leak();
        types.insert(own.to_owned(), made);
        Ok(Some(made))
    }

    fn asset_type(&self, name: &str) -> Result<Option<&'static AssetType>, NodeError> {
        if name != "made.tally" {
            return Ok(None);
        }
        let mut assets = lock(&self.assets);
        let made = assets.entry(name.to_owned()).or_insert_with(|| {
            let described = NodeType::dynamic_asset(name)
                .param(DynamicArgument::new("start", "int").default("0"));
            let make = |params: &Map| {
                let start = params.get("start").and_then(Value::as_i64);
                Ok(Tally(start.unwrap_or_default()))
            };
            AssetType::dynamic(described, make, |_| Ok(()), &TALLY)
        });
        Ok(Some(made))
    }
}

/// A lock that a node holds as code in another language holds that of its interpreter.
static SHARED: Mutex<()> = Mutex::new(());

/// An object that nodes share.
struct Tally(i64);

static TALLY: ObjectCodec = ObjectCodec::by::<Tally>();

impl StateCodec for Tally {
    fn state(&self) -> Result<Value, ValueError> {
        Ok(Value::Int(self.0))
    }

    fn from_state(state: &Value) -> Result<Self, ValueError> {
        let state = state.as_i64();
        state.map(Self).ok_or_else(|| ValueError::new("no tally"))
    }
}

/// A node that calls a closure.
struct Live<F>(F);

impl<F> Node for Live<F>
where
    F: FnMut(&Inputs) -> Result<Emit<Value>, NodeError> + Send,
{
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let emit = (self.0)(inputs)?;
        outputs.emit("value", emit);
        Ok(())
    }
}

fn live<F>(call: F) -> Box<dyn Node>
where
    F: FnMut(&Inputs) -> Result<Emit<Value>, NodeError> + Send + 'static,
{
    Box::new(Live(call))
}

fn integer(inputs: &Inputs, slot: &str) -> Result<i64, NodeError> {
    let value = inputs.named.get(slot).or_else(|| inputs.positional.first());
    let value = value.and_then(Value::as_i64);
    value.ok_or_else(|| NodeError::new(format!("`{slot}` is no integer")).with_class("TypeError"))
}

fn int() -> TypeShape {
    TypeShape::Int(None)
}

fn value_slot() -> DynamicArgument {
    DynamicArgument::new("value", "int").shape(int())
}

fn function(
    name: &str,
    call: impl Fn(&Inputs) -> Result<i64, NodeError> + Clone + Send + Sync + 'static,
) -> DynamicNodeType {
    NodeType::dynamic(NodeKind::Function, name, move |_, _| {
        let call = call.clone();
        Ok(live(move |inputs| {
            call(inputs).map(|value| Emit::Value(Value::Int(value)))
        }))
    })
    .signal("value", "int", int())
}

/// Returns the type `made.OWN`, whose whole name is `name`.
fn make(own: &str, name: &str, asked: &Arc<Mutex<Vec<String>>>) -> Option<DynamicNodeType> {
    if let Some(added) = own.strip_prefix("add_") {
        let added: i64 = added.parse().ok()?;
        let call = move |inputs: &Inputs| Ok(integer(inputs, "value")? + added);
        return Some(function(name, call).slot(value_slot()));
    }
    Some(match own {
        // Counts up to `limit`.
        "count" => NodeType::dynamic(NodeKind::Source, name, |_, params| {
            let limit = params.get("limit").and_then(Value::as_i64);
            let mut numbers = 0..limit.unwrap_or(i64::MAX);
            Ok(live(move |_| {
                let next = numbers.next().map(Value::Int);
                Ok(next.map_or(Emit::Exhausted, Emit::Value))
            }))
        })
        .param(
            DynamicArgument::new("limit", "int")
                .default("none")
                .shape(int())
                .check(|value| {
                    let is_integer = value.as_i64().is_some();
                    is_integer
                        .then_some(())
                        .ok_or_else(|| "not an integer".into())
                }),
        )
        .signal("value", "int", int()),
        // Sums what it was ever fed.
        "total" => NodeType::dynamic(NodeKind::Class, name, |_, _| {
            let mut total = 0;
            Ok(live(move |inputs| {
                total += integer(inputs, "value")?;
                Ok(Emit::Value(Value::Int(total)))
            }))
        })
        .slot(value_slot())
        .signal("value", "int", int()),
        // Sums slots of any name; without `extra`, its default.
        "sum" => function(name, |inputs| {
            let given = inputs.named.iter();
            let sum: i64 = given.filter_map(|(_, value)| value.as_i64()).sum();
            let extra = inputs.named.get("extra").is_none();
            Ok(sum + if extra { 100 } else { 0 })
        })
        .slot(value_slot())
        .slot(DynamicArgument::new("extra", "int").optional())
        .more_slots(DynamicArgument::new("more", "int").shape(int())),
        // Counts the calls in an object that nodes share.
        "tally" => function(name, |inputs| {
            let Some(Value::Object(object)) = inputs.named.get("tally") else {
                return Err(NodeError::new("`tally` is no object"));
            };
            let tally = object
                .get::<Tally>()
                .ok_or_else(|| NodeError::new("`tally` is another object"))?;
            let mut tally = lock(&tally);
            tally.0 += integer(inputs, "value")?;
            Ok(tally.0)
        })
        .slot(value_slot())
        .slot(DynamicArgument::new("tally", "Tally")),
        // Fails as code of another language does.
        "fails" => function(name, |_| {
            Err(NodeError::new("no such frame")
                .with_class("ValueError")
                .with_place("made.py:40")
                .with_detail("Traceback:\n  File \"made.py\", line 40, in fails"))
        })
        .slot(value_slot()),
        // Makes objects that only programs which know them can open.
        "object" => NodeType::dynamic(NodeKind::Function, name, |_, _| {
            Ok(live(|_| {
                Ok(Emit::Value(Opaque::new("made", Vec::new()).into()))
            }))
        })
        .slot(value_slot())
        .signal("value", "Frame", TypeShape::Opaque),
        // Tells whether it runs on the main thread of its process, where it asks for that or not.
        "thread" | "main_thread" => {
            let made = function(name, |_| {
                let is_main = rustix::thread::gettid() == rustix::process::getpid();
                Ok(i64::from(is_main))
            });
            let made = made.slot(value_slot());
            if own == "main_thread" {
                made.main_thread()
            } else {
                made
            }
        }
        // Cannot be initialised.
        "main_broken" => {
            struct Broken;
            impl Node for Broken {
                fn init(&mut self) -> Result<(), NodeError> {
                    Err(NodeError::new("no such device").with_class("OSError"))
                }

                fn process(&mut self, _: &Inputs, _: &mut Outputs) -> Result<(), NodeError> {
                    Ok(())
                }
            }
            NodeType::dynamic(NodeKind::Source, name, |_, _| {
                Ok(Box::new(Broken) as Box<dyn Node>)
            })
            .signal("value", "int", int())
            .main_thread()
        }
        // Takes `seconds` for each call, with a lock that the whole process shares.
        "holds" | "main_holds" => {
            let made = NodeType::dynamic(NodeKind::Function, name, |_, params| {
                let seconds = params.get("seconds").and_then(Value::as_u64);
                let pause = std::time::Duration::from_secs(seconds.unwrap_or(u64::MAX));
                Ok(live(move |inputs| {
                    let held = lock(&SHARED);
                    std::thread::sleep(pause);
                    drop(held);
                    Ok(Emit::Value(Value::Int(integer(inputs, "value")?)))
                }))
            })
            .slot(value_slot())
            .param(DynamicArgument::new("seconds", "int").default("for ever"))
            .signal("value", "int", int());
            if own == "main_holds" {
                made.main_thread()
            } else {
                made
            }
        }
        // Tells of the program that its process runs.
        "program" => NodeType::dynamic(NodeKind::Function, name, |_, _| {
            Ok(live(|_| {
                let executable = std::env::current_exe()?;
                let executable = executable.file_name().unwrap_or_default();
                let variable = std::env::var("MADE_VARIABLE").unwrap_or_default();
                let arguments = std::env::args().map(Value::from);
                let told = [
                    ("executable", executable.to_string_lossy().as_ref().into()),
                    ("pid", Value::from(i64::from(std::process::id()))),
                    ("variable", variable.into()),
                    ("arguments", Value::from(arguments.collect::<Vec<_>>())),
                ];
                Ok(Emit::Value(told.into_iter().collect()))
            }))
        })
        .slot(value_slot())
        .signal("value", "dict", TypeShape::Unknown),
        // Tells the names of which its process has asked the source.
        "asked" => {
            let asked = Arc::clone(asked);
            NodeType::dynamic(NodeKind::Function, name, move |_, _| {
                let asked = Arc::clone(&asked);
                Ok(live(move |_| {
                    let mut names = lock(&asked).clone();
                    names.sort();
                    names.dedup();
                    let names = names.into_iter().map(|name| Value::Str(name.into()));
                    Ok(Emit::Value(Value::from(names.collect::<Vec<_>>())))
                }))
            })
            .slot(value_slot())
            .signal("value", "list[str]", TypeShape::list(TypeShape::Str))
        }
        _ => return None,
    })
}
