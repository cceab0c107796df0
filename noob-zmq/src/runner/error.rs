//! Why a run failed.

/// Why a run failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Every source has ended.
    #[error("every source of the tube has ended; make the runner anew to run it again")]
    Exhausted,
}
