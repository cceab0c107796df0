//! Assets that several nodes share, of scope `runner` or `process`: made, replaced and closed.
//!
//! Assets of one node are in [`node_scoped`](super::node_scoped).

use std::collections::HashMap;

use crate::graph::{
    ASSETS, AssetScope, Epoch, Name, Object, Plan, SignalIx, Store, Tube, TubeAsset, Value,
};
use crate::node::{AssetType, NodeError, Registry, next_id};
use crate::runner::error::{keep_first, log_error};
use crate::runner::panic_guard::catch_panic;
use crate::runner::{Phase, RunError};

/// Values of the assets in an epoch, by name.
pub(crate) type AssetValues = Vec<(Name, Value)>;

/// Assets that live as long as the runner, or as an epoch.
#[derive(Debug, Default)]
pub(crate) struct RunScopedAssets {
    shared: Vec<SharedAsset>,
    /// Whether the nodes are in other processes.
    sent: bool,
}

#[derive(Debug)]
struct SharedAsset {
    asset: TubeAsset,
    place: String,
    kind: Result<&'static AssetType, NodeError>,
    /// The object that was made, and must be closed.
    made: Option<Object>,
    /// The value that nodes receive.
    value: Value,
}

impl RunScopedAssets {
    /// Returns the shared assets of a tube; none is made yet.
    ///
    /// `sent`: the nodes are in other processes, which receive the states of the assets.
    pub(crate) fn new(tube: &Tube, sent: bool) -> Self {
        let shared = tube
            .assets
            .values()
            .filter(|asset| asset.scope != AssetScope::Node);
        Self {
            shared: shared
                .map(|asset| SharedAsset {
                    asset: asset.clone(),
                    place: tube.at(asset.place),
                    kind: asset_type(tube, asset),
                    made: None,
                    value: Value::Null,
                })
                .collect(),
            sent,
        }
    }

    /// Returns whether the tube has no shared asset.
    pub(crate) fn is_empty(&self) -> bool {
        self.shared.is_empty()
    }

    /// Returns the first asset whose objects cannot leave their process.
    pub(crate) fn first_local(&self) -> Option<&TubeAsset> {
        let first_local = self.shared.iter().find(|shared| {
            let kind = shared.kind.as_ref();
            kind.is_ok_and(|kind| !kind.is_portable())
        });
        first_local.map(|shared| &shared.asset)
    }

    /// Makes the assets that live as long as the runner.
    ///
    /// # Errors
    /// The error of the asset's own code; assets made before are closed.
    pub(crate) fn start(&mut self) -> Result<(), RunError> {
        self.make(AssetScope::Runner)
    }

    /// Makes the assets that live as long as an epoch, and returns the values of all.
    ///
    /// # Errors
    /// The error of the asset's own code; assets made before are closed.
    pub(crate) fn begin(&mut self) -> Result<AssetValues, RunError> {
        self.make(AssetScope::Process)?;
        let values = self.shared.iter();
        Ok(values
            .map(|shared| (shared.asset.id.clone(), shared.value.clone()))
            .collect())
    }

    /// Ends an epoch: takes over the assets that were replaced in it, and closes those of its
    /// scope.
    ///
    /// # Errors
    /// The first error of an asset's own code.
    pub(crate) fn end(&mut self, replaced: AssetValues) -> Result<(), RunError> {
        for (name, value) in replaced {
            if let Some(shared) = self
                .shared
                .iter_mut()
                .find(|shared| shared.asset.id == name)
            {
                shared.value = shared.as_object(value);
            }
        }
        self.close(AssetScope::Process)
    }

    /// Closes the assets that live as long as the runner.
    ///
    /// # Errors
    /// The first error of an asset's own code.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.close(AssetScope::Runner)
    }

    fn make(&mut self, scope: AssetScope) -> Result<(), RunError> {
        for at in 0..self.shared.len() {
            let shared = &mut self.shared[at];
            if shared.asset.scope != scope {
                continue;
            }
            let made = catch_panic(|| {
                let object = shared.kind.clone()?.build(&shared.asset.params)?;
                shared.value = Value::Object(object.clone());
                shared.made = Some(object.clone());
                if self.sent {
                    object.prepare()?;
                }
                Ok(())
            });
            if let Err(error) = made {
                let error = failed(&shared.asset, &shared.place, Phase::Init, error);
                log_error(self.close(scope));
                return Err(error);
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
                keep_first(&mut outcome, Err(error));
            }
        }
        outcome
    }
}

impl SharedAsset {
    /// Returns the value that a node emitted to replace the asset; a state that its type accepts
    /// becomes an object.
    fn as_object(&self, value: Value) -> Value {
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

/// Assets by the signals that replace them.
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

    /// Records the assets that an emitted value replaces.
    pub(crate) fn record(&self, signal: SignalIx, value: &Value, replaced: &mut AssetValues) {
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

/// Puts the assets into a store, as values that `assets` emits in a root epoch; those of scope
/// `node` are null until the call.
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

/// Returns the type of an asset.
///
/// # Errors
/// A type that this program does not have.
pub(crate) fn asset_type(tube: &Tube, asset: &TubeAsset) -> Result<&'static AssetType, NodeError> {
    Registry::of_tube(tube)?
        .find_asset(&asset.type_name)?
        .ok_or_else(|| NodeError::new(format!("no asset type is named `{}`", asset.type_name)))
}

fn failed(asset: &TubeAsset, place: &str, phase: Phase, error: NodeError) -> RunError {
    RunError::Asset {
        asset: asset.id.clone(),
        place: place.to_owned(),
        phase,
        error: Box::new(error),
    }
}
