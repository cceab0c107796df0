//! Limits of a node process, which it sets for itself before it starts threads.

use rustix::process::{Resource, Rlimit};
use serde::{Deserialize, Serialize};

use crate::node::NodeError;

/// Limits of a node process: its threads inherit them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessLimits {
    /// Processors that the process may use, in order; all, if there is none.
    pub(crate) cpus: Vec<u32>,
    /// Niceness of the process.
    pub(crate) nice: Option<i32>,
    /// Bytes of memory that the process may have for itself.
    pub(crate) memory: Option<u64>,
}

impl ProcessLimits {
    /// Sets the limits for this thread, the threads that it starts, and the process.
    ///
    /// # Errors
    /// A limit that the system refuses, with the remedy.
    pub(crate) fn apply(&self) -> Result<(), NodeError> {
        if !self.cpus.is_empty() {
            use_cpus(&self.cpus).map_err(|why| {
                let cpus = cpu_list(&self.cpus);
                NodeError::new(format!("`cpus: {cpus}` of the placement is refused: {why}"))
            })?;
        }
        if let Some(nice) = self.nice {
            rustix::process::setpriority_process(None, nice).map_err(|error| {
                NodeError::new(format!(
                    "`nice: {nice}` of the placement is refused: {error}; a number below the \
                     present one needs the capability CAP_SYS_NICE, or a higher limit (`ulimit -e`)"
                ))
            })?;
        }
        if let Some(memory) = self.memory {
            // Memory that is shared with other processes is not counted, and the files of the
            // program are not either: both would count several times, or without a need.
            let limit = Rlimit {
                current: Some(memory),
                maximum: Some(memory),
            };
            rustix::process::setrlimit(Resource::Data, limit).map_err(|error| {
                NodeError::new(format!(
                    "`memory: {memory}` of the placement is refused: {error}; it may not be above \
                     the limit of the runner (`ulimit -d`)"
                ))
            })?;
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn use_cpus(cpus: &[u32]) -> Result<(), String> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let allowed = sched_getaffinity(None).map_err(|error| error.to_string())?;
    // The kernel leaves out the processors that there are not, without a word.
    let missing = missing_cpus(cpus);
    if !missing.is_empty() {
        let all: Vec<u32> = (0..CpuSet::MAX_CPU as u32)
            .filter(|cpu| allowed.is_set(*cpu as usize))
            .collect();
        return Err(format!(
            "this process may use the processors {}, and not {}",
            cpu_list(&all),
            cpu_list(&missing)
        ));
    }
    let mut set = CpuSet::new();
    for cpu in cpus {
        set.set(*cpu as usize);
    }
    sched_setaffinity(None, &set).map_err(|error| error.to_string())
}

#[cfg(not(target_os = "linux"))]
fn use_cpus(_cpus: &[u32]) -> Result<(), String> {
    Err("this system does not bind processes to processors".to_owned())
}

/// Returns the processors that this process may not use.
#[cfg(target_os = "linux")]
pub(crate) fn missing_cpus(cpus: &[u32]) -> Vec<u32> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let Ok(allowed) = sched_getaffinity(None) else {
        return Vec::new();
    };
    let is_missing = |cpu: &u32| *cpu as usize >= CpuSet::MAX_CPU || !allowed.is_set(*cpu as usize);
    cpus.iter().copied().filter(is_missing).collect()
}

/// Returns the processors that this process may not use.
#[cfg(not(target_os = "linux"))]
pub(crate) fn missing_cpus(_cpus: &[u32]) -> Vec<u32> {
    Vec::new()
}

/// Writes processors as `0-3,6`.
pub(crate) fn cpu_list(cpus: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == cpu => *last = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let text = |&(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_written_as_ranges() {
        assert_eq!(cpu_list(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(cpu_list(&[3]), "3");
        assert_eq!(cpu_list(&[]), "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn processor_that_there_is_not_is_refused() {
        assert_eq!(missing_cpus(&[1023, 4000]), [1023, 4000]);
        let limits = ProcessLimits {
            cpus: vec![1023],
            ..ProcessLimits::default()
        };
        let refused = limits.apply().unwrap_err().to_string();
        assert!(refused.contains("`cpus: 1023`"), "{refused}");
        assert!(refused.contains("and not 1023"), "{refused}");
    }
}
