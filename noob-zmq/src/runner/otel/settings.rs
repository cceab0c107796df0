//! Settings of the exporter: the standard environment variables of OpenTelemetry.
//!
//! The crate `opentelemetry-otlp` reads the addresses and the headers by itself, and
//! `opentelemetry_sdk` the resource and the interval of metrics.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// Settings of an exporter that exports something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) spans: Option<SpanSettings>,
    /// Longest time of an export of metrics, if they are exported.
    pub(super) metrics: Option<Duration>,
    /// Whether the environment names the service.
    pub(super) names_service: bool,
}

/// Settings of the exporter of spans.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SpanSettings {
    /// Share of the epochs whose spans are exported.
    pub(super) sampled: f64,
    /// Number of spans that wait.
    pub(super) queue: usize,
    /// Number of spans in an export.
    pub(super) batch: usize,
    /// Time for which a span waits for others.
    pub(super) delay: Duration,
    /// Longest time of an export.
    pub(super) timeout: Duration,
}

impl Settings {
    /// Reads the settings; `None` if nothing is exported.
    ///
    /// A setting that cannot be followed is logged.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let environment = Environment { variable };
        if environment.is("OTEL_SDK_DISABLED", "true") {
            return None;
        }
        let metrics = environment
            .exports("METRICS")
            .then(|| environment.timeout("METRICS"));
        let spans = environment.exports("TRACES").then(|| environment.spans());
        let settings = Self {
            spans: spans.filter(|spans| spans.sampled > 0.0),
            metrics,
            names_service: environment.names_service(),
        };
        (settings.spans.is_some() || settings.metrics.is_some()).then_some(settings)
    }
}

