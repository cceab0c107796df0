//! The assets of a run that several nodes share: made, replaced, and taken leave of. Those of one node are its own affair
//! ([`own`](crate::runner::own)).

use std::collections::HashMap;

use crate::graph::{
    ASSETS, AssetScope, Epoch, Name, Object, Plan, SignalIx, Store, Tube, TubeAsset, Value,
};
use crate::node::{AssetType, NodeError, Registry, next_id};
use crate::runner::panic_guard::catch_panic;
use crate::runner::{Phase, RunError};

/// What the assets are in an epoch, by name.
pub(crate) type AssetValues = Vec<(Name, Value)>;

/// The assets that live as long as the runner, or as an epoch.
#[derive(Debug, Default)]
pub(crate) struct RunScopedAssets {
    shared: Vec<SharedAsset>,
}

#[derive(Debug)]
struct SharedAsset {
    asset: TubeAsset,
    place: String,
    kind: Result<&'static AssetType, NodeError>,
    /// What was made, and must be closed.
    made: Option<Object>,
    /// What the nodes are given.
    value: Value,
}

impl RunScopedAssets {
    /// The shared assets of a tube; none is made yet.
    pub(crate) fn new(tube: &Tube) -> Self {
        let shared = tube
            .assets
            .values()
            .filter(|asset| asset.scope != AssetScope::Node);
        Self {
            shared: shared
                .map(|asset| SharedAsset {
                    asset: asset.clone(),
                    place: tube.at(asset.place),
                    kind: asset_type(asset),
                    made: None,
                    value: Value::Null,
                })
                .collect(),
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.shared.is_empty()
    }

    /// The first whose objects cannot leave their process.
    pub(crate) fn stays(&self) -> Option<&TubeAsset> {
        let stays = self.shared.iter().find(|shared| {
            let kind = shared.kind.as_ref();
            kind.is_ok_and(|kind| !kind.is_portable())
        });
        stays.map(|shared| &shared.asset)
    }

    /// Makes those that live as long as the runner.
    ///
    /// # Errors
    /// What the user's own code says; those made before are closed.
    pub(crate) fn start(&mut self) -> Result<(), RunError> {
        self.make(AssetScope::Runner)
    }

    /// Makes those that live as long as an epoch, and gives the values of all.
    ///
    /// # Errors
    /// What the user's own code says; those made before are closed.
    pub(crate) fn begin(&mut self) -> Result<AssetValues, RunError> {
        self.make(AssetScope::Process)?;
        let values = self.shared.iter();
        Ok(values
            .map(|shared| (shared.asset.id.clone(), shared.value.clone()))
            .collect())
    }

    /// The epoch is over: replaces what it has replaced, and takes leave of what lives no longer.
    ///
    /// # Errors
    /// What the user's own code says.
    pub(crate) fn end(&mut self, replaced: AssetValues) -> Result<(), RunError> {
        for (name, value) in replaced {
            if let Some(shared) = self
                .shared
                .iter_mut()
                .find(|shared| shared.asset.id == name)
            {
                shared.value = shared.taken_over(value);
            }
        }
        self.close(AssetScope::Process)
    }

    /// Takes leave of those that live as long as the runner.
    ///
    /// # Errors
    /// What the user's own code says.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.close(AssetScope::Runner)
    }

    fn make(&mut self, scope: AssetScope) -> Result<(), RunError> {
        for at in 0..self.shared.len() {
            let shared = &mut self.shared[at];
            if shared.asset.scope != scope {
                continue;
            }
            match catch_panic(|| shared.kind.clone()?.build(&shared.asset.params)) {
                Ok(object) => {
                    shared.value = Value::Object(object.clone());
                    shared.made = Some(object);
                }
                Err(error) => {
                    let error = failed(&shared.asset, &shared.place, Phase::Init, error);
                    if let Err(other) = self.close(scope) {
                        tracing::warn!("{other}");
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, scope: AssetScope) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for shared in self
            .shared
            .iter_mut()
            .filter(|shared| shared.asset.scope == scope)
        {
            shared.value = Value::Null;
            let Some(object) = shared.made.take() else {
                continue;
            };
            if let Err(error) = catch_panic(|| shared.kind.clone()?.close(&object)) {
                let error = failed(&shared.asset, &shared.place, Phase::Deinit, error);
                if outcome.is_ok() {
                    outcome = Err(error);
                } else {
                    tracing::warn!("{error}");
                }
            }
        }
        outcome
    }
}

impl SharedAsset {
    /// What a node has said in its place: a state that its type can have becomes an object.
    fn taken_over(&self, value: Value) -> Value {
        if matches!(value, Value::Object(_)) {
            return value;
        }
        let kind = self.kind.as_ref().ok();
        match kind.and_then(|kind| kind.with_state(next_id(), &value).ok()) {
            Some(object) => Value::Object(object),
            None => value,
        }
    }
}

/// Which signals replace which assets.
#[derive(Debug, Default)]
pub(crate) struct AssetReplacement {
    assets: HashMap<SignalIx, Vec<(Name, bool)>>,
}

impl AssetReplacement {
    pub(crate) fn new(tube: &Tube, plan: &Plan) -> Self {
        let mut assets: HashMap<SignalIx, Vec<(Name, bool)>> = HashMap::new();
        for asset in tube.assets.values() {
            let signal = asset
                .depends
                .as_ref()
                .and_then(|(node, signal)| plan.signal_index(plan.node_index(node)?, signal));
            if let Some(signal) = signal {
                let replaced = assets.entry(signal).or_default();
                replaced.push((asset.id.clone(), asset.copied));
            }
        }
        Self { assets }
    }

    /// A value was said: adds what it replaces.
    pub(crate) fn said(&self, signal: SignalIx, value: &Value, replaced: &mut AssetValues) {
        for (asset, copied) in self.assets.get(&signal).into_iter().flatten() {
            let value = match value {
                Value::Object(object) if *copied => object
                    .copy(next_id())
                    .map_or_else(|_| value.clone(), Value::Object),
                value => value.clone(),
            };
            replaced.push((asset.clone(), value));
        }
    }
}

/// Puts the assets into a store, as what `assets` says in a root epoch. Those that each node has for itself have their places kept.
pub(crate) fn put(tube: &Tube, plan: &Plan, store: &mut Store, epoch: u32, values: &AssetValues) {
    let Some(assets) = plan.node_index(ASSETS) else {
        return;
    };
    let root = Epoch::root(epoch);
    for asset in tube.assets.values() {
        if let Some(signal) = plan.signal_index(assets, &asset.id) {
            let value = values.iter().find(|(name, _)| *name == asset.id);
            let value = value.map_or(Value::Null, |(_, value)| value.clone());
            store.put(&root, signal, value);
        }
    }
}

/// The type of an asset.
///
/// # Errors
/// One that this program does not have.
pub(crate) fn asset_type(asset: &TubeAsset) -> Result<&'static AssetType, NodeError> {
    Registry::get()?
        .asset_type(&asset.type_name)
        .ok_or_else(|| NodeError::new(format!("no asset type is named `{}`", asset.type_name)))
}

fn failed(asset: &TubeAsset, place: &str, phase: Phase, error: NodeError) -> RunError {
    RunError::Asset {
        asset: asset.id.clone(),
        place: place.to_owned(),
        phase,
        error,
    }
}
