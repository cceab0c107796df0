//! Values of a tube file as values of the graph.

use noob_zmq_spec::{Data, Scalar, Yaml};

use crate::graph::{Map, Value};

impl From<&Yaml> for Value {
    fn from(yaml: &Yaml) -> Self {
        match &yaml.data {
            Data::Scalar(scalar, _) => scalar.into(),
            Data::List(items) => {
                Self::List(items.iter().map(Self::from).collect::<Vec<_>>().into())
            }
            Data::Map(pairs) => {
                let pairs = pairs
                    .iter()
                    .map(|(key, pair)| (key.to_string(), Self::from(&pair.value)));
                Self::Map(pairs.collect::<Map>().into())
            }
        }
    }
}

impl From<&Scalar> for Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Bool(truth) => Self::Bool(*truth),
            Scalar::Int(int) => Self::Int(*int),
            Scalar::UInt(int) => Self::UInt(*int),
            Scalar::BigInt(digits) => Self::BigInt(digits.clone()),
            Scalar::Float(float) => Self::Float(*float),
            Scalar::Str(text) => Self::Str(text.clone()),
        }
    }
}