/// Variables of the environment.
struct Environment<F> {
    variable: F,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Returns a variable; an empty one counts as missing.
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.get(name)
            .is_some_and(|set| set.trim().eq_ignore_ascii_case(value))
    }

    /// Returns a variable of a signal, or the one for all signals, with its name.
    fn of_signal(&self, signal: &str, setting: &str) -> Option<(String, String)> {
        let names = [
            format!("OTEL_EXPORTER_OTLP_{signal}_{setting}"),
            format!("OTEL_EXPORTER_OTLP_{setting}"),
        ];
        names
            .into_iter()
            .find_map(|name| Some((name.clone(), self.get(&name)?)))
    }

    /// Returns a number, or the default if there is none.
    fn number<T: FromStr + Display>(&self, name: &str, default: T) -> T {
        match self.get(name) {
            None => default,
            Some(text) => text.trim().parse().unwrap_or_else(|_| {
                tracing::warn!("{name} is `{text}`, which is no number here: {default} is used");
                default
            }),
        }
    }

    /// Returns whether a signal is exported.
    fn exports(&self, signal: &str) -> bool {
        let Some((name, endpoint)) = self.of_signal(signal, "ENDPOINT") else {
            return false;
        };
        let exporter = format!("OTEL_{signal}_EXPORTER");
        match self.get(&exporter).as_deref().map(str::trim) {
            None | Some("otlp") => {}
            Some("none") => return false,
            Some(other) => {
                tracing::warn!("{exporter} is `{other}`: nothing but `otlp` and `none` is known");
                return false;
            }
        }
        if let Some((name, protocol)) = self.of_signal(signal, "PROTOCOL")
            && protocol.trim() != "http/protobuf"
        {
            tracing::warn!(
                "{name} is `{protocol}`: nothing is exported, since only `http/protobuf` is spoken"
            );
            return false;
        }
        if !endpoint.trim().starts_with("http://") {
            tracing::warn!(
                "{name} is `{endpoint}`: nothing is exported, since only `http://` addresses are \
                 known; a collector on this host can pass everything on over TLS"
            );
            return false;
        }
        true
    }

    fn timeout(&self, signal: &str) -> Duration {
        let name = self.of_signal(signal, "TIMEOUT").map(|(name, _)| name);
        Duration::from_millis(name.map_or(10_000, |name| self.number(&name, 10_000)))
    }

    fn spans(&self) -> SpanSettings {
        let queue = self.number("OTEL_BSP_MAX_QUEUE_SIZE", 2048).max(1);
        let batch = self.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512);
        SpanSettings {
            sampled: self.sampled(),
            queue,
            batch: batch.clamp(1, queue),
            delay: Duration::from_millis(self.number("OTEL_BSP_SCHEDULE_DELAY", 5000)),
            timeout: self.timeout("TRACES"),
        }
    }

    /// Returns the share of the epochs whose spans are exported.
    fn sampled(&self) -> f64 {
        let Some(sampler) = self.get("OTEL_TRACES_SAMPLER") else {
            return 1.0;
        };
        let sampler = sampler.trim();
        match sampler.strip_prefix("parentbased_").unwrap_or(sampler) {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => self
                .number("OTEL_TRACES_SAMPLER_ARG", 1.0_f64)
                .clamp(0.0, 1.0),
            _ => {
                tracing::warn!(
                    "OTEL_TRACES_SAMPLER is `{sampler}`, which is not known: all epochs \
                    are exported"
                );
                1.0
            }
        }
    }

    fn names_service(&self) -> bool {
        self.get("OTEL_SERVICE_NAME").is_some()
            || self
                .get("OTEL_RESOURCE_ATTRIBUTES")
                .is_some_and(|attributes| {
                    let mut names = attributes
                        .split(',')
                        .filter_map(|pair| pair.split_once('='));
                    names.any(|(name, _)| name.trim() == "service.name")
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");

    fn read(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_exported_without_an_endpoint() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), None);
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "otlp")]), None);
        assert_eq!(read(&[ENDPOINT, ("OTEL_SDK_DISABLED", "TRUE")]), None);
    }

    #[test]
    fn defaults_are_those_of_the_standard() {
        let settings = read(&[ENDPOINT]).unwrap();
        let spans = SpanSettings {
            sampled: 1.0,
            queue: 2048,
            batch: 512,
            delay: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        };
        assert_eq!(settings.spans, Some(spans));
        assert_eq!(settings.metrics, Some(Duration::from_secs(10)));
        assert!(!settings.names_service);
    }

    #[test]
    fn signals_have_settings_of_their_own() {
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/v1/traces");
        let settings = read(&[traces]).unwrap();
        assert!(settings.spans.is_some() && settings.metrics.is_none());
        let settings = read(&[
            ENDPOINT,
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "700"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "900"),
        ]);
        let settings = settings.unwrap();
        assert_eq!(settings.spans, None);
        assert_eq!(settings.metrics, Some(Duration::from_millis(700)));
    }

    #[test]
    fn ways_that_are_not_spoken_export_nothing() {
        let protocol = |name| ("OTEL_EXPORTER_OTLP_PROTOCOL", name);
        assert_eq!(read(&[ENDPOINT, protocol("grpc")]), None);
        assert!(read(&[ENDPOINT, protocol("http/protobuf")]).is_some());
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c")]), None);
    }

    #[test]
    fn sampler_and_queue_are_read() {
        let spans = |more: &[(&str, &str)]| {
            let settings = read(&[&[ENDPOINT], more].concat()).unwrap();
            settings.spans
        };
        let ratio = ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
        let sampled = spans(&[ratio, ("OTEL_TRACES_SAMPLER_ARG", "0.25")]).unwrap();
        assert_eq!(sampled.sampled, 0.25);
        assert_eq!(spans(&[("OTEL_TRACES_SAMPLER", "always_off")]), None);
        let small = spans(&[
            ("OTEL_BSP_MAX_QUEUE_SIZE", "8"),
            ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ]);
        let small = small.unwrap();
        assert_eq!((small.queue, small.batch), (8, 8));
        assert_eq!(small.delay, Duration::from_secs(5), "of a wrong value");
    }

    #[test]
    fn service_may_be_named_in_two_ways() {
        let named = |variable| read(&[ENDPOINT, variable]).unwrap().names_service;
        assert!(named(("OTEL_SERVICE_NAME", "rig")));
        assert!(named(("OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=rig")));
        assert!(!named(("OTEL_RESOURCE_ATTRIBUTES", "service.names=rig")));
    }
}
